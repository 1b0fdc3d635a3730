"""Tokens for name and password, and what stands in a guesser's way."""

from datetime import timedelta

import pytest
from django.core import signing
from django.core.cache import caches
from django.test import Client, RequestFactory
from django_redis import get_redis_connection
from redis.exceptions import ConnectionError as RedisAway
from rest_framework_simplejwt.tokens import AccessToken, RefreshToken

from accounts import counting, known_addresses, known_browsers
from accounts.models import User

PASSWORD = "a long one 4711"


@pytest.fixture
def meera(person, operations) -> User:
    return person("meera", of=operations, password=PASSWORD)


@pytest.fixture
def redis_away(monkeypatch):
    def refuse(*_):
        raise RedisAway("away")

    monkeypatch.setattr(counting, "get_redis_connection", refuse)


def ask(client, username="meera", password=PASSWORD, **extra):
    said = {"username": username, "password": password}
    return client.post("/api/v1/auth/token/", said, format="json", **extra)


def refresh(client, token):
    return client.post("/api/v1/auth/token/refresh/", {"refresh": str(token)}, format="json")


def test_name_and_password_give_tokens_that_open_the_door(api_client_as, meera):
    client = api_client_as(None)
    pair = ask(client).json()
    assert set(pair) == {"access", "refresh"}
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {pair['access']}")
    assert client.get("/api/v1/me/").json()["username"] == "meera"
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {pair['refresh']}")
    assert client.get("/api/v1/me/").status_code == 401


@pytest.mark.parametrize(
    ("username", "password"), [("meera", "wrong"), ("nobody", PASSWORD), ("meera", PASSWORD.upper())]
)
def test_a_wrong_pair_is_refused_and_says_not_which_half(api_client_as, meera, username, password):
    answer = ask(api_client_as(None), username, password)
    assert (answer.status_code, answer.json()["code"]) == (401, "not_authenticated")
    assert answer["WWW-Authenticate"].startswith("Bearer")
    assert answer.json()["detail"] == ask(api_client_as(None), "meera", "other").json()["detail"]


def test_who_is_not_active_gets_no_token(api_client_as, meera):
    token = RefreshToken.for_user(meera)
    User.objects.update(is_active=False)
    assert ask(api_client_as(None)).status_code == 401
    assert refresh(api_client_as(None), token).status_code == 401


@pytest.mark.parametrize("said", [{}, {"username": "meera"}, {"username": ["x"], "password": {}}])
def test_what_is_missing_is_named(api_client_as, db, said):
    answer = api_client_as(None).post("/api/v1/auth/token/", said, format="json")
    assert answer.status_code == 400
    assert "password" in answer.json()["errors"]


def test_a_refresh_token_gives_the_next_access_token(api_client_as, meera):
    token = str(RefreshToken.for_user(meera))
    answer = refresh(api_client_as(None), token).json()
    assert answer["refresh"] == token
    assert AccessToken(answer["access"])["user_id"] == str(meera.pk)


def test_tokens_end_with_the_password_they_were_given_for(api_client_as, meera):
    old = RefreshToken.for_user(meera)
    meera.set_password("the next 0815")
    meera.save()
    client = api_client_as(None)
    assert refresh(client, old).status_code == 401
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {old.access_token}")
    assert client.get("/api/v1/me/").json()["code"] == "not_authenticated"


def test_no_other_token_is_a_refresh_token(api_client_as, meera):
    over = RefreshToken.for_user(meera)
    over.set_exp(lifetime=-timedelta(seconds=1))
    for token in (AccessToken.for_user(meera), over, "no token", str(RefreshToken.for_user(meera))[:-2]):
        assert refresh(api_client_as(None), token).status_code == 401


def test_many_failures_close_the_door_even_for_the_right_password(api_client_as, meera, settings):
    settings.SIGN_IN_RATES = {"name": "3/min", "address": "100/min"}
    client = api_client_as(None)
    assert [ask(client, password="wrong").status_code for _ in range(4)] == [401, 401, 401, 429]
    answer = ask(client)
    assert answer.status_code == 429 and 1 <= int(answer["Retry-After"]) <= 121
    assert ask(client, username="MEERA").status_code == 429
    assert ask(client, username="somebody else", password="wrong").status_code == 401


def test_failures_count_by_address_too(api_client_as, meera, settings):
    settings.SIGN_IN_RATES = {"name": "100/min", "address": "3/min"}
    client = api_client_as(None)
    assert [ask(client, username=f"guess {n}").status_code for n in range(4)] == [401, 401, 401, 429]
    assert ask(client).status_code == 429
    assert ask(client, REMOTE_ADDR="10.0.0.9").status_code == 200


def test_the_log_names_accounts_and_nothing_that_may_be_a_password(api_client_as, meera, caplog):
    client = api_client_as(None)
    ask(client, password="wrong")
    ask(client, username=PASSWORD, password="wrong")
    known, unknown = [record.getMessage() for record in caplog.records if record.name == "accounts.signing_in"]
    assert "'meera'" in known
    assert "somebody unknown" in unknown and PASSWORD not in unknown


def test_success_is_not_counted(api_client_as, meera, settings):
    settings.SIGN_IN_RATES = {"name": "2/min", "address": "2/min"}
    assert [ask(api_client_as(None)).status_code for _ in range(5)] == [200] * 5


def test_without_redis_nobody_signs_in_but_tokens_still_work(api_client_as, meera, redis_away):
    answer = ask(api_client_as(None))
    assert (answer.status_code, answer.json()["code"]) == (503, "unavailable")
    assert int(answer["Retry-After"]) > 0
    assert refresh(api_client_as(None), RefreshToken.for_user(meera)).status_code == 200
    assert api_client_as(meera).get("/api/v1/me/").status_code == 200


def test_a_forged_forwarding_header_is_no_other_address(api_client_as, meera, settings):
    settings.SIGN_IN_RATES = {"name": "100/min", "address": "2/min"}
    codes = [
        ask(api_client_as(None), password="wrong", HTTP_X_FORWARDED_FOR=f"10.0.0.{n}").status_code for n in range(3)
    ]
    assert codes == [401, 401, 429]


def test_the_page_is_counted_with_the_api(api_client_as, meera, settings):
    settings.SIGN_IN_RATES = {"name": "2/min", "address": "100/min"}
    for _ in range(2):
        ask(api_client_as(None), password="wrong")
    browser = Client()
    assert browser.post("/sign-in/", {"username": "meera", "password": PASSWORD}).status_code == 429
    assert "_auth_user_id" not in browser.session


PROGRAM, OTHER = "10.0.0.5", "10.0.0.6"


def test_who_guesses_elsewhere_closes_the_door_to_no_program_where_it_signed_in_lately(api_client_as, meera, settings):
    """A program keeps no cookie: else twenty wrong passwords a minute, from anywhere, would keep it out."""
    client = api_client_as(None)
    assert ask(client, REMOTE_ADDR=PROGRAM).status_code == 200
    settings.SIGN_IN_RATES = {"name": "2/min", "address": "100/min"}
    guesses = [ask(client, password="wrong", REMOTE_ADDR=f"10.9.0.{n}").status_code for n in range(4)]
    assert guesses == [401, 401, 429, 429]
    assert ask(client, REMOTE_ADDR=OTHER).status_code == 429
    assert ask(client, REMOTE_ADDR=PROGRAM).status_code == 200


def test_at_a_known_address_failures_are_counted_for_it_alone(api_client_as, meera, person, settings):
    person("ravi", password=PASSWORD)
    client = api_client_as(None)
    for address in (PROGRAM, OTHER):
        assert ask(client, REMOTE_ADDR=address).status_code == 200
    settings.SIGN_IN_RATES = {"name": "2/min", "address": "100/min"}
    assert [ask(client, password="wrong", REMOTE_ADDR=PROGRAM).status_code for _ in range(3)] == [401, 401, 429]
    assert ask(client, REMOTE_ADDR=PROGRAM).status_code == 429
    assert ask(client, REMOTE_ADDR=OTHER).status_code == 200
    assert [ask(client, "ravi", "wrong", REMOTE_ADDR=PROGRAM).status_code for _ in range(3)] == [401, 401, 429]
    assert ask(client, "ravi", REMOTE_ADDR=OTHER).status_code == 429, "nobody signed in as ravi there"


def test_an_address_is_forgotten_after_a_month(meera, api_client_as):
    ask(api_client_as(None), REMOTE_ADDR=PROGRAM)
    bus = get_redis_connection("default")
    [noted] = bus.scan_iter(caches["default"].make_key("noted-*"))
    assert 0 < bus.ttl(noted) <= known_addresses.SECONDS and b"meera" not in noted


def sign_in(browser: Client, password: str = PASSWORD, username: str = "meera") -> int:
    return browser.post("/sign-in/", {"username": username, "password": password}).status_code


def test_who_guesses_elsewhere_closes_the_door_to_no_browser_that_is_known(api_client_as, meera, settings):
    """Else anybody could keep the administrator out, with twenty wrong passwords a minute."""
    known = Client()
    assert sign_in(known) == 302
    known.post("/sign-out/")
    settings.SIGN_IN_RATES = {"name": "2/min", "address": "2/min"}
    for _ in range(2):
        ask(api_client_as(None), password="wrong")
    assert sign_in(Client()) == 429
    assert sign_in(known) == 302


def test_a_browser_that_is_known_has_failures_of_its_own_counted(meera, settings):
    known = Client()
    sign_in(known)
    known.post("/sign-out/")
    settings.SIGN_IN_RATES = {"name": "2/min", "address": "100/min"}
    assert [sign_in(known, "wrong") for _ in range(3)] == [403, 403, 429]
    assert sign_in(known) == 429
    assert sign_in(Client()) == 302


def test_a_browser_is_known_for_the_accounts_that_signed_in_there_alone(meera, person, settings):
    person("ravi", password=PASSWORD)
    browser = Client()
    sign_in(browser)
    browser.post("/sign-out/")
    settings.SIGN_IN_RATES = {"name": "1/min", "address": "100/min"}
    assert [sign_in(browser, "wrong", "ravi") for _ in range(2)] == [403, 429]
    assert sign_in(browser) == 302


def test_a_forged_mark_of_a_browser_is_none(meera, settings):
    settings.SIGN_IN_RATES = {"name": "1/min", "address": "100/min"}
    for mark in ("x", "e30:1abc:sig", signing.dumps({"x": "y"}, salt="another")):
        browser = Client()
        browser.cookies[known_browsers.COOKIE] = mark
        sign_in(browser, "wrong")
    assert sign_in(browser) == 429


def test_the_mark_of_a_browser_is_kept_from_scripts_and_names_the_last_few(meera, person):
    browser = Client()
    for n in range(known_browsers.ACCOUNTS + 1):
        person(f"clerk{n}", password=PASSWORD)
        sign_in(browser, username=f"clerk{n}")
        browser.post("/sign-out/")
    mark = browser.cookies[known_browsers.COOKIE]
    assert mark["httponly"] and mark["samesite"] == "Lax"
    asking = RequestFactory().get("/")
    asking.COOKIES[known_browsers.COOKIE] = mark.value
    known = [known_browsers.number_of(asking, f"clerk{n}") for n in range(known_browsers.ACCOUNTS + 1)]
    assert known[0] is None and len(set(known[1:])) == known_browsers.ACCOUNTS and None not in known[1:]
