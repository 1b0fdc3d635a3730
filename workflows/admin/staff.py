"""Who works in which shift, and who is away when, with whom in his stead."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.db.models import Model, Q, QuerySet
from django.forms import ModelForm
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.contrib.filters.admin import AutocompleteSelectFilter, RadioFilter
from unfold.decorators import display

from accounts.admin.desk import HouseAdmin, RecordedAdmin, actor, runs_house
from accounts.refusals import Refusal
from workflows import absences, deciding
from workflows.admin.desk import in_words, rights
from workflows.models import Absence, Duty
from workflows.tasks.standing import name_of


class NowFilter(RadioFilter):
    title = gettext_lazy("days")
    parameter_name = "when"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [
            ("now", gettext_lazy("today")),
            ("ahead", gettext_lazy("to come")),
            ("past", gettext_lazy("over")),
        ]

    def queryset(self, request: HttpRequest, rows: QuerySet[Any]) -> QuerySet[Any]:
        today = deciding.today()
        if self.value() == "now":
            return rows.filter(Q(last_day__gte=today) | Q(last_day=None), first_day__lte=today)
        if self.value() == "ahead":
            return rows.filter(first_day__gt=today)
        return rows.filter(last_day__lt=today) if self.value() else rows


@admin.register(Duty)
class DutyAdmin(RecordedAdmin):
    subject_kind = "duty"
    list_display = ("who", "shift", "department", "first_day", "until")
    list_filter = (NowFilter, ("shift", AutocompleteSelectFilter), ("department", AutocompleteSelectFilter))
    search_fields = ("user__username", "user__first_name", "user__last_name")
    list_select_related = ("user", "shift", "department")
    ordering = ("-first_day", "pk")
    autocomplete_fields = ("user", "shift", "department")
    fields = ("user", ("shift", "department"), ("first_day", "last_day"))

    @display(description=gettext_lazy("person"), ordering="user__username")
    def who(self, duty: Duty) -> str:
        return name_of(duty.user)

    @display(description=gettext_lazy("last day"), ordering="last_day")
    def until(self, duty: Duty) -> str:
        return date_format(duty.last_day, "j M Y") if duty.last_day else _("until further notice")


class AbsenceForm(forms.ModelForm):
    """Asks the core, which asks again when it is saved; what it refuses stands at the field."""

    class Meta:
        model = Absence
        fields = ("user", "first_day", "last_day", "deputy", "note")

    def clean(self) -> dict[str, Any]:
        found: dict[str, Any] = super().clean() or {}
        user = self.instance.user if self.instance.pk else found.get("user")
        if user is None or not found.get("first_day") or not found.get("last_day"):
            return found
        days = {name: found.get(name) for name in ("first_day", "last_day", "deputy")}
        try:
            absences.check(Absence(pk=self.instance.pk, user=user, **days))
        except Refusal as refusal:
            for field, sentences in (refusal.errors or {"first_day": [refusal.detail]}).items():
                self.add_error(field, [in_words(said) for said in sentences])
        return found


@admin.register(Absence)
class AbsenceAdmin(HouseAdmin):
    """Entered, changed and removed by `workflows.absences`, which records each in the person's history."""

    adds = changes = True
    auditors_look = True
    form = AbsenceForm
    list_display = ("who", "first_day", "last_day", "stands_in", "note")
    list_filter = (NowFilter, ("user", AutocompleteSelectFilter), ("deputy", AutocompleteSelectFilter))
    search_fields = ("user__username", "user__first_name", "user__last_name", "deputy__username")
    list_select_related = ("user", "deputy")
    ordering = ("-first_day", "-pk")
    autocomplete_fields = ("user", "deputy")
    fields = ("user", ("first_day", "last_day"), "deputy", "note")

    def get_readonly_fields(self, request: HttpRequest, obj: Model | None = None) -> tuple[str, ...]:
        return ("user",) if obj else ()

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return runs_house(request)

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        return {}

    def save_model(self, request: HttpRequest, obj: Absence, form: ModelForm, change: bool) -> None:
        said = {name: getattr(obj, name) for name in ("first_day", "last_day", "deputy", "note")}
        by, held = actor(request), rights(request)
        if change:
            absences.change(absence_id=obj.pk, by=by, rights=held, **said)
            return
        obj.pk = absences.enter(user=obj.user, by=by, rights=held, **said).pk
        obj._state.adding = False

    def delete_model(self, request: HttpRequest, obj: Absence) -> None:
        absences.remove(absence_id=obj.pk, by=actor(request), rights=rights(request))

    def changeform_view(
        self, request: HttpRequest, object_id: str | None = None, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        """What came in between (another absence on these days, say) is told, and the page is shown anew."""
        try:
            answer: HttpResponse = super().changeform_view(request, object_id, form_url, extra_context)
        except Refusal as refusal:
            messages.error(request, in_words(refusal.detail))
            return redirect(request.get_full_path())
        return answer

    @display(description=gettext_lazy("person"), ordering="user__username")
    def who(self, absence: Absence) -> str:
        return name_of(absence.user)

    @display(description=gettext_lazy("decides instead"))
    def stands_in(self, absence: Absence) -> str:
        return name_of(absence.deputy) if absence.deputy else _("nobody: the other candidates")
