"""Where mail goes out: from EMAIL_URL, or from Django's own names (EMAIL_HOST and so on)."""

from dataclasses import dataclass
from urllib.parse import parse_qs, unquote, urlsplit

from kmrl import environment as env

PORTS = {"smtp": 25, "submission": 587, "smtps": 465}


@dataclass(frozen=True)
class Postbox:
    """`starttls`: begins in the open and is encrypted then; `tls`: encrypted from the first byte. No host, no mail."""

    host: str
    port: int
    user: str
    password: str
    starttls: bool
    tls: bool


def read() -> Postbox:
    """Raises BadSetting for an address of another kind."""
    if url := env.text("EMAIL_URL"):
        return from_url(url)
    return Postbox(
        host=env.text("EMAIL_HOST"),
        port=env.number("EMAIL_PORT", 25, least=1),
        user=env.text("EMAIL_HOST_USER"),
        password=env.text("EMAIL_HOST_PASSWORD"),
        starttls=env.flag("EMAIL_USE_TLS"),
        tls=env.flag("EMAIL_USE_SSL"),
    )


def from_url(url: str) -> Postbox:
    """`smtp://host:25`, `submission://user:password@host` (STARTTLS, also `smtp://…?tls=true`), `smtps://…` (TLS)."""
    parts = urlsplit(url)
    if parts.scheme not in PORTS or not parts.hostname:
        raise env.BadSetting("EMAIL_URL must be like smtp://user:password@host:25, submission://… or smtps://….")
    asked = parse_qs(parts.query).get("tls", [""])[0].lower() in env.TRUE
    return Postbox(
        host=parts.hostname,
        port=parts.port or PORTS[parts.scheme],
        user=unquote(parts.username or ""),
        password=unquote(parts.password or ""),
        starttls=parts.scheme == "submission" or (parts.scheme == "smtp" and asked),
        tls=parts.scheme == "smtps",
    )
