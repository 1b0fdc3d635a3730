"""Old notifications go by age, read or not, in small steps."""

from datetime import timedelta

from django.conf import settings
from django.utils import timezone

from realtime.models import Digest, Notice

BATCH = 5_000


def forget_old() -> int:
    """Delete what is older than KMRL_NOTICE_DAYS; how many notifications."""
    oldest = timezone.now() - timedelta(days=settings.NOTICE_DAYS)
    gone = 0
    while ids := list(Notice.objects.filter(at__lt=oldest).order_by("at").values_list("pk", flat=True)[:BATCH]):
        gone += Notice.objects.filter(pk__in=ids, at__lt=oldest).delete()[0]
    Digest.objects.filter(made_at__lt=oldest, notices=None).delete()
    return gone
