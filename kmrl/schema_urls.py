"""What the API is, for programs (`schema/`) and for people (`docs/`): signed in, without the internet."""

from django.urls import path
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView
from rest_framework.permissions import IsAuthenticated

signed_in = [IsAuthenticated]
urlpatterns = [
    path("schema/", SpectacularAPIView.as_view(permission_classes=signed_in), name="schema"),
    path("docs/", SpectacularSwaggerSplitView.as_view(url_name="schema", permission_classes=signed_in), name="docs"),
]
