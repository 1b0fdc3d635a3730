"""Who looks: every worker and every web process has a thread that asks whether it is time, and one of them looks.

Web processes too, so that somebody notices when no worker is alive. Whose turn it is stands in a row of PostgreSQL:
one UPDATE that only one of them can win.
"""

import logging
import random
import socket
import threading
import time
from datetime import timedelta

from django.conf import settings
from django.db import DatabaseError, InterfaceError, connection
from django.db.models import Q
from django.utils import timezone

from jobs.alerts import mail, raising, readings
from jobs.alerts.readings import HOUSE, MACHINE, Reading
from jobs.models import Alert, Lookout

logger = logging.getLogger(__name__)

ASK_EVERY = 5.0
MACHINE_GONE_AFTER = timedelta(hours=1)

_thread: threading.Thread | None = None


def begin() -> None:
    """This process looks from now on, on a thread of its own; KMRL_ALERT_EVERY=0 has nobody look."""
    global _thread
    if settings.ALERT_EVERY and (_thread is None or not _thread.is_alive()):
        _thread = threading.Thread(target=_keep_looking, name="lookout", daemon=True)
        _thread.start()


def look(*, every: float | None = None) -> list[Alert]:
    """Look at the house and at this machine, each if it is due; what was raised or cleared."""
    seconds = float(settings.ALERT_EVERY if every is None else every)
    moved: list[Alert] = []
    for scope, name in ((HOUSE, HOUSE), (MACHINE, machine())):
        if (turn := take_turn(name, seconds)) is not None:
            moved += raising.settle(_read(scope), scope=name, turn=turn)
    if moved:
        logger.warning("Alerts: %s", "; ".join(f"{one} {'cleared' if one.cleared_at else 'raised'}" for one in moved))
    _forget_machines()
    mail.send_due()
    return moved


def machine() -> str:
    """The scope of this machine."""
    return f"machine {socket.gethostname()}"[:120]


def take_turn(scope: str, every: float) -> int | None:
    """The number of the turn, if it is time and nobody else has taken it."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE jobs_lookout SET looked_at = clock_timestamp(), turn = turn + 1"
            " WHERE scope = %s AND looked_at <= clock_timestamp() - make_interval(secs => %s) RETURNING turn",
            [scope, every],
        )
        if row := cursor.fetchone():
            return int(row[0])
        cursor.execute(
            "INSERT INTO jobs_lookout (scope, looked_at, turn, pending) SELECT %s, clock_timestamp(), 1, '{}'"
            " WHERE NOT EXISTS (SELECT 1 FROM jobs_lookout WHERE scope = %s) ON CONFLICT DO NOTHING RETURNING turn",
            [scope, scope],
        )
        row = cursor.fetchone()
        return int(row[0]) if row else None


def _read(scope: str) -> list[Reading]:
    """A check that breaks is logged, and what it read before stays as it was said."""
    found: list[Reading] = []
    for name, check in readings.checks(scope).items():
        try:
            found += check()
        except (DatabaseError, InterfaceError, OSError) as error:
            logger.warning("The check %s could not be made: %s", name, error)
    return found


def _forget_machines() -> None:
    """What was said about a machine that nobody has heard of for an hour is cleared."""
    silent = Lookout.objects.filter(scope__startswith="machine ", looked_at__lt=timezone.now() - MACHINE_GONE_AFTER)
    for scope in list(silent.values_list("scope", flat=True)):
        name = scope.removeprefix("machine ")
        said = Alert.objects.filter(
            Q(name="disk", subject__endswith=f" on {name}") | Q(name="storage_away", subject=name), cleared_at=None
        )
        for alert, subject in list(said.values_list("name", "subject")):
            raising.clear_subjects(alert, [subject])
        Lookout.objects.filter(scope=scope).delete()


def _keep_looking() -> None:
    time.sleep(random.uniform(0.5, ASK_EVERY))  # noqa: S311 (so that processes do not ask in step)
    while True:
        try:
            look()
        except (DatabaseError, InterfaceError) as error:
            logger.warning("The lookout could not reach PostgreSQL: %s", error)
        except Exception:
            logger.exception("The lookout stumbled")
        finally:
            connection.close()
        time.sleep(ASK_EVERY)
