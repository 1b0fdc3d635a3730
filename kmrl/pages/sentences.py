"""What the gateway says no with and why papers fail, collected so that pages can say it in their own language.

The core, the API and events speak English, and stored reasons stay as they were written. `{…}` stands for what differs.
tests/pages/test_reasons.py holds this page against the code: whoever writes a new refusal adds it here.
"""

from django.utils.translation import gettext_noop as _

AT_THE_DOOR = (
    _("The file holds no bytes. Look at the original and send it again."),
    _("The {what} is larger than {size} MB. Split it, or ask for a higher limit."),
    _("The disk for documents is full. Nothing was kept; tell the administrator and send it again."),
    _("There is no source named {source} that you may use."),
    _("Name the source."),
    _("The same bytes are here already, as “{title}” ({id})."),
    _("These are the bytes of version {number}, which is the newest already."),
    _("You may not send documents. Ask an administrator for a role in a department."),
    _("There is no department named {name} that you may send documents to."),
    _("“{name}” has the name of a program (.{suffix}). Programs are not taken in."),
    _("“{name}” is {program}. Programs and scripts are not taken in, whatever they are called."),
    _("“{name}” is a web page, probably a download that failed. Fetch the document again."),
    _("This is {archive}. Unpack it and send the files in it, many at once if you like."),
    _("The bytes are of no kind that is taken in. Send PDF, text, office, e-mail or image files."),
    _(
        "The bytes are of no kind that is taken in (it looks like: {kind})."
        " Send PDF, text, office, e-mail or image files."
    ),
    _("This is an SVG drawing, which may hold programs. Send it as PDF or PNG."),
    _("This zip file is cut off or damaged: its end is missing. Fetch the original again."),
    _("This is a zip archive, not a document. Unpack it and send the files in it, many at once."),
    _("This is a Windows installer. Programs are not taken in."),
    _("This is a Java program. Programs are not taken in."),
    _("This is an Android program. Programs are not taken in."),
    _("The XML asks for a file outside itself. That is never followed; send it without."),
    _("The XML declares entities made of entities, which unfold without end. It was not kept."),
    _("The XML declares entities of its own. Send it without them."),
    _("The archive claims more files than a document has."),
    _("The archive claims {entries} files; a document has {most} at most."),
    _("The archive holds {entries} files; a document has {most} at most."),
    _("The file has {size} MB and would unpack to {total} MB. It was not kept."),
    _("A part of the file would unpack to {size} MB. It was not kept."),
    _("The parts of the archive overlap, which only bombs do. It was not kept."),
    _("The archive names places outside itself. No office program writes that; it was not kept."),
    _("A part of the file unpacks to far more than it says. It was not kept."),
    _(
        "The picture declares {pixels} million pixels on {pages} page(s); {most} million a page are taken."
        " Scan it at a lower resolution."
    ),
    _("Too many files are arriving at the same moment. Send it again."),
    _("Nothing came for {seconds} s, or the whole took too long. Send it again."),
    _("The gateway's database cannot be reached just now. Send it again."),
    _("Send a credential with the upload: X-API-Key, Authorization: Bearer, or a session."),
    _("You send more requests than are taken in a minute. Wait, then go on."),
)
READING = (
    _("Reading this file took too long; the gateway stopped it."),
    _("The gateway could not read this file, by a fault of its own. It can be tried again."),
    _("This file is damaged in a way that stops the program that reads it."),
    _("This file is damaged: it cannot be read ({fault})."),
    _("This file is damaged: its container ends too early."),
    _("This file is damaged: its container has no directory."),
    _("This file is damaged: its container cannot be opened ({fault})."),
    _("This file asks for a password. Save it without one and send it again."),
    _("This file is named as a text but holds other bytes."),
    _("This file packs {entries} parts; the gateway opens at most {most}."),
    _("Unpacked, this file needs more memory than the gateway gives to one file."),
    _("Unpacked, this file is larger than the gateway reads."),
    _("This is a zip archive, but not an office file: its table of contents is missing."),
    _("This PDF asks for a password. Save it without one and send it again."),
    _("This PDF is damaged: it cannot be opened ({fault})."),
    _("This PDF is damaged: it has no page that can be read."),
    _("This PDF is damaged: none of its pages can be read."),
    _("This PDF says that it has {count} pages; the gateway reads at most {most}."),
    _("This PDF holds more text than the gateway reads from one file."),
    _("This PDF unpacks to more than {size} MB of page content; the gateway stops there."),
    _("This is not a PDF: its header is missing."),
    _("This picture is damaged: it cannot be decoded ({fault})."),
    _("This picture is damaged: the file ends before the picture does."),
    _("This picture is damaged: nothing in it can be shown."),
    _("This picture is damaged: a part of it does not match its checksum."),
    _("This picture says that it has {count} pages; the gateway reads at most {most}."),
    _("This picture has {pixels} million pixels; the gateway shows at most 120 million."),
    _("This is not an e-mail message: it has no headers."),
    _("This message is damaged: it cannot be read ({fault})."),
    _("This message nests more parts into parts than the gateway follows."),
    _("This text is longer than the gateway reads from one file."),
    _("This XML defines entities out of entities, which unpack without end; the gateway does not read it."),
)
DOING = (
    _("Your role does not allow this on this document."),
    _("Your role does not allow corrections of this document."),
    _("Who may see it is decided by its uploader, the head of its department or an administrator."),
    _("Only its uploader may take a document out of its department without naming another."),
    _("There is nobody named {names}."),
    _("There is no work to stop: the document is {state}."),
    _("It is being worked on already. Stop that first."),
    _("It is quarantined, and is not read."),
    _("It lies in the bin already."),
    _("It lies in the bin. Restore it first."),
    _("It does not lie in the bin."),
    _("A document has a title."),
    _("There is nothing here that you may see."),
    _("Nothing of this batch is left to stop."),
    _("This document has not been read yet, or cannot be; its status says which."),
    _("This document has {count} pages."),
    _("There is no version {number}."),
    _("Version {number} has not been read."),
    _("The bytes of this document are missing. Tell the administrator."),
    _("Many pages are being drawn just now. Try again in a moment."),
    _("Drawing this page takes more time or memory than the gateway gives to one page."),
    _("This page cannot be shown ({fault})."),
    _("This page holds a picture that is larger than the gateway shows; download the original."),
    _("Files of this type have no page pictures; read their text, or download the original."),
    _("A view needs a name and filters."),
    _("The name or the filters are too long."),
    _("There are {count} views already. Remove one first."),
)
ALERTS = (
    _("{number} jobs wait in the queue {queue} ({most} is much). Start more workers."),
    _("A job has waited for {age} in the queue {queue}. Start more workers, or see what they do."),
    _("Jobs wait in the queue {queue} and no worker serves it. Start one."),
    _("No worker is alive: uploads are accepted and wait. Start the workers."),
    _(
        "{dead} of the last {ended} jobs were given up ({share} %). Look at the dead jobs by cause, mend the cause,"
        " and retry them."
    ),
    _(
        "Redis does not answer. Work goes on, some seconds later than usual; live pages are up to a second late."
        " Start Redis or mend the connection."
    ),
    _("Receipts and documents do not add up ({subject}): {what}. Look at the receipt ledger."),
)
NAMES = (
    *(_("a Windows program"), _("a Linux program"), _("a macOS program"), _("a Java or macOS program")),
    *(_("a Windows shortcut"), _("a WebAssembly program"), _("a Flash film"), _("an Android program")),
    *(_("a compiled help file, which can run programs"), _("a browser extension"), _("a software package")),
    *(_("a registry file"), _("an internet shortcut"), _("a desktop shortcut"), _("a script"), _("a PHP script")),
    *(_("a server page"), _("a batch script"), _("a Windows script"), _("a Visual Basic script")),
    *(_("an HTML application"), _("a RAR archive"), _("a 7-Zip archive"), _("a gzip archive"), _("a bzip2 archive")),
    *(_("an xz archive"), _("a zstandard archive"), _("a cabinet archive"), _("file"), _("request"), _("batch")),
    *(_("done"), _("being read"), _("waiting"), _("failed"), _("cancelled"), _("quarantined")),
)
ALL = (*AT_THE_DOOR, *READING, *DOING, *ALERTS, *NAMES)
