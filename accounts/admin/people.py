from typing import Any

from django.contrib import admin
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.db.models import Count, Model, QuerySet
from django.forms import ModelForm
from django.http import HttpRequest
from django.utils.safestring import SafeString
from unfold.admin import TabularInline
from unfold.contrib.filters.admin import AutocompleteSelectFilter
from unfold.decorators import display
from unfold.forms import AdminPasswordChangeForm, UserChangeForm, UserCreationForm

from accounts import credentials, history
from accounts.admin.desk import LookedAtInline, RecordedAdmin, actor, list_link, runs_house
from accounts.models import Department, Membership, User


class MembershipInline(TabularInline):
    """Which departments, and as what."""

    model = Membership
    extra = 0
    autocomplete_fields = ("department",)
    verbose_name_plural = "departments and roles"

    def has_add_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return runs_house(request)

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return runs_house(request)

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return runs_house(request)

    def has_view_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return runs_house(request)


@admin.register(User)
class UserAdmin(RecordedAdmin, DjangoUserAdmin):  # type: ignore[misc]
    """People leave: they are made inactive, never deleted, because the record names them."""

    subject_kind = "user"
    form = UserChangeForm
    add_form = UserCreationForm
    change_password_form = AdminPasswordChangeForm
    inlines = (MembershipInline,)
    list_display = ("username", "name", "departments", "house", "is_active", "last_login")
    list_filter = ("is_active", "house_role", ("memberships__department", AutocompleteSelectFilter))
    search_fields = ("username", "first_name", "last_name", "email")
    ordering = ("username",)
    filter_horizontal = ()
    readonly_fields = ("last_login", "date_joined", "is_superuser", "past")
    fieldsets = (
        (None, {"fields": ("username", "password")}),
        ("Person", {"fields": ("first_name", "last_name", "email")}),
        ("Rights in the whole house", {"fields": ("house_role", "is_active", "is_superuser")}),
        ("Record", {"fields": ("last_login", "date_joined", "past")}),
    )
    add_fieldsets = (
        (None, {"fields": ("username", "first_name", "last_name", "email", "house_role", "password1", "password2")}),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[User]:
        return super().get_queryset(request).prefetch_related("memberships__department")

    @display(description="name")
    def name(self, user: User) -> str:
        return user.get_full_name() or "–"

    @display(description="departments")
    def departments(self, user: User) -> str:
        return (
            ", ".join(f"{each.department.name} ({each.get_role_display()})" for each in user.memberships.all()) or "–"
        )

    @display(description="house role", label={"Administrator": "info", "Auditor": "success"})
    def house(self, user: User) -> str:
        return "Administrator" if user.is_administrator else "Auditor" if user.is_auditor else "–"

    @display(description="history")
    def past(self, user: User) -> SafeString:
        return list_link("accounts_historyentry", "What was done to this account", subject=f"user:{user.pk}")

    def save_related(self, request: HttpRequest, form: ModelForm, formsets: Any, change: bool) -> None:
        """Roles are recorded as one change of the person."""
        before = _roles(form.instance)
        super().save_related(request, form, formsets, change)
        after = _roles(form.instance)
        if before != after:
            history.record(
                "user", form.instance.pk, "roles", by=actor(request), before={"roles": before}, after={"roles": after}
            )
        credentials.forget()

    def log_change(self, request: HttpRequest, obj: Any, message: Any) -> Any:
        """Django calls this after a new password too, which no form of ours sees."""
        if isinstance(message, list) and any("password" in str(part).lower() for part in message):
            history.record("user", obj.pk, "password", by=actor(request))
        return super().log_change(request, obj, message)


class StaffInline(LookedAtInline):
    model = Membership
    fields = ("user", "role")
    readonly_fields = fields
    verbose_name_plural = "people"
    show_change_link = False


@admin.register(Department)
class DepartmentAdmin(RecordedAdmin):
    subject_kind = "department"
    list_display = ("name", "name_ml", "key", "people", "active")
    list_filter = ("active",)
    search_fields = ("name", "name_ml", "key")
    inlines = (StaffInline,)
    fields = ("name", "name_ml", "key", "active")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Department]:
        return super().get_queryset(request).annotate(count=Count("memberships"))

    def get_readonly_fields(self, request: HttpRequest, obj: Model | None = None) -> tuple[str, ...]:
        return ("key",) if obj else ()

    @display(description="people", ordering="count")
    def people(self, department: Any) -> int:
        return int(department.count)


def _roles(user: User) -> dict[str, str]:
    return dict(Membership.objects.filter(user=user).order_by("department__key").values_list("department__key", "role"))
