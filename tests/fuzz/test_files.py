"""Files full of faults: each is refused at the door, read, or found unreadable; none is a fault of ours, none hangs.

`bin/test --long` tries new ones for minutes, of the corpus too where KMRL_CORPUS names one; what fails is written to
where the message says. An ordinary run tries a few hundred.
"""

import io
import os
import random
import tempfile
import time
from collections import Counter
from pathlib import Path

import pytest

from accounts.refusals import Refusal
from documents.validation import door
from jobs.children import Child, ChildDied, ChildOutOfMemory, ChildRefused
from tests.fuzz import mutation

CORPUS = os.environ.get("KMRL_CORPUS", "")
LARGEST = 400_000
FEW, MINUTES = 300, 4
SLOW = 20.0  # seconds; a tenth is what the slowest of 60,000 took
CODES = {"encrypted", "damaged", "bomb", "no_image", "no_such_page"}


class Reader:
    """Takes files as a worker does, in a child with its limits; counts how they end."""

    def __init__(self, place: Path) -> None:
        self.ends = Counter[str]()
        self._place, self._child = place, Child(("documents.extraction.reading", "documents.extraction.showing"))

    def close(self) -> None:
        self._child.close()

    def take(self, name: str, data: bytes, dice: random.Random) -> None:
        """Raises whatever is none of the allowed ends."""
        try:
            found = door.examine(io.BytesIO(data), len(data), name)
        except Refusal as refusal:
            self.ends[f"door: {refusal.code}"] += 1
            return
        self._place.write_bytes(data)
        answer = self._call("reading:read", found.content_type)
        if answer is None:
            return
        assert len(answer["pages"]) in (0, len(answer["confidences"]))
        assert "\x00" not in "".join(answer["pages"])
        assert all(0 <= one <= 1 for one in [answer["confidence"], *answer["confidences"]])
        if answer["page_count"] and found.content_type.startswith(("application/pdf", "image/")):
            page = dice.randint(1, answer["page_count"])
            self._call("showing:words", found.content_type, page)
            self._call("showing:picture", found.content_type, page, 200)

    def _call(self, function: str, content_type: str, *args: int):
        """None where the file is unreadable; a parser that crashes or wants too much memory has ended one file only."""
        began = time.monotonic()
        try:
            answer = self._child.call(
                f"documents.extraction.{function}", str(self._place), content_type, *args, timeout=60
            )
        except ChildRefused as refusal:
            if refusal.code not in CODES or not refusal.detail.endswith("."):
                raise
            self.ends[f"{function}: {refusal.code}"] += 1
            return None
        except (ChildDied, ChildOutOfMemory) as death:
            self.ends[f"{function}: {death.code}"] += 1
            return None
        assert time.monotonic() - began < SLOW
        self.ends[f"{function}: answered"] += 1
        return answer


@pytest.fixture
def reader(tmp_path):
    found = Reader(tmp_path / "file")
    yield found
    found.close()


def attempt(reader: Reader, seed: str, wholes: dict[str, bytes]) -> None:
    dice = random.Random(seed)
    name, other = dice.choice(sorted(wholes)), dice.choice(sorted(wholes))
    data = mutation.mutated(wholes[name], wholes[other], dice)
    try:
        reader.take(name, data, dice)
    except Exception as error:
        kept = Path(tempfile.gettempdir()) / f"kmrl-fuzz-{seed}-{name}"
        kept.write_bytes(data)
        raise AssertionError(f"{name}, seed {seed}, kept as {kept}") from error


def test_files_full_of_faults_end_as_files_may(reader):
    wholes = mutation.wholes()
    for number in range(FEW):
        attempt(reader, f"known-{number}", wholes)
    assert reader.ends["reading:read: answered"] > 50
    assert reader.ends["reading:read: damaged"] > 20
    assert reader.ends["showing:picture: answered"] > 5


@pytest.mark.long
@pytest.mark.timeout(MINUTES * 60 + 120)
def test_so_do_new_ones_for_minutes(reader):
    wholes = mutation.wholes()
    for path in sorted(Path(CORPUS).rglob("*")) if CORPUS else ():
        if path.is_file() and 0 < path.stat().st_size < LARGEST and path.suffix not in (".csv", ".md", ".json"):
            wholes[path.name] = path.read_bytes()
    began, until = random.randrange(1 << 32), time.monotonic() + MINUTES * 60
    number = 0
    while time.monotonic() < until:
        attempt(reader, f"{began}-{number}", wholes)
        number += 1
    print(f"\n{number} files: {dict(reader.ends.most_common())}")
    assert number > 1_000
