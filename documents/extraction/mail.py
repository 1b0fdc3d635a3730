"""E-mail: headers and the text parts of a message, by the standard library; what is attached is only counted.

Outlook's `.msg` is an OLE container: checked as such, its words are not read yet.
"""

import email
import email.errors
import email.policy
from email.message import Message

from documents.extraction import encodings, facts, office, text
from documents.extraction.answers import Bomb, Damaged, PageText, Progress, Reading

DEEPEST, MOST_PARTS = 100, 2_000
HEADERS = ("From", "To", "Cc", "Subject", "Date")


def read(path: str, content_type: str, progress: Progress) -> Reading:
    """The message as a reader sees it: headers, then its plain text (else its HTML). Raises Damaged, Bomb."""
    with open(path, "rb") as file:
        data = file.read()
    if data.startswith(office.OLE):
        return office.read(path, content_type, progress)
    message = _parse(data)
    parts = [part for part in _flat(message) if not part.is_multipart()]
    headers = {name: _header(message, name) for name in HEADERS}
    words = [f"{name}: {value}" for name, value in headers.items() if value]
    words += ["", *(said for part in parts if (said := _words(part)))]
    reading = text.of_text("\n".join(words).strip())
    if not "".join(page.text for page in reading.pages).strip():
        reading = Reading(pages=[PageText("", blank=True)], flags={"no_text"})
    if any(part.get_filename() or part.get_content_disposition() == "attachment" for part in parts):
        reading.flags.add("embedded_file")
    reading.facts = facts.metadata(
        {
            "title": headers["Subject"],
            "author": headers["From"],
            "recipients": headers["To"],
            "created": headers["Date"],
        }
    )
    return reading


def _parse(data: bytes) -> Message:
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        data = encodings.decode(data).text.encode()
    try:
        message: Message = email.message_from_bytes(data, policy=email.policy.default)
    except (RecursionError, email.errors.MessageError, LookupError, ValueError) as problem:
        raise Damaged(f"This message is damaged: it cannot be read ({type(problem).__name__}).") from None
    if not message.keys():
        raise Damaged("This is not an e-mail message: it has no headers.")
    return message


def _flat(message: Message) -> list[Message]:
    """Every part, without recursion. Raises Bomb when they are too many or too deep."""
    found: list[Message] = []
    waiting = [(message, 0)]
    while waiting:
        part, depth = waiting.pop()
        if depth > DEEPEST or len(found) > MOST_PARTS:
            raise Bomb("This message nests more parts into parts than the gateway follows.")
        found.append(part)
        inner = part.get_payload() if part.is_multipart() else []
        waiting += [(one, depth + 1) for one in reversed(inner) if isinstance(one, Message)]  # type: ignore[arg-type]
    return found


def _header(message: Message, name: str) -> str:
    try:
        return " ".join(str(message.get(name, "")).split())
    except (LookupError, ValueError, IndexError, AttributeError):
        return ""


def _words(part: Message) -> str:
    kind = part.get_content_type()
    if not kind.startswith("text/") or part.get_content_disposition() == "attachment":
        return ""
    payload = part.get_payload(decode=True)
    if not isinstance(payload, bytes):
        return ""
    declared = part.get_content_charset() or ""
    try:
        said = payload.decode(declared) if declared else encodings.decode(payload).text
    except (LookupError, UnicodeDecodeError):
        said = encodings.decode(payload).text
    return text.of_html(said) if kind == "text/html" else said.replace("\x00", "")
