"""What docs/architecture.md calls by name exists under that name."""

import importlib
import re
from pathlib import Path

import pytest

DOCS = Path(__file__).resolve().parent.parent.parent / "docs"
APPS = "kmrl|accounts|realtime|jobs|documents|workflows"
DOTTED = re.compile(rf"`((?:{APPS})(?:\.[A-Za-z_][A-Za-z0-9_]*)+)`")
FILES = re.compile(rf"`((?:{APPS}|tests|static|templates|bin|bench|docs)/[A-Za-z0-9_./-]*)`")

PAGES = sorted([DOCS / "architecture.md", *DOCS.glob("decisions/*.md")])


def resolve(dotted: str) -> object:
    """The module, class, function or attribute of that name. Raises ImportError, AttributeError."""
    parts = dotted.split(".")
    for length in range(len(parts), 0, -1):
        try:
            found: object = importlib.import_module(".".join(parts[:length]))
        except ModuleNotFoundError:
            continue
        for name in parts[length:]:
            found = _member(found, name)
        return found
    raise ImportError(dotted)


def _member(owner: object, name: str) -> object:
    """An attribute, or a dataclass field without a default."""
    if name in getattr(owner, "__dataclass_fields__", {}):
        return owner.__dataclass_fields__[name]
    return getattr(owner, name)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_dotted_name_exists(page):
    wrong = []
    for name in sorted(set(DOTTED.findall(page.read_text()))):
        try:
            resolve(name)
        except (ImportError, AttributeError) as problem:
            wrong.append(f"{name}: {problem}")
    assert wrong == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_path_exists(page):
    paths = sorted(set(FILES.findall(page.read_text())))
    assert [path for path in paths if not (DOCS.parent / path).exists()] == []


def test_the_walk_names_every_app():
    walk = (DOCS / "architecture.md").read_text()
    assert {name.split(".")[0] for name in DOTTED.findall(walk)} >= {
        "kmrl",
        "accounts",
        "realtime",
        "jobs",
        "documents",
        "workflows",
    }


def test_decisions_have_a_number_of_their_own_and_a_heading():
    pages = sorted(DOCS.glob("decisions/*.md"))
    numbers = [page.name[:4] for page in pages]
    assert len(set(numbers)) == len(numbers)
    assert [page.name for page in pages if not page.read_text().startswith("# ")] == []
