"""The staff pages as people use them: signing in, filters, one document, keys, phones, what went wrong."""

import re

import pytest
from playwright.sync_api import APIResponse, Page, Route, expect

from bench import papers
from tests.browser.conftest import Visit, arrive, at_rest, drop, eventually, ready
from tests.intake import samples


@pytest.fixture
def paper(visit: Visit, request: pytest.FixtureRequest) -> Page:
    """The page of a document that Anil has just sent and that has been read."""
    title = request.node.name.replace("_", " ")
    page = visit("anil", "/documents/")
    drop(page, {f"{title}.pdf": samples.pdf(f"Rail joint gap at Edappally {title[-30:]}")})
    expect(page.locator("[data-tray] li.processed", has_text=title)).to_be_visible()
    page.locator("[data-tray] li a").click()
    expect(page.get_by_role("heading", name=title)).to_be_visible()
    ready(page, live=True)
    return page


def found(page: Page, question: str) -> None:
    """To what is found by these words; indexing is a job of its own, a moment after reading."""

    def is_found() -> bool:
        arrive(page, f"/search/?q={question}")
        return page.locator(".hit").count() > 0

    eventually(page, is_found, within=60)


def test_a_wrong_password_is_refused_with_a_sentence(visit):
    page = visit(None, "/sign-in/")
    page.get_by_label("User name").fill("anil")
    page.get_by_label("Password").fill("not this one")
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("alert")).to_contain_text("do not fit together")
    expect(page.get_by_label("User name")).to_have_value("anil")
    assert page.url.endswith("/sign-in/")


def test_who_signs_in_comes_to_where_he_wanted_and_can_leave_again(visit):
    page = visit(None, "/documents/?status=failed")
    assert "/sign-in/?next=" in page.url
    page.get_by_label("User name").fill("anil")
    page.get_by_label("Password").fill("Aluva-to-Thrippunithura")
    page.get_by_role("button", name="Sign in").click()
    expect(page).to_have_url(re.compile(r"/documents/\?status=failed$"))
    page.locator("details.menu summary[aria-label*='Anil Thomas']").click()
    expect(page.get_by_text("Operations: Clerk")).to_be_visible()
    page.get_by_role("button", name="Sign out").click()
    expect(page).to_have_url(re.compile(r"/sign-in/$"))
    page.go_back()
    expect(page).to_have_url(re.compile(r"/sign-in/\?next="))


def test_a_page_that_comes_back_from_the_browsers_memory_is_asked_for_anew(visit):
    page = visit("deepa", "/documents/")
    page.context.clear_cookies()
    page.evaluate("dispatchEvent(new PageTransitionEvent('pageshow', { persisted: true }))")
    expect(page).to_have_url(re.compile(r"/sign-in/\?next="))


def test_filters_are_chips_and_chips_are_the_address(paper):
    page = paper
    arrive(page, "/documents/")
    page.locator("[data-filter=status] summary").click()
    page.get_by_role("link", name="Failed", exact=True).click()
    expect(page).to_have_url(re.compile(r"/documents/\?status=failed$"))
    page.locator("[data-filter=language] summary").click()
    page.get_by_role("link", name="English and Malayalam").click()
    expect(page).to_have_url(re.compile(r"status=failed&language=en%2Bml$"))
    expect(page.locator(".chip.on")).to_have_count(2)
    page.get_by_title("Remove the filter Status").click()
    expect(page).to_have_url(re.compile(r"/documents/\?language=en%2Bml$"))


def test_an_empty_list_offers_upload(visit):
    page = visit("deepa", "/documents/")
    empty = page.locator(".empty")
    expect(empty).to_contain_text("No document yet")
    with page.expect_file_chooser() as chooser:
        empty.get_by_role("button", name="Upload").click()
    assert chooser.value.is_multiple()


def test_a_document_shows_its_page_beside_its_text(paper):
    image = paper.locator("[data-page-image]").first
    expect(image).to_have_class("here")
    assert image.evaluate("image => image.naturalWidth") > 300
    expect(paper.locator("[data-text]")).to_contain_text("Rail joint gap at Edappally")
    wide = paper.locator("figure").first.bounding_box()["width"]
    paper.keyboard.press("+")
    expect(paper.locator("[data-zoom-said]")).to_have_text("125 %")
    assert paper.locator("figure").first.bounding_box()["width"] == pytest.approx(wide * 1.25, rel=0.02)


def test_a_title_that_is_edited_is_kept_in_the_history(paper):
    paper.get_by_role("button", name="Edit").click()
    paper.get_by_label("Title").fill("ഇടപ്പള്ളി: പാളം പരിശോധന")
    paper.get_by_label("Type").select_option("inspection_report")
    paper.get_by_role("button", name="Save").click()
    expect(paper.get_by_role("heading", level=1)).to_have_text("ഇടപ്പള്ളി: പാളം പരിശോധന")
    expect(paper.locator("[data-facts]")).to_contain_text("Inspection report")
    newest = paper.locator("[data-live=history] li").first
    expect(newest).to_contain_text("Title: test a title that is edited is kept in the history")
    expect(newest).to_contain_text("→ ഇടപ്പള്ളി: പാളം പരിശോധന")
    expect(newest).to_contain_text("Anil Thomas")
    paper.reload()
    expect(paper.get_by_role("heading", level=1)).to_have_text("ഇടപ്പള്ളി: പാളം പരിശോധന")


def test_a_new_version_fills_the_page_by_itself(paper):
    paper.locator("#version-file").set_input_files(
        {"name": "second.pdf", "mimeType": "application/pdf", "buffer": samples.pdf("The second reading of it")}
    )
    expect(paper.locator("[data-live=versions] li")).to_have_count(2)
    expect(paper.locator("[data-text]")).to_contain_text("The second reading of it")


def test_a_text_that_comes_late_is_not_taken_for_that_of_a_newer_version(paper, gateway):
    late: list[tuple[Route, APIResponse]] = []

    def hold_the_first(route: Route) -> None:
        if late:
            route.continue_()
        else:
            late.append((route, route.fetch()))

    paper.route("**/api/v1/documents/*/pages/1/", hold_the_first)
    arrive(paper, paper.url, live=True)
    eventually(paper, lambda: bool(late))
    assert "Rail joint gap at Edappally" in late[0][1].text()
    second = papers.make(1, seed=11, pages=2)
    paper.locator("#version-file").set_input_files(
        {"name": "second.pdf", "mimeType": "application/pdf", "buffer": second.content}
    )
    text = paper.locator("[data-text]")
    expect(text).to_contain_text("sheet 1 of 2")
    at_rest(gateway)
    paper.wait_for_timeout(1_000)  # what the last news had the page fetch is there
    with paper.expect_response("**/api/v1/documents/*/pages/1/"):
        late[0][0].fulfill(response=late[0][1])
    paper.locator("[data-to='2']").click()
    expect(text).to_contain_text("sheet 2 of 2")
    paper.locator("[data-to='1']").click()
    expect(text).to_contain_text("sheet 1 of 2")


def test_the_bin_takes_and_gives_back(paper):
    title = paper.get_by_role("heading", level=1).inner_text()
    paper.get_by_role("button", name="To the bin").click()
    expect(paper.get_by_role("button", name="Put back")).to_be_visible()
    arrive(paper, "/bin/")
    paper.get_by_label(f"Choose {title}").check()
    paper.get_by_role("button", name="Put back").click()
    expect(paper.get_by_text("1 put back")).to_be_visible()
    expect(paper.locator("[data-rows] tr", has_text=title)).to_have_count(0)
    paper.goto("/documents/")
    expect(paper.get_by_role("link", name=title, exact=True)).to_be_visible()


def test_words_of_the_text_are_found_and_marked(paper):
    found(paper, "rail joint marked")
    arrive(paper, "/documents/")
    find = paper.locator("[data-find]")
    find.fill("rail joint marked")
    find.press("Enter")
    expect(paper.locator(".hit").first.locator("mark").first).to_be_visible()
    assert {"rail", "joint", "marked"} >= {word.lower() for word in paper.locator(".hit mark").all_inner_texts()}
    paper.locator(".hit a").first.click()
    expect(paper).to_have_url(re.compile(r"/documents/[0-9a-f-]+/\?q=rail%20joint%20marked#page-1$"))
    expect(paper.locator("[data-text] mark").first).to_be_visible()
    marked = paper.locator("[data-text] mark").all_inner_texts()
    assert {"rail", "joint", "marked"} >= {word.lower() for word in marked}
    spots = paper.locator("#page-1 .spot")
    expect(spots).to_have_count(len(marked))
    sheet, spot = paper.locator("#page-1").bounding_box(), spots.first.bounding_box()
    assert sheet["x"] < spot["x"] < sheet["x"] + sheet["width"]
    assert 4 < spot["height"] < sheet["height"] / 10


def test_a_view_is_kept_under_a_name_and_removed(visit):
    page = visit("meera", "/documents/?status=failed")
    page.get_by_text("Save this view").click()
    page.get_by_label("Name of the view").fill("What failed with us")
    page.get_by_role("button", name="Save", exact=True).click()
    page.goto("/documents/")
    page.get_by_role("link", name="What failed with us").click()
    expect(page).to_have_url(re.compile(r"/documents/\?status=failed$"))
    page.get_by_role("button", name="Remove the view What failed with us").click()
    expect(page).to_have_url(re.compile(r"/documents/\?status=failed$"))
    expect(page.get_by_role("link", name="What failed with us")).to_have_count(0)


def test_who_wants_malayalam_chooses_it_among_his_own_things(visit):
    page = visit("rahul", "/documents/")
    page.locator("details.menu summary[aria-label*='Rahul Nair']").click()
    page.get_by_role("button", name="മലയാളം").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("രേഖകൾ")
    expect(page.locator("[data-link]")).to_have_text("ലൈവ്")
    assert page.evaluate("document.fonts.ready.then(() => document.fonts.check('16px \"Noto Sans Malayalam\"', 'ര'))")
    drop(page, {"ബോർഡ്.txt": "ബോർഡ് യോഗം".encode(), "nothing.pdf": b""})
    expect(page.locator("[data-tray-title]")).to_have_text("1 പൂർത്തിയായി, 1 പ്രശ്നത്തിൽ")
    page.locator("details.menu summary[aria-label*='Rahul Nair']").click()
    page.get_by_role("button", name="English").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Documents")


def test_keys_walk_through_what_was_found(paper):
    found(paper, "edappally")
    paper.keyboard.press("j")
    expect(paper.locator(".hit a").first).to_be_focused()
    paper.keyboard.press("Enter")
    expect(paper).to_have_url(re.compile(r"/documents/[0-9a-f-]+/\?q=edappally#page-1$"))


def test_the_keyboard_reaches_search_help_and_rows(visit):
    page = visit("anil", "/documents/")
    page.keyboard.press("/")
    expect(page.locator("[data-find]")).to_be_focused()
    page.keyboard.press("Escape")
    page.keyboard.press("?")
    expect(page.get_by_role("dialog", name="Keyboard")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog", name="Keyboard")).to_be_hidden()
    drop(page, {"by keys.txt": b"A paper to be chosen by keys"})
    expect(page.get_by_role("link", name="by keys", exact=True)).to_be_visible()
    page.keyboard.press("j")
    page.keyboard.press("x")
    expect(page.locator("[data-chosen]")).to_have_text("1 chosen")
    page.keyboard.press("Escape")
    expect(page.locator("[data-selection]")).to_be_hidden()
    page.keyboard.press("g")
    page.keyboard.press("h")
    expect(page).to_have_url(re.compile(r":\d+/$"))


def test_the_first_stop_of_the_tab_key_skips_to_the_content(visit):
    page = visit("anil", "/documents/")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to the content")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("#content")).to_be_focused()


@pytest.mark.parametrize("width", [390, 1920])
def test_no_page_scrolls_sideways(visit, width):
    page = visit("anil", "/documents/", width=width)
    long = "Speed-restriction-between-Edappally-and-Changampuzha-Park-until-the-crossing-panel-has-been-replaced"
    drop(page, {f"{long} {width}.txt": "കൊച്ചി മെട്രോ റെയിൽ ലിമിറ്റഡ്".encode(), "empty.txt": b""})
    row = page.get_by_role("link", name=f"{width}", exact=False).first
    expect(page.locator("[data-tray] li.processed, [data-tray] li.refused")).to_have_count(2)
    document = row.get_attribute("href")
    for path in ("/", "/documents/", "/bin/", "/search/?q=metro", document, "/sign-in/", "/nowhere/"):
        arrive(page, path)
        assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0, path


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_words_stand_out_from_their_ground(visit, scheme):
    page = visit("anil", "/", color_scheme=scheme)
    ratios = page.evaluate(CONTRASTS)
    assert min(ratios.values()) >= 4.5, ratios


def test_what_is_not_there_and_what_is_not_yours_look_the_same(visit, paper):
    theirs = visit("rahul", "/", live=False)
    bodies = set()
    for path in (paper.url, "/documents/01a20493-3bbd-78a7-acc2-41eb47ee5900/", "/no/"):
        answer = theirs.goto(path)
        assert answer.status == 404
        bodies.add(answer.text())
    assert len(bodies) == 1
    expect(theirs.get_by_role("heading")).to_have_text("There is nothing here that you may see")


CONTRASTS = """() => {
    const probe = document.createElement('canvas').getContext('2d', {willReadFrequently: true});
    const light = colour => {
        probe.fillStyle = colour;
        probe.fillRect(0, 0, 1, 1);
        const parts = [...probe.getImageData(0, 0, 1, 1).data].slice(0, 3).map(part => part / 255);
        const [r, g, b] = parts.map(part => part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4);
        return 0.2126 * r + 0.7152 * g + 0.0722 * b;
    };
    const of = name => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
    const found = {};
    const inks = ['--ink', '--soft', '--accent', '--waiting', '--running', '--done', '--attention', '--failed'];
    for (const ground of ['--ground', '--sheet', '--raised']) {
        for (const ink of inks) {
            const [high, low] = [light(of(ground)), light(of(ink))].sort((a, b) => b - a);
            found[`${ink} on ${ground}`] = (high + 0.05) / (low + 0.05);
        }
    }
    const [high, low] = [light(of('--accent')), light(of('--on-accent'))].sort((a, b) => b - a);
    found['--on-accent on --accent'] = (high + 0.05) / (low + 0.05);
    return found;
}"""


def test_what_went_wrong_among_many_uploads_stands_first(visit: Visit):
    page = visit("anil", "/documents/")
    files = {f"scan {n:02d}.txt": f"A scan, number {n}, among many".encode() for n in range(12)}
    drop(page, {**dict(list(files.items())[:6]), "holiday.exe": b"MZ" + bytes(200), **dict(list(files.items())[6:])})
    expect(page.locator("[data-tray-title]")).to_have_text("12 done, 1 with trouble")
    first = page.locator("[data-tray-list] li").first
    expect(first).to_have_class(re.compile("refused"))
    expect(first).to_contain_text("holiday.exe")


def test_on_a_phone_what_is_chosen_and_the_bell_are_not_covered_by_what_is_told(visit: Visit):
    page = visit("anil", "/documents/", width=390)
    drop(page, {"a paper to choose.txt": b"A paper to be chosen on a phone", "torn.pdf": b"%PDF-1.4 torn on a phone"})
    expect(page.locator(".toast.told")).to_be_visible()
    page.locator("[data-tray-close]").click()
    page.locator("[data-rows] [data-pick]").first.check()
    page.get_by_role("button", name="Choose none").click(trial=True)  # nothing lies over it
    page.locator("[data-bell] summary").click()
    expect(page.locator(".toast.told")).to_have_count(0)
    page.get_by_role("button", name="Mark all as read").click(trial=True)
