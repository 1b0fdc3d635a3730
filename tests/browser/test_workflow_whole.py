"""A directive's whole way through the house, by the hands of those whom it concerns, while others watch it live.

Two working days pass in a moment: `timers.sweep` is told what time it is.
"""

import re
from datetime import datetime, timedelta
from typing import Any

import pymupdf
import pytest
from playwright.sync_api import Locator, Page, expect

from bench.instance import Instance
from tests.browser.conftest import Errands, Visit, drop, eventually, ready

TITLE = "safety circular 142"
REFERENCE = "KMRL/S&T/2026-27/0142"
LETTER = """
<p style="text-align:center"><b>GOVERNMENT OF INDIA<br>COMMISSIONER OF METRO RAIL SAFETY</b></p>
<p>No. KMRL/S&amp;T/2026-27/0142</p>
<h3>Safety circular: locking of point machines</h3>
<p>Directive to all metro railways. Point machines at stations are to be locked by hand before anybody works on them.
The administration shall comply within 15 days and report its compliance to this office.</p>
<p>സുരക്ഷാ സർക്കുലർ. പതിനഞ്ചു ദിവസത്തിനകം നടപ്പിലാക്കുക, വിവരം ഈ ഓഫീസിൽ അറിയിക്കുക.</p>
"""
READ = "Read and confirm before your next shift"
TOLD = """
SELECT type, count(*) FROM realtime_event
WHERE type IN ('sla.warning', 'sla.breached', 'task.escalated') AND %s IN (data->>'id', data->>'instance') GROUP BY type
"""
ASKED = """
SELECT u.username FROM workflows_acknowledgement a
JOIN accounts_user u ON u.id = a.user_id JOIN workflows_humantask t ON t.id = a.task_id
WHERE t.instance_id = %s ORDER BY u.username
"""
STAFF = """
SELECT DISTINCT u.username FROM accounts_membership m
JOIN accounts_user u ON u.id = m.user_id JOIN accounts_department d ON d.id = m.department_id
WHERE d.key IN ('operations', 'stations') AND u.is_active ORDER BY u.username
"""
CONFIRMED = """
SELECT u.username, a.shift FROM workflows_acknowledgement a
JOIN accounts_user u ON u.id = a.user_id JOIN workflows_humantask t ON t.id = a.task_id
WHERE t.instance_id = %s AND a.acknowledged_at IS NOT NULL
"""
ENDED = """
SELECT status, outcome, (SELECT count(*) FROM workflows_timer WHERE instance_id = i.id AND state = 'pending')
FROM workflows_instance i WHERE id = %s
"""


def directive() -> bytes:
    """The letter as a PDF with text, in two languages."""
    paper = pymupdf.open()
    left_over, scale = paper.new_page().insert_htmlbox(pymupdf.Rect(60, 60, 535, 780), LETTER)
    assert left_over > 0 and scale == 1
    return bytes(paper.tobytes(garbage=3, deflate=True))


@pytest.fixture(scope="module")
def house(gateway: Instance, errands: Errands) -> Instance:
    """A gateway with those who are asked about a directive."""
    errands("reviewers")
    return gateway


def rows(house: Instance, statement: str, *values: object) -> list[tuple[Any, ...]]:
    with house.database() as database:
        return database.execute(statement, values).fetchall()


def opened(visit: Visit, who: str, title: str, *, show: str = "") -> Page:
    """The task of that title about the circular, from this person's list of what waits."""
    page = visit(who, f"/tasks/?show={show}" if show else "/tasks/")
    page.locator("[data-rows] tr", has_text=TITLE).filter(has_text=title).locator("[data-open]").click()
    expect(page.get_by_role("heading", level=1)).to_have_text(title)
    ready(page)
    return page


def answer(page: Page, name: str, *, comment: str = "", **fields: str) -> None:
    """Press the answer of that name; then the page goes on to what else waits, and is closed."""
    form = page.locator("[data-decide]")
    for label, value in fields.items():
        field = form.get_by_label(label.replace("_", " "))
        if field.evaluate("field => field.tagName") == "SELECT":
            field.select_option(label=value)
        else:
            field.fill(value)
    if comment:
        form.get_by_label("Comment").fill(comment)
    here = page.url
    form.get_by_role("button", name=name).click()
    page.wait_for_url(lambda url: url != here)
    page.context.close()


def read(page: Page) -> Locator:
    """Read to the end, scrolling on until it is in sight; the button that confirms."""
    button = page.locator("[data-confirm] button")
    page.locator("[data-page-number]").last.hover()

    def scrolled() -> bool:
        page.mouse.wheel(0, 5_000)
        return button.is_enabled()

    eventually(page, scrolled)
    return button


def confirm(page: Page, button: Locator) -> None:
    """Say that it was read; the page is closed."""
    here = page.url
    button.click()
    page.wait_for_url(lambda url: url != here)
    page.context.close()


def stop(page: Page, title: str, number: int = -1) -> Locator:
    """A passage through the step of that title on a timeline, the newest unless told."""
    found = page.locator(".timeline.way > li", has=page.locator("b", has_text=re.compile(f"^{title}")))
    return found.last if number < 0 else found.nth(number)


def test_a_directive_goes_its_whole_way_while_others_watch(house, errands, visit):
    clerk = visit("anil", "/documents/")
    drop(clerk, {f"{TITLE}.pdf": directive()})
    row = clerk.locator("[data-rows] tr", has_text=TITLE)
    expect(row).to_contain_text("Done")
    address = row.locator("a[href^='/documents/']").first.get_attribute("href")
    ((document,),) = rows(house, "SELECT id FROM documents_document WHERE title = %s", TITLE)

    # what was chosen, and why
    watcher = visit("fathima", address)
    watcher.evaluate("window.untouched = true")
    ways = watcher.locator("[data-live=ways]")
    expect(ways).to_contain_text("Compliance")
    expect(ways).to_contain_text(
        "Its first page speaks of a safety circular or of the commissioner of metro rail safety"
    )
    ways.locator("#routes > summary").click()
    expect(ways.locator("#routes")).to_contain_text('document.head.contains("safety circular")')
    ((run,),) = rows(house, "SELECT id FROM workflows_instance WHERE document_id = %s", document)
    second = visit("fathima", f"/workflows/{run}/")
    second.evaluate("window.untouched = true")
    expect(stop(watcher, "Find the term")).to_contain_text("done")

    # two are asked side by side; one sends it back and must say why
    safety = opened(visit, "saritha", "Safety review")
    safety.get_by_role("button", name="Return for rework").click()
    expect(safety.locator("[data-wrong-of=comment]")).to_be_visible()
    answer(safety, "Return for rework", comment="Which machines? The annexure is missing.")
    expect(stop(watcher, "Safety review")).to_contain_text("Which machines? The annexure is missing.")
    expect(stop(second, "Safety review")).to_contain_text("Return for rework")

    # the other hands it on; who got it approves, and both are back
    legal = opened(visit, "anitha", "Legal review")
    legal.get_by_role("button", name="Hand on").click()
    dialog = legal.locator("#hand-on")
    dialog.get_by_label("Person").select_option(label="Joseph Kurian")
    dialog.get_by_label("Comment").fill("I am in court tomorrow.")
    dialog.get_by_role("button", name="Hand on").click()
    expect(stop(watcher, "Legal review")).to_contain_text("Joseph Kurian")
    answer(opened(visit, "joseph", "Legal review"), "It binds us")
    expect(stop(watcher, "Legal review")).to_contain_text("It binds us")

    # reworked, sent back, reviewed again
    head = opened(visit, "meera", "Rework it")
    expect(head.locator("[data-live=way]")).to_contain_text("Which machines?")
    answer(head, "Send back for review", comment="The annexure lists 14 machines; it is page 2 of the letter.")
    expect(stop(watcher, "Safety review")).to_contain_text("round 2")

    # nobody answers for two working days
    ((due, opened_at),) = rows(
        house,
        "SELECT due_at, opened_at FROM workflows_humantask"
        " WHERE instance_id = %s AND step = 'legal_review' AND state = 'open'",
        run,
    )
    over = datetime.fromisoformat(errands("two_days_later", opened_at.isoformat()).strip())
    assert abs(due - over) < timedelta(seconds=5)
    errands("time_passes", (due - timedelta(hours=1)).isoformat(), (due + timedelta(minutes=1)).isoformat())
    expect(stop(watcher, "Legal review")).to_contain_text("late")
    expect(stop(second, "Safety review")).to_contain_text("late")
    told = dict(rows(house, TOLD, str(run)))
    assert told == {"sla.warning": 2, "sla.breached": 2, "task.escalated": 4}  # each head is told, then asked

    # both approve, the head decides
    answer(opened(visit, "ravi", "Legal review"), "It binds us", Answer_by="2026-12-31")
    answer(opened(visit, "saritha", "Safety review"), "It concerns us", Must_operating_staff_acknowledge_it="Yes")
    expect(stop(watcher, "Decide")).to_contain_text("now")
    answer(opened(visit, "meera", "Decide"), "Approve")
    expect(stop(second, "Decide")).to_contain_text("Approve")

    # read by shift, and answered
    expect(stop(watcher, "Read and confirm")).to_contain_text("0 of")
    asked = [who for (who,) in rows(house, ASKED, run)]
    assert asked == [who for (who,) in rows(house, STAFF)]  # another file of tests may have added to operations
    assert {"suma", "anil", "meera"} <= set(asked)
    first = opened(visit, asked[0], READ, show="read")
    expect(first.locator("[data-confirm] button")).to_be_disabled()
    done = read(first)
    first.locator("[data-confirm]").evaluate("form => { form.shown = 'before' }")
    first.locator("[data-sheets]").evaluate("sheets => { sheets.scrollTop = 0 }")
    for number, who in enumerate(asked[1:], 1):
        page = opened(visit, who, READ, show="read")
        confirm(page, read(page))
        expect(stop(watcher, "Read and confirm")).to_contain_text(f"{number} of {len(asked)}")
    # colleagues confirmed meanwhile: the form was shown anew, and what was read need not be read again
    eventually(first, lambda: first.locator("[data-confirm]").evaluate("form => form.shown") is None)
    expect(done).to_be_enabled()
    confirm(first, done)
    expect(stop(watcher, "Read and confirm")).to_contain_text("read and confirmed")
    answer(opened(visit, "meera", "Answer who wrote"), "Answered", Reference_of_the_answer="KMRL/OPS/2026-27/0007")
    expect(watcher.locator(f"#run-{run} > summary")).to_contain_text("Finished")
    expect(watcher.locator(f"#run-{run} > summary")).to_contain_text("approved")
    expect(second.locator("[data-live=head]")).to_contain_text("Finished")

    # nobody reloaded; the proof stands
    assert [page.evaluate("window.untouched") for page in (watcher, second)] == [True, True]
    confirmed = dict(rows(house, CONFIRMED, run))
    assert confirmed.items() >= {"suma": "morning", "anil": "evening", "meera": ""}.items()
    assert set(confirmed) == set(asked)
    assert rows(house, ENDED, run) == [("finished", "approved", 0)]
    errands("manage", "verify_history")
