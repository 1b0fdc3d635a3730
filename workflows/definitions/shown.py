"""Who sees definitions, and what is said of them.

That there are active ones, and what they are for, everybody in the house may know: they are started and met in tasks.
Texts, drafts and what is retired are for auditors and administrators.
"""

from typing import Any

from django.db.models import QuerySet

from accounts.refusals import NotAllowed, NotFound
from accounts.rights import Action, Rights
from workflows.definitions.problems import Problem
from workflows.models import Definition, DefinitionVersion


def visible_to(rights: Rights) -> QuerySet[Definition]:
    """By key. Keys that are bound to departments or sources see them too: nothing in them is of a document."""
    found = Definition.objects.select_related("published").order_by("key")
    if not rights.scope_allows(Action.SEE):
        return found.none()
    return found if may_read(rights) else found.filter(active=True, published__isnull=False)


def may_read(rights: Rights) -> bool:
    """Whether these rights show texts, drafts and what is retired."""
    return (rights.administrator or rights.auditor) and rights.scope_allows(Action.SEE)


def named(key: str, rights: Rights) -> Definition:
    """One that these rights show. Raises NotFound."""
    found = visible_to(rights).filter(key=key).first()
    if found is None:
        raise NotFound(f"There is no workflow “{key}” that you may see.")
    return found


def version(key: str, number: int, rights: Rights) -> DefinitionVersion:
    """One version with its text. Raises NotFound; NotAllowed for who reads no texts."""
    definition = named(key, rights)
    if not may_read(rights):
        raise NotAllowed("The texts of workflows are read by auditors and administrators.")
    found = definition.versions.select_related("published_by").filter(number=number).first()
    if found is None:
        raise NotFound(f"The workflow “{key}” has no version {number}.")
    found.definition = definition
    return found


def definition_as_json(definition: Definition) -> dict[str, Any]:
    """What lists show."""
    return {
        "key": definition.key,
        "title": definition.title,
        "title_ml": definition.title_ml,
        "category": str(definition.category),
        "description": definition.description,
        "active": definition.active,
        "version": definition.published.number if definition.published else None,
        "published_at": definition.published.published_at if definition.published else None,
    }


def one_as_json(definition: Definition, rights: Rights) -> dict[str, Any]:
    """One with its versions; with its draft for who reads texts."""
    reads = may_read(rights)
    return {
        **definition_as_json(definition),
        "versions": [
            version_in_short(one)
            for one in definition.versions.select_related("published_by").defer("source", "body").order_by("-number")
        ],
        "draft": definition.draft if reads else None,
        "draft_at": definition.draft_at if reads else None,
        "draft_by": definition.draft_by.get_username() if reads and definition.draft_by else None,
    }


def version_in_short(one: DefinitionVersion) -> dict[str, Any]:
    return {
        "version": one.number,
        "note": one.note,
        "digest": one.digest,
        "published_at": one.published_at,
        "published_by": one.published_by.get_username() if one.published_by else None,
    }


def version_as_json(one: DefinitionVersion) -> dict[str, Any]:
    """With its text, and the body that runs."""
    return {
        "key": one.definition.key,
        **version_in_short(one),
        "current": one.pk == one.definition.published_id,
        "source": one.source,
        "body": one.body,
    }


def problem_as_json(problem: Problem) -> dict[str, Any]:
    return {
        "line": problem.line,
        "column": problem.column,
        "path": problem.path,
        "level": problem.level,
        "message": problem.message,
        "advice": problem.advice,
    }
