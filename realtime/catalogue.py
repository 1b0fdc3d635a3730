"""Every event that the gateway tells, one class a type. Unknown fields are refused by construction.

`realtime.schema` describes them to others: docs/events.md, JSON Schema, AsyncAPI.
"""

from dataclasses import dataclass
from typing import ClassVar

from realtime.told import Told
from realtime.workflow_events import WORKFLOW_EVENTS


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentReceived(Told):
    """A document has its receipt: it is kept and waits to be read."""

    type: ClassVar[str] = "document.received"
    id: str
    title: str
    status: str
    source: str
    department: str | None
    version: int
    uploaded_by: str
    batch: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentStatus(Told):
    """Something about a document changed: its state, or what is said of it.

    `status` is the newest version's; the other facts are there once they are known.
    """

    type: ClassVar[str] = "document.status"
    id: str
    title: str
    status: str
    version: int
    page_count: int | None = None
    language: str | None = None
    confidence_score: float | None = None
    batch: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentFailed(Told):
    """A document cannot be read: `code` for machines, `detail` for people."""

    type: ClassVar[str] = "document.failed"
    id: str
    title: str
    version: int
    code: str
    detail: str
    batch: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentVersion(Told):
    """New bytes came for a document; its `document.status` follows."""

    type: ClassVar[str] = "document.version"
    id: str
    title: str
    version: int
    uploaded_by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentProgress(Told):
    """How far the work on a document is: `percent` 0 to 100, `eta` in seconds when it can be told."""

    type: ClassVar[str] = "document.progress"
    durable: ClassVar[bool] = False
    id: str
    percent: int
    step: str
    eta: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchProgress(Told):
    """How many documents of a batch are settled, and how many of those failed."""

    type: ClassVar[str] = "batch.progress"
    durable: ClassVar[bool] = False
    id: str
    total: int
    settled: int
    failed: int
    percent: int


@dataclass(frozen=True, slots=True, kw_only=True)
class JobProgress(Told):
    """How far a job is that is about no document (those tell `document.progress`); `eta` in seconds when known.

    `message` counts, where there is something to count: “1,200 / 5,000”.
    """

    type: ClassVar[str] = "job.progress"
    durable: ClassVar[bool] = False
    id: str
    kind: str
    percent: int
    step: str
    eta: float | None = None
    message: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class JobDead(Told):
    """A job will not be tried again by itself."""

    type: ClassVar[str] = "job.dead"
    id: str
    kind: str
    queue: str
    attempts: int
    error_code: str
    error_detail: str


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueStatus(Told):
    """Unfinished jobs by queue and state, queues that are paused, workers at work and the jobs that they have done.

    `percent` is the sum over what runs: it tells only that something went on.
    """

    type: ClassVar[str] = "queue.status"
    durable: ClassVar[bool] = False
    queues: dict[str, dict[str, int]]
    paused: list[str]
    workers: int
    done: int
    percent: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SystemAlert(Told):
    """Raised, or over (`cleared`): once each. `subject` says what about: a queue, a disk, a day."""

    type: ClassVar[str] = "system.alert"
    code: str
    level: str
    detail: str
    subject: str = ""
    value: float | None = None
    threshold: float | None = None
    raised_at: str | None = None
    cleared: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class SystemHealth(Told):
    """How the house stands, told when that changes: ok, warning or error, and how many alerts are open."""

    type: ClassVar[str] = "system.health"
    status: str
    alerts: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Notification(Told):
    """Something for one person (`GET /notifications/` has the words, for today's rights), or some of it was `read`.

    `kind` is what it is about, `count` of how many it tells; `importance` is low, normal, high or urgent; `quiet`: the
    person wants nothing to pop up at this hour. When `read`, `id` is null and `count` says how many were read.
    """

    type: ClassVar[str] = "notification"
    id: int | None
    kind: str
    importance: str
    count: int
    quiet: bool
    read: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Presence(Told):
    """Who looks at a topic now, told to those who listen to it: each person's `id` and `name`."""

    type: ClassVar[str] = "presence"
    durable: ClassVar[bool] = False
    topic: str
    people: list[dict[str, int | str]]


TOLD: tuple[type[Told], ...] = (
    DocumentReceived,
    DocumentStatus,
    DocumentFailed,
    DocumentVersion,
    DocumentProgress,
    BatchProgress,
    JobProgress,
    JobDead,
    QueueStatus,
    SystemAlert,
    SystemHealth,
    Notification,
    Presence,
    *WORKFLOW_EVENTS,
)
CATALOGUE: dict[str, type[Told]] = {told.type: told for told in TOLD}

__all__ = [
    "CATALOGUE",
    "BatchProgress",
    "DocumentFailed",
    "DocumentProgress",
    "DocumentReceived",
    "DocumentStatus",
    "DocumentVersion",
    "JobDead",
    "JobProgress",
    "Notification",
    "Presence",
    "QueueStatus",
    "SystemAlert",
    "SystemHealth",
    "Told",
]
