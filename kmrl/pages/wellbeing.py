"""How the house is, in words, for those who may see it: what is wrong first, then what goes on."""

from dataclasses import dataclass, field
from datetime import datetime

from django.db.models import Count, Min
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.rights import Rights
from jobs.alerts import raising
from jobs.models import Job, JobState, Queue, QueueName, Worker
from jobs.registry import GONE_AFTER
from kmrl.pages import reasons
from kmrl.pages.labels import QUEUES

COUNTED_TO = 10_000
LONG = 60  # seconds: a wait worth telling


@dataclass(frozen=True)
class Said:
    """A sentence and how it is meant: `processed`, `attention`, `failed` or nothing; `since` when that is known."""

    text: str
    tone: str = ""
    since: datetime | None = None


@dataclass(frozen=True)
class Wellbeing:
    """`wrong`: what somebody should look after. `said`: what goes on."""

    wrong: list[Said] = field(default_factory=list)
    said: list[Said] = field(default_factory=list)
    controls: bool = False

    @property
    def word(self) -> Said:
        if any(one.tone == "failed" for one in self.wrong):
            return Said(_("Something is wrong"), "failed")
        return Said(_("Needs a look"), "attention") if self.wrong else Said(_("All is well"), "processed")


def of(mine: Rights) -> Wellbeing | None:
    """For administrators and auditors; None for others. A few small tables and partial indexes."""
    if not (mine.administrator or mine.auditor):
        return None
    workers = Worker.objects.filter(seen_at__gt=timezone.now() - GONE_AFTER).count()
    wrong = [
        Said(reasons.in_words(one.text), "failed" if one.level == "error" else "attention", one.raised_at)
        for one in raising.open_alerts()
    ]
    if not workers:
        wrong.insert(0, Said(_("No worker has reported lately: what arrives is kept, and waits."), "failed"))
    for name in Queue.objects.filter(paused=True).order_by("name").values_list("name", flat=True):
        text = _("The queue “{name}” is paused: nothing more of it is begun.").format(name=_queue(name))
        wrong.append(Said(text, "attention"))
    return Wellbeing(wrong, [Said(_waits()), Said(_at_work(workers))], controls=mine.administrator)


def _waits() -> str:
    waiting = Job.objects.filter(state=JobState.QUEUED, run_after=None).order_by()
    count = waiting[: COUNTED_TO + 1].aggregate(n=Count("pk"))["n"]
    if not count:
        return _("Nothing waits.")
    said = (
        _("More than {:,} jobs wait").format(COUNTED_TO)
        if count > COUNTED_TO
        else ngettext("{:,} job waits", "{:,} jobs wait", count).format(count)
    )
    oldest = waiting.aggregate(at=Min("created_at"))["at"]
    seconds = (timezone.now() - oldest).total_seconds() if oldest else 0
    if seconds < LONG:
        return _("{said}, none for as long as a minute.").format(said=said)
    minutes = round(seconds / 60)
    long = ngettext("{n} minute", "{n} minutes", minutes).format(n=minutes)
    return _("{said}, the oldest for {long}.").format(said=said, long=long)


def _at_work(workers: int) -> str:
    running = Job.objects.filter(state=JobState.RUNNING).count()
    said = ngettext("{:,} worker is there", "{:,} workers are there", workers).format(workers)
    if not running:
        return _("{said}, idle.").format(said=said)
    busy = ngettext("{:,} job is being done", "{:,} jobs are being done", running).format(running)
    return f"{said}; {busy}."


def _queue(name: str) -> str:
    return str(QUEUES[QueueName(name)]) if name in QueueName.values else name
