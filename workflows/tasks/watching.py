"""Nobody's task: one that could be decided when it was opened may lose its last decider later.

Somebody leaves a department, is made inactive, goes away without a deputy, or may not see the document any more. A
timer that stands in no run looks at all undecided tasks, a slice at a time: once an hour, and within a minute after
people, roles or absences changed. A task that nobody can decide any more rings a timer of its own, under the locks of
its run: its heads are asked too, and those who run the house are told, once until somebody can decide it again.
"""

import hashlib
from collections import Counter
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.utils.dateparse import parse_datetime

from documents.locks import try_hold
from workflows import clock, timers
from workflows.models import UNDECIDED, Candidate, HumanTask, TaskKind, Timer, TimerState
from workflows.tasks import asking, people, quorum, unattended

ROUND, ONE = "watch_tasks", "unattended"
AT_ONCE = 2_000  # tasks in a slice
AGAIN = timedelta(hours=1)  # when nobody changed
LOOKS = timedelta(minutes=1)  # how often it is asked whether somebody did
SLICES = timedelta(seconds=1)
SINCE = "Whoever could decide it has left, is away without a deputy, or may not see the document any more."
_NUMBER = int.from_bytes(hashlib.sha256(b"watch over tasks").digest()[:8], signed=True)


def register() -> None:
    """Make the timers known."""
    timers.on(ROUND, go_on)
    timers.on(ONE, look)


def ensure() -> bool:
    """Have the round's timer set; whether it was missing. Of several who call it at once one does it."""
    with transaction.atomic():
        if not try_hold(_NUMBER) or Timer.objects.filter(kind=ROUND, state=TimerState.PENDING, instance=None).exists():
            return False
        timers.set(instance=None, token=None, kind=ROUND, name="", due_at=clock.now())
        return True


def go_on(timer: Timer) -> None:
    """The next slice of the round, or a new round when it is time. The round's one timer is set again and again."""
    data, now = timer.data, clock.now()
    if "after" not in data and _is_time(data, now):
        data = {"people": unattended.people_now(), "began": now.isoformat(), "after": str(unattended.FIRST)}
    if "after" in data:
        found = unattended.look(after=UUID(data["after"]), most=AT_ONCE)
        _note(found, now)
        if len(found) < AT_ONCE:
            data = {name: held for name, held in data.items() if name != "after"}
        else:
            data = {**data, "after": str(found[-1].task)}
    timer.data, timer.due_at = data, now + (SLICES if "after" in data else LOOKS)
    timer.state, timer.fired_at = TimerState.PENDING, None
    timer.save(update_fields=["data", "due_at", "state", "fired_at"])


def look(timer: Timer) -> None:
    """A closer look at one task: when nobody can decide it, have heads asked and it said. The sweep holds the run."""
    if timer.task_id is None or timer.instance is None:
        return
    tasks = HumanTask.objects.select_for_update(of=("self",), no_key=True).select_related("document__newest")
    task = tasks.filter(pk=timer.task_id, state__in=UNDECIDED, kind=TaskKind.HUMAN, unattended=False).first()
    if task is None:
        return
    task.instance = timer.instance
    excluded, votes = set(task.exclusions.values_list("user_id", flat=True)), list(task.decisions.all())
    barred = excluded | {one.by_id for one in votes} | {one.for_user_id for one in votes if one.for_user_id}
    rows = [row for row in task.candidates.select_related("user", "department") if row.for_user_id not in barred]
    alike = max(Counter(one.outcome for one in votes).values(), default=0)
    able = now = people.able(rows, excluded=barred, document=task.document)
    if _suffices(task, able, alike):
        return
    more = asking.fall_back(task, rows, excluded=barred)
    Candidate.objects.bulk_create(more)
    if more:
        now = people.able([*rows, *more], excluded=barred, document=task.document)
    asking.warn(task, able=able, unknown=[SINCE], now=now)
    if added := set(now.deciders) - set(able.deciders):
        asking.tell(task, to=added, reason=asking.FALLBACK, candidates=len(now.deciders))
    if not _suffices(task, now, alike):
        task.unattended = True
        task.save(update_fields=["unattended"])


def _suffices(task: HumanTask, able: people.Able, alike: int) -> bool:
    """Whether those whose voice is not given yet can bring about an outcome; `alike` votes say the same already."""
    needed = 1 if task.quorum == quorum.ALL else task.quorum - alike
    return bool(able.deciders) and len(able.voices) >= needed


def _is_time(data: dict[str, str], now: datetime) -> bool:
    began = parse_datetime(data.get("began", ""))
    return began is None or now - began >= AGAIN or unattended.people_now() != data.get("people")


def _note(found: list[unattended.Looked], now: datetime) -> None:
    """Tasks that can be decided again are; those that seem to be nobody's are looked at one by one, soon."""
    again = [one.task for one in found if one.attended and one.told]
    if again:
        HumanTask.objects.filter(pk__in=again, state__in=UNDECIDED).update(unattended=False)
    doubtful = [one for one in found if not one.attended and not one.told]
    pending = Timer.objects.filter(kind=ONE, state=TimerState.PENDING, instance__in={one.instance for one in doubtful})
    waiting = set(pending.values_list("task_id", flat=True)) if doubtful else set()
    Timer.objects.bulk_create(
        Timer(instance_id=one.instance, token=one.token, task_id=one.task, kind=ONE, name=one.step, due_at=now)
        for one in doubtful
        if one.task not in waiting
    )
