"""Values that nothing of ours can hold: U+0000, halves of characters, numbers and times out of range. They are a 400.

Forms and calls check what they are given; this is the net under them, so that no address and no body becomes a fault
of ours to who sent it. What it catches is logged as an error all the same, with its place: a check is missing there, or
the value was our own.
"""

import logging
from collections.abc import Callable

from django.core.exceptions import BadRequest
from django.db import DataError
from django.http import HttpRequest
from django.http.response import HttpResponseBase

logger = logging.getLogger(__name__)

NUL = "An address may not hold the character U+0000."
SAID = (
    "A value of this request cannot be kept or looked for: the character U+0000, half a character, or a number or a"
    " time out of range."
)
UNHELD = (DataError, OverflowError, UnicodeEncodeError)


class BadValues:
    """A middleware: U+0000 in an address is refused before any view, the rest where a view stumbles over it."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if "\x00" in request.path_info or "%00" in request.META.get("QUERY_STRING", ""):
            raise BadRequest(NUL)
        return self._get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> None:
        """Django answers what is raised here by its handler400."""
        if isinstance(exception, UNHELD):
            logger.error("A value out of bounds: %s %s", request.method, request.path, exc_info=exception)
            raise BadRequest(SAID) from exception
