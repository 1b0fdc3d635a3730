"""The home page in a browser: charts that follow, words that stay without them, little to fetch, results read out."""

import re

import pytest
from playwright.sync_api import Page, Response, expect

from tests.browser.axe import grave_everywhere
from tests.browser.conftest import arrive, drop, eventually, ready
from tests.intake import samples

LIBRARY = re.compile(r"/unfold/js/chart/")
OWN = re.compile(r"/static/(?!unfold|fonts)[^?]+\.(js|css|svg)")


def figures(page: Page) -> list[int]:
    """What the chart of states paints, in its own order."""
    return page.evaluate(
        "() => window.Chart.getChart(document.querySelector('[data-chart=states] canvas')).data.datasets"
        ".map((one) => one.data[0])"
    )


def painted(page: Page, chart: str) -> bool:
    """Whether anything but emptiness is on the canvas."""
    return bool(
        page.evaluate(
            """chart => {
                const canvas = document.querySelector(`[data-chart=${chart}] canvas`);
                const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
                return data.some((value) => value > 0);
            }""",
            chart,
        )
    )


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_day_is_painted_and_follows_without_a_reload(visit, scheme):
    sender = visit("rahul", "/documents/")
    drop(sender, {f"first of the {scheme}.txt": f"A first paper, {scheme}".encode()})
    expect(sender.locator("[data-tray] li.processed")).to_have_count(1)
    page = visit("rahul", "/", color_scheme=scheme)
    page.evaluate("window.untouched = true")
    expect(page.locator("[data-chart=states] canvas")).to_be_visible()
    expect(page.locator("[data-chart=throughput] svg")).not_to_be_in_viewport()
    eventually(page, lambda: painted(page, "throughput") and painted(page, "states"))
    before = sum(figures(page))
    drop(sender, {f"second of the {scheme}.txt": f"A second paper, {scheme}".encode()})
    expect(page.locator(".figures dd").first).to_have_text(str(before + 1))
    expect(page.locator("[data-chart=states] canvas")).to_be_visible()
    eventually(page, lambda: sum(figures(page)) == before + 1)
    assert page.evaluate("window.untouched") is True


def test_without_the_library_the_servers_drawing_stays(visit):
    page = visit("anil", "/", live=False)
    page.route(LIBRARY, lambda route: route.abort())
    page.reload()
    ready(page, live=True)
    expect(page.locator("[data-chart=throughput] svg")).to_be_visible()
    expect(page.locator("[data-chart=throughput] canvas")).to_be_hidden()


@pytest.mark.parametrize("path", ["/", "/documents/"])
def test_a_first_visit_fetches_less_than_a_hundred_kilobytes_of_ours(visit, path):
    page = visit("anil", "/offline/", live=False)
    answers: list[Response] = []
    page.on("response", lambda one: answers.append(one) if OWN.search(one.url) else None)
    arrive(page, path, live=True)
    scripts = {one.url: len(one.body()) for one in answers if not one.url.endswith(".svg")}
    assert len(scripts) >= 8
    assert sum(scripts.values()) < 100 * 1024, scripts


def test_only_the_home_page_fetches_the_library(visit):
    page = visit("anil", "/offline/", live=False)
    fetched: list[str] = []
    page.on("request", lambda one: fetched.append(one.url) if LIBRARY.search(one.url) else None)
    arrive(page, "/documents/", live=True)
    page.wait_for_timeout(500)
    assert fetched == []
    page.goto("/")
    expect(page.locator("[data-chart=throughput] canvas")).to_be_visible()
    assert len(fetched) == 1


def test_results_are_read_out_and_only_they(visit):
    page = visit("anil", "/documents/")
    page.evaluate(
        """() => {
            window.said = [];
            const place = document.querySelector('[data-spoken]');
            new MutationObserver(() => said.push(place.textContent)).observe(place, { childList: true });
        }"""
    )
    drop(page, {f"spoken {n}.txt": f"Paper {n} that is spoken of".encode() for n in range(5)})
    expect(page.locator("[data-tray-title]")).to_have_text("5 uploads done")
    page.wait_for_timeout(300)
    assert page.evaluate("said").count("5 uploads done") == 1
    assert len(page.evaluate("said")) == 1


def test_a_malayalam_page_gives_the_reasons_in_malayalam_live(visit):
    page = visit("anil", "/documents/", live=False, locale="ml-IN")
    expect(page.locator("html")).to_have_attribute("lang", "ml")
    drop(page, {"ശൂന്യം.pdf": b"", "torn.pdf": b"%PDF-1.7\n" + b"no document at all " * 30})
    tray = page.locator("[data-tray]")
    expect(tray.locator("li.refused")).to_contain_text("ഫയൽ ശൂന്യമാണ്. അസൽ നോക്കി വീണ്ടും അയയ്ക്കുക.")
    expect(tray.locator("li.failed")).to_contain_text("ഈ PDF കേടാണ്")
    expect(page.locator("[data-rows] tr", has_text="torn").first).to_contain_text("ഈ PDF കേടാണ്")


@pytest.mark.parametrize("width", [390, 1280])
def test_malayalam_pages_do_not_overflow_nor_offend(visit, width):
    sender = visit("anil", "/documents/")
    drop(sender, {"പാളം.pdf": samples.pdf("Track"), "torn.pdf": samples.pdf("x")[:90]})
    expect(sender.locator("[data-tray] li.processed")).to_have_count(1)
    page = visit("lata", "/", live=False, locale="ml-IN", width=width)
    for path in ("/", "/documents/"):
        arrive(page, path, live=True)
        assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
        inside = (
            "[...document.querySelectorAll('.table td, .card')].every((one) => one.scrollWidth <= one.clientWidth + 1)"
        )
        assert page.evaluate(inside)
        assert grave_everywhere(page) == []
