"""The first administrator: without one nobody could let anybody in."""

import secrets
from collections.abc import Callable
from dataclasses import dataclass

from django.contrib.auth.hashers import make_password
from django.db import transaction

from accounts import history
from accounts.models import HouseRole, User
from kmrl import environment as env


@dataclass(frozen=True)
class Administrator:
    """`password` is set only where it was made up just now: then it must be shown, once."""

    name: str
    created: bool
    password: str = ""


@dataclass(frozen=True)
class Password:
    """`hashed` is meant to take long, and may be made beside other work."""

    text: str
    hashed: str


def password() -> Password:
    """That of DJANGO_SUPERUSER_PASSWORD, or one that is made up."""
    text = env.password("DJANGO_SUPERUSER_PASSWORD") or secrets.token_urlsafe(12)
    return Password(text, make_password(text))


@transaction.atomic
def ensure(password: Callable[[], Password] = password) -> Administrator:
    """The administrator named by DJANGO_SUPERUSER_USERNAME, _PASSWORD and _EMAIL, or else `admin`; made when missing.

    Whoever exists is left alone, password included. Without a name, any administrator will do. `password` is asked
    for where one is needed.
    """
    wanted = env.text("DJANGO_SUPERUSER_USERNAME").strip()
    if not wanted:
        first = User.objects.filter(is_superuser=True, is_active=True).order_by("pk").first()
        if first is not None:
            return Administrator(first.get_username(), created=False)
    name = wanted or "admin"
    if User.objects.filter(username=name).exists():
        return Administrator(name, created=False)
    given, email = env.password("DJANGO_SUPERUSER_PASSWORD"), env.text("DJANGO_SUPERUSER_EMAIL").strip()
    made = password()
    user = User.objects.create_superuser(name, email, house_role=HouseRole.ADMINISTRATOR)
    user.password = made.hashed
    user.save(update_fields=["password"])
    history.record("user", user.pk, "created", by=None, after={"username": name, "house_role": "administrator"})
    return Administrator(name, created=True, password="" if given else made.text)
