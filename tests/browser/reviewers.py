"""Run inside a gateway that has `people`: makes those who are asked about a directive, and who works when."""

import django

django.setup()

from datetime import date  # noqa: E402 (Django first)

from accounts.models import Department, Membership, Role, User  # noqa: E402
from tests.browser.people import PASSWORD  # noqa: E402
from workflows.models import Duty, Shift  # noqa: E402

PEOPLE = {
    "anitha": ("Anitha", "Pillai", "legal", Role.REVIEWER),
    "joseph": ("Joseph", "Kurian", "legal", Role.REVIEWER),
    "ravi": ("Ravi", "Shankar", "legal", Role.HEAD),
    "saritha": ("Saritha", "Devi", "safety", Role.REVIEWER),
    "suma": ("Suma", "Babu", "stations", Role.CLERK),
}
DUTIES = {"suma": "morning", "anil": "evening"}


def main() -> None:
    for username, (first, last, key, role) in PEOPLE.items():
        person = User(username=username, first_name=first, last_name=last)
        person.set_password(PASSWORD)
        person.save()
        Membership.objects.create(user=person, department=Department.objects.get(key=key), role=role)
    for username, shift in DUTIES.items():
        Duty.objects.create(
            user=User.objects.get(username=username), shift=Shift.objects.get(key=shift), first_day=date(2026, 1, 1)
        )


if __name__ == "__main__":
    main()
