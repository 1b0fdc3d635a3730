"""The words of the staff pages for what the code calls by a key. One tone: what happened, why, what to do."""

import re
from datetime import datetime
from email.utils import parsedate_to_datetime
from typing import Any

from django.template.defaultfilters import filesizeformat
from django.utils import formats, timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from documents.models import DocumentType, Status
from kmrl.pages import labels, reasons

MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d")
MAIL_MOMENT = re.compile(r"(?:[A-Z][a-z]{2}, )?\d{1,2} [A-Z][a-z]{2} \d{4} \d\d:\d\d")  # RFC 5322
STATE_ICONS = {
    Status.QUEUED: "waiting",
    Status.PROCESSING: "running",
    Status.PROCESSED: "done",
    Status.FAILED: "failed",
    Status.CANCELLED: "cancelled",
    Status.QUARANTINED: "lock",
}
STATES = {
    Status.QUEUED: gettext_lazy("Waiting"),
    Status.PROCESSING: gettext_lazy("Being read"),
    Status.PROCESSED: gettext_lazy("Done"),
    Status.FAILED: gettext_lazy("Failed"),
    Status.CANCELLED: gettext_lazy("Cancelled"),
    Status.QUARANTINED: gettext_lazy("Quarantined"),
}
ERRORS = {
    "encrypted": (
        gettext_lazy("Needs a password"),
        gettext_lazy("Ask the sender for a copy without a password, or remove it, and upload that as a new version."),
    ),
    "damaged": (
        gettext_lazy("The file is damaged"),
        gettext_lazy("Ask the sender to send it again, and upload that as a new version."),
    ),
    "bomb": (
        gettext_lazy("Unpacks to far more than it is"),
        gettext_lazy("It is not opened. If the sender is known, ask for it in another form."),
    ),
    "timeout": (
        gettext_lazy("Took too long to read"),
        gettext_lazy("Have it read again at a quieter time, or split the file."),
    ),
    "internal": (
        gettext_lazy("A fault of the gateway"),
        gettext_lazy("Those who run it have been told. Have it read again later."),
    ),
    "unsupported": (
        gettext_lazy("This kind of file is not read"),
        gettext_lazy("Save it as PDF and upload that as a new version."),
    ),
}
FLAGS = {
    "extension_mismatch": (
        gettext_lazy("other than its name says"),
        gettext_lazy("The file is of another kind than its name; it was read as what it is."),
    ),
    "active_content": (
        gettext_lazy("active content"),
        gettext_lazy("It carries scripts or actions. Nothing of that was run; mind it when opening the original."),
    ),
    "macro": (gettext_lazy("macro"), gettext_lazy("It carries macros. They were not run.")),
    "embedded_file": (gettext_lazy("attachments"), gettext_lazy("Other files are packed inside.")),
    "polyglot": (gettext_lazy("two kinds at once"), gettext_lazy("It can be opened as two different kinds of file.")),
    "no_text": (gettext_lazy("no text"), gettext_lazy("Its pages are pictures, and no text was found in them.")),
    "unread": (
        gettext_lazy("kept, not read"),
        gettext_lazy("The words of this kind of file are not read. The original is kept and can be downloaded."),
    ),
    "not_scanned": (gettext_lazy("not virus-checked"), gettext_lazy("The virus scanner could not be asked.")),
}
STEPS = {
    "reading": gettext_lazy("Reading"),
    "looking": gettext_lazy("Looking"),
    "checking": gettext_lazy("Checking"),
}
DEEDS = {
    "received": gettext_lazy("Received"),
    "processed": gettext_lazy("Read"),
    "failed": gettext_lazy("Could not be read"),
    "cancelled": gettext_lazy("Stopped"),
    "changed": gettext_lazy("Changed"),
    "corrected": gettext_lazy("Corrected"),
    "binned": gettext_lazy("Put into the bin"),
    "restored": gettext_lazy("Put back from the bin"),
    "reprocessed": gettext_lazy("To be read again"),
    "version": gettext_lazy("New version"),
    "version_added": gettext_lazy("New version"),
    "removed": gettext_lazy("Removed for good"),
    "looked": gettext_lazy("Looked at, with an auditor's or administrator's right"),
    "downloaded": gettext_lazy("Downloaded"),
}
TONES = {"processed": "processed", "failed": "failed", "received": "queued", "reprocessed": "processing"}
FIELDS = {
    "title": gettext_lazy("Title"),
    "department": gettext_lazy("Department"),
    "document_type": gettext_lazy("Type"),
    "document_date": gettext_lazy("Date"),
    "access": gettext_lazy("Access"),
    "people": gettext_lazy("People"),
    "language": gettext_lazy("Language"),
    "priority": gettext_lazy("Priority"),
    "metadata": gettext_lazy("Metadata"),
    "version": gettext_lazy("Version"),
    "code": gettext_lazy("Cause"),
    "detail": gettext_lazy("Reason"),
    "size": gettext_lazy("Size"),
    "source": gettext_lazy("Source"),
    "filename": gettext_lazy("File"),
    "page_count": gettext_lazy("Pages"),
    "reference": gettext_lazy("Reference"),
    "references": gettext_lazy("References"),
    "author": gettext_lazy("Author"),
    "subject": gettext_lazy("Subject"),
    "recipients": gettext_lazy("Recipients"),
    "keywords": gettext_lazy("Keywords"),
    "unreadable_pages": gettext_lazy("Unreadable pages"),
    "repaired": gettext_lazy("Repaired"),
    "created": gettext_lazy("Made"),
    "folder": gettext_lazy("Folder"),
    "roles": gettext_lazy("Roles"),
}
ACCESS = {
    "department": gettext_lazy("everybody in the department"),
    "restricted": gettext_lazy("named people only"),
}


def icon(status: str) -> str:
    """The name of a state's icon in the sprite."""
    return STATE_ICONS[Status(status)] if status in Status.values else "attention"


def state(status: str) -> str:
    return str(STATES.get(Status(status), status)) if status in Status.values else status


def error(code: str) -> str:
    return str(ERRORS[code][0]) if code in ERRORS else code.replace("_", " ").capitalize()


def advice(code: str) -> str:
    return str(ERRORS[code][1]) if code in ERRORS else ""


def flag(key: str) -> tuple[str, str]:
    """A flag's name and its sentence."""
    name, sentence = FLAGS.get(key, (key.replace("_", " "), ""))
    return str(name), str(sentence)


def step(key: str) -> str:
    """What the work is at."""
    return str(STEPS.get(key, key.capitalize()))


def deed(action: str) -> str:
    return str(DEEDS.get(action, action.replace("_", " ").replace(".", " ").capitalize()))


def field(key: str) -> str:
    return str(FIELDS.get(key, key.replace("_", " ").capitalize()))


def value(key: str, said: Any) -> str:
    """One side of a change, for people."""
    if said in (None, "", [], {}):
        return _("nothing")
    if key == "document_type" and said in DocumentType.values:
        return labels.document_type(said)
    if key == "language":
        return labels.language(str(said))
    if key == "code":
        return error(str(said))
    if key == "detail":
        return reasons.in_words(str(said))
    if key == "size" and isinstance(said, int):
        return filesizeformat(said)
    if key == "access":
        return str(ACCESS.get(str(said), said))
    if key == "priority":
        return labels.priority(str(said))
    if isinstance(said, list):
        return ", ".join(str(part) for part in said)
    if isinstance(said, dict):
        return ", ".join(f"{name}: {part}" for name, part in said.items())
    return _moment(str(said))


def _moment(said: str) -> str:
    """A time that a file wrote in ISO 8601 or a mail in its own way, as people write it; anything else as it is."""
    read = datetime.fromisoformat if MOMENT.match(said) else parsedate_to_datetime if MAIL_MOMENT.match(said) else None
    if read is None:
        return said
    try:
        at = read(said)
    except ValueError:
        return said
    return formats.date_format(timezone.localtime(at) if timezone.is_aware(at) else at, "j F Y, H:i")


def confidence(score: float) -> str:
    if score >= 0.9:
        return _("clear")
    if score >= 0.6:
        return _("check what matters")
    return _("read with doubt")


def of_scripts() -> dict[str, str]:
    """What the scripts of the pages say; `{}` stands for a number or a name."""
    return {
        "live": _("Live"),
        "catching-up": _("Catching up"),
        "offline": _("Offline"),
        "sending": _("Sending"),
        "waiting_to_send": _("Waiting to be sent"),
        "queued": _("Waiting"),
        "processing": _("Being read"),
        "processed": _("Done"),
        "failed": _("Failed"),
        "cancelled": _("Cancelled"),
        "quarantined": _("Quarantined"),
        "refused": _("Refused"),
        "unsent": _("Not sent: no connection"),
        "stopped": _("Stopped before it was sent"),
        "lost": _("Its sending was cut off when the page was left. Choose the file again."),
        "too_large": _("Larger than the {} that one file may have"),
        "empty": _("The file is empty: there is nothing in it to read."),
        "uploads_working": _("{} of {} uploads done"),
        "uploads_done": _("{} uploads done"),
        "upload_done": _("1 upload done"),
        "uploads_trouble": _("{} done, {} with trouble"),
        "open": _("Open"),
        "retry": _("Try again"),
        "cancel": _("Cancel"),
        "remove": _("Remove from this list"),
        "chosen": _("{} chosen"),
        "place": _("{} ahead of it"),
        "seconds_left": _("about {} s left"),
        "minutes_left": _("about {} min left"),
        "done_restore": _("{} put back"),
        "done_bin": _("{} put into the bin"),
        "done_cancel": _("{} stopped"),
        "done_reprocess": _("{} to be read again"),
        "not_done": _("{} not: {}"),
        "saved": _("Saved, and noted in the history"),
        "no_connection": _("The gateway cannot be reached. Nothing was changed."),
        "no_picture": _("This page has no picture yet."),
        "leave": _("Files are still being sent."),
        "new_above": _("{} new"),
        "now": _("now"),
        "minutes": _("{} min"),
        "hours": _("{} h"),
        "days": _("{} d"),
        "page_of": _("page {}"),
        "no_text": _("No text on this page."),
        "to": _("to {}"),
        "bell_unread": _("{} notifications not read"),
        "bell_read": _("Notifications: all read"),
        "bell_empty": _("No notification yet"),
        "bell_close": _("Close"),
        "looking": _("{} looks at this too"),
        "due_left": _("{} left"),
        "due_late": _("late by {}"),
        "due_now": _("due now"),
        "waiting_now": _("{} waiting for you"),
        "say_why": _("Say why: this outcome wants a comment."),
        "decided_some": _("{} decided, {} not"),
        "back_to_it": _("Look at it"),
        "read_on": _("Read to the end first."),
        "nothing_shared": _("These have no answer in common. Choose fewer."),
        "looking_many": _("{} look at this too"),
    } | {f"step_{key}": str(said) for key, said in STEPS.items()}
