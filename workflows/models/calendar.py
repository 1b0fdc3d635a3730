from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models import Department


class WorkCalendar(models.Model):
    """When people work. `hours`: [{"days": [0…6, Monday 0], "from": "10:00", "to": "17:00"}]; a `to` at or before its
    `from` is the next day's. `always`: round the clock, holidays included."""

    key = models.SlugField(_("key"), max_length=40, unique=True)
    name = models.CharField(_("name"), max_length=120)
    time_zone = models.CharField(_("time zone"), max_length=40, default="Asia/Kolkata")
    always = models.BooleanField(_("always"), default=False)
    hours = models.JSONField(_("hours"), default=list, blank=True)
    second_saturdays_off = models.BooleanField(_("second Saturdays off"), default=False)

    class Meta:
        verbose_name, verbose_name_plural = _("calendar"), _("calendars")
        ordering = ["key"]

    def __str__(self) -> str:
        return self.name


class Holiday(models.Model):
    """A day on which a calendar's people do not work."""

    calendar = models.ForeignKey(
        WorkCalendar, on_delete=models.CASCADE, related_name="holidays", verbose_name=_("calendar")
    )
    day = models.DateField(_("day"))
    name = models.CharField(_("name"), max_length=120)

    class Meta:
        verbose_name, verbose_name_plural = _("holiday"), _("holidays")
        constraints = [models.UniqueConstraint(fields=["calendar", "day"], name="one_holiday_by_day")]
        ordering = ["day"]

    def __str__(self) -> str:
        return f"{self.day} {self.name}"


class Shift(models.Model):
    """A part of the day in which operations run; one that ends at or before its begin ends the next day."""

    key = models.SlugField(_("key"), max_length=40, unique=True)
    name = models.CharField(_("name"), max_length=120)
    begins = models.TimeField(_("begins"))
    ends = models.TimeField(_("ends"))

    class Meta:
        verbose_name, verbose_name_plural = _("shift"), _("shifts")
        ordering = ["begins"]

    def __str__(self) -> str:
        return self.name


class Duty(models.Model):
    """Who works in which shift, from a day on and up to one (open: until further notice)."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="duties", verbose_name=_("person")
    )
    shift = models.ForeignKey(Shift, on_delete=models.CASCADE, related_name="duties", verbose_name=_("shift"))
    department = models.ForeignKey(
        Department, null=True, blank=True, on_delete=models.CASCADE, related_name="+", verbose_name=_("department")
    )
    first_day = models.DateField(_("first day"))
    last_day = models.DateField(_("last day"), null=True, blank=True)

    class Meta:
        verbose_name, verbose_name_plural = _("duty"), _("duties")

    def __str__(self) -> str:
        return f"{self.user}, {self.shift}"
