"""Raising and clearing: once each, whoever looks and however often; told as events in the same transaction."""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta

from django.db import connection, transaction
from django.utils import timezone

from accounts import history
from accounts.models import User
from accounts.refusals import NotAllowed, NotFound
from accounts.rights import Action, Rights, rights_of
from jobs import notices
from jobs.alerts.readings import Reading
from jobs.models import Alert, Lookout
from realtime import audiences, events
from realtime.catalogue import SystemAlert, SystemHealth
from realtime.notices import telling

QUIET = 30.0  # seconds that a reading must have been fine before its alert is cleared
KEPT = timedelta(days=400)


@transaction.atomic
def settle(readings: Iterable[Reading], *, scope: str, turn: int) -> list[Alert]:
    """Compare what was read with what is open; those that were raised or cleared.

    Nothing happens when another process has taken a later turn of that scope meanwhile.
    """
    lookout = Lookout.objects.select_for_update().filter(scope=scope, turn=turn).first()
    if lookout is None:
        return []
    now = timezone.now()
    is_open = {f"{one.name}/{one.subject}": one for one in Alert.objects.filter(cleared_at=None)}
    pending: dict[str, float] = {}
    moved: list[Alert] = []
    for reading in readings:
        alert = is_open.get(reading.key)
        turned = reading.bad if alert is None else reading.fine
        if turned:
            since = lookout.pending.get(reading.key, now.timestamp())
            if now.timestamp() - since >= (reading.after if alert is None else QUIET):
                moved += _clear([alert], now) if alert else _raise(reading, now)
                continue
            pending[reading.key] = since
        if alert is not None:
            _refresh(alert, reading)
    if pending != lookout.pending:
        lookout.pending = pending
        lookout.save(update_fields=["pending"])
    _tell(moved)
    return moved


@transaction.atomic
def settle_now(reading: Reading) -> list[Alert]:
    """For what is found out once and not read every few seconds: bad raises, anything else clears, at once."""
    now = timezone.now()
    alert = (
        Alert.objects.select_for_update().filter(name=reading.name, subject=reading.subject, cleared_at=None).first()
    )
    if reading.bad and alert is not None:
        _refresh(alert, reading)
        return []
    moved = _raise(reading, now) if reading.bad else _clear([alert] if alert else [], now)
    _tell(moved)
    return moved


@transaction.atomic
def clear_subjects(name: str, subjects: Sequence[str]) -> list[Alert]:
    """Clear what is open about subjects that nobody reads any more."""
    gone = Alert.objects.select_for_update().filter(name=name, subject__in=subjects, cleared_at=None)
    moved = _clear(list(gone), timezone.now())
    _tell(moved)
    return moved


@transaction.atomic
def acknowledge(*, alert_id: int, by: User, rights: Rights | None = None) -> Alert:
    """`by` has seen it and cares for it; the first who says so is kept. Raises NotAllowed, NotFound."""
    if not (rights or rights_of(by)).may(Action.RUN_HOUSE, department_id=None):
        raise NotAllowed("Only administrators look after the house.")
    alert = Alert.objects.select_for_update(of=("self",)).filter(pk=alert_id).first()
    if alert is None:
        raise NotFound
    if alert.acknowledged_at is None:
        alert.acknowledged_at, alert.acknowledged_by = timezone.now(), by
        alert.save(update_fields=["acknowledged_at", "acknowledged_by"])
        history.record("alert", alert.pk, "acknowledged", by=by, after={"alert": str(alert)})
    return alert


def open_alerts() -> list[Alert]:
    """Errors first, then the newest."""
    return list(Alert.objects.filter(cleared_at=None).select_related("acknowledged_by").order_by("level", "-raised_at"))


def forget_old() -> int:
    """Cleared ones are kept for thirteen months."""
    return Alert.objects.filter(cleared_at__lt=timezone.now() - KEPT).delete()[0]


def _raise(reading: Reading, now: datetime) -> list[Alert]:
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO jobs_alert (name, subject, level, text, value, threshold, raised_at, mail_failures)"
            " VALUES (%s, %s, %s, %s, %s, %s, %s, 0)"
            " ON CONFLICT (name, subject) WHERE cleared_at IS NULL DO NOTHING RETURNING id",
            [
                *(reading.name, reading.subject, reading.level, reading.text),
                *(reading.value, reading.threshold, now),
            ],
        )
        made = cursor.fetchall()
    return list(Alert.objects.filter(pk__in=[pk for (pk,) in made]))


def _clear(alerts: Sequence[Alert], now: datetime) -> list[Alert]:
    moved = []
    for alert in alerts:
        if Alert.objects.filter(pk=alert.pk, cleared_at=None).update(cleared_at=now):
            alert.cleared_at = now
            moved.append(alert)
    return moved


def _refresh(alert: Alert, reading: Reading) -> None:
    """How it stands now, while it is bad; between bad and fine its last bad text stays."""
    if reading.bad and (alert.text, alert.value, alert.level) != (reading.text, reading.value, reading.level):
        Alert.objects.filter(pk=alert.pk, cleared_at=None).update(
            text=reading.text, value=reading.value, level=reading.level
        )


def _tell(moved: Sequence[Alert]) -> None:
    """To administrators alone: each alert, then how the house stands."""
    if not moved:
        return
    pairs = [
        (
            SystemAlert(
                code=alert.name,
                level=alert.level,
                detail=alert.text,
                subject=alert.subject,
                value=round(alert.value, 3),
                threshold=alert.threshold,
                raised_at=alert.raised_at.astimezone(UTC).isoformat(),
                cleared=alert.cleared_at is not None,
            ),
            [audiences.ADMIN],
        )
        for alert in moved
    ]
    levels = list(Alert.objects.filter(cleared_at=None).values_list("level", flat=True))
    status = "error" if Alert.Level.ERROR in levels else "warning" if levels else "ok"
    news = telling.write(notices.of_alerts(moved))
    events.tell_many([*pairs, *news, (SystemHealth(status=status, alerts=len(levels)), [audiences.ADMIN])])
