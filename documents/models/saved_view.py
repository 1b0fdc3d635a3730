from django.conf import settings
from django.db import models


class SavedView(models.Model):
    """Filters of the documents list that one person keeps under a name; `query` is the address behind the `?`."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    name = models.CharField(max_length=60)
    query = models.CharField(max_length=500)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["name", "pk"]
        constraints = [models.UniqueConstraint(fields=["user", "name"], name="one_view_by_name")]

    def __str__(self) -> str:
        return self.name
