"""Reads the environment: every setting that a host may choose comes through here, typed and with its default.

What is empty counts as not set: compose files hand on empty texts. What cannot be used is refused with one sentence
that names the variable, what it holds (without passwords) and what to write.
"""

import os
import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import SplitResult, urlsplit

TRUE = {"1", "true", "yes", "on"}
FALSE = {"0", "false", "no", "off"}
PERIODS = {"s": 1, "sec": 1, "second": 1, "m": 60, "min": 60, "minute": 60, "h": 3600, "hour": 3600, "day": 86_400}
MOST = 1_000_000_000
LONGEST_PASSWORD = 1_024  # as accounts.passwords has it, which settings cannot import
LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL")
HOST = re.compile(r"\*|\.?[a-z0-9_-]+(\.[a-z0-9_-]+)*\.?|\[[0-9a-f:.]+\]", re.I)


class BadSetting(ValueError):
    """An environment variable holds something that cannot be used."""


def text(name: str, default: str = "") -> str:
    value = os.environ.get(name, "")
    return value if value.strip() else default


def flag(name: str, default: bool = False) -> bool:
    value = text(name).strip()
    if not value:
        return default
    if value.lower() in TRUE:
        return True
    if value.lower() in FALSE:
        return False
    raise BadSetting(f"{name} is {value!r}; write true or false.")


def number(name: str, default: int, *, least: int = 0, most: int = MOST) -> int:
    value = text(name).strip()
    if not value:
        return default
    if not re.fullmatch(r"[+-]?[0-9]{1,20}", value):
        raise BadSetting(f"{name} is {value!r}; write a whole number, such as {default}.")
    found = int(value)
    if found < least:
        raise BadSetting(f"{name} is {found}; the least is {least}.")
    if found > most:
        raise BadSetting(f"{name} is {found}; the most is {most}.")
    return found


def password(name: str) -> str:
    """What somebody will sign in with. Its value is never told."""
    value = text(name)
    if len(value) > LONGEST_PASSWORD:
        raise BadSetting(f"{name} has {len(value)} characters; the most is {LONGEST_PASSWORD}.")
    return value


def listed(name: str, default: str = "") -> list[str]:
    """Comma separated."""
    return [part.strip() for part in text(name, default).split(",") if part.strip()]


def folder(name: str, default: Path) -> Path:
    """Where it lies below nothing that is a file; made by whoever writes there."""
    value = text(name)
    try:
        place = (Path(value) if value else default).expanduser().absolute()
        standing = next(above for above in (place, *place.parents) if above.exists())
    except (RuntimeError, OSError) as problem:  # the home of nobody; a name that is too long; a closed folder above
        raise BadSetting(f"{name} is {value!r} ({problem}); write a folder, such as /var/lib/kmrl.") from None
    if not standing.is_dir():
        raise BadSetting(f"{name} is {str(place)!r}, and {str(standing)!r} is no folder; write one, or a path to make.")
    return place


def choice(name: str, default: str, among: tuple[str, ...]) -> str:
    """One of `among`, however it is written (large or small letters)."""
    value = text(name, default).strip()
    for word in among:
        if value.lower() == word.lower():
            return word
    raise BadSetting(f"{name} is {value!r}; write {', '.join(among[:-1])} or {among[-1]}.")


def word(name: str, default: str = "", *, such_as: str) -> str:
    """Letters, digits and what stands between them in names."""
    value = text(name, default).strip()
    if not re.fullmatch(r"[A-Za-z0-9._:-]*", value):
        raise BadSetting(f"{name} is {value!r}; write letters, digits and . _ - only, such as {such_as}.")
    return value


def rate(name: str, default: str) -> str:
    """So many in a time: `6000/min`."""
    value = text(name, default).strip()
    most, _, period = value.partition("/")
    if period not in PERIODS or not re.fullmatch(r"0*[1-9][0-9]{0,8}", most):
        raise BadSetting(f"{name} is {value!r}; write how many (at least 1) in what time, such as {default}.")
    return value


def hosts(name: str, default: str) -> list[str]:
    """Names as they stand in a `Host` header, without scheme and port."""
    found = listed(name, default)
    for host in found:
        if not HOST.fullmatch(host):
            raise BadSetting(f"{name} holds {host!r}; write names only, without scheme and port: papers.example.org.")
    return found


def site(name: str, default: str = "", *, such_as: str) -> str:
    """An address that begins with http:// or https://, without a slash at its end."""
    value = text(name, default).strip().rstrip("/")
    if value:
        parts = split(name, value, such_as=such_as)
        if parts.scheme not in ("http", "https") or not parts.hostname or parts.query or parts.fragment:
            raise BadSetting(f"{name} is {shown(value)!r}; write an address such as {such_as}.")
    return value


def origins(name: str) -> list[str]:
    """Scheme and host (and port) of other places whose pages are trusted: `https://*.example.org`."""
    found = listed(name)
    for origin in found:
        parts = split(name, origin, such_as="https://papers.example.org")
        if parts.scheme not in ("http", "https") or not parts.hostname or origin != f"{parts.scheme}://{parts.netloc}":
            raise BadSetting(f"{name} holds {shown(origin)!r}; write scheme and host: https://papers.example.org.")
    return found


def together(*names: str) -> None:
    """None of them, or all."""
    given = [name for name in names if text(name)]
    if given and len(given) < len(names):
        missing = next(name for name in names if name not in given)
        raise BadSetting(f"{missing} is not set, and {given[0]} is; set both or none.")


def split(name: str, url: str, *, such_as: str) -> SplitResult:
    """The parts of an address. Raises BadSetting where it has none, or its port is no port."""
    try:
        parts = urlsplit(url)
        parts.port  # noqa: B018 (raises for what is none)
    except ValueError:
        raise BadSetting(f"{name} is {shown(url)!r}; write an address such as {such_as}.") from None
    return parts


def shown(url: str) -> str:
    """An address as it may be shown and logged: without its password, also where it is written wrongly."""
    scheme, mark, rest = url.rpartition("://") if url.count("://") == 1 else ("", "", url)
    who, at, where = rest.rpartition("@")
    if at:
        who = f"{who.partition(':')[0]}:***" if ":" in who else who
    elif not rest.startswith("["):
        where = re.sub(r":(?![0-9]{0,5}(?:[/?#]|$)).*", ":***", rest, flags=re.DOTALL)
    where = re.sub(r"(?i)(pass[a-z]*=)[^&]*", r"\1***", where)
    return f"{scheme}{mark}{who}{at}{where}"


@contextmanager
def told() -> Iterator[None]:
    """What cannot be used ends the process with its sentence, and no traceback."""
    try:
        yield
    except BadSetting as problem:
        sys.exit(str(problem))
