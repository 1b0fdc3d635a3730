"""XML declarations that unfold without end or reach outside: found without reading the XML."""

import re
from typing import IO

from documents.refusals import Bomb, Unsupported

ENTITY = re.compile(rb"<!ENTITY\b(.{0,4096}?)>", re.S | re.I)
OUTSIDE = re.compile(rb"\b(SYSTEM|PUBLIC)\b", re.I)
REFERENCE = re.compile(rb"&\w+;|%\w+;")
CHUNK, OVERLAP = 1024 * 1024, 8192


def refuse_entities(data: bytes) -> None:
    """Raises Bomb for entities made of entities, Unsupported for any other that the text declares itself."""
    if data.startswith((b"\xff\xfe", b"\xfe\xff")) or b"\x00" in data[:64]:
        data = data.replace(b"\x00", b"")  # UTF-16: declarations are ASCII
    if b"<!ENTITY" not in data and b"<!entity" not in data.lower():
        return
    declared = ENTITY.findall(data)
    if any(OUTSIDE.search(said) for said in declared):
        raise Unsupported("The XML asks for a file outside itself. That is never followed; send it without.")
    if sum(len(REFERENCE.findall(said)) for said in declared) >= 2:
        raise Bomb("The XML declares entities made of entities, which unfold without end. It was not kept.")
    raise Unsupported("The XML declares entities of its own. Send it without them.")


def refuse_entities_in(file: IO[bytes]) -> None:
    """As `refuse_entities`, over a whole file, piece by piece."""
    file.seek(0)
    before = b""
    while chunk := file.read(CHUNK):
        refuse_entities(before + chunk)
        before = chunk[-OVERLAP:]
