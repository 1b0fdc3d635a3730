"""Every event that the gateway tells, one class a type. Unknown fields are refused by construction."""

from dataclasses import asdict, dataclass
from typing import Any, ClassVar


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """Base of all events: `type` is the name on the wire, `durable` says whether it gets a position."""

    type: ClassVar[str]
    durable: ClassVar[bool] = True

    def data(self) -> dict[str, Any]:
        return asdict(self)


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentReceived(Told):
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
    """`status` as of the newest version; the other facts once they are known."""

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
    type: ClassVar[str] = "document.failed"
    id: str
    title: str
    version: int
    code: str
    detail: str
    batch: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentVersion(Told):
    type: ClassVar[str] = "document.version"
    id: str
    title: str
    version: int
    uploaded_by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentProgress(Told):
    """`percent` 0 to 100, `eta` in seconds when it can be told."""

    type: ClassVar[str] = "document.progress"
    durable: ClassVar[bool] = False
    id: str
    percent: int
    step: str
    eta: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchProgress(Told):
    type: ClassVar[str] = "batch.progress"
    durable: ClassVar[bool] = False
    id: str
    total: int
    settled: int
    failed: int
    percent: int


@dataclass(frozen=True, slots=True, kw_only=True)
class JobDead(Told):
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
    durable: ClassVar[bool] = False
    status: str
    alerts: int


CATALOGUE: dict[str, type[Told]] = {
    told.type: told
    for told in (
        DocumentReceived,
        DocumentStatus,
        DocumentFailed,
        DocumentVersion,
        DocumentProgress,
        BatchProgress,
        JobDead,
        QueueStatus,
        SystemAlert,
        SystemHealth,
    )
}
