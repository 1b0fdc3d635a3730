"""Throttles: fair to scanners, strict with floods, and nobody's business while Redis is away."""

import time

import pytest
from redis.exceptions import ConnectionError as RedisAway

from accounts import api_keys, counting
from accounts.addresses import address_of


@pytest.fixture
def clock(monkeypatch):
    """A clock at the beginning of a minute, moved by hand."""
    now = [60_000.0 * 60]
    monkeypatch.setattr(counting.time, "time", lambda: now[0])
    return now


def rate(settings, said: str) -> None:
    settings.REST_FRAMEWORK = {**settings.REST_FRAMEWORK, "DEFAULT_THROTTLE_RATES": {"caller": said}}


def test_two_hundred_calls_in_a_row_pass(api_client_as, clerk):
    client = api_client_as(clerk)
    assert {client.get("/api/v1/me/").status_code for _ in range(200)} == {200}


def test_a_flood_is_told_when_to_come_back(api_client_as, clerk, settings):
    rate(settings, "3/min")
    client = api_client_as(clerk)
    assert [client.get("/api/v1/me/").status_code for _ in range(4)] == [200, 200, 200, 429]
    answer = client.get("/api/v1/me/")
    assert answer.json()["code"] == "too_many" and 1 <= int(answer["Retry-After"]) <= 121
    assert answer["Content-Type"] == "application/problem+json"


def test_people_keys_and_addresses_are_counted_apart(api_client_as, clerk, reviewer, settings):
    rate(settings, "1/min")
    _, full = api_keys.issue(name="k", user=clerk, by=clerk)
    by_key = api_client_as(None)
    by_key.credentials(HTTP_X_API_KEY=full)
    for client in (api_client_as(clerk), api_client_as(reviewer), by_key):
        assert [client.get("/api/v1/me/").status_code for _ in range(2)] == [200, 429]
    nobody = api_client_as(None)

    def from_address(address: str) -> int:
        said = {"refresh": "x"}
        return nobody.post("/api/v1/auth/token/refresh/", said, format="json", REMOTE_ADDR=address).status_code

    assert [from_address(address) for address in ("1.1.1.1", "2.2.2.2", "1.1.1.1")] == [401, 401, 429]


def test_everything_passes_while_redis_is_away_and_redis_is_left_alone(api_client_as, clerk, settings, monkeypatch):
    rate(settings, "1/min")
    asked = []

    def refuse(*_):
        asked.append(1)
        raise RedisAway("away")

    monkeypatch.setattr(counting, "get_redis_connection", refuse)
    client = api_client_as(clerk)
    assert [client.get("/api/v1/me/").status_code for _ in range(5)] == [200] * 5
    assert len(asked) == 1


def test_a_window_slides(db, clock):
    limit = counting.limit("t", "10/min")
    assert [counting.take(limit, "a") for _ in range(10)] == [None] * 10
    wait = counting.take(limit, "a")
    assert wait == pytest.approx(60 + 60 * 0.1)
    clock[0] += wait + 0.01
    assert counting.take(limit, "a") is None
    assert counting.take(limit, "a") is not None
    clock[0] += 120
    assert [counting.take(limit, "a") for _ in range(10)] == [None] * 10


def test_who_waits_as_told_gets_in(db, clock):
    limit = counting.limit("t", "7/min")
    for step in range(60):
        wait = counting.take(limit, "a")
        if wait is not None:
            clock[0] += wait + 0.001
            assert counting.take(limit, "a") is None
        clock[0] += step % 3


def test_what_is_given_back_was_not_counted(db, clock):
    limit = counting.limit("t", "1/min")
    for _ in range(3):
        assert counting.take(limit, "a") is None
        counting.give_back(limit, "a")
    assert counting.take(limit, "a") is None
    clock[0] += 60
    counting.give_back(limit, "a")  # counted in the window before: nobody gains a turn
    assert counting.take(limit, "a") is not None


@pytest.mark.parametrize("said", ["", "many", "0/min", "-1/min", "5/fortnight", "5"])
def test_a_rate_that_is_none_is_refused(said):
    with pytest.raises(ValueError, match="is no rate"):
        counting.limit("t", said)


def test_counting_costs_little(db):
    limit = counting.limit("t", "100000/min")
    counting.take(limit, "a")
    started = time.perf_counter()
    for _ in range(100):
        counting.take(limit, "a")
    assert time.perf_counter() - started < 1.0


def test_who_sends_many_is_counted_in_growing_handfuls_and_who_rests_in_small_ones(db, monkeypatch):
    counted, count, now = [], counting._count, [1000.0]

    def noted(limit, who, many):
        counted.append(many)
        return count(limit, who, many)

    monkeypatch.setattr(counting, "_count", noted)
    monkeypatch.setattr(counting.time, "monotonic", lambda: now[0])
    monkeypatch.setattr(counting.time, "time", lambda: 60_000.0 * 60)
    limit = counting.limit("t", "6000/min")
    assert [counting.take(limit, "a") for _ in range(200)] == [None] * 200
    assert counted == [15, 30, 60, 60, 60]
    now[0] += counting.AHEAD_SECONDS + 1
    assert counting.take(limit, "a") is None and counted[5:] == [15]


@pytest.mark.parametrize(
    ("proxies", "forwarded", "address"),
    [
        (0, "6.6.6.6", "10.0.0.1"),
        (1, "6.6.6.6, 7.7.7.7", "7.7.7.7"),
        (2, "6.6.6.6, 7.7.7.7, 8.8.8.8", "7.7.7.7"),
        (2, "7.7.7.7", "7.7.7.7"),
        (1, "", "10.0.0.1"),
    ],
)
def test_forwarded_addresses_are_believed_as_far_as_our_proxies_wrote_them(settings, proxies, forwarded, address):
    settings.PROXIES = proxies
    assert address_of({"REMOTE_ADDR": "10.0.0.1", "HTTP_X_FORWARDED_FOR": forwarded}) == address
