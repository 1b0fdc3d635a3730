"""What all pages of the administration share: who may enter, lists that stay quick, and changes that are recorded."""

from collections.abc import Callable, Iterable
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Model, QuerySet
from django.forms import ModelForm
from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils.functional import cached_property
from django.utils.html import format_html
from django.utils.safestring import SafeString
from unfold.admin import ModelAdmin, TabularInline
from unfold.views import ChangeList

from accounts import history
from accounts.models import User
from accounts.refusals import Refusal
from accounts.rest.pagination import counted

REACHED = 100_000
"""The rows to which pages lead. A page costs all rows before it; what lies deeper is found by filters and searches."""


class QuickPaginator(Paginator):
    """Counts up to 10,000 and takes the planner's estimate beyond: counting a million rows is nobody's wish."""

    @cached_property
    def num_pages(self) -> int:
        return min(super().num_pages, REACHED // self.per_page)

    @cached_property
    def count(self) -> int:
        return self._counted[0]

    @property
    def estimated(self) -> bool:
        """Whether the count is the planner's estimate."""
        return self._counted[1]

    @cached_property
    def _counted(self) -> tuple[int, bool]:
        return counted(self.object_list) if isinstance(self.object_list, QuerySet) else (len(self.object_list), False)


class QuickChangeList(ChangeList):
    """Sorts by `sortable_by` alone, also when an address says otherwise."""

    def get_ordering_field(self, field_name: Any) -> Any:
        return super().get_ordering_field(field_name) if field_name in self.sortable_by else None


class HouseAdmin(ModelAdmin):
    """Read-only, for administrators; a page says itself what more it allows."""

    adds = changes = False
    auditors_look = False

    paginator = QuickPaginator
    show_full_result_count = False
    list_per_page = 50
    list_max_show_all = 0
    list_fullwidth = True
    compressed_fields = True
    list_filter_submit = False
    actions_on_bottom = False

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        return QuickChangeList

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self.has_view_permission(request)

    def has_view_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return runs_house(request) or (self.auditors_look and is_auditor(request))

    def has_add_permission(self, request: HttpRequest) -> bool:
        return self.adds and runs_house(request)

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return self.changes and runs_house(request)

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_run_permission(self, request: HttpRequest) -> bool:
        """Asked for by actions: they are the administrators'."""
        return runs_house(request)

    def each(self, request: HttpRequest, rows: Iterable[Any], deed: Callable[[Any], object], *, done: str) -> None:
        """Do one thing to each row by its core function, and say how it went: refusals by their sentence."""
        count, refusals = 0, list[str]()
        for row in rows:
            try:
                deed(row)
            except Refusal as refusal:
                refusals.append(f"{row}: {refusal.detail}")
            else:
                count += 1
        if count:
            self.message_user(request, f"{count} {done}.", messages.SUCCESS)
        for said in refusals[:5]:
            self.message_user(request, said, messages.WARNING)
        if len(refusals) > 5:
            self.message_user(request, f"{len(refusals) - 5} more were refused.", messages.WARNING)


class RecordedAdmin(HouseAdmin):
    """May be added to and changed; each change goes into the history with what it was before."""

    adds = changes = True
    subject_kind = ""

    def save_model(self, request: HttpRequest, obj: Any, form: ModelForm, change: bool) -> None:
        """Runs in the admin's transaction; the subject's row is locked before its history is written."""
        names = [name for name in form.changed_data if name in form.fields and not name.startswith("password")]
        before = {name: said(form.initial.get(name)) for name in names} if change else {}
        super().save_model(request, obj, form, change)
        type(obj)._default_manager.select_for_update().get(pk=obj.pk)
        after = {name: said(form.cleaned_data.get(name)) for name in names}
        if after or not change:
            deed = "changed" if change else "added"
            history.record(self.subject_kind, obj.pk, deed, by=actor(request), before=before, after=after)


class LookedAtInline(TabularInline):
    """Rows shown below what they belong to, never changed there."""

    extra = 0
    can_delete = False
    show_change_link = True
    per_page = 20
    hide_title = True
    ordering = ("pk",)

    def has_add_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_view_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return runs_house(request) or is_auditor(request)


def actor(request: HttpRequest) -> User:
    """Who is at the desk."""
    assert isinstance(request.user, User)  # noqa: S101 - the site lets nobody else in
    return request.user


def runs_house(request: HttpRequest) -> bool:
    return isinstance(request.user, User) and request.user.is_administrator


def is_auditor(request: HttpRequest) -> bool:
    return isinstance(request.user, User) and request.user.is_auditor


def said(value: Any) -> Any:
    """A form's value as the history keeps it."""
    if isinstance(value, Model):
        return str(value)
    if isinstance(value, QuerySet | list | tuple | set | frozenset):
        return [said(part) for part in value]
    return value if isinstance(value, str | int | float | bool | None) else str(value)


def link(kind: str, pk: object, words: str) -> SafeString | str:
    """A link to the page of one row; `kind` is `app_model`. The words alone when there is no such page."""
    if not pk or not words:
        return words or "–"
    try:
        address = reverse(f"admin:{kind}_change", args=[pk])
    except NoReverseMatch:
        return words
    return format_html('<a href="{}" class="text-primary-700 dark:text-primary-500">{}</a>', address, words)


def list_link(kind: str, words: str, **asked: object) -> SafeString:
    """A link to a list with a search or filter, for what cannot be joined cheaply."""
    query = "&".join(f"{name}={value}" for name, value in asked.items())
    address = f"{reverse(f'admin:{kind}_changelist')}?{query}"
    return format_html('<a href="{}" class="text-primary-700 dark:text-primary-500">{}</a>', address, words)
