"""The language of the staff pages: what somebody chose, else what the browser prefers.

The administration and the API speak English: their words are not translated, and a mixture reads worse.
"""

from django.http import HttpRequest
from django.middleware.locale import LocaleMiddleware
from django.utils import translation

ENGLISH_ONLY = ("/admin/", "/api/")


class PageLanguage(LocaleMiddleware):
    def process_request(self, request: HttpRequest) -> None:
        if not request.path_info.startswith(ENGLISH_ONLY):
            super().process_request(request)
            return
        translation.activate("en")
        request.LANGUAGE_CODE = "en"
