"""Following a subject (`document:<id>`) that is not one's own: who does, hears of what happens to it."""

from collections.abc import Iterable

from accounts.refusals import NotFound
from accounts.rights import Rights
from realtime import audiences
from realtime.models import Follow


def follow(subject: str, *, rights: Rights) -> None:
    """From now on. Raises NotFound for what these rights do not show."""
    if not audiences.may_listen(rights, subject):
        raise NotFound
    Follow.objects.get_or_create(user_id=rights.user_id, subject=subject)


def unfollow(subject: str, *, rights: Rights) -> None:
    """No longer; always possible."""
    Follow.objects.filter(user_id=rights.user_id, subject=subject).delete()


def follows(subject: str, *, rights: Rights) -> bool:
    return Follow.objects.filter(user_id=rights.user_id, subject=subject).exists()


def forget(subjects: Iterable[str]) -> None:
    """These are gone for good: nobody follows them any more."""
    Follow.objects.filter(subject__in=list(subjects)).delete()


def followers(subject: str) -> list[int]:
    """Who follows it. Whether they still may see it is asked when they read of it."""
    return list(Follow.objects.filter(subject=subject).order_by("user_id").values_list("user_id", flat=True))
