"""Audience keys: who an event is for, as text.

`user:<id>`, `department:<id>`, `auditors`, `admin`, `system` come unasked; `document:<id>`, `batch:<id>`, `job:<id>`,
`workflow:<id>` (one run) and `task:<id>` are topics, which are subscribed to and checked then. `kmrl` injects what
resolves rights (`provide`).
"""

from collections.abc import Callable, Collection

from accounts.rights import Action, Rights

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


def workflow(pk: object) -> str:
    """The topic of one run of a workflow."""
    return f"workflow:{pk}"


def task(pk: object) -> str:
    """The topic of one human task."""
    return f"task:{pk}"


def keys_of(rights: Rights) -> frozenset[str]:
    """The audience keys that come unasked to a caller with these rights.

    A key that is bound to departments hears those alone; one that is bound to sources only the topics that it may see.
    """
    if not rights.scope_allows(Action.SEE):
        return frozenset()
    if rights.sources is not None:
        return frozenset()
    if rights.only_departments is not None:
        all_of_them = rights.administrator or rights.auditor
        return frozenset(department(pk) for pk in (rights.only_departments if all_of_them else rights.departments))
    keys = {user(rights.user_id), SYSTEM, *(department(pk) for pk in rights.departments)}
    if rights.administrator:
        keys |= {ADMIN, AUDITORS}
    if rights.auditor:
        keys.add(AUDITORS)
    return frozenset(keys)


TopicCheck = Callable[[Rights, str], bool]
TopicChecks = Callable[[Rights, Collection[str]], Collection[str]]
_checks: dict[str, TopicChecks] = {}


def provide(prefix: str, check: TopicCheck, *, many: TopicChecks | None = None) -> None:
    """Inject the check of topics `<prefix>:<id>`: given rights and the id, may they listen?

    `many` answers for several ids at once (which of them): sockets ask again every few seconds for all that they have.
    """

    def one_by_one(rights: Rights, ids: Collection[str]) -> Collection[str]:
        return [pk for pk in ids if check(rights, pk)]

    _checks[prefix] = many or one_by_one


def may_listen(rights: Rights, topic: str) -> bool:
    """Whether the topic exists for these rights; unknown kinds of topic do not."""
    return bool(audible(rights, [topic]))


def audible(rights: Rights, topics: Collection[str]) -> frozenset[str]:
    """Those of the topics that exist for these rights."""
    if not rights.scope_allows(Action.SEE):
        return frozenset()
    by_prefix: dict[str, set[str]] = {}
    for topic in topics:
        prefix, _, pk = topic.partition(":")
        if pk and prefix in _checks:
            by_prefix.setdefault(prefix, set()).add(pk)
    return frozenset(
        f"{prefix}:{pk}" for prefix, asked in by_prefix.items() for pk in set(_checks[prefix](rights, asked)) & asked
    )
