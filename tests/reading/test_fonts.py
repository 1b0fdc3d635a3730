"""Fonts from before Unicode are known by their names; what one document says of its fonts holds for no other."""

import pytest

from documents.extraction import reading
from tests.reading import samples

WRITTEN = "Fsâ tcv cmP Rm Fdmpgbn"
LEGACY, MODERN = "ML-TTKarthika", "Meera"
WITHIN = {"resources": b"/Resources %d 0 R", "fonts": b"/Resources << /Font %d 0 R >>"}


@pytest.fixture
def trusted(tmp_path):
    """The confidence of each page."""
    return lambda data: reading.read(samples.on_disk(tmp_path, data), "application/pdf")["confidences"]


@pytest.fixture(params=sorted(WITHIN))
def named(request):
    """A file of pages, each with an object of its own that names this font (or that of the page before it)."""

    def made(*names: str) -> bytes:
        dictionary = b"<< /F %d 0 R >>" if request.param == "fonts" else b"<< /Font << /F %d 0 R >> >>"
        first = 6 + 2 * len(names)
        fonts = [dictionary % (first + len(names) + number) for number in range(len(names))]
        entries = [WITHIN[request.param] % (first + names.index(name)) for name in names]
        return samples.with_resources(entries, [*fonts, *(samples.font(name) for name in names)], WRITTEN)

    return made


def test_pages_that_name_the_same_fonts_are_trusted_alike(trusted, named):
    assert trusted(named(LEGACY, LEGACY, MODERN, LEGACY)) == [0.3, 0.3, 1.0, 0.3]
    assert trusted(named(MODERN, LEGACY, MODERN)) == [1.0, 0.3, 1.0]


def test_the_same_number_is_another_font_in_another_file(trusted, named):
    assert trusted(named(LEGACY)) == [0.3]
    assert trusted(named(MODERN)) == [1.0]
    assert trusted(named(LEGACY)) == [0.3]


def test_an_object_that_is_one_pages_resources_and_anothers_fonts_is_not_taken_for_either(trusted):
    both = b"<< /Font << /F 11 0 R >> /F 12 0 R >>"
    entries = [WITHIN["resources"] % 10, WITHIN["fonts"] % 10]
    assert trusted(samples.with_resources(entries, [both, samples.font(MODERN), samples.font(LEGACY)], WRITTEN)) == [
        1.0,
        0.3,
    ]


def test_a_number_that_mending_the_file_gives_to_other_fonts_is_looked_at_again(trusted):
    """The second page's content is not where the table says; of a mended file's objects, a number's last one holds."""
    entries = [WITHIN["fonts"] % 10] * 2
    fonts = [b"<< /F 11 0 R >>", samples.font(MODERN), samples.font(LEGACY)]
    whole = samples.with_resources(entries, fonts, WRITTEN)
    assert trusted(whole) == [1.0, 1.0]
    place = b"%010d" % (whole.index(b"\n9 0 obj") + 1)
    changed = whole.replace(place, b"%010d" % 5)
    assert trusted(changed.replace(b"\nstartxref", b"\n10 0 obj\n<< /F 12 0 R >>\nendobj\nstartxref")) == [1.0, 0.3]
