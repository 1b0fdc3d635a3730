"""To read and confirm: one's own confirmation, who has and who has not for those who look after them, and the list."""

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts.models import Membership, Role
from accounts.rights import Rights
from kmrl.pages import frame
from workflows import acknowledging
from workflows.confirmations.standing import Line, Share
from workflows.models import Acknowledgement, HumanTask, Shift, TaskKind, TaskState

FORMULA = ("=", "+", "-", "@", "\t", "\r")


@dataclass(frozen=True)
class Reading:
    """`own`: what is asked of who looks; `lines` those whom he may follow, `shifts` their shares by shift."""

    share: Share
    needed: int
    own: Acknowledgement | None
    open: bool
    lines: Sequence[Line]
    shifts: list[tuple[str, Share]]
    follows: bool


def of(task: HumanTask, mine: Rights) -> Reading:
    """How the reading of this task stands."""
    standing = acknowledging.standing(task)
    lines = _lines(task, mine, standing.lines)
    names = shift_names()
    shares = [
        (names.get(key, key), _share([one for one in lines if one.shift == key]))
        for key in sorted({one.shift for one in lines})
        if key
    ]
    own = task.acknowledgements.filter(user_id=mine.user_id).first()
    wanted = task.state in (TaskState.OPEN, TaskState.COMPLETED)
    return Reading(standing.all, standing.needed, own, wanted, lines, shares, _follows(task, mine))


def shift_names() -> dict[str, str]:
    return dict(Shift.objects.values_list("key", "name"))


@login_required
@require_safe
def table(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Who has confirmed and who has not, as CSV, for those who look after them."""
    mine = frame.rights(request)
    task = (
        HumanTask.objects.visible_to(mine).filter(pk=pk, kind=TaskKind.ACKNOWLEDGE).select_related("instance").first()
    )
    if task is None or not _follows(task, mine):
        raise Http404
    answer = HttpResponse(content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="confirmations-{task.pk}.csv"'
    answer.write("\ufeff")
    names = shift_names()
    out = csv.writer(answer)
    heads = (_("User name"), _("Name"), _("Shift"), _("Due"), _("Confirmed"), _("Version"), _("Reminded"), _("Late"))
    out.writerow(heads)
    for line in _lines(task, mine, acknowledging.standing(task).lines):
        times = [_text(line.due_at), _text(line.acknowledged_at)]
        row = [line.username, line.name, names.get(line.shift, line.shift), *times]
        late = _("yes") if line.late else _("no")
        out.writerow([_harmless(str(one)) for one in (*row, line.document_version or "", line.chased, late)])
    return answer


def _harmless(said: str) -> str:
    """No table program takes it for a formula."""
    return f"'{said}" if said.startswith(FORMULA) else said


def _text(at: object) -> str:
    return timezone.localtime(at).isoformat(timespec="minutes") if at else ""  # type: ignore[arg-type]


def _follows(task: HumanTask, mine: Rights) -> bool:
    return mine.sees_all or Role.HEAD in mine.departments.values()


def _lines(task: HumanTask, mine: Rights, lines: Sequence[Line]) -> list[Line]:
    """All for who sees the house and the head of the task's or the run's department; other heads their own people."""
    if not _follows(task, mine):
        return []
    headed = {pk for pk, role in mine.departments.items() if role == Role.HEAD}
    if mine.sees_all or headed & {task.department_id, task.instance.department_id}:
        return list(lines)
    staff = set(Membership.objects.filter(department_id__in=headed).values_list("user_id", flat=True))
    return [one for one in lines if one.user_id in staff]


def _share(lines: Sequence[Line]) -> Share:
    return Share(sum(one.acknowledged_at is not None for one in lines), len(lines))
