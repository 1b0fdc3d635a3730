"""Migrations that stand in nobody's way.

Who waits for a table's lock stands before everybody who comes after: behind one long report the whole house would wait
with a migration. So none waits long; it asks again a moment later, for some minutes, and says then who is in the way.

A migration that is one transaction is begun again as a whole. Of one that is not (it builds indexes beside the work
that goes on) the statement is asked again; an index that an end in between has left half built is built anew, and one
that is there already stays.
"""

import re
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from django.db import OperationalError
from django.db.backends.base.base import BaseDatabaseWrapper

LOCK_WITHIN = 2.0  # seconds for which others may have to wait behind us
PAUSE = 3.0  # seconds in which they go on
PATIENCE = 300.0  # seconds, all together; a supervisor gives a preparation ten minutes
HELD = {"55P03", "40P01"}  # lock_not_available, deadlock_detected
BESIDE = re.compile(r'(CREATE|DROP) (?:UNIQUE )?INDEX CONCURRENTLY (?:IF (?:NOT )?EXISTS )?"(\w+)"')

Execute = Callable[[Any, Any, bool, dict[str, Any]], Any]


class Held(RuntimeError):
    """Somebody has kept a table in use for as long as we are patient."""


def patiently(connection: BaseDatabaseWrapper, migrate: Callable[[], object], *, patience: float = PATIENCE) -> None:
    """Call `migrate` until it comes through. Raises Held."""
    until = time.monotonic() + patience
    with _short_waits(connection), connection.execute_wrapper(_Statements(connection, until)):
        while True:
            try:
                migrate()
            except OperationalError as error:
                _wait(connection, error, until)
            else:
                return


class _Statements:
    """Asks again for what is outside of any transaction, and lets indexes be built beside the work of others."""

    def __init__(self, connection: BaseDatabaseWrapper, until: float) -> None:
        self._connection, self._until = connection, until

    def __call__(self, execute: Execute, sql: Any, params: Any, many: bool, context: dict[str, Any]) -> Any:
        if self._connection.in_atomic_block:
            return execute(sql, params, many, context)
        if beside := BESIDE.match(str(sql)):
            if beside[1] == "CREATE" and self._is_there(beside[2]):
                return None
            with _patient_statement(self._connection):
                return execute(sql, params, many, context)
        while True:
            try:
                return execute(sql, params, many, context)
            except OperationalError as error:
                _wait(self._connection, error, self._until)

    def _is_there(self, index: str) -> bool:
        """Whole; what was left of one half built is removed."""
        with self._connection.cursor() as cursor:
            cursor.execute("SELECT indisvalid FROM pg_index WHERE indexrelid = to_regclass(%s)", [f'"{index}"'])
            found = cursor.fetchone()
            if found is not None and not found[0]:
                cursor.execute(f'DROP INDEX CONCURRENTLY IF EXISTS "{index}"')
        return found is not None and bool(found[0])


@contextmanager
def _short_waits(connection: BaseDatabaseWrapper) -> Iterator[None]:
    _set(connection, f"{LOCK_WITHIN * 1000:.0f}ms")
    try:
        yield
    finally:
        _set(connection, None)


@contextmanager
def _patient_statement(connection: BaseDatabaseWrapper) -> Iterator[None]:
    """Nobody waits behind this one: it may wait for whoever is at work."""
    _set(connection, "0")
    try:
        yield
    finally:
        _set(connection, f"{LOCK_WITHIN * 1000:.0f}ms")


def _set(connection: BaseDatabaseWrapper, lock_timeout: str | None) -> None:
    with connection.cursor() as cursor:
        cursor.execute("RESET lock_timeout" if lock_timeout is None else f"SET lock_timeout = '{lock_timeout}'")


def _wait(connection: BaseDatabaseWrapper, error: OperationalError, until: float) -> None:
    """Before the next try. Raises Held when there is none, and the error when it is of another kind."""
    if getattr(error.__cause__, "sqlstate", None) not in HELD:
        raise error
    if time.monotonic() > until:
        raise Held(
            "The tables cannot be changed: somebody has kept one of them in use for minutes."
            f" {_longest(connection)} What was done so far stays done. Wait until it has ended, or end it, and start"
            " again."
        ) from error
    print("A table that is to be changed is in use; trying again.", file=sys.stderr, flush=True)
    time.sleep(PAUSE)


def _longest(connection: BaseDatabaseWrapper) -> str:
    """Who has been at work for the longest, without what he asks: that may hold what is nobody's business."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pid, extract(epoch FROM clock_timestamp() - xact_start)::int FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid() AND xact_start IS NOT NULL"
            " ORDER BY xact_start LIMIT 1"
        )
        found = cursor.fetchone()
    return f"The longest at work is PostgreSQL's process {found[0]}, for {found[1]:,} s." if found else ""
