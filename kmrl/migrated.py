"""Migrations, with a quick answer where there are none to run.

To find out that nothing is to be done, Django's `migrate` loads every migration, lays out the graph of them all and
looks for every permission: half a second of each start. A note on the table in which Django records them says for
which migrations all of that was done; it is written last, so that what was cut short is done again.
"""

import hashlib
import importlib.util
import pkgutil

import django
from django.apps import apps
from django.core.management import call_command
from django.db import ProgrammingError, connection, transaction
from django.db.migrations.loader import MigrationLoader

RECORD = "django_migrations"


def migrate() -> bool:
    """Run what migrations are missing; whether anybody had to look closer."""
    if _is_noted():
        return False
    call_command("migrate", interactive=False, verbosity=0)
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(noting())
    except ProgrammingError:  # the tables belong to somebody else: then it takes its time at each start
        pass
    return True


def noting() -> str:
    """The statement that notes what is on disk now as done."""
    return f"COMMENT ON TABLE {RECORD} IS '{_digest()}'"


def _is_noted() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT obj_description(to_regclass(%s), 'pg_class')", [RECORD])
        if cursor.fetchone()[0] != _digest():
            return False
        cursor.execute(f"SELECT app, name FROM {RECORD}")  # noqa: S608 (constant)
        return _on_disk() <= set(cursor.fetchall())


def _digest() -> str:
    """Of all migrations by name, and of the Django that makes permissions of what they say."""
    found = "\n".join([django.get_version(), *(f"{app}.{name}" for app, name in sorted(_on_disk()))])
    return hashlib.sha256(found.encode()).hexdigest()


def _on_disk() -> set[tuple[str, str]]:
    """App and name of each migration, none of them loaded."""
    found = set()
    for app in apps.get_app_configs():
        module, _ = MigrationLoader.migrations_module(app.label)
        spec = importlib.util.find_spec(module) if module else None
        for _, name, is_package in pkgutil.iter_modules(spec.submodule_search_locations if spec else []):
            if not is_package and name[0] not in "_~":
                found.add((app.label, name))
    return found
