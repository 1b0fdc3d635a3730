"""Who a caller is: keys, tokens and sessions, and how soon a change is noticed."""

import pytest
from django.test import Client
from rest_framework_simplejwt.tokens import AccessToken, RefreshToken

from accounts import api_keys, credentials
from accounts.models import Membership
from accounts.refusals import NotSignedIn
from accounts.rights import Action


def header(token: object) -> dict[str, str]:
    return {"authorization": f"Bearer {token}"}


def test_an_api_key_is_its_user_with_the_keys_rights(clerk, operations):
    key, full = api_keys.issue(name="scanner", user=clerk, by=clerk, scopes=["upload"], departments=[operations])
    found = credentials.identify({"x-api-key": full}, {})
    assert found is not None and found.user == clerk
    assert found.credential == f"key:{key.pk}"
    assert found.rights.scopes == {"upload"}
    assert found.rights.only_departments == {operations.pk}
    assert credentials.by_token(full) == found


def test_a_token_is_its_user(clerk, operations):
    found = credentials.identify(header(AccessToken.for_user(clerk)), {})
    assert found is not None and found.user == clerk
    assert found.credential == f"user:{clerk.pk}"
    assert found.rights.departments == {operations.pk: "clerk"}
    assert credentials.by_token(str(AccessToken.for_user(clerk))).user == clerk


def test_a_session_is_its_user_until_it_ends(clerk):
    client = Client()
    client.force_login(clerk)
    cookies = {name: morsel.value for name, morsel in client.cookies.items()}
    found = credentials.identify({}, cookies)
    assert found is not None and found.user == clerk
    client.logout()
    assert credentials.identify({}, cookies) is None


def test_who_shows_nothing_is_nobody(db):
    assert credentials.identify({}, {}) is None
    assert credentials.identify({"authorization": "Basic Zm9vOmJhcg=="}, {"sessionid": "stale"}) is None


def test_a_bad_credential_is_refused_even_beside_a_good_one(clerk):
    good = str(AccessToken.for_user(clerk))
    for headers in ({"x-api-key": "kmrl_no", "authorization": f"Bearer {good}"}, header(good + "x"), header("é")):
        with pytest.raises(NotSignedIn):
            credentials.identify(headers, {})


def test_a_refresh_token_opens_no_door(clerk):
    with pytest.raises(NotSignedIn):
        credentials.by_token(str(RefreshToken.for_user(clerk)))


def test_a_changed_password_ends_tokens(clerk):
    token = str(AccessToken.for_user(clerk))
    clerk.set_password("another one 8163")
    clerk.save()
    with pytest.raises(NotSignedIn):
        credentials.by_token(token)


def test_an_inactive_user_is_refused_by_every_credential(clerk):
    token, client = str(AccessToken.for_user(clerk)), Client()
    client.force_login(clerk)
    _, full = api_keys.issue(name="scanner", user=clerk, by=clerk)
    clerk.is_active = False
    clerk.save()
    for text in (token, full):
        with pytest.raises(NotSignedIn):
            credentials.by_token(text)
    assert credentials.identify({}, {"sessionid": client.cookies["sessionid"].value}) is None


def test_an_answer_is_held_for_seconds_without_a_query(clerk, settings, django_assert_num_queries):
    settings.CREDENTIALS_HELD_SECONDS = 2
    token = str(AccessToken.for_user(clerk))
    credentials.by_token(token)
    with django_assert_num_queries(0):
        again = credentials.by_token(token)
    again.user.username = "changed by one request"
    assert credentials.by_token(token).user.username == "clerk"


def test_a_lost_membership_is_noticed_when_the_answer_is_too_old(clerk, operations, settings, monkeypatch):
    settings.CREDENTIALS_HELD_SECONDS = 2
    clock = [100.0]
    monkeypatch.setattr(credentials.time, "monotonic", lambda: clock[0])
    token = str(AccessToken.for_user(clerk))
    assert credentials.by_token(token).rights.may(Action.SEE, department_id=operations.pk)
    Membership.objects.filter(user=clerk).delete()
    clock[0] += 1.9
    assert credentials.by_token(token).rights.may(Action.SEE, department_id=operations.pk)
    clock[0] += 0.2
    assert not credentials.by_token(token).rights.may(Action.SEE, department_id=operations.pk)


def test_cookies_that_cannot_be_read_are_no_cookies():
    assert credentials.cookies_of("sessionid=abc; a=b") == {"sessionid": "abc", "a": "b"}
    assert credentials.cookies_of("\x00=;;;") == {}
