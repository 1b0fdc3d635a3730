from django.conf import settings
from django.db import models

from accounts.models import Department
from documents.models.document import Document


class Share(models.Model):
    """Somebody outside a document's department to whom it is shown as well: a department, or a person."""

    document = models.ForeignKey(Document, on_delete=models.CASCADE, related_name="shares")
    department = models.ForeignKey(Department, null=True, blank=True, on_delete=models.CASCADE, related_name="+")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.CASCADE, related_name="+"
    )
    because = models.CharField(max_length=200, help_text="what it was shown for")
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(department__isnull=True) ^ models.Q(user__isnull=True), name="share_with_one"
            ),
            models.UniqueConstraint(fields=["document", "department"], name="one_share_by_department"),
            models.UniqueConstraint(fields=["document", "user"], name="one_share_by_person"),
        ]

    def __str__(self) -> str:
        return f"{self.document_id}: {self.department_id or self.user_id}"
