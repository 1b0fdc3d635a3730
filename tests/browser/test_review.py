"""Tasks in a browser: deciding by key, many at once, live in a second browser, and two who decide at once."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.axe import grave_everywhere
from tests.browser.conftest import Errands, arrive, ready


@pytest.fixture
def tasks(errands: Errands) -> Callable[..., list[str]]:
    """`tasks(3)`: three papers that wait for Vinod and Meera; their ids."""

    def there(number: int = 1, what: str = "review") -> list[str]:
        return errands("tasks_there", what, str(number)).split()

    return there


def left(task: str) -> Callable[[str], bool]:
    """That the address is no longer the task's."""
    return lambda url: task not in url


def row(page: Page, task: str):
    return page.locator(f'tr[data-task="{task}"]')


def test_a_key_decides_says_so_and_goes_on_to_the_next(visit, tasks):
    first, second = tasks(2)
    page = visit("vinod", f"/tasks/{second}/")  # it is late, and so the first of the list
    expect(page.locator(".question")).to_have_text("Is the restriction right, and until when does it hold?")
    page.get_by_label("Holds until").fill("2026-12-31")
    page.locator("h1").click()
    page.keyboard.press("a")
    page.wait_for_url(left(second))
    expect(page.locator("[data-toasts]")).to_contain_text("Decided: Approve.")
    page.locator("[data-toasts] a", has_text="Look at it").click()
    page.wait_for_url(f"**/tasks/{second}/")
    expect(page.locator(".ask")).to_contain_text("Vinod Kumar decided it: Approve.")
    expect(page.locator(".way")).to_contain_text("Holds until: 2026-12-31")
    assert first != second


def test_a_key_asks_for_the_comment_in_place(visit, tasks):
    (task,) = tasks()
    page = visit("vinod", f"/tasks/{task}/")
    page.keyboard.press("r")
    expect(page.locator("[data-comment]")).to_be_focused()
    expect(page.locator("[data-wrong-of=comment]")).to_have_text("Say why: this outcome wants a comment.")
    page.keyboard.type("The chainage is wrong")  # letters are letters here, not answers
    page.get_by_role("button", name="Reject").click()
    page.wait_for_url(left(task))
    page.goto(f"/tasks/{task}/")
    expect(page.locator(".way")).to_contain_text("The chainage is wrong")


def test_the_keyboard_walks_takes_and_hands_on(visit, tasks):
    task = tasks(3)[0]
    page = visit("vinod", "/")
    page.keyboard.press("g")
    page.keyboard.press("w")
    page.wait_for_url("**/tasks/")
    arrive(page, f"/tasks/{task}/")
    page.keyboard.press("d")
    expect(page.get_by_role("dialog")).to_be_visible()
    page.get_by_label("Person").select_option("meera")
    page.get_by_role("dialog").get_by_role("button", name="Hand on").click()
    page.wait_for_url(left(task))
    expect(page.locator("[data-toasts]")).to_contain_text("Meera Krishnan has it now")
    ready(page)
    here = page.url
    page.keyboard.press("j")
    page.wait_for_url(lambda url: url != here)


def test_two_decide_at_once_and_the_second_loses_nothing(visit, tasks):
    (task,) = tasks()
    meera, vinod = visit("meera", f"/tasks/{task}/"), visit("vinod", f"/tasks/{task}/")
    expect(vinod.locator("[data-presence]")).to_contain_text("Meera Krishnan looks at this too")
    vinod.locator("[data-comment]").fill("I say no, because of the curve at Kaloor")
    # Vinod's page does not hear of it in time
    vinod.route(f"**/tasks/{task}/", lambda route: route.abort())
    meera.locator("h1").click()
    meera.keyboard.press("a")
    meera.wait_for_url(left(task))
    vinod.get_by_role("button", name="Reject").click()
    alert = vinod.locator("[data-refusal]")
    expect(alert).to_contain_text("Meera Krishnan has decided this task already: Approve.")
    expect(alert).to_contain_text("I say no, because of the curve at Kaloor")
    vinod.unroute(f"**/tasks/{task}/")
    alert.get_by_role("link", name="See what was decided").click()
    expect(vinod.locator(".ask")).to_contain_text("Meera Krishnan decided it: Approve.")


def test_what_was_typed_is_shown_when_a_colleague_decides_meanwhile(visit, tasks):
    (task,) = tasks()
    meera, vinod = visit("meera", f"/tasks/{task}/"), visit("vinod", f"/tasks/{task}/")
    vinod.locator("[data-comment]").fill("Half a thought")
    vinod.locator("h1").click()
    meera.keyboard.press("a")
    expect(vinod.locator(".ask")).to_contain_text("Meera Krishnan decided it: Approve.")
    expect(vinod.locator(".ask blockquote")).to_have_text("Half a thought")


def test_the_list_lives_and_the_rail_counts(visit, tasks):
    (known,) = tasks()
    page, other = visit("vinod", "/tasks/"), visit("meera", "/tasks/")
    page.evaluate("window.untouched = true")
    badge = page.locator("[data-waiting]")
    expect(badge).to_be_visible()
    before = int(badge.inner_text())
    (new,) = tasks()
    expect(row(page, new)).to_be_visible()
    expect(badge).to_have_text(str(before + 1))
    row(other, known).locator("[data-open]").click()
    other.wait_for_url(f"**/tasks/{known}/")
    ready(other)
    other.keyboard.press("a")
    expect(row(page, known)).to_have_count(0)
    expect(badge).to_have_text(str(before))
    assert page.evaluate("window.untouched") is True


def test_many_are_decided_by_keyboard_with_one_comment(visit, tasks):
    chosen = tasks(3)
    page = visit("vinod", "/tasks/")
    for task in chosen:
        row(page, task).locator("[data-open]").focus()
        page.keyboard.press("x")
    bar = page.locator("[data-selection]")
    expect(bar).to_contain_text("3 chosen")
    bar.get_by_role("button", name="Return for rework").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("button", name="Return for rework").click()
    expect(dialog).to_contain_text("Say why")
    dialog.get_by_label("Comment, for all of them").fill("The annexures are missing.")
    dialog.get_by_role("button", name="Return for rework").click()
    expect(page.locator("[data-toasts]")).to_contain_text("3 decided")
    for task in chosen:
        expect(row(page, task)).to_have_count(0)


def test_a_bulk_decision_says_of_each_what_came_of_it(visit, tasks):
    lost, kept = tasks(2)
    page, other = visit("vinod", "/tasks/"), visit("meera", f"/tasks/{lost}/")
    page.route("**/tasks/rows/**", lambda route: route.abort())  # the page does not hear of it
    for task in (lost, kept):
        row(page, task).locator("[data-pick]").check()
    other.keyboard.press("a")
    other.wait_for_url(left(lost))
    page.locator("[data-selection]").get_by_role("button", name="Approve").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("button", name="Approve").click()
    expect(dialog).to_contain_text("1 decided, 1 not")
    expect(dialog.locator("li.refused")).to_contain_text("Meera Krishnan has decided this task already: Approve.")


def test_a_circular_is_read_to_the_end_and_confirmed(visit, tasks):
    (task,) = tasks(what="read")
    page, head = visit("anil", f"/tasks/{task}/"), visit("meera", f"/tasks/{task}/")
    page.get_by_role("button", name="I have read and understood it").click()
    page.wait_for_url(left(task))
    expect(page.locator("[data-toasts]")).to_contain_text("Noted: you have read it.")
    head.reload()
    expect(head.locator("[data-live=reading]")).to_contain_text("1 / 3")


def test_a_run_that_stands_still_goes_on_from_its_page(visit, tasks):
    (run,) = tasks(what="stuck")
    page = visit("meera", f"/workflows/{run}/")
    expect(page.locator(".flow .is-incident")).to_be_visible()
    page.get_by_placeholder("Why, for the history").fill("The invoice has no amount")
    page.get_by_role("button", name="Skip it").click()
    expect(page.locator(".head")).to_contain_text("Finished")
    expect(page.locator("[data-live=history]")).to_contain_text("The invoice has no amount")


def test_none_of_these_pages_has_a_grave_finding(visit, tasks):
    review, other = tasks(2)
    (read,), (run,) = tasks(what="read"), tasks(what="stuck")
    page = visit("meera", "/tasks/")
    found = []
    for path in (
        "/",
        "/tasks/",
        "/tasks/?show=team",
        "/tasks/?show=read",
        "/tasks/?show=decided",
        f"/tasks/{review}/",
        f"/tasks/{read}/",
        "/tasks/link/nothing-of-the-kind/",
        "/workflows/",
        "/workflows/?status=cancelled",
        f"/workflows/{run}/",
        "/absences/",
    ):
        arrive(page, path)
        found += [f"{path} {finding}" for finding in grave_everywhere(page)]
    arrive(page, "/tasks/")
    row(page, other).locator("[data-pick]").check()
    found += grave_everywhere(page)
    page.locator("[data-selection] [data-outcome]").first.click()
    found += grave_everywhere(page)
    arrive(page, f"/tasks/{review}/")
    page.keyboard.press("d")
    expect(page.get_by_role("dialog")).to_be_visible()
    found += grave_everywhere(page)
    assert found == []


def test_nothing_sticks_out_on_phones(visit, tasks):
    (task,) = tasks()
    (run,) = tasks(what="stuck")
    page = visit("meera", "/tasks/", width=390)
    for path in ("/tasks/", f"/tasks/{task}/", "/workflows/", f"/workflows/{run}/", "/absences/", "/"):
        arrive(page, path)
        assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0, path
    arrive(page, f"/tasks/{task}/")
    ask, viewer = page.locator(".ask").bounding_box(), page.locator(".viewer").bounding_box()
    assert ask and viewer and ask["y"] < viewer["y"]  # the question comes first
