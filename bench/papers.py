"""Makes small distinct papers of the trade, so that nothing needs to be shipped or fetched."""

import random
from dataclasses import dataclass
from pathlib import Path

import pymupdf

WHO = ["The contractor", "The depot", "The station controller", "The engineer in charge", "The registry", "The auditor"]
DID = ["inspected", "returned", "certified", "rejected", "replaced", "measured", "forwarded", "recorded"]
WHAT = ["the brake callipers", "the point machine", "the purchase order", "the goods receipt", "the bogie frame"]
WHEN = ["before the night shift", "within fifteen days", "under the annual contract", "after the trial run"]


@dataclass(frozen=True)
class Paper:
    """One file and what must be found in it: a phrase that no other paper has, and its number of pages."""

    name: str
    content: bytes
    phrase: str
    pages: int


def make(number: int, *, seed: int, pages: int | None = None, lines: int = 30) -> Paper:
    """The paper with that number; the same for the same arguments. Every fourth is plain text (one page)."""
    dice = random.Random(f"{seed}/{number}")  # noqa: S311 (wanted: the same papers each time)
    phrase = f"Job card KMRL-{seed:04d}-{number:06d}"
    if pages is None and number % 4 == 3:
        text = "\n".join([phrase, *(_sentence(dice) for _ in range(lines))])
        return Paper(f"paper{number:05d}.txt", text.encode(), phrase, 1)
    count = pages or dice.randint(1, 3)
    with pymupdf.open() as pdf:
        for page in range(count):
            body = [f"{phrase}, sheet {page + 1} of {count}", *(_sentence(dice) for _ in range(lines))]
            pdf.new_page().insert_text((50, 60), body, fontsize=9)
        content: bytes = pdf.tobytes(no_new_id=True)
    return Paper(f"paper{number:05d}.pdf", content, phrase, count)


def many(count: int, *, seed: int) -> list[Paper]:
    return [make(number, seed=seed) for number in range(count)]


def distinct(content: bytes, mark: str) -> bytes:
    """The same PDF in other bytes: a comment behind its end, as signing and mailing programs leave them."""
    return content + f"\n%{mark}\n%%EOF\n".encode()


def folder_of(place: Path, contents: dict[str, bytes]) -> Path:
    """Write the files into `place`, which is made."""
    place.mkdir(parents=True)
    for name, content in contents.items():
        (place / name).write_bytes(content)
    return place


def _sentence(dice: random.Random) -> str:
    return (
        f"{dice.choice(WHO)} {dice.choice(DID)} {dice.choice(WHAT)} {dice.choice(WHEN)}, item {dice.randint(1, 99999)}."
    )
