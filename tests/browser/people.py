"""Run inside a gateway: makes the people that the browser tests sign in as."""

import django

django.setup()

from accounts.models import Department, HouseRole, Membership, Role, User  # noqa: E402 (Django first)

PASSWORD = "Aluva-to-Thrippunithura"
PEOPLE = {
    "anil": ("Anil", "Thomas", "operations", Role.CLERK),
    "meera": ("Meera", "Krishnan", "operations", Role.HEAD),
    "rahul": ("Rahul", "Nair", "safety", Role.CLERK),
    "deepa": ("Deepa", "Varma", "environment", Role.CLERK),  # her department has no papers
}


HOUSE = {"lata": ("Lata", "Menon", HouseRole.ADMINISTRATOR), "fathima": ("Fathima", "Beevi", HouseRole.AUDITOR)}


def main() -> None:
    for username, (first, last, key, role) in PEOPLE.items():
        person = User(username=username, first_name=first, last_name=last)
        person.set_password(PASSWORD)
        person.save()
        Membership.objects.create(user=person, department=Department.objects.get(key=key), role=role)
    for username, (first, last, house_role) in HOUSE.items():
        person = User(username=username, first_name=first, last_name=last, house_role=house_role)
        person.set_password(PASSWORD)
        person.save()


if __name__ == "__main__":
    main()
