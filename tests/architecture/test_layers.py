"""The import contracts speak of the files that are on disk, module by module: none is left out, none is gone."""

import tomllib
from pathlib import Path
from typing import Any

import pytest

PROJECT = Path(__file__).resolve().parent.parent.parent
LINTER: dict[str, Any] = tomllib.loads((PROJECT / "pyproject.toml").read_text())["tool"]["importlinter"]
CONTRACTS = {contract["name"]: contract for contract in LINTER["contracts"]}
EDGES = {"admin", "api", "consumers", "gate", "management", "reading_urls", "rest", "routing", "tasks", "ticks", "urls"}
CORE = {"workflows.routing", "workflows.tasks"}  # where papers go, and what people are asked: no routes, no Celery
OTHERS = {"bench", "tests", "bin", "docs", "static", "templates"}  # not part of the gateway's Python


def apps() -> list[str]:
    """The packages at the top of the project that are part of the gateway."""
    found = {init.parent.name for init in PROJECT.glob("*/__init__.py")}
    return sorted(found - OTHERS)


def modules(app: str) -> set[str]:
    """The modules and packages right below an app, dotted."""
    folder = PROJECT / app
    found = {file.stem for file in folder.glob("*.py") if file.stem != "__init__"}
    found |= {init.parent.name for init in folder.glob("*/__init__.py")} - {"migrations"}
    return {f"{app}.{name}" for name in found}


def edges_of(app: str) -> dict[str, Any]:
    return CONTRACTS[f"The core of {app} does not know its edges"]


def test_the_layers_are_the_packages_on_disk():
    layers = CONTRACTS["Imports point down only"]["layers"]
    assert sorted(layers) == apps()
    assert sorted(LINTER["root_packages"]) == apps()


def test_the_layers_stand_in_the_order_of_the_design():
    assert CONTRACTS["Imports point down only"]["layers"] == [
        "kmrl",
        "workflows",
        "documents",
        "jobs",
        "realtime",
        "accounts",
    ]


@pytest.mark.parametrize("app", [app for app in apps() if app != "kmrl"])
def test_every_module_is_core_or_edge(app):
    contract = edges_of(app)
    core, edges = set(contract["source_modules"]), set(contract["forbidden_modules"])
    assert core & edges == set()
    assert core | edges == modules(app)
    assert all(name.split(".")[1] in EDGES for name in edges)
    assert {name for name in core if name.split(".")[1] in EDGES} <= CORE


@pytest.mark.parametrize("app", apps())
def test_no_modules_of_an_app_stand_in_a_circle(app):
    assert app in CONTRACTS["Modules of an app stand in no circle"]["ancestors"]


def test_what_runs_in_the_sandbox_knows_nothing_of_the_gateway():
    contract = CONTRACTS["What runs in the sandbox knows nothing of the gateway"]
    assert set(contract["source_modules"]) == {"documents.extraction", "jobs.child"}
    assert {"django", "accounts", "realtime", "documents.models", "jobs.models"} <= set(contract["forbidden_modules"])
