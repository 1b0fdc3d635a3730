"""Whose figures somebody may look at: of the house, or of the departments that he heads."""

from dataclasses import dataclass

from django.db import connection

from accounts.models import Role
from accounts.refusals import NotAllowed, NotFound
from accounts.rights import Action, Rights
from workflows.analytics.period import Period
from workflows.models import Definition, DefinitionVersion

MANY = 50_000
"""Passages from which on the views answer; fewer are counted as they are."""
_BIG = r"""
SELECT (SELECT reltuples FROM pg_class WHERE oid = 'workflows_steprun'::regclass),
    (SELECT bool_and(relispopulated) FROM pg_class
     WHERE relkind = 'm' AND relname LIKE 'workflows\_%\_figures')
"""


@dataclass(frozen=True)
class Scope:
    """`departments` (ids) None: the house."""

    departments: list[int] | None

    def kept_as(self, period: Period) -> int | None:
        """The days of the view that answers; None when the rows themselves are asked: few, or of some departments."""
        if self.departments is not None or period.kept_as is None:
            return None
        with connection.cursor() as cursor:
            cursor.execute(_BIG)
            passages, filled = cursor.fetchone()
            if not filled or passages < MANY:
                return None
            cursor.execute("SELECT EXISTS (SELECT FROM workflows_run_figures)")  # not since the tables were made
            return period.kept_as if cursor.fetchone()[0] else None


def of(rights: Rights) -> Scope:
    """Raises NotAllowed for who heads no department and does not see the house."""
    found = _departments(rights)
    if found == []:
        raise NotAllowed("Figures are shown to heads of department, auditors and administrators.")
    return Scope(found)


def may_look(rights: Rights) -> bool:
    """Whether there are figures for these rights."""
    return _departments(rights) != []


def _departments(rights: Rights) -> list[int] | None:
    if not rights.scope_allows(Action.SEE) or rights.sources is not None:
        return []
    if rights.sees_all:
        return None
    if rights.administrator or rights.auditor:  # with a key that is bound to departments
        return sorted(rights.only_departments or ())
    return sorted(pk for pk, role in rights.departments.items() if role == Role.HEAD)


@dataclass(frozen=True)
class Chosen:
    """A definition, and the version that was asked for (None: all)."""

    definition: Definition
    version: DefinitionVersion | None

    @property
    def shown(self) -> DefinitionVersion | None:
        """The version whose steps are listed."""
        return self.version or self.definition.published or self.definition.versions.last()


def chosen(key: str, version: int | None) -> Chosen:
    """Raises NotFound for what there is not."""
    definition = Definition.objects.select_related("published").filter(key=key).first()
    if definition is None:
        raise NotFound(f"There is no workflow “{key}”.")
    if version is None:
        return Chosen(definition, None)
    found = definition.versions.filter(number=version).first()
    if found is None:
        raise NotFound(f"The workflow “{key}” has no version {version}.")
    return Chosen(definition, found)
