"""Run inside a gateway: writes jobs as they are after something that a test cannot wait for, and prints their ids.

`python -m tests.browser.rows dead 2 DOCUMENT` gives two dead jobs that index a document, `old 1 DOCUMENT` one that was
done forty days ago.
"""

import sys
from datetime import timedelta

import django

django.setup()

from django.utils import timezone  # noqa: E402 (Django first)

from jobs.models import Job  # noqa: E402

LOG = "Traceback (most recent call last):\nValueError: page 14 has no media box"


def main(state: str, number: str, document: str) -> None:
    ago = timezone.now() - (timedelta(days=40) if state == "old" else timedelta(minutes=5))
    failures = [
        {
            "attempt": n,
            "at": ago.isoformat(),
            "worker": "depot:7:1",
            "code": "crashed",
            "detail": "Signal 11.",
            "log": LOG,
        }
        for n in (1, 2, 3)
    ]
    fields = {
        "kind": "document.index",
        "queue": "default",
        "created_at": ago,
        "finished_at": ago,
        "attempt": 3,
        "fence": 3,
    }
    if state == "dead":
        fields |= {"state": "dead", "error_code": "crashed", "error_detail": "Signal 11.", "failures": failures}
    else:
        fields |= {"state": "succeeded", "percent": 100, "took_ms": 12}
    for _ in range(int(number)):
        print(Job.objects.create(subject_kind="document", subject_id=document, **fields).pk)


if __name__ == "__main__":
    main(*sys.argv[1:])
