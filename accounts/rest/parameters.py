"""What callers write into an address' query, read in one way for all apps; every mistake is a 400 that names it."""

from collections.abc import Mapping

from django.http import QueryDict

from accounts.refusals import Refusal

YES, NO = ("true", "1", "yes"), ("false", "0", "no", "")


def flag(asked: Mapping[str, str], name: str) -> bool:
    """True or false; false when it was not sent. Raises Refusal."""
    said = asked.get(name, "").lower()
    if said not in YES + NO:
        raise Refusal("Write true or false.", errors={name: ["Write true or false."]})
    return said in YES


def listed(asked: QueryDict, name: str) -> list[str]:
    """Several values by comma, or the parameter several times."""
    return [part.strip() for text in asked.getlist(name) for part in text.split(",") if part.strip()]
