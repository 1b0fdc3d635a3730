"""Files that were whole and are not any more: bytes changed, cut out, doubled, swapped for others' or for words that
formats know. The same for the same dice.
"""

import random
import re
import zipfile
from email.message import EmailMessage
from io import BytesIO

from tests.reading import samples

WORDS = (
    b"obj", b"endobj", b"stream", b"endstream", b"<<", b">>", b"/Length", b"/Kids", b"/Parent", b"/Filter", b"R",
    b"/FlateDecode", b"/ObjStm", b"/Prev", b"xref", b"trailer", b"startxref", b"[", b"]", b"0", b"-1", b"4294967296",
    b"99999999999", b"\x00", b"\xff\xff\xff\xff", b"PK\x03\x04", b"PK\x01\x02", b"<!DOCTYPE a [<!ENTITY b 'c'>]>",
    b"&b;", b"Content-Type: multipart/mixed; boundary=x\n", b"--x\n", b"=?utf-8?b?AA=?=", b"\r\n\r\n", b"\xed\xa0\x80",
)  # fmt: skip
NUMBERS = (b"0", b"1", b"-1", b"65535", b"2147483647", b"2147483648", b"3500000", b"99999999999999999999")
LENGTHS = (1, 2, 4, 16, 100, 1_000, 10_000)


def wholes() -> dict[str, bytes]:
    """By name, a small whole file of each family that is read."""
    message = EmailMessage()
    message["From"], message["Subject"] = "safety@example.org", "അറിയിപ്പ് 7"
    message.set_content("Gap measured.")
    message.add_attachment(samples.pdf("Plan"), maintype="application", subtype="pdf", filename="plan.pdf")
    packed = BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        archive.writestr("word/document.xml", "<w:document>" + "<w:p>Gap</w:p>" * 50 + "</w:document>")
    return {
        "two.pdf": samples.pdf(samples.ENGLISH, samples.MALAYALAM, info="/Title (Gap)"),
        "scan.pdf": samples.scan("", "Stamp"),
        "locked.pdf": samples.locked(),
        "picture.png": samples.png(),
        "letter.docx": packed.getvalue(),
        "message.eml": message.as_bytes(),
        "note.txt": f"{samples.ENGLISH}\n{samples.MALAYALAM}\f{samples.ENGLISH}".encode(),
        "page.html": f"<html><body><p>{samples.ENGLISH}</p></body></html>".encode(),
        "list.xml": b"<?xml version='1.0'?><list><gap mm='6'>measured</gap></list>",
        "rows.csv": b"item,quantity\n" + b"brake calliper,4\n" * 40,
    }


def mutated(whole: bytes, other: bytes, dice: random.Random) -> bytes:
    """`whole` with one to forty faults; some bring in bytes of `other`."""
    data = bytearray(whole)
    for _ in range(dice.choice((1, 1, 2, 3, 5, 10, 40))):
        if data:
            dice.choice(FAULTS)(data, other, dice)
    return bytes(data)


def _flip(data: bytearray, other: bytes, dice: random.Random) -> None:
    data[dice.randrange(len(data))] = dice.randrange(256)


def _drop(data: bytearray, other: bytes, dice: random.Random) -> None:
    at = dice.randrange(len(data))
    del data[at : at + dice.choice(LENGTHS)]


def _double(data: bytearray, other: bytes, dice: random.Random) -> None:
    at = dice.randrange(len(data))
    data[at:at] = data[at : at + dice.choice(LENGTHS)]


def _noise(data: bytearray, other: bytes, dice: random.Random) -> None:
    at = dice.randrange(len(data))
    data[at : at + dice.choice(LENGTHS)] = dice.randbytes(dice.choice(LENGTHS[:5]))


def _graft(data: bytearray, other: bytes, dice: random.Random) -> None:
    at, there, length = dice.randrange(len(data)), dice.randrange(len(other)), dice.choice(LENGTHS)
    data[at : at + length] = other[there : there + length]


def _cut(data: bytearray, other: bytes, dice: random.Random) -> None:
    del data[dice.randrange(len(data)) :]


def _word(data: bytearray, other: bytes, dice: random.Random) -> None:
    at = dice.randrange(len(data))
    data[at:at] = dice.choice(WORDS)


def _swap_word(data: bytearray, other: bytes, dice: random.Random) -> None:
    word = dice.choice(WORDS)
    at = data.find(word)
    if at >= 0:
        data[at : at + len(word)] = dice.choice(WORDS)


def _number(data: bytearray, other: bytes, dice: random.Random) -> None:
    at = dice.randrange(len(data))
    if found := list(re.finditer(rb"\d+", data[at : at + 300])):
        one = dice.choice(found)
        data[at + one.start() : at + one.end()] = dice.choice(NUMBERS)


FAULTS = (_flip, _drop, _double, _noise, _graft, _cut, _word, _swap_word, _number)
