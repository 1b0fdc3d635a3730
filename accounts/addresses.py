"""Where a caller calls from."""

from collections.abc import Mapping
from typing import Any

from django.conf import settings


def address_of(meta: Mapping[str, Any]) -> str:
    """The caller's network address, from a request's META; empty when the server was reached by a socket file.

    `X-Forwarded-For` is believed only as far as `KMRL_PROXIES` proxies of ours have written it: anybody can write the
    rest.
    """
    direct = str(meta.get("REMOTE_ADDR") or "")
    if settings.PROXIES == 0:
        return direct
    said = [part.strip() for part in str(meta.get("HTTP_X_FORWARDED_FOR") or "").split(",") if part.strip()]
    return said[-min(settings.PROXIES, len(said))] if said else direct
