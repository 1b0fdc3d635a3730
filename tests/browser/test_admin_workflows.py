"""Workflows in the administration, in a browser: deciding in three clicks, many alike, writing, trying, following."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.axe import grave_everywhere
from tests.browser.conftest import Visit, arrive, drop, eventually, ready
from tests.intake import samples

INBOX = "/admin/workflows/humantask/"
TEXT = """\
key: {key}
title: {title}
one_at_a_time: false
triggers:
  - {{on: manual}}
steps:
  - id: read
    kind: human
    title: Read the letter
    question: Is it complete?
    candidates: [{{department: operations, role: reviewer}}]
  - {{id: over, kind: end, outcome: answered}}
"""


@pytest.fixture
def office(visit: Visit) -> Page:
    """An administrator's desk."""
    return visit("lata", "/admin/workflows/definition/", live=False)


def write(page: Page, key: str, title: str) -> None:
    """A definition, written and published as people do it."""
    arrive(page, "/admin/workflows/new-definition/")
    page.get_by_label("The definition, in YAML").fill(TEXT.format(key=key, title=title))
    page.get_by_role("button", name="Save the draft").click()
    page.get_by_role("button", name="Publish…").click()
    page.get_by_role("button", name="Publish version 1").click()
    expect(page.get_by_text("Version 1 is published:")).to_be_visible()


def sent(visit: Visit, *names: str) -> None:
    """Anil's papers, read."""
    page = visit("anil", "/documents/")
    drop(page, {f"{name}.pdf": samples.pdf(f"About {name}") for name in names})
    for name in names:
        expect(page.locator("[data-tray] li.processed", has_text=name)).to_be_visible()


def start(page: Page, key: str, name: str) -> str:
    """The address of a run of it on that paper."""
    page.goto(f"/admin/workflows/definitions/{key}/start/?q={name}")
    page.get_by_role("button", name=f"Start {name}").click()
    expect(page.get_by_text("It runs.")).to_be_visible()
    return page.url


def test_an_error_stands_at_its_line_and_the_drawing_follows(office):
    arrive(office, "/admin/workflows/new-definition/")
    area = office.get_by_label("The definition, in YAML")
    expect(office.locator("[data-flow-picture] [data-step=look]")).to_be_visible()
    area.fill(TEXT.format(key="drawn", title="Drawn").replace("kind: human", "kind: humann"))
    problem = office.locator("[data-problems] li.error button").first
    expect(problem).to_contain_text("Line 8")
    expect(office.locator("[data-gutter] span").nth(7)).to_have_class("error")
    expect(office.locator("[data-stale]")).to_be_visible()  # what is drawn is from before
    problem.click()
    chosen = area.evaluate("area => area.value.slice(area.selectionStart, area.selectionEnd)")
    assert "humann" in chosen
    area.fill(area.input_value().replace("humann", "human"))
    expect(office.locator("[data-said]")).to_have_text(re.compile("can be published"))
    expect(office.locator("[data-flow-picture] [data-step=read]")).to_be_visible()
    expect(office.locator("[data-problems] li.error")).to_have_count(0)
    area.focus()
    office.keyboard.press("Control+End")
    office.keyboard.press("Tab")
    assert area.input_value().endswith("\n  ")
    office.keyboard.press("Escape")
    office.keyboard.press("Tab")
    expect(office.get_by_role("button", name="Save the draft")).to_be_focused()
    assert grave_everywhere(office, without=("#nav-sidebar",)) == []
    area.fill("")
    office.on("dialog", lambda asked: asked.accept())  # what is written would be lost


def test_a_workflow_is_published_and_tried_on_the_past(office, visit):
    sent(visit, "points at Kaloor")
    write(office, "letters", "Letters")
    office.get_by_label("The definition, in YAML").fill(
        TEXT.format(key="letters", title="Letters").replace("{on: manual}", "{on: document.processed}")
    )
    office.get_by_role("button", name="Publish…").click()
    expect(office.get_by_text("What would differ from version 1")).to_be_visible()
    office.get_by_label("What changed, for people").fill("By itself.")
    assert grave_everywhere(office, without=("#nav-sidebar",)) == []
    office.get_by_role("link", name="No, go back").click()
    office.get_by_label("The definition, in YAML").fill(
        TEXT.format(key="letters", title="Letters").replace("{on: manual}", "{on: document.processed}")
    )
    office.get_by_role("button", name="Save the draft").click()
    office.get_by_role("link", name="Try on the past").click()
    office.get_by_role("button", name="Try it").click()
    row = office.locator("tr", has_text="points at Kaloor")
    expect(row).to_contain_text("Read the letter")
    expect(office.get_by_role("link", name="Text", exact=True)).to_be_visible()
    assert grave_everywhere(office, without=("#nav-sidebar",)) == []
    office.goto("/admin/workflows/definitions/letters/past/")
    office.get_by_label("Last documents").select_option("2000")
    office.get_by_role("button", name="Try it").click()
    expect(office.locator("tr", has_text="points at Kaloor")).to_contain_text("Read the letter")  # by a worker


def test_a_try_that_waits_is_followed_without_asking_again_and_stopped(office, errands):
    write(office, "patient", "Patient")
    errands("manage", "queue", "pause", "default")
    try:
        office.goto("/admin/workflows/definitions/patient/past/")
        office.get_by_label("Last documents").select_option("2000")
        office.get_by_role("button", name="Try it").click()
        expect(office.get_by_text("It waits for a worker.")).to_be_visible()
        asked: list[str] = []
        office.on("request", lambda request: asked.append(request.url) if "live=" in request.url else None)

        def is_quiet() -> bool:
            asked.clear()
            office.wait_for_timeout(4_000)
            return not asked

        eventually(office, is_quiet)  # as soon as the connection stands
        assert grave_everywhere(office, without=("#nav-sidebar",)) == []
        office.get_by_role("button", name="Stop it").click()
        expect(office.get_by_text("It was stopped; nothing was found.")).to_be_visible()
    finally:
        errands("manage", "queue", "resume", "default")


def test_a_head_decides_in_three_clicks(office, visit):
    sent(visit, "sleepers at Pathadipalam")
    write(office, "single", "Single")
    start(office, "single", "sleepers at Pathadipalam")
    page = visit("meera", "/admin/", live=False)
    expect(page).to_have_url(re.compile(INBOX))
    page.get_by_role("link", name="sleepers at Pathadipalam").first.click()
    expect(page.get_by_role("heading", name="Is it complete?")).to_be_visible()
    expect(page.locator(".sheets img").first).to_be_visible()
    assert grave_everywhere(page, without=("#nav-sidebar",)) == []
    page.set_viewport_size({"width": 1280, "height": 860})
    ready(page)
    page.keyboard.press("r")
    expect(page.get_by_role("button", name="Reject")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("[data-comment-wanted]")).to_be_visible()  # and nothing was sent
    page.get_by_label("Comment", exact=True).fill("")
    page.get_by_role("button", name="Approve").click()
    expect(page.get_by_text("sleepers at Pathadipalam: Approve.", exact=False).first).to_be_visible()


def test_many_are_decided_alike(office, visit):
    sent(visit, "bill one", "bill two", "bill three")
    write(office, "many", "Many")
    for name in ("bill one", "bill two", "bill three"):
        start(office, "many", name)
    page = visit("meera", f"{INBOX}?workflow=many", live=False)
    for name in ("bill one", "bill two", "bill three"):
        page.locator("tr.data-row", has_text=name).locator("input.action-select").check()
    page.locator("select[name=action]").select_option("decide_approved")
    page.locator("button[name=index]").click()
    expect(page.get_by_text("This will be decided")).to_be_visible()
    assert grave_everywhere(page, without=("#nav-sidebar",)) == []
    page.get_by_role("button", name=re.compile("3 tasks")).first.click()
    expect(page.get_by_text("All of them are decided")).to_be_visible()
    page.goto(f"{INBOX}?workflow=many")
    expect(page.locator("tr.data-row")).to_have_count(0)


def test_the_graph_of_a_run_moves_when_somebody_decides(office, visit):
    sent(visit, "rail at Ambattukavu")
    write(office, "moving", "Moving")
    start(office, "moving", "rail at Ambattukavu")
    expect(office.locator("[data-link]")).to_have_attribute("data-state", "live")
    office.evaluate("window.untouched = true")
    graph = office.locator('[data-live="graph"]')
    expect(graph.locator('[data-flow-picture] [data-step="read"].is-waiting')).to_be_visible()
    page = visit("meera", f"{INBOX}?workflow=moving", live=False)
    page.get_by_role("link", name="rail at Ambattukavu").first.click()
    page.get_by_role("button", name="Approve").click()
    expect(graph.locator('[data-flow-picture] [data-step="read"].is-done')).to_be_visible()
    expect(graph).to_contain_text("Finished")
    expect(office.locator('[data-live="parts"]')).to_contain_text("Decided: approved")
    assert office.evaluate("window.untouched === true")
    assert grave_everywhere(office, without=("#nav-sidebar",)) == []


def test_what_a_run_waits_for_is_found_while_somebody_writes(office, visit, errands):
    sent(visit, "girder at Maharajas")
    errands("tasks_there", "far", "1")
    write(office, "finding", "Finding")
    start(office, "finding", "girder at Maharajas")
    expect(office.locator("[data-link]")).to_have_attribute("data-state", "live")
    office.locator("#others > summary").press("Enter")
    words = office.get_by_label("What should it wait for?")
    words.fill("nothing of that name")
    expect(office.locator("[data-found]")).to_contain_text("Nothing that you may see")
    expect(office.get_by_role("button", name="Let it wait")).to_be_disabled()
    words.fill("rounds of the track")
    expect(office.locator("[data-found] input").first).to_be_visible()
    words.press("ArrowDown")
    expect(office.locator("[data-found] input").first).to_be_checked()
    office.keyboard.press("ArrowUp")
    expect(words).to_be_focused()
    words.press("ArrowDown")
    refreshed = office.evaluate("""async () => {
        const { fetchParts } = await import(document.querySelector('script[src*="admin_workflows"]').src
            .replace(/admin_workflows[^/]*$/, 'admin_parts.js'));
        await fetchParts({ live: 'run' });
        return document.querySelector('[data-found] input').checked;
    }""")
    assert refreshed is True, "a choice is not taken from under the hand"
    assert grave_everywhere(office, without=("#nav-sidebar",)) == []
    office.get_by_role("button", name="Let it wait").press("Enter")
    expect(office.locator("#awaited")).to_contain_text("until it has ended")


@pytest.mark.parametrize(
    "path",
    [
        INBOX,
        "/admin/workflows/instance/",
        "/admin/workflows/definition/",
        "/admin/workflows/definitions/standard/",
        "/admin/workflows/definitions/standard/versions/",
        "/admin/workflows/definitions/standard/versions/1/",
        "/admin/workflows/definitions/standard/move/",
        "/admin/workflows/figures/",
        "/admin/workflows/figures/?definition=standard",
        "/admin/workflows/workcalendar/",
        "/admin/workflows/holiday/",
        "/admin/workflows/absence/add/",
        "/admin/workflows/routing/",
    ],
)
def test_no_page_has_a_grave_finding_or_is_wider_than_a_phone(office, path):
    office.goto(path)
    assert grave_everywhere(office) == []
    office.set_viewport_size({"width": 390, "height": 860})
    assert office.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
