"""REST: one's own notifications and preferences, and nobody else's."""

import pytest

from accounts import api_keys
from accounts.rights import rights_of
from realtime import sequencer
from realtime.models import Notice, NoticePreferences
from realtime.notices import preferences
from tests.notifications.conftest import TORN, rows, settle

HERE = "/api/v1/notifications/"


@pytest.fixture
def torn(send, clerk) -> list[str]:
    """Three papers of the clerk's that cannot be read, each a notification of its own."""
    names = []
    for name in ("a.pdf", "b.pdf", "c.pdf"):
        document = send(clerk, name)
        settle([document], TORN)
        Notice.objects.filter(user=clerk, grouped__startswith="@").update(grouped=f"{name}@1")
        names.append(f"/documents/{document.pk}/")
    return names


def test_the_list_is_ones_own_newest_first_in_pages(api_client_as, clerk, head, torn):
    client = api_client_as(clerk)
    first = client.get(HERE, {"limit": 2}).json()
    assert [one["text"] for one in first["results"]] == ["“c” cannot be read", "“b” cannot be read"]
    assert (first["count"], first["unread"]) == (3, 3)
    assert first["results"][0] | {"id": 0, "at": ""} == {
        "id": 0, "kind": "document.failed", "importance": "high", "count": 1, "text": "“c” cannot be read",
        "detail": "It is torn.", "address": torn[2], "hidden": False, "at": "", "read": False,
        "parts": [{"subject": f"document:{torn[2][11:-1]}", "title": "c", "detail": "It is torn.", "address": torn[2]}],
    }  # fmt: skip
    second = client.get(first["next"]).json()
    assert [one["text"] for one in second["results"]] == ["“a” cannot be read"]
    assert api_client_as(head).get(HERE).json()["results"] == []


def test_reading_some_up_to_a_position_and_all(api_client_as, clerk, head, torn):
    client = api_client_as(clerk)
    position = sequencer.number_events()
    oldest, middle, newest = (one.pk for one in rows(clerk))
    assert client.post(f"{HERE}read/", {"ids": [middle]}, format="json").json() == {"read": 1, "unread": 2}
    assert client.post(f"{HERE}read/", {"ids": [middle]}, format="json").json() == {"read": 0, "unread": 2}
    assert api_client_as(head).post(f"{HERE}read/", {"ids": [oldest]}, format="json").json()["read"] == 0
    assert api_client_as(head).post(f"{HERE}read/", {"all": True}, format="json").json()["read"] == 0
    unread = client.get(HERE, {"unread": "true"}).json()["results"]
    assert [one["id"] for one in unread] == [newest, oldest]
    assert client.post(f"{HERE}read/", {"upto": position}, format="json").json() == {"read": 2, "unread": 0}
    assert client.post(f"{HERE}read/", {"all": True}, format="json").json() == {"read": 0, "unread": 0}


@pytest.mark.parametrize("said", [{}, {"ids": [1], "all": True}, {"all": False}, {"ids": ["x"]}, {"upto": -1}])
def test_what_is_to_be_read_must_be_said_in_one_way(api_client_as, clerk, said):
    assert api_client_as(clerk).post(f"{HERE}read/", said, format="json").status_code == 400


def test_that_something_was_read_is_told_to_ones_other_windows(api_client_as, clerk, torn):
    client = api_client_as(clerk)
    position = sequencer.number_events()
    client.post(f"{HERE}read/", {"all": True}, format="json")
    sequencer.number_events()
    (event,) = client.get("/api/v1/events/", {"after": position}).json()["events"]
    assert event["data"] == {
        "id": None, "kind": "", "importance": "", "count": 3, "quiet": True, "read": True,
    }  # fmt: skip


def test_nobody_else_hears_of_it(api_client_as, head, administrator, auditor, torn):
    sequencer.number_events()
    for other in (head, administrator, auditor):
        events = api_client_as(other).get("/api/v1/events/", {"after": 0, "limit": 200}).json()["events"]
        assert events and all(event["type"] != "notification" for event in events)


def test_preferences_are_kept_and_what_is_not_named_is_as_usual(api_client_as, clerk):
    client = api_client_as(clerk)
    usual = client.get(f"{HERE}preferences/").json()
    assert {one["kind"]: (one["in_app"], one["mail"]) for one in usual["kinds"]}["document.failed"] == (True, "daily")
    assert (usual["quiet"], usual["timezone"], usual["language"]) == (None, "Asia/Kolkata", "en")
    wanted = {
        "kinds": [{"kind": "document.failed", "in_app": False, "mail": "hourly"}],
        "quiet": {"begin": "21:30", "end": "06:00"},
        "timezone": "Europe/Berlin",
        "language": "ml",
    }
    kept = client.put(f"{HERE}preferences/", wanted, format="json").json()
    assert kept == client.get(f"{HERE}preferences/").json()
    found = {one["kind"]: (one["in_app"], one["mail"]) for one in kept["kinds"]}
    assert found["document.failed"] == (False, "hourly") and found["batch.finished"] == (True, "never")
    assert {key: kept[key] for key in ("quiet", "timezone", "language")} == {
        key: wanted[key] for key in ("quiet", "timezone", "language")
    }
    client.put(f"{HERE}preferences/", {"kinds": []}, format="json")
    assert client.get(f"{HERE}preferences/").json() == usual


@pytest.mark.parametrize(
    "wrong",
    [
        {"kinds": [{"kind": "nothing", "in_app": True, "mail": "never"}]},
        {"kinds": [{"kind": "document.failed", "in_app": True, "mail": "yearly"}]},
        {"kinds": [], "timezone": "Mars/Olympus"},
        {"kinds": [], "language": "tlh"},
        {"kinds": [], "quiet": {"begin": "25:00", "end": "06:00"}},
        {"kinds": [{"kind": "job.dead", "in_app": True, "mail": "never"}]},  # not a clerk's
    ],
)
def test_preferences_that_make_no_sense_are_refused_and_change_nothing(api_client_as, clerk, wrong):
    answer = api_client_as(clerk).put(f"{HERE}preferences/", wrong, format="json")
    assert answer.status_code == 400 and answer.json()["code"] == "invalid"
    assert not NoticePreferences.objects.exists()


def test_kinds_about_the_house_are_for_those_who_run_it(api_client_as, clerk, administrator):
    names = [
        {one["kind"] for one in api_client_as(user).get(f"{HERE}preferences/").json()["kinds"]}
        for user in (clerk, administrator)
    ]
    assert names[1] - names[0] == {"job.dead", "system.alert", "sla.stuck", "task.nobody"}


def test_a_key_reaches_its_owners_notifications_only_when_it_is_not_bound(api_client_as, clerk, operations, torn):
    def client(**more):
        _, key = api_keys.issue(name="k", user=clerk, by=clerk, **more)
        found = api_client_as(None)
        found.credentials(HTTP_X_API_KEY=key)
        return found

    free = client(scopes=["read"])
    assert free.get(HERE).json()["unread"] == 3
    assert free.post(f"{HERE}read/", {"all": True}, format="json").status_code == 403
    assert client(scopes=["read", "control"], departments=[operations]).get(HERE).status_code == 403
    assert client(scopes=["upload"]).get(HERE).status_code == 403
    assert preferences.of(clerk.pk, rights_of(clerk)).choices
    assert len([one for one in rows(clerk) if one.read_at is None]) == 3


def test_who_is_nobody_gets_nothing(api_client_as, db):
    for path in ("", "preferences/"):
        assert api_client_as(None).get(f"{HERE}{path}").status_code == 401
