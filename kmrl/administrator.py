"""The first administrator: without one nobody could let anybody in."""

import secrets
from dataclasses import dataclass

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


@transaction.atomic
def ensure() -> Administrator:
    """The administrator named by DJANGO_SUPERUSER_USERNAME, _PASSWORD and _EMAIL, or else `admin`; made when missing.

    Whoever exists is left alone, password included. Without a name, any administrator will do.
    """
    wanted = env.text("DJANGO_SUPERUSER_USERNAME").strip()
    if not wanted:
        first = User.objects.filter(is_superuser=True, is_active=True).order_by("pk").first()
        if first is not None:
            return Administrator(first.get_username(), created=False)
    name = wanted or "admin"
    if User.objects.filter(username=name).exists():
        return Administrator(name, created=False)
    given = env.password("DJANGO_SUPERUSER_PASSWORD")
    password = given or secrets.token_urlsafe(12)
    user = User.objects.create_superuser(
        name, env.text("DJANGO_SUPERUSER_EMAIL").strip(), password, house_role=HouseRole.ADMINISTRATOR
    )
    history.record("user", user.pk, "created", by=None, after={"username": name, "house_role": "administrator"})
    return Administrator(name, created=True, password="" if given else password)
