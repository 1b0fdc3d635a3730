"""Texts are read without a thought of colours; pictures are drawn with them."""

import pymupdf
import pytest

from documents.extraction import mupdf_session, reading, showing
from documents.extraction.answers import Damaged
from tests.reading import samples

PDF = "application/pdf"


@pytest.fixture
def inked(tmp_path):
    """A page in printer's ink, whose looks on a monitor a profile tells."""
    document = pymupdf.open()
    document.new_page().draw_rect((0, 0, 400, 400), color=None, fill=(0.8, 0.1, 0.6, 0.2))
    return samples.on_disk(tmp_path, document.tobytes(), "inked")


@pytest.mark.parametrize("data", [samples.pdf("Rail joint gap"), b"no pdf at all"])
def test_pictures_have_the_same_colours_after_a_reading_however_it_ends(inked, tmp_path, data):
    before = showing.picture(inked, PDF, 1, 40)
    with mupdf_session.colourless():
        assert showing.picture(inked, PDF, 1, 40) != before
    try:
        reading.read(samples.on_disk(tmp_path, data), PDF)
    except Damaged:
        assert not data.startswith(b"%PDF")
    assert showing.picture(inked, PDF, 1, 40) == before
