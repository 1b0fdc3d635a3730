"""What comes in, as what, and what does not: by bytes."""

import io
import os
import struct
import zipfile
import zlib
from contextlib import suppress

import pytest

from accounts.refusals import Refusal
from documents.refusals import Bomb, Empty, Unsupported
from documents.validation import bombs, door, kinds, markup
from tests.intake.samples import docx, pdf, png, zipped


def examine(data: bytes, name: str) -> door.Examined:
    return door.examine(io.BytesIO(data), len(data), name)


def ole(*names: str, root: bytes = bytes(16)) -> bytes:
    """A compound file with one allocation sector and one directory sector."""
    header = bytearray(512)
    header[:8], header[30:32] = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", struct.pack("<H", 9)
    header[48:52], header[76:80] = struct.pack("<I", 1), struct.pack("<I", 0)
    table = struct.pack("<2I", 0xFFFFFFFD, 0xFFFFFFFE).ljust(512, b"\xff")
    directory = bytearray()
    for number, name in enumerate(("Root Entry", *names)):
        entry, text = bytearray(128), name.encode("utf-16-le") + b"\0\0"
        entry[: len(text)], entry[64:66] = text, struct.pack("<H", len(text))
        entry[66] = 5 if number == 0 else 2
        entry[80:96] = root if number == 0 else bytes(16)
        directory += entry
    return bytes(header) + table + bytes(directory)


@pytest.mark.parametrize(
    ("data", "name", "content_type"),
    [
        (pdf(), "a.pdf", kinds.PDF),
        (b"\r\n" + pdf(), "a.pdf", kinds.PDF),
        (b"x" * 1000 + pdf(), "a.pdf", kinds.PDF),
        (b"\x00\x01junk" + pdf(), "scan", kinds.PDF),
        (png(), "a.png", kinds.PNG),
        (b"GIF89a\x02\x00\x02\x00\x00\x00\x00", "a.gif", kinds.GIF),
        (b"RIFF\x00\x00\x00\x00WEBPVP8X" + bytes(14), "a.webp", kinds.WEBP),
        (b"\x00\x00\x00\x18ftypheic" + bytes(40), "a.heic", kinds.HEIC),
        (docx(), "a.docx", kinds.DOCX),
        (zipped({"mimetype": kinds.ODT.encode(), "content.xml": b"<a/>"}), "a.odt", kinds.ODT),
        (ole("WordDocument"), "a.doc", kinds.DOC),
        (ole("Workbook"), "a.xls", kinds.XLS),
        (ole("PowerPoint Document"), "a.ppt", kinds.PPT),
        (ole("__properties_version1.0"), "a.msg", kinds.MSG),
        (ole("EncryptionInfo", "EncryptedPackage"), "a.xlsx", kinds.ENCRYPTED_OFFICE),
        (b"{\\rtf1 hello}", "a.rtf", kinds.RTF),
        (b"From: a@b.c\r\nTo: d@e.f\r\nSubject: x\r\n\r\nhello", "a.eml", kinds.EML),
        (b"a;b\n1;2\n", "a.csv", kinds.CSV),
        (b'{"a": 1}', "a.json", kinds.JSON),
        (b"<!DOCTYPE html><p>hello", "a.html", kinds.HTML),
        (b"<?xml version='1.0'?><a/>", "a.xml", kinds.XML),
        ("കത്ത്".encode(), "a.txt", kinds.TEXT),
        ("കത്ത്".encode("utf-16"), "a.txt", kinds.TEXT),
        ("hello".encode("utf-16-le"), "a.txt", kinds.TEXT),
        ("കത്ത് 4".encode("utf-16-be"), "a.txt", kinds.TEXT),
        ("കത്ത് 4".encode("utf-32-le"), "a.txt", kinds.TEXT),
        (b"before the power cut\n" + bytes(4096) + b"after it\n", "a.log", kinds.TEXT),
        (b"Ref: 7\nFrom: me\nTo: all\nSubject: x\nDate: today\n\nhello", "a.txt", kinds.TEXT),
        (b"From: a@b.c\nMessage-ID: <1>\nTo: d@e.f\nSubject: x\n\nhello", "a.txt", kinds.EML),
        ("“naïve”".encode("cp1252"), "a.txt", kinds.TEXT),
        (b"Papers on %PDF-1.4 and 1 0 obj are dull", "a.txt", kinds.TEXT),
        (b"MZ-4 axle report", "a.txt", kinds.TEXT),
    ],
)
def test_a_file_is_what_its_bytes_are(data, name, content_type):
    assert examine(data, name) == door.Examined(content_type)


@pytest.mark.parametrize(
    ("data", "name", "content_type"),
    [(png(), "a.pdf", kinds.PNG), (pdf(), "a.docx", kinds.PDF), (b"plain words", "a.pdf", kinds.TEXT)],
)
def test_another_kind_of_document_than_its_name_says_is_taken_with_a_flag(data, name, content_type):
    assert examine(data, name) == door.Examined(content_type, ("extension_mismatch",))


def test_a_name_that_says_nothing_contradicts_nothing():
    assert examine(pdf(), "scan.0001").flags == () and examine(pdf(), "scan").flags == ()


def test_macros_embedded_files_and_polyglots_are_flagged():
    assert examine(docx(vbaProject_bin=b"x"), "a.docm").flags == ("macro",)
    assert examine(zipped({"[Content_Types].xml": b"", "ppt/p.xml": b"", "ppt/embeddings/a.xlsx": b""}), "a.pptx").flags
    assert examine(ole("WordDocument", "Macros"), "a.doc").flags == ("macro",)
    assert examine(pdf() + zipped({"a": b"b"}), "a.pdf").flags == ("polyglot",)


@pytest.mark.parametrize(
    "data",
    [
        b"MZ\x90\x00\x03" + bytes(64),
        b"\x7fELF\x02\x01\x01" + bytes(64),
        b"\xcf\xfa\xed\xfe" + bytes(64),
        b"\xca\xfe\xba\xbe\x00\x00\x00\x34",
        b"L\x00\x00\x00\x01\x14\x02\x00" + bytes(64),
        b"#!/bin/sh\nrm -rf /\n",
        b"\xef\xbb\xbf#!/usr/bin/env python\n",
        b"<?php system($_GET['c']);",
        b"<html><HTA:APPLICATION id=x></html>",
        b"@echo off\r\ndel *",
        ole("!_StringData", root=bytes.fromhex("84100c0000000000c000000000000046")),
        zipped({"META-INF/MANIFEST.MF": b"", "A.class": b"\xca\xfe\xba\xbe"}),
        zipped({"AndroidManifest.xml": b"", "classes.dex": b""}),
        b"<svg xmlns='http://www.w3.org/2000/svg'><script/></svg>",
    ],
)
@pytest.mark.parametrize("name", ["a.pdf", "a.txt", "a.docx", "a"])
def test_programs_and_scripts_are_refused_under_any_name(data, name):
    with pytest.raises(Unsupported):
        examine(data, name)


@pytest.mark.parametrize(
    "name", ["a.exe", "invoice.pdf.exe", "invoice.exe.pdf", "a.PDF .scr", "a.lnk", "a.hta", "x.Js"]
)
def test_names_of_programs_are_refused_whatever_the_bytes(name):
    with pytest.raises(Unsupported):
        examine(pdf(), name)


@pytest.mark.parametrize("name", ["site.com.pdf", "notes.py.txt", "rev.1.2.pdf"])
def test_names_that_only_look_odd_are_taken(name):
    assert examine(pdf() if name.endswith("pdf") else b"x", name)


def test_a_web_page_under_the_name_of_a_document_is_a_failed_download():
    with pytest.raises(Unsupported, match="web page"):
        examine(b"<!DOCTYPE html><html><body>404 Not Found</body></html>", "a.pdf")


@pytest.mark.parametrize(
    "data", [b"Rar!\x1a\x07\x01\x00", b"\x1f\x8b\x08", b"7z\xbc\xaf\x27\x1c", zipped({"a.txt": b"x"}), zipped({})]
)
def test_archives_are_refused_with_the_advice_to_unpack_them(data):
    with pytest.raises(Unsupported, match=r"[Uu]npack"):
        examine(data, "a.zip")


def test_nothing_is_refused_as_empty_and_noise_as_unsupported():
    with pytest.raises(Empty):
        examine(b"", "a.pdf")
    with pytest.raises(Unsupported, match="no kind"):
        examine(bytes(range(256)) * 8, "a.pdf")


# --- bombs


def test_a_picture_of_too_many_pixels_is_a_bomb_by_its_header():
    bmp = b"BM" + bytes(12) + struct.pack("<I2i", 40, 60_000, -60_000) + bytes(20)
    gif = b"GIF89a" + struct.pack("<2H", 60_000, 60_000) + bytes(4)
    webp = b"RIFF\0\0\0\0WEBPVP8X" + bytes(8) + (60_000).to_bytes(3, "little") * 2 + bytes(8)
    jpeg = b"\xff\xd8\xff\xe0\x00\x04ab\xff\xff\xc0\x00\x0b\x08" + struct.pack(">2H", 60_000, 60_000) + bytes(8)
    heic = b"\0\0\0\x18ftypheic" + bytes(12) + b"\0\0\0\x14ispe\0\0\0\0" + struct.pack(">2I", 60_000, 60_000)
    for data, name in ((png(60_000, 60_000), "a.png"), (bmp, "a.bmp"), (gif, "a.gif"), (webp, "a.webp")):
        with pytest.raises(Bomb):
            examine(data, name)
    for data, name in ((jpeg, "a.jpg"), (heic, "a.heic"), (tiff(60_000, 60_000), "a.tif")):
        with pytest.raises(Bomb):
            examine(data, name)
    assert examine(png(14_000, 10_000), "a0.png").content_type == kinds.PNG


def tiff(width: int, height: int, pages: int = 1, *, loop: bool = False) -> bytes:
    out = bytearray(b"II*\0\x08\0\0\0")
    for page in range(pages):
        entries = struct.pack("<2H2I", 256, 4, 1, width) + struct.pack("<2H2I", 257, 4, 1, height)
        last = page == pages - 1
        following = (8 if loop else 0) if last else len(out) + 2 + len(entries) + 4
        out += struct.pack("<H", 2) + entries + struct.pack("<I", following)
    return bytes(out)


def test_the_pages_of_a_picture_are_bounded_and_counted_once():
    with pytest.raises(Bomb):
        examine(tiff(10, 10, bombs.MOST_PAGES + 1), "a.tif")
    with pytest.raises(Bomb):
        examine(tiff(14_000, 14_000, 21), "a.tif")
    assert examine(tiff(1000, 1000, 3, loop=True), "a.tif").content_type == kinds.TIFF
    assert examine(b"II*\0\xff\xff\xff\xff", "a.tif").content_type == kinds.TIFF


def test_a_zip_that_unpacks_to_too_much_is_a_bomb():
    for data in (docx(pad_xml=bytes(64 * 1024 * 1024)), zipped({"a.txt": bytes(64 * 1024 * 1024)})):
        with pytest.raises(Bomb):
            examine(data, "a.docx")


def test_a_zip_that_lies_about_its_sizes_is_a_bomb():
    data = docx(pad_xml=os.urandom(64) + bytes(64 * 1024 * 1024))
    said = struct.pack("<I", 64 + 64 * 1024 * 1024)
    assert data.count(said) == 2
    with pytest.raises(Bomb, match="more than it says"):
        examine(data.replace(said, struct.pack("<I", 100)), "a.docx")


def test_a_zip_with_too_many_files_or_overlapping_ones_is_a_bomb():
    with pytest.raises(Bomb):
        examine(zipped(dict.fromkeys((f"{n}" for n in range(20_001)), b""), packed=False), "a.zip")
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("word/a", b"x" * 1000)
        for number in range(50):
            again = zipfile.ZipInfo(f"word/{number}")
            again.header_offset, again.compress_size, again.file_size = 0, 1000, 1000
            again.CRC = zlib.crc32(b"x" * 1000)
            archive.filelist.append(again)
        archive._didModify = True
    with pytest.raises(Bomb, match="overlap"):
        examine(out.getvalue(), "a.docx")


@pytest.mark.parametrize("name", ["../../etc/passwd", "/etc/passwd", "C:\\x", "word\\..\\..\\x"])
def test_a_zip_with_paths_outside_itself_is_refused(name):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("[Content_Types].xml", "")
        info = zipfile.ZipInfo("x")
        info.filename = name
        archive.writestr(info, "x")
    with pytest.raises(Unsupported, match="outside itself"):
        examine(out.getvalue(), "a.docx")


LAUGHS = b'<!DOCTYPE l [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;"><!ENTITY c "&b;&b;&b;">]><l>&c;</l>'
OUTSIDE = b'<!DOCTYPE l [<!ENTITY x SYSTEM "file:///etc/passwd">]><l>&x;</l>'


def test_xml_that_unfolds_or_reaches_outside_is_refused():
    for data, refusal in ((LAUGHS, Bomb), (OUTSIDE, Unsupported)):
        for written in (b"<?xml version='1.0'?>" + data, data.decode().encode("utf-16")):
            with pytest.raises(refusal):
                examine(written, "a.xml")
        with pytest.raises(refusal):
            examine(zipped({"[Content_Types].xml": b"", "word/document.xml": data}), "a.docx")
    assert examine(b"<!DOCTYPE note><note/>", "a.xml").content_type == kinds.XML


def test_declarations_far_inside_a_file_are_found():
    with pytest.raises(Unsupported):
        examine(b"<?xml version='1.0'?><!--" + b"x" * (2 * markup.CHUNK - 30) + b"-->" + OUTSIDE, "a.xml")


def test_a_cut_off_office_file_is_kept_for_the_reader_to_call_damaged():
    data = docx(a_xml=os.urandom(2000))
    assert examine(data[: len(data) - 60], "a.docx").content_type == kinds.DOCX


BEGINNINGS = (pdf(), png(), docx(), ole("WordDocument"), tiff(5, 5), b"RIFF....WEBPVP8 ", b"\xff\xd8\xff\xe0\xff\xff")


@pytest.mark.parametrize("data", BEGINNINGS)
def test_a_file_cut_off_anywhere_is_taken_or_refused_and_breaks_nothing(data):
    for size in range(1, len(data), max(1, len(data) // 40)):
        with suppress(Refusal):
            assert examine(data[:size], "a").content_type
