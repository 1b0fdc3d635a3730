"""The address of Redis or Valkey, in the forms that its users want."""

from urllib.parse import parse_qs, urlsplit


def broker_url(url: str) -> str:
    """REDIS_URL as Celery wants it: it alone writes Unix sockets in another way."""
    parts = urlsplit(url)
    if parts.scheme != "unix":
        return url
    database = parse_qs(parts.query).get("db", ["0"])[0]
    return f"redis+socket://{parts.netloc}{parts.path}?virtual_host={database}"
