"""What is watched beside the queue: Redis and its memory, the storage of originals, and disks."""

import shutil
import socket
from collections.abc import Iterator
from pathlib import Path

import redis
from django.conf import settings
from django.utils.translation import gettext as _

from documents import storage
from documents.refusals import NoSpace, StorageAway
from jobs.alerts import queue, readings
from jobs.alerts.readings import MACHINE, Reading
from kmrl import health

AWAY_AFTER = 15.0  # seconds: a restart is no news


def connect() -> None:
    """Have all this looked at."""
    readings.provide("queue", queue.waiting)
    readings.provide("failures", queue.failures)
    readings.provide("redis", of_redis)
    readings.provide("storage", of_storage, scope=MACHINE)
    readings.provide("disks", of_disks, scope=MACHINE)


def of_redis() -> Iterator[Reading]:
    """Whether it answers; then how full it is, against its own limit or the machine's memory."""
    try:
        memory = health.redis_memory()
    except (redis.RedisError, OSError):
        yield _away(True)
        return
    yield _away(False)
    percent = settings.ALERT_REDIS_PERCENT
    if percent and memory.limit:
        share = 100.0 * memory.used / memory.limit
        text = _(
            "Redis holds %(used)s MB of %(limit)s MB (%(share).0f %%). Give it more memory, or see what fills it:"
            " it needs to keep nothing."
        ) % {"used": memory.used >> 20, "limit": memory.limit >> 20, "share": share}
        yield Reading(name="redis_memory", value=share, threshold=percent, calm=percent * 0.9, text=text)


def _away(away: bool) -> Reading:
    text = _(
        "Redis does not answer. Work goes on, some seconds later than usual; live pages are up to a second late."
        " Start Redis or mend the connection."
    )
    return Reading(
        name="redis_away",
        value=float(away),
        threshold=1,
        calm=1,
        text=text,
        after=AWAY_AFTER,
        level="warning",
    )


def of_storage() -> Iterator[Reading]:
    """Whether originals can be kept and read from this machine; that there is room, `of_disks` tells."""
    why = ""
    try:
        storage.originals().try_out()
    except StorageAway as away:
        why = away.why
    except NoSpace:
        pass
    name = socket.gethostname()[:120]
    text = _(
        "The storage of documents cannot be reached from %(name)s: %(why)s Uploads and downloads are refused for now;"
        " what waits to be read goes on waiting."
    ) % {"name": name, "why": why}
    yield Reading(
        name="storage_away", subject=name, value=float(bool(why)), threshold=1, calm=1, text=text, after=AWAY_AFTER
    )


def of_disks() -> Iterator[Reading]:
    """This machine's: where originals lie (in a folder), and where a private PostgreSQL keeps its data."""
    percent = settings.ALERT_DISK_PERCENT
    if not percent:
        return
    for name, place in places().items():
        disk = shutil.disk_usage(place)
        used = 100.0 * (1 - disk.free / disk.total) if disk.total else 0.0
        text = _(
            "The disk of %(name)s is %(used).0f %% full: %(free).1f GB are left. Without room uploads are refused."
            " Make room, or give it more."
        ) % {"name": name, "used": used, "free": disk.free / 1e9}
        yield Reading(
            name="disk",
            subject=f"{name} on {socket.gethostname()}"[:120],
            value=used,
            threshold=percent,
            calm=percent - 2,
            text=text,
        )


def places() -> dict[str, Path]:
    """What is kept where on this machine; a PostgreSQL elsewhere watches its own disk."""
    found = {}
    if not settings.S3_BUCKET:
        found["originals"] = Path(settings.ORIGINALS["OPTIONS"]["location"])
    private = Path(settings.KMRL_DATA) / "services" / "postgres"
    if private.exists():
        found["PostgreSQL"] = private
    return {name: _existing(place) for name, place in found.items()}


def _existing(place: Path) -> Path:
    while not place.exists():
        place = place.parent
    return place
