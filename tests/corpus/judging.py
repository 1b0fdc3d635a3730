"""What the corpus' manifest expects of a file, and whether what became of it is allowed.

The comparison of phrases follows the corpus' README, the outcomes follow the outside contract.
"""

import csv
import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

CHILLU = {f"{letter}\u0d4d\u200d": atomic for letter, atomic in zip("നണരലളക", "ൻൺർൽൾൿ", strict=True)}
INVISIBLE = re.compile("[\u200b-\u200f\u00ad]")
QUOTES = str.maketrans({"\u2018": "'", "\u2019": "'", "\u201c": '"', "\u201d": '"'})
BOMB = {"bomb", "too_large", "timeout", "unsupported"}
ALLOWED = {
    "error:encrypted": {"encrypted"},
    "error:corrupt": {"damaged", "unsupported"},
    "error:empty": {"empty"},
    "error:wrong_type": {"unsupported", "damaged", "processed with extension_mismatch"},
    "error:unsupported": {"unsupported"},
    "error:blocked_extension": {"unsupported"},
    "error:zip_bomb": BOMB,
    "error:xml_bomb": BOMB,
    "error:image_too_large": BOMB,
    "error:resource_limit": BOMB,
    "error:path_traversal": {"unsupported", "damaged", "bomb"},
    "error:xxe": {"unsupported", "damaged", "bomb"},
    "ok": {"processed"},
    "ok:no_text": {"processed"},
}
NOT_FOR_READING = ("office", "images", "email")
"""Kinds whose text (or whose text recognition) is not promised yet: told, not judged by their phrases."""


@dataclass(frozen=True)
class Sample:
    """A row of the manifest."""

    path: Path
    kind: str
    expected: tuple[str, ...]
    phrases: tuple[str, ...]

    @property
    def name(self) -> str:
        return f"{self.path.parent.name}/{self.path.name}"

    @property
    def is_pdf_or_text(self) -> bool:
        return self.kind.startswith("pdf_") or self.kind in ("text", "broken")

    @property
    def is_judged_by_phrases(self) -> bool:
        return self.is_pdf_or_text and self.kind != "pdf_scanned" and any(one.startswith("ok") for one in self.expected)


@dataclass(frozen=True)
class Outcome:
    """What became of a file: `code` when it was refused or failed, else its text."""

    code: str = ""
    text: str = ""
    flags: tuple[str, ...] = ()
    pages: int = 0
    awaiting_ocr: int = 0
    milliseconds: int = 0

    @property
    def is_scan(self) -> bool:
        """Every page awaits OCR: no text was to be had."""
        return self.pages > 0 and self.awaiting_ocr == self.pages


@dataclass(frozen=True)
class Verdict:
    """A sample, its outcome, and what is wrong with it."""

    sample: Sample
    outcome: Outcome
    missing: tuple[str, ...] = field(default=())

    @property
    def is_allowed(self) -> bool:
        return allowed(self.sample.expected, self.outcome)


def samples(folder: Path) -> list[Sample]:
    with (folder / "manifest.csv").open(newline="", encoding="utf-8") as file:
        return [
            Sample(
                folder / row["path"],
                row["kind"],
                tuple(row["expected"].split("|")),
                tuple(phrase for phrase in row["expect_text"].split(" || ") if phrase),
            )
            for row in csv.DictReader(file)
        ]


def judge(sample: Sample, outcome: Outcome) -> Verdict:
    text = comparable(outcome.text)
    missing = () if outcome.code else tuple(one for one in sample.phrases if comparable(one) not in text)
    return Verdict(sample, outcome, missing)


def allowed(expected: Iterable[str], outcome: Outcome) -> bool:
    """Whether one of the alternatives is what happened."""
    happened = {outcome.code or "processed"}
    if not outcome.code:
        happened |= {f"processed with {flag}" for flag in outcome.flags}
    return any(
        happened & ({f"processed with {one[5:]}"} if one.startswith("flag:") else ALLOWED[one]) for one in expected
    )


def comparable(text: str) -> str:
    text = unicodedata.normalize("NFKC", text)
    for old, atomic in CHILLU.items():
        text = text.replace(old, atomic)
    return " ".join(INVISIBLE.sub("", text).translate(QUOTES).split()).lower()


def phrases_found(verdicts: Iterable[Verdict], *, scans: bool) -> tuple[int, int]:
    """Found and all phrases of PDFs and texts; with `scans=False` without those that have no text layer."""
    found = total = 0
    for verdict in verdicts:
        if not verdict.sample.is_judged_by_phrases or verdict.outcome.code or (verdict.outcome.is_scan and not scans):
            continue
        total += len(verdict.sample.phrases)
        found += len(verdict.sample.phrases) - len(verdict.missing)
    return found, total


def table(verdicts: Iterable[Verdict]) -> str:
    lines = [f"{'file':58} {'expected':34} {'outcome':30} {'phrases':>7} {'ms':>6}"]
    for verdict in verdicts:
        sample, outcome = verdict.sample, verdict.outcome
        said = outcome.code or " ".join(("processed", *outcome.flags))
        phrases = f"{len(sample.phrases) - len(verdict.missing)}/{len(sample.phrases)}" if not outcome.code else "-"
        mark = "" if verdict.is_allowed else "  NOT ALLOWED"
        lines.append(
            f"{sample.name[:58]:58} {'|'.join(sample.expected)[:34]:34} {said[:30]:30}"
            f" {phrases:>7} {outcome.milliseconds:>6}{mark}"
        )
    return "\n".join(lines)
