"""The address of Redis or Valkey, in the forms that its users want."""

import re
from urllib.parse import parse_qs

from kmrl import environment as env

SUCH_AS = "redis://:password@host:6379/0, rediss://… or unix:///folder/socket"


def checked(url: str) -> str:
    """REDIS_URL as it is. Raises BadSetting where one of its users would not understand it."""
    parts = env.split("REDIS_URL", url, such_as=SUCH_AS)
    asked = parse_qs(parts.query).get("db", ["0"])[0]
    if parts.scheme == "unix":
        fits = bool(parts.path.strip("/")) and asked.isdecimal()
    else:
        fits = parts.scheme in ("redis", "rediss") and re.fullmatch(r"/?[0-9]{0,4}", parts.path) is not None
        fits = fits and bool(parts.hostname) and asked.isdecimal() and not parts.fragment
    if not fits:
        raise env.BadSetting(f"REDIS_URL is {env.shown(url)!r}; write {SUCH_AS}.")
    return url


def broker_url(url: str) -> str:
    """REDIS_URL as Celery wants it: it alone writes Unix sockets in another way."""
    parts = env.split("REDIS_URL", url, such_as=SUCH_AS)
    if parts.scheme != "unix":
        return url
    database = parse_qs(parts.query).get("db", ["0"])[0]
    return f"redis+socket://{parts.netloc}{parts.path}?virtual_host={database}"
