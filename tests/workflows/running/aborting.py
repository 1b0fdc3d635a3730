"""Breaking off at the n-th statement, through whichever door it goes to PostgreSQL; and what the tables hold."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.apps import apps
from django.db import connection

from accounts import prepared
from accounts.models import HistoryEntry
from jobs.models import Job
from realtime.models import Event, Notice

NOT_OURS = ("SAVEPOINT", "RELEASE SAVEPOINT", "ROLLBACK TO SAVEPOINT")


class Aborted(Exception):
    """The statement did not come through."""


@contextmanager
def aborting_at(number: int) -> Iterator[list[int]]:
    """The statement of that number (from 1) is not carried out but raises; the list holds how many were asked for."""
    asked = [0]

    def count() -> None:
        asked[0] += 1
        if asked[0] == number:
            raise Aborted

    def wrapped(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        if not str(sql).startswith(NOT_OURS):
            count()
        return execute(sql, params, many, context)

    real = prepared._cursor

    def cursor(sql: str, params: Any) -> Any:
        count()
        return real(sql, params)

    prepared._cursor = cursor
    try:
        with connection.execute_wrapper(wrapped):
            yield asked
    finally:
        prepared._cursor = real


def everything() -> dict[str, list[dict[str, Any]]]:
    """What the tables hold that a move may write."""
    models = [*apps.get_app_config("workflows").get_models(), HistoryEntry, Job, Event, Notice]
    return {model.__name__: list(model._default_manager.order_by("pk").values()) for model in models}
