"""The staff pages from inside: who sees what, what a list costs, and what is said when something is wrong."""

from datetime import timedelta

import pytest
from django.db import OperationalError
from django.urls import reverse
from django.utils import timezone

from documents.models import Document
from kmrl.pages import day, home
from tests.pages.conftest import SCRIPTS


@pytest.mark.parametrize("name", ["home", "documents", "bin", "search", "rows"])
def test_every_page_asks_who_you_are(client, db, name):
    answer = client.get(reverse(name))
    assert answer.status_code == 302 and answer["Location"].startswith("/sign-in/?next=")


def test_an_outsider_sees_nothing_of_it_anywhere(client, outsider, send):
    document = send()
    client.force_login(outsider)
    for address in ("/", "/documents/", "/bin/", "/search/?q=paper", f"/documents/rows/?ids={document.pk}"):
        answer = client.get(address)
        assert answer.status_code == 200
        assert "paper 0" not in answer.content.decode()
    assert client.get(f"/documents/{document.pk}/").status_code == 404


def test_an_auditor_sees_all_and_is_offered_no_change(client, auditor, send):
    document = send()
    client.force_login(auditor)
    page = client.get(f"/documents/{document.pk}/").content.decode()
    assert "paper 0" in page
    for offer in ("data-do=", "data-edit-form", "data-new-version", "data-tray", "data-upload"):
        assert offer not in page


def test_a_list_costs_the_same_however_many_rows(as_clerk, send, django_assert_max_num_queries):
    for number in range(12):
        send(number)
    with django_assert_max_num_queries(14):
        page = as_clerk.get("/documents/").content.decode()
    assert page.count("<tr data-document") == 12


def test_a_row_that_left_the_filter_is_not_given_again(as_clerk, send):
    document = send()
    assert str(document.pk) in as_clerk.get(f"/documents/rows/?status=queued&ids={document.pk}").content.decode()
    assert as_clerk.get(f"/documents/rows/?status=failed&ids={document.pk}").content.strip() == b""


@pytest.mark.parametrize("address", ["/documents/?after=nonsense", "/documents/rows/?ids=1,2"])
def test_a_spoiled_address_is_not_found(as_clerk, address):
    assert as_clerk.get(address).status_code == 404


def test_sign_in_leads_nowhere_else(client, person):
    person("suja", password="Vyttila-Mobility-Hub")
    said = {"username": "suja", "password": "Vyttila-Mobility-Hub", "next": "https://elsewhere.example/"}
    assert client.post("/sign-in/", said)["Location"] == "/"


def test_too_many_failures_are_refused_with_a_sentence(client, person, settings):
    person("suja", password="Vyttila-Mobility-Hub")
    settings.SIGN_IN_RATES = {"name": "2/min", "address": "2/min"}
    answers = [client.post("/sign-in/", {"username": "suja", "password": "wrong"}) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [403, 403, 429]
    assert "Wait a little" in answers[-1].content.decode()


@pytest.mark.parametrize(
    ("fault", "status", "words"),
    [(OperationalError("refused"), 503, "The gateway is not ready"), (KeyError("x"), 500, "Something went wrong")],
)
def test_a_fault_has_a_page_that_says_what_to_do(as_clerk, monkeypatch, fault, status, words):
    def fail(*given, **more):
        raise fault

    monkeypatch.setattr(home.day, "of", fail)
    as_clerk.raise_request_exception = False
    answer = as_clerk.get("/")
    assert answer.status_code == status
    assert words in answer.content.decode()


def test_the_day_adds_up(send):
    for number in range(3):
        send(number)
    Document.objects.filter(title="paper 2").update(uploaded_at=timezone.now() - timedelta(days=2))
    found = day.of(Document.objects.all())
    assert (found.received, found.done, found.failed, found.other) == (2, 0, 0, 2)
    assert len(found.bars) == 24
    assert sum(len(bar.parts) for bar in found.bars) >= 1
    assert all(6 <= part.y <= 108 for bar in found.bars for part in bar.parts)


def test_nothing_on_a_page_is_inline(as_clerk, send):
    document = send()
    for address in ("/", "/documents/", f"/documents/{document.pk}/", "/search/?q=x", "/nothing/"):
        page = as_clerk.get(address).content.decode()
        assert " style=" not in page and "<style" not in page and " onclick=" not in page
        assert page.count("<script") == sum(map(page.count, SCRIPTS))
