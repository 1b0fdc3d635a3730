"""What callers write: parsed by hand, because uploads are the hot path; every mistake is a 400 that names its field."""

import re
from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Any, cast

import orjson
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from rest_framework.request import Request

from accounts.refusals import Refusal
from accounts.rights import Rights
from documents import idempotency
from documents.validation import names
from jobs.models import PRIORITIES, Priority

LONGEST_TITLE = 255
LARGEST_METADATA = 64 * 1024
DEEPEST_METADATA = 100
ZONE_WITHOUT_PLUS = re.compile(r"(T.*) (\d\d(?::?\d\d)?)$")
EARLIEST, LATEST = datetime(1, 1, 2, tzinfo=UTC), datetime(9999, 12, 30, tzinfo=UTC)
BEYOND = 2**63
"""From here on PostgreSQL gives a number back as one that our JSON cannot write, or with other digits."""


def wrong(name: str, said: str) -> Refusal:
    return Refusal(said, errors={name: [said]})


def text(data: Mapping[str, Any], name: str, *, longest: int = LONGEST_TITLE) -> str:
    """Trimmed; empty when it was not sent."""
    value = _said(data, name, "")
    if not isinstance(value, str):
        raise wrong(name, "Write a text.")
    value = value.replace("\x00", "").strip()
    if len(value) > longest:
        raise wrong(name, f"This has {len(value)} characters; {longest} is the most.")
    return value


def title(data: Mapping[str, Any]) -> str:
    """One line: it stands in lists and letters, where a second one would pass for ours. Empty when it was not sent."""
    return names.in_a_line(text(data, "title"))


def priority(data: Mapping[str, Any]) -> Priority:
    value = _said(data, "priority", "normal")
    if not isinstance(value, str) or value not in PRIORITIES:
        raise wrong("priority", f"Write one of {', '.join(PRIORITIES)}.")
    return PRIORITIES[value]


def metadata(data: Mapping[str, Any]) -> dict[str, Any]:
    """A JSON object, or the text of one (multipart)."""
    value = _said(data, "metadata", {})
    if isinstance(value, str):
        try:
            value = orjson.loads(value)
        except orjson.JSONDecodeError:
            raise wrong("metadata", "This is no JSON.") from None
    if not isinstance(value, dict):
        raise wrong("metadata", "Write a JSON object.")
    _refuse_unkeepable(value)
    written = orjson.dumps(value)
    if len(written) > LARGEST_METADATA:
        raise wrong("metadata", f"This has {len(written):,} bytes; {LARGEST_METADATA:,} is the most.")
    if b"\\u0000" in written:
        raise wrong("metadata", "The character U+0000 cannot be kept.")
    return value


def _refuse_unkeepable(value: Any, depth: int = 1) -> None:
    """Raises Refusal for metadata that would not come back as it was sent."""
    if isinstance(value, int | float):
        if not -BEYOND <= value < BEYOND:
            raise wrong("metadata", "Numbers beyond 64 bits lose digits. Write them as text, in quotes.")
        return
    if not isinstance(value, dict | list):
        return
    if depth > DEEPEST_METADATA:
        raise wrong("metadata", f"This is nested more than {DEEPEST_METADATA} deep.")
    for held in value.values() if isinstance(value, dict) else value:
        _refuse_unkeepable(held, depth + 1)


def _said(data: Mapping[str, Any], name: str, otherwise: Any) -> Any:
    """What was sent; `otherwise` for nothing, null and the empty text. `false`, 0 and [] are something, if wrong."""
    value = data.get(name)
    return otherwise if value is None or value == "" else value


def day(data: Mapping[str, Any], name: str) -> date | None:
    value = _said(data, name, None)
    if value is None:
        return None
    try:
        return date.fromisoformat(value)
    except (TypeError, ValueError):
        raise wrong(name, "Write a date as 2026-11-05.") from None


def whole_number(data: Mapping[str, Any], name: str) -> int | None:
    """A query parameter; None when it was not sent. Raises Refusal."""
    said = data.get(name, "")
    if not said:
        return None
    if not (said.isascii() and said.isdecimal() and len(said) < 10):
        raise wrong(name, "Write a whole number.")
    return int(said)


def moment(value: str, name: str) -> datetime:
    """A time with its zone; a time without one, or a day, is the house's. Beyond what can be held, it is the last one.

    An address turns the `+` of a zone into a space, unless it was written as `%2B`.
    """
    value = ZONE_WITHOUT_PLUS.sub(r"\1+\2", value)
    try:
        found = parse_datetime(value) or datetime.combine(date.fromisoformat(value), datetime.min.time())
    except ValueError:
        raise wrong(name, "Write a time as 2026-11-05T10:00:00Z.") from None
    known = found if timezone.is_aware(found) else timezone.make_aware(found)
    return min(max(known, EARLIEST), LATEST).astimezone(UTC)  # PostgreSQL reads no zone beyond 16 hours


def idempotency_key(request: Request, route: str) -> idempotency.Key | None:
    """The request's `Idempotency-Key`, bound to who sends it and where."""
    sent, rights = request.headers.get("Idempotency-Key"), cast(Rights, request.auth)
    return None if sent is None else idempotency.Key(rights.credential, route, sent)


def choice(data: Mapping[str, Any], name: str, known: list[str], *, needed: bool = False) -> str:
    """One of `known`; empty when it was not said and need not be."""
    value = _said(data, name, "")
    if value not in known and (value != "" or needed):
        raise wrong(name, f"Write one of {', '.join(filter(None, known))}.")
    return str(value)
