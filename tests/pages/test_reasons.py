"""What the gateway says no with, and why papers fail, in the language of the page; English where it is made."""

import ast
import io
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.utils import timezone, translation

from accounts.rights import rights_of
from documents import intake
from documents.models import Document, Source, Status, Version
from kmrl.pages import reasons, sentences
from tests.intake import samples

PROJECT = Path(__file__).resolve().parent.parent.parent
MALAYALAM = re.compile("[\u0d00-\u0d7f]")
MADE_IN = (
    *("documents/validation", "documents/extraction", "documents/refusals.py", "documents/outcomes.py"),
    *("documents/processing.py", "documents/placing.py", "documents/receiving.py", "documents/versions.py"),
    *("documents/control.py", "documents/bin.py", "documents/corrections.py", "documents/saved_views.py"),
    *("documents/batches.py", "documents/pages.py", "documents/showing.py", "documents/downloads.py"),
    "workflows",
)
FOR_AUTHORS = (
    "migrations",
    "management",
    "definitions",
    "expressions/cost",
    "expressions/grammar",
    "expressions/kinds",
)
FOR_AUTHORS += ("expressions/tokens", "admin")
"""Parts of `workflows` that speak to who writes definitions or runs the house: English, as what they write is."""
PASSWORD = "This PDF asks for a password. Save it without one and send it again."
NO_SENTENCES = {"ValueError", "TypeError", "RuntimeError", "AssertionError", "KeyError", "Http404", "StopIteration"}
NO_SENTENCES |= {"LookupError", "BadCondition", "Overtaken"}
FOR_PROGRAMS = re.compile(r"Idempotency-Key|source named|Name the source|^Told with|^An upload has a file or a path")


def made() -> Iterator[tuple[str, str]]:
    """Every sentence that an exception or a failed outcome is made with: where, and with samples in its places."""
    for place in MADE_IN:
        found = PROJECT / place
        for file in sorted(found.rglob("*.py")) if found.is_dir() else [found]:
            if any(f"workflows/{part}" in str(file) for part in FOR_AUTHORS):
                continue
            for node in ast.walk(ast.parse(file.read_text())):
                for said in _said_by(node):
                    if said.endswith(".") and " " in said and not FOR_PROGRAMS.search(said):
                        yield f"{file.relative_to(PROJECT)}:{node.lineno}", said  # type: ignore[attr-defined]


def _said_by(node: ast.AST) -> Iterator[str]:
    if not isinstance(node, ast.Call):
        return
    name = ast.unparse(node.func).rpartition(".")[2]
    if (not name[:1].isupper() and name != "__init__") or name in NO_SENTENCES:
        return
    for argument in node.args:
        if text := _text(argument):
            yield text


def _text(node: ast.AST) -> str:
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    if isinstance(node, ast.JoinedStr):
        return "".join(
            part.value if isinstance(part, ast.Constant) else _sample(part)  # type: ignore[misc]
            for part in node.values
        )
    return ""


def _sample(part: ast.AST) -> str:
    said = ast.unparse(part)
    return "" if "_guess" in said else "Send PDF, text, office, e-mail or image files." if "TAKEN" in said else "X 7"


def test_every_refusal_and_every_reason_of_a_failure_stands_in_the_book():
    found = dict(made())
    assert len(found) > 200
    missing = [f"{where}: {said}" for where, said in found.items() if reasons.found(said) is None]
    assert missing == []


def test_no_sentence_is_taken_for_another():
    for sentence in sentences.ALL:
        places = {name: f"sample {name}" for name in reasons.PLACE.findall(sentence)}
        assert reasons.found(sentence.format(**places)) == (sentence, places)


def test_pages_in_malayalam_say_it_in_malayalam_names_and_figures_included():
    said = "“tool.pdf” is a Windows program. Programs and scripts are not taken in, whatever they are called."
    with translation.override("ml"):
        own = reasons.in_words(said)
        assert "“tool.pdf”" in own and "വിൻഡോസ് പ്രോഗ്രാം" in own
        assert "1,204" in reasons.in_words("The archive holds 1,204 files; a document has 500 at most.")
        stands = reasons.in_words("big.when: “vars.n” gives a number; a condition has to give true or false.")
        assert stands.startswith("big.when: “vars.n” തരുന്നത്")
        assert reasons.in_words("big.when: nobody knows.") == "big.when: nobody knows."
        assert reasons.in_words("Something that nobody wrote down.") == "Something that nobody wrote down."
    with translation.override("en"):
        assert reasons.in_words(said) == said


@pytest.fixture
def failed(clerk, operations) -> Document:
    """A paper that needs a password, sent by the pages."""
    source = Source.objects.get_or_create(key="web", defaults={"name": "Staff pages"})[0]
    upload = intake.Upload("locked.pdf", file=io.BytesIO(samples.pdf("Locked")))
    document = intake.submit(upload, by=clerk, rights=rights_of(clerk), source=source.key, department="operations")
    why = {"error_code": "encrypted", "error_detail": PASSWORD, "status": Status.FAILED}
    Version.objects.filter(document=document).update(**why)
    Document.objects.filter(pk=document.pk).update(status=Status.FAILED, settled_at=timezone.now())
    return document


def test_the_pages_of_a_paper_that_failed_say_why_in_malayalam(client, clerk, failed):
    client.force_login(clerk)
    client.cookies["django_language"] = "ml"
    for address in ("/", "/documents/", f"/documents/{failed.pk}/"):
        page = client.get(address).content.decode()
        assert "ഈ PDF പാസ്‌വേഡ് ചോദിക്കുന്നു" in page, address
        assert PASSWORD not in page, address
    assert "ജീവനക്കാരുടെ പേജുകൾ" in page and "Staff pages" not in page
    assert client.get(f"/api/v1/documents/{failed.pk}/").json()["error"]["detail"] == PASSWORD


def test_scripts_ask_for_it_and_strangers_are_not_answered(client, clerk):
    said = "The file holds no bytes. Look at the original and send it again."
    assert client.get("/reasons/", {"said": said}).status_code == 302
    client.force_login(clerk)
    assert client.get("/reasons/", {"said": said}).json() == {"said": said}
    client.cookies["django_language"] = "ml"
    assert MALAYALAM.search(client.get("/reasons/", {"said": said}).json()["said"])
    assert client.get("/reasons/", {"said": "x" * 9_000}).status_code == 200
