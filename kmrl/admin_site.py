"""The administration's front door: who may enter, one way to sign in, and a first page that says how things stand."""

from typing import Any

from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import resolve_url
from django.urls import reverse
from unfold.sites import UnfoldAdminSite

from accounts.models import User
from kmrl import standing

LEFT_OUT = {"auth", "django_celery_results"}
"""Apps whose own admin pages would go past the core, or say nothing to those who decide."""


class GatewayAdmin(UnfoldAdminSite):
    index_template = "admin/standing.html"
    index_title = "How things stand"

    def has_permission(self, request: HttpRequest) -> bool:
        """Administrators run the house; auditors read. `is_staff` decides nothing here."""
        return isinstance(request.user, User) and (request.user.is_administrator or request.user.is_auditor)

    def login(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponseBase:
        """The staff's sign-in, which counts failures; who is signed in already has no right to be here."""
        if request.user.is_authenticated and not self.has_permission(request):
            raise PermissionDenied
        return redirect_to_login(request.GET.get("next") or reverse("admin:index"), resolve_url("sign-in"))

    def register(self, model_or_iterable: Any, admin_class: Any = None, **options: Any) -> None:
        models = model_or_iterable if isinstance(model_or_iterable, list | tuple | set) else [model_or_iterable]
        kept = [model for model in models if model._meta.app_label not in LEFT_OUT]
        super().register(kept, admin_class, **options)

    def index(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponseBase:
        answer: HttpResponseBase = super().index(request, {**(extra_context or {}), "standing": standing.now()})
        return answer
