"""Administration of the house's alerts: open ones first, by whom they are cared for, and past ones."""

from typing import Any

from django.contrib import admin
from django.db.models import F, QuerySet
from django.http import HttpRequest
from django.utils.timesince import timesince
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import RadioFilter
from unfold.decorators import action, display

from accounts.admin.desk import HouseAdmin, actor
from jobs.alerts import raising
from jobs.models import Alert

NAMES = {
    "backlog": _("Backlog"),
    "oldest_waiting": _("Long wait"),
    "failures": _("Jobs given up"),
    "no_worker": _("No worker"),
    "redis_away": _("Redis away"),
    "redis_memory": _("Redis full"),
    "disk": _("Disk full"),
    "storage_away": _("Storage of documents away"),
    "reconciliation": _("Receipts do not add up"),
}


class StandingFilter(RadioFilter):
    title = _("standing")
    parameter_name = "standing"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("open", _("open")), ("over", _("over"))]

    def queryset(self, request: HttpRequest, alerts: QuerySet[Alert]) -> QuerySet[Alert]:
        return alerts.filter(cleared_at__isnull=self.value() == "open") if self.value() else alerts


@admin.register(Alert)
class AlertAdmin(HouseAdmin):
    auditors_look = True
    list_display = ("called", "standing", "subject", "text", "raised_at", "lasted", "cared_for")
    list_filter = (StandingFilter,)
    search_fields = ("=name", "subject", "text")
    search_help_text = "A name, or words of what it says."
    list_select_related = ("acknowledged_by",)
    ordering = (F("cleared_at").desc(nulls_first=True), "-raised_at")
    actions = ("acknowledge",)
    fieldsets = (
        (None, {"fields": (("called", "standing_said"), "subject", "text", ("value", "threshold"))}),
        ("When", {"fields": (("raised_at", "cleared_at"), "cared_for", ("raise_mailed_at", "clear_mailed_at"))}),
    )
    readonly_fields = ("called", "standing_said", "cared_for")

    @display(description=_("alert"), ordering="name")
    def called(self, alert: Alert) -> str:
        return str(NAMES.get(alert.name, alert.name))

    @display(description=_("standing"), label={"open": "danger", "warning": "warning", "over": "success"})
    def standing(self, alert: Alert) -> tuple[str, str]:
        if alert.cleared_at is not None:
            return "over", str(_("over"))
        return ("open" if alert.level == Alert.Level.ERROR else "warning"), str(_("open"))

    @display(description=_("standing"))
    def standing_said(self, alert: Alert) -> str:
        return self.standing(alert)[1]

    @display(description=_("lasted"))
    def lasted(self, alert: Alert) -> str:
        return timesince(alert.raised_at, alert.cleared_at)

    @display(description=_("acknowledged by"))
    def cared_for(self, alert: Alert) -> str:
        return str(alert.acknowledged_by) if alert.acknowledged_by else "–"

    @action(description="Acknowledge: I have seen it and care for it", permissions=["run"])
    def acknowledge(self, request: HttpRequest, alerts: QuerySet[Alert]) -> None:
        self.each(
            request,
            alerts,
            lambda alert: raising.acknowledge(alert_id=alert.pk, by=actor(request)),
            done="acknowledged",
        )
