from collections.abc import Mapping
from typing import Any

import orjson
from rest_framework import renderers

OPTIONS = orjson.OPT_UTC_Z | orjson.OPT_NON_STR_KEYS


class JSONRenderer(renderers.BaseRenderer):
    """JSON by orjson: UTC times end in Z, UUIDs and dates are written as ISO."""

    media_type = "application/json"
    format = "json"
    charset = None

    def render(
        self, data: Any, accepted_media_type: str | None = None, renderer_context: Mapping[str, Any] | None = None
    ) -> bytes:
        if data is None:
            return b""
        try:
            return orjson.dumps(data, default=str, option=OPTIONS)
        except TypeError:  # a number that PostgreSQL gave back longer than 64 bits: one row is not to hide a whole list
            return orjson.dumps(_within_64_bits(data), default=str, option=OPTIONS)


def _within_64_bits(data: Any) -> Any:
    """The same, with whole numbers that orjson cannot write as decimals."""
    if isinstance(data, int) and not -(2**63) <= data < 2**64:
        return float(data)
    if isinstance(data, Mapping):
        return {key: _within_64_bits(held) for key, held in data.items()}
    if isinstance(data, list | tuple):
        return [_within_64_bits(held) for held in data]
    return data
