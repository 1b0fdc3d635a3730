"""The short way to an empty database's tables."""

import json
import os
import subprocess
import sys
import uuid
from collections.abc import Iterator

import psycopg
import pytest
from django.db import connection

from kmrl import first_schema
from tests.house.gateways import PROJECT

NEW = """
import json, sys, django
django.setup()
from pathlib import Path
from django.db import connection
from kmrl import first_schema
laid = [first_schema.lay(Path(file)) for file in sys.argv[1:]]
print(json.dumps([laid, len(connection.introspection.table_names())]))
"""

TEXT = """
import django
django.setup()
from kmrl import first_schema
print(first_schema.text())
"""


@pytest.fixture
def empty(django_db_setup, django_db_blocker) -> Iterator[dict[str, str]]:
    """The environment of a command that finds a new, empty database."""
    name = f"kmrl_empty_{uuid.uuid4().hex[:8]}"
    with django_db_blocker.unblock():
        told = connection.get_connection_params()
    options = {word: told[word] for word in ("user", "password", "host", "port") if told.get(word)}
    with psycopg.connect(dbname="postgres", autocommit=True, **options) as server:
        server.execute(f"CREATE DATABASE {name}".encode())
        address = f"postgresql://{told.get('user', '')}:{told.get('password') or ''}@/{name}?host={told.get('host')}"
        address += f"&port={told['port']}" if told.get("port") else ""
        yield {**os.environ, "DATABASE_URL": address, "DJANGO_SETTINGS_MODULE": "kmrl.settings"}
        server.execute(f"DROP DATABASE {name}".encode())  # without FORCE, which an autovacuum may refuse us


def run(environment: dict[str, str], *command: str) -> str:
    done = subprocess.run([sys.executable, *command], cwd=PROJECT, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def test_the_file_is_what_the_migrations_come_to(empty):
    run(empty, "manage.py", "migrate")
    fresh = run(empty, "-c", TEXT)
    assert first_schema.FILE.read_text().strip() == fresh, "a migration was added: run manage.py first_schema"


def test_nothing_is_left_for_the_migrations_to_do(empty):
    laid, tables = json.loads(run(empty, "-c", NEW, str(first_schema.FILE)))
    assert laid == [True]
    assert tables > 30
    run(empty, "manage.py", "migrate", "--check")


def test_what_a_server_does_not_understand_leaves_nothing_and_no_table_is_touched(empty, tmp_path):
    (tmp_path / "strange.sql").write_text("CREATE TABLE public.one (id int); CREATE NONSENSE;")
    (tmp_path / "one.sql").write_text("CREATE TABLE public.one (id int);")
    said = run(empty, "-c", NEW, *(str(tmp_path / name) for name in ("strange.sql", "one.sql", "one.sql")))
    assert said == "[[false, true, false], 1]"
