"""The catalogue for others: JSON Schema of every event, AsyncAPI of the socket, and the page docs/events.md."""

import inspect
from types import NoneType, UnionType
from typing import Any, get_args, get_origin, get_type_hints

from realtime.catalogue import CATALOGUE
from realtime.told import Told

DRAFT = "https://json-schema.org/draft/2020-12/schema"
WHOLE = {"type": "integer", "minimum": 0}
TEXT = {"type": "string"}
TOPICS = {"type": "array", "items": TEXT, "maxItems": 200}
SEEN = {"type": ["string", "null"]}
MOMENT = {"type": "string", "format": "date-time"}
PLAIN: dict[Any, dict[str, Any]] = {
    str: TEXT,
    int: {"type": "integer"},
    float: {"type": "number"},
    bool: {"type": "boolean"},
    NoneType: {"type": "null"},
}
SAID_BY_SERVER: dict[str, tuple[str, dict[str, Any]]] = {
    "connected": ("You are in; events go on after `position`.", {"position": WHOLE}),
    "reset": ("What you asked for is gone: fetch everything anew; events go on after `position`.", {"position": WHOLE}),
    "refused": ("These topics do not exist for you (any more).", {"topics": TOPICS}),
    "error": ("Your frame was not understood.", {"code": TEXT, "detail": TEXT}),
    "ping": ("Nothing was heard from you for a while: send anything, such as a pong.", {}),
    "pong": ("The answer to a ping, behind everything that was due.", {}),
}
SAID_BY_CLIENT: dict[str, tuple[str, dict[str, Any]]] = {
    "authenticate": ("Who you are, by JWT or API key: the first frame, unless the handshake said it.", {"token": TEXT}),
    "resume": ("What was told after this position, then live.", {"after": WHOLE, "topics": TOPICS}),
    "subscribe": ("Hear these topics too.", {"topics": TOPICS}),
    "unsubscribe": ("Hear these topics no longer.", {"topics": TOPICS}),
    "ack": ("You have everything up to this position.", {"position": WHOLE}),
    "look": (
        "You look at this topic of yours now: others who listen to it see your name; null: at none.",
        {"topic": SEEN},
    ),
    "ping": ("Are you there? Answered by `pong`.", {}),
    "pong": ("The answer to the gateway's `ping`.", {}),
}
OPTIONAL = {("resume", "topics")}


def of_data(told: type[Told]) -> dict[str, Any]:
    """The JSON Schema of an event's `data`. No other field is allowed, and none is ever left out."""
    hints = {name: hint for name, hint in get_type_hints(told).items() if name in told.__slots__}
    return _exactly({name: _of(hint) for name, hint in hints.items()})


def of_event(told: type[Told]) -> dict[str, Any]:
    """The JSON Schema of an event as a socket and `GET /events/` give it."""
    position = {"position": {"type": "integer", "minimum": 1}} if told.durable else {}
    fields = {"type": {"const": told.type}, **position, "at": MOMENT, "data": of_data(told)}
    return {"title": told.type, "description": _promise(told), **_exactly(fields)}


def json_schema() -> dict[str, Any]:
    """One schema for every event, by its type."""
    return {
        "$schema": DRAFT,
        "title": "Events of KMRL Gateway",
        "oneOf": [{"$ref": f"#/$defs/{name}"} for name in CATALOGUE],
        "$defs": {name: of_event(told) for name, told in CATALOGUE.items()},
    }


def asyncapi(*, version: str, host: str) -> dict[str, Any]:
    """The socket in AsyncAPI 3: what the gateway sends (events and frames of its own) and what it understands."""
    sent = {name: _message(name, of_event(told)) for name, told in CATALOGUE.items()}
    sent |= {name: _message(name, _frame("type", name, *said)) for name, said in SAID_BY_SERVER.items()}
    heard = {f"ask.{name}": _message(name, _frame("action", name, *said)) for name, said in SAID_BY_CLIENT.items()}
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "KMRL Gateway, live",
            "version": version,
            "description": "Several frames at once come as a JSON array of them.",
        },
        "defaultContentType": "application/json",
        "servers": {"gateway": {"host": host, "protocol": "ws", "description": "wss where the gateway has TLS"}},
        "channels": {
            "live": {
                "address": "/ws/",
                "messages": {name: {"$ref": f"#/components/messages/{name}"} for name in (*sent, *heard)},
            }
        },
        "operations": {"tell": _operation("send", sent), "ask": _operation("receive", heard)},
        "components": {"messages": sent | heard},
    }


def as_page() -> str:
    """docs/events.md."""
    return "\n".join([HEAD, *(_chapter(told) for told in CATALOGUE.values())]) + "\n"


HEAD = """# Events

Written by `manage.py describe_events`: do not edit. `GET /api/v1/events/schema/` gives the same as JSON Schema,
`GET /api/v1/events/asyncapi.json` as AsyncAPI 3.

Every event is `{"type", "position", "at", "data"}`. Those that pass (progress, gauges) have no `position` and are kept
nowhere; the next one replaces them. All fields of `data` are always there, and there are no others.
"""


def _chapter(told: type[Told]) -> str:
    notes = [] if told.durable else ["It passes: no position, never replayed."]
    notes += ["Nothing tells it yet."] if told.to_come else []
    rows = [f"| `{name}` | {_words(field)} |" for name, field in of_data(told)["properties"].items()]
    said = "\n\n".join([_promise(told), *notes])
    return "\n".join([f"## `{told.type}`\n", f"{said}\n", "| field | what it holds |", "| --- | --- |", *rows, ""])


def _promise(told: type[Told]) -> str:
    return " ".join(inspect.cleandoc(told.__doc__ or "").split())


def _of(hint: Any) -> dict[str, Any]:
    if hint in PLAIN:
        return PLAIN[hint]
    arguments = get_args(hint)
    if isinstance(hint, UnionType):
        return {"type": [PLAIN[one]["type"] for one in arguments]}
    if get_origin(hint) is list:
        return {"type": "array", "items": _of(arguments[0])}
    if get_origin(hint) is dict and arguments[0] is str:
        return {"type": "object", "additionalProperties": _of(arguments[1])}
    raise TypeError(f"An event's field cannot be {hint!r}: use what JSON has.")


def _words(field: dict[str, Any]) -> str:
    kind = field["type"]
    if kind == "array":
        return f"list of {_words(field['items'])}"
    if kind == "object":
        return f"object of {_words(field['additionalProperties'])}"
    return " or ".join(kind) if isinstance(kind, list) else str(kind)


def _exactly(fields: dict[str, Any], *, optional: frozenset[str] = frozenset()) -> dict[str, Any]:
    required = [name for name in fields if name not in optional]
    return {"type": "object", "properties": fields, "required": required, "additionalProperties": False}


def _frame(key: str, name: str, said: str, fields: dict[str, Any]) -> dict[str, Any]:
    optional = frozenset(field for field in fields if (name, field) in OPTIONAL)
    return {"description": said, **_exactly({key: {"const": name}, **fields}, optional=optional)}


def _message(name: str, payload: dict[str, Any]) -> dict[str, Any]:
    return {"name": name, "summary": payload["description"], "payload": payload}


def _operation(action: str, messages: dict[str, Any]) -> dict[str, Any]:
    return {
        "action": action,
        "channel": {"$ref": "#/channels/live"},
        "messages": [{"$ref": f"#/channels/live/messages/{name}"} for name in messages],
    }
