"""Where mail goes out: from EMAIL_URL, or from Django's own names (EMAIL_HOST and so on)."""

from dataclasses import dataclass
from email.utils import parseaddr
from urllib.parse import parse_qs, unquote

from kmrl import environment as env

PORTS = {"smtp": 25, "submission": 587, "smtps": 465}
SUCH_AS = "smtp://user:password@host:25, submission://… or smtps://…"


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
    if url := env.text("EMAIL_URL").strip():
        return from_url(url)
    found = Postbox(
        host=env.text("EMAIL_HOST"),
        port=env.number("EMAIL_PORT", 25, least=1, most=65_535),
        user=env.text("EMAIL_HOST_USER"),
        password=env.text("EMAIL_HOST_PASSWORD"),
        starttls=env.flag("EMAIL_USE_TLS"),
        tls=env.flag("EMAIL_USE_SSL"),
    )
    if found.starttls and found.tls:
        raise env.BadSetting("EMAIL_USE_TLS and EMAIL_USE_SSL are both true; write true for one of them.")
    return found


def sender() -> str:
    """Whom mail comes from. Raises BadSetting for what is no address."""
    return _address("DEFAULT_FROM_EMAIL", env.text("DEFAULT_FROM_EMAIL", "kmrl-gateway@localhost").strip())


def readers_of_alerts() -> list[str]:
    """Raises BadSetting for what is no address."""
    return [_address("KMRL_ALERT_EMAILS", address) for address in env.listed("KMRL_ALERT_EMAILS")]


def _address(name: str, value: str) -> str:
    before, at, behind = parseaddr(value)[1].rpartition("@")
    if not (before and at and behind) or len(value.splitlines()) > 1:
        raise env.BadSetting(f"{name} holds {value!r}; write a mail address, such as gateway@example.org.")
    return value


def from_url(url: str) -> Postbox:
    """`smtp://host:25`, `submission://user:password@host` (STARTTLS, also `smtp://…?tls=true`), `smtps://…` (TLS)."""
    parts = env.split("EMAIL_URL", url, such_as=SUCH_AS)
    if parts.scheme not in PORTS or not parts.hostname:
        raise env.BadSetting(f"EMAIL_URL is {env.shown(url)!r}; write {SUCH_AS}.")
    asked = parse_qs(parts.query).get("tls", [""])[0].lower() in env.TRUE
    return Postbox(
        host=parts.hostname,
        port=parts.port or PORTS[parts.scheme],
        user=unquote(parts.username or ""),
        password=unquote(parts.password or ""),
        starttls=parts.scheme == "submission" or (parts.scheme == "smtp" and asked),
        tls=parts.scheme == "smtps",
    )
