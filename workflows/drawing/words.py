"""What is written into a drawing."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop, ngettext

Step = dict[str, Any]

_KINDS = {
    "service": gettext_noop("Automatic"),
    "rule": gettext_noop("Rules"),
    "choice": gettext_noop("Choice"),
    "parallel": gettext_noop("Side by side"),
    "human": gettext_noop("Decision"),
    "acknowledge": gettext_noop("Acknowledgement"),
    "timer": gettext_noop("Waits for the clock"),
    "wait_event": gettext_noop("Waits for an event"),
    "repeat": gettext_noop("Repeated"),
    "foreach": gettext_noop("For each"),
    "subflow": gettext_noop("Another workflow"),
    "compensate": gettext_noop("Undoes what was done"),
    "end": gettext_noop("End"),
}

_ROLES = {
    "clerk": gettext_noop("clerk"),
    "reviewer": gettext_noop("reviewer"),
    "head": gettext_noop("head"),
}
_OUTCOMES = {
    "done": gettext_noop("done"),
    "approved": gettext_noop("approved"),
    "rejected": gettext_noop("rejected"),
    "returned": gettext_noop("returned"),
    "cancelled": gettext_noop("cancelled"),
}


def _nothing(_text: str) -> str:
    return ""


@dataclass(frozen=True)
class Say:
    """How expressions are said: what a condition asks, what a value is. Nothing: it has no words, and stays CEL.

    `department` names one by its key, `length` says a duration as people do.
    """

    condition: Callable[[str], str] = _nothing
    value: Callable[[str], str] = _nothing
    department: Callable[[str], str] = str
    length: Callable[[str], str] = str


AS_WRITTEN = Say()


@dataclass(frozen=True)
class Line:
    """One line of a drawing, with the expression that it says; `code`: the line holds it as it is written."""

    text: str
    written: str = ""
    code: bool = False

    @property
    def told(self) -> str:
        """On hover: the words, which the picture may cut, with what is written; nothing where nothing is written."""
        return self.text if self.code or not self.written else f"{self.text}\n{self.written}"


def title(step: Step, language: str) -> str:
    """The step's title in the language, or its id as words."""
    return own(step, language) or step["id"].replace("_", " ").capitalize()


def own(of: Step, language: str) -> str:
    """The title that a step or branch was given in the language, else in English; or nothing."""
    return (of.get("title_ml") if language == "ml" else None) or of.get("title") or ""


def kind(name: str) -> str:
    """What a kind of step is called."""
    return _(_KINDS[name])


def outcome(name: str) -> str:
    """What an end gives: a word that everybody knows, else its own."""
    return _(_OUTCOMES[name]) if name in _OUTCOMES else name.replace("_", " ")


def lane(way: Step, number: int, language: str, *, parallel: bool, say: Say = AS_WRITTEN) -> Line:
    """What stands above a branch: its title, its condition, or that it is taken otherwise."""
    if said := own(way, language):
        return Line(said)
    if parallel:
        return Line(_("Branch %(number)d") % {"number": number + 1})
    return _line("%(condition)s", way["when"], say) if way.get("when") else Line(_("otherwise"))


def guard(step: Step, say: Say = AS_WRITTEN) -> Line:
    """When a step is not passed over."""
    return _line(_("when %(condition)s"), step["when"], say)


def join(step: Step) -> str:
    """When a parallel goes on."""
    if isinstance(step["join"], dict):
        return _("at least %(count)d") % {"count": step["join"]["at_least"]}
    return _("all") if step["join"] == "all" else _("any")


def details(step: Step, say: Say = AS_WRITTEN) -> list[Line]:
    """What a box says of its step besides the title, one thing a line."""
    said: list[Line] = []
    match step["kind"]:
        case "service":
            said.append(Line(step["call"]))
        case "human":
            said.append(_people(step["candidates"], say))
        case "acknowledge":
            said.append(_people(step["people"], say))
        case "timer":
            said.append(Line(say.length(step["wait"])) if step["wait"] else value(step["until"], say))
        case "wait_event":
            said.append(Line(step["event"]))
        case "subflow":
            said.append(Line(step["definition"]))
        case "repeat":
            until = _line(_("until %(condition)s"), step["until"], say)
            most = ngettext("at most %(count)d time", "at most %(count)d times", step["most"]) % {"count": step["most"]}
            said += [until, Line(most)]
        case "foreach":
            how = _("side by side") if step["mode"] == "parallel" else _("one after the other")
            said.append(_items(step, how, say))
        case "rule":
            count = len(step["rules"])
            said.append(Line(ngettext("%(count)d rule", "%(count)d rules", count) % {"count": count}))
    if step["sla"]:
        said.append(Line(_("target %(time)s") % {"time": say.length(step["sla"]["target"])}))
    return said


def person(entry: Step, say: Say = AS_WRITTEN) -> Line:
    """Whom an entry of candidates names."""
    if "department" in entry:
        found = _department(entry["department"], say)
        return replace(found, text=f"{found.text}: {role(entry['role'])}")
    if "head_of" in entry:
        found = _department(entry["head_of"], say)
        return replace(found, text=_("head of %(department)s") % {"department": found.text})
    if "uploader" in entry:
        return Line(_("the uploader"))
    return value(entry.get("user", entry), say)


def _department(held: Any, say: Say) -> Line:
    return Line(say.department(held)) if isinstance(held, str) else value(held, say)


def role(name: str) -> str:
    return _(_ROLES[name]) if name in _ROLES else name


def value(held: Any, say: Say = AS_WRITTEN) -> Line:
    """A value as it is shown: a literal, or the expression that gives it."""
    if not (isinstance(held, dict) and "expr" in held):
        return Line(str(held))
    written = str(held["expr"])
    if written == "document.department":
        return Line(_("its department"))
    said = say.value(written)
    return Line(said or written, written, code=not said)


def _line(around: str, written: str, say: Say) -> Line:
    """A condition in its place in a sentence."""
    said = say.condition(written)
    return Line(around % {"condition": said or written}, written, code=not said)


def _people(entries: list[Step], say: Say) -> Line:
    found = [person(one, say) for one in entries]
    written = ", ".join(one.written for one in found if one.written)
    return Line(", ".join(one.text for one in found), written, code=any(one.code for one in found))


def _items(step: Step, how: str, say: Say) -> Line:
    said = say.value(step["items"])
    name = say.value(step["as"]) if said else ""
    text = _("%(name)s of %(items)s; %(how)s") % {
        "name": name or step["as"],
        "items": said or step["items"],
        "how": how,
    }
    return Line(text, step["items"], code=not said)
