"""Text, mail, office containers and pictures, called in this process."""

import codecs
from email.message import EmailMessage

import pytest

from documents.extraction import office, reading, text
from documents.extraction.answers import Bomb, Damaged, Encrypted
from tests.reading import samples

DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
CAFE = "Café résumé – “quoted” 5 €"


@pytest.fixture
def read(tmp_path):
    return lambda data, content_type="text/plain": reading.read(samples.on_disk(tmp_path, data), content_type)


@pytest.mark.parametrize(
    ("data", "encoding", "certainty"),
    [
        (CAFE.encode(), "utf-8", 1.0),
        (codecs.BOM_UTF8 + CAFE.encode(), "utf-8", 1.0),
        (codecs.BOM_UTF16_LE + CAFE.encode("utf-16-le"), "utf-16-le", 1.0),
        (codecs.BOM_UTF16_BE + CAFE.encode("utf-16-be"), "utf-16-be", 1.0),
        (codecs.BOM_UTF32_LE + CAFE.encode("utf-32-le"), "utf-32-le", 1.0),
        (CAFE.encode("utf-16-le"), "utf-16-le", 1.0),
        (CAFE.encode("cp1252"), "windows-1252", 0.8),
    ],
)
def test_text_is_read_in_the_encodings_of_offices(read, data, encoding, certainty):
    found = read(data)
    assert found["pages"] == [CAFE]
    assert found["facts"]["encoding"]["value"] == encoding
    assert found["confidence"] == certainty


def test_a_single_broken_byte_does_not_turn_malayalam_into_latin(read):
    data = (samples.MALAYALAM * 20).encode()
    found = read(data + b"\xff" + samples.MALAYALAM.encode())
    assert found["language"] == "ml"
    assert found["confidence"] < 0.7


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be"])
@pytest.mark.parametrize(
    "words", [samples.MALAYALAM, f"{samples.MALAYALAM}\n{samples.ENGLISH}", "Приказ номер 4 о пути"]
)
def test_wide_text_without_a_mark_is_known_by_its_few_scripts(read, words, encoding):
    found = read(words.encode(encoding))
    assert (found["pages"], found["facts"]["encoding"]["value"]) == ([words], encoding)
    assert read(words.encode(encoding) + b"\n")["pages"][0].startswith(words)


def test_windows_bytes_within_utf_8_are_read_as_such_and_spoil_nothing(read):
    found = read("ആലുവ സ്റ്റേഷൻ\n".encode() + CAFE.encode("cp1252"))
    assert (found["pages"], found["confidence"]) == ([f"ആലുവ സ്റ്റേഷൻ\n{CAFE}"], 0.6)


@pytest.mark.parametrize("taken_for", ["cp1252", "latin-1"])
def test_text_that_was_encoded_twice_is_decoded_twice(read, taken_for):
    words = "കൊച്ചി മെട്രോ – റെയിൽ" if taken_for == "cp1252" else samples.MALAYALAM
    twice = "".join(bytes([byte]).decode(taken_for, "replace") for byte in words.encode())
    if "\ufffd" in twice:  # what Windows-1252 has undefined is kept as it is
        twice = "".join(
            chr(byte) if letter == "\ufffd" else letter for byte, letter in zip(words.encode(), twice, strict=True)
        )
    found = read(twice.encode())
    assert (found["pages"], found["language"], found["confidence"]) == ([words], "ml", 0.6)
    assert read("Ã la carte, Â© 2026, à© ».".encode())["pages"] == ["Ã la carte, Â© 2026, à© »."]


def test_a_terminals_colours_and_a_printers_bold_are_no_text(read):
    line = "\x1b[2m10:04\x1b[0m \x1b[1;31mERROR\x1b[0m brake test\x1b]0;title\x07 N\x08NO\x08O\n"
    assert read(line.encode() * 30)["pages"] == ["10:04 ERROR brake test NO\n" * 30]


def test_a_hole_in_a_log_is_left_out(read):
    assert read(b"before the power cut\n" + bytes(4096) + b"after it\n")["pages"] == [
        "before the power cut\nafter it\n"
    ]


def test_more_form_feeds_than_pages_are_read_is_a_bomb(read):
    with pytest.raises(Bomb, match="form feeds"):
        read(b"a\f" * 20_001)


def test_what_programs_write_is_trusted(read):
    camel = b'{"assetId":"TS-07","faultCode":"BRK","workOrderNo":4,"reportedBy":"maximo"}' * 20
    assert read(camel, "application/json")["confidence"] == 1.0
    ruled = b"*" * 70 + b"\n* DAILY REPORT *\n" + b"=" * 70 + b"\n" + samples.ENGLISH.encode()
    assert read(ruled)["confidence"] == 1.0
    assert read(b"TVM,PSD,CBTC,TS,HVAC,VVVF,DTSS,RSS,TSS\n" * 40)["confidence"] == 1.0


def test_a_text_cut_within_its_last_character_is_read(read):
    assert read(samples.MALAYALAM.encode()[:-1])["pages"] == [samples.MALAYALAM[:-1]]


def test_bytes_that_are_no_text_are_damaged(read):
    with pytest.raises(Damaged):
        read(bytes(range(256)) * 20)


def test_form_feeds_and_length_make_pages():
    assert text.paginate("one\ftwo\f") == ["one", "two"]
    long = "".join(f"line {number} of a long log\n" for number in range(2_000))
    pages = text.paginate(long)
    assert "".join(pages) == long
    assert max(map(len, pages)) <= text.PAGE_CHARACTERS * 5 // 4
    assert all(page.endswith("\n") for page in pages)


def test_html_gives_its_words_and_not_its_scripts(read):
    data = "<html><head><title>Notice</title><style>p {}</style></head><body><p>ആലുവ &amp; Kochi</p><script>x()</script>"
    found = read(data.encode(), "text/html")
    assert found["pages"] == ["Notice\n\nആലുവ & Kochi"]
    assert found["flags"] == ["active_content"]


def test_entities_of_xml_are_never_resolved(read):
    data = b'<!DOCTYPE r [<!ENTITY x SYSTEM "file:///etc/passwd">]><r>&x;</r>'
    assert "root:" not in read(data, "application/xml")["pages"][0]
    nested = b'<!DOCTYPE r [<!ENTITY a "&b;&b;"><!ENTITY b "&c;&c;"><!ENTITY c "x">]><r>&a;</r>'
    with pytest.raises(Bomb):
        read(nested, "application/xml")


def test_a_message_gives_its_headers_and_words_and_tells_of_attachments(read):
    message = EmailMessage()
    message["From"], message["Subject"] = "safety@example.org", "അറിയിപ്പ് 7"
    message.set_content("Gap measured.")
    message.add_attachment(b"%PDF-", maintype="application", subtype="pdf", filename="plan.pdf")
    found = read(message.as_bytes(), "message/rfc822")
    assert found["pages"] == ["From: safety@example.org\nSubject: അറിയിപ്പ് 7\n\nGap measured."]
    assert found["flags"] == ["embedded_file"]
    assert found["facts"]["title"]["value"] == "അറിയിപ്പ് 7"


def test_parts_within_parts_without_end_are_a_bomb(read):
    head = "".join(f'Content-Type: multipart/mixed; boundary="b{n}"\n\n--b{n}\n' for n in range(300))
    with pytest.raises(Bomb):
        read(("From: a@example.org\n" + head).encode(), "message/rfc822")


def test_an_office_file_is_kept_without_text_and_its_container_looked_at(read):
    found = read(samples.docx(), DOCX)
    assert (found["pages"], found["page_count"], found["flags"]) == ([], 0, ["no_text"])
    assert read(samples.docx(**{"word/vbaProject.bin": b"x"}), DOCX)["flags"] == ["macro", "no_text"]
    with pytest.raises(Damaged):
        read(samples.docx()[:-30], DOCX)
    with pytest.raises(Damaged, match="not an office file"):
        read(samples.zipped({"a.txt": b"x"}), DOCX)


def test_an_office_file_that_unpacks_without_end_is_a_bomb(read):
    with pytest.raises(Bomb):
        read(samples.docx(**{"word/document.xml": b" " * (64 * 1024 * 1024)}), DOCX)


def test_an_office_file_under_a_password_is_encrypted(read):
    name = "EncryptedPackage".encode("utf-16-le")
    entry = name.ljust(64, b"\0") + (len(name) + 2).to_bytes(2, "little") + b"\x02" + b"\0" * 61
    header = office.OLE + b"\0" * 22 + (9).to_bytes(2, "little") + b"\0" * 480
    with pytest.raises(Encrypted):
        read(header.ljust(512, b"\0") + entry * 4, "application/encrypted")


def test_a_picture_awaits_ocr_and_a_cut_one_is_damaged(read):
    found = read(samples.png(), "image/png")
    assert (found["page_count"], found["awaiting_ocr"], found["flags"]) == (1, 1, ["no_text"])
    with pytest.raises(Damaged):
        read(samples.png()[:-20], "image/png")
    with pytest.raises(Damaged):
        read(b"\xff\xd8\xff\xe0 not a jpeg", "image/jpeg")


def test_a_picture_whose_part_claims_to_be_longer_than_the_file_is_damaged(read):
    """It was read into memory first, so a child that may have 400 MB told of a bomb."""
    cut = bytearray(samples.png())
    cut[cut.index(b"IDAT") - 4 : cut.index(b"IDAT")] = b"\x7f\xff\xff\xf0"
    with pytest.raises(Damaged, match="ends before the picture does"):
        read(bytes(cut), "image/png")


def test_what_no_database_keeps_is_left_out_of_a_message(read):
    """A subject in a coded word may hold any character: U+0000, which PostgreSQL refuses, and halves of characters."""
    found = read(b"From: a@example.org\nSubject: =?utf-8?B?R2FwAG1lYXN1cmVk?=\n\nOver \xed\xa0\x80.", "message/rfc822")
    assert "Gapmeasured" in found["pages"][0] and found["facts"]["title"]["value"] == "Gapmeasured"
    assert found["pages"][0].encode().endswith(b".")


def test_what_no_family_reads_is_kept_without_text(read):
    found = read(b"anything", "application/vnd.wordperfect")
    assert (found["pages"], found["flags"], found["confidence"]) == ([], ["no_text"], 0.0)
