"""Drafts, and what makes a version of them: checked, numbered, and never changed again."""

import hashlib
from typing import Any

import orjson
from django.db import connection, transaction
from django.utils import timezone

from accounts import history
from accounts.models import User
from accounts.refusals import NotFound
from accounts.rights import rights_of
from workflows.definitions import checking, reading
from workflows.definitions.cycles import cycle_through
from workflows.definitions.problems import Problem
from workflows.definitions.refusals import NotKeepable, NotPublishable, NotYoursToWrite, Unchanged
from workflows.definitions.schema import KEY
from workflows.models import Category, Definition, DefinitionVersion

KIND = "definition"
ONE_AT_A_TIME = 6_207_041_188  # advisory: two that publish at once could close a circle of subflows


@transaction.atomic
def save_draft(*, source: str, by: User | None, key: str | None = None) -> Definition:
    """Keep the text as the definition's draft, with errors or without; a new key makes a new definition.

    `by=None` is the gateway itself. Raises NotYoursToWrite; NotKeepable for a text without a key, or with another one.
    """
    _require_administrator(by)
    definition = _locked(key_of(source, key))
    before = definition.draft
    _set_draft(definition, source, by)
    if definition.published_id is None:
        _describe(definition, reading.read(source).data)
    definition.save()
    if before != source:
        history.record(KIND, definition.key, "drafted", by=by, after={"digest": _sha256(source.encode())})
    return definition


@transaction.atomic
def publish(*, key: str, by: User | None, note: str = "", source: str | None = None) -> DefinitionVersion:
    """Make the draft (or `source`) the next version, which new runs follow; running ones stay on theirs.

    `by=None` is the gateway itself. Raises NotYoursToWrite, NotKeepable, NotPublishable with every problem, and
    Unchanged when the newest version says the same already.
    """
    _require_administrator(by)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [ONE_AT_A_TIME])
    definition = _locked(key if source is None else key_of(source, key))
    text = definition.draft if source is None else source
    body = _checked(text, definition.key)
    digest = digest_of(body)
    newest = definition.versions.order_by("-number").first()
    if newest is not None and says_nothing_new(definition, body):
        raise Unchanged(newest.number)
    version = DefinitionVersion.objects.create(
        definition=definition,
        number=newest.number + 1 if newest else 1,
        source=text,
        body=body,
        digest=digest,
        note=note,
        published_at=timezone.now(),
        published_by=by,
    )
    definition.published = version
    _describe(definition, body)
    _set_draft(definition, text, by)
    definition.save()
    history.record(
        KIND,
        definition.key,
        "published",
        by=by,
        before={"version": newest.number, "digest": newest.digest} if newest else {},
        after={"version": version.number, "digest": digest},
        note=note,
    )
    return version


@transaction.atomic
def set_active(*, key: str, active: bool, by: User | None) -> Definition:
    """Whether its triggers are looked at and it may be started. Running ones go on. Raises NotYoursToWrite."""
    _require_administrator(by)
    definition = _locked(key)
    if definition.active != active:
        definition.active = active
        definition.save()
        history.record(
            KIND,
            key,
            "activated" if active else "retired",
            by=by,
            before={"active": not active},
            after={"active": active},
        )
    return definition


def says_nothing_new(definition: Definition, body: dict[str, Any]) -> bool:
    """Whether the newest version is the published one and says the same: `publish` refuses it as Unchanged."""
    newest = definition.versions.order_by("-number").defer("body", "source").first()
    return newest is not None and newest.pk == definition.published_id and newest.digest == digest_of(body)


def digest_of(body: dict[str, Any]) -> str:
    """SHA-256 of the body, however its keys are ordered."""
    return _sha256(orjson.dumps(body, option=orjson.OPT_SORT_KEYS))


def problems_of(source: str) -> list[Problem]:
    """Everything that `publish` would refuse or warn of, circles of subflows included."""
    checked = checking.check(source)
    return [*checked.problems, *(cycle_through(checked.body, source) if checked.body else ())]


def text_under(key: str, source: str | None) -> str:
    """The text itself, or the draft that is kept under the key. Raises NotFound."""
    if source is not None:
        return source
    draft = Definition.objects.filter(key=key).values_list("draft", flat=True).first()
    if draft is None:
        raise NotFound(f"There is no workflow “{key}”.")
    return draft


def problems_under(key: str, source: str | None) -> list[Problem]:
    """As `problems_of`, of the text or the draft, which must have that key. Raises NotFound, NotKeepable."""
    text = text_under(key, source)
    key_of(text, key)
    return problems_of(text)


def body_under(key: str, source: str | None) -> dict[str, Any]:
    """The checked body of the text or the draft. Raises NotFound, NotKeepable, NotPublishable."""
    return _checked(text_under(key, source), key)


def _checked(text: str, key: str) -> dict[str, Any]:
    checked = checking.check(text)
    if checked.body is None:
        raise NotPublishable(checked.errors)
    if checked.body["key"] != key:
        raise NotKeepable(f"The text has the key “{checked.body['key']}”, not “{key}”: a key never changes.")
    if circle := cycle_through(checked.body, text):
        raise NotPublishable(circle)
    return checked.body


def _require_administrator(by: User | None) -> None:
    if by is not None and not rights_of(by).runs_house:
        raise NotYoursToWrite("Only administrators write and publish definitions: ask one of them.")


def key_of(source: str, key: str | None = None) -> str:
    """The key that the text is kept under: what it says itself, or `key` where it cannot be read.

    Raises NotKeepable when there is none, or when the two differ.
    """
    data = reading.read(source).data
    said = data.get("key") if isinstance(data, dict) else None
    said = said if isinstance(said, str) and KEY.fullmatch(said) else None
    if key is None and said is None:
        raise NotKeepable("The text has no usable key: begin it with key:, in a-z, 0-9 and -, at most 40.")
    if key is not None and not KEY.fullmatch(key):
        raise NotKeepable("A key has a-z, 0-9 and -, at most 40, and no - at its ends.")
    if key is not None and said is not None and key != said:
        raise NotKeepable(f"The text has the key “{said}”, not “{key}”: a key never changes.")
    return key or said or ""


def _locked(key: str) -> Definition:
    Definition.objects.get_or_create(key=key, defaults={"title": key})
    return Definition.objects.select_for_update().get(key=key)


def _set_draft(definition: Definition, source: str, by: User | None) -> None:
    definition.draft, definition.draft_at, definition.draft_by = source, timezone.now(), by


def _describe(definition: Definition, data: Any) -> None:
    """What lists show, from the text as far as it can be read."""
    if not isinstance(data, dict):
        return
    for name, longest in (("title", 120), ("title_ml", 120), ("description", 10_000)):
        if isinstance(data.get(name), str) and data[name]:
            setattr(definition, name, data[name][:longest])
    if data.get("category") in Category.values:
        definition.category = data["category"]


def _sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
