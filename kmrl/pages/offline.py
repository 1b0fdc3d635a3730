"""The page that is shown without a connection, and the worker in the browser that keeps it."""

from pathlib import Path

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

SCRIPT = Path(settings.BASE_DIR, "static", "offline-worker.js")


@require_safe
def page(request: HttpRequest) -> HttpResponse:
    return render(request, "offline.html")


@require_safe
@cache_control(no_cache=True)
def worker(request: HttpRequest) -> HttpResponse:
    """Served from the root, because a worker keeps only what lies below its own address."""
    return HttpResponse(SCRIPT.read_bytes(), content_type="text/javascript; charset=utf-8")
