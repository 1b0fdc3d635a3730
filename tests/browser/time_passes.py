"""Run inside a gateway: what was due by these moments happens, one after the other."""

from datetime import datetime

import django

django.setup()

from workflows import timers  # noqa: E402 (Django first)


def main(*moments: str) -> None:
    for moment in moments:
        while timers.sweep(now=datetime.fromisoformat(moment), seconds=10):
            pass
