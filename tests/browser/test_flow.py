"""The steps of a run on phones and on wide screens: a list or a drawing, as people choose, and the step at work."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser.axe import grave_everywhere
from tests.browser.conftest import Visit

PHONE = 390


@pytest.fixture(scope="module")
def address(errands) -> str:
    """A run whose step at work stands far to the right of the first."""
    return f"/workflows/{errands('tasks_there', 'far', '1').split()[-1]}/"


def in_sight(page: Page, place: str) -> bool:
    """Whether the step at work lies within what is shown of the drawing."""
    return bool(
        page.evaluate(
            """([place, step]) => {
                const [outer, inner] = [place, step].map((one) => document.querySelector(one).getBoundingClientRect());
                return inner.left >= outer.left && inner.right <= outer.right + 1;
            }""",
            [place, f"{place} .is-waiting .box"],
        )
    )


@pytest.mark.parametrize("desk", [False, True])
def test_a_phone_shows_the_steps_as_a_list_and_the_drawing_where_it_stands(visit: Visit, address: str, desk: bool):
    path = address.replace("/workflows/", "/admin/workflows/runs/") if desk else address
    page = visit("lata" if desk else "meera", path, width=PHONE, live=not desk)
    expect(page.locator("[data-flow-list] [aria-current=step]")).to_be_visible()
    expect(page.locator("[data-flow-list] [aria-current=step]")).to_contain_text("Last look")
    expect(page.locator("[data-flow-picture]")).to_be_hidden()
    assert grave_everywhere(page) == []
    page.get_by_role("button", name="Drawing", exact=True).click()
    expect(page.locator("[data-flow-list]")).to_be_hidden()
    expect(page.get_by_role("button", name="Drawing", exact=True)).to_have_attribute("aria-pressed", "true")
    assert in_sight(page, "[data-flow-picture]")
    assert page.evaluate("document.querySelector('[data-flow-picture]').scrollLeft") > 0
    page.get_by_role("button", name="List", exact=True).click()
    expect(page.locator("[data-flow-picture]")).to_be_hidden()


def test_a_desk_shows_the_drawing_and_keeps_what_somebody_chose(visit: Visit, address: str):
    page = visit("meera", address, width=1280)
    expect(page.locator("[data-flow-picture]")).to_be_visible()
    expect(page.locator("[data-flow-list]")).to_be_hidden()
    assert in_sight(page, "[data-flow-picture]")
    page.get_by_role("button", name="List", exact=True).click()
    expect(page.locator("[data-flow-list]")).to_be_visible()
