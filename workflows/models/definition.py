from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class Category(models.TextChoices):
    """How a paper goes through the house."""

    STANDARD = "standard", _("Standard")
    PRIORITY = "priority", _("Priority")
    COMPLIANCE = "compliance", _("Compliance")
    QUALITY_ASSURANCE = "quality_assurance", _("Quality assurance")
    EMERGENCY = "emergency", _("Emergency")


class Definition(models.Model):
    """What is to happen, under a key that stays. `draft` is the text that people edit; versions are what runs."""

    key = models.SlugField(_("key"), max_length=40, unique=True)
    title = models.CharField(_("title"), max_length=120)
    title_ml = models.CharField(_("title in Malayalam"), max_length=120, blank=True)
    category = models.CharField(_("category"), max_length=20, choices=Category.choices, default=Category.STANDARD)
    description = models.TextField(blank=True)
    active = models.BooleanField(default=True, help_text="its triggers are looked at, and it may be started")
    draft = models.TextField(blank=True, help_text="YAML")
    draft_at = models.DateTimeField(null=True, blank=True)
    draft_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    published = models.OneToOneField(
        "workflows.DefinitionVersion", null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name, verbose_name_plural = _("definition"), _("definitions")
        ordering = ["key"]

    def __str__(self) -> str:
        return self.title


class DefinitionVersion(models.Model):
    """One published text and the checked body that was made of it. Never changes: a trigger in the database refuses."""

    definition = models.ForeignKey(Definition, on_delete=models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField()
    source = models.TextField(help_text="as it was written")
    body = models.JSONField(help_text="as it runs: defaults filled in")
    digest = models.CharField(max_length=64, help_text="SHA-256 of the body")
    note = models.TextField(blank=True, help_text="what changed, for people")
    published_at = models.DateTimeField()
    published_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )

    class Meta:
        constraints = [models.UniqueConstraint(fields=["definition", "number"], name="one_definition_by_number")]
        ordering = ["definition", "number"]

    def __str__(self) -> str:
        return f"{self.definition_id} v{self.number}"
