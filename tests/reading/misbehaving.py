"""Readers that do what bad files do to good ones. They run in a child process."""

import os
import signal
import time
from pathlib import Path
from typing import Any

ANSWER: dict[str, Any] = {
    "pages": ["survived"],
    "confidences": [1.0],
    "page_count": 1,
    "awaiting_ocr": 0,
    "language": "en",
    "confidence": 1.0,
    "flags": [],
    "facts": {},
}


def hang(path: str, content_type: str) -> None:
    time.sleep(60)


def crash(path: str, content_type: str) -> None:
    os.kill(os.getpid(), signal.SIGSEGV)


def crash_once(path: str, content_type: str) -> dict[str, Any]:
    """The mark lies beside the original: the child's own folder goes with the child."""
    mark = Path(f"{path}.seen")
    if not mark.exists():
        mark.touch()
        crash(path, content_type)
    return ANSWER


def swell(path: str, content_type: str) -> None:
    held = []
    while True:
        held.append(b"x" * 16_000_000)


def blunder(path: str, content_type: str) -> None:
    raise KeyError("a mistake of ours")
