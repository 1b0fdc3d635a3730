"""The receipt ledger in the administration: a page a day, what does not add up document by document, check now."""

from datetime import date
from typing import Any
from uuid import UUID

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.contrib.filters.admin import RadioFilter
from unfold.decorators import action, display

from accounts.admin.desk import HouseAdmin, actor, link, runs_house
from documents import ledger
from documents.models import LedgerDay, StorageRound
from documents.reconciliation import OUTCOMES

SHOWN = ("processed", "failed", "duplicates", "in_work")


class SoundFilter(RadioFilter):
    title = gettext_lazy("standing")
    parameter_name = "standing"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("different", gettext_lazy("does not add up")), ("sound", gettext_lazy("adds up"))]

    def queryset(self, request: HttpRequest, days: QuerySet[LedgerDay]) -> QuerySet[LedgerDay]:
        if self.value() == "different":
            return days.exclude(differences=[])
        return days.filter(differences=[]) if self.value() else days


@admin.register(LedgerDay)
class LedgerDayAdmin(HouseAdmin):
    auditors_look = True
    list_before_template = "admin/ledger_check.html"
    list_display = ("day", "standing", "received", *SHOWN, "others", "originals")
    list_filter = (SoundFilter,)
    ordering = ("-day",)
    actions = ("check_again",)
    fieldsets = (
        (None, {"fields": (("day", "standing_said"), "sum_said", "wrong")}),
        ("Check", {"fields": (("checked_at", "checks", "seconds"), "originals")}),
    )
    readonly_fields = ("standing_said", "sum_said", "wrong", "originals")

    def get_urls(self) -> list[URLPattern]:
        now = path("check/", self.admin_site.admin_view(self.check_day), name="documents_ledgerday_check")
        return [now, *super().get_urls()]

    def check_day(self, request: HttpRequest) -> HttpResponse:
        """POST: have one day checked (today unless `day` says another)."""
        if request.method != "POST" or not runs_house(request):
            raise PermissionDenied
        try:
            day = date.fromisoformat(request.POST.get("day", "") or timezone.localdate().isoformat())
        except ValueError:
            self.message_user(request, _("Write the day as 2026-11-22."), messages.WARNING)
        else:
            ledger.ask_for(day=day, by=actor(request))
            self.message_user(request, _("%(day)s is being checked; look again in a moment.") % {"day": day})
        return HttpResponseRedirect(reverse("admin:documents_ledgerday_changelist"))

    @display(description=gettext_lazy("standing"), label={"sound": "success", "different": "danger"})
    def standing(self, day: LedgerDay) -> tuple[str, str]:
        return ("sound", _("adds up")) if day.sound else ("different", _("does not add up"))

    @display(description=gettext_lazy("standing"))
    def standing_said(self, day: LedgerDay) -> str:
        return self.standing(day)[1]

    @display(description=gettext_lazy("others"))
    def others(self, day: LedgerDay) -> str:
        """Removed, stopped or held: the page of the day tells them apart."""
        return f"{sum(day.counts.get(name, 0) for name in OUTCOMES if name not in SHOWN):,}"

    @display(description=gettext_lazy("originals"))
    def originals(self, day: LedgerDay) -> str:
        if day.bytes_checked == day.bytes_all:
            return _("all %(all)s looked for") % {"all": f"{day.bytes_all:,}"}
        return _("%(some)s of %(all)s looked for") % {"some": f"{day.bytes_checked:,}", "all": f"{day.bytes_all:,}"}

    @display(description=gettext_lazy("received and where it is"))
    def sum_said(self, day: LedgerDay) -> str:
        parts = " + ".join(f"{day.counts.get(name, 0):,} {name.replace('_', ' ')}" for name in OUTCOMES)
        return f"{day.counts.get('received', 0):,} received = {parts}"

    @display(description=gettext_lazy("what does not add up"))
    def wrong(self, day: LedgerDay) -> SafeString | str:
        return said_of(day.differences)

    @action(description="Check these days again", permissions=["run"])
    def check_again(self, request: HttpRequest, days: QuerySet[LedgerDay]) -> None:
        asked = list(days[:31])
        self.each(request, asked, lambda one: ledger.ask_for(day=one.day, by=actor(request)), done="being checked")


@admin.register(StorageRound)
class StorageRoundAdmin(HouseAdmin):
    auditors_look = True
    list_display = ("number", "begun_at", "looked_at", "ended_at", "seen_objects", "seen_rows", "wrong")
    ordering = ("-number",)
    fields = (("number", "begun_at"), ("looked_at", "ended_at"), ("seen_objects", "seen_rows"), "reached", "wrong")
    readonly_fields = ("wrong",)

    @display(description=gettext_lazy("what does not add up"))
    def wrong(self, one: StorageRound) -> SafeString | str:
        return said_of(one.differences)


def said_of(differences: list[dict[str, Any]]) -> SafeString | str:
    """Each difference with its documents (or originals, or jobs), linked where there is a page."""
    if not differences:
        return "–"
    return format_html_join(
        "",
        "<div class='difference'><b>{} × {}</b><br>{}</div>",
        (
            (
                f"{part['count']:,}",
                part["what"],
                format_html_join(", ", "{}", ((_linked(part["what"], found),) for found in part["examples"])),
            )
            for part in differences
        ),
    )


def _linked(what: str, found: str) -> SafeString | str:
    try:
        UUID(found)
    except ValueError:
        return format_html("<code>{}</code>", found)
    return link("jobs_job" if what.startswith("work on") else "documents_document", found, found)


def _column(name: str) -> Any:
    @display(description=name.replace("_", " "))
    def shown(self: LedgerDayAdmin, day: LedgerDay) -> str:
        return f"{day.counts.get(name, 0):,}"

    return shown


for _name in ("received", *SHOWN):
    setattr(LedgerDayAdmin, _name, _column(_name))
