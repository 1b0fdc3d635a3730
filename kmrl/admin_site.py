"""The administration's front door: who may enter, one way to sign in, and a first page that says how things stand."""

from typing import Any

from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect, resolve_url
from django.urls import reverse
from unfold.sites import UnfoldAdminSite

from accounts.models import User
from accounts.rights import rights_of
from kmrl import standing
from workflows import analytics, deciding

INBOX = "admin:workflows_humantask_changelist"
LEFT_OUT = {"auth", "django_celery_results"}
"""Apps whose own admin pages would go past the core, or say nothing to those who decide."""


class GatewayAdmin(UnfoldAdminSite):
    index_template = "admin/standing.html"
    index_title = "How things stand"

    def has_permission(self, request: HttpRequest) -> bool:
        """Administrators run the house; auditors read; who decides tasks has his inbox here, heads their figures too.

        `is_staff` decides nothing. Each page asks for itself what it shows to whom.
        """
        return keeps_record(request) or has_inbox(request)

    def login(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponseBase:
        """The staff's sign-in, which counts failures; who is signed in already has no right to be here."""
        if request.user.is_authenticated and not self.has_permission(request):
            raise PermissionDenied
        return redirect_to_login(request.GET.get("next") or reverse("admin:index"), resolve_url("sign-in"))

    def register(self, model_or_iterable: Any, admin_class: Any = None, **options: Any) -> None:
        models = model_or_iterable if isinstance(model_or_iterable, list | tuple | set) else [model_or_iterable]
        kept = [model for model in models if model._meta.app_label not in LEFT_OUT]
        super().register(kept, admin_class, **options)

    def get_urls(self) -> list[Any]:
        """Without Django's shortcut to objects of any kind, which asks nobody."""
        return [pattern for pattern in super().get_urls() if getattr(pattern, "name", "") != "view_on_site"]

    def index(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponseBase:
        if not keeps_record(request):
            return redirect(INBOX)
        answer: HttpResponseBase = super().index(request, {**(extra_context or {}), "standing": standing.now()})
        return answer

    def app_index(
        self, request: HttpRequest, app_label: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponseBase:
        if not keeps_record(request):
            return redirect(INBOX)
        answer: HttpResponseBase = super().app_index(request, app_label, extra_context)
        return answer

    def search(self, request: HttpRequest) -> HttpResponseBase:
        self._ask(request)
        answer: HttpResponseBase = super().search(request)
        return answer

    def password_change(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponseBase:
        self._ask(request)
        answer: HttpResponseBase = super().password_change(request, extra_context)
        return answer

    def password_change_done(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponseBase:
        self._ask(request)
        answer: HttpResponseBase = super().password_change_done(request, extra_context)
        return answer

    def _ask(self, request: HttpRequest) -> None:
        if not keeps_record(request):
            raise PermissionDenied


def keeps_record(request: HttpRequest) -> bool:
    """Whether this is an administrator or an auditor."""
    return isinstance(request.user, User) and (request.user.is_administrator or request.user.is_auditor)


def has_inbox(request: HttpRequest) -> bool:
    """Whether tasks may wait for this person: he is reviewer or head of some department."""
    known: bool | None = getattr(request, "_has_inbox", None)
    if known is None:
        user = request.user
        known = isinstance(user, User) and deciding.may_decide_at_all(rights_of(user))
        request._has_inbox = known  # type: ignore[attr-defined]
    return known


def has_figures(request: HttpRequest) -> bool:
    """Whether this person sees figures of workflows, of the house or of the departments that he heads."""
    known: bool | None = getattr(request, "_has_figures", None)
    if known is None:
        user = request.user
        known = isinstance(user, User) and analytics.may_look(rights_of(user))
        request._has_figures = known  # type: ignore[attr-defined]
    return known
