"""How long a password may be: to hash one is meant to cost much, and more of it costs more."""

from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

LONGEST = 1_024  # characters


class PasswordTooLong(ValueError):
    """A password has 1,024 characters at most."""


class NotTooLong:
    """Django's way to ask whether a password will do; named in AUTH_PASSWORD_VALIDATORS."""

    def validate(self, password: str, user: Any = None) -> None:
        if len(password) > LONGEST:
            said = _("This password is too long. It has {most:,} characters at most.").format(most=LONGEST)
            raise ValidationError(said, code="password_too_long")

    def get_help_text(self) -> str:
        return _("Your password has {most:,} characters at most.").format(most=LONGEST)


def bounded(password: str | None) -> str | None:
    """The password as it is. Raises PasswordTooLong."""
    if password is not None and len(password) > LONGEST:
        raise PasswordTooLong(PasswordTooLong.__doc__)
    return password
