"""What a client may say over the socket, read strictly, and how often."""

import time
from dataclasses import dataclass
from typing import Any

import orjson

from accounts.refusals import Refusal, TooMany

FRAME_BYTES = 64 * 1024
TOPICS = 200
TOPIC_CHARACTERS = 80
A_SECOND, AT_ONCE = 20.0, 200.0
ACTIONS = frozenset({"authenticate", "resume", "subscribe", "unsubscribe", "ack", "look", "ping", "pong"})


class BadFrame(Refusal):
    code, title = "bad_frame", "This frame is not one that the gateway understands"


@dataclass(frozen=True)
class Asked:
    """One frame from a client; which fields count depends on `action`."""

    action: str
    topics: frozenset[str] = frozenset()
    position: int = 0
    token: str = ""


class Patience:
    """How many frames a client may still send: 20 a second, 200 at once; acknowledgements count a tenth."""

    def __init__(self) -> None:
        self._left, self._at = AT_ONCE, time.monotonic()

    def spend(self, asked: Asked | None) -> None:
        """Raises TooMany."""
        now = time.monotonic()
        self._left = min(AT_ONCE, self._left + (now - self._at) * A_SECOND)
        self._at = now
        self._left -= 0.1 if asked is not None and asked.action == "ack" else 1.0
        if self._left < 0:
            raise TooMany("Too many frames. Send at most 20 a second.")


def read(text: str | bytes) -> Asked:
    """Raises BadFrame, TooMany (when it is too long)."""
    if len(text) > FRAME_BYTES:
        raise TooMany(f"A frame may have {FRAME_BYTES} bytes at most.")
    try:
        content = orjson.loads(text)
    except orjson.JSONDecodeError:
        raise BadFrame("A frame must be a JSON object.") from None
    action = content.get("action") if isinstance(content, dict) else None
    if not isinstance(action, str) or action not in ACTIONS:
        raise BadFrame(f"A frame needs an `action`: one of {', '.join(sorted(ACTIONS))}.")
    if action == "authenticate":
        return Asked(action, token=_text(content, "token"))
    if action in ("subscribe", "unsubscribe"):
        return Asked(action, topics=topics_of(content.get("topics")))
    if action == "resume":
        return Asked(action, position=_whole(content, "after"), topics=topics_of(content.get("topics") or []))
    if action == "look":
        return Asked(action, topics=topics_of([] if content.get("topic") is None else [content["topic"]]))
    if action == "ack":
        return Asked(action, position=_whole(content, "position"))
    return Asked(action)


def topics_of(value: Any) -> frozenset[str]:
    """Raises BadFrame, TooMany."""
    if not isinstance(value, list) or not all(isinstance(topic, str) and topic for topic in value):
        raise BadFrame("`topics` must be a list of texts such as document:<id>.")
    if len(value) > TOPICS:
        raise TooMany(f"A socket may have {TOPICS} topics at most.")
    if any(len(topic) > TOPIC_CHARACTERS for topic in value):
        raise BadFrame(f"A topic has {TOPIC_CHARACTERS} characters at most.")
    return frozenset(value)


def _text(content: dict[str, Any], name: str) -> str:
    value = content.get(name)
    if not isinstance(value, str) or not value:
        raise BadFrame(f"`{name}` must be a text.")
    return value


def _whole(content: dict[str, Any], name: str) -> int:
    value = content.get(name)
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value < 2**63:
        raise BadFrame(f"`{name}` must be a whole number from 0.")
    return value
