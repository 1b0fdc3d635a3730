"""Run inside a gateway: when two working days from a moment are over, by the calendar of the office."""

from datetime import datetime

import django

django.setup()

from workflows import durations  # noqa: E402 (Django first)
from workflows.calendars import counting, known  # noqa: E402


def main(moment: str) -> None:
    print(counting.add(durations.read("2 working days"), datetime.fromisoformat(moment), known.named()).isoformat())
