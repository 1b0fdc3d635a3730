"""What a process of the gateway does not load: what it never shows costs each of them time and memory."""

import subprocess
import sys

import pytest

from tests.house.gateways import PROJECT, environment

SHOWN_ONLY = {"kmrl.urls", "kmrl.admin", "documents.admin", "workflows.admin", "unfold.admin", "drf_spectacular.views"}
FOR_BUCKETS = {"botocore", "boto3", "storages", "urllib3.contrib.pyopenssl", "OpenSSL"}
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
    assert not found & (SHOWN_ONLY | COMMAND_LINES | FOR_BUCKETS)


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


def test_the_settings_are_read_without_what_only_some_processes_need(tmp_path):
    """The supervisor reads them before it starts anything: everybody waits for that."""
    found = loaded(tmp_path, "import kmrl.settings")
    assert not found & {
        "psycopg",
        "asyncio",
        "django.db",
        "django.http",
        "django.urls",
        "whitenoise",
        "kmrl.admin_look",
    }
    assert len(found) < 180  # 505 with those


def test_they_are_whole_for_who_needs_that(tmp_path):
    script = (
        "from django.conf import settings\n"
        "from unfold.settings import get_config\n"
        "assert get_config()['SIDEBAR']['navigation'] and get_config()['COLORS']['primary']['600'] == '#007d74'\n"
        "assert {'map', 'png', 'gz'} <= set(settings.WHITENOISE_SKIP_COMPRESS_EXTENSIONS)\n"
    )
    assert {"kmrl.admin_look", "whitenoise.compress"} <= loaded(tmp_path, f"import django; django.setup()\n{script}")


def test_the_supervisor_loads_little(tmp_path):
    found = loaded(tmp_path, "import kmrl.supervision.__main__")
    assert not found & {"django", "http.client", "email", "asyncio", "ssl", "psycopg"}
    assert len(found) < 190


def test_what_becomes_the_supervisor_does_not_load_django_first(tmp_path):
    done = subprocess.run(
        [sys.executable, "-X", "importtime", PROJECT / "manage.py", "up"],
        cwd=tmp_path,
        env=environment(tmp_path / "data", KMRL_PORT="eighty"),
        capture_output=True,
        text=True,
    )
    assert done.returncode == 1
    assert done.stderr.endswith("KMRL_PORT is 'eighty'; write a whole number, such as 8000.\n")
    assert "import time:" in done.stderr and "django" not in done.stderr


def test_the_web_server_loads_everything_before_it_is_forked_and_runs_nothing(tmp_path):
    """A thread, a connection or a drawn number would be lost or shared with the processes that come of it."""
    script = (
        "import os, threading\n"
        "from kmrl import loading\n"
        "before = os.listdir('/proc/self/fd') if os.path.exists('/proc/self/fd') else []\n"
        "loading.everything()\n"
        "assert threading.active_count() == 1, threading.enumerate()\n"
        "assert not before or len(os.listdir('/proc/self/fd')) == len(before)\n"
        "assert 'kmrl.asgi' not in sys.modules\n"
        "from django.db import connection\n"
        "assert connection.connection is None and not connection._connection_pools\n"
        "loaded = set(sys.modules)\n"
        "import kmrl.asgi\n"
        "assert len(sys.modules.keys() - loaded) < 10, sys.modules.keys() - loaded\n"
    )
    found = loaded(tmp_path, script)
    assert found >= SHOWN_ONLY - {"drf_spectacular.views"}
    assert not found & FOR_BUCKETS
