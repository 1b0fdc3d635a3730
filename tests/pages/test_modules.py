"""The head of a page asks for exactly the scripts that its imports lead to."""

import re
from pathlib import Path

import pytest
from django.conf import settings
from django.template.loader import get_template

from kmrl.pages import modules

STATIC = Path(settings.BASE_DIR) / "static"
ALWAYS = re.compile(r"^import .*?from '\./([\w-]+\.js)'", re.MULTILINE)
WHERE = re.compile(r"^if \((.+?)\) \(await import\('\./([\w-]+\.js)'\)\)|^  import\('\./([\w-]+\.js)'\)", re.MULTILINE)
SHEETS, VIEWER = "data-sheets", "parts/viewer.html"


def leads_to(script: str) -> set[str]:
    found = {script}
    for name in ALWAYS.findall((STATIC / script).read_text()):
        found |= leads_to(name)
    return found


def of_page(template: str) -> set[str]:
    text = (Path(settings.BASE_DIR) / "templates" / template).read_text()
    named = re.search(r'data-page="([\w-]+)"', text)
    page = named.group(1) if named else ""
    found = leads_to("app.js") - {"app.js"}
    for condition, script, charts in WHERE.findall((STATIC / "app.js").read_text()):
        if charts and page == "home":
            found |= leads_to(charts)
        if script and (f"page === '{page}'" in condition or (SHEETS in condition and VIEWER in text)):
            found |= leads_to(script)
    return found


@pytest.mark.parametrize("template", [*modules.OF_PAGES, "notifications/list.html", "documents/search.html"])
def test_a_page_asks_for_what_its_imports_lead_to(template: str) -> None:
    get_template(template)
    assert set(modules.of(template)) == of_page(template)
