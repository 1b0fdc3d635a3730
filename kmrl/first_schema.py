"""The tables of an empty database in one go: what all migrations come to, written down as SQL in `first_schema.sql`.

Running every migration one after the other takes Django about two seconds, this a sixth of one; only a new gateway's
first start has use for it. `migrated.migrate` looks afterwards as ever: an old file costs time and nothing else.
`manage.py first_schema` writes the file anew after a migration was added (a test tells).
"""

import logging
import re
import subprocess
from pathlib import Path
from typing import Any

from django.db import DatabaseError, connection, transaction
from django.db.migrations.recorder import MigrationRecorder

from kmrl import migrated
from kmrl.embedded import postgres

logger = logging.getLogger(__name__)

FILE = Path(__file__).with_name("first_schema.sql")
HEAD = (
    "-- What all migrations come to, for an empty database. Written by `manage.py first_schema`; do not edit.\n"
    "SET LOCAL check_function_bodies = false;\nSET LOCAL search_path = '';\n"
)
UNSAID = re.compile(
    r"--.*|\\.*|SET \w+ = [^;]*;|SELECT pg_catalog\.set_config\(.*"
    r"|SELECT pg_catalog\.setval\('[^']+', 1, false\);"  # as a new sequence stands anyway
)
DUMP = ("--no-owner", "--no-privileges", "--no-comments", "--inserts", "--rows-per-insert=500")


def lay(file: Path = FILE) -> bool:
    """Make the tables where the database has none; whether that was done. What fails leaves nothing behind."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_schema() = 'public'")
        if not cursor.fetchone()[0] or connection.introspection.table_names(cursor):
            return False
        try:
            with transaction.atomic():
                cursor.execute(file.read_text())
        except DatabaseError as error:  # a server that does not know one of its words
            logger.warning("The tables are made by one migration after the other, for: %s", str(error).splitlines()[0])
            return False
    return True


def text() -> str:
    """The file for the database that Django is connected to: freshly migrated, holding nothing else."""
    lines = [line for line in dumped(*DUMP, f"--exclude-table-data={migrated.RECORD}").splitlines() if line.strip()]
    kept = [line for line in lines if not UNSAID.fullmatch(line)]
    applied = MigrationRecorder(connection).migration_qs.order_by("pk").values_list("app", "name")
    rows = ",\n".join(f"('{app}', '{name}', now())" for app, name in applied)
    record = f"INSERT INTO public.{migrated.RECORD} (app, name, applied) VALUES\n{rows};"
    noted = migrated.noting().replace(migrated.RECORD, f"public.{migrated.RECORD}")
    return HEAD + "\n".join([*kept, record, f"{noted};"]) + "\n"


def dumped(*options: str) -> str:
    """What PostgreSQL's own `pg_dump` says of the connected database."""
    return subprocess.run(
        [postgres.program("pg_dump"), *options, "--dbname", _address()], check=True, capture_output=True, text=True
    ).stdout


def _address() -> str:
    told: dict[str, Any] = connection.get_connection_params()
    known = {"dbname": "dbname", "user": "user", "password": "password", "host": "host", "port": "port"}
    return " ".join(f"{word}='{told[name]}'" for name, word in known.items() if told.get(name))
