"""Inside an instance: commits events, each carrying the moment (CLOCK_MONOTONIC, ns) before its commit.

First it prints one JSON object: the tokens of a listener and of a second person. Then each line on stdin is told,
`COUNT SECONDS PAD WHOM`: COUNT events, SECONDS apart, with PAD more characters, to `all` or to the `second` person.
"""

import json
import sys
import time

import django

django.setup()

from django.db import transaction  # noqa: E402 (Django first)
from rest_framework_simplejwt.tokens import AccessToken  # noqa: E402

from accounts.models import User  # noqa: E402
from realtime import audiences, events  # noqa: E402
from realtime.catalogue import SystemAlert  # noqa: E402


def main() -> None:
    people = [User.objects.get_or_create(username=f"bench-{name}")[0] for name in ("listener", "second")]
    tokens = [str(AccessToken.for_user(person)) for person in people]
    print(json.dumps({"listener": tokens[0], "second": tokens[1]}), flush=True)
    for line in sys.stdin:
        count, between, pad, whom = line.split()
        to = audiences.SYSTEM if whom == "all" else audiences.user(people[1].pk)
        tell(int(count), float(between), "x" * int(pad), to)
        print("TOLD", flush=True)


def tell(count: int, between: float, pad: str, to: str) -> None:
    for _ in range(count):
        with transaction.atomic():
            alert = SystemAlert(code="bench", level="info", detail=f"t={time.monotonic_ns()}", subject=pad)
            events.tell(alert, to=[to])
        if between:
            time.sleep(between)


if __name__ == "__main__":
    main()
