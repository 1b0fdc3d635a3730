"""Who may see which of these pages: the inbox is everybody's who decides, figures are heads' too, of their departments;
the rest is read by auditors, changed by administrators."""

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest

from accounts.admin.desk import is_auditor, runs_house
from workflows import analytics
from workflows.admin.desk import has_inbox, rights


def keeps_record(request: HttpRequest) -> bool:
    """An administrator or an auditor."""
    return runs_house(request) or is_auditor(request)


def ask(request: HttpRequest) -> None:
    """Raises PermissionDenied to who has no inbox here."""
    if not has_inbox(request):
        raise PermissionDenied


def ask_to_read(request: HttpRequest) -> None:
    """Raises PermissionDenied to who is neither administrator nor auditor."""
    if not keeps_record(request):
        raise PermissionDenied


def ask_for_figures(request: HttpRequest) -> None:
    """Raises PermissionDenied to whom the API shows no figures either."""
    if not analytics.may_look(rights(request)):
        raise PermissionDenied


def ask_to_change(request: HttpRequest) -> None:
    """Raises PermissionDenied to who does not run the house."""
    if not runs_house(request):
        raise PermissionDenied
