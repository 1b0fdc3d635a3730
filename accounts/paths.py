"""What stands in the paths of addresses."""

from django.urls import register_converter
from django.urls.converters import UUIDConverter


class Id(UUIDConverter):
    """A UUID in hexadecimal digits of either case: RFC 9562 (4) has both read, and some systems write large ones."""

    regex = UUIDConverter.regex.replace("a-f", "a-fA-F")


def register() -> None:
    """From here on `<id:pk>` can stand in a path."""
    register_converter(Id, "id")
