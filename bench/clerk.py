"""Inside an instance: makes the person that the measurements act as, a clerk of three departments, and an API key.

With her come colleagues who only listen: a person may open so many sockets and no more.
Run by `bench.gateway`; prints one JSON object: key, department, user, and the listeners' keys.
"""

import json

import django

django.setup()

from accounts import api_keys  # noqa: E402 (Django first)
from accounts.models import Department, Membership, Role, User  # noqa: E402

DEPARTMENTS = {"operations": "Operations", "rolling-stock": "Rolling stock", "safety": "Safety"}


LISTENERS = 10


def main() -> None:
    key = _clerk("bench-clerk", ["read", "upload", "control"])
    listeners = [_clerk(f"bench-listener-{number}", ["read"]) for number in range(LISTENERS)]
    print(
        json.dumps({"key": key, "department": next(iter(DEPARTMENTS)), "user": "bench-clerk", "listeners": listeners})
    )


def _clerk(name: str, scopes: list[str]) -> str:
    """A clerk of all three departments, and a key of theirs."""
    clerk, _ = User.objects.get_or_create(username=name)
    clerk.set_unusable_password()
    clerk.save()
    for key, title in DEPARTMENTS.items():
        department, _ = Department.objects.get_or_create(key=key, defaults={"name": title})
        Membership.objects.get_or_create(user=clerk, department=department, defaults={"role": Role.CLERK})
    _, secret = api_keys.issue(name=name, user=clerk, by=clerk, scopes=scopes)
    return secret


if __name__ == "__main__":
    main()
