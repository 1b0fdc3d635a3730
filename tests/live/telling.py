"""Inside a private gateway: people with keys, and a writer that commits events for random audiences until told to stop.

`python -m tests.live.telling SEED` prints the people as one JSON object (name: key, and the audience keys that are
theirs), then writes; when its stdin closes it prints how many events were surely committed.
"""

import json
import random
import sys
import threading
import time

import django

django.setup()

from django.db import Error, connection, transaction  # noqa: E402 (Django first)

from accounts import api_keys  # noqa: E402
from accounts.models import Department, HouseRole, Membership, User  # noqa: E402
from realtime import audiences, events  # noqa: E402
from realtime.catalogue import DocumentProgress, SystemAlert  # noqa: E402

CODE = "recovery"


def people() -> dict[str, dict]:
    """Of two departments, of both, of neither, and those who see the whole house."""
    north, south = (Department.objects.get_or_create(key=key, defaults={"name": key})[0] for key in ("north", "south"))
    made = {
        "north": ([north], ""),
        "south": ([south], ""),
        "both": ([north, south], ""),
        "nobody": ([], ""),
        "auditor": ([], HouseRole.AUDITOR),
        "administrator": ([], HouseRole.ADMINISTRATOR),
    }
    return {name: _person(name, *where) for name, where in made.items()}


def _person(name: str, departments: list[Department], house: str) -> dict:
    user, _ = User.objects.get_or_create(username=f"hears-{name}", defaults={"house_role": house})
    for department in departments:
        Membership.objects.get_or_create(user=user, department=department)
    own = {audiences.user(user.pk), audiences.SYSTEM, *(audiences.department(one.pk) for one in departments)}
    own |= {HouseRole.AUDITOR: {"auditors"}, HouseRole.ADMINISTRATOR: {"auditors", "admin"}}.get(house, set())
    return {"key": api_keys.issue(name=name, user=user, by=user, scopes=["read"])[1], "hears": sorted(own)}


def main() -> None:
    told = people()
    print(json.dumps(told), flush=True)
    keys = sorted({key for person in told.values() for key in person["hears"]})
    over, dice = threading.Event(), random.Random(sys.argv[1])
    threading.Thread(target=lambda: (sys.stdin.read(), over.set()), daemon=True).start()
    committed = 0
    while not over.is_set():
        size = dice.choice([1, 1, 2, 5, 20])
        try:
            _write(size, dice, keys)
            committed += size
        except Error:
            connection.close()
            time.sleep(0.05)
        time.sleep(dice.random() * 0.02)
    print(committed, flush=True)


def _write(size: int, dice: random.Random, keys: list[str]) -> None:
    with transaction.atomic():
        for number in range(size):
            alert = SystemAlert(code=CODE, level="info", detail=str(number))
            events.tell(alert, to=dice.sample(keys, dice.randint(1, 3)))
            events.tell(DocumentProgress(id=str(number), percent=number, step="reading"), to=[audiences.SYSTEM])


if __name__ == "__main__":
    main()
