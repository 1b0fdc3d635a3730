"""Malayalam fonts from before Unicode: their letters are codes of Latin ones, so the text layer is nonsense.

That text reads like English in short or plain pages; the font's name tells. Only what it draws as other letters than
Malayalam counts: some programs give such fonts a map to Unicode.
"""

import html
import re
from typing import Any

from pymupdf import mupdf

NAME = re.compile(r"(?:[A-Z]{6}\+)?(?:F?ML[WBU]{0,2}(?:[-_ ]?TT|[-_])|SHREE-?MAL|Thoolika|Panchami)", re.I)
"""C-DAC's ISM (ML-TTKarthika, MLW-TTRevathi), FML, Modular InfoTech's Shree-Mal, Thoolika, Panchami."""
UNICODE = re.compile("unicode|uni(?![a-z])", re.I)
MUCH = 0.3
FONTS_LOOKED_AT = 200
RUN = re.compile(r'<font name="(?P<font>[^"]*)"|<char c="(?P<char>[^"]*)"')


def is_legacy(name: str) -> bool:
    return NAME.match(name) is not None and UNICODE.search(name) is None


def on_page(page: Any) -> bool:
    """Whether a page's dictionary (`PdfObj`) names such a font."""
    resources = mupdf.pdf_dict_get_inheritable(page, mupdf.pdf_new_name("Resources"))
    fonts = mupdf.pdf_dict_gets(resources, "Font")
    if not mupdf.pdf_is_dict(fonts):
        return False
    found = (mupdf.pdf_dict_get_val(fonts, n) for n in range(min(mupdf.pdf_dict_len(fonts), FONTS_LOOKED_AT)))
    return any(is_legacy(mupdf.pdf_to_name(mupdf.pdf_dict_gets(font, "BaseFont"))) for font in found)


def draw_much(xml: str) -> bool:
    """Whether they draw at least three tenths of the characters of a page, given as MuPDF's XML."""
    legacy = letters = drawn = 0
    for found in RUN.finditer(xml):
        if found["font"] is not None:
            legacy = is_legacy(found["font"])
        elif not (char := html.unescape(found["char"])).isspace():
            letters += 1
            drawn += legacy and not "\u0d00" <= char <= "\u0d7f"
    return letters > 0 and drawn >= MUCH * letters
