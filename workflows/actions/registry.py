"""The register of actions: what a service step may `call`."""

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from datetime import date, datetime
from functools import cached_property
from typing import Any

from django.utils.dateparse import parse_date

from accounts import history
from accounts.refusals import Refusal
from documents import pages
from documents.models import Document
from documents.pages import NotRead, Text
from workflows.models import Instance


class NotPossible(Refusal):
    """The action cannot be done here; trying again gives the same. Becomes the step's failure, with its code."""

    code, title = "not_possible", "This cannot be done here"


@dataclass(frozen=True, kw_only=True)
class Param:
    """One parameter. `type`: string, text, number, integer, boolean, date, list, map, or people (as candidates are
    written in a definition). `least` and `most` bound a number."""

    name: str
    title: str
    type: str = "string"
    required: bool = False
    choices: tuple[str, ...] = ()
    default: Any = None
    help: str = ""
    least: int | None = None
    most: int | None = None


@dataclass(frozen=True, kw_only=True)
class Given:
    """What an action is done with. `document` is None for a run without one; `now` is when it began.

    `text_of` fetches a document's text: who does many actions at once fetches what they read together.
    """

    params: dict[str, Any]
    instance: Instance
    document: Document | None
    now: datetime
    text_of: Callable[[Document], Text] = pages.text

    def paper(self) -> Document:
        """The document. Raises NotPossible for a run without one."""
        if self.document is None:
            raise NotPossible("This run has no document; the action needs one.")
        return self.document

    @cached_property
    def text(self) -> Text:
        """The document's readable version, page by page. Raises NotPossible when nothing of it has been read."""
        try:
            return self.text_of(self.paper())
        except NotRead as not_read:
            raise NotPossible(not_read.detail) from not_read


Perform = Callable[[Given], Any]
Apply = Callable[[Instance, dict[str, Any], Any], None]


def _nothing(instance: Instance, params: dict[str, Any], result: Any) -> None:
    """No effect: the result is all there is."""


@dataclass(frozen=True, kw_only=True)
class Action:
    """One thing that a service step may call.

    `perform(given)` runs in a job, outside any transaction, has no effects and gives the result as plain JSON; it may
    be run more than once. `apply(instance, params, result)` runs once, in the transaction that settles the job, with
    the document and the run locked. Both raise Refusal for what trying again does not mend. `quick`: always
    takes milliseconds, so that somebody can wait for it.
    """

    name: str
    title: str
    about: str
    perform: Perform
    apply: Apply = _nothing
    params: tuple[Param, ...] = ()
    result: Mapping[str, str] = field(default_factory=dict)
    quick: bool = True

    @property
    def only_finds(self) -> bool:
        """Whether it has no effects at all: then it may also be tried on past documents."""
        return self.apply is _nothing

    def problems(self, params: Mapping[str, Any]) -> list[str]:
        """What is wrong with these values, in sentences; values still to be computed ({expr: …}) are not looked at."""
        known = {param.name: param for param in self.params}
        said = [f"{self.name} takes no {name}. It takes {_listed(known)}." for name in params if name not in known]
        for param in self.params:
            value = params.get(param.name)
            if value is None:
                if param.required:
                    said.append(f"{self.name} needs {param.name}: {param.title}.")
            elif not is_computed(value) and (wrong := _wrong(param, value)):
                said.append(f"{param.name} {wrong}.")
        return said

    def filled(self, params: Mapping[str, Any]) -> dict[str, Any]:
        """The values with every default. Raises NotPossible when something is wrong with them."""
        if said := self.problems(params):
            raise NotPossible(" ".join(said))
        return {param.name: param.default for param in self.params} | {
            name: value for name, value in params.items() if value is not None
        }


_actions: dict[str, Action] = {}


def register(action: Action) -> Action:
    """Make an action known. Another action under the same name is a mistake of ours: ValueError."""
    if _actions.setdefault(action.name, action) is not action:
        raise ValueError(f"There is already an action named {action.name}.")
    return action


def get(name: str) -> Action:
    """Raises KeyError for one that this process does not know."""
    return _actions[name]


def names() -> list[str]:
    """What `call` may name, sorted."""
    return sorted(_actions)


def describe() -> list[dict[str, Any]]:
    """Every action with its parameters and what its result holds, as the editor shows it."""
    return [
        {
            "name": action.name,
            "title": action.title,
            "about": action.about,
            "params": [asdict(param) for param in action.params],
            "result": dict(action.result),
        }
        for action in (_actions[name] for name in names())
    ]


def is_computed(value: Any) -> bool:
    """Whether it, or anything in it, is an expression that is still to be evaluated."""
    if isinstance(value, Mapping):
        return set(value) == {"expr"} or any(is_computed(held) for held in value.values())
    return isinstance(value, list) and any(is_computed(held) for held in value)


def _listed(names_of: Mapping[str, Param]) -> str:
    return ", ".join(names_of) or "nothing"


def _wrong(param: Param, value: Any) -> str:
    if param.choices:
        return "" if value in param.choices else f"is one of {', '.join(param.choices)}, not {value!r}"
    says, right = _TYPES[param.type]
    if not right(value):
        return f"is {says}, not {value!r}"[:200]
    if param.least is not None and value < param.least:
        return f"is at least {param.least}, not {value!r}"
    return f"is at most {param.most}, not {value!r}" if param.most is not None and value > param.most else ""


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < history.EXACT


def _is_date(value: Any) -> bool:
    if isinstance(value, date):
        return True
    try:
        return isinstance(value, str) and parse_date(value) is not None
    except ValueError:  # as 2026-02-30
        return False


_TYPES: dict[str, tuple[str, Callable[[Any], bool]]] = {
    "string": ("a text", lambda value: isinstance(value, str)),
    "text": ("a text", lambda value: isinstance(value, str)),
    "number": ("a number", _is_number),
    "integer": ("a whole number", lambda value: isinstance(value, int) and _is_number(value)),
    "boolean": ("true or false", lambda value: isinstance(value, bool)),
    "date": ("a date such as 2026-11-05", _is_date),
    "list": ("a list", lambda value: isinstance(value, list)),
    "map": ("a map", lambda value: isinstance(value, dict)),
    "people": (
        "a list of people, as candidates are written",
        lambda value: isinstance(value, list) and all(isinstance(one, dict) for one in value),
    ),
}
