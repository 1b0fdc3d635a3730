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


def wide(page: Page) -> float:
    return float(page.evaluate("document.querySelector('[data-flow-picture] > svg').getBoundingClientRect().width"))


@pytest.mark.parametrize("width", [1280, PHONE])
@pytest.mark.parametrize("desk", [False, True])
def test_the_drawing_is_made_larger_smaller_and_shown_whole(visit: Visit, address: str, width: int, desk: bool):
    path = address.replace("/workflows/", "/admin/workflows/runs/") if desk else address
    page = visit("lata" if desk else "meera", path, width=width, live=not desk)
    page.get_by_role("button", name="Drawing", exact=True).click()
    drawn, size = wide(page), page.locator("[data-flow-zoomed]")
    expect(size).to_have_text("100 %")
    sizes = page.get_by_role("group", name="Size of the drawing")
    sizes.get_by_role("button", name="Larger").click()
    expect(size).to_have_text("125 %")
    assert wide(page) == pytest.approx(drawn * 1.25, abs=1)
    assert in_sight(page, "[data-flow-picture]"), "what stood in the middle stays there"
    whole = sizes.get_by_role("button", name="Whole drawing")
    whole.click()
    expect(whole).to_have_attribute("aria-pressed", "true")
    box = page.locator("[data-flow-picture]")
    assert box.evaluate("one => one.scrollWidth <= one.clientWidth + 1 && one.scrollHeight <= one.clientHeight + 1")
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert grave_everywhere(page) == []
    whole.click()
    expect(size).to_have_text("100 %")
    for _ in range(3):
        sizes.get_by_role("button", name="Smaller").click()
    expect(size).to_have_text("25 %")
    expect(sizes.get_by_role("button", name="Smaller")).to_have_attribute("aria-disabled", "true")


def test_its_size_is_changed_by_keys_and_outlives_a_new_drawing(visit: Visit, address: str):
    page = visit("meera", address, width=1280)
    page.locator("[data-flow-picture]").focus()
    page.keyboard.press("-")
    expect(page.locator("[data-flow-zoomed]")).to_have_text("75 %")
    page.keyboard.press("+")
    page.keyboard.press("+")
    expect(page.locator("[data-flow-zoomed]")).to_have_text("125 %")
    before = wide(page)
    page.evaluate(
        """async () => {
            const picture = document.querySelector('[data-flow-picture]');
            await (await import(document.querySelector('link[href*="/page."]').href)).refresh();
            if (picture.isConnected) throw new Error('it was not drawn anew');
        }"""
    )
    assert wide(page) == pytest.approx(before, abs=1)
    expect(page.locator("[data-flow-zoomed]")).to_have_text("125 %")
    page.keyboard.press("0")
    expect(page.get_by_role("button", name="Whole drawing")).to_have_attribute("aria-pressed", "true")
    page.locator("body").click(position={"x": 2, "y": 2})
    page.keyboard.press("0")
    expect(page.get_by_role("button", name="Whole drawing")).to_have_attribute("aria-pressed", "true")


def test_what_a_run_waits_for_is_found_by_keys_alone(visit: Visit, gateway, address: str):
    gateway.run("-m", "tests.browser.tasks_there", "far", "1")
    page = visit("lata", address, width=1280)
    page.locator("#others > summary").press("Enter")
    words = page.get_by_label("What should it wait for?")
    words.fill("nothing of that name")
    expect(page.locator("[data-found]")).to_contain_text("Nothing that you may see")
    expect(page.get_by_role("button", name="Let it wait")).to_be_disabled()
    words.fill("")
    expect(page.locator("[data-found] input").first).to_be_visible()
    words.press("ArrowDown")
    expect(page.locator("[data-found] input").first).to_be_checked()
    page.keyboard.press("ArrowUp")
    expect(words).to_be_focused()
    words.press("ArrowDown")
    assert grave_everywhere(page) == []
    page.get_by_role("button", name="Let it wait").press("Enter")
    expect(page.locator("[data-live=awaited]")).to_contain_text("until it has ended")
