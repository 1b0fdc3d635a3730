"""Reads the environment: every setting that a host may choose comes through here, typed and with its default."""

import os
from pathlib import Path

TRUE = {"1", "true", "yes", "on"}
FALSE = {"0", "false", "no", "off", ""}


class BadSetting(ValueError):
    """An environment variable holds something that cannot be used."""


def text(name: str, default: str = "") -> str:
    return os.environ.get(name, default)


def flag(name: str, default: bool = False) -> bool:
    value = os.environ.get(name)
    if value is None:
        return default
    if value.lower() in TRUE:
        return True
    if value.lower() in FALSE:
        return False
    raise BadSetting(f"{name} is {value!r}; write true or false.")


def number(name: str, default: int, *, least: int = 0) -> int:
    value = os.environ.get(name)
    if value is None or value == "":
        return default
    try:
        found = int(value)
    except ValueError:
        raise BadSetting(f"{name} is {value!r}; write a whole number.") from None
    if found < least:
        raise BadSetting(f"{name} is {found}; the least is {least}.")
    return found


def listed(name: str, default: str = "") -> list[str]:
    """Comma separated."""
    return [part.strip() for part in os.environ.get(name, default).split(",") if part.strip()]


def folder(name: str, default: Path) -> Path:
    return Path(os.environ.get(name) or default).expanduser().absolute()
