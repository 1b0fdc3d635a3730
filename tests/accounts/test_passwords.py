"""How long a password may be, at every door through which one comes."""

import pytest
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.test import Client

from accounts.models import User
from accounts.passwords import LONGEST, PasswordTooLong
from kmrl import environment as env

FITS, TOO_LONG = ("Aluva-" * LONGEST)[:LONGEST], ("Aluva-" * LONGEST)[: LONGEST + 1]


@pytest.fixture
def hashed(monkeypatch) -> list[str]:
    """The passwords that were hashed."""
    found: list[str] = []
    hash_it = User.set_password

    def note(user: User, raw: str | None) -> None:
        hash_it(user, raw)
        found.append(str(raw))

    monkeypatch.setattr(User, "set_password", note)
    return found


def test_no_account_gets_a_longer_one_whoever_asks(person):
    user = person("meera")
    user.set_password(FITS)
    assert user.check_password(FITS)
    with pytest.raises(PasswordTooLong):
        user.set_password(TOO_LONG)
    assert user.check_password(FITS)


def test_forms_are_told_in_a_sentence():
    validate_password(FITS)
    with pytest.raises(ValidationError, match="at most") as wrong:
        validate_password(TOO_LONG)
    assert [error.code for error in wrong.value.error_list] == ["password_too_long"]


def test_who_changes_his_own_is_told(person, hashed):
    person("meera", password=FITS)
    browser = Client()
    browser.post("/sign-in/", {"username": "meera", "password": FITS})
    hashed.clear()
    answer = browser.post("/password/", {"old_password": FITS, "new_password1": TOO_LONG, "new_password2": TOO_LONG})
    assert answer.status_code == 400 and "at most" in answer.content.decode()
    assert hashed == []


def test_administrators_are_told(administrator, person, hashed):
    browser = Client()
    browser.force_login(administrator)
    other, said = person("meera", password="Aluva-1"), {"password1": TOO_LONG, "password2": TOO_LONG}
    hashed.clear()
    for address, more in (
        ("/admin/accounts/user/add/", {"username": "anil", "usable_password": "true"}),
        (f"/admin/accounts/user/{other.pk}/password/", {"usable_password": "true"}),
    ):
        answer = browser.post(address, said | more)
        assert answer.status_code == 200 and "at most" in answer.content.decode()
    assert hashed == [] and not User.objects.filter(username="anil").exists()


def test_the_first_administrators_is_told_before_anything_is_started(monkeypatch):
    monkeypatch.setenv("DJANGO_SUPERUSER_PASSWORD", TOO_LONG)
    with pytest.raises(env.BadSetting, match="DJANGO_SUPERUSER_PASSWORD has 1025 characters; the most is 1024") as told:
        env.password("DJANGO_SUPERUSER_PASSWORD")
    assert "Aluva" not in str(told.value)
    monkeypatch.setenv("DJANGO_SUPERUSER_PASSWORD", FITS)
    assert env.password("DJANGO_SUPERUSER_PASSWORD") == FITS
    assert env.LONGEST_PASSWORD == LONGEST
