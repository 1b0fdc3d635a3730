"""Calendars, holidays and shifts. A change moves the deadlines that are counted in the calendar, after its commit."""

from typing import Any
from zoneinfo import available_timezones

from django import forms
from django.contrib import admin, messages
from django.db import transaction
from django.db.models import Count, Model, Q, QuerySet
from django.forms import ModelForm
from django.http import HttpRequest
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from unfold.admin import TabularInline
from unfold.contrib.filters.admin import AutocompleteSelectFilter, RadioFilter
from unfold.decorators import display

from accounts import history
from accounts.admin.desk import RecordedAdmin, actor, runs_house
from accounts.refusals import Refusal
from workflows import deciding
from workflows.admin.desk import in_words
from workflows.calendars import hours
from workflows.models import Holiday, Shift, WorkCalendar
from workflows.sla import reckoning

DAYS = (
    gettext_lazy("Mon"),
    gettext_lazy("Tue"),
    gettext_lazy("Wed"),
    gettext_lazy("Thu"),
    gettext_lazy("Fri"),
    gettext_lazy("Sat"),
    gettext_lazy("Sun"),
)


def reckon_later(request: HttpRequest, calendar: WorkCalendar) -> None:
    """Count the running clocks of this calendar anew after the commit, and say how many deadlines moved."""
    by = actor(request)

    def reckon() -> None:
        try:
            moved = reckoning.reckon(calendar, by=by)
        except Refusal as refusal:
            messages.warning(request, in_words(refusal.detail))
            return
        if moved:
            said = ngettext("%d deadline has moved.", "%d deadlines have moved.", moved) % moved
            messages.success(request, said)

    transaction.on_commit(reckon)


class CalendarForm(forms.ModelForm):
    class Meta:
        model = WorkCalendar
        fields = ("key", "name", "time_zone", "always", "hours", "second_saturdays_off")
        help_texts = {
            "hours": gettext_lazy('Monday is 0: [{"days": [0, 1, 2, 3, 4], "from": "10:00", "to": "17:00"}].'),
            "always": gettext_lazy("Round the clock, holidays included."),
        }

    def clean_time_zone(self) -> str:
        said: str = self.cleaned_data["time_zone"]
        if said not in available_timezones():
            raise forms.ValidationError(_("There is no time zone of this name. Write it as Asia/Kolkata."))
        return said

    def clean(self) -> dict[str, Any]:
        """Hours must be readable, and there must be some: else nothing could become due."""
        found: dict[str, Any] = super().clean() or {}
        if not found.get("always"):
            try:
                windows = hours.read(found.get("hours") or [])
            except (ValueError, KeyError, TypeError) as wrong:
                self.add_error("hours", in_words(str(wrong)))
            else:
                if not windows:
                    self.add_error("hours", _("Give it hours, or say that it is open round the clock."))
        return found


class HolidayInline(TabularInline):
    model = Holiday
    extra = 0
    fields = ("day", "name")
    ordering = ("-day",)
    per_page = 40
    hide_title = True
    verbose_name_plural = gettext_lazy("holidays")

    def has_add_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return runs_house(request)

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return runs_house(request)

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return runs_house(request)

    def has_view_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return runs_house(request)


@admin.register(WorkCalendar)
class WorkCalendarAdmin(RecordedAdmin):
    subject_kind = "calendar"
    form = CalendarForm
    list_display = ("name", "key", "open_hours", "time_zone", "holidays_ahead")
    search_fields = ("name", "key")
    inlines = (HolidayInline,)
    fields = (("name", "key"), ("time_zone", "always"), "hours", "second_saturdays_off")

    def get_queryset(self, request: HttpRequest) -> QuerySet[WorkCalendar]:
        ahead = Count("holidays", filter=Q(holidays__day__gte=deciding.today()))
        return super().get_queryset(request).annotate(ahead=ahead)

    def get_readonly_fields(self, request: HttpRequest, obj: Model | None = None) -> tuple[str, ...]:
        return ("key",) if obj else ()

    def save_related(self, request: HttpRequest, form: ModelForm, formsets: Any, change: bool) -> None:
        """Holidays are recorded as one change of their calendar."""
        calendar = form.instance
        before = _days(calendar)
        super().save_related(request, form, formsets, change)
        _record_days(request, calendar, before)
        reckon_later(request, calendar)

    @display(description=gettext_lazy("hours"))
    def open_hours(self, calendar: WorkCalendar) -> str:
        if calendar.always:
            return _("round the clock")
        said = [f"{_days_said(one.get('days', []))} {one.get('from')}–{one.get('to')}" for one in calendar.hours]
        if calendar.second_saturdays_off:
            said.append(_("not on second Saturdays"))
        return ", ".join(said)

    @display(description=gettext_lazy("holidays ahead"), ordering="ahead")
    def holidays_ahead(self, calendar: Any) -> int:
        return int(calendar.ahead)


class WhenFilter(RadioFilter):
    title = gettext_lazy("day")
    parameter_name = "when"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("ahead", gettext_lazy("ahead")), ("past", gettext_lazy("past"))]

    def queryset(self, request: HttpRequest, days: QuerySet[Holiday]) -> QuerySet[Holiday]:
        today = deciding.today()
        if self.value() == "ahead":
            return days.filter(day__gte=today)
        return days.filter(day__lt=today) if self.value() else days


@admin.register(Holiday)
class HolidayAdmin(RecordedAdmin):
    subject_kind = "holiday"
    list_display = ("name", "day_said", "weekday", "calendar")
    list_filter = (WhenFilter, ("calendar", AutocompleteSelectFilter))
    search_fields = ("name",)
    list_select_related = ("calendar",)
    ordering = ("-day",)
    autocomplete_fields = ("calendar",)
    fields = ("calendar", "day", "name")

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return runs_house(request)

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        """Taken out one by one, on their page: each is recorded, and deadlines move."""
        return {}

    def save_model(self, request: HttpRequest, obj: Holiday, form: ModelForm, change: bool) -> None:
        old = WorkCalendar.objects.filter(holidays=obj.pk).first() if change else None
        super().save_model(request, obj, form, change)
        for calendar in {obj.calendar, old or obj.calendar}:
            reckon_later(request, calendar)

    def delete_model(self, request: HttpRequest, obj: Holiday) -> None:
        calendar = WorkCalendar.objects.select_for_update().get(pk=obj.calendar_id)
        before = _days(calendar)
        obj.delete()
        _record_days(request, calendar, before)
        reckon_later(request, calendar)

    @display(description=gettext_lazy("day"), ordering="day")
    def day_said(self, holiday: Holiday) -> str:
        return date_format(holiday.day, "j F Y")

    @display(description=gettext_lazy("weekday"))
    def weekday(self, holiday: Holiday) -> str:
        return date_format(holiday.day, "l")


@admin.register(Shift)
class ShiftAdmin(RecordedAdmin):
    subject_kind = "shift"
    list_display = ("name", "key", "begins", "ends", "people")
    search_fields = ("name", "key")
    fields = (("name", "key"), ("begins", "ends"))

    def get_queryset(self, request: HttpRequest) -> QuerySet[Shift]:
        return super().get_queryset(request).annotate(count=Count("duties__user", distinct=True))

    def get_readonly_fields(self, request: HttpRequest, obj: Model | None = None) -> tuple[str, ...]:
        return ("key",) if obj else ()

    @display(description=gettext_lazy("people"), ordering="count")
    def people(self, shift: Any) -> int:
        return int(shift.count)


def _days(calendar: WorkCalendar) -> dict[str, str]:
    if calendar.pk is None:
        return {}
    return {day.isoformat(): name for day, name in calendar.holidays.values_list("day", "name")}


def _record_days(request: HttpRequest, calendar: WorkCalendar, before: dict[str, str]) -> None:
    """What has come, gone or been renamed; the calendar's row is locked."""
    after = _days(calendar)
    gone = {day: name for day, name in before.items() if after.get(day) != name}
    new = {day: name for day, name in after.items() if before.get(day) != name}
    if gone or new:
        history.record("calendar", calendar.pk, "holidays", by=actor(request), before=gone, after=new)


def _days_said(days: list[int]) -> str:
    """`Mon–Sat`, or each by name."""
    ordered = sorted(day for day in days if isinstance(day, int) and 0 <= day <= 6)
    if len(ordered) > 2 and ordered == list(range(ordered[0], ordered[-1] + 1)):
        return f"{DAYS[ordered[0]]}–{DAYS[ordered[-1]]}"
    return ", ".join(str(DAYS[day]) for day in ordered)
