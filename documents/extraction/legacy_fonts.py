"""Malayalam fonts from before Unicode: their letters are codes of Latin ones, so the text layer is nonsense.

That text reads like English in short or plain pages; the font's name tells. Only what it draws as other letters than
Malayalam counts: some programs give such fonts a map to Unicode.
"""

import re
from typing import Any

from pymupdf import mupdf

from documents.extraction import letters

NAME = re.compile(r"(?:[A-Z]{6}\+)?(?:F?ML[WBU]{0,2}(?:[-_ ]?TT|[-_])|SHREE-?MAL|Thoolika|Panchami)", re.I)
"""C-DAC's ISM (ML-TTKarthika, MLW-TTRevathi), FML, Modular InfoTech's Shree-Mal, Thoolika, Panchami."""
UNICODE = re.compile("unicode|uni(?![a-z])", re.I)
MUCH = 0.3
FONTS_LOOKED_AT = 200
RESOURCES, FONT, BASE_FONT = (mupdf.pdf_new_name(name) for name in ("Resources", "Font", "BaseFont"))
RUN = re.compile(r'<font name="(?P<font>[^"]*)"|<char c="(?P<char>[^"]*)"')


def is_legacy(name: str) -> bool:
    return NAME.match(name) is not None and UNICODE.search(name) is None


class Fonts:
    """What the pages of one document name. Most pages name the same fonts, by the number of one object."""

    def __init__(self, document: Any) -> None:
        self._document = document
        self._known: dict[tuple[int, int], bool] = {}

    def on_page(self, page: Any) -> bool:
        """Whether a page's dictionary (`PdfObj`) names a font from before Unicode."""
        resources = mupdf.pdf_dict_get_inheritable(page, RESOURCES)
        fonts = mupdf.pdf_dict_get(resources, FONT)
        number = mupdf.pdf_to_num(fonts) or -mupdf.pdf_to_num(resources)  # below 0: those that stand within it
        if number == 0:
            return _names_legacy(fonts)
        key = (number, mupdf.pdf_was_repaired(self._document))  # a file that is mended may number its objects anew
        if key not in self._known:
            self._known[key] = _names_legacy(fonts)
        return self._known[key]


def _names_legacy(fonts: Any) -> bool:
    if not mupdf.pdf_is_dict(fonts):
        return False
    found = (mupdf.pdf_dict_get_val(fonts, n) for n in range(min(mupdf.pdf_dict_len(fonts), FONTS_LOOKED_AT)))
    return any(is_legacy(mupdf.pdf_to_name(mupdf.pdf_dict_get(font, BASE_FONT))) for font in found)


def draw_much(xml: str) -> bool:
    """Whether they draw at least three tenths of the characters of a page, given as MuPDF's XML."""
    legacy = characters = drawn = 0
    for found in RUN.finditer(xml):
        if found["font"] is not None:
            legacy = is_legacy(found["font"])
        elif not (char := letters.unescaped(found["char"])).isspace():
            characters += 1
            drawn += legacy and not "\u0d00" <= char <= "\u0d7f"
    return characters > 0 and drawn >= MUCH * characters
