"""The search results page."""

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from kmrl.pages import frame


@login_required
@require_safe
def index(request: HttpRequest) -> HttpResponse:
    """Pages that hold the words, best first, with the words marked."""
    return frame.show(request, "documents/search.html", {"query": request.GET.get("q", "").strip()[:200], "hits": []})
