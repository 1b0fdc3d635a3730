"""What templates of the staff pages say often: icons, states and times."""

from datetime import datetime, timedelta

from django import template
from django.templatetags.static import static
from django.utils import formats, timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import Department, User
from documents.models import Source
from kmrl.pages import flow_words, labels, wording
from kmrl.pages.due import Due
from workflows.models import Definition, HumanTask

register = template.Library()


@register.simple_tag
def icon(name: str, small: bool = False) -> SafeString:
    """A picture from the sprite, hidden from screen readers: a word always stands beside it."""
    return format_html(
        '<svg class="icon{}" aria-hidden="true"><use href="{}#{}"></use></svg>',
        " small" if small else "",
        static("icons.svg"),
        name,
    )


@register.filter
def state_icon(status: str) -> str:
    return wording.icon(status)


@register.filter
def state_word(status: str) -> str:
    return wording.state(status)


@register.filter
def grouped(number: int) -> str:
    """`10,638`"""
    return f"{number:,}"


@register.filter
def type_name(document_type: str) -> str:
    return labels.document_type(document_type)


@register.filter
def language_name(key: str) -> str:
    return labels.language(key)


@register.filter
def flow_title(thing: Definition | HumanTask) -> str:
    """The title of a workflow or a task in the language of the page."""
    return flow_words.titled(thing)


@register.filter
def person_name(person: User | None) -> str:
    return (person.get_full_name() or person.get_username()) if person else ""


@register.filter
def department_name(department: Department | None) -> str:
    return labels.department(department)


@register.filter
def source_name(source: Source) -> str:
    return labels.source(source)


@register.filter
def file_name(content_type: str) -> str:
    return labels.file_name(content_type)


@register.simple_tag
def ago(at: datetime | None) -> str:
    """How long ago, with the exact time on hover; the page keeps it current."""
    if at is None:
        return ""
    return format_html('<time datetime="{}" title="{}" data-ago>{}</time>', at.isoformat(), _exact(at), since(at))


@register.simple_tag
def due(when: Due | None) -> str:
    """What is left of the time, with the exact moment on hover; the page keeps it current."""
    if when is None:
        return ""
    return format_html(
        '<time class="due {}" datetime="{}" title="{}" data-due>{}</time>',
        when.tone,
        when.at.isoformat(),
        _exact(when.at),
        when.said,
    )


@register.simple_tag
def exact(at: datetime | None) -> str:
    return "" if at is None else format_html('<time datetime="{}">{}</time>', at.isoformat(), _exact(at))


def since(at: datetime, now: datetime | None = None) -> str:
    """`now`, `5 min`, `3 h`, `2 d`, then the date."""
    passed = (now or timezone.now()) - at
    if passed < timedelta(minutes=1):
        return _("now")
    if passed < timedelta(hours=1):
        return ngettext("%d min", "%d min", passed.seconds // 60) % (passed.seconds // 60)
    if passed < timedelta(days=1):
        return ngettext("%d h", "%d h", passed.seconds // 3600) % (passed.seconds // 3600)
    if passed < timedelta(days=7):
        return ngettext("%d d", "%d d", passed.days) % passed.days
    return formats.date_format(timezone.localtime(at), "j M Y")


def _exact(at: datetime) -> str:
    return formats.date_format(timezone.localtime(at), "j F Y, H:i:s")
