"""Nobody refreshes: what happens is seen where somebody may see it, at once, and again after an interruption."""

import re

from playwright.sync_api import Locator, Page, Route, expect

from tests.browser.conftest import arrive, drop, ready
from tests.intake import samples


def row(page: Page, title: str):
    return page.locator("[data-rows] tr", has_text=title)


def test_dropped_files_are_seen_through_to_done_without_a_reload(visit):
    page = visit("anil", "/documents/")
    page.evaluate("window.untouched = true")
    drop(page, {f"joint {n}.pdf": samples.pdf(f"Joint number {n}") for n in range(6)})
    expect(page.locator("[data-tray] li.processed")).to_have_count(6)
    expect(page.locator("[data-tray-title]")).to_have_text("6 uploads done")
    for n in range(6):
        expect(row(page, f"joint {n}")).to_contain_text("Done")
        expect(row(page, f"joint {n}")).to_contain_text("1 page")
    assert page.evaluate("window.untouched") is True


def test_a_colleague_sees_it_live_and_an_outsider_does_not(visit):
    colleague, outsider, sender = (visit(who, "/documents/") for who in ("meera", "rahul", "anil"))
    drop(sender, {"signal failure at Aluva.pdf": samples.pdf("Signal failure at Aluva")})
    expect(row(colleague, "signal failure at Aluva")).to_contain_text("Done")
    drop(outsider, {"own paper of safety.pdf": samples.pdf("What safety wrote itself")})
    expect(row(outsider, "own paper of safety")).to_contain_text("Done")
    expect(row(outsider, "signal failure at Aluva")).to_have_count(0)
    expect(row(colleague, "own paper of safety")).to_have_count(0)


def test_the_home_page_follows_too(visit):
    home, sender = visit("meera", "/"), visit("anil", "/documents/")
    drop(
        sender,
        {"half of a drawing.pdf": samples.pdf("A drawing")[:-400], "night shift.txt": b"Notes of the night shift"},
    )
    recent = home.locator("section", has=home.get_by_role("heading", name="Recent documents"))
    expect(recent).to_contain_text("night shift")


def test_what_was_refused_stays_listed_with_its_reason(visit):
    page = visit("anil", "/")
    drop(
        page,
        {"invoice.pdf.exe": b"MZ\x90\x00" + b"\0" * 200, "nothing.pdf": b"", "good.txt": b"A good paper of the day"},
    )
    program = page.locator("[data-tray] li.refused", has_text="invoice.pdf.exe")
    expect(program).to_contain_text("Refused")
    expect(program).to_contain_text("Programs are not taken in")
    expect(page.locator("[data-tray] li.refused", has_text="nothing.pdf")).to_contain_text("holds no bytes")
    expect(page.locator("[data-tray] li.processed", has_text="good.txt")).to_be_visible()
    expect(page.locator("[data-tray-title]")).to_have_text("1 done, 2 with trouble")
    arrive(page, "/documents/")  # the list goes with the person from page to page
    expect(page.locator("[data-tray] li.refused")).to_have_count(2)
    page.get_by_role("button", name="Clear what is finished").click()
    expect(page.locator("[data-tray]")).to_be_hidden()


def test_a_document_that_cannot_be_read_says_why(visit):
    page = visit("anil", "/documents/")
    drop(page, {"torn.pdf": b"%PDF-1.7\n" + b"this is no document at all " * 40})
    failed = page.locator("[data-tray] li", has_text="torn.pdf")
    expect(failed).to_have_class(re.compile("failed|refused"))
    expect(failed.locator("[data-word]")).to_have_text(re.compile(".{31,}"))


def test_without_a_network_the_page_says_so_and_then_catches_up(visit, networks):
    page, colleague = visit("meera", "/documents/"), visit("anil", "/documents/")
    networks[page.context].cut()
    expect(page.locator("[data-link]")).to_have_attribute("data-state", "offline")
    drop(page, {"sent in the tunnel.txt": b"Written where there is no network"})
    expect(page.locator("[data-tray] li.unsent")).to_contain_text("no connection")
    drop(colleague, {"missed meanwhile.txt": b"What happened while she was away"})
    expect(row(colleague, "missed meanwhile")).to_contain_text("Done")
    expect(row(page, "missed meanwhile")).to_have_count(0)
    networks[page.context].mend()
    expect(page.locator("[data-link]")).to_have_attribute("data-state", "live")
    expect(row(page, "missed meanwhile")).to_contain_text("Done")
    expect(row(page, "sent in the tunnel")).to_contain_text("Done")
    expect(row(page, "sent in the tunnel")).to_have_count(1)


def test_a_page_asked_for_without_a_network_is_one_of_ours(visit):
    page = visit("anil", "/", service_workers="allow")
    page.wait_for_function(
        "async () => (await navigator.serviceWorker.getRegistration())?.active?.state === 'activated'"
    )
    page.context.set_offline(True)
    page.goto("/documents/")
    expect(page.get_by_role("heading", name="No connection to the gateway")).to_be_visible()
    page.context.set_offline(False)
    page.get_by_role("link", name="Try again").click()
    expect(page.get_by_role("heading", name="Documents", level=1)).to_be_visible()


def test_many_files_are_sent_and_load_more_keeps_its_place(visit):
    page = visit("rahul", "/documents/")
    drop(page, {f"shift {n:02}.txt": f"Notes of shift number {n}".encode() for n in range(58)})
    expect(page.locator("[data-tray-title]")).to_have_text("58 uploads done", timeout=180_000)
    page.reload()
    ready(page)
    expect(page.locator("[data-rows] tr")).to_have_count(50)
    # one that is told of after younger ones has its place among the rows all the same
    drop(page, {"shift after these.txt": b"Notes of the shift after these"})
    expect(page.locator("[data-rows] tr")).to_have_count(51)
    third = page.locator("[data-rows] tr").nth(2)
    late = third.get_attribute("data-document")
    third.evaluate("row => row.remove()")
    page.evaluate("id => document.dispatchEvent(new CustomEvent('kmrl:received', { detail: { id } }))", late)
    expect(page.locator(f"[data-rows] tr[data-document='{late}']")).to_have_count(1)
    page.get_by_role("link", name="Load more").click()
    expect(page.locator("[data-more]")).to_have_count(0)
    titles = page.locator("[data-rows] [data-open]").all_inner_texts()
    assert len(titles) == len(set(titles)) >= 58
    last = page.locator("[data-rows] [data-open]").last
    last.click()
    expect(page.get_by_role("heading", level=1)).to_have_text(titles[-1])
    page.go_back()
    expect(page.locator("[data-rows] tr")).to_have_count(len(titles))
    expect(last).to_be_in_viewport()


def exchanged(page: Page, box: Locator) -> None:
    """Its row is shown anew, as any news of the document has it."""
    row = box.locator("xpath=ancestor::tr")
    row.evaluate("row => row.setAttribute('data-old', '')")
    page.evaluate(
        "id => document.dispatchEvent(new CustomEvent('kmrl:received', { detail: { id } }))", box.input_value()
    )
    expect(page.locator("[data-rows] tr[data-old]")).to_have_count(0)


def test_what_is_pressed_before_the_scripts_listen_is_not_lost(visit):
    page = visit("anil", "/documents/")
    drop(page, {"pressed early.txt": b"A paper that somebody is quick to choose"})
    expect(page.locator("[data-tray] li.processed")).to_have_count(1)
    held: list[Route] = []
    page.route("**/documents.*js", lambda route: held.append(route))
    page.reload(wait_until="commit")
    box = page.locator("[data-rows] [data-pick]").first
    box.click()
    page.locator("[data-selection]").evaluate("bar => { bar.hidden = false; }")  # as when it was shown already
    page.get_by_role("button", name="Choose none").click()
    expect(box).to_be_checked()
    for route in held:
        route.continue_()
    expect(box).not_to_be_checked()


def test_many_are_chosen_and_binned_by_one_press(visit):
    page = visit("anil", "/documents/")
    drop(page, {f"to throw away {n}.txt": f"Paper {n} to be thrown away".encode() for n in range(4)})
    expect(page.locator("[data-tray] li.processed")).to_have_count(4)
    boxes = page.locator("[data-rows] tr", has_text="to throw away").locator("[data-pick]")
    expect(boxes).to_have_count(4)
    boxes.first.click()
    exchanged(page, boxes.first)
    boxes.last.click(modifiers=["Shift"])
    expect(page.locator("[data-chosen]")).to_have_text("4 chosen")
    page.get_by_role("button", name="To the bin").click()
    expect(page.get_by_text("4 put into the bin")).to_be_visible()
    expect(row(page, "to throw away")).to_have_count(0)
