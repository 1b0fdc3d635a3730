"""Inside an instance: commits events one by one, each carrying the moment (CLOCK_MONOTONIC, ns) before its commit.

python -m bench.teller COUNT SECONDS_BETWEEN
"""

import sys
import time

import django

django.setup()

from django.db import transaction  # noqa: E402 (Django first)

from realtime import audiences, events  # noqa: E402
from realtime.catalogue import SystemAlert  # noqa: E402


def main(count: int, between: float) -> None:
    for _ in range(count):
        with transaction.atomic():
            alert = SystemAlert(code="bench", level="info", detail=f"t={time.monotonic_ns()}")
            events.tell(alert, to=[audiences.SYSTEM])
        time.sleep(between)


if __name__ == "__main__":
    main(int(sys.argv[1]), float(sys.argv[2]))
