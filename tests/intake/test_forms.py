"""The short way to read a form reads what Django's parser reads, or says that it does not know the form."""

import io

import pytest
from django.http.multipartparser import MultiPartParser, MultiPartParserError
from django.test import RequestFactory
from hypothesis import given
from hypothesis import strategies as some

from documents.api import forms

TYPE = "multipart/form-data; boundary=cut"


def read_by_django(body: bytes, content_type: str = TYPE) -> tuple[dict, dict] | None:
    handlers = RequestFactory().get("/").upload_handlers
    meta = {"CONTENT_TYPE": content_type, "CONTENT_LENGTH": len(body)}
    try:
        fields, files = MultiPartParser(meta, io.BytesIO(body), handlers, "utf-8").parse()
    except MultiPartParserError:
        return None
    return fields.dict(), {name: (one.name, one.content_type, one.read()) for name, one in files.items()}


def read_here(body: bytes, content_type: str = TYPE) -> tuple[dict, dict] | None:
    form = forms.plain(body, content_type)
    if form is None:
        return None
    return form.fields, {name: (one.name, one.content_type, one.read()) for name, one in form.files.items()}


def part(head: str, content: bytes, mark: str = "cut") -> bytes:
    return f"--{mark}\r\n{head}\r\n\r\n".encode() + content + b"\r\n"


def field(name: str, value: str) -> bytes:
    return part(f'Content-Disposition: form-data; name="{name}"', value.encode())


def file(filename: str, content: bytes, name: str = "file", kind: str = "\r\nContent-Type: application/pdf") -> bytes:
    return part(f'Content-Disposition: form-data; name="{name}"; filename="{filename}"{kind}', content)


def whole(*parts: bytes) -> bytes:
    return b"".join([*parts, b"--cut--\r\n"])


PLAIN = [
    whole(field("source", "api"), file("a.pdf", b"%PDF-1.7 \r\n--cu\r\n\x00\xff")),
    whole(field("title", "പരിശോധന – “x”"), field("metadata", '{"a": "\\n"}'), file("കത്ത് 7.pdf", b"")),
    whole(file("a.txt", b"\r\n\r\n", kind="")),
    whole(field("empty", ""), field("lines", "one\r\ntwo\n")),
    whole(field("source", "api"))[:-2],
    whole(file("x" * 300 + ".pdf", b"x")),
]
ODD = [
    b"",
    b"no form",
    whole(field("source", "api"))[:-8],
    whole(field("a", "1"), field("a", "2")),
    whole(file("../up.pdf", b"x")),
    whole(file("C:\\scan.pdf", b"x")),
    whole(file("a&amp;b.pdf", b"x")),
    whole(file("..", b"x")),
    whole(file("", b"x")),
    whole(file("a\u202eb.pdf", b"x")),
    whole(part("Content-Disposition: form-data; name=\"file\"; filename*=UTF-8''a%20b.pdf", b"x")),
    whole(part('Content-Disposition: form-data; name="a"\r\nContent-Transfer-Encoding: base64', b"eA==")),
    whole(part('Content-Disposition: form-data; name="a"\r\nContent-Type: text/plain; charset=latin-1', b"\xe4")),
    whole(part("Content-Disposition: form-data; name=bare", b"x")),
    whole(part('Content-Disposition: form-data; name="a"', b"\xff")),
    whole(*(field(f"f{number}", "x") for number in range(30))),
    b"preamble\r\n" + whole(field("a", "1")),
    whole(field("a", "1")) + b"epilogue",
    whole(file("a.pdf", b"x\r\n--cutter\r\n")),
]


@pytest.mark.parametrize("body", PLAIN)
def test_a_plain_form_is_read_as_django_reads_it(body):
    assert read_here(body) == read_by_django(body) is not None


@pytest.mark.parametrize("body", ODD)
def test_an_odd_form_is_left_to_django(body):
    assert read_here(body) is None


@pytest.mark.parametrize(
    "content_type", ["multipart/form-data", "multipart/form-data; boundary=", f"{TYPE}; charset=latin-1", "text/plain"]
)
def test_an_odd_content_type_is_left_to_django(content_type):
    assert read_here(PLAIN[0], content_type) is None


def test_a_boundary_may_be_quoted():
    quoted = 'multipart/form-data; boundary="cut"'
    assert read_here(PLAIN[0], quoted) == read_by_django(PLAIN[0], quoted) is not None


@given(
    some.dictionaries(some.text(min_size=1, max_size=8), some.text(max_size=20), max_size=4),
    some.text(max_size=12),
    some.binary(max_size=60),
    some.binary(max_size=3),
)
def test_whatever_is_read_here_django_reads_alike(fields, filename, content, noise):
    parts = [field(name, value) for name, value in fields.items()]
    body = whole(*parts, file(filename, content + b"\r\n--cut" + noise + content))
    here = read_here(body)
    assert here is None or here == read_by_django(body)
