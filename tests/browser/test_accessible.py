"""Everybody can use the pages: axe-core has no serious finding, at 1280 and 390 px, in light and dark."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser.axe import grave, grave_everywhere
from tests.browser.conftest import Visit, arrive, drop
from tests.intake import samples

STAFF = (
    "/",
    "/documents/",
    "/documents/?status=cancelled",
    "/documents/?status=failed",
    "/bin/",
    "/tasks/",
    "/workflows/",
    "/absences/",
    "/password/",
)
SEARCHES = ("/search/", "/search/?q=ballast", "/search/?q=nothingofthekind")
ADMIN = (
    "/admin/accounts/user/",
    "/admin/accounts/user/add/",
    "/admin/accounts/department/",
    "/admin/accounts/apikey/",
    "/admin/accounts/apikey/add/",
    "/admin/accounts/historyentry/",
    "/admin/documents/document/",
    "/admin/documents/document/?q=nothing-of-the-kind",
    "/admin/documents/version/",
    "/admin/documents/source/",
)


def findings(page: Page, *paths: str) -> list[str]:
    """What is grave on any of the pages."""
    found = []
    for path in paths:
        arrive(page, path)
        found += [f"{path} {finding}" for finding in grave_everywhere(page)]
    return found


@pytest.fixture
def paper(visit: Visit) -> str:
    """The address of a document of Anil's that has been read."""
    page = visit("anil", "/documents/")
    drop(page, {"ballast.pdf": samples.pdf("Ballast register of Edappally"), "torn.pdf": samples.pdf("x")[:90]})
    expect(page.locator("[data-tray] li.processed", has_text="ballast")).to_be_visible()
    address = page.locator("[data-tray] li a", has_text="ballast").get_attribute("href")
    assert address
    return address


def test_the_checker_sees_a_fault(visit):
    page = visit("anil", "/documents/")
    assert grave(page) == []
    page.evaluate("document.querySelector('h1').append(document.createElement('button'))")
    assert [finding.split()[0] for finding in grave(page)] == ["button-name"]


def test_no_staff_page_has_a_grave_finding(visit, paper):
    assert findings(visit("anil", "/"), *STAFF, *SEARCHES, paper) == []


def test_what_opens_and_moves_has_no_grave_finding_either(visit, paper):
    page = visit("anil", "/documents/")
    drop(page, {"walked.txt": b"A paper about the walk along the line", "nothing.pdf": b""})
    expect(page.locator("[data-tray] li.processed, [data-tray] li.refused")).to_have_count(2)
    assert grave_everywhere(page) == []  # with the tray
    page.locator("[data-pick]").first.check()
    expect(page.locator("[data-selection]")).to_be_visible()
    assert grave_everywhere(page) == []
    page.keyboard.press("Escape")
    page.locator("[data-filter=status] summary").click()
    assert grave_everywhere(page) == []
    page.keyboard.press("Escape")
    page.keyboard.press("?")
    expect(page.get_by_role("dialog")).to_be_visible()
    assert grave_everywhere(page) == []
    arrive(page, paper)
    page.get_by_role("button", name="Edit").click()
    expect(page.get_by_label("Title")).to_be_visible()
    assert grave_everywhere(page) == []


def test_pages_that_stand_alone_have_no_grave_finding(visit):
    page = visit(None, "/sign-in/")
    page.get_by_label("User name").fill("anil")
    page.get_by_label("Password").fill("not this one")
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("alert")).to_be_visible()
    assert grave_everywhere(page) == []
    assert findings(page, "/sign-in/", "/nowhere/", "/offline/") == []


def test_no_list_or_form_of_the_administration_has_a_grave_finding(visit, paper):
    page = visit("lata", "/")
    rows = []
    for path in ("/admin/documents/document/", "/admin/accounts/user/"):
        page.goto(path)
        rows.append(page.locator("#result_list tr.data-row th a").first.get_attribute("href") or "")
    assert [row.rpartition("/change/")[1] for row in rows] == ["/change/", "/change/"]
    assert findings(page, *ADMIN, *rows) == []


def test_a_list_of_the_administration_is_short_on_phones(visit, paper):
    page = visit("lata", "/", width=390)
    page.goto("/admin/documents/document/")
    row = page.locator("#result_list tr.data-row").first
    assert row.bounding_box()["height"] < 160
    assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
