"""Requests that make no sense: each call of the OpenAPI description, ids that exist, and values that nobody means."""

import json
import random
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlencode

VALUES = (
    "", "a", "\x00", "\ud800", "ക്ഷ", "'", '"', "%", "../../etc/passwd", "-1", "0", "1", "999999999999999999999",
    "1e400", "NaN", "true", "null", "[]", "{}", "2026-01-01", "2026-13-45", "0000-00-00", "9999-12-31T23:59:59.999999Z",
    "10000-01-01", "2026-11-29T00:00:00+99:99", "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00", "x" * 300,
    "x" * 20_000, "id", "-upload_time", "emergency", "processed", "document:x", "a,b", "&|!()", '" OR 1=1', "\\", "<->",
    "*:*", "cD0yMDI2", "\u202e", "😀", "P1D", "24h", "7 days", "csv",
)  # fmt: skip
OTHERS = (0, 1, -1, 2**31, 2**63, 2**64, 10**30, 1.5, 1e308, True, False, None)
METHODS = ("get", "post", "put", "patch", "delete")
BOUNDARY = "fuzz"
DEEPEST = 5


@dataclass(frozen=True)
class Call:
    method: str
    path: str
    said: Mapping[str, Any]


@dataclass(frozen=True)
class Sent:
    method: str
    url: str
    body: bytes
    content_type: str


class Senseless:
    """`ids` gives what exists by the word before it in an address: `{"documents": ["…"]}`."""

    def __init__(self, schema: Mapping[str, Any], ids: Callable[[], Mapping[str, list[str]]]) -> None:
        self.calls = [
            Call(method, path, said)
            for path, methods in schema["paths"].items()
            for method, said in methods.items()
            if method in METHODS
        ]
        self._shapes, self._ids = schema["components"]["schemas"], ids

    def request(self, call: Call, dice: random.Random) -> Sent:
        path, query = call.path, {}
        for one in call.said.get("parameters", []):
            if one["in"] == "path":
                known = self._known(call.path, one["name"], dice)
                path = path.replace(f"{{{one['name']}}}", quote(known, safe="", errors="replace"))
            elif one["in"] == "query" and dice.random() < 0.5:
                given = self._like(one.get("schema", {}), dice) if dice.random() < 0.5 else self._any(dice)
                query[one["name"]] = str(given)
        if dice.random() < 0.1:
            query[dice.choice(("cursor", "limit", "format", "ordering"))] = str(self._any(dice))
        url = f"{path}?{urlencode(query, errors='replace')}" if query else path
        return Sent(call.method, url, *self._body(call, dice))

    def _known(self, path: str, name: str, dice: random.Random) -> str:
        before = path.split(f"{{{name}}}")[0].rstrip("/").rpartition("/")[2]
        if dice.random() < 0.15:
            return str(self._any(dice)) or "-"
        return dice.choice(self._ids().get(before) or ["1", "2", "0"])

    def _body(self, call: Call, dice: random.Random) -> tuple[bytes, str]:
        kinds = call.said.get("requestBody", {}).get("content", {})
        if "multipart/form-data" in kinds:
            fields = self._shape(kinds["multipart/form-data"]["schema"]).get("properties", {})
            parts = [part for name, shape in fields.items() for part in self._part(name, shape, dice)]
            return b"".join(parts) + f"--{BOUNDARY}--\r\n".encode(), f"multipart/form-data; boundary={BOUNDARY}"
        if "application/json" not in kinds:
            return b"", "application/json"
        body = json.dumps(self._like(kinds["application/json"]["schema"], dice)).encode()
        if dice.random() < 0.05:
            body = body[: dice.randrange(len(body) + 1)]
        if dice.random() < 0.02:
            body = b"[" * 5_000 + b"]" * 5_000
        return body, "application/json" if dice.random() < 0.95 else "text/plain"

    def _part(self, name: str, shape: Mapping[str, Any], dice: random.Random) -> Iterator[bytes]:
        if dice.random() < 0.3:
            return
        head = f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"'
        value = self._like(shape, dice)
        text = value if isinstance(value, str) else json.dumps(value)
        if name.startswith("file"):
            head += f'; filename="{dice.choice(VALUES)[:300]}"'
            text += f" {dice.random()}" if dice.random() < 0.8 else ""
        yield f"{head}\r\n\r\n{text}\r\n".encode("utf-8", "surrogatepass")

    def _shape(self, shape: Mapping[str, Any]) -> Mapping[str, Any]:
        while "$ref" in shape:
            shape = self._shapes[shape["$ref"].rpartition("/")[2]]
        return shape

    def _like(self, shape: Mapping[str, Any], dice: random.Random, depth: int = 0) -> Any:
        """Something of that shape, now and then something else."""
        shape = self._shape(shape)
        if dice.random() < 0.15 or depth > DEEPEST:
            return self._any(dice)
        for joined in ("allOf", "oneOf", "anyOf"):
            if joined in shape:
                return self._like(dice.choice(shape[joined]), dice, depth + 1)
        if "enum" in shape:
            return dice.choice(shape["enum"])
        if "properties" in shape:
            fields = shape["properties"].items()
            return {name: self._like(one, dice, depth + 1) for name, one in fields if dice.random() < 0.8}
        if shape.get("type") == "array":
            return [self._like(shape.get("items", {}), dice, depth + 1) for _ in range(dice.randrange(4))]
        if shape.get("type") == "integer":
            return dice.choice(OTHERS[:7])
        return dice.choice((True, False)) if shape.get("type") == "boolean" else self._any(dice)

    def _any(self, dice: random.Random, depth: int = 0) -> Any:
        kind = dice.randrange(10)
        if kind == 0 and depth < DEEPEST:
            return [self._any(dice, depth + 1) for _ in range(dice.randrange(4))]
        if kind == 1 and depth < DEEPEST:
            return {dice.choice(VALUES)[:30]: self._any(dice, depth + 1) for _ in range(dice.randrange(4))}
        if kind == 2:
            return dice.choice(OTHERS)
        known = [one for some in self._ids().values() for one in some]
        return dice.choice(known) if kind < 5 and known else dice.choice(VALUES)
