"""What reading a PDF gives, called in this process."""

import pymupdf
import pytest

from documents.extraction import facts, reading
from documents.extraction.answers import Bomb, Damaged, Encrypted
from jobs.children import Child
from tests.reading import samples

PDF = "application/pdf"


@pytest.fixture
def read(tmp_path):
    return lambda data: reading.read(samples.on_disk(tmp_path, data), PDF)


def test_the_text_comes_page_by_page(read):
    found = read(samples.pdf("Rail joint gap\nmeasured 6 mm", "Second page"))
    assert found["pages"] == ["Rail joint gap\nmeasured 6 mm", "Second page"]
    assert (found["page_count"], found["awaiting_ocr"], found["flags"]) == (2, 0, [])


@pytest.mark.parametrize(
    ("text", "language"),
    [
        (samples.ENGLISH, "en"),
        (samples.MALAYALAM, "ml"),
        (f"{samples.ENGLISH}\n{samples.MALAYALAM}", "en+ml"),
        ("12,34,567.89 05/11/2026", "und"),
    ],
)
def test_the_language_is_that_of_the_scripts(read, text, language):
    found = read(samples.pdf(text))
    assert found["pages"] == [text]
    assert found["language"] == language
    assert found["confidence"] == 1.0


def test_a_user_password_is_an_answer_and_an_owner_password_is_none(read):
    with pytest.raises(Encrypted, match="password"):
        read(samples.locked(user="kochi"))
    assert read(samples.locked())["pages"] == ["Locked away"]


@pytest.mark.parametrize("data", [b"%PDF-1.7\n%%EOF\n", b"%PDF-1.7\n" + b"\x93" * 2000, b"PK\x03\x04 no pdf at all"])
def test_a_file_without_pages_is_damaged(read, data):
    with pytest.raises(Damaged):
        read(data)


def test_a_fault_that_quotes_bytes_which_are_no_text_is_a_fault_of_the_file(read):
    """Found by `tests/fuzz`: MuPDF's words could not be decoded, and a TypeError came instead."""
    with pytest.raises(Damaged, match=r"it cannot be opened \(what is wrong .+\)\.$"):
        read(samples.locked().replace(b"/Filter/Standard", b"/Filter/Sta\xf2dard"))


def test_a_pdf_cut_before_its_table_is_read_and_says_that_it_was_mended(read):
    whole = samples.pdf("Still here")
    found = read(whole[: whole.rindex(b"xref")])
    assert found["pages"] == ["Still here"]
    assert found["facts"]["repaired"] == {"value": True, "from": "file"}


def test_a_mended_table_that_takes_half_of_a_childs_memory_leaves_room_to_look_at_pictures(tmp_path):
    """An object's number that a fault made large: MuPDF's table has a row for each number below it."""
    data = samples.pdf("Rail joint gap").replace(b"\n5 0 obj", b"\n3500000 0 obj")
    path = samples.on_disk(tmp_path, data[: data.rindex(b"xref")] + b"trailer << /Root 1 0 R >>\n")
    child = Child(("documents.extraction.reading",))
    try:
        found = child.call("documents.extraction.reading:read", path, PDF, timeout=60)
    finally:
        child.close()
    assert (found["pages"], found["awaiting_ocr"]) == (["Rail joint gap"], 0)


def test_a_mended_file_that_shows_nothing_any_more_is_damaged_and_a_blank_one_is_not(read):
    """Cut before its trailer, an encrypted file does not even ask for its password any more."""
    document = pymupdf.open(stream=samples.pdf(samples.ENGLISH), filetype="pdf")
    locked = document.tobytes(encryption=pymupdf.PDF_ENCRYPT_RC4_128, user_pw="kochi")
    with pytest.raises(Damaged, match="lost"):
        read(locked[: locked.rindex(b"xref\n0")] + b"trailer << /Root 1 0 R >>\n")
    blank = samples.pdf("")
    assert read(blank[: blank.rindex(b"xref")])["page_count"] == 1


def test_a_drawing_of_very_many_lines_awaits_ocr(tmp_path):
    """To list its lines took more memory than a child has."""
    path = samples.on_disk(tmp_path, samples.drawing(1_500_000))
    child = Child(("documents.extraction.reading",))
    try:
        found = child.call("documents.extraction.reading:read", path, PDF, timeout=120)
    finally:
        child.close()
    assert (found["awaiting_ocr"], found["flags"]) == (1, ["no_text"])


def test_content_that_unpacks_without_end_is_a_bomb(read):
    data = samples.bomb(200)
    assert len(data) < 1_000_000
    with pytest.raises(Bomb, match="128 MB"):
        read(data)


def test_much_content_that_is_no_bomb_is_read(read):
    assert read(samples.bomb(20))["page_count"] == 1
    assert read(samples.bomb(20, pages=30))["page_count"] == 30


def test_many_pages_that_together_unpack_to_too_much_are_a_bomb(read):
    with pytest.raises(Bomb, match="512 MB"):
        read(samples.bomb(100, pages=12))


@pytest.mark.parametrize(
    "extra",
    [
        b"/OpenAction << /S /JavaScript /JS (app.alert\\(1\\)) >>",
        b"/OpenAction << /S /GoTo /Next << /S /Launch /F (calc.exe) >> >>",
        b"/Names << /JavaScript << /Names [(a) << /S /JavaScript /JS (1) >>] >> >>",
        b"/AA << /WC << /S /JavaScript /JS (1) >> >>",
    ],
)
def test_scripts_of_the_document_are_flagged(read, extra):
    assert read(samples.pdf("Payment advice", extra=extra))["flags"] == ["active_content"]


@pytest.mark.parametrize(
    "extra",
    [
        b"/OpenAction << /S /GoTo /Next << /S /GoTo /Next << /S /JavaScript /JS (1) >> >> >>",
        b"/OpenAction << /S /GoTo /Next [<< /S /Named /N /NextPage >> << /S /JavaScript /JS (1) >>] >>",
        b"/Outlines << /First << /Title (One) /Next << /Title (Two) /A << /S /JavaScript /JS (1) >> >> >> >>",
    ],
)
def test_scripts_that_follow_other_actions_or_hang_on_bookmarks_are_flagged(read, extra):
    assert read(samples.pdf("Payment advice", extra=extra))["flags"] == ["active_content"]


def test_a_script_that_a_field_has_from_its_parent_is_flagged(read):
    field = b"<< /Subtype /Widget /Rect [1 1 9 9] /Parent << /T (n) /AA << /K << /S /JavaScript /JS (1) >> >> >> >>"
    assert read(samples.with_annotations(field))["flags"] == ["active_content"]


def test_an_action_that_follows_itself_ends(read):
    circle = samples.pdf("Contents", extra=b"/OpenAction 1 0 R /S /GoTo /Next 1 0 R /Outlines 1 0 R /First 1 0 R")
    assert read(circle)["flags"] == []


@pytest.mark.parametrize("appearances", [b"true", b"false"])
def test_what_is_filled_into_a_form_is_text(read, appearances):
    """Readers draw a value that has no appearance of its own; so it is seen, and searched for."""
    field = (
        b"<< /Type /Annot /Subtype /Widget /FT /Tx /T (holder) /V (Permit of Joseph Mathew) /DA (/Helv 10 Tf 0 g)"
        b" /Rect [50 600 400 620] /F %d >>"
    )
    form = b"/AcroForm << /NeedAppearances %s /Fields [] /DA (/Helv 10 Tf 0 g) >>" % appearances
    assert read(samples.with_annotations(field % 4, extra=form))["pages"] == ["Work permit\n\nPermit of Joseph Mathew"]
    assert read(samples.with_annotations(field % 2, extra=form))["pages"] == ["Work permit"]  # a hidden field


def test_what_is_filled_into_an_xml_form_is_text_and_its_scripts_are_flagged(read):
    form = (
        b"<xdp:xdp xmlns:xdp='x'><template><script>1</script><value>Unit</value></template>"
        b"<xfa:datasets xmlns:xfa='y'><xfa:data><form1><Company>Malabar Lifts &amp; Co</Company><!-- no --><Empty/>"
        b"<n:CIN a='b'>U45200KL2009</n:CIN><Note><![CDATA[<as agreed>]]></Note></form1></xfa:data>"
        b"</xfa:datasets></xdp:xdp>"
    )
    found = read(samples.with_form("Please wait...", form[:40], form[40:]))
    assert found["pages"] == ["Please wait...\n\nCompany: Malabar Lifts & Co\nCIN: U45200KL2009\nNote: <as agreed>"]
    assert found["flags"] == ["active_content"]
    shown = read(samples.with_form("CIN U45200KL2009", form.replace(b"<script>", b"<s>")))
    assert "CIN: " not in shown["pages"][0] and "Malabar" in shown["pages"][0] and shown["flags"] == []


def test_a_form_that_unpacks_without_end_is_left_out(read):
    assert read(samples.with_form("Please wait...", b" " * 9_000_000))["pages"] == ["Please wait..."]


def test_a_note_written_onto_the_page_is_text(read):
    document = pymupdf.open(stream=samples.pdf("Drawing 3 of 8"), filetype="pdf")
    document[0].add_freetext_annot((50, 100, 400, 140), "Change the bolt to M20")
    assert read(document.tobytes())["pages"] == ["Drawing 3 of 8\n\nChange the bolt to M20"]


def test_a_note_that_cannot_be_drawn_leaves_the_page_as_it_is(read):
    broken = b"<< /Type /Annot /Subtype /Stamp /Rect [0 0 9 9] /AP << /N 4 0 R >> >>"
    found = read(samples.with_annotations(broken))
    assert (found["pages"], found["awaiting_ocr"]) == (["Work permit"], 0)


def test_a_plain_jump_is_not_active_content(read):
    assert read(samples.pdf("Contents", extra=b"/OpenAction [6 0 R /Fit]"))["flags"] == []


def test_attachments_and_launching_links_are_flagged(read):
    document = pymupdf.open(stream=samples.pdf("See attachment"), filetype="pdf")
    document.embfile_add("invoice.exe", b"inert")
    document[0].insert_link({"kind": pymupdf.LINK_LAUNCH, "from": pymupdf.Rect(0, 0, 9, 9), "file": "calc.exe"})
    assert read(document.tobytes())["flags"] == ["active_content", "embedded_file"]


def test_a_second_format_around_a_pdf_is_flagged(read):
    plain = samples.pdf("Two at once")
    assert read(plain + samples.zipped({"a.txt": b"hidden"}))["flags"] == ["polyglot"]
    assert read(b"<html><script>1</script></html>\n" + plain)["flags"] == ["polyglot"]
    assert read(b"\r\n\r\nFrom: a mail gateway\n" + plain)["flags"] == []


def test_a_scan_awaits_ocr_also_under_a_stamp_and_a_blank_page_does_not(read):
    scanned = read(samples.scan("", "Received 05/11/2026"))
    assert (scanned["awaiting_ocr"], scanned["page_count"]) == (2, 2)
    assert read(samples.scan(""))["flags"] == ["no_text"]
    blank = read(samples.pdf(""))
    assert (blank["awaiting_ocr"], blank["flags"], blank["confidence"]) == (0, ["no_text"], 0.0)


def test_a_signature_that_names_its_certificate_does_not_hide_that_its_page_is_a_scan(read):
    lines = ["DN: c=IN, o=KOCHI METRO RAIL LIMITED, ou=OPERATIONS, postalCode=682017, st=Kerala,"] * 3
    document = pymupdf.open(stream=samples.scan(""), filetype="pdf")
    document[0].insert_text((72, 600), lines)
    found = read(document.tobytes())
    assert len(found["pages"][0]) > 200 and found["awaiting_ocr"] == 1


def test_a_few_invisible_words_over_a_picture_are_what_an_ocr_engine_read(read):
    document = pymupdf.open(stream=samples.scan(""), filetype="pdf")
    document[0].insert_text((72, 60), "Leave of three days", render_mode=3)
    assert read(document.tobytes())["awaiting_ocr"] == 0


def test_a_shaded_background_is_no_picture(read):
    shading = (
        b"/Shading << /S << /ShadingType 2 /ColorSpace /DeviceGray /Coords [0 0 595 842] /Extend [true true]"
        b" /Function << /FunctionType 2 /Domain [0 1] /C0 [0] /C1 [1] /N 1 >> >> >>"
    )
    assert read(samples.shaded("Annual report", shading))["awaiting_ocr"] == 0


@pytest.mark.parametrize("apart", [2.5, 3, 5])
def test_a_heading_whose_letters_stand_apart_is_words(read, apart):
    for heading in ("SAFETY CIRCULAR No", "CIRCULAR"):
        data = samples.pdf(heading).replace(b"BT /F", b"BT %.1f Tc /F" % apart)
        assert read(samples.repaired(data))["pages"] == [heading]


def test_letters_of_a_table_and_letters_that_were_typed_apart_stay_so(read):
    columns = samples.pdf("ABCDEFG").replace(b"BT /F", b"BT 9 Tc /F")
    assert "ABCDEFG" not in read(samples.repaired(columns))["pages"][0]
    assert read(samples.pdf("A B C D E F G"))["pages"] == ["A B C D E F G"]


def test_a_text_layer_without_unicode_is_not_trusted(read):
    found = read(samples.pdf(samples.MALAYALAM, mapped=False))
    assert found["awaiting_ocr"] == 1
    assert found["confidence"] < 0.5


def test_glyph_numbers_that_read_like_letters_are_no_english(read):
    legacy = "tIcf¯nse BmZys¯ sat{Sm dbnÂ ]²Xn\nkwØm\\ kÀ¡mcpIÄ sImÃw PnÃbnse hnZymÀ°nIÄ"
    assert read(samples.pdf(legacy))["language"] == "und"
    assert read(samples.pdf(legacy, samples.ENGLISH))["language"] == "en"
    assert read(samples.pdf(legacy, samples.MALAYALAM))["language"] == "ml"


def test_malayalam_in_a_font_from_before_unicode_is_known_by_the_fonts_name(read):
    """Such a page may read like plain letters: without signs, and too short to look like anything."""
    plain = "Fsâ tcv cmP Rm Fdmpgbn"
    assert read(samples.pdf(plain))["confidence"] == 1.0
    found = read(samples.in_font("ABCDEF+ML-TTKarthika", plain))
    assert (found["language"], found["confidence"], found["awaiting_ocr"]) == ("ml", 0.3, 1)
    both = read(samples.in_font("MLW-TTRevathi", plain, samples.ENGLISH))
    assert (both["language"], both["awaiting_ocr"]) == ("en+ml", 1)
    mapped = read(samples.in_font("ML-TTKarthika", samples.MALAYALAM))
    assert (mapped["language"], mapped["confidence"]) == ("ml", 1.0)
    for modern in ("ThoolikaUnicode", "Meera", "MLetters"):
        assert read(samples.in_font(modern, plain))["confidence"] == 1.0


def test_metadata_and_reference_numbers_are_facts_with_their_place(read):
    info = "/Title (Circular) /Author (Safety Officer) /CreationDate (D:20260314093000+05'30') /Producer ()"
    found = read(samples.pdf("First", "Ref KMRL/S&T/2026-27/0142 dated 05/11/2026", info=info))
    assert found["facts"]["title"] == {"value": "Circular", "from": "metadata"}
    assert found["facts"]["created"] == {"value": "2026-03-14T09:30:00+05:30", "from": "metadata"}
    assert "producer" not in found["facts"]
    assert found["facts"]["references"] == [{"value": "KMRL/S&T/2026-27/0142", "from": "page 2"}]


def test_so_many_references_are_kept_however_many_pages_have_others(read):
    pages = ["\n".join(f"KMRL/OPS/2026-27/{page}{line}" for line in range(10)) for page in range(1, 9)]
    found = read(samples.pdf(*pages))["facts"]["references"]
    assert len(found) == facts.REFERENCES_KEPT
    assert found[-1] == {"value": "KMRL/OPS/2026-27/29", "from": "page 2"}
