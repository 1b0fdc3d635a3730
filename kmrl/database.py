"""Reads DATABASE_URL into Django's form."""

from typing import Any
from urllib.parse import parse_qsl, unquote

import psycopg
from psycopg.conninfo import make_conninfo

from kmrl import environment as env

SUCH_AS = "postgresql://user:password@host:5432/name (what is special in a password is written as %40 and so on)"


def from_url(url: str) -> dict[str, Any]:
    """`postgresql://user:password@host:port/name?option=value`; a socket folder is given as `?host=/folder`.

    Raises BadSetting when it is of another kind, or not one that PostgreSQL's library understands.
    """
    parts = env.split("DATABASE_URL", url, such_as=SUCH_AS)
    name = unquote(parts.path.lstrip("/"))
    if parts.scheme not in ("postgresql", "postgres") or not name or "/" in name or parts.fragment:
        raise env.BadSetting(f"DATABASE_URL is {env.shown(url)!r}; write {SUCH_AS}.")
    options: dict[str, Any] = dict(parse_qsl(parts.query))
    host = options.pop("host", None) or parts.hostname or ""
    found = {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": name,
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": host,
        "PORT": str(parts.port or options.pop("port", "") or ""),
        "CONN_MAX_AGE": 0,
        "CONN_HEALTH_CHECKS": True,  # a restart of PostgreSQL leaves dead connections in the pool
        "OPTIONS": options,
    }
    try:
        conninfo(found)
    except psycopg.ProgrammingError as problem:
        said = str(problem).strip()
        raise env.BadSetting(f"DATABASE_URL is {env.shown(url)!r} ({said}); write {SUCH_AS}.") from None
    pool = {"min_size": 0, "max_size": env.number("KMRL_DB_POOL", 20, least=2, most=1000)}
    found["OPTIONS"] = options | {"pool": pool | {"timeout": 10, "max_idle": 300}}
    return found


def conninfo(database: dict[str, Any]) -> str:
    """The same for a connection without Django. Raises psycopg.ProgrammingError for an option that there is none of."""
    named = {"dbname": "NAME", "user": "USER", "password": "PASSWORD", "host": "HOST", "port": "PORT"}
    given = {word: database[name] for word, name in named.items() if database[name]}
    return make_conninfo(**given, **{name: value for name, value in database["OPTIONS"].items() if name != "pool"})


def given() -> str:
    """DATABASE_URL for a connection without Django. Raises BadSetting, also where there is none."""
    url = env.text("DATABASE_URL")
    if not url:
        raise env.BadSetting(f"DATABASE_URL is not set; write {SUCH_AS}.")
    return conninfo(from_url(url))
