"""How the database is emptied after a test that commits: the tables that it filled, and no others.

Django truncates every table, which makes new files for each of them and their indexes, and then writes its content
types and permissions down again. Most tests fill a handful: looking which, and emptying those, is ten times cheaper.
"""

from functools import cache

from django.apps import apps
from django.db import connection, transaction
from django.test import TransactionTestCase

KEPT = {"django_content_type", "auth_permission", "django_migrations"}  # the same in each test: the migrations' rows
FEW = 10  # tables; where more than so many lean on one, its rows are deleted
NEVER_DELETED = {"accounts_historyentry", "workflows_definitionversion"}  # PostgreSQL refuses; it may be truncated

# By the pages in its file: also where the test has deleted the rows again, so that none is left with dead ones.
WRITTEN_TO = """
SELECT relname FROM pg_class WHERE relnamespace = current_schema()::regnamespace AND relkind = 'r'
AND relname = ANY (%s) AND pg_relation_size(oid) > 0
"""


def empty_what_was_filled() -> None:
    """Empty every table but KEPT; sequences go on, as they do with Django's own way."""
    with transaction.atomic(), connection.cursor() as cursor:
        tables = set(connection.introspection.django_table_names(only_existing=True)) - KEPT
        cursor.execute(WRITTEN_TO, [list(tables)])
        filled = {one for (one,) in cursor.fetchall()}
        name = connection.ops.quote_name
        at_once = {one for one in filled if len(leaning_on(one)) <= FEW or one in NEVER_DELETED}
        truncated: set[str] = set().union(*map(leaning_on, at_once))
        if truncated:
            cursor.execute(f"TRUNCATE {', '.join(map(name, sorted(truncated)))}")
        for one in filled - truncated:
            cursor.execute(f"DELETE FROM {name(one)}")


@cache
def leaning_on(table: str) -> frozenset[str]:
    """That table, those that refer to it, and those that refer to them: they are truncated together or not at all."""
    found: set[str] = set()
    waiting = {table}
    while waiting:
        one = waiting.pop()
        found.add(one)
        waiting |= _referring().get(one, set()) - found
    return frozenset(found)


@cache
def _referring() -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for model in apps.get_models(include_auto_created=True):
        for field in model._meta.local_fields:
            if field.remote_field is not None and getattr(field, "db_constraint", False):
                found.setdefault(field.remote_field.model._meta.db_table, set()).add(model._meta.db_table)
    return found


def instead_of_djangos() -> None:
    """From now on test cases that commit are followed by `empty_what_was_filled`."""
    TransactionTestCase._fixture_teardown = lambda case: empty_what_was_filled()  # type: ignore[method-assign]
