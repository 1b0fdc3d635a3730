"""How reading a version ended: read, or failed with a code and a sentence that a clerk understands."""

import signal
from dataclasses import dataclass, field
from typing import Any

from jobs import finishing
from jobs.children import ChildDied, ChildFailed
from jobs.models import Job

MEMORY_WORDS = ("MemoryError", "malloc", "Cannot allocate memory", "out of memory")


@dataclass(frozen=True)
class Read:
    """What `documents.extraction.reading.read` answered.

    `pages` are texts and `confidences` 0 to 1, both by page; `facts` maps names to `{"value", "from"}`.
    """

    pages: list[str]
    confidences: list[float]
    page_count: int
    awaiting_ocr: int
    language: str
    confidence: float
    flags: list[str] = field(default_factory=list)
    facts: dict[str, Any] = field(default_factory=dict)

    @classmethod
    def of(cls, answer: dict[str, Any]) -> "Read":
        """Raises TypeError when the child speaks another version of the gateway."""
        return cls(**answer)


@dataclass(frozen=True)
class Failed:
    """`code` is one of API.md's codes of a failed document."""

    code: str
    detail: str


Outcome = Read | Failed


def of_death(death: ChildFailed | None) -> Failed:
    """The program that read the file ended twice without an answer: for want of memory, or of the file."""
    killed = isinstance(death, ChildDied) and death.signal == signal.SIGKILL
    log = death.log if death is not None else ""
    if killed or not isinstance(death, ChildDied) or any(word in log for word in MEMORY_WORDS):
        return Failed("bomb", "Unpacked, this file needs more memory than the gateway gives to one file.")
    return Failed("damaged", "This file is damaged in a way that stops the program that reads it.")


def of_dead_job(job: Job) -> Failed:
    """What a document says when its job gave up."""
    if job.error_code == "timeout":
        return Failed("timeout", "Reading this file took too long; the gateway stopped it.")
    if job.error_code == finishing.AWAY:
        return Failed("internal", "The storage of documents was away for so long that reading was given up. Try again.")
    return Failed("internal", "The gateway could not read this file, by a fault of its own. It can be tried again.")
