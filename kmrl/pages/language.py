"""The language of the pages: what somebody chose on the staff pages, else what the browser prefers.

The administration of workflows is where reviewers and heads decide: it speaks both. The rest of the administration and
the API speak English: their words are not translated, and a mixture reads worse.
"""

from django.http import HttpRequest
from django.middleware.locale import LocaleMiddleware
from django.utils import translation

ENGLISH_ONLY = ("/admin/", "/api/")
IN_BOTH = ("/admin/workflows/", "/admin/jsi18n/")
"""Below what is English otherwise."""


class PageLanguage(LocaleMiddleware):
    def process_request(self, request: HttpRequest) -> None:
        path = request.path_info
        if path.startswith(IN_BOTH) or not path.startswith(ENGLISH_ONLY):
            super().process_request(request)
            return
        translation.activate("en")
        request.LANGUAGE_CODE = "en"
