"""Why a run of a built-in workflow began, in the language of the page: definitions give a reason in one language alone.

A reason that somebody has written himself stays as he wrote it.
"""

from django.utils.translation import gettext, gettext_noop

BUILT_IN = (
    gettext_noop("Directives and circulars are reviewed by Legal and Safety."),
    gettext_noop(
        "It was read with low confidence; its facts must be checked against the page before anybody acts on them."
    ),
    gettext_noop("It was sent as an emergency and cannot be read by the machine; people must look at the original."),
    gettext_noop("It was sent as an emergency."),
    gettext_noop("It was sent with high priority."),
    gettext_noop("Its first page speaks of a directive of a ministry or regulator."),
    gettext_noop("Its first page speaks of a safety circular or of the commissioner of metro rail safety."),
    gettext_noop("Its first page speaks of a tax invoice or a job card."),
    gettext_noop("Papers of this type are confirmed by their department."),
    gettext_noop("Somebody gave it high priority."),
    gettext_noop("Somebody made it an emergency."),
    gettext_noop("Somebody recognised it as a directive or a circular."),
    gettext_noop("Somebody recognised its type."),
    gettext_noop("Started by hand."),
)


def in_words(reason: str) -> str:
    return gettext(reason) if reason in BUILT_IN else reason
