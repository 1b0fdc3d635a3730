"""A slow line or a slow machine costs nobody a press, a word, or the newest news: answers come late, scripts too."""

import re
from typing import Any

import pytest
from playwright.sync_api import APIResponse, Locator, Page, Route, expect

from bench.instance import Instance
from tests.browser.conftest import Errands, Visit, arrive, at_rest, drop, eventually, read_all, ready
from tests.intake import samples

FOLDER = """() => {
    const file = new File(["A paper in a folder"], "in a folder.txt");
    const entry = { isFile: true, fullPath: "/Case 7/in a folder.txt", file: (done) => done(file) };
    const folder = { isFile: false, createReader() {
        let given = false;
        return { readEntries(done) { done(given ? [] : [entry]); given = true; } };
    } };
    let over = false;
    const event = new Event("drop", { bubbles: true, cancelable: true });
    event.dataTransfer = {
        types: ["Files"],
        get files() { return over ? [] : [new File([], "Case 7")]; },
        get items() { return over ? [] : [{ webkitGetAsEntry: () => over ? null : folder }]; },
    };
    document.getElementById("content").dispatchEvent(event);
    over = true;
}"""  # a browser empties what was carried as soon as the event is over
RESET = "document.dispatchEvent(new CustomEvent('kmrl:reset'))"  # all that is shown is asked for anew


class Scripts:
    """A module that does not come before `let_come` is called."""

    def __init__(self, page: Page, name: str) -> None:
        self._page, self._held, self._may_come = page, list[Route](), False
        page.route(re.compile(rf"/static/{name}[.\w]*\.js"), self._asked)

    def _asked(self, route: Route) -> None:
        if self._may_come:
            route.continue_()
        else:
            self._held.append(route)

    def let_come(self) -> None:
        eventually(self._page, lambda: bool(self._held))
        self._may_come = True
        for route in self._held:
            route.continue_()
        ready(self._page)


class Late:
    """The first `number` answers to what the page asks of `place`: fetched at once, given to it when told to."""

    def __init__(self, page: Page, place: str, number: int = 1) -> None:
        self._page, self._number = page, number
        self._held: list[tuple[Route, APIResponse]] = []
        page.route(re.compile(place), self._asked)

    def _asked(self, route: Route) -> None:
        if len(self._held) >= self._number or route.request.resource_type == "document":
            route.continue_()
        else:
            self._held.append((route, route.fetch()))

    def wait(self, number: int = 1) -> None:
        eventually(self._page, lambda: len(self._held) >= number)

    def give(self, number: int = 0) -> None:
        route, answer = self._held[number]
        with self._page.expect_event("requestfinished", lambda request: request == route.request):
            route.fulfill(response=answer)
        self._page.wait_for_timeout(300)  # whatever it would do with it is done


def news(page: Page, document: str) -> None:
    """The page is told of the document, as after any change."""
    page.evaluate("id => document.dispatchEvent(new CustomEvent('kmrl:received', { detail: { id } }))", document)


def sent(page: Page, name: str) -> str:
    """The address of a paper that was sent and read."""
    drop(page, {f"{name}.txt": f"What is written about {name}".encode()})
    link = page.locator("[data-tray] li.processed a", has_text=name)
    expect(link).to_be_visible()
    return str(link.get_attribute("href"))


def rename(page: Page, address: str, title: str) -> None:
    arrive(page, address, live=True)
    page.get_by_role("button", name="Edit").click()
    page.get_by_label("Title").fill(title)
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("heading", level=1)).to_have_text(title)


def row(page: Page, document: str) -> Locator:
    return page.locator(f'[data-rows] tr[data-document="{document}"]')


# --- before the scripts listen


def test_keys_before_the_scripts_listen_are_heard_in_their_order(visit: Visit):
    page = visit("anil", "/documents/")
    scripts = Scripts(page, "documents")
    page.reload(wait_until="commit")
    expect(page.locator("html[data-early]")).to_have_count(1)
    page.keyboard.press("g")
    page.keyboard.press("h")
    scripts.let_come()
    expect(page).to_have_url(re.compile(r":\d+/$"))


def test_files_that_are_dropped_before_the_scripts_listen_are_sent_once(visit: Visit):
    page = visit("anil", "/documents/")
    scripts = Scripts(page, "app")
    page.reload(wait_until="commit")
    expect(page.locator("html[data-early]")).to_have_count(1)
    taken = {"dropped early.txt": b"A paper that somebody is quick to drop"}
    assert drop(page, taken) is True, "else the browser opens the file, and the page is gone"
    expect(page.get_by_text("Your files are kept")).to_be_visible()
    drop(page, taken)  # who sees nothing happen drops again
    drop(page, {"another.txt": b"Another paper that somebody is quick to drop"})
    scripts.let_come()
    expect(page.get_by_text("Your files are kept")).to_be_hidden()
    expect(page.locator("[data-drop]")).to_be_hidden()
    for name in ("dropped early", "another"):
        expect(page.locator("[data-tray] li.processed a", has_text=name)).to_have_count(1)
    expect(page.locator("[data-tray-list] li")).to_have_count(2)


def test_a_folder_that_is_dropped_before_the_scripts_listen_is_taken_whole(visit: Visit):
    """What stands in a folder is told while it is dropped, and never again."""
    page = visit("anil", "/documents/")
    scripts = Scripts(page, "app")
    page.reload(wait_until="commit")
    expect(page.locator("html[data-early]")).to_have_count(1)
    page.evaluate(FOLDER)
    scripts.let_come()
    expect(page.locator("[data-tray] li.processed a", has_text="in a folder")).to_have_count(1)


def test_who_sends_nothing_loses_no_page_by_a_drop(visit: Visit):
    page = visit("fathima", "/documents/")
    assert drop(page, {"by mistake.txt": b"A paper that slips from the hand"}, events=("dragover",)) is True


def test_what_is_typed_after_an_early_key_decides_nothing(visit: Visit, errands: Errands):
    """`c` leads to the comment; were it lost, the letters that follow would be answers."""
    (task,) = errands("tasks_there", "review", "1").split()
    page = visit("vinod", f"/tasks/{task}/")
    scripts = Scripts(page, "review")
    page.reload(wait_until="commit")
    expect(page.locator("html[data-early]")).to_have_count(1)
    page.keyboard.press("c")
    page.keyboard.press("a")
    scripts.let_come()
    expect(page.locator("[data-comment]")).to_be_focused()
    page.reload()
    expect(page.locator("[data-decide]")).to_be_visible()


def test_pressed_twice_in_impatience_is_meant_once(visit: Visit):
    page = visit("anil", "/documents/")
    sent(page, "pressed twice")
    scripts = Scripts(page, "documents")
    page.reload(wait_until="commit")
    fold = page.locator("[data-tray-fold]")
    page.locator("[data-tray]").evaluate("tray => { tray.hidden = false; }")  # as it is when there are uploads
    fold.click()
    fold.click()
    scripts.let_come()
    expect(page.locator("[data-tray]")).to_have_class(re.compile("folded"))


def test_all_that_was_chosen_before_the_scripts_listen_is_chosen(visit: Visit):
    page = visit("anil", "/documents/")
    sent(page, "chosen with all")
    scripts = Scripts(page, "documents")
    page.reload(wait_until="commit")
    page.locator("[data-pick-all]").check()
    scripts.let_come()
    expect(page.locator("[data-rows] [data-pick]").first).to_be_checked()
    expect(page.locator("[data-selection]")).to_be_visible()


def test_a_bell_that_was_opened_before_the_scripts_listen_is_filled(visit: Visit):
    page = visit("anil", "/documents/")
    scripts = Scripts(page, "bell")
    page.reload(wait_until="commit")
    page.locator("[data-bell] summary").click()
    scripts.let_come()
    expect(page.locator("[data-bell-list] li")).not_to_have_count(0)


def test_what_asks_first_is_not_sent_unasked(visit: Visit, errands: Errands):
    (run,) = errands("tasks_there", "far", "1").split()
    page = visit("lata", f"/admin/workflows/runs/{run}/", live=False)
    asked: list[str] = []
    page.on("dialog", lambda dialog: (asked.append(dialog.message), dialog.dismiss()))
    scripts = Scripts(page, "admin_workflows")
    page.reload(wait_until="commit")
    page.locator("#cancel").click()
    assert asked == []
    scripts.let_come()
    eventually(page, lambda: len(asked) == 1)
    page.reload()
    expect(page.locator("#cancel")).to_be_visible()  # it runs on


def test_what_was_written_before_the_scripts_listen_is_checked(visit: Visit):
    page = visit("lata", "/admin/workflows/new-definition/", live=False)
    scripts = Scripts(page, "admin_workflows")
    page.reload(wait_until="commit")
    page.get_by_label("The definition, in YAML").fill("key: [")
    scripts.let_come()
    expect(page.locator("[data-problems] li.error")).not_to_have_count(0)
    page.get_by_label("The definition, in YAML").fill("")
    page.on("dialog", lambda asked: asked.accept())  # what is written would be lost


# --- answers that come late


def test_an_older_page_does_not_replace_a_newer_one(visit: Visit):
    author = visit("anil", "/documents/")
    address = sent(author, "first of its names")
    reader = visit("meera", address)
    late = Late(reader, f"{address}$")
    reader.evaluate(RESET)
    late.wait()
    rename(author, address, "The second name")
    expect(reader.get_by_role("heading", level=1)).to_have_text("The second name")
    late.give()
    expect(reader.get_by_role("heading", level=1)).to_have_text("The second name")


def test_an_older_row_does_not_replace_a_newer_one(visit: Visit):
    author, reader = visit("anil", "/documents/"), visit("meera", "/documents/")
    address = sent(author, "row of the first name")
    document = address.strip("/").rpartition("/")[2]
    expect(row(reader, document)).to_contain_text("Done")
    late = Late(reader, r"[?&]ids=")
    news(reader, document)
    late.wait()
    rename(author, address, "Row of the second name")
    expect(row(reader, document)).to_contain_text("Row of the second name")
    late.give()
    expect(row(reader, document)).to_contain_text("Row of the second name")


def test_a_notification_that_comes_while_the_bell_asks_pops_up_all_the_same(visit: Visit, gateway: Instance):
    page = visit("anil", "/")
    read_all(page, gateway)
    arrive(page, "/documents/", live=True)
    late = Late(page, "/notifications/latest/", 2)
    page.evaluate(RESET)
    late.wait()
    drop(page, {"torn while it asked.pdf": samples.pdf("x")[:90]})
    late.wait(2)
    late.give(0)
    expect(page.locator(".toast.told")).to_have_count(0)  # that answer knows nothing of it
    late.give(1)
    expect(page.locator(".toast.told")).to_contain_text("torn while it asked")


def test_what_was_marked_read_stays_so_when_an_older_page_comes(visit: Visit, gateway: Instance):
    sender, page = visit("anil", "/documents/"), visit("anil", "/")
    read_all(page, gateway)
    drop(sender, {"torn and read.pdf": samples.pdf("x")[:90]})
    unread = page.locator(".notices .notice.unread", has_text="torn and read")
    expect(unread).to_be_visible()
    at_rest(gateway)
    page.wait_for_timeout(1_000)  # what it was told of is shown
    late = Late(page, "/notifications/$")
    page.evaluate(RESET)
    late.wait()
    unread.get_by_role("button", name="Mark as read").click()
    expect(unread).to_have_count(0)
    late.give()
    expect(unread).to_have_count(0)


def test_what_could_not_be_fetched_is_fetched_when_the_connection_is_back(visit: Visit, networks: dict[Any, Any]):
    page, author = visit("meera", "/documents/"), visit("anil", "/documents/")
    failing: list[str] = []
    page.route(re.compile(r"[?&]ids="), lambda route: (failing.append(route.request.url), route.abort()))
    document = sent(author, "told in vain").strip("/").rpartition("/")[2]
    eventually(page, lambda: any(document in url for url in failing))
    page.unroute_all()
    networks[page.context].cut()
    expect(page.locator("[data-link]")).to_have_attribute("data-state", "offline")
    networks[page.context].mend()
    expect(row(page, document)).to_contain_text("Done")


# --- under the hand


@pytest.fixture
def run(visit: Visit, errands: Errands, gateway: Instance) -> Page:
    """The page of a run, before a head of department who may stop it; what beginning it has told is over."""
    (started,) = errands("tasks_there", "far", "1").split()
    at_rest(gateway)
    return visit("meera", f"/workflows/{started}/")


def refreshed(page: Page) -> None:
    """All that is live on the page was fetched, and shown where it may be."""
    page.evaluate(
        "() => { delete window.shown; document.addEventListener('kmrl:refreshed', () => { window.shown = true; }); }"
    )
    page.evaluate(RESET)
    eventually(page, lambda: bool(page.evaluate("window.shown === true")))


def test_a_menu_and_what_is_typed_in_it_stay_while_the_page_follows(run: Page):
    run.locator(".head summary", has_text="Control").click()
    why = run.get_by_label("Why, for the history").first
    why.fill("The train has left")
    run.keyboard.press("Tab")
    run.evaluate("document.querySelector('h1').textContent = 'As it was'")
    refreshed(run)
    expect(why).to_be_visible()
    expect(why).to_have_value("The train has left")
    expect(run.get_by_role("button", name="Pause")).to_be_focused()
    expect(run.get_by_role("heading", level=1)).to_have_text("As it was")
    run.keyboard.press("Escape")
    expect(run.get_by_role("heading", level=1)).not_to_have_text("As it was")  # what was left is caught up with


def test_what_was_unfolded_stays_so(visit: Visit, errands: Errands):
    (task,) = errands("tasks_there", "review", "1").split()
    page = visit("meera", f"/tasks/{task}/")
    page.get_by_role("link", name="Speed restriction").first.click()
    ready(page, live=True)
    ways = page.locator("[data-live=ways]")
    opened = ways.locator("details.run").first
    opened.locator("summary").first.click()  # it was open: it is folded
    expect(opened).not_to_have_attribute("open", "")
    page.evaluate("document.querySelector('[data-live=ways] h2').textContent = 'As it was'")
    refreshed(page)
    expect(ways.locator("h2").first).to_have_text("Workflow")
    expect(opened).not_to_have_attribute("open", "")


def test_nothing_is_exchanged_under_a_key_that_is_down(run: Page):
    refreshed(run)  # what was asked for before is older from now on, and changes nothing
    run.locator(".head summary", has_text="Control").focus()
    run.evaluate("document.querySelector('h1').textContent = 'As it was'")
    late = Late(run, f"{run.url}$")
    run.evaluate(RESET)
    late.wait()
    run.keyboard.down("Space")
    late.give()
    expect(run.get_by_role("heading", level=1)).to_have_text("As it was")
    run.keyboard.up("Space")
    expect(run.get_by_role("button", name="Pause")).to_be_visible()
