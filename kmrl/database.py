"""Reads DATABASE_URL into Django's form.

PostgreSQL's library is loaded only where an address says more than names: the supervisor reads the settings too, and
everybody waits for it.
"""

import importlib
from typing import Any
from urllib.parse import parse_qsl, unquote

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
    if problem := _problem(found):
        raise env.BadSetting(f"DATABASE_URL is {env.shown(url)!r} ({problem}); write {SUCH_AS}.")
    pool = {"min_size": 0, "max_size": env.number("KMRL_DB_POOL", 20, least=2, most=1000)}
    found["OPTIONS"] = options | {"pool": pool | {"timeout": 10, "max_idle": 300}}
    return found


def _problem(database: dict[str, Any]) -> str:
    """What PostgreSQL's library does not understand. It takes any name that can be printed; its options it knows."""
    if not database["OPTIONS"] and all(value.isprintable() for value in _named(database).values()):
        return ""
    psycopg = importlib.import_module("psycopg")
    try:
        conninfo(database)
    except psycopg.ProgrammingError as problem:
        return str(problem).strip()
    return ""


def conninfo(database: dict[str, Any]) -> str:
    """The same for a connection without Django. Raises psycopg.ProgrammingError for an option that there is none of."""
    make = importlib.import_module("psycopg.conninfo").make_conninfo
    options = {name: value for name, value in database["OPTIONS"].items() if name != "pool"}
    return str(make(**_named(database), **options))


def _named(database: dict[str, Any]) -> dict[str, str]:
    named = {"dbname": "NAME", "user": "USER", "password": "PASSWORD", "host": "HOST", "port": "PORT"}
    return {word: database[name] for word, name in named.items() if database[name]}


def given() -> str:
    """DATABASE_URL for a connection without Django. Raises BadSetting, also where there is none."""
    url = env.text("DATABASE_URL")
    if not url:
        raise env.BadSetting(f"DATABASE_URL is not set; write {SUCH_AS}.")
    return conninfo(from_url(url))
