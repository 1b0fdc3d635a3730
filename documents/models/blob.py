from django.db import models


class Blob(models.Model):
    """Bytes that are in storage, kept once, named by their SHA-256 (hexadecimal)."""

    sha256 = models.CharField(max_length=64, primary_key=True)
    size = models.BigIntegerField(help_text="bytes")
    created_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.sha256

    @property
    def key(self) -> str:
        """Where it lies in storage: sha256/ab/cd/abcd…"""
        return f"sha256/{self.sha256[:2]}/{self.sha256[2:4]}/{self.sha256}"
