from collections.abc import Mapping
from typing import IO, Any

import orjson
from rest_framework.exceptions import ParseError
from rest_framework.parsers import BaseParser


class JSONParser(BaseParser):
    """JSON by orjson: UTF-8, not nested beyond 1,024, no halves of characters; whole numbers beyond 64 bits are floats.

    Python's own reads what nothing of ours can write again, and stumbles over what is nested deeply.
    """

    media_type = "application/json"

    def parse(
        self, stream: IO[bytes], media_type: str | None = None, parser_context: Mapping[str, Any] | None = None
    ) -> Any:
        try:
            return orjson.loads(stream.read())
        except orjson.JSONDecodeError as error:
            raise ParseError(f"This is no JSON that can be read: {error}.") from None
