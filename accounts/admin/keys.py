from django import forms
from django.contrib import admin, messages
from django.db import transaction
from django.db.models import Model, QuerySet
from django.forms import ModelForm
from django.http import HttpRequest
from django.utils import timezone
from unfold.decorators import action, display
from unfold.widgets import UnfoldAdminCheckboxSelectMultipleWidget, UnfoldAdminTextInputWidget

from accounts import api_keys
from accounts.admin.desk import HouseAdmin, actor
from accounts.models import ApiKey, Department

SCOPES = (("read", "read: see and download"), ("upload", "upload: send and correct"), ("control", "control: stop, bin"))


class NewKey(forms.ModelForm):
    """What a new key may do; the key itself is made when this is saved, and shown once."""

    scopes = forms.MultipleChoiceField(
        choices=SCOPES, initial=["read", "upload"], widget=UnfoldAdminCheckboxSelectMultipleWidget
    )
    sources = forms.CharField(
        required=False,
        widget=UnfoldAdminTextInputWidget,
        help_text="Keys of sources, separated by commas: it uploads only under these names, and sees only what came so."
        " Empty: all.",
    )

    class Meta:
        model = ApiKey
        fields = ("name", "user", "scopes", "sources", "departments", "expires_at")

    def clean_sources(self) -> list[str]:
        return [key.strip() for key in self.cleaned_data["sources"].split(",") if key.strip()]


@admin.register(ApiKey)
class ApiKeyAdmin(HouseAdmin):
    """Keys are issued and revoked, never changed: what somebody holds must not change its meaning."""

    adds = True
    form = NewKey
    list_display = ("name", "prefix", "user", "may", "standing", "last_used_at", "expires_at")
    list_filter = (("revoked_at", admin.EmptyFieldListFilter),)
    search_fields = ("name", "prefix", "user__username")
    list_select_related = ("user",)
    ordering = ("-created_at",)
    autocomplete_fields = ("user", "departments")
    actions = ("revoke",)

    def get_fields(self, request: HttpRequest, obj: Model | None = None) -> tuple[str, ...]:
        asked = ("name", "user", "scopes", "sources", "departments", "expires_at")
        return (*asked, "prefix", "created_at", "last_used_at", "revoked_at") if obj else asked

    def save_model(self, request: HttpRequest, obj: ApiKey, form: ModelForm, change: bool) -> None:
        """Issued by the core; what the page shows afterwards is that key."""
        said = form.cleaned_data
        departments: QuerySet[Department] = said["departments"]
        key, secret = api_keys.issue(
            name=said["name"],
            user=said["user"],
            by=actor(request),
            scopes=said["scopes"],
            sources=said["sources"],
            departments=departments,
            expires_at=said["expires_at"],
        )
        obj.__dict__.update({name: value for name, value in key.__dict__.items() if not name.startswith("_")})
        obj._state.adding = False
        self.message_user(request, f"This key is shown only now. Copy it: {secret}", messages.WARNING)

    @display(description="may")
    def may(self, key: ApiKey) -> str:
        return ", ".join(key.scopes)

    @display(description="standing", label={"valid": "success", "revoked": "danger", "expired": "warning"})
    def standing(self, key: ApiKey) -> str:
        if key.revoked_at:
            return "revoked"
        return "expired" if key.expires_at and key.expires_at <= timezone.now() else "valid"

    @action(description="Revoke: they stop working at once", permissions=["run"])
    def revoke(self, request: HttpRequest, keys: QuerySet[ApiKey]) -> None:
        with transaction.atomic():
            self.each(request, keys, lambda key: api_keys.revoke(key, by=actor(request)), done="revoked")
