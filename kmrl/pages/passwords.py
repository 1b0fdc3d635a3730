"""Changing one's own password."""

from typing import Any

from django.contrib.auth import authenticate, update_session_auth_hash
from django.contrib.auth.decorators import login_required
from django.contrib.auth.forms import PasswordChangeForm
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters

from accounts import credentials, history
from accounts.models import User
from accounts.refusals import Conflict, Refusal
from kmrl.pages import answering, frame


class OwnPassword(PasswordChangeForm):
    """Django's; a wrong password of now counts like one at the door, and raises its refusals."""

    def __init__(self, request: HttpRequest, *others: Any) -> None:
        super().__init__(frame.person(request), *others)
        self._request = request
        self.known = ""

    def clean_old_password(self) -> str:
        """It leaves in `known` what the database keeps of the password that was looked at."""
        given: str = self.cleaned_data["old_password"]
        found = authenticate(self._request, username=self.user.get_username(), password=given)
        if found is None:
            raise ValidationError(self.error_messages["password_incorrect"], code="password_incorrect")
        self.known = found.password
        return given


@sensitive_post_parameters()
@never_cache
@login_required
def change(request: HttpRequest) -> HttpResponse:
    """Asks for the password of now and twice for the new one; everything else that was signed in is signed out."""
    form, refused, status = OwnPassword(request, request.POST or None), "", 200
    if request.method == "POST":
        try:
            if form.is_valid():
                return _changed(request, form)
            status = 400
        except Refusal as refusal:
            refused, status = answering.in_words(refusal), refusal.status
    return frame.show(request, "password.html", {"form": form, "refused": refused}, status=status)


def _changed(request: HttpRequest, form: OwnPassword) -> HttpResponse:
    """Writes the password alone: what an administrator changes at the same moment stays. Raises Conflict."""
    with transaction.atomic():
        person = User.objects.select_for_update().get(pk=frame.person(request).pk)
        if person.password != form.known or not person.is_active:
            raise Conflict("This account was changed by somebody else at the same moment. Sign in again.")
        person.set_password(form.cleaned_data["new_password1"])
        person.save(update_fields=["password"])
        history.record("user", person.pk, "password", by=person)
    credentials.forget()
    update_session_auth_hash(request, person)
    return answering.done(
        request,
        _("Your password is changed. Wherever else you were signed in, you are not now."),
        to=reverse("password"),
    )
