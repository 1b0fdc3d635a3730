"""Forks a worker for each line it reads, with Django ready: `python -m tests.workflows.running.mother`.

It prints the worker's pid. A worker drains the queue until it is killed, or for twenty seconds.
"""

import os
import sys
import time

import django

django.setup()

from jobs import presence, running  # noqa: E402 (models exist only now)

LONGEST = 20.0


def work(number: int) -> None:
    presence.mine().id = f"child:{os.getpid()}:{number}"
    until = time.monotonic() + LONGEST
    while time.monotonic() < until:
        if not running.drain("low"):
            time.sleep(0.002)


def main() -> None:
    for number, _ in enumerate(sys.stdin):
        pid = os.fork()
        if not pid:
            try:
                work(number)
            finally:
                os._exit(0)
        print(pid, flush=True)


if __name__ == "__main__":
    main()
