"""The characters of a page as MuPDF's XML writes them: plain, or as a name or number (`&amp;`, `&#xd15;`)."""

import functools
import html

REMEMBERED = 4096
"""Different ones. A page of Malayalam has a hundred, and each of them a hundred times."""

unescaped = functools.lru_cache(REMEMBERED)(html.unescape)
"""The character that is meant. To ask `html` for each was a third of putting a page of Malayalam together."""
