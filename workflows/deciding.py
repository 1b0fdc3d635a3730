"""Who may see and decide a task: the one place that answers, for every door.

A task is seen by whoever sees its run's document; without a document by its run's department and starter, its
candidates, and who is asked to confirm it. (Once its document is removed for good: by auditors and administrators.)
It is decided by a candidate: named in person, or by a role in a department, or as the deputy of such a one who is
absent today; who is not excluded (nor is the one whom he stands in for), sees the document, is reviewer or head
somewhere, and is no auditor. One voice is given once, whoever gives it. `workflows.tasks.standing` says the same of one
task with the reason; a test holds the two together.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import reduce
from operator import or_
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import models
from django.db.models import Exists, F, OuterRef, Q

from accounts import prepared
from accounts.models import Membership, Role
from accounts.rights import Action, Rights
from documents.models import Document
from workflows import clock

if TYPE_CHECKING:
    from workflows.models import HumanTask

DECIDING_ROLES = (Role.REVIEWER, Role.HEAD)


@dataclass(frozen=True)
class Voice:
    """In whose name somebody decides: `departments` are those in which that one may."""

    user_id: int
    departments: Mapping[int, str]


def today() -> date:
    """The day where the house is, wherever its reader may be."""
    return clock.now().astimezone(ZoneInfo(settings.TIME_ZONE)).date()


def may_decide_at_all(rights: Rights) -> bool:
    """Whether there can be tasks for this person: reviewer or head somewhere, no auditor, no key that only reads."""
    decides = bool(set(rights.departments.values()) & set(DECIDING_ROLES))
    return decides and not rights.auditor and rights.scope_allows(Action.CONTROL)


def own_voice(rights: Rights) -> Voice:
    return Voice(rights.user_id, _deciding(rights.departments))


_LENT = """
SELECT DISTINCT user_id FROM workflows_absence
WHERE deputy_id = %(deputy)s AND first_day <= %(day)s AND last_day >= %(day)s ORDER BY user_id
"""


def lent_voices(rights: Rights) -> list[Voice]:
    """Those of the people who are absent today and whose deputy this is."""
    ids = [row[0] for row in prepared.rows(_LENT, {"deputy": rights.user_id, "day": today()})]
    roles: dict[int, dict[int, str]] = {pk: {} for pk in ids}
    if ids:
        rows = Membership.objects.filter(user_id__in=ids, department__active=True)
        for user_id, department_id, role in rows.values_list("user_id", "department_id", "role"):
            roles[user_id][department_id] = role
    return [Voice(pk, _deciding(roles[pk])) for pk in ids]


def voices_of(rights: Rights) -> list[Voice]:
    """His own, then those that he may lend today."""
    return [own_voice(rights), *lent_voices(rights)]


def _deciding(departments: Mapping[int, str]) -> dict[int, str]:
    return {pk: role for pk, role in departments.items() if role in DECIDING_ROLES}


class TaskQuerySet(models.QuerySet["HumanTask"]):
    def visible_to(self, rights: Rights) -> "TaskQuerySet":
        """The tasks that these rights show, decided ones included."""
        return self._shown(rights, None)

    def listed_for(self, rights: Rights) -> "TaskQuerySet":
        """The same, for lists and counts: who sees few documents has few tasks looked at."""
        return self._shown(rights, None, in_lists=True)

    def _shown(self, rights: Rights, voices: list[Voice] | None, *, in_lists: bool = False) -> "TaskQuerySet":
        if not rights.scope_allows(Action.SEE):
            return self.none()
        if rights.sees_all and rights.administrator:
            return self
        papers = Document.objects
        seen = papers.sight_in_lists(rights, at="document") if in_lists else papers.sight(rights, at="document__")
        if rights.bound:
            return self.filter(seen)
        if rights.sees_all:
            return self.filter(Q(document=None) | seen)
        mine = Q(instance__department_id__in=list(rights.departments)) | Q(instance__started_by_id=rights.user_id)
        meant = [_meaning(voice) for voice in (voices or voices_of(rights))]
        asked = Q(Exists(self._rows("candidates").filter(_any(meant), task_id=OuterRef("pk"))))
        if voices is None:  # else it is about decisions alone
            confirming = self._rows("acknowledgements").filter(user_id=rights.user_id, task_id=OuterRef("pk"))
            asked |= Q(Exists(confirming))
        without = Q(document=None, document_version=None)
        return self.filter(seen | (without & (mine | asked)))

    def undecided(self) -> "TaskQuerySet":
        return self.filter(state__in=["open", "claimed"])

    def decidable_by(self, rights: Rights) -> "TaskQuerySet":
        """The undecided decisions that wait for this person: named or by role, not excluded, not decided by him yet.

        Includes what a colleague has claimed: that one is asked to release it, or decides.
        """
        if not may_decide_at_all(rights):
            return self.none()
        me = rights.user_id
        voices = voices_of(rights)
        found = self._shown(rights, voices).undecided().filter(Exists(self._voices(voices)), kind="human")
        decided = self._rows("decisions").filter(task=OuterRef("pk"), by_id=me)
        return found.exclude(Exists(self._excluded(me, "pk"))).exclude(Exists(decided))

    def _voices(self, voices: list[Voice]) -> models.QuerySet[Any]:
        """The candidate rows of a task by which one of these voices, or one handed to it, can still be given.

        One question for all of them: so PostgreSQL may begin with the few rows that mean them.
        """
        meant = [
            _meaning(voice)
            & ~Q(Exists(self._excluded(voice.user_id, "task_id")))
            & ~Q(Exists(self._given(voice.user_id, "task_id")))
            for voice in voices
        ]
        handed = self._rows("decisions").filter(task=OuterRef("task_id"))
        handed = handed.filter(Q(by_id=OuterRef("for_user_id")) | Q(for_user_id=OuterRef("for_user_id")))
        barred = self._rows("exclusions").filter(task=OuterRef("task_id"), user_id=OuterRef("for_user_id"))
        unspent = ~Q(Exists(handed)) & ~Q(Exists(barred))
        rows = self._rows("candidates").filter(task_id=OuterRef("pk"), open=True)
        return rows.filter(_any(meant), Q(for_user=None) | unspent)

    def _excluded(self, user_id: int, task: str) -> models.QuerySet[Any]:
        return self._rows("exclusions").filter(task=OuterRef(task), user_id=user_id)

    def _given(self, user_id: int, task: str) -> models.QuerySet[Any]:
        """Decisions of this person, or for him."""
        by_or_for = Q(by_id=user_id) | Q(for_user_id=user_id)
        return self._rows("decisions").filter(by_or_for, task=OuterRef(task))

    def _rows(self, name: str) -> models.QuerySet[Any]:
        """What hangs on tasks under that name; by way of the model, which imports this module."""
        related: type[models.Model] = getattr(self.model, name).rel.related_model
        return related._default_manager.all()


def _meaning(voice: Voice) -> Q:
    """Whether a candidate row means this person."""
    named = Q(user_id=voice.user_id)
    for department_id, role in voice.departments.items():
        named |= Q(user=None, department_id=department_id, roles__contains=[role])
    return named


def _any(conditions: list[Q]) -> Q:
    return reduce(or_, conditions)


TaskManager = models.Manager.from_queryset(TaskQuerySet)
ORDER = (F("due_at").asc(nulls_last=True), "id")
"""Due first; ids sort by the time they were made."""


def may_decide(task: "HumanTask", rights: Rights) -> bool:
    """Whether this person may decide this task now."""
    return type(task).objects.decidable_by(rights).filter(pk=task.pk).exists()
