"""Who may see and decide a task: the one place that answers, for every door.

A task is seen by whoever sees its run's document (without a document: its run's department and candidates).
It is decided by a candidate: named in person, or by a role in a department, or as deputy of a named person who is
absent today; who is not excluded, sees the document, is reviewer or head somewhere, and is no auditor.
"""

from typing import TYPE_CHECKING, Any

from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.utils import timezone

from accounts.models import Role, User
from accounts.rights import Action, Rights
from documents.models import Document

if TYPE_CHECKING:
    from workflows.models import HumanTask

DECIDING_ROLES = (Role.REVIEWER, Role.HEAD)


class TaskQuerySet(models.QuerySet["HumanTask"]):
    def visible_to(self, rights: Rights) -> "TaskQuerySet":
        """The tasks that these rights show, decided ones included."""
        if not rights.scope_allows(Action.SEE):
            return self.none()
        seen = Q(document__in=Document.objects.visible_to(rights).values("pk"))
        if rights.bound:
            return self.filter(seen)
        if rights.sees_all:
            return self.filter(Q(document=None) | seen)
        mine = Q(instance__department_id__in=list(rights.departments)) | Q(instance__started_by_id=rights.user_id)
        return self.filter(seen | (Q(document=None) & (mine | self._named(rights))))

    def undecided(self) -> "TaskQuerySet":
        return self.filter(state__in=["open", "claimed"])

    def decidable_by(self, rights: Rights) -> "TaskQuerySet":
        """The undecided decisions that wait for this person: named or by role, not excluded, not decided by him yet.

        Includes what a colleague has claimed: that one is asked to release it, or decides.
        """
        if rights.auditor or not rights.scope_allows(Action.CONTROL):
            return self.none()
        if not set(rights.departments.values()) & set(DECIDING_ROLES):
            return self.none()
        mine = self.visible_to(rights).undecided().filter(self._named(rights), kind="human")
        excluded = self._rows("exclusions").filter(task=OuterRef("pk"), user_id=rights.user_id)
        decided = self._rows("decisions").filter(task=OuterRef("pk"), by_id=rights.user_id)
        return mine.exclude(Exists(excluded)).exclude(Exists(decided))

    def _named(self, rights: Rights) -> Exists:
        """Whether a candidate row means this person."""
        today = timezone.localdate()
        absent = User.objects.filter(
            pk=OuterRef("user_id"),
            absences__deputy_id=rights.user_id,
            absences__first_day__lte=today,
            absences__last_day__gte=today,
        )
        named = Q(user_id=rights.user_id) | Q(Exists(absent))
        for department_id, role in rights.departments.items():
            named |= Q(user=None, department_id=department_id, roles__contains=[role])
        return Exists(self._rows("candidates").filter(named, task_id=OuterRef("pk")))

    def _rows(self, name: str) -> models.QuerySet[Any]:
        """What hangs on tasks under that name; by way of the model, which imports this module."""
        related: type[models.Model] = getattr(self.model, name).rel.related_model
        return related._default_manager.all()


TaskManager = models.Manager.from_queryset(TaskQuerySet)
ORDER = (F("due_at").asc(nulls_last=True), "opened_at", "id")


def may_decide(task: "HumanTask", rights: Rights) -> bool:
    """Whether this person may decide this task now."""
    return type(task).objects.decidable_by(rights).filter(pk=task.pk).exists()
