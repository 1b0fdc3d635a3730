from django.db import models


class Ticket(models.Model):
    """A pass through the socket's door for one entry within seconds. Only its SHA-256 is kept.

    `credential` is `user:<id>` or `key:<id>`: whose rights the socket gets.
    """

    digest = models.CharField(max_length=64, primary_key=True)
    credential = models.CharField(max_length=40)
    expires_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"ticket of {self.credential}"
