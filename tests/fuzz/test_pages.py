"""Every page, the administration's too, under senseless addresses: an answer or a refusal, never a fault of ours."""

import random
import re
from collections.abc import Iterator

from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

from documents.models import Document
from jobs.models import Job
from tests.fuzz.senselessness import VALUES
from workflows.models import HumanTask, Instance

QUERIES = 2
NAMES = (
    "q", "status", "department", "source", "document_type", "language", "priority", "uploaded_by",
    "uploaded_after", "uploaded_before", "access", "sort", "ordering", "o", "p", "e", "all", "page", "cursor",
    "after", "before", "limit", "next", "to", "kind", "state", "queue", "definition", "version", "step", "period",
    "since", "until", "by", "view", "tab", "day", "month", "id", "ids", "number", "width", "_popup",
    "status__exact", "department__id__exact", "uploaded_at_from",
)  # fmt: skip
ARGUMENT = re.compile(r"<(?:(\w+):)?(\w+)>|\(\?P<(\w+)>[^)]*\)")


def addresses(resolver: URLResolver, before: str = "") -> Iterator[str]:
    for one in resolver.url_patterns:
        here = before + str(one.pattern).removeprefix("^").removesuffix("$").removesuffix(r"\Z")
        if isinstance(one, URLResolver):
            yield from addresses(one, here)
        elif isinstance(one, URLPattern):
            yield here


def filled(address: str, known: list[str], dice: random.Random) -> str:
    def argument(found: re.Match[str]) -> str:
        if dice.random() < 0.2:
            return "%00" if dice.random() < 0.5 else "x"
        return dice.choice(known) if found[1] != "int" else dice.choice(("0", "1", "2", "99999999999999999999"))

    return "/" + ARGUMENT.sub(argument, address).replace("\\", "")


def test_senseless_addresses_of_pages_are_answered_or_refused(house):
    known = [str(one.pk) for kind in (Document, Job, Instance, HumanTask) for one in kind.objects.all()[:3]]
    found = sorted({one for one in addresses(get_resolver()) if not one.startswith(("api/", "static/"))})
    assert len(found) > 150
    faults, good = [], 0
    for name, person in house.people.items():
        browser = Client(raise_request_exception=False)
        for address in found:
            browser.force_login(person)  # the last one may have signed out
            for number in range(QUERIES):
                dice = random.Random(f"{name}-{address}-{number}")
                query = {dice.choice(NAMES): dice.choice(VALUES).encode("utf-8", "replace") for _ in range(number * 4)}
                answer = browser.get(filled(address, known, dice), query)
                good += answer.status_code == 200
                if answer.status_code >= 500:
                    faults.append((name, answer.request["PATH_INFO"], query, answer.status_code))
    assert faults == []
    assert good > 100
