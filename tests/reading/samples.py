"""Small files, made here: PDFs whose letters are what the test says, whatever fonts the machine has."""

import io
import zipfile
import zlib
from collections.abc import Sequence
from pathlib import Path

import pymupdf

MALAYALAM = "കൊച്ചി മെട്രോ റെയിൽവേയുടെ സുരക്ഷാ അറിയിപ്പ് എല്ലാ ജീവനക്കാരും പാലിക്കണം"
ENGLISH = "The station controller of the line acknowledges this circular before the next shift and files it for safety."


def pdf(*pages: str, info: str = "", mapped: bool = True, extra: bytes = b"") -> bytes:
    """One page by text, lines by newline. Each character is a code of one font that ToUnicode maps back (`mapped`).

    `info` is the inside of the Info dictionary, `extra` more entries of the Catalog.
    """
    letters = sorted({letter for page in pages for letter in page if letter != "\n"})
    code = {letter: number for number, letter in enumerate(letters, start=33)}
    parts = [
        b"<< /Type /Catalog /Pages 2 0 R %s >>" % extra,
        b"<< /Type /Pages /Count %d /Kids [%s] >>"
        % (len(pages), b" ".join(b"%d 0 R" % (6 + 2 * number) for number in range(len(pages)))),
        b"<< /Type /Font /Subtype /Type3 /FontBBox [0 0 1000 1000] /FontMatrix [0.001 0 0 0.001 0 0] /FirstChar 33"
        b" /LastChar %d /Widths [%s] /CharProcs << >> /Encoding << /Type /Encoding /Differences [33 %s] >> %s >>"
        % (
            32 + len(letters),
            b" ".join([b"500"] * len(letters)),
            b" ".join(b"/g%d" % number for number in range(len(letters))),
            b"/ToUnicode 4 0 R" if mapped else b"",
        ),
        _stream(_cmap(code)),
        b"<< %s >>" % info.encode(),
    ]
    for number, page in enumerate(pages):
        parts.append(
            b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Resources << /Font << /F 3 0 R >> >>"
            b" /Contents %d 0 R >>" % (7 + 2 * number)
        )
        parts.append(_stream(_content(page, code)))
    return assembled(parts, b"/Root 1 0 R /Info 5 0 R")


def assembled(parts: Sequence[bytes], trailer: bytes) -> bytes:
    """Objects 1, 2, … with their cross-reference table."""
    out, places = bytearray(b"%PDF-1.7\n"), []
    for number, part in enumerate(parts, start=1):
        places.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, part)
    start = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(parts) + 1)
    out += b"".join(b"%010d 00000 n \n" % place for place in places)
    return bytes(out + b"trailer << /Size %d %s >>\nstartxref\n%d\n%%%%EOF\n" % (len(parts) + 1, trailer, start))


def in_font(name: str, first: str, *others: str) -> bytes:
    """Pages as `pdf` makes them; the first is in a font of this name, the others in one without."""
    whole = pdf(first, *others)
    parts = [part.split(b" obj\n", 1)[1] for part in whole[: whole.rindex(b"xref\n0")].split(b"\nendobj\n") if part]
    parts[5] = parts[5].replace(b"/F 3 0 R", b"/F %d 0 R" % (len(parts) + 1))
    named = parts[2].replace(b"/Subtype /Type3", b"/Subtype /TrueType /BaseFont /%s" % name.encode())
    return assembled([*parts, named], b"/Root 1 0 R")


def font(name: str) -> bytes:
    """A font of this name, with the codes of `pdf`; it stands beside those."""
    return b"/Subtype /TrueType /BaseFont /%s" % name.encode()


def with_resources(entries: Sequence[bytes], more: Sequence[bytes], text: str) -> bytes:
    """Pages that all say `text`, as `pdf` makes them, each with one of these entries in place of its resources.

    `more` are objects from number 6 + 2 x pages on; `font` makes fonts for them.
    """
    whole = pdf(*[text] * len(entries))
    parts = [part.split(b" obj\n", 1)[1] for part in whole[: whole.rindex(b"xref\n0")].split(b"\nendobj\n") if part]
    for number, entry in enumerate(entries):
        parts[5 + 2 * number] = parts[5 + 2 * number].replace(b"/Resources << /Font << /F 3 0 R >> >>", entry)
    fonts = [parts[2].replace(b"/Subtype /Type3", one) if one.startswith(b"/Subtype") else one for one in more]
    return assembled([*parts, *fonts], b"/Root 1 0 R")


def shaded(text: str, shading: bytes) -> bytes:
    """A page with this text over a shading named S, given as an entry of its resources."""
    whole = pdf(text)
    parts = [part.split(b" obj\n", 1)[1] for part in whole[: whole.rindex(b"xref\n0")].split(b"\nendobj\n") if part]
    parts[5] = parts[5].replace(b"/Resources <<", b"/Resources << " + shading)
    parts[6] = _stream(b"/S sh\n" + parts[6].partition(b"stream\n")[2].removesuffix(b"\nendstream"))
    return assembled(parts, b"/Root 1 0 R")


def repaired(data: bytes) -> bytes:
    """With a table that fits what was changed by hand."""
    return pymupdf.open(stream=data, filetype="pdf").tobytes()


def drawing(lines: int) -> bytes:
    """A page of so many lines, and not a word."""
    content = zlib.compress(b"10 20 m 300 40 l S\n" * lines)
    return assembled(
        [
            b"<< /Type /Catalog /Pages 2 0 R >>",
            b"<< /Type /Pages /Count 1 /Kids [3 0 R] >>",
            b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 2384 3370] /Contents 4 0 R >>",
            b"<< /Length %d /Filter /FlateDecode >>\nstream\n%s\nendstream" % (len(content), content),
        ],
        b"/Root 1 0 R",
    )


def with_form(text: str, *xml: bytes) -> bytes:
    """A page with this text, and an XML form in so many parts."""
    names = b" ".join(b"(part) %d 0 R" % (8 + number) for number in range(len(xml)))
    whole = pdf(text, extra=b"/AcroForm << /Fields [] /XFA [%s] >>" % names)
    parts = [part.split(b" obj\n", 1)[1] for part in whole[: whole.rindex(b"xref\n0")].split(b"\nendobj\n") if part]
    return assembled([*parts, *(_stream(part) for part in xml)], b"/Root 1 0 R")


def with_annotations(*annotations: bytes, extra: bytes = b"") -> bytes:
    """A page that says "Work permit" and has these annotations; `extra` are more entries of the Catalog."""
    whole = pdf("Work permit", extra=extra)
    parts = [part.split(b" obj\n", 1)[1] for part in whole[: whole.rindex(b"xref\n0")].split(b"\nendobj\n") if part]
    parts[5] = parts[5][:-2] + b"/Annots [%s] >>" % b" ".join(annotations)
    return assembled(parts, b"/Root 1 0 R")


def bomb(megabytes: int, pages: int = 1) -> bytes:
    """Pages that share a content which unpacks to so many megabytes of spaces."""
    packer = zlib.compressobj(9)
    packed = b"".join(packer.compress(b" " * 1024 * 1024) for _ in range(megabytes)) + packer.flush()
    page = b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 3 0 R >>"
    kids = b" ".join(b"%d 0 R" % (4 + number) for number in range(pages))
    return assembled(
        [
            b"<< /Type /Catalog /Pages 2 0 R >>",
            b"<< /Type /Pages /Count %d /Kids [%s] >>" % (pages, kids),
            b"<< /Length %d /Filter /FlateDecode >>\nstream\n%s\nendstream" % (len(packed), packed),
            *([page] * pages),
        ],
        b"/Root 1 0 R",
    )


def scan(*stamps: str) -> bytes:
    """One page by stamp: a picture over the whole page, the stamp as text over it where it is not empty."""
    document = pymupdf.open()
    for stamp in stamps:
        page = document.new_page()
        page.insert_image(page.rect, stream=png())
        if stamp:
            page.insert_text((72, 40), stamp)
    return document.tobytes()


def locked(*, user: str = "", owner: str = "owner") -> bytes:
    document = pymupdf.open(stream=pdf("Locked away"), filetype="pdf")
    return document.tobytes(encryption=pymupdf.PDF_ENCRYPT_AES_256, user_pw=user, owner_pw=owner)


def png(width: int = 120, height: int = 160) -> bytes:
    return pymupdf.Pixmap(pymupdf.csGRAY, (0, 0, width, height), False).tobytes("png")


def zipped(parts: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in parts.items():
            archive.writestr(name, data)
    return out.getvalue()


def docx(**more: bytes) -> bytes:
    return zipped({"[Content_Types].xml": b"<Types/>", "word/document.xml": b"<w/>", **more})


def on_disk(folder: Path, data: bytes, name: str = "sample") -> str:
    path = folder / name
    path.write_bytes(data)
    return str(path)


def _stream(data: bytes) -> bytes:
    return b"<< /Length %d >>\nstream\n%s\nendstream" % (len(data), data)


def _cmap(code: dict[str, int]) -> bytes:
    pairs = b"\n".join(
        b"<%02x> <%s>" % (number, letter.encode("utf-16-be").hex().encode()) for letter, number in code.items()
    )
    return (
        b"/CIDInit /ProcSet findresource begin 12 dict begin begincmap /CMapName /T def /CMapType 2 def\n"
        b"1 begincodespacerange <00> <ff> endcodespacerange\n"
        b"%d beginbfchar\n%s\nendbfchar endcmap end end" % (len(code), pairs)
    )


def _content(page: str, code: dict[str, int]) -> bytes:
    lines = b"\n".join(
        b"<%s> Tj 0 -14 Td" % bytes(code[letter] for letter in line).hex().encode() for line in page.split("\n")
    )
    return b"BT /F 10 Tf 40 780 Td\n%s\nET" % lines


def browser_print(*syllables: str, fonts: int = 1) -> bytes:
    """A line as Chromium prints it: `said=glyphs` for a syllable whose glyphs say something else (`?` says nothing).

    With two `fonts` each second glyph of a syllable is in the other one.
    """
    glyphs = [syllable.rpartition("=")[2] for syllable in syllables]
    letters = sorted(set("".join(glyphs)))
    code = {letter: number for number, letter in enumerate(letters, start=33)}
    shown = []
    for syllable, drawn in zip(syllables, glyphs, strict=True):
        show = b" ".join(
            b"%s<%02x> Tj 10 0 Td" % (b"/%s 10 Tf " % b"FG"[n % 2 : n % 2 + 1] if fonts == 2 else b"", code[letter])
            for n, letter in enumerate(drawn)
        )
        said = syllable.partition("=")[0].encode("utf-16-be").hex().upper().encode()
        shown.append(b"/Span<</ActualText <FEFF%s>>> BDC %s EMC" % (said, show) if "=" in syllable else show)
    content = b"BT /F 10 Tf 40 780 Td\n%s\nET" % b"\n".join(shown)
    parts = _parts_of_a_page(code, content)
    return assembled([*parts, parts[2]], b"/Root 1 0 R")


def _parts_of_a_page(code: dict[str, int], content: bytes) -> list[bytes]:
    """A page with one font, whose glyphs are one em wide."""
    return [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Count 1 /Kids [5 0 R] >>",
        b"<< /Type /Font /Subtype /Type3 /FontBBox [0 0 1000 1000] /FontMatrix [0.001 0 0 0.001 0 0] /FirstChar 33"
        b" /LastChar %d /Widths [%s] /CharProcs << >> /Encoding << /Type /Encoding /Differences [33 %s] >>"
        b" /ToUnicode 4 0 R >>"
        % (
            32 + len(code),
            b" ".join([b"1000"] * len(code)),
            b" ".join(b"/g%d" % number for number in range(len(code))),
        ),
        _stream(_cmap({letter: number for letter, number in code.items() if letter != "?"})),
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Resources << /Font << /F 3 0 R /G 7 0 R >> >>"
        b" /Contents 6 0 R >>",
        _stream(content),
    ]
