"""Inside an instance: makes the person that the measurements act as, a clerk of three departments, and an API key.

Run by `bench.gateway`; prints one JSON object: key, department, user.
"""

import json

import django

django.setup()

from accounts import api_keys  # noqa: E402 (Django first)
from accounts.models import Department, Membership, Role, User  # noqa: E402

DEPARTMENTS = {"operations": "Operations", "rolling-stock": "Rolling stock", "safety": "Safety"}


def main() -> None:
    clerk, _ = User.objects.get_or_create(username="bench-clerk")
    clerk.set_unusable_password()
    clerk.save()
    for key, name in DEPARTMENTS.items():
        department, _ = Department.objects.get_or_create(key=key, defaults={"name": name})
        Membership.objects.get_or_create(user=clerk, department=department, defaults={"role": Role.CLERK})
    _, secret = api_keys.issue(name="bench", user=clerk, by=clerk, scopes=["read", "upload", "control"])
    print(json.dumps({"key": secret, "department": next(iter(DEPARTMENTS)), "user": clerk.username}))


if __name__ == "__main__":
    main()
