"""What a process of the gateway does not load: what it never shows costs each of them time and memory."""

import subprocess
import sys

import pytest

from tests.house.gateways import PROJECT, environment

SHOWN_ONLY = {"kmrl.urls", "kmrl.admin", "documents.admin", "workflows.admin", "unfold.admin", "drf_spectacular.views"}
COMMAND_LINES = {"cel.cli", "rich", "typer", "prompt_toolkit"}


def loaded(tmp_path, script: str) -> set[str]:
    done = subprocess.run(
        [sys.executable, "-c", f"import sys\n{script}\nprint(*sorted(sys.modules))"],
        cwd=PROJECT,
        env=environment(tmp_path, DJANGO_SETTINGS_MODULE="kmrl.settings"),
        capture_output=True,
        text=True,
        check=True,
    )
    return set(done.stdout.splitlines()[-1].split())


@pytest.mark.parametrize("also", ["import kmrl.celery, jobs.tasks, workflows.ticks", "import documents.intake"])
def test_neither_workers_nor_commands_load_pages(tmp_path, also):
    found = loaded(tmp_path, f"import django; django.setup()\n{also}")
    assert "workflows.conditions" in found
    assert not found & (SHOWN_ONLY | COMMAND_LINES)


def test_what_is_loaded_at_the_start_is_never_looked_over_for_garbage(tmp_path):
    script = (
        "import gc, kmrl.settings, django\n"
        "before = gc.get_stats()[2]['collections']\n"
        "django.setup()\n"
        "assert gc.get_stats()[2]['collections'] == before, gc.get_stats()\n"
        "assert gc.isenabled() and gc.get_freeze_count() > 50_000, gc.get_freeze_count()\n"
    )
    assert "workflows.conditions" in loaded(tmp_path, script)


@pytest.mark.parametrize("name", ["ingest", "queue", "tail"])
def test_nor_do_the_commands_that_people_wait_for(tmp_path, name):
    script = (
        "import django; django.setup()\n"
        "from django.core.management import get_commands, load_command_class\n"
        f"command = load_command_class(get_commands()['{name}'], '{name}')\n"
        "command.requires_system_checks and command.check()"
    )
    assert not loaded(tmp_path, script) & (SHOWN_ONLY | COMMAND_LINES)


def test_the_web_server_loads_the_administration(tmp_path):
    assert loaded(tmp_path, "import kmrl.asgi, kmrl.urls") >= SHOWN_ONLY - {"drf_spectacular.views"}


def test_the_command_line_of_cel_is_there_for_who_asks_for_it(tmp_path):
    found = loaded(tmp_path, "import workflows.expressions.library as ours, cel.cli\nassert ours.cel.compile('1 + 1')")
    assert "cel.cli" in found
