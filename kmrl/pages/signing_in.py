"""Signing in and out."""

from django.conf import settings
from django.contrib.auth import authenticate, login, logout
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render, resolve_url
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST

from accounts import known_browsers
from accounts.refusals import Refusal


@sensitive_post_parameters("password")
@never_cache
def sign_in(request: HttpRequest) -> HttpResponse:
    """Asks for name and password; a wrong pair and an inactive account sound the same."""
    onward = _onward(request)
    if request.user.is_authenticated:
        return HttpResponseRedirect(onward)
    refused, status = "", 200
    if request.method == "POST":
        try:
            user = authenticate(
                request, username=request.POST.get("username", ""), password=request.POST.get("password", "")
            )
        except Refusal as refusal:
            user, refused, status = None, refusal.detail, refusal.status
        else:
            refused, status = _("User name and password do not fit together. Check both; capitals count."), 403
        if user is not None:
            login(request, user)
            answer = HttpResponseRedirect(onward)
            known_browsers.remember(request, answer, user.get_username())
            return answer
    said = {"refused": refused, "next": onward, "username": request.POST.get("username", "")}
    return render(request, "sign_in.html", said, status=status)


@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    logout(request)
    return redirect(settings.LOGOUT_REDIRECT_URL)


def _onward(request: HttpRequest) -> str:
    """Where to go then: `next` when it is one of our own addresses."""
    wanted = request.POST.get("next") or request.GET.get("next", "")
    if url_has_allowed_host_and_scheme(wanted, allowed_hosts={request.get_host()}, require_https=request.is_secure()):
        return wanted
    return resolve_url(settings.LOGIN_REDIRECT_URL)
