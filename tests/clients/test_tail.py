"""`manage.py tail`: on the gateway's own machine and from another one, through an outage, until Ctrl-C."""

import io
import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.db import OperationalError
from django.utils import timezone

from accounts import api_keys
from realtime import audiences, events, sequencer
from realtime.catalogue import JobDead, SystemAlert
from realtime.management.commands import tail
from realtime.models import Event, Head

PROJECT = Path(__file__).resolve().parent.parent.parent
WAITING = SystemAlert(code="backlog", level="warning", detail="3,100 jobs wait.", subject="default")


def tell(*audience: str, told=WAITING) -> int:
    events.tell(told, to=audience)
    return sequencer.number_events()


def printed(*arguments: str) -> list[str]:
    out = io.StringIO()
    call_command("tail", "--once", *arguments, stdout=out)
    return out.getvalue().splitlines()


def test_people_get_a_line_that_can_be_read_and_machines_what_the_socket_tells(db):
    tell(audiences.ADMIN)
    at = timezone.localtime(Event.objects.get().at)
    assert printed("--after", "0") == [
        f"{at:%H:%M:%S}        1  system.alert        backlog · 3,100 jobs wait. · default"
    ]
    (line,) = printed("--after", "0", "--json")
    said = json.loads(line)
    assert (said["position"], said["type"], said["data"]["code"]) == (1, "system.alert", "backlog")
    assert said["at"].endswith("Z")


def test_only_what_was_told_to_the_topics_that_were_named(db):
    tell("document:1")
    tell("document:2")
    tell("job:3", told=JobDead(id="3", kind="x", queue="low", attempts=3, error_code="crashed", error_detail="Boom."))
    lines = printed("--after", "0", "--topic", "document:1", "--topic", "job:3")
    assert [line.split()[1] for line in lines] == ["1", "3"]


def test_what_is_gone_is_said_before_anything_is_printed(db):
    tell(audiences.ADMIN)
    Head.objects.update(position=90, pruned_to=50)
    with pytest.raises(CommandError, match="Begin with --after 50"):
        printed("--after", "7")
    assert printed("--after", "50") == []


def test_an_outage_is_said_once_and_outlived(db, monkeypatch):
    tell(audiences.ADMIN)
    real, asked, naps = sequencer.number_events, [], []

    def flaky() -> int:
        asked.append(1)
        if 2 <= len(asked) <= 4:
            raise OperationalError("server closed the connection")
        if len(asked) == 6:
            raise KeyboardInterrupt
        return real()

    monkeypatch.setattr(sequencer, "number_events", flaky)
    monkeypatch.setattr(tail.time, "sleep", naps.append)
    out, said = io.StringIO(), io.StringIO()
    call_command("tail", "--after", "0", stdout=out, stderr=said)
    assert len(out.getvalue().splitlines()) == 1
    assert said.getvalue().count("Trying again") == 1
    assert "It answers again." in said.getvalue()
    assert "Go on with --after 1." in said.getvalue()
    assert naps[1:4] == [1.0, 2.0, 4.0]


@pytest.fixture
def gateway(live_server, clerk, monkeypatch) -> tuple[str, str]:
    """The address of a gateway that answers, and a key of the clerk's."""
    return live_server.url, api_keys.issue(name="tail", user=clerk, by=clerk)[1]


@pytest.mark.django_db(transaction=True)
def test_from_another_machine_one_hears_what_the_keys_owner_may_hear(gateway, clerk, outsider):
    url, key = gateway
    tell(audiences.user(outsider.pk))
    tell(audiences.user(clerk.pk))
    lines = printed("--url", url, "--api-key", key, "--after", "0", "--json")
    assert [json.loads(line)["position"] for line in lines] == [2]
    assert set(json.loads(lines[0])) == {"type", "position", "at", "data"}


@pytest.mark.django_db(transaction=True)
def test_more_than_an_answer_holds_is_asked_for_until_all_is_there(gateway, clerk, monkeypatch):
    url, key = gateway
    monkeypatch.setattr(tail, "ASKED_AT_ONCE", 2)
    for _ in range(5):
        tell(audiences.user(clerk.pk))
    monkeypatch.setenv("KMRL_API_KEY", key)
    assert [line.split()[1] for line in printed("--url", f"{url}/", "--after", "0")] == list("12345")


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--api-key", "kmrl_no"], "."),
        ([], "KMRL_API_KEY"),
        (["--api-key", "GOOD", "--topic", "document:nobodys"], "no such topic"),
    ],
)
def test_a_no_of_the_gateway_is_said_in_its_words(gateway, arguments, said, monkeypatch):
    url, key = gateway
    monkeypatch.delenv("KMRL_API_KEY", raising=False)
    with pytest.raises(CommandError, match=said):
        printed("--url", url, *(key if one == "GOOD" else one for one in arguments))


def test_a_gateway_that_is_not_there_is_named_as_the_reason():
    with pytest.raises(CommandError, match="cannot be reached"):
        printed("--url", "http://127.0.0.1:9", "--api-key", "kmrl_x", "--after", "0")


def test_ctrl_c_ends_it_without_a_traceback():
    """Against an address where nobody answers, so that the process needs nothing of the test's."""
    command = [
        sys.executable,
        "manage.py",
        "tail",
        "--url",
        "http://127.0.0.1:9",
        "--api-key",
        "kmrl_x",
        "--after",
        "41",
    ]
    with subprocess.Popen(
        command,
        cwd=PROJECT,
        env=os.environ,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # behind `&` it is ignored
    ) as process:
        assert process.stderr is not None
        assert "Trying again" in process.stderr.readline()
        process.send_signal(signal.SIGINT)
        rest = process.stderr.read()
        assert process.wait(20) == 0
    assert "Go on with --after 41." in rest and "Traceback" not in rest
