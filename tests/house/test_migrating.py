"""Migrations do not hold up those who work, and end with a sentence where they are held up."""

from collections.abc import Iterator

import psycopg
import pytest
from django.core.management import CommandError, call_command
from django.core.management.commands import migrate as django_migrate
from django.db import IntegrityError, connection, transaction

from kmrl import migrating
from kmrl.management.commands import migrate
from kmrl.supervision.supervisor import TOLD

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def hurried(monkeypatch) -> None:
    monkeypatch.setattr(migrating, "LOCK_WITHIN", 0.05)
    monkeypatch.setattr(migrating, "PAUSE", 0.0)


@pytest.fixture
def scratch() -> Iterator[None]:
    """A table that no model has."""
    run("DROP TABLE IF EXISTS scratch")
    run("CREATE TABLE scratch (n int)")
    yield
    run("DROP TABLE scratch")


@pytest.fixture
def report(scratch) -> Iterator[psycopg.Connection]:
    """Somebody who reads the table in a transaction that is open."""
    with psycopg.connect(**connection.get_connection_params()) as other:
        other.execute("SELECT * FROM scratch")
        yield other


def run(sql: str) -> list:
    with connection.cursor() as cursor:
        cursor.execute(sql)
        return cursor.fetchall() if cursor.description else []


def columns() -> list[str]:
    return [
        name for (name,) in run("SELECT attname FROM pg_attribute WHERE attrelid = 'scratch'::regclass AND attnum > 0")
    ]


def indexes() -> dict[str, bool]:
    return dict(run("SELECT indexrelid::regclass::text, indisvalid FROM pg_index WHERE indrelid = 'scratch'::regclass"))


def lock_timeout() -> str:
    return run("SHOW lock_timeout")[0][0]


def ends_at_the_first_try(monkeypatch, report: psycopg.Connection) -> list[float]:
    """The report ends while we pause; the pauses."""
    pauses: list[float] = []

    def sleep(seconds: float) -> None:
        pauses.append(seconds)
        report.rollback()

    monkeypatch.setattr(migrating.time, "sleep", sleep)
    return pauses


def test_a_migration_that_is_one_transaction_is_begun_again(report, monkeypatch):
    pauses, begun = ends_at_the_first_try(monkeypatch, report), []

    def change() -> None:
        begun.append(lock_timeout())
        with transaction.atomic():
            run("CREATE INDEX scratch_n ON scratch (n)")
            run("ALTER TABLE scratch ADD COLUMN more int")

    migrating.patiently(connection, change)
    assert (begun, len(pauses)) == (["50ms", "50ms"], 1)
    assert columns() == ["n", "more"] and indexes() == {"scratch_n": True}
    assert lock_timeout() == "0"


def test_who_reads_meanwhile_waits_for_a_moment_at_most(report, monkeypatch):
    """Behind a migration that waited, he would wait until the report has ended."""

    def sleep(_: float) -> None:
        with psycopg.connect(**connection.get_connection_params()) as reader:
            reader.execute("SET lock_timeout = '5s'")
            assert reader.execute("SELECT count(*) FROM scratch").fetchone() == (0,)
        report.rollback()

    monkeypatch.setattr(migrating.time, "sleep", sleep)
    migrating.patiently(connection, lambda: run("ALTER TABLE scratch ADD COLUMN more int"))
    assert columns() == ["n", "more"]


def test_of_a_migration_without_a_transaction_the_statement_is_asked_again(report, monkeypatch):
    pauses, begun = ends_at_the_first_try(monkeypatch, report), []

    def change() -> None:
        begun.append(1)
        run("ALTER TABLE scratch ADD COLUMN more int")

    migrating.patiently(connection, change)
    assert (begun, len(pauses), columns()) == ([1], 1, ["n", "more"])


@pytest.mark.parametrize("whole", [True, False])
def test_it_ends_with_who_is_in_the_way(report, whole):
    def change() -> None:
        if whole:
            with transaction.atomic():
                run("ALTER TABLE scratch ADD COLUMN more int")
        else:
            run("ALTER TABLE scratch ADD COLUMN more int")

    with pytest.raises(migrating.Held, match=f"process {report.info.backend_pid}, for") as told:
        migrating.patiently(connection, change, patience=-1)
    assert "\n" not in str(told.value)
    report.rollback()
    assert columns() == ["n"] and lock_timeout() == "0"


def test_other_errors_go_on_as_they_are(scratch):
    with pytest.raises(Exception, match="nothing_there"):
        migrating.patiently(connection, lambda: run("ALTER TABLE nothing_there ADD COLUMN more int"))
    assert lock_timeout() == "0"


@pytest.mark.parametrize("left", ["nothing", "half", "whole"])
def test_an_index_that_was_left_half_built_is_built_anew_and_a_whole_one_stays(scratch, left):
    if left != "nothing":
        run("CREATE INDEX scratch_n ON scratch (n)")
    if left == "half":
        run("DROP INDEX scratch_n")
        run("INSERT INTO scratch VALUES (1), (1)")
        with pytest.raises(IntegrityError):
            run("CREATE UNIQUE INDEX CONCURRENTLY scratch_n ON scratch (n)")
        assert indexes() == {"scratch_n": False}
    before = run("SELECT to_regclass('scratch_n')::oid")
    migrating.patiently(connection, lambda: run('CREATE INDEX CONCURRENTLY "scratch_n" ON "scratch" ("n")'))
    assert indexes() == {"scratch_n": True}
    assert (run("SELECT to_regclass('scratch_n')::oid") == before) is (left == "whole")
    migrating.patiently(connection, lambda: run('DROP INDEX CONCURRENTLY IF EXISTS "scratch_n"'))
    assert indexes() == {}


def test_an_index_is_built_beside_a_report_however_long_it_takes(report, monkeypatch):
    seen = []
    show = migrating._patient_statement

    @migrating.contextmanager
    def watched(given):
        with show(given):
            seen.append(lock_timeout())
            report.rollback()  # it would wait for it
            yield

    monkeypatch.setattr(migrating, "_patient_statement", watched)
    migrating.patiently(connection, lambda: run('CREATE INDEX CONCURRENTLY "scratch_n" ON "scratch" ("n")'))
    assert (seen, indexes()) == (["0"], {"scratch_n": True})


def test_the_command_tells_it_in_a_sentence_and_with_the_code_of_one(monkeypatch):
    def never(*_: object, **__: object) -> None:
        raise migrating.Held("Somebody has it.")

    monkeypatch.setattr(migrate.migrating, "patiently", never)
    with pytest.raises(CommandError, match=r"Somebody has it\.") as told:
        call_command("migrate", verbosity=0, interactive=False)
    assert told.value.returncode == TOLD
    assert issubclass(migrate.Command, django_migrate.Command)
