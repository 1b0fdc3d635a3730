"""What the API is, for programs (`schema/`) and for people (`docs/`): signed in, without the internet."""

from typing import Any

from django.http import HttpResponse
from django.urls import path
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView
from rest_framework.permissions import IsAuthenticated
from rest_framework.request import Request


class DocsView(SpectacularSwaggerSplitView):
    def options(self, request: Request, *args: Any, **kwargs: Any) -> HttpResponse:  # type: ignore[override]
        """As other addresses, but without a description of it: it could only be written as a page."""
        return HttpResponse(headers={"Allow": ", ".join(self.allowed_methods)})


signed_in = [IsAuthenticated]
urlpatterns = [
    path("schema/", SpectacularAPIView.as_view(permission_classes=signed_in), name="schema"),
    path("docs/", DocsView.as_view(url_name="schema", permission_classes=signed_in), name="docs"),
]
