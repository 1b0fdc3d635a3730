from django.db import models


class Ticket(models.Model):
    """A pass through the socket's door for one entry within seconds. Only its SHA-256 is kept.

    `credential` is `user:<id>` or `key:<id>`: whose rights the socket gets. `session`, `until` and `stamp` are what the
    stay of who asked for it hangs on: a ticket opens no longer stay than that.
    """

    digest = models.CharField(max_length=64, primary_key=True)
    credential = models.CharField(max_length=40)
    session = models.CharField(max_length=40, blank=True, default="", db_default="")
    until = models.FloatField(null=True, help_text="seconds since 1970")
    stamp = models.CharField(max_length=64, blank=True, default="", db_default="")
    expires_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"ticket of {self.credential}"
