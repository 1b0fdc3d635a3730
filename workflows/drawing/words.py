"""What is written into a drawing."""

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


def lane(way: Step, number: int, language: str, *, parallel: bool) -> str:
    """What stands above a branch: its title, its condition, or that it is taken otherwise."""
    if said := own(way, language):
        return said
    if parallel:
        return _("Branch %(number)d") % {"number": number + 1}
    return str(way.get("when") or _("otherwise"))


def join(step: Step) -> str:
    """When a parallel goes on."""
    if isinstance(step["join"], dict):
        return _("at least %(count)d") % {"count": step["join"]["at_least"]}
    return _("all") if step["join"] == "all" else _("any")


def details(step: Step) -> list[str]:
    """What a box says of its step besides the title, one thing a line."""
    said: list[str] = []
    match step["kind"]:
        case "service":
            said.append(step["call"])
        case "human":
            said.append(", ".join(person(one) for one in step["candidates"]))
        case "acknowledge":
            said.append(", ".join(person(one) for one in step["people"]))
        case "timer":
            said.append(step["wait"] or value(step["until"]))
        case "wait_event":
            said.append(step["event"])
        case "subflow":
            said.append(step["definition"])
        case "repeat":
            said.append(
                _("until %(condition)s; at most %(count)d") % {"condition": step["until"], "count": step["most"]}
            )
        case "foreach":
            said.append(_("%(name)s of %(items)s; %(how)s") % {
                "name": step["as"], "items": step["items"],
                "how": _("side by side") if step["mode"] == "parallel" else _("one after the other"),
            })  # fmt: skip
        case "rule":
            said.append(
                ngettext("%(count)d rule", "%(count)d rules", len(step["rules"])) % {"count": len(step["rules"])}
            )
    if step["sla"]:
        said.append(_("target %(time)s") % {"time": step["sla"]["target"]})
    return said


def person(entry: Step) -> str:
    """Whom an entry of candidates names."""
    if "department" in entry:
        return f"{value(entry['department'])}: {role(entry['role'])}"
    if "head_of" in entry:
        return _("head of %(department)s") % {"department": value(entry["head_of"])}
    if "uploader" in entry:
        return _("the uploader")
    return value(entry.get("user", entry))


def role(name: str) -> str:
    return _(_ROLES[name]) if name in _ROLES else name


def value(held: Any) -> str:
    """A value as it is shown: a literal, or the expression that gives it."""
    if isinstance(held, dict) and "expr" in held:
        return _("its department") if held["expr"] == "document.department" else str(held["expr"])
    return str(held)
