"""Changing one's own password."""

import pytest
from django.contrib.auth import authenticate
from django.test import Client

from accounts.models import HistoryEntry, HouseRole, User
from kmrl.pages import passwords

OLD, NEW = "Aluva-to-Thrippunithura", "Fort-Kochi-by-ferry"


@pytest.fixture
def meera(person, operations):
    return person("meera", of=operations, password=OLD)


@pytest.fixture
def browser(meera) -> Client:
    return signed_in()


def signed_in(password: str = OLD) -> Client:
    client = Client()
    client.post("/sign-in/", {"username": "meera", "password": password})
    return client


def asked(browser: Client, old: str = OLD, new: str = NEW, again: str = NEW):
    return browser.post("/password/", {"old_password": old, "new_password1": new, "new_password2": again})


def is_in(browser: Client) -> bool:
    return browser.get("/").status_code == 200


def test_who_changes_his_password_stays_here_and_is_out_elsewhere(browser, meera):
    elsewhere = signed_in()
    answer = asked(browser)
    assert (answer.status_code, answer["Location"]) == (302, "/password/")
    assert "Your password is changed" in browser.get("/password/").content.decode()
    assert is_in(browser) and not is_in(elsewhere)
    assert not is_in(signed_in(OLD)) and is_in(signed_in(NEW))
    entry = HistoryEntry.objects.get(subject_kind="user", subject_id=str(meera.pk), action="password")
    assert (entry.actor_id, entry.after) == (meera.pk, {})


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"old": "something else"}, "entered incorrectly"),
        ({"again": "Fort-Kochi-by-bus"}, "didn’t match"),
        ({"new": "12345678901", "again": "12345678901"}, "entirely numeric"),
        ({"new": "short", "again": "short"}, "too short"),
        ({"new": "meera-meera", "again": "meera"}, "didn’t match"),
        ({"new": "", "again": ""}, "required"),
    ],
)
def test_what_is_wrong_stands_at_the_field_and_nothing_changes(browser, given, said):
    answer = asked(browser, **given)
    assert answer.status_code == 400
    page = answer.content.decode()
    assert said in page and 'class="wrong"' in page
    assert OLD not in page and NEW not in page
    assert is_in(signed_in(OLD)) and not HistoryEntry.objects.filter(action="password").exists()


def test_wrong_passwords_of_now_are_counted_like_those_at_the_door(browser, settings):
    settings.SIGN_IN_RATES = {"name": "2/min", "address": "2/min"}
    assert [asked(browser, old="guess").status_code for _ in range(3)] == [400, 400, 429]
    refused = asked(browser)
    assert refused.status_code == 429
    assert "Too many attempts" in refused.content.decode()
    assert is_in(browser)


@pytest.mark.parametrize("meanwhile", [{"is_active": False}, {"password": "set by an administrator"}])
def test_what_an_administrator_does_to_the_account_at_the_same_moment_stays(browser, meera, meanwhile, monkeypatch):
    def look(*others, **named):
        found = authenticate(*others, **named)
        User.objects.filter(pk=meera.pk).update(**meanwhile)
        return found

    monkeypatch.setattr(passwords, "authenticate", look)
    answer = asked(browser)
    assert answer.status_code == 409 and "at the same moment" in answer.content.decode()
    before = meera.password
    meera.refresh_from_db()
    kept = {"is_active": True, "password": before} | meanwhile
    assert {"is_active": meera.is_active, "password": meera.password} == kept
    assert not HistoryEntry.objects.filter(action="password").exists()


def test_a_new_password_leaves_everything_else_of_the_account_as_it_is_now(browser, meera, monkeypatch):
    def look(*others, **named):
        found = authenticate(*others, **named)
        User.objects.filter(pk=meera.pk).update(house_role=HouseRole.AUDITOR, email="meera@example.org")
        return found

    monkeypatch.setattr(passwords, "authenticate", look)
    assert asked(browser).status_code == 302
    meera.refresh_from_db()
    assert (meera.house_role, meera.email) == (HouseRole.AUDITOR, "meera@example.org")
    assert is_in(signed_in(NEW))


def test_nobody_who_is_not_signed_in_sees_the_page(db):
    answer = asked(Client())
    assert (answer.status_code, answer["Location"]) == (302, "/sign-in/?next=/password/")


def test_everybody_finds_it_in_the_menu(browser):
    assert 'href="/password/"' in browser.get("/").content.decode()
