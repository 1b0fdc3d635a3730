"""What axe-core says of a page: the accessibility checker of Deque, version 4.14.1, vendored for the tests only.

It is under the Mozilla Public License 2.0 (LICENSE beside this file, LICENSE-3RD-PARTY.txt for what it carries);
`axe.min.js` is the file of its npm package, unchanged.
"""

from pathlib import Path
from typing import Any

from playwright.sync_api import Error, Page

SCRIPT = Path(__file__).with_name("axe.min.js")
GRAVE = ("serious", "critical")
WIDTHS = (1280, 390)
TRIES = 5
# Style sheets are not fetched anew for it: the one rule that reads them is experimental, and those do not run.
RUN = """async ({ within, without, rules }) => {
    const context = { include: within, ...(without.length && { exclude: without }) };
    const wanted = { resultTypes: ['violations'], preload: { assets: ['media'] }, ...(rules && { runOnly: rules }) };
    const found = await axe.run(context, wanted);
    return found.violations;
}"""


def grave(page: Page, *, within: str = "html", without: tuple[str, ...] = (), rules: tuple[str, ...] = ()) -> list[str]:
    """The serious and critical findings on `page` as it stands now, a line for each element; empty is clean.

    `within` is the CSS selector of what is looked at, `without` those of parts that are not ours, `rules` the names of
    axe's rules when not all are wanted.
    """
    if not page.evaluate("'axe' in window"):
        page.evaluate(SCRIPT.read_text())
    asked = {"within": within, "without": list(without), "rules": list(rules) or None}
    return [
        f"{violation['id']} ({violation['impact']}): {' '.join(map(str, node['target']))}: {_why(node)}"
        for violation in _violations(page, asked)
        if violation["impact"] in GRAVE
        for node in violation["nodes"]
    ]


def _violations(page: Page, asked: dict[str, Any]) -> list[dict[str, Any]]:
    """Again when a part was exchanged under the checker's feet, as live pages do."""
    for _ in range(TRIES - 1):
        try:
            return page.evaluate(RUN, asked)
        except Error as problem:
            if "reading 'documentElement'" not in str(problem):
                raise
    return page.evaluate(RUN, asked)


def grave_everywhere(page: Page, *, within: str = "html", without: tuple[str, ...] = ()) -> list[str]:
    """The findings of `grave` at 1280 and 390 px, light and dark; in the dark only colours differ."""
    found = []
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 860})
        page.emulate_media(color_scheme="light")
        found += [f"{width} light: {finding}" for finding in grave(page, within=within, without=without)]
        page.emulate_media(color_scheme="dark")
        dark = grave(page, within=within, without=without, rules=("color-contrast", "link-in-text-block"))
        found += [f"{width} dark: {finding}" for finding in dark]
    return found


def _why(node: dict[str, Any]) -> str:
    return " ".join(node["failureSummary"].split())
