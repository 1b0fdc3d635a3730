from collections.abc import Iterable, Mapping
from typing import IO, Any

import orjson
from rest_framework.exceptions import ParseError
from rest_framework.parsers import BaseParser, MultiPartParser

DEEPEST = 200


class JSONParser(BaseParser):
    """JSON by orjson: UTF-8, not nested beyond 200, no halves of characters; whole numbers beyond 64 bits are floats.

    Python's own reads what nothing of ours can write again; and much of it stumbles over what is nested deeply.
    """

    media_type = "application/json"

    def parse(
        self, stream: IO[bytes], media_type: str | None = None, parser_context: Mapping[str, Any] | None = None
    ) -> Any:
        text = stream.read()
        try:
            said = orjson.loads(text)
        except orjson.JSONDecodeError as error:
            raise ParseError(f"This is no JSON that can be read: {error}.") from None
        if text.count(b"[") + text.count(b"{") > DEEPEST and _is_deeper(said, DEEPEST):
            raise ParseError(f"This JSON is nested more than {DEEPEST} deep.")
        return said


class FormParser(MultiPartParser):
    """DRF's for multipart, also when its type is in capitals (RFC 9110, 8.3.1), which Django's own does not know."""

    def parse(
        self, stream: IO[bytes], media_type: str | None = None, parser_context: Mapping[str, Any] | None = None
    ) -> Any:
        kind, semicolon, rest = (media_type or "").partition(";")
        return super().parse(stream, f"{kind.lower()}{semicolon}{rest}", parser_context)


def _is_deeper(said: Any, most: int) -> bool:
    """Whether lists and objects are nested deeper, found level by level."""
    level = [said]
    for _ in range(most):
        level = [part for held in level for part in _parts(held) if isinstance(part, dict | list)]
    return bool(level)


def _parts(held: Any) -> Iterable[Any]:
    if isinstance(held, dict):
        return held.values()
    return held if isinstance(held, list) else ()
