"""The shape of a definition as a JSON Schema (draft 2020-12): for the checks here, for editors, and for the API."""

import re
from functools import cache
from typing import Any

from workflows.definitions.steps import KINDS, WAITING

Schema = dict[str, Any]

CATEGORIES = ("standard", "priority", "compliance", "quality_assurance", "emergency")
TYPES = ("string", "number", "integer", "boolean", "date", "list", "map")
FIELD_TYPES = ("text", "long_text", "number", "integer", "boolean", "date", "choice")
EVENTS = (
    "document.processed", "document.failed", "document.version", "document.corrected", "schedule", "api", "manual",
)  # fmt: skip
RUNGS = ("notify", "reassign", "raise_priority", "path")
PRIORITIES = ("low", "normal", "high", "emergency")

KEY_PATTERN = r"^[a-z0-9](?:[a-z0-9-]{0,38}[a-z0-9])?$"
KEY = re.compile(KEY_PATTERN)
NAME = r"^[a-z][a-z0-9_]{0,39}$"
STEPS_MOST = 300

_TEXT: Schema = {"type": "string", "maxLength": 2_000}
_TITLE: Schema = {"type": "string", "minLength": 1, "maxLength": 120}
_NAME: Schema = {"type": "string", "pattern": NAME}
_KEY: Schema = {"type": "string", "pattern": KEY_PATTERN}
_FLAG: Schema = {"type": "boolean"}
_CEL: Schema = {"type": "string", "minLength": 1, "maxLength": 2_000, "title": "condition (CEL)"}
_DURATION: Schema = {"type": "string", "title": "duration, such as “2 working days”"}


def _ref(name: str) -> Schema:
    return {"$ref": f"#/$defs/{name}"}


def _map(required: str = "", /, **properties: Schema) -> Schema:
    shape: Schema = {"type": "object", "properties": properties, "additionalProperties": False}
    return {**shape, "required": required.split()} if required else shape


def _list(items: Schema, least: int = 0, most: int = 100) -> Schema:
    return {"type": "array", "items": items, "minItems": least, "maxItems": most}


def _one_of(*values: str) -> Schema:
    return {"type": "string", "enum": list(values)}


def _values() -> Schema:
    return {"type": "object", "maxProperties": 60, "title": "names and values, or {expr: CEL}"}


_EXPR = _map("expr", expr=_CEL)
_DEFAULT: Schema = {
    "title": "what the field holds before anybody writes: a value of its type, or {expr: CEL}",
    "if": {"type": "object"},
    "then": _EXPR,
    "else": {"type": ["string", "number", "boolean"]},
}
_STEPS = _list(_ref("step"), most=STEPS_MOST)
_TEXT_OR_EXPR: Schema = {"if": {"type": "object"}, "then": _EXPR, "else": {"type": "string", "minLength": 1}}
_JOIN: Schema = {
    "if": {"type": "object"},
    "then": _map("at_least", at_least={"type": "integer", "minimum": 1, "maximum": 200}),
    "else": _one_of("all", "any"),
}
_CANDIDATE = {
    "type": "object",
    "minProperties": 1,
    "properties": {
        "department": _TEXT_OR_EXPR,
        "role": _one_of("clerk", "reviewer", "head"),
        "head_of": _TEXT_OR_EXPR,
        "user": _TEXT_OR_EXPR,
        "expr": _CEL,
        "uploader": {"const": True},
    },
    "additionalProperties": False,
}
_EXCLUDED = {
    "type": "object",
    "minProperties": 1,
    "maxProperties": 1,
    "properties": {"uploader": {"const": True}, "decided": _NAME, "user": _TEXT_OR_EXPR, "expr": _CEL},
    "additionalProperties": False,
}
_PEOPLE = _list(_ref("candidate"), 1, 50)


def _sla() -> Schema:
    rung = _map(
        "after do",
        after={"type": "string"},
        do=_one_of(*RUNGS),
        to=_list(_ref("candidate"), 1, 20),
        to_priority=_one_of(*PRIORITIES),
        steps=_STEPS,
    )
    return _map(
        "target",
        target=_DURATION,
        calendar=_KEY,
        warn_at={"type": "number", "exclusiveMinimum": 0, "exclusiveMaximum": 1},
        pause_while=_list(_NAME, most=50),
        ladder=_list(rung, most=20),
    )


def _outcome() -> Schema:
    return _map(
        "key",
        key=_NAME,
        title=_TITLE,
        title_ml=_TITLE,
        comment=_one_of("required", "optional"),
        veto=_FLAG,
        shortcut={"type": "string", "pattern": "^[a-z0-9]$"},
    )


def _field() -> Schema:
    return _map(
        "name type",
        name=_NAME,
        title=_TITLE,
        title_ml=_TITLE,
        type=_one_of(*FIELD_TYPES),
        required=_FLAG,
        choices=_list({"type": "string", "minLength": 1, "maxLength": 120}, 1, 100),
        default=_DEFAULT,
        save=_NAME,
    )


_CALL = {"call": {"type": "string", "minLength": 1, "maxLength": 80}, "with": _values()}
_QUORUM: Schema = {
    "if": {"type": "string"}, "then": {"const": "all"}, "else": {"type": "integer", "minimum": 1, "maximum": 50},
}  # fmt: skip


def _branches() -> Schema:
    return _list(_map("steps", title=_TITLE, title_ml=_TITLE, steps=_STEPS), 2, 50)


def _own() -> dict[str, tuple[str, dict[str, Schema]]]:
    """What each kind says of its own: what must be there, and what may."""
    option = _map("when steps", when=_CEL, title=_TITLE, title_ml=_TITLE, steps=_STEPS)
    rule = _map("when", when=_CEL, set=_values(), reason=_TEXT)
    chase = _map("every", every=_DURATION, then_head_after=_DURATION)
    share: Schema = {"type": "number", "exclusiveMinimum": 0, "maximum": 1}
    return {
        "service": ("call", {**_CALL, "save": _NAME, "undo": _map("call", **_CALL)}),
        "rule": (
            "rules",
            {"rules": _list(rule, 1), "hit": _one_of("first", "all"), "otherwise": _map("set", set=_values())},
        ),
        "choice": ("options otherwise", {"options": _list(option, 1, 50), "otherwise": _map("steps", steps=_STEPS)}),
        "parallel": ("branches", {"branches": _branches(), "join": _JOIN, "others": _one_of("cancel", "finish")}),
        "human": (
            "candidates",
            {
                "question": _TEXT,
                "question_ml": _TEXT,
                "candidates": _PEOPLE,
                "exclude": _list(_EXCLUDED, most=50),
                "quorum": _QUORUM,
                "outcomes": _list(_outcome(), 1, 20),
                "form": _list(_field(), most=40),
                "due": _DURATION,
                "follow_up": _DURATION,
                "delegate": _FLAG,
                "bound_to_version": _FLAG,
                "mail": _FLAG,
            },
        ),
        "acknowledge": (
            "people",
            {
                "question": _TEXT,
                "question_ml": _TEXT,
                "people": _PEOPLE,
                "by_shift": _FLAG,
                "due": _DURATION,
                "chase": chase,
                "share": share,
            },
        ),
        "timer": ("", {"wait": _DURATION, "until": _TEXT_OR_EXPR}),
        "wait_event": (
            "event",
            {
                "event": {"type": "string", "pattern": r"^[a-z][a-z0-9_.-]{0,59}$"},
                "key": {"if": {"type": "object"}, "then": _EXPR, "else": {"type": ["string", "number"]}},
                "match": _CEL,
                "save": _NAME,
            },
        ),
        "repeat": (
            "steps until",
            {
                "steps": _list(_ref("step"), 1, STEPS_MOST),
                "until": _CEL,
                "most": {"type": "integer", "minimum": 1, "maximum": 100},
                "exhausted": _one_of("incident", "continue"),
            },
        ),
        "foreach": (
            "items as steps",
            {
                "items": _CEL,
                "as": _NAME,
                "steps": _list(_ref("step"), 1, STEPS_MOST),
                "mode": _one_of("parallel", "sequence"),
                "join": _JOIN,
                "others": _one_of("cancel", "finish"),
                "most": {"type": "integer", "minimum": 1, "maximum": 200},
            },
        ),
        "subflow": ("definition", {"definition": _KEY, "with": _values(), "save": _NAME}),
        "compensate": ("", {"of": _list(_NAME, 1, 100)}),
        "end": ("outcome", {"outcome": _NAME}),
    }


def _step_kind(kind: str, required: str, own: dict[str, Schema]) -> Schema:
    common: dict[str, Schema] = {
        "id": _NAME, "kind": {"const": kind}, "title": _TITLE, "title_ml": _TITLE, "when": _CEL,
    }  # fmt: skip
    if kind != "end":
        common["on_error"] = _map("steps", steps=_STEPS)
    if kind in WAITING:
        common["on_timeout"] = _map("after", after=_DURATION, steps=_STEPS, cancel=_FLAG)
        common["sla"] = _ref("sla")
    return _map(f"id kind {required}", **common, **own)


@cache
def of_definitions() -> Schema:
    """The JSON Schema of a definition."""
    kinds = {f"step_{kind}": _step_kind(kind, *own) for kind, own in _own().items()}
    by_kind = [{"if": {"properties": {"kind": {"const": kind}}}, "then": _ref(f"step_{kind}")} for kind in KINDS]
    step = {
        "type": "object",
        "required": ["id", "kind"],
        "properties": {"kind": _one_of(*KINDS)},
        "allOf": by_kind,
    }
    trigger = _map(
        "on", on=_one_of(*EVENTS), when=_CEL, priority={"type": "integer", "minimum": 0, "maximum": 1_000}, also=_FLAG,
        reason=_TEXT, every=_DURATION, at={"type": "string", "pattern": r"^([01][0-9]|2[0-3]):[0-5][0-9]$"},
        **{"with": _values()},
    )  # fmt: skip
    variable = _map("type", type=_one_of(*TYPES), default={}, title=_TITLE, title_ml=_TITLE, description=_TEXT)
    whole = _map(
        "key title steps",
        key=_KEY,
        title=_TITLE,
        title_ml=_TITLE,
        category=_one_of(*CATEGORIES),
        description={"type": "string", "maxLength": 10_000},
        one_at_a_time=_FLAG,
        variables={
            "type": "object",
            "propertyNames": {"pattern": NAME},
            "additionalProperties": variable,
            "maxProperties": 100,
        },
        triggers=_list(trigger, most=50),
        sla=_ref("sla"),
        steps=_list(_ref("step"), 1, STEPS_MOST),
    )
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Definition of a workflow",
        **whole,
        "$defs": {"candidate": _CANDIDATE, "sla": _sla(), "step": step, **kinds},
    }
