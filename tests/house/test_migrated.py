"""Migrations are looked at closely only where there may be some to run."""

import pytest
from django.db import connection
from django.db.migrations.loader import MigrationLoader

from kmrl import first_schema, migrated

pytestmark = pytest.mark.django_db


@pytest.fixture
def ran(monkeypatch) -> list[str]:
    """The commands that were called."""
    found: list[str] = []
    monkeypatch.setattr(migrated, "call_command", lambda name, **_: found.append(name))
    return found


def do(statement: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement)


def test_what_is_noted_as_done_is_not_looked_at_again(ran):
    do(f"COMMENT ON TABLE {migrated.RECORD} IS NULL")
    assert migrated.migrate() is True
    assert migrated.migrate() is False
    assert ran == ["migrate"]


@pytest.mark.parametrize(
    "change",
    [
        "DELETE FROM django_migrations WHERE app = 'jobs' AND name LIKE '0001%'",
        "COMMENT ON TABLE django_migrations IS 'another list'",
        "COMMENT ON TABLE django_migrations IS NULL",
        "ALTER TABLE django_migrations RENAME TO away",
    ],
)
def test_whatever_is_not_as_it_was_noted_is_looked_at(ran, change):
    do(migrated.noting())
    assert migrated.migrate() is False
    do(change)
    try:
        migrated.migrate()
    finally:
        assert ran == ["migrate"]


def test_a_new_migration_or_another_django_is_looked_at(ran, monkeypatch):
    do(migrated.noting())
    monkeypatch.setattr(migrated.django, "get_version", lambda: "7.0")
    assert migrated.migrate() is True
    monkeypatch.undo()
    monkeypatch.setattr(migrated, "call_command", lambda name, **_: ran.append(name))
    before = migrated._on_disk()
    monkeypatch.setattr(migrated, "_on_disk", lambda: before | {("jobs", "0999_new")})
    assert migrated.migrate() is True
    assert ran == ["migrate", "migrate"]


def test_what_was_cut_short_is_not_noted(monkeypatch):
    def stops(name: str, **_: object) -> None:
        raise KeyboardInterrupt

    do(f"COMMENT ON TABLE {migrated.RECORD} IS NULL")
    monkeypatch.setattr(migrated, "call_command", stops)
    with pytest.raises(KeyboardInterrupt):
        migrated.migrate()
    assert not migrated._is_noted()


def test_the_list_is_that_of_django():
    assert migrated._on_disk() == set(MigrationLoader(connection).disk_migrations)


def test_a_database_laid_in_one_go_is_noted():
    """The file's last word holds for today's migrations: else each first start would run `migrate` once more."""
    assert (
        first_schema.FILE.read_text().splitlines()[-1] == migrated.noting().replace(" django", " public.django") + ";"
    )
