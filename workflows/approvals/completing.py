"""Deciding a task. The last decision that is needed moves the run on, in the same transaction."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from accounts import writing
from accounts.models import User
from accounts.rights import Rights
from workflows import again, clock, running
from workflows.approvals.holding import held, refuse_decided
from workflows.engine.talk import Decided
from workflows.models import Decision, HumanTask
from workflows.tasks import forms, opening, people, quorum, standing, telling
from workflows.tasks.refusals import BadDecision, Superseded
from workflows.tasks.standing import Rows, Standing
from workflows.turn import Turn

LONGEST = 10_000


@again.whole
def complete(
    *,
    task_id: UUID,
    outcome: str,
    comment: str = "",
    form: Mapping[str, Any] | None = None,
    by: User,
    rights: Rights,
    door: str = "page",
    document_version: int | None = None,
) -> HumanTask:
    """Record `by`'s decision. `document_version` is the one that he looked at.

    Raises NotFound; NotYours, Excluded, DecidedBefore (403); AlreadyDecided, ClaimedByOther, Superseded, NotNeeded
    (409); BadDecision with sentences by field.
    """
    task = held(task_id, rights=rights)
    refuse_decided(task)
    rows = Rows.of(task)
    mine = standing.of(task, rights, rows=rows)
    if mine.why_not is not None:
        raise mine.why_not
    standing.refuse_taken(task, mine)
    _refuse_old_version(task, document_version)
    decision = _decision(task, outcome, comment, form, by=by, door=door, mine=mine)
    writing.insert([decision])
    rows.decisions.append(decision)
    after = {"for": _username(decision.for_user_id)} if decision.for_user_id else {}
    turn = Turn()
    turn.take([task.instance])
    telling.record_with(
        turn,
        task,
        telling.DECIDED,
        by=by,
        note=decision.comment,
        outcome=outcome,
        form=decision.form,
        document_version=decision.document_version,
        door=door,
        **after,
    )
    settled = quorum.outcome_of(
        task.outcomes, [one.outcome for one in rows.decisions], quorum=task.quorum, remaining=_remaining(task, rows)
    )
    if settled is not None:
        _settle(turn, task, settled, rows, by=by)
    running.finish(turn)
    return task


def _refuse_old_version(task: HumanTask, looked_at: int | None) -> None:
    newest = task.document.newest.number if task.document and task.document.newest else None
    if opening.is_superseded(task):
        raise Superseded(
            f"Version {newest} of the document has come since this was asked."
            " Once it is read, the task is opened anew about that version."
        )
    if looked_at is not None and newest is not None and looked_at != newest:
        raise Superseded(f"You looked at version {looked_at}; the newest is {newest}. Look at it, then decide.")


def _decision(
    task: HumanTask,
    outcome: str,
    comment: str,
    form: Mapping[str, Any] | None,
    *,
    by: User,
    door: str,
    mine: Standing,
) -> Decision:
    """The row, checked and not written. Raises BadDecision."""
    chosen = next((one for one in task.outcomes if one.get("key") == outcome), None)
    if chosen is None:
        keys = ", ".join(str(one.get("key")) for one in task.outcomes)
        raise BadDecision(
            f"“{outcome[:40]}” is no outcome of this task. Choose one of: {keys}.",
            errors={"outcome": [f"Choose one of: {keys}."]},
        )
    said = comment.strip()
    if not said and chosen.get("comment") == "required":
        sentence = "Say why: this outcome wants a comment."
        raise BadDecision(sentence, errors={"comment": [sentence]})
    if len(said) > LONGEST:
        raise BadDecision(f"A comment has {LONGEST} characters at most.", errors={"comment": ["This is too long."]})
    return Decision(
        task=task,
        by=by,
        for_user_id=mine.for_user_id,
        outcome=outcome,
        comment=said,
        form=forms.checked(task.form, form, lenient=bool(chosen.get("veto"))),
        document_version=task.document.newest.number if task.document and task.document.newest else None,
        door=door,
        at=clock.now(),
    )


def _remaining(task: HumanTask, rows: Rows) -> int:
    """How many voices can still come, those of people who are away included."""
    if task.quorum == 1 and not any(one.get("veto") for one in task.outcomes):
        return 0  # this one decides
    able = people.able(rows.candidates, excluded=set(rows.excluded), document=task.document)
    return len(able.voices - rows.given)


def _settle(turn: Turn, task: HumanTask, outcome: str, rows: Rows, *, by: User) -> None:
    """The task is decided: close it, and have the turn tell the run."""
    counted = [one for one in rows.decisions if one.outcome == outcome] or rows.decisions
    task.complete()
    task.outcome, task.completed_by, task.completed_at = outcome, by, clock.now()
    task.save(update_fields=["state", "outcome", "completed_by", "completed_at"])
    opening.settle(task)
    names = {by.pk: by.get_username()}
    if others := [one.by_id for one in rows.decisions if one.by_id != by.pk]:
        names |= dict(User.objects.filter(pk__in=others).values_list("pk", "username"))
    telling.record_with(turn, task, telling.COMPLETED, by=by, outcome=outcome, votes=len(rows.decisions))
    turn.write_history()  # before what the move itself writes there
    commented = any(one.comment for one in rows.decisions)
    telling.tell_completed(task, by=by.get_username(), commented=commented, turn=turn)
    form = {name: value for one in counted for name, value in one.form.items()}
    news = Decided(
        token=task.token,
        outcome=outcome,
        by=tuple(names[one.by_id] for one in rows.decisions),
        comment=next((one.comment for one in reversed(counted) if one.comment), ""),
        form=form,
    )
    turn.say(UUID(str(task.instance_id)), news, by=by)


def _username(pk: int) -> str:
    return str(User.objects.values_list("username", flat=True).get(pk=pk))
