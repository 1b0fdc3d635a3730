"""How one person stands to one task: whether he decides it now, in whose name, and if not, why not.

The same rule as `TaskQuerySet.decidable_by`, with the reason. Sight is asked apart.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from accounts.models import User
from accounts.refusals import NotAllowed
from accounts.rights import Action, Rights
from workflows import deciding
from workflows.deciding import Voice
from workflows.models import Absence, Candidate, Decision, HumanTask, TaskState
from workflows.tasks.refusals import ClaimedByOther, DecidedBefore, Excluded, NotYours


@dataclass(frozen=True)
class Standing:
    """`why_not` is None for who decides; `for_user_id` is the one for whom he does, None for himself."""

    why_not: NotAllowed | None = None
    for_user_id: int | None = None
    voices: frozenset[int] = frozenset()  # that he can lend the task: his own, and those of the absent

    @property
    def decides(self) -> bool:
        return self.why_not is None


@dataclass(frozen=True)
class Rows:
    """What hangs on the task, read once."""

    candidates: list[Candidate]
    excluded: dict[int, str]
    decisions: list[Decision]

    @classmethod
    def of(cls, task: HumanTask) -> "Rows":
        return cls(
            list(task.candidates.select_related("user", "department", "for_user").order_by("pk")),
            dict(task.exclusions.values_list("user_id", "reason")),
            list(task.decisions.order_by("at", "pk")),
        )

    @property
    def given(self) -> set[int]:
        """The voices that are given."""
        return {one.by_id for one in self.decisions} | {one.for_user_id for one in self.decisions if one.for_user_id}


def of(task: HumanTask, rights: Rights, *, rows: Rows | None = None) -> Standing:
    """How this person stands to a task that he sees."""
    if refusal := _never(rights):
        return Standing(refusal)
    rows = rows or Rows.of(task)
    me = rights.user_id
    if me in rows.excluded:
        return Standing(Excluded(f"You may not decide this task. {rows.excluded[me]}"))
    if any(one.by_id == me for one in rows.decisions):
        return Standing(DecidedBefore("You have decided this task already. Others are still asked."))
    voices = deciding.voices_of(rights)
    held = frozenset(voice.user_id for voice in voices)
    found = list(_found(rows, voices))
    open_to_me = [(voice, for_user) for voice, for_user in found if for_user not in rows.given]
    for voice, for_user in open_to_me:
        if voice not in rows.given and voice not in rows.excluded and for_user not in rows.excluded:
            return Standing(None, None if for_user == me else for_user, held)
    if not found:
        return Standing(NotYours("This task asks other people. Their names and departments stand beside it."))
    if all(voice in rows.excluded or for_user in rows.excluded for voice, for_user in found):
        return Standing(Excluded("The person for whom you would decide is excluded from this task."))
    return Standing(DecidedBefore("This voice is given already: somebody decided for you, or you for somebody."))


def refuse_taken(task: HumanTask, standing: Standing) -> None:
    """Raises ClaimedByOther while somebody else has the task who is here to decide it."""
    if task.state != TaskState.CLAIMED or task.assignee is None or task.assignee_id in standing.voices:
        return
    if holds(task):
        raise ClaimedByOther(
            f"{name_of(task.assignee)} has taken this task."
            " Ask for its release; the head of the department may take it over."
        )


def holds(task: HumanTask) -> bool:
    """Whether whoever has taken the task keeps others from it: not when he is away today, or gone."""
    if task.state != TaskState.CLAIMED or task.assignee is None or not task.assignee.is_active:
        return False
    day = deciding.today()
    return not Absence.objects.filter(user=task.assignee, first_day__lte=day, last_day__gte=day).exists()


def name_of(user: User) -> str:
    return user.get_full_name() or user.get_username()


def _never(rights: Rights) -> NotAllowed | None:
    if not rights.scope_allows(Action.CONTROL):
        return NotYours("This key does not decide tasks: it lacks the scope “control”.")
    if rights.auditor:
        return NotYours("Auditors read, and decide nothing.")
    if not deciding.may_decide_at_all(rights):
        return NotYours("Only reviewers and heads of departments decide tasks.")
    return None


def _found(rows: Rows, voices: list[Voice]) -> Iterator[tuple[int, int]]:
    """(whose row it is, whose voice it gives): what was handed on comes first, then one's own, then the absents'."""
    for handed in (True, False):
        for voice in voices:
            for row in rows.candidates:
                if (row.for_user_id is not None) is handed and _means(row, voice):
                    yield voice.user_id, row.for_user_id or voice.user_id


def _means(row: Candidate, voice: Voice) -> bool:
    if row.user_id is not None:
        return row.user_id == voice.user_id
    return voice.departments.get(row.department_id or 0) in row.roles
