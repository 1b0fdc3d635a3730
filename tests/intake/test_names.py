import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from documents.validation import names


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("C:\\Users\\x\\letter.pdf", "letter.pdf"),
        ("../../etc/passwd", "passwd"),
        ("invoice\u202efdp.exe", "invoicefdp.exe"),
        ("a\r\nSet-Cookie: x\x00.pdf", "a Set-Cookie: x .pdf"),
        ("cafe\u0301.pdf", "café.pdf"),
        ("കത്ത് 2025 (1).pdf", "കത്ത് 2025 (1).pdf"),
        ("ന്\u200dറ.pdf", "ന്\u200dറ.pdf"),
        ("  . ", "document"),
        ("", "document"),
        ("x" * 300 + ".pdf", "x" * 251 + ".pdf"),
    ],
)
def test_a_name_is_kept_for_people_and_loses_what_deceives_them(name, shown):
    assert names.cleaned(name) == shown


def test_a_title_is_one_line_that_reads_as_it_is_written():
    assert names.in_a_line("  Bill\r\n\nDecide here: \u202ehttp://x ") == "Bill Decide here: http://x"
    assert names.in_a_line("ന്\u200dറ .") == "ന്\u200dറ ."


@given(st.text(max_size=400))
def test_every_name_becomes_one_that_is_short_flat_and_stable(name):
    shown = names.cleaned(name)
    assert 0 < len(shown) <= 255 and "/" not in shown and "\\" not in shown
    assert not any(unicodedata.category(char) == "Cc" for char in shown)
    assert names.cleaned(shown) == shown
    header = names.attachment(shown)
    assert header.isascii() and header.isprintable() and header.startswith('attachment; filename="')


def test_a_download_has_its_name_in_both_forms_when_it_needs_both():
    assert names.attachment("plain note.pdf") == 'attachment; filename="plain note.pdf"'
    assert names.attachment('a"b.pdf') == "attachment; filename=\"a_b.pdf\"; filename*=UTF-8''a%22b.pdf"
    assert names.attachment("കത്ത്.pdf").endswith("filename*=UTF-8''%E0%B4%95%E0%B4%A4%E0%B5%8D%E0%B4%A4%E0%B5%8D.pdf")
