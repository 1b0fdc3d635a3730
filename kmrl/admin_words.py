"""What the frame of the administration says in words of Django and django-unfold that have no Malayalam of theirs.

Collected so that `bin/translate.py` finds them; pages in two languages (`kmrl.pages.language`) show them.
"""

from django.utils.translation import gettext_noop as _
from django.utils.translation import ngettext_lazy

FRAME = (
    *(_("Light"), _("Dark"), _("System"), _("Go back"), _("Return to site"), _("Expand row"), _("General")),
    *(_("Previous"), _("More actions"), _("Actions"), _("True"), _("False"), _("Search apps and models...")),
)
LISTS = (
    *(_("Select action"), _("Select action to run"), _("Run"), _("Select all rows"), _("Select record")),
    *(_("Type to search"), _("Show counts"), _("Hide counts"), _("Apply Filters"), _("Reset filters")),
    _("Select all objects on this page for an action"),
    _("Select this object for an action - {}"),
    _("%(selected_count)s of %(total_count)s selected"),
    _(" By %(filter_title)s "),
    _("Show all"),
)
FORMS = (
    ngettext_lazy("Please correct the error below.", "Please correct the errors below."),
    *(_("Now"), _("Choose a Date"), _("Choose a Time"), _("Enter a valid JSON."), _("This item will be deleted.")),
    _("The {name} “{obj}” was added successfully."),
    _("The {name} “{obj}” was added successfully. You may add another {name} below."),
    _("The {name} “{obj}” was changed successfully."),
    _("The {name} “{obj}” was changed successfully. You may edit it again below."),
    _("The {name} “{obj}” was changed successfully. You may add another {name} below."),
    _("The %(name)s “%(obj)s” was deleted successfully."),
    _("%(name)s with ID “%(key)s” doesn’t exist. Perhaps it was deleted?"),
    _("Constraint “%(name)s” is violated."),
)
