"""How the administration looks: the staff pages' palette and words, and a menu in the order of work."""

from typing import Any

from django.http import HttpRequest
from django.templatetags.static import static
from django.urls import reverse, reverse_lazy
from django.utils.translation import gettext_lazy as _


def _administers(request: HttpRequest) -> bool:
    return bool(getattr(request.user, "is_administrator", False))


def _audits(request: HttpRequest) -> bool:
    return bool(getattr(request.user, "is_auditor", False))


def _keeps_record(request: HttpRequest) -> bool:
    return _administers(request) or _audits(request)


def _only_audits(request: HttpRequest) -> bool:
    return _audits(request) and not _administers(request)


def _at_the_queue(request: HttpRequest) -> bool:
    """On its dashboard; the list of jobs below it has an entry of its own."""
    return request.path == reverse("queue:dashboard")


def _among_definitions(request: HttpRequest) -> bool:
    return request.path.startswith((f"{WORKFLOWS}definition", f"{WORKFLOWS}new-definition"))


def _among_runs(request: HttpRequest) -> bool:
    return request.path.startswith((f"{WORKFLOWS}instance/", f"{WORKFLOWS}runs/"))


def _in_the_inbox(request: HttpRequest) -> bool:
    return request.path.startswith((f"{WORKFLOWS}humantask/", f"{WORKFLOWS}inbox/"))


def _item(title: Any, icon: str, name: str, *, for_auditors: bool = False) -> dict[str, Any]:
    address = reverse_lazy(name if ":" in name else f"admin:{name}")
    item: dict[str, Any] = {"title": title, "icon": icon, "link": address}
    return {**item, "permission": _keeps_record if for_auditors else _administers}


def _inbox() -> dict[str, Any]:
    """The one entry of everybody who may enter."""
    address = reverse_lazy("admin:workflows_humantask_changelist")
    return {"title": _("Inbox"), "icon": "inbox", "link": address, "active": _in_the_inbox}


def _figures() -> dict[str, Any]:
    """Of the house, or of the departments that somebody heads."""
    address = reverse_lazy("desk:figures")
    return {"title": _("Figures"), "icon": "bar_chart", "link": address, "permission": "kmrl.admin_site.has_figures"}


WORKFLOWS = "/admin/workflows/"

UNFOLD: dict[str, Any] = {
    "SITE_TITLE": "KMRL Gateway",
    "SITE_HEADER": "KMRL Gateway",
    "SITE_SUBHEADER": _("Administration"),
    "SITE_URL": "/",
    "SITE_ICON": lambda request: static("favicon.svg"),
    "SITE_FAVICONS": [
        {"rel": "icon", "type": "image/svg+xml", "href": lambda request: static("favicon.svg")},
    ],
    "SHOW_HISTORY": False,  # Django's own log; ours is the record
    "SHOW_VIEW_ON_SITE": False,
    "SHOW_BACK_BUTTON": True,
    "BORDER_RADIUS": "6px",
    "STYLES": [lambda request: static("admin.css"), lambda request: static("admin_lists.css")],
    "SCRIPTS": [lambda request: static("admin_labels.js")],
    "COLORS": {
        "base": {
            "50": "#f3f5f6",
            "100": "#e9ecee",
            "200": "#d9dee2",
            "300": "#b4bdc4",
            "400": "#a2adb6",
            "500": "#5f6a73",
            "600": "#4c5861",
            "700": "#37424a",
            "800": "#2c353c",
            "900": "#1a2025",
            "950": "#12161a",
        },
        "primary": {
            "50": "#ecf8f6",
            "100": "#d2efeb",
            "200": "#a6ded7",
            "300": "#6ad5ca",
            "400": "#43c3b7",
            "500": "#12a599",
            "600": "#007d74",
            "700": "#00675f",
            "800": "#00534d",
            "900": "#003f3b",
            "950": "#00302d",
        },
    },
    "SIDEBAR": {
        "show_search": False,
        "show_all_applications": False,
        "navigation": [
            {
                "items": [
                    _item(_("How things stand"), "monitoring", "index", for_auditors=True),
                    _item(_("Alerts"), "notifications", "jobs_alert_changelist", for_auditors=True),
                ]
            },
            {
                "title": _("Workflows"),
                "items": [
                    _inbox(),
                    {
                        **_item(_("Runs"), "account_tree", "workflows_instance_changelist", for_auditors=True),
                        "active": _among_runs,
                    },
                    {
                        **_item(_("Definitions"), "schema", "workflows_definition_changelist", for_auditors=True),
                        "active": _among_definitions,
                    },
                    _figures(),
                    _item(_("Calendars"), "calendar_month", "workflows_workcalendar_changelist"),
                    _item(_("Holidays"), "celebration", "workflows_holiday_changelist"),
                ],
            },
            {
                "title": _("Papers"),
                "items": [
                    _item(_("Documents"), "description", "documents_document_changelist", for_auditors=True),
                    _item(_("Versions"), "difference", "documents_version_changelist", for_auditors=True),
                    _item(_("Ways they took"), "alt_route", "workflows_routing_changelist", for_auditors=True),
                    _item(_("Batches"), "stacks", "documents_batch_changelist", for_auditors=True),
                    _item(_("Sources"), "move_to_inbox", "documents_source_changelist"),
                ],
            },
            {
                "title": _("Work"),
                "items": [
                    {**_item(_("Queue"), "speed", "queue:dashboard"), "active": _at_the_queue},
                    _item(_("Jobs"), "pending_actions", "queue:jobs"),
                    {**_item(_("Jobs"), "pending_actions", "jobs_job_changelist"), "permission": _only_audits},
                ],
            },
            {
                "title": _("People"),
                "items": [
                    _item(_("Users"), "person", "accounts_user_changelist"),
                    _item(_("Departments"), "apartment", "accounts_department_changelist"),
                    _item(_("Absences"), "event_busy", "workflows_absence_changelist", for_auditors=True),
                    _item(_("Duties"), "badge", "workflows_duty_changelist"),
                    _item(_("Shifts"), "schedule", "workflows_shift_changelist"),
                    _item(_("API keys"), "key", "accounts_apikey_changelist"),
                ],
            },
            {
                "title": _("Record"),
                "items": [
                    _item(_("Receipt ledger"), "receipt_long", "documents_ledgerday_changelist", for_auditors=True),
                    _item(_("Storage rounds"), "inventory_2", "documents_storageround_changelist", for_auditors=True),
                    _item(_("History"), "history", "accounts_historyentry_changelist", for_auditors=True),
                    _item(_("Events"), "campaign", "realtime_event_changelist"),
                ],
            },
        ],
    },
}
