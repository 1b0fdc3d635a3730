from django.conf import settings
from django.db import models

from accounts.models import Department


class WorkCalendar(models.Model):
    """When people work. `hours`: [{"days": [0…6, Monday 0], "from": "10:00", "to": "17:00"}]; a `to` at or before its
    `from` is the next day's. `always`: round the clock, holidays included."""

    key = models.SlugField(max_length=40, unique=True)
    name = models.CharField(max_length=120)
    time_zone = models.CharField(max_length=40, default="Asia/Kolkata")
    always = models.BooleanField(default=False)
    hours = models.JSONField(default=list, blank=True)
    second_saturdays_off = models.BooleanField(default=False)

    class Meta:
        ordering = ["key"]

    def __str__(self) -> str:
        return self.name


class Holiday(models.Model):
    """A day on which a calendar's people do not work."""

    calendar = models.ForeignKey(WorkCalendar, on_delete=models.CASCADE, related_name="holidays")
    day = models.DateField()
    name = models.CharField(max_length=120)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["calendar", "day"], name="one_holiday_by_day")]
        ordering = ["day"]

    def __str__(self) -> str:
        return f"{self.day} {self.name}"


class Shift(models.Model):
    """A part of the day in which operations run; one that ends at or before its begin ends the next day."""

    key = models.SlugField(max_length=40, unique=True)
    name = models.CharField(max_length=120)
    begins = models.TimeField()
    ends = models.TimeField()

    class Meta:
        ordering = ["begins"]

    def __str__(self) -> str:
        return self.name


class Duty(models.Model):
    """Who works in which shift, from a day on and up to one (open: until further notice)."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="duties")
    shift = models.ForeignKey(Shift, on_delete=models.CASCADE, related_name="duties")
    department = models.ForeignKey(Department, null=True, blank=True, on_delete=models.CASCADE, related_name="+")
    first_day = models.DateField()
    last_day = models.DateField(null=True, blank=True)

    class Meta:
        verbose_name_plural = "duties"

    def __str__(self) -> str:
        return f"{self.user_id} {self.shift_id}"
