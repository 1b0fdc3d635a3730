"""A plain multipart form that is in memory already, cut at its boundaries.

Django's parser is made for streams of any size and shape, and takes twenty times as long. This one knows the shape that
browsers and HTTP libraries write, and says so when it sees anything else: then Django's reads it.
"""

import html
import io
import re
from dataclasses import dataclass, field

from django.core.files.uploadedfile import InMemoryUploadedFile

BOUNDARY = re.compile(r'multipart/form-data; ?boundary="?([0-9A-Za-z\'()+_,./:=?-]{1,70})"?', re.I)
HEAD = re.compile(
    rb'content-disposition: form-data; name="([^"\\\r\n%&]+)"(?:; filename="([^"\\\r\n]+)")?'
    rb"(?:\r\ncontent-type: ([\w.+/-]+))?",
    re.I,
)
MOST_PARTS = 20


@dataclass
class Form:
    """The fields and the files of a form, each name once."""

    fields: dict[str, str] = field(default_factory=dict)
    files: dict[str, InMemoryUploadedFile] = field(default_factory=dict)


def plain(body: bytes, content_type: str) -> Form | None:
    """The form, as Django's parser would read it; None when it is of a less usual shape, or none at all."""
    found = BOUNDARY.fullmatch(content_type)
    if found is None:
        return None
    mark = b"--" + found[1].encode()
    parts = (b"\r\n" + body).split(b"\r\n" + mark)
    if len(parts) > MOST_PARTS or parts[0] != b"" or parts[-1] not in (b"--", b"--\r\n"):
        return None
    form = Form()
    for part in parts[1:-1]:
        if not _take(form, part):
            return None
    return form


def _take(form: Form, part: bytes) -> bool:
    """Whether this part is a plain one, and the first of its name."""
    head, blank, content = part.partition(b"\r\n\r\n")
    said = HEAD.fullmatch(head[2:]) if blank and head[:2] == b"\r\n" else None
    if said is None:
        return False
    try:
        name = said[1].decode()
        filename = None if said[2] is None else said[2].decode()
        value = "" if filename else content.decode()
    except UnicodeDecodeError:
        return False
    if name in form.fields or name in form.files:
        return False
    if filename is None:
        form.fields[name] = value
        return True
    if not _is_plain(filename):
        return False
    kind = said[3].decode() if said[3] else ""
    form.files[name] = InMemoryUploadedFile(io.BytesIO(content), name, filename, kind, len(content), None)
    return True


def _is_plain(filename: str) -> bool:
    """Whether Django's parser would leave the name as it is."""
    odd = "/" in filename or not filename.isprintable() or filename.strip() in ("", ".", "..")
    return not odd and html.unescape(filename) == filename
