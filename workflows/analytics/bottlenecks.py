"""Where time goes: the steps that take most of it, each with the reason, and heat for the picture."""

from collections.abc import Sequence
from datetime import datetime

from django.utils.translation import gettext as _

from accounts.rights import Rights
from workflows import drawing
from workflows.analytics.figures import Bottleneck, StepFigures
from workflows.analytics.steps import steps_of
from workflows.models import DefinitionVersion

WORTH_SAYING = 0.02
"""Steps that take less of the time are no bottlenecks."""


def bottlenecks(
    rights: Rights,
    *,
    key: str,
    version: int | None = None,
    since: datetime | None = None,
    until: datetime | None = None,
    most: int = 5,
) -> list[Bottleneck]:
    """The steps that take most of the time, the worst first. Raises NotAllowed, NotFound, BadPeriod."""
    return of_steps(steps_of(rights, key=key, version=version, since=since, until=until).steps, most=most)


def of_steps(found: Sequence[StepFigures], *, most: int = 5) -> list[Bottleneck]:
    """The same of figures that are there."""
    slow = sorted((one for one in found if (one.share or 0) >= WORTH_SAYING), key=lambda one: -(one.share or 0))
    return [Bottleneck(rank, one, why(one)) for rank, one in enumerate(slow[:most], start=1)]


def heat(
    rights: Rights, *, version: DefinitionVersion, since: datetime | None = None, until: datetime | None = None
) -> dict[str, drawing.StepFigures]:
    """What `workflows.drawing` colours the steps of that version by. Raises NotAllowed, BadPeriod."""
    found = steps_of(rights, key=version.definition.key, version=version.number, since=since, until=until)
    return {
        one.step: drawing.StepFigures(
            count=one.volume,
            open=one.open,
            waiting=one.waiting.p50 or 0.0,
            working=one.working.p50 or 0.0,
            breached=one.breached,
        )
        for one in found.steps
    }


def why(step: StepFigures) -> str:
    """A sentence or three that say what the time goes into, in the language of the moment."""
    said = [_("It takes %(percent)d %% of the time of all steps.") % {"percent": round(100 * (step.share or 0))}]
    waiting, working = step.waiting.p50 or 0.0, step.working.p50 or 0.0
    if step.kind == "timer":
        said.append(_("It waits for the clock, as it is meant to."))
    elif waiting >= working:
        said.append(_("Half of its passages wait longer than %(time)s until work begins.") % {"time": length(waiting)})
    else:
        said.append(_("Half of its passages are worked on for longer than %(time)s.") % {"time": length(working)})
    if step.breached:
        percent = max(1, round(100 * (step.breach_rate or 0)))
        said.append(_("%(percent)d %% miss their deadline.") % {"percent": percent})
    if step.reworked:
        said.append(_("%(count)d were done over.") % {"count": step.reworked})
    if step.open:
        said.append(_("%(count)d stand there now.") % {"count": step.open})
    return " ".join(said)


def length(seconds: float) -> str:
    """A length of time in its largest unit, for people."""
    for size, text in ((86_400, _("%(n)s days")), (3_600, _("%(n)s hours")), (60, _("%(n)s minutes"))):
        if seconds >= size:
            return text % {"n": f"{seconds / size:.1f}".removesuffix(".0")}
    return _("%(n)s seconds") % {"n": f"{seconds:.0f}"}
