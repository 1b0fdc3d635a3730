"""What people are notified of about documents: to whom it goes, when, and in which words.

A paper that was read as quickly as usual makes no notification. Those of a batch make one when all are settled.
"""

from collections.abc import Collection, Iterable
from datetime import timedelta

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from accounts.models import User
from documents.models import Document, Status, Version
from realtime import audiences
from realtime.models import Mail
from realtime.notices import following, kinds
from realtime.notices.kinds import Gathered, Importance, Kind
from realtime.notices.telling import News

SLOW = timedelta(minutes=1)


def _failed(told: Gathered) -> str:
    if not told.single:
        return ngettext(
            "%(n)s of your documents cannot be read", "%(n)s of your documents cannot be read", told.count
        ) % {"n": told.count}
    if told.first is None:
        return _("A document of yours cannot be read; you may no longer see it")
    return _("“%(title)s” cannot be read") % {"title": told.first["title"]}


def _processed(told: Gathered) -> str:
    if not told.single:
        return ngettext("%(n)s of your documents are read", "%(n)s of your documents are read", told.count) % {
            "n": told.count
        }
    if told.first is None:
        return _("A document of yours is read; you may no longer see it")
    return _("“%(title)s” is read") % {"title": told.first["title"]}


def _version(told: Gathered) -> str:
    if told.first is None:
        return _("A document has a new version; you may no longer see it")
    return _("Version %(version)s of “%(title)s” came, from %(by)s") % {
        "version": told.first["version"],
        "title": told.first["title"],
        "by": told.first["by"],
    }


def _batch(told: Gathered) -> str:
    if told.first is None:
        return _("All documents that you sent together are done")
    read, failed = told.first["read"], told.first["failed"]
    if not failed:
        return ngettext("Your %(n)s document is read", "Your %(n)s documents are all read", read) % {"n": read}
    return _("Your batch is done: %(read)s read, %(failed)s cannot be read") % {"read": read, "failed": failed}


FAILED = Kind(
    name="document.failed",
    label=gettext_lazy("A document of mine cannot be read"),
    say=_failed,
    importance=Importance.HIGH,
    mail=Mail.DAILY,
    all_at="/documents/?mine=1&status=failed",
    icon="failed",
)
PROCESSED = Kind(
    name="document.processed",
    label=gettext_lazy("A document of mine is read, when that took long"),
    say=_processed,
    all_at="/documents/?mine=1",
    icon="done",
)
BATCH = Kind(
    name="batch.finished",
    label=gettext_lazy("All documents that I sent together are done"),
    say=_batch,
    all_at="/documents/?mine=1",
    icon="documents",
)
VERSION = Kind(
    name="document.version",
    label=gettext_lazy("A document that is mine, or that I follow, has a new version"),
    say=_version,
    importance=Importance.LOW,
    window=timedelta(days=1),
    all_at="/documents/",
    icon="file",
)


def register() -> None:
    """Make them known."""
    for kind in (FAILED, PROCESSED, BATCH, VERSION):
        kinds.register(kind)


def of_settled(versions: Iterable[Version], *, again: Collection[int] = ()) -> list[News]:
    """What to tell of documents that have just settled; `again` are versions that had been read before."""
    news = []
    for version in versions:
        document, first = version.document, version.pk not in again
        if document.batch_id is not None and version.number == 1 and first:
            continue  # its batch tells
        slow = version.processed_at is not None and version.processed_at - version.uploaded_at >= SLOW
        if document.status == Status.FAILED:
            detail = version.error_detail
            news.append(_about(document, FAILED, to=version.uploaded_by_id, detail=detail))
        elif document.status == Status.PROCESSED and slow and first:
            news.append(_about(document, PROCESSED, to=version.uploaded_by_id))
    return news


def of_batch(pk: object, *, to: int, read: int, failed: int, total: int) -> list[News]:
    """That a batch has come to its end, once; nothing when all of it was stopped."""
    if not read and not failed:
        return []
    return [
        News(
            kind=BATCH,
            to=to,
            subject=audiences.batch(pk),
            more={"read": read, "failed": failed, "total": total},
            group=str(pk),
            importance=Importance.HIGH if failed else None,
            once=True,
        )
    ]


def of_version(document: Document, version: Version, *, by: User) -> list[News]:
    """That new bytes came: to whoever sent the document and to those who follow it, but not to who brought them."""
    subject = audiences.document(document.pk)
    to = sorted({document.uploaded_by_id, *following.followers(subject)} - {by.pk})
    more = {"version": version.number, "by": by.get_full_name() or by.get_username()}
    return [News(kind=VERSION, to=pk, subject=subject, title=document.title, more=more, group=subject) for pk in to]


def _about(document: Document, kind: Kind, *, to: int, detail: str = "") -> News:
    return News(kind=kind, to=to, subject=audiences.document(document.pk), title=document.title, detail=detail)
