"""Malayalam as browsers, office programs and Word leave it in the text layer of a PDF."""

import pymupdf
import pytest

from documents.extraction import actual_text, malayalam, reading
from tests.reading import samples


@pytest.fixture
def read(tmp_path):
    return lambda data: reading.read(samples.on_disk(tmp_path, data), "application/pdf")["pages"][0]


def test_no_letter_is_lost_where_a_syllables_glyphs_stand_in_another_order_than_its_letters(read):
    """MuPDF compares the letters of മെ with its glyphs from both ends, meets the sign at once, and drops the letter."""
    plain = pymupdf.TEXT_PRESERVE_WHITESPACE
    data = samples.browser_print("മെ=െ?", "ട്രോ=േ?ാ", " ", "റെ=െ?", "യി=?ി", "ൽ", fonts=2)
    assert "മെ" not in pymupdf.open(stream=data, filetype="pdf")[0].get_text(flags=plain)
    assert read(data) == "മെട്രോ റെയിൽ"


def test_what_stands_beside_syllables_keeps_its_places(read):
    line = ["N", "o", ".", " ", "7", " ", "കൊ=െകാ", "ച്ചി=??", " ", "0", "4"]
    assert read(samples.browser_print(*line)) == "No. 7 കൊച്ചി 04"


def test_a_page_whose_content_is_not_understood_is_read_as_it_is(read):
    data = samples.browser_print("ആ", "ലു=ല?", "വ").replace(b"BT /F", b"BI EI\nBT /F")
    assert "ആ" in read(samples.repaired(data))


def test_syllables_are_said_in_strings_of_any_writing():
    content = (
        rb"/Span <</ActualText (\376\377\015\006)>> BDC (a) Tj EMC 1 0 0 rg"
        rb" /Span <</ActualText(a\(b\))/MCID 3>>BDC ( BI ) Tj EMC % BI"
    )
    said, coloured = actual_text._coloured(content)
    assert said == ["ആ", "a(b)"]
    assert b" rg (a) Tj EMC 0 g 1 0 0 RG /Span" in coloured


@pytest.mark.parametrize(
    ("drawn", "written"),
    [
        ("െകാച്ചി െമേട്രാ െറയിൽ", "കൊച്ചി മെട്രോ റെയിൽ"),
        ("േസ്റ്റഷനിെല െതാഴിലാളി", "സ്റ്റേഷനിലെ തൊഴിലാളി"),
        ("്രപസിദ്ധീകരിച്ച ്രകമം െ്രകാ", "പ്രസിദ്ധീകരിച്ച ക്രമം ക്രൊ"),
        ("െെകരളി െെവദ്യുതി", "കൈരളി വൈദ്യുതി"),
    ],
)
def test_signs_in_the_order_of_glyphs_go_behind_their_letters(read, drawn, written):
    assert read(samples.pdf(drawn)) == written


@pytest.mark.parametrize("text", [samples.MALAYALAM, "സ്റ്റേഷനിലെ ജോലി\nെ ഇവിടെ", "റെയിൽ പാതയിലെ േ േ എന്നിവയുടെ പേരെ"])
def test_what_is_in_order_stays_so(text):
    assert not malayalam.is_in_glyph_order(text)


def test_glyphs_that_say_nothing_are_left_out_where_their_syllables_say_it_all():
    drawn = "ക\ufffdൊച്ചി മെ\ufffdട്ര\ufffdോ റെ\ufffdയിൽ വരെ\ufffdയുള്ള"
    assert malayalam.without_fillers(drawn) == "കൊച്ചി മെട്രോ റെയിൽ വരെയുള്ള"
    for lost in ("മെ\ufffd റെയിൽ വരെയുള്ള പാതയിലെ", "\ufffdല \ufffdപ\ufffd മെ\ufffdട്രോ റെ\ufffdൽ വരെ\ufffdള്ള"):
        assert malayalam.without_fillers(lost) == lost
