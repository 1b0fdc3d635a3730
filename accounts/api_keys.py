"""API keys: issued once, kept only as a digest."""

import hashlib
import secrets
from collections.abc import Iterable
from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone

from accounts import history
from accounts.models import ApiKey, Department, User
from accounts.refusals import IllegalMove

MARK = "kmrl_"
SCOPES = frozenset({"read", "upload", "control"})
USE_NOTED_EVERY = timedelta(minutes=1)


@transaction.atomic
def issue(
    *,
    name: str,
    user: User,
    by: User,
    scopes: Iterable[str] = ("read", "upload"),
    sources: Iterable[str] = (),
    departments: Iterable[Department] = (),
    expires_at: datetime | None = None,
) -> tuple[ApiKey, str]:
    """A new key and its secret, which nobody can read again. Raises ValueError for an unknown scope."""
    wanted = sorted(set(scopes))
    if unknown := set(wanted) - SCOPES:
        raise ValueError(f"Unknown scopes: {', '.join(sorted(unknown))}. There are: {', '.join(sorted(SCOPES))}.")
    prefix, secret = secrets.token_hex(5), secrets.token_urlsafe(32)
    full = f"{MARK}{prefix}_{secret}"
    key = ApiKey.objects.create(
        name=name,
        prefix=prefix,
        digest=digest_of(full),
        user=user,
        scopes=wanted,
        sources=sorted(set(sources)),
        expires_at=expires_at,
    )
    key.departments.set(departments)
    history.record("api_key", key.pk, "issued", by=by, after={"name": name, "scopes": wanted})
    return key, full


def digest_of(full: str) -> str:
    """A plain SHA-256 is enough: the secret has 256 random bits."""
    return hashlib.sha256(full.encode()).hexdigest()


def find(full: str) -> ApiKey | None:
    """The live key that this text is, with its user; None when unknown, revoked or expired."""
    key = ApiKey.objects.select_related("user").filter(digest=digest_of(full), revoked_at=None).first()
    if key is None or not key.user.is_active or (key.expires_at and key.expires_at <= timezone.now()):
        return None
    return key


def note_use(key: ApiKey) -> None:
    """Remember that the key is in use, at most once a minute."""
    now = timezone.now()
    if key.last_used_at is None or key.last_used_at < now - USE_NOTED_EVERY:
        ApiKey.objects.filter(pk=key.pk).update(last_used_at=now)


@transaction.atomic
def revoke(key: ApiKey, *, by: User) -> None:
    """The key stops working within seconds (see credentials). Raises IllegalMove when it was revoked before."""
    if not ApiKey.objects.filter(pk=key.pk, revoked_at=None).update(revoked_at=timezone.now()):
        raise IllegalMove("It was revoked before.")
    history.record("api_key", key.pk, "revoked", by=by)
