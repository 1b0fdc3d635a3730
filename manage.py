#!/usr/bin/env python
"""Django's command line for KMRL Gateway."""

import os
import sys
from pathlib import Path

from kmrl import environment as env


def main() -> None:
    """`up` alone becomes the supervisor at once: it has no use for Django, which takes a second to load."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "kmrl.settings")
    if sys.argv[1:] == ["up"]:
        os.chdir(Path(__file__).resolve().parent)
        os.execv(sys.executable, [sys.executable, "-m", "kmrl.supervision"])  # noqa: S606
    from django.core.management import execute_from_command_line  # noqa: PLC0415 (see above)

    with env.told():
        execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
