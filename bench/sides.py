"""What both designs offer to the measurements, so that one piece of code measures both."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol


@dataclass(frozen=True)
class Corpus:
    """The PDFs of a run, each sent again under another mark with other bytes (see `papers.distinct`)."""

    files: list[Path]

    def contents(self) -> Iterable[tuple[str, bytes]]:
        return ((file.name, file.read_bytes()) for file in self.files)


class Side(Protocol):
    """One running design."""

    name: str
    accepted: str
    port: int
    socket_path: str

    def start(self) -> None:
        """Start it with nothing in it, web and services only as far as taking in needs."""

    def stop(self) -> None: ...

    def hold_work(self) -> None:
        """From now on documents are taken in and not processed."""

    def let_work(self) -> None:
        """Process what waits and what comes, and return when workers are ready."""

    def requests(self, corpus: Corpus, mark: str) -> list[bytes]:
        """One upload a file, in bytes that were never sent before."""

    def settled(self) -> int:
        """How many documents have ended, well or not."""

    def failed(self) -> int: ...

    def unfinished(self) -> int:
        """How much work is left, indexing included."""

    def is_settled(self, answer: bytes) -> bool:
        """Whether the document of that upload's answer has ended."""

    def roots(self) -> list[int]:
        """The process ids above everything that it runs."""

    def greeting(self, number: int) -> str | None:
        """What the socket with that number says first, or nothing."""

    def tell(self, count: int, between: float) -> None:
        """Tell `count` events to every socket, each with the moment before it was committed."""
