#!/usr/bin/env python3
"""Collect the sentences of the pages in two languages, and compile their Malayalam: `python bin/translate.py`.

Writes templates/locale/ml/LC_MESSAGES/django.po (new sentences with an empty translation, gone ones left out) and the
django.mo beside it, which is what the gateway reads. Needs Babel, of requirements.txt's development part.
"""

import io
import sys
from collections.abc import Iterator
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import DEFAULT_KEYWORDS, extract
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po
from django.conf import settings
from django.utils.translation.template import templatize

PROJECT = Path(__file__).resolve().parent.parent
PLACE = PROJECT / "templates" / "locale" / "ml" / "LC_MESSAGES"
PYTHON = (
    "kmrl/pages/*.py",
    "kmrl/templatetags/*.py",
    "realtime/notices/*.py",
    "documents/notices.py",
    "jobs/notices.py",
    "workflows/alarms.py",
    "workflows/actions/telling.py",
    "workflows/notices.py",
    "workflows/*/notices.py",
    "workflows/drawing/*.py",
    "workflows/admin/*.py",
    "workflows/models/*.py",
    "workflows/analytics/bottlenecks.py",
    "workflows/definitions/comparing.py",
    "kmrl/desk/*.py",
    "kmrl/admin_look.py",
    "kmrl/admin_words.py",
    "kmrl/queue/words.py",
    "workflows/tasks/letters.py",
    "accounts/passwords.py",
)
PARTS = ("admin/workflows", "documents", "notifications", "parts", "tasks", "workflows")
TEMPLATES = (
    "templates/*.html",
    "templates/admin/queue/rows.html",
    "templates/unfold/helpers/*.html",
    *(f"templates/{part}/*.html" for part in PARTS),
)
KEYWORDS = {**DEFAULT_KEYWORDS, "gettext_lazy": None, "ngettext_lazy": (1, 2), "gettext_noop": None}
NOTE = "The staff pages of KMRL Gateway, and the administration of its workflows, in Malayalam."


def sentences() -> Iterator[tuple[str, int, str | tuple[str, ...]]]:
    """(file, line, sentence or its singular and plural) of everything that the staff pages say."""
    if not settings.configured:
        settings.configure(USE_I18N=True)
    for pattern in (*PYTHON, *TEMPLATES):
        for file in sorted(PROJECT.glob(pattern)):
            source = file.read_text()
            if file.suffix == ".html":
                source = "\n".join(line.lstrip() for line in templatize(source).splitlines())
            for line, said, _comments, _context in extract("python", io.BytesIO(source.encode()), keywords=KEYWORDS):
                yield str(file.relative_to(PROJECT)), line, said


def collected(known: Catalog) -> Catalog:
    """A catalogue of today's sentences, with what `known` says of them."""
    catalog = Catalog(locale="ml", project="KMRL Gateway", version="1", header_comment=f"# {NOTE}", fuzzy=False)
    catalog.creation_date = known.creation_date
    catalog.revision_date = known.revision_date
    for file, _line, said in sentences():
        plain = said if isinstance(said, str) else said[0]
        before = known.get(plain)
        fits = before is not None and isinstance(before.id, str) == isinstance(said, str)
        catalog.add(said, before.string if before and fits else None, locations=[(file, 0)])
    return catalog


def read() -> Catalog:
    if not (PLACE / "django.po").exists():
        return Catalog(locale="ml", fuzzy=False)
    with (PLACE / "django.po").open("rb") as file:
        return read_po(file, locale="ml")


def compiled(catalog: Catalog) -> bytes:
    out = io.BytesIO()
    write_mo(out, catalog)
    return out.getvalue()


def main() -> int:
    catalog = collected(read())
    PLACE.mkdir(parents=True, exist_ok=True)
    with (PLACE / "django.po").open("wb") as file:
        write_po(file, catalog, width=120, include_lineno=False, sort_output=True)
    (PLACE / "django.mo").write_bytes(compiled(read()))
    missing = [message.id for message in catalog if message.id and not message.string]
    missing += [message.id for message in catalog if isinstance(message.string, tuple) and not all(message.string)]
    print(f"{len(catalog)} sentences, {len(missing)} without Malayalam", *missing, sep="\n  ")
    return 1 if missing else 0


if __name__ == "__main__":
    sys.exit(main())
