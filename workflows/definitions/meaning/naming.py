"""Whether expressions can be evaluated: what they name is there, comes before, and is of the kind they take it for."""

from collections.abc import Iterator
from typing import Any

from documents.models import Access, DocumentType, Language, Status
from jobs.models import PRIORITIES
from workflows import conditions
from workflows.definitions.meaning.look import Look
from workflows.definitions.meaning.texts import FIELDS, Text, texts
from workflows.definitions.problems import Problem, close
from workflows.tasks import quorum

DOCUMENT = {
    "id": "text", "title": "text", "type": "text", "department": "text", "source": "text", "language": "text",
    "priority": "text", "access": "text", "status": "text", "version": "number", "page_count": "number",
    "confidence": "number", "flags": "list", "file_size": "number", "uploaded_by": "text", "uploaded_at": "text",
    "date": "text", "metadata": "map", "facts": "map", "awaiting_ocr": "number", "duplicate": "truth", "head": "text",
}  # fmt: skip
INSTANCE = {"id": "text", "key": "text", "started_by": "text", "priority": "text", "started_at": "text"}
KINDS = {
    "string": "text", "date": "text", "number": "number", "integer": "number", "boolean": "truth", "list": "list",
    "map": "map",
}  # fmt: skip
VALUES = {
    "type": {*DocumentType.values, ""},
    "status": set(Status.values),
    "access": set(Access.values),
    "language": set(Language.values),
    "priority": set(PRIORITIES),
}
OF_ANY_STEP = {"", "skipped", "passed", "failed", "timed_out", "timeout", "cancelled"}


def problems(look: Look) -> Iterator[Problem]:
    """What cannot be evaluated, and what can never be true."""
    types = _types(look)
    for text in texts(look):
        try:
            conditions.check(text.cel, names=_names(look, text), types=types, wants=text.wants)
        except conditions.BadCondition as bad:
            message, advice = _told(bad.sentence, text.advice if bad.sentence.startswith("This gives ") else "")
            yield look.wrong(text.path, message, advice, at=bad.position)
            continue
        yield from _order(look, text)
        yield from _odd(look, text)


def _names(look: Look, text: Text) -> dict[str, set[str] | None]:
    names: dict[str, set[str] | None] = {"document": set(DOCUMENT)}
    if not text.before:
        names |= {"vars": set(look.body["variables"]), "steps": set(look.ids), "instance": set(INSTANCE)}
    if text.event:
        names["event"] = None
    if text.today:
        names["today"] = None
    if text.step is not None:
        for around in look.around(text.step):
            if around.step["kind"] == "foreach":
                names[around.step["as"]] = None
    return names


def _types(look: Look) -> dict[str, str]:
    types = {"today": "time", **{f"document.{name}": kind for name, kind in DOCUMENT.items()}}
    types |= {f"instance.{name}": kind for name, kind in INSTANCE.items()}
    types |= {f"vars.{name}": KINDS[declared["type"]] for name, declared in look.body["variables"].items()}
    for placed in look.placed:
        for field in placed.step.get("form") or ():
            types[f"steps.{placed.step['id']}.form.{field['name']}"] = FIELDS[field["type"]][0]
    return types


def _told(sentence: str, otherwise: str = "") -> tuple[str, str]:
    """A sentence of `conditions` as what is wrong and what to do."""
    for sign in (": ", ". "):
        message, found, advice = sentence.partition(sign)
        if found and "“" not in advice.split(" ")[0]:
            return f"{message}.", advice if "(" in advice.split(" ")[0] else advice[:1].upper() + advice[1:]
    return sentence, otherwise or "Correct the expression."


def _order(look: Look, text: Text) -> Iterator[Problem]:
    for path, at in conditions.paths(text.cel):
        if path[0] != "steps" or len(path) < 2:
            continue
        step_id = path[1]
        if text.step is not None and not look.may_have_happened(step_id, before=text.step):
            which = "itself" if step_id == text.step else f"“{step_id}”, which comes only after it"
            yield look.wrong(text.path, f"This looks at {which}.", "Name a step that comes before.", at=at)
        elif len(path) > 3 and path[2] == "form":
            fields = [field["name"] for field in look.step(step_id).step.get("form") or ()]
            if path[3] not in fields:
                yield look.wrong(text.path, f"“{step_id}” has no field “{path[3]}”.", close(path[3], fields), at=at)


def _odd(look: Look, text: Text) -> Iterator[Problem]:
    """Comparisons with what can never be there."""
    for path, _, literal, at in conditions.comparisons(text.cel):
        if not isinstance(literal, str):
            continue
        known: Any = None
        if path[0] == "document" and len(path) == 2:
            known = VALUES.get(path[1])
        elif path[0] == "steps" and path[2:] == ("outcome",) and look.step(path[1]).step["kind"] == "human":
            asked = look.step(path[1]).step
            known = OF_ANY_STEP | {outcome["key"] for outcome in asked["outcomes"]}
            known |= {quorum.NO_MAJORITY} if asked["quorum"] != 1 else set()
        if known is not None and literal not in known:
            yield look.odd(text.path, f"{'.'.join(path)} is never “{literal}”.", close(literal, known - {""}), at=at)
