"""Reads DATABASE_URL into Django's form."""

from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from kmrl import environment as env


def from_url(url: str) -> dict[str, Any]:
    """`postgresql://user:password@host:port/name?option=value`; a socket folder is given as `?host=/folder`.

    Raises BadSetting when the address is of another kind.
    """
    parts = urlsplit(url)
    if parts.scheme not in ("postgresql", "postgres"):
        raise env.BadSetting("DATABASE_URL must begin with postgresql:// (the gateway keeps its record in PostgreSQL).")
    options: dict[str, Any] = dict(parse_qsl(parts.query))
    host = options.pop("host", None) or parts.hostname or ""
    options["pool"] = {
        "min_size": 0,
        "max_size": env.number("KMRL_DB_POOL", 20, least=2),
        "timeout": 10,
        "max_idle": 300,
    }
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(parts.path.lstrip("/")),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": host,
        "PORT": str(parts.port or options.pop("port", "") or ""),
        "CONN_MAX_AGE": 0,
        "CONN_HEALTH_CHECKS": True,  # a restart of PostgreSQL leaves dead connections in the pool
        "OPTIONS": options,
    }
