from typing import Any

from django.core.management.base import BaseCommand
from django.db import connection

from kmrl import first_schema


class Command(BaseCommand):
    help = "Write kmrl/first_schema.sql anew, after a migration was added. Makes and removes a test database."

    def handle(self, *args: Any, **options: Any) -> None:
        usual = connection.settings_dict["NAME"]
        connection.creation.create_test_db(verbosity=0, autoclobber=True, serialize=False)
        try:
            first_schema.FILE.write_text(first_schema.text())
        finally:
            connection.creation.destroy_test_db(usual, verbosity=0)
        self.stdout.write(f"Written: {first_schema.FILE}")
