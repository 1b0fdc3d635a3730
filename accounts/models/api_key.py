from django.conf import settings
from django.db import models

from accounts.models.department import Department


class ApiKey(models.Model):
    """A machine's credential, acting for `user`. Only its SHA-256 is kept; `prefix` tells people which one it is.

    `sources` (source keys) and `departments` narrow what the user may do; empty means everything the user may.
    """

    name = models.CharField(max_length=120)
    prefix = models.CharField(max_length=12, unique=True)
    digest = models.CharField(max_length=64, unique=True)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="api_keys")
    scopes = models.JSONField(default=list, help_text="any of: read, upload, control")
    sources = models.JSONField(default=list, blank=True)
    departments = models.ManyToManyField(Department, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)
    last_used_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = "API key"

    def __str__(self) -> str:
        return f"{self.name} ({self.prefix}…)"
