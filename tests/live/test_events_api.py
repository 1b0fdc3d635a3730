"""The events by REST, tickets by REST, `manage.py tail`, and pruning."""

from datetime import timedelta
from io import StringIO

import orjson
import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from accounts import api_keys
from realtime import audiences, events, pruning, sequencer, tasks, tickets
from realtime.models import Event, Head, Ticket
from tests.live.conftest import alert, alerts

EVENTS, TICKET = "/api/v1/events/", "/api/v1/auth/ws-ticket/"


def test_who_asks_without_a_position_learns_the_present_one(db, clerk, api_client_as):
    alerts(3)
    assert api_client_as(clerk).get(EVENTS).json() == {"position": 3, "reset": False, "events": []}


def test_events_come_in_order_in_pieces_and_only_what_one_may_see(db, clerk, operations, safety, api_client_as):
    for number in range(6):
        alert(str(number), to=(audiences.department((operations, safety)[number % 2].pk),))
    client = api_client_as(clerk)
    first = client.get(EVENTS, {"after": 0, "limit": 2}).json()
    assert [event["data"]["detail"] for event in first["events"]] == ["0", "2"]
    assert first["position"] == 3
    rest = client.get(EVENTS, {"after": first["position"]}).json()
    assert [event["data"]["detail"] for event in rest["events"]] == ["4"]
    assert rest["position"] == 6
    assert set(rest["events"][0]) == {"position", "type", "at", "data"}


def test_a_topic_is_added_and_one_that_is_not_yours_does_not_exist(db, clerk, api_client_as, open_topics):
    open_topics.add("1")
    alert("mine", to=("document:1",))
    client = api_client_as(clerk)
    assert client.get(EVENTS, {"after": 0}).json()["events"] == []
    found = client.get(EVENTS, {"after": 0, "topic": "document:1"}).json()
    assert [event["data"]["detail"] for event in found["events"]] == ["mine"]
    assert client.get(EVENTS, {"after": 0, "topic": ["document:1", "document:2"]}).status_code == 404
    assert client.get(f"{EVENTS}?after=0&topic=&limit=").json() == {"position": 1, "reset": False, "events": []}


def test_what_was_closed_is_not_replayed_to_others(db, clerk, reviewer, operations, api_client_as):
    start = timezone.now()
    alert("told to the department", to=(audiences.department(operations.pk), "document:1"))
    alert("of another", to=(audiences.department(operations.pk), "document:2"))
    events.narrow(topic="document:1", to=[audiences.user(reviewer.pk), "document:1"], since=start)

    def heard(user) -> list[str]:
        found = api_client_as(user).get(EVENTS, {"after": 0}).json()["events"]
        return [event["data"]["detail"] for event in found]

    assert heard(clerk) == ["of another"]
    assert heard(reviewer) == ["told to the department", "of another"]


def test_a_position_that_is_gone_or_never_was_is_reset(db, clerk, api_client_as):
    alerts(3)
    client = api_client_as(clerk)
    assert client.get(EVENTS, {"after": 77}).json() == {"position": 3, "reset": True, "events": []}
    Event.objects.update(at=timezone.now() - timedelta(days=31))
    assert pruning.prune() == 3
    assert client.get(EVENTS, {"after": 1}).json() == {"position": 3, "reset": True, "events": []}
    assert client.get(EVENTS, {"after": 3}).json()["reset"] is False


@pytest.mark.parametrize(
    "query",
    [
        {"after": "x"},
        {"after": "-1"},
        {"after": "9" * 30},
        {"after": "١"},
        {"after": 0, "limit": "0"},
        {"after": 0, "limit": "many"},
    ],
)
def test_a_position_must_be_a_number(db, clerk, api_client_as, query):
    answer = api_client_as(clerk).get(EVENTS, query)
    assert answer.status_code == 400
    assert answer.json()["code"] == "invalid"


def test_nobody_gets_neither_events_nor_a_ticket(db, api_client_as):
    assert api_client_as(None).get(EVENTS).status_code == 401
    assert api_client_as(None).post(TICKET).status_code == 401


def test_a_key_that_may_not_read_gets_neither_events_nor_a_ticket(db, clerk, api_client_as):
    client = api_client_as(None)
    client.credentials(HTTP_X_API_KEY=api_keys.issue(name="m", user=clerk, by=clerk, scopes=["upload"])[1])
    assert client.get(EVENTS).status_code == client.post(TICKET).status_code == 403


def test_a_ticket_stands_for_who_asked(db, clerk, api_client_as):
    answer = api_client_as(clerk).post(TICKET)
    assert answer.status_code == 200
    assert answer.json()["expires_in"] == 30
    assert tickets.redeem(answer.json()["ticket"]).credential == f"user:{clerk.pk}"
    assert not Ticket.objects.exists()


def test_a_ticket_of_a_key_has_the_keys_rights_only(db, clerk, api_client_as):
    key, secret = api_keys.issue(name="m", user=clerk, by=clerk, scopes=["read"])
    client = api_client_as(None)
    client.credentials(HTTP_X_API_KEY=secret)
    assert tickets.redeem(client.post(TICKET).json()["ticket"]).credential == f"key:{key.pk}"


def test_pruning_takes_the_old_in_order_and_says_up_to_where(db):
    alerts(6)
    sequencer.number_events()
    old = timezone.now() - timedelta(days=31)
    Event.objects.filter(position__in=[1, 2, 5]).update(at=old)
    tickets.issue(credential="user:1")
    Ticket.objects.update(expires_at=old)
    assert tasks.prune_events() == 2
    assert list(Event.objects.order_by("position").values_list("position", flat=True)) == [3, 4, 5, 6]
    assert Head.objects.get().pruned_to == 2
    assert not Ticket.objects.exists()
    assert pruning.prune() == 0
    alerts(1)
    assert sequencer.number_events() == 7


def test_pruning_everything_keeps_counting(db):
    alerts(3)
    sequencer.number_events()
    assert pruning.prune(days=0) == 3
    alerts(1)
    assert sequencer.number_events() == 4


def test_the_tail_command_prints_events_of_a_topic_as_json_lines(db):
    alert("one", to=("document:1", "system"))
    alert("two", to=("document:2",))
    out = StringIO()
    call_command("tail", "--after", "0", "--topic", "document:1", "--once", "--json", stdout=out)
    lines = [orjson.loads(line) for line in out.getvalue().splitlines()]
    assert [(line["position"], line["data"]["detail"]) for line in lines] == [(1, "one")]


def test_the_tail_command_says_so_when_its_beginning_is_gone(db):
    alerts(3)
    sequencer.number_events()
    pruning.prune(days=0)
    with pytest.raises(CommandError, match="Begin with --after 3"):
        call_command("tail", "--after", "1", "--once")
