"""Who may see a document: the only door for API, admin, search, sockets and downloads."""

from typing import TYPE_CHECKING, Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db import models
from django.db.models import Q

from accounts import estimating
from accounts.rights import Action, Rights

if TYPE_CHECKING:
    from documents.models import Document


FEW = 3_000
"""So many papers are few: what hangs on them is found from their side."""


@models.UUIDField.register_lookup
class AnyOf(models.Lookup):
    """`= ANY(ARRAY(…))`: unlike `IN (…)` an index can answer it beside others in an OR, so that who sees little reads
    little."""

    lookup_name = "any_of"
    prepare_rhs = False

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, tuple[Any, ...]]:
        (left, ours), (right, given) = self.process_lhs(compiler, connection), self.process_rhs(compiler, connection)
        return f"{left} = ANY({right})", (*ours, *given)


class DocumentQuerySet(models.QuerySet["Document"]):
    def visible_to(self, rights: Rights) -> "DocumentQuerySet":
        """The documents that these rights show, the bin included; see `outside_bin`."""
        if not rights.scope_allows(Action.SEE):
            return self.none()
        return self.filter(self.sight(rights))

    def sight(self, rights: Rights, *, at: str = "") -> Q:
        """What a document has to be for these rights, which allow SEE; `at` leads to it (`document__`).

        The SQL of `Rights.may(SEE, …)`: tests/accounts/test_sight.py holds the two together.
        """

        def has(**conditions: Any) -> Q:
            return Q(**{f"{at}{field}": value for field, value in conditions.items()})

        reached = has(pk__isnull=False) if at else Q()
        if rights.only_departments is not None:
            reached &= has(department_id__in=rights.only_departments)
        if rights.sources is not None:
            reached &= has(source__key__in=rights.sources)
        if rights.administrator:
            return reached
        reached &= ~has(status="quarantined")
        if rights.auditor:
            return reached
        named = self.model.people.through.objects.filter(user_id=rights.user_id).values("document_id")
        return reached & (
            has(access="department", department_id__in=list(rights.departments))
            | has(access="department", department_id=None, uploaded_by_id=rights.user_id)
            | has(access="restricted", pk__any_of=ArraySubquery(named))
            | has(access="department", shared=True, pk__any_of=ArraySubquery(self._shared_with(rights)))
        )

    def sight_in_lists(self, rights: Rights, *, at: str) -> Q:
        """The same as `sight`, for lists of what hangs on documents; `at` is the relation to them (`document`).

        Where these rights show few, by their ids: PostgreSQL, which cannot see through the OR around it, would join
        the documents of the whole house.
        """
        seen = self.visible_to(rights).order_by()
        if estimating.rows(seen) > FEW:
            return self.sight(rights, at=f"{at}__")
        return Q(**{f"{at}__pk__any_of": ArraySubquery(seen.values("pk"))})

    def _shared_with(self, rights: Rights) -> models.QuerySet[Any]:
        """Ids of the documents that are shown to this person, or to a department of his, beside its own."""
        shares: type[models.Model] = self.model._meta.get_field("shares").related_model  # type: ignore[assignment]
        mine = Q(user_id=rights.user_id) | Q(department_id__in=list(rights.departments))
        return shares._default_manager.filter(mine).values("document_id")

    def outside_bin(self) -> "DocumentQuerySet":
        return self.filter(binned_at=None)

    def in_bin(self) -> "DocumentQuerySet":
        return self.filter(binned_at__isnull=False)


DocumentManager = models.Manager.from_queryset(DocumentQuerySet)


def may(rights: Rights, action: Action, document: "Document") -> bool:
    """Whether `action` is allowed on a document that the caller sees (take it from `visible_to` first)."""
    return rights.may(
        action,
        department_id=document.department_id,
        uploaded_by_id=document.uploaded_by_id,
        source=document.source.key if rights.sources is not None else None,
    )
