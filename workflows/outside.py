"""Events that clients send, for steps that wait for them (`wait_event`)."""

import re
from typing import Any

import orjson

from accounts.models import Role, User
from accounts.refusals import NotAllowed, Refusal
from accounts.rights import Action, Rights
from workflows import again, happenings

NAME = re.compile(r"[a-z0-9_]+(\.[a-z0-9_]+)*")
OURS = ("document.", "workflow.", "task.", "sla.")
"""Beginnings of names that the gateway itself tells."""
LONGEST, LARGEST = 60, 64 * 1024
DECIDERS = {str(Role.REVIEWER), str(Role.HEAD)}


class BadEvent(Refusal):
    """`errors` says it by field."""

    code, title = "bad_event", "This event cannot be told"


@again.whole
def send(*, event: str, key: str = "", data: dict[str, Any] | None = None, by: User, rights: Rights) -> int:
    """Tell everybody who waits for this and whose run the sender sees; how many are told.

    Sent by reviewers, heads and administrators, and by keys of theirs with the scope `control`. What waits reads the
    data and, as `sent_by`, who sent it. Raises NotAllowed, BadEvent.
    """
    if not may_send(rights):
        raise NotAllowed("Events are sent by reviewers, heads of department and administrators.")
    _check(event, data or {})
    said = {**(data or {}), "sent_by": by.get_username()}
    return happenings.happen(event=event, key=key, data=said, seen_by=rights)


def may_send(rights: Rights) -> bool:
    """Whether these rights are enough to tell runs of what happens outside."""
    if rights.auditor or not rights.scope_allows(Action.CONTROL):
        return False
    return rights.administrator or bool(DECIDERS & set(rights.departments.values()))


def _check(event: str, data: dict[str, Any]) -> None:
    if len(event) > LONGEST or not NAME.fullmatch(event):
        raise BadEvent(errors={"event": [f"Write a name as `invoice.paid`: a-z, 0-9, _ and dots, {LONGEST} at most."]})
    if event.startswith(OURS):
        raise BadEvent(errors={"event": ["The gateway itself tells events of this name."]})
    written = orjson.dumps(data, option=orjson.OPT_NON_STR_KEYS)
    if len(written) > LARGEST or b"\\u0000" in written:
        raise BadEvent(errors={"data": [f"It has {LARGEST:,} bytes at most, and no character U+0000."]})
