"""Run inside a gateway: does what tests ask for, one line of JSON after the other, so that Django is loaded once.

Each line is `["tests.browser.rows", "dead", "2", …]`, a module here and what its `main` is given, or `["manage", …]`, a
management command. The answer is a line too: what was printed, or the error.
"""

import contextlib
import importlib
import io
import json
import sys
import traceback

import django

django.setup()

from django.core.management import call_command  # noqa: E402 (Django first)
from django.db import close_old_connections  # noqa: E402


def do(what: str, *arguments: str) -> str:
    said = io.StringIO()
    with contextlib.redirect_stdout(said):
        if what == "manage":
            call_command(*arguments, stdout=said)
        else:
            importlib.import_module(what).main(*arguments)
    return said.getvalue()


def main() -> None:
    for line in sys.stdin:
        close_old_connections()
        try:
            answer = {"said": do(*json.loads(line))}
        except Exception:  # noqa: BLE001 (told to who asked)
            answer = {"error": traceback.format_exc()}
        print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    main()
