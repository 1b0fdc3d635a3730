"""The administrators' dashboard of the queue in a browser: live without a reload, every control, by keyboard too."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from bench.instance import Instance
from tests.browser.axe import grave_everywhere
from tests.browser.conftest import Visit, arrive, at_rest, drop, eventually, ready
from tests.intake import samples

BOARD, JOBS = "/admin/queue/", "/admin/queue/jobs/"
WORKER_OF_LOW = "SELECT id, pid FROM jobs_worker WHERE queues = '[\"low\"]' ORDER BY seen_at DESC"


@pytest.fixture
def board(visit: Visit) -> Page:
    """The dashboard, open on an administrator's desk."""
    page = visit("lata", BOARD)
    page.evaluate("window.untouched = true")
    return page


@pytest.fixture
def paused(gateway: Instance) -> Iterator[None]:
    """The queues Default and Low are empty and paused, and go on afterwards whatever happens."""
    at_rest(gateway)
    with gateway.database() as database:
        database.execute("UPDATE jobs_queue SET paused = true WHERE name <> 'high'")
        yield
        database.execute("UPDATE jobs_queue SET paused = false")


def send(visit: Visit, name: str) -> tuple[Page, str]:
    """Anil sends a paper: his page, and the id of the document."""
    page = visit("anil", "/documents/")
    drop(page, {name: samples.pdf(name)})
    title = page.locator("[data-tray] li a", has_text=name.rpartition(".")[0])
    expect(title).to_be_visible()
    return page, str(title.get_attribute("href")).strip("/").rpartition("/")[2]


def part(page: Page, name: str):
    return page.locator(f'[data-live="{name}"]')


def line(page: Page, queue: str):
    return part(page, "lines").locator("tbody tr", has_text=queue)


def untouched(page: Page) -> bool:
    return bool(page.evaluate("window.untouched === true"))


@pytest.mark.parametrize("who", ["anil", "meera", "fathima"])
@pytest.mark.parametrize("path", [BOARD, JOBS])
def test_others_are_refused_with_a_sentence(visit, who, path):
    page = visit(who, path, live=False)
    expect(page.get_by_role("heading", level=1)).to_have_text(re.compile("not|may", re.IGNORECASE))
    expect(page.locator("[data-queue]")).to_have_count(0)


def test_what_happens_is_seen_without_a_reload(board, visit, paused):
    expect(line(board, "Default")).to_contain_text("paused")
    sender, _ = send(visit, "gauge at Muttom.pdf")
    expect(line(board, "Default").locator("td").first).to_have_text("1")
    expect(part(board, "newest")).to_contain_text("gauge at Muttom")
    other = visit("lata", BOARD)
    other.get_by_role("button", name="Resume Default").click()
    expect(other.get_by_text("The queue Default goes on.")).to_be_visible()
    reading = part(board, "newest").locator("tr", has_text="gauge at Muttom").filter(has_text="Reading")
    expect(reading).to_contain_text("Done")
    expect(line(board, "Default")).not_to_contain_text("paused")
    expect(sender.locator("[data-tray] li.processed", has_text="gauge at Muttom")).to_be_visible()
    assert untouched(board)


def test_a_queue_is_paused_by_keyboard_alone_and_the_focus_stays(board, visit):
    button = board.get_by_role("button", name="Pause Low")
    for _ in range(80):
        board.keyboard.press("Tab")
        if button.evaluate("button => button === document.activeElement"):
            break
    send(visit, "what makes the board move.pdf")
    expect(part(board, "newest")).to_contain_text("what makes the board move")
    assert board.evaluate("document.activeElement.id") == "pause-low"
    assert untouched(board)
    board.keyboard.press("Enter")
    expect(board.get_by_text("The queue Low is paused")).to_be_visible()
    expect(line(board, "Low")).to_contain_text("paused")
    board.get_by_role("button", name="Resume Low").click()
    expect(board.get_by_text("The queue Low goes on.")).to_be_visible()


def test_a_job_is_stopped_and_done_again_and_its_page_follows(visit, gateway, paused):
    _, document = send(visit, "sleeper 14 cracked.pdf")
    page = visit("lata", f"{JOBS}?q={document}", live=False)
    page.get_by_role("link", name="sleeper 14 cracked").first.click()
    expect(page.locator("[data-link]")).to_have_attribute("data-state", "live")
    story = part(page, "story")
    expect(story).to_contain_text("Waits until its queue goes on")
    page.get_by_label("Priority").select_option("low")
    page.get_by_role("button", name="Move").click()
    expect(story).to_contain_text("from normal to low")
    page.get_by_label("Priority").select_option("normal")
    page.get_by_role("button", name="Move").click()
    page.get_by_role("button", name="Stop").click()
    expect(page.get_by_text("Stopped. What ran")).to_be_visible()
    expect(story).to_contain_text("Stopped by Lata Menon")
    page.get_by_role("button", name="Try again").click()
    expect(page.get_by_text("It waits again")).to_be_visible()
    expect(page.locator("[data-link]")).to_have_attribute("data-state", "live")
    page.evaluate("window.untouched = true")
    with gateway.database() as database:
        database.execute("UPDATE jobs_queue SET paused = false WHERE name = 'default'")
    expect(story).to_contain_text(re.compile(r"Done.*Try again", re.DOTALL))
    expect(story).to_contain_text("Asked for again by Lata Menon")
    assert untouched(page)


def test_dead_jobs_are_done_again_by_their_cause_after_a_question(board, visit, errands):
    _, document = send(visit, "points at Aluva.pdf")
    ids = errands("rows", "dead", "2", document).split()
    page = visit("lata", f"{JOBS}{ids[0]}/")
    expect(part(page, "story")).to_contain_text("Attempt 3 failed: The program that reads it crashed")
    page.get_by_text("What it said last").last.click()
    expect(page.get_by_text("page 14 has no media box").last).to_be_visible()
    board.reload()
    group = part(board, "dead").locator("li", has_text="2 × Making findable: The program that reads it crashed")
    group.get_by_role("button").click()
    expect(board.get_by_role("heading", name="Have 2 jobs that were given up done again?")).to_be_visible()
    board.get_by_role("link", name="No, go back").click()
    group.get_by_role("button").click()
    board.get_by_role("button", name="Do them again").click()
    expect(board.get_by_text("2 jobs wait again.")).to_be_visible()
    expect(part(board, "dead")).to_contain_text("nothing waits for you here")
    expect(part(page, "story")).to_contain_text("Asked for again by Lata Menon")


def test_unreadable_papers_are_grouped_in_words_and_lead_to_their_list(board, visit):
    page = visit("anil", "/documents/")
    drop(page, {"torn half.pdf": samples.pdf("Half of a drawing")[:-500][:60]})
    expect(page.locator("[data-tray] li.failed", has_text="torn half")).to_be_visible()
    group = part(board, "failed").get_by_role("link", name=re.compile(r"\d+ × The file is damaged"))
    expect(group).to_be_visible()
    assert untouched(board)
    group.click()
    expect(board.locator("#result_list")).to_contain_text("torn half")


def test_jobs_are_found_chosen_and_stopped_together(visit, paused):
    send(visit, "catenary mast 7.pdf")
    send(visit, "catenary mast 8.pdf")
    page = visit("lata", BOARD)
    page.get_by_label("Find jobs").fill("catenary")
    page.get_by_label("State").select_option("queued")
    page.get_by_role("button", name="Find").click()
    expect(page.locator("table.jobs tbody tr")).to_have_count(2)
    ready(page)
    page.get_by_label("Choose all").check()
    page.get_by_role("button", name="Stop").click()
    expect(page.get_by_text("2 jobs: done.")).to_be_visible()
    expect(page.get_by_text("No job answers to this.")).to_be_visible()
    page.get_by_role("link", name="Clear").click()
    expect(page.locator("table.jobs tr", has_text="catenary mast 8").first).to_contain_text("Stopped")


def test_a_worker_is_drained(board, gateway):
    with gateway.database() as database:
        eventually(board, lambda: database.execute(WORKER_OF_LOW).fetchone() is not None)
        one = database.execute(WORKER_OF_LOW).fetchone()
        assert one is not None
        try:
            card = part(board, "hands").locator("li", has_text=str(one[1]))
            card.get_by_role("button", name=re.compile("Drain")).click()
            expect(board.get_by_text("begins nothing more. Start it again")).to_be_visible()
            expect(card).to_contain_text("draining")
            expect(card.get_by_role("button")).to_have_count(0)
        finally:
            database.execute("UPDATE jobs_worker SET draining = false WHERE id = %s", [one[0]])
    board.evaluate("window.untouched = true")
    expect(card).not_to_contain_text("draining")
    assert untouched(board)


def test_what_ended_long_ago_is_removed_after_a_question(board, visit, errands):
    _, document = send(visit, "old paper.pdf")
    (old,) = errands("rows", "old", "1", document).split()
    board.get_by_role("button", name="Remove…").click()
    expect(board.get_by_role("heading", name="Remove 1 job that ended?")).to_be_visible()
    board.get_by_role("button", name="Remove them").click()
    expect(board.get_by_text("1 job removed.")).to_be_visible()
    board.goto(f"{JOBS}?q={old}")
    expect(board.get_by_text("No job answers to this.")).to_be_visible()


def test_the_charts_show_an_hour_and_a_day_and_can_be_read_without_seeing(board):
    points = "name => Chart.getChart(document.querySelector(`[data-chart=${name}]`)).data.labels.length"
    eventually(board, lambda: [board.evaluate(points, name) for name in ("throughput", "waits")] == [60, 60])
    board.get_by_role("link", name="Last day").click()
    eventually(board, lambda: board.evaluate(points, "waits") == 96)
    expect(board.get_by_role("link", name="Last day")).to_have_attribute("aria-current", "true")
    expect(board.locator("[data-chart=throughput]")).to_have_attribute("aria-label", re.compile(r"\d+ jobs done"))
    board.get_by_text("The figures as a table").click()
    expect(part(board, "charts").get_by_role("columnheader")).to_have_text(
        ["From", "done", "given up", "stopped", "half began within", "95 % within"]
    )
    assert untouched(board)


def test_no_page_of_the_queue_has_a_grave_finding(visit, errands):
    _, document = send(visit, "circular for the checker.pdf")
    ids = errands("rows", "dead", "2", document).split()
    page = visit("lata", BOARD)
    found = grave_everywhere(page, within=".queue")
    page.get_by_role("button", name=re.compile(r"Retry…")).first.click()
    found += grave_everywhere(page, within=".queue")
    for path in (JOBS, f"{JOBS}?q=nothing-of-the-kind", f"{JOBS}{ids[0]}/"):
        arrive(page, path)
        found += [f"{path} {finding}" for finding in grave_everywhere(page, within=".queue")]
    assert found == []


def test_nothing_is_wider_than_a_phone(visit):
    page = visit("lata", BOARD, width=390)
    for path in (BOARD, JOBS):
        page.goto(path)
        assert page.evaluate("document.documentElement.scrollWidth") <= 390
