"""What the gateway says when it is up: one screen."""

import time
from typing import TYPE_CHECKING, Any

from kmrl import environment as env
from kmrl.supervision import processes

if TYPE_CHECKING:
    from kmrl.supervision.gateway import Place

LOOPBACK = ("127.0.0.1", "localhost", "::1")


def text(place: "Place", prepared: dict[str, Any], names: list[str], began: float) -> str:
    """What runs, where, how to sign in, where data and logs lie. `prepared` is what `manage.py prepare` reported."""
    state = "is ready" if prepared["ready"] else "is starting (not ready yet: see the log of web)"
    notes = processes.without()
    if prepared["storage"]:
        notes.append(f"no papers come in or go out for now. {prepared['storage']}")
    if place.host not in LOOPBACK and not env.text("KMRL_ALLOWED_HOSTS"):
        notes.append("others reach it once KMRL_ALLOWED_HOSTS lists the names that they type")
    return "\n".join(
        [
            "",
            f"KMRL Gateway {state} after {time.monotonic() - began:.1f} s",
            "",
            f"  open       {place.url}/",
            f"  sign in    {_sign_in(prepared)}",
            f"  API        {place.url}/api/v1/docs/",
            f"  admin      {place.url}/admin/",
            f"  health     {place.url}/health/ready   {place.url}/metrics",
            "",
            f"  runs       {', '.join(names)}",
            f"  record     {_given('DATABASE_URL', 'private PostgreSQL')}",
            f"  bus        {_given('REDIS_URL', 'private Valkey')}",
            f"  data       {place.data}",
            f"  logs       {place.data / 'log'}",
            *(f"  note       {note}" for note in notes),
            "",
            "  Ctrl-C stops everything.",
        ]
    )


def _sign_in(prepared: dict[str, Any]) -> str:
    name, password = prepared["name"], prepared["password"]
    if password:
        return f"{name} / {password}   (written nowhere else: keep it, or change it)"
    if prepared["created"]:
        return f"{name}, with the password of DJANGO_SUPERUSER_PASSWORD"
    return f"{name}, with the password given at the first start (another: manage.py changepassword {name})"


def _given(variable: str, private: str) -> str:
    return f"as {variable} says" if env.text(variable) else private
