"""Inside an instance: makes the people of `bench.crowd`, each a clerk of one department with a key of their own.

python -m bench.crowd_people COUNT; prints a JSON list of {"key", "department"}.
"""

import json
import sys

import django

django.setup()

from accounts import api_keys  # noqa: E402 (Django first)
from accounts.models import Department, Membership, Role, User  # noqa: E402

DEPARTMENTS = {"operations": "Operations", "rolling-stock": "Rolling stock", "safety": "Safety", "finance": "Finance"}


def main(count: int) -> None:
    departments = [
        Department.objects.get_or_create(key=key, defaults={"name": name})[0] for key, name in DEPARTMENTS.items()
    ]
    people = []
    for number in range(count):
        department = departments[number % len(departments)]
        clerk, _ = User.objects.get_or_create(username=f"crowd-{number}")
        clerk.set_unusable_password()
        clerk.save()
        Membership.objects.get_or_create(user=clerk, department=department, defaults={"role": Role.CLERK})
        _, secret = api_keys.issue(name=f"crowd-{number}", user=clerk, by=clerk, scopes=["read", "upload"])
        people.append({"key": secret, "department": department.key})
    print(json.dumps(people))


if __name__ == "__main__":
    main(int(sys.argv[1]))
