"""The bell in a real browser: it rings without a reload, pops up, is read everywhere; and who else looks."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import Page, expect

from bench.instance import Instance
from tests.browser.axe import grave_everywhere
from tests.browser.conftest import Visit, arrive, drop, read_all
from tests.intake import samples

PAGES = ("/notifications/", "/notifications/?unread=1", "/notifications/?kind=batch.finished")


def tear(page: Page, name: str) -> None:
    """A paper that cannot be read, sent from the page."""
    drop(page, {f"{name}.pdf": samples.pdf(name)[:90]})
    expect(page.locator("[data-tray] li.failed", has_text=name)).to_be_visible()


@pytest.fixture
def anil(visit: Visit, gateway: Instance) -> Page:
    """Anil's page of documents; he has read all there was, and nothing more comes by itself."""
    page = visit("anil", "/")
    read_all(page, gateway)
    arrive(page, "/documents/", live=True)
    return page


def test_what_fails_rings_the_bell_pops_up_and_leads_there(anil):
    tear(anil, "torn schedule")
    toast = anil.locator(".toast.told.high")
    expect(toast).to_contain_text("“torn schedule” cannot be read")
    expect(anil.locator("[data-bell-count]")).to_have_text("1")
    expect(anil).to_have_title("(1) Documents · KMRL Gateway")
    anil.locator("[data-bell] summary").click()
    row = anil.locator("[data-bell-list] .notice.unread")
    expect(row).to_contain_text("“torn schedule” cannot be read")
    row.get_by_role("link").click()
    expect(anil.get_by_role("heading", level=1)).to_have_text("torn schedule")
    expect(anil.locator("[data-bell-count]")).to_be_hidden()
    expect(anil).to_have_title("torn schedule · KMRL Gateway")


def test_what_is_read_in_one_window_is_read_in_the_others(anil, visit):
    other = visit("anil", "/notifications/")
    tear(anil, "torn register")
    row = other.locator(".notices .notice.unread", has_text="torn register")  # came without a reload
    expect(row).to_be_visible()
    expect(other.locator("[data-bell-count]")).to_have_text("1")
    row.get_by_role("button", name="Mark as read").click()
    expect(row).to_have_count(0)
    expect(anil.locator("[data-bell-count]")).to_be_hidden()


def test_all_is_marked_read_by_keyboard(anil):
    tear(anil, "torn one")
    expect(anil.locator("[data-bell-count]")).to_have_text("1")
    anil.locator("[data-bell] summary").focus()
    anil.keyboard.press("Enter")
    expect(anil.locator("[data-bell-list] .notice")).not_to_have_count(0)
    anil.keyboard.press("Tab")
    expect(anil.locator("[data-bell-all]")).to_be_focused()
    anil.keyboard.press("Enter")
    expect(anil.locator("[data-bell-count]")).to_be_hidden()
    expect(anil.locator("[data-bell-list] .unread")).to_have_count(0)
    anil.keyboard.press("Escape")
    expect(anil.locator("[data-bell]")).not_to_have_attribute("open", "")
    anil.keyboard.press("g")
    anil.keyboard.press("n")
    expect(anil.get_by_role("heading", level=1, name="Notifications")).to_be_visible()


def test_in_quiet_hours_the_bell_counts_and_nothing_pops_up(anil):
    anil.goto("/notifications/preferences/")
    anil.get_by_label("Nothing pops up").check()
    now = datetime.now(ZoneInfo("Asia/Kolkata"))
    anil.get_by_label("From").fill(f"{now - timedelta(hours=1):%H:%M}")
    anil.get_by_label("Until").fill(f"{now + timedelta(hours=1):%H:%M}")
    anil.get_by_role("button", name="Save").click()
    expect(anil.get_by_text("Saved.")).to_be_visible()
    try:
        arrive(anil, "/documents/", live=True)
        tear(anil, "torn quietly")
        expect(anil.locator("[data-bell-count]")).to_have_text("1")
        expect(anil.locator(".toast.told")).to_have_count(0)
    finally:
        anil.goto("/notifications/preferences/")
        anil.get_by_label("Nothing pops up").uncheck()
        anil.get_by_role("button", name="Save").click()
        expect(anil.get_by_text("Saved.")).to_be_visible()


def test_who_looks_at_a_paper_sees_who_else_does(anil, visit):
    drop(anil, {"plan of the yard.pdf": samples.pdf("Plan of the yard")})
    link = anil.locator("[data-tray] li.processed a", has_text="plan of the yard")
    expect(link).to_be_visible()
    address = link.get_attribute("href") or ""
    arrive(anil, address, live=True)
    expect(anil.locator("[data-presence]")).to_be_hidden()
    meera = visit("meera", address)
    expect(anil.locator("[data-presence]")).to_contain_text("Meera Krishnan looks at this too")
    expect(anil.locator("[data-presence] i")).to_have_attribute("title", "Meera Krishnan")
    expect(anil.locator("[data-presence] i")).to_have_text("MK")
    expect(meera.locator("[data-presence]")).to_contain_text("Anil Thomas looks at this too")
    assert grave_everywhere(anil) == []
    meera.goto("/documents/")
    expect(anil.locator("[data-presence]")).to_be_hidden()


def test_no_page_of_the_bell_has_a_grave_finding(anil, visit):
    tear(anil, "torn for the look")
    expect(anil.locator("[data-bell-count]")).to_have_text("1")
    anil.locator("[data-bell] summary").click()
    expect(anil.locator("[data-bell-list] .notice")).not_to_have_count(0)
    found = grave_everywhere(anil)
    for path in (*PAGES, "/notifications/preferences/"):
        arrive(anil, path)
        found += [f"{path} {finding}" for finding in grave_everywhere(anil)]
    empty = visit("deepa", "/notifications/")
    expect(empty.get_by_text("No notification yet").last).to_be_visible()
    assert found + grave_everywhere(empty) == []


def test_on_a_phone_bell_and_pages_fit(visit):
    page = visit("anil", "/notifications/", width=390)
    page.locator("[data-bell] summary").click()
    box = page.locator("[data-bell] .panel").bounding_box()
    assert box and box["x"] >= 0 and box["x"] + box["width"] <= 390
    for path in ("/notifications/", "/notifications/preferences/"):
        arrive(page, path)
        assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
