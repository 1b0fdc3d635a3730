"""How the administration looks: the staff pages' palette and words, and a menu in the order of work."""

from typing import Any

from django.http import HttpRequest
from django.templatetags.static import static
from django.urls import reverse, reverse_lazy


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


def _item(title: str, icon: str, name: str, *, for_auditors: bool = False) -> dict[str, Any]:
    address = reverse_lazy(name if ":" in name else f"admin:{name}")
    item: dict[str, Any] = {"title": title, "icon": icon, "link": address}
    return {**item, "permission": _keeps_record if for_auditors else _administers}


def _inbox() -> dict[str, Any]:
    """The one entry of everybody who may enter."""
    address = reverse_lazy("admin:workflows_humantask_changelist")
    return {"title": "Inbox", "icon": "inbox", "link": address, "active": _in_the_inbox}


WORKFLOWS = "/admin/workflows/"

UNFOLD: dict[str, Any] = {
    "SITE_TITLE": "KMRL Gateway",
    "SITE_HEADER": "KMRL Gateway",
    "SITE_SUBHEADER": "Administration",
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
                    _item("How things stand", "monitoring", "index", for_auditors=True),
                    _item("Alerts", "notifications", "jobs_alert_changelist", for_auditors=True),
                ]
            },
            {
                "title": "Workflows",
                "items": [
                    _inbox(),
                    {
                        **_item("Runs", "account_tree", "workflows_instance_changelist", for_auditors=True),
                        "active": _among_runs,
                    },
                    {
                        **_item("Definitions", "schema", "workflows_definition_changelist", for_auditors=True),
                        "active": _among_definitions,
                    },
                    _item("Figures", "bar_chart", "desk:figures", for_auditors=True),
                    _item("Calendars", "calendar_month", "workflows_workcalendar_changelist"),
                    _item("Holidays", "celebration", "workflows_holiday_changelist"),
                ],
            },
            {
                "title": "Papers",
                "items": [
                    _item("Documents", "description", "documents_document_changelist", for_auditors=True),
                    _item("Versions", "difference", "documents_version_changelist", for_auditors=True),
                    _item("Ways they took", "alt_route", "workflows_routing_changelist", for_auditors=True),
                    _item("Batches", "stacks", "documents_batch_changelist", for_auditors=True),
                    _item("Sources", "move_to_inbox", "documents_source_changelist"),
                ],
            },
            {
                "title": "Work",
                "items": [
                    {**_item("Queue", "speed", "queue:dashboard"), "active": _at_the_queue},
                    _item("Jobs", "pending_actions", "queue:jobs"),
                    {**_item("Jobs", "pending_actions", "jobs_job_changelist"), "permission": _only_audits},
                ],
            },
            {
                "title": "People",
                "items": [
                    _item("Users", "person", "accounts_user_changelist"),
                    _item("Departments", "apartment", "accounts_department_changelist"),
                    _item("Absences", "event_busy", "workflows_absence_changelist", for_auditors=True),
                    _item("Duties", "badge", "workflows_duty_changelist"),
                    _item("Shifts", "schedule", "workflows_shift_changelist"),
                    _item("API keys", "key", "accounts_apikey_changelist"),
                ],
            },
            {
                "title": "Record",
                "items": [
                    _item("Receipt ledger", "receipt_long", "documents_ledgerday_changelist", for_auditors=True),
                    _item("Storage rounds", "inventory_2", "documents_storageround_changelist", for_auditors=True),
                    _item("History", "history", "accounts_historyentry_changelist", for_auditors=True),
                    _item("Events", "campaign", "realtime_event_changelist"),
                ],
            },
        ],
    },
}
