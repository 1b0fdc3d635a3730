"""Audience keys: who an event is for, as text.

`user:<id>`, `department:<id>`, `auditors`, `admin`, `system` come unasked; `document:<id>`, `batch:<id>`, `job:<id>` are
topics, which are subscribed to and checked then. `kmrl` injects what resolves rights (`provide`).
"""

from collections.abc import Callable

from accounts.rights import Rights

SYSTEM, ADMIN, AUDITORS = "system", "admin", "auditors"


def user(pk: int) -> str:
    return f"user:{pk}"


def department(pk: int) -> str:
    return f"department:{pk}"


def document(pk: object) -> str:
    return f"document:{pk}"


def batch(pk: object) -> str:
    return f"batch:{pk}"


def job(pk: object) -> str:
    return f"job:{pk}"


def keys_of(rights: Rights) -> frozenset[str]:
    """The audience keys that come unasked to a person with these rights."""
    keys = {user(rights.user_id), SYSTEM, *(department(pk) for pk in rights.departments)}
    if rights.administrator:
        keys |= {ADMIN, AUDITORS}
    if rights.auditor:
        keys.add(AUDITORS)
    return frozenset(keys)


TopicCheck = Callable[[Rights, str], bool]
_checks: dict[str, TopicCheck] = {}


def provide(prefix: str, check: TopicCheck) -> None:
    """Inject the check of topics `<prefix>:<id>`: given rights and the id, may they listen?"""
    _checks[prefix] = check


def may_listen(rights: Rights, topic: str) -> bool:
    """Whether the topic exists for these rights; unknown kinds of topic do not."""
    prefix, _, rest = topic.partition(":")
    check = _checks.get(prefix)
    return bool(rest) and check is not None and check(rights, rest)
