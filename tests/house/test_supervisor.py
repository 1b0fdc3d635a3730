"""The supervisor alone, with children that do nothing."""

import os
import signal
import subprocess
import sys
import textwrap
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from kmrl.supervision import supervisor as supervising
from kmrl.supervision.child import FIRST_PAUSE
from kmrl.supervision.logs import Log
from kmrl.supervision.program import Program
from kmrl.supervision.supervisor import Failed, Supervisor
from tests.house.gateways import PROJECT, until


@pytest.fixture
def told() -> list[str]:
    return []


@pytest.fixture
def supervisor(tmp_path, told) -> Iterator[Supervisor]:
    handlers = {sign: signal.getsignal(sign) for sign in (*supervising.STOP_SIGNALS, signal.SIGCHLD)}
    with Supervisor(tmp_path / "log", told.append) as found:
        yield found
    signal.set_wakeup_fd(-1)
    for sign, handler in handlers.items():
        signal.signal(sign, handler)


def program(name: str, script: str, **more) -> Program:
    return Program(name, lambda: ["/bin/sh", "-c", script], {"PATH": "/usr/bin:/bin"}, **more)


def test_a_child_that_dies_is_started_again_after_a_pause_that_grows(supervisor, told):
    child = supervisor.start(program("brief", "echo here; exit 3"))
    began = time.monotonic()
    assert supervisor.wait_until(lambda: child.starts == 3, seconds=10)
    assert time.monotonic() - began > 3 * FIRST_PAUSE
    assert told == [
        "brief ended (exit 3); starting it again in 0.4 s",
        "brief ended (exit 3); starting it again in 0.8 s",
    ]


def test_what_children_say_lies_in_a_file_each(supervisor, tmp_path):
    supervisor.start(program("loud", "echo to one; echo to the other >&2; exec sleep 60"))
    place = tmp_path / "log" / "loud.log"
    assert supervisor.wait_until(lambda: place.read_text() == "to one\nto the other\n", seconds=5)


def test_a_child_that_does_not_end_is_killed_with_its_family(supervisor, tmp_path):
    script = f"trap '' TERM; sleep 61 & echo $! > {tmp_path}/grandchild; while :; do wait; done"
    child = supervisor.start(program("stubborn", script, patience=0.3))
    assert supervisor.wait_until((tmp_path / "grandchild").exists, seconds=5)
    pid = child.pid
    began = time.monotonic()
    supervisor.stop()
    assert time.monotonic() - began < 3
    for number in (pid, int((tmp_path / "grandchild").read_text())):
        until(lambda number=number: not is_alive(number), 2)


def test_foundations_end_after_those_who_stand_on_them(supervisor, tmp_path):
    def noting(name: str) -> str:
        return f"trap 'sleep 0.2; echo {name} >> {tmp_path}/order; exit 0' TERM; echo up; while :; do sleep 0.05; done"

    supervisor.start(program("record", noting("record"), foundation=True))
    supervisor.start(program("web", noting("web")))
    logs = [tmp_path / "log" / f"{name}.log" for name in ("record", "web")]
    assert supervisor.wait_until(lambda: all(log.read_text() == "up\n" for log in logs), seconds=5)
    supervisor.stop()
    assert (tmp_path / "order").read_text().split() == ["web", "record"]


def test_a_task_that_fails_says_what_it_said(supervisor):
    with pytest.raises(Failed, match=r"(?s)sowing failed \(exit 2\).*no seeds"):
        supervisor.finish(program("sowing", "echo no seeds >&2; exit 2", patience=10))


def test_a_task_answers_with_what_it_printed(supervisor):
    assert supervisor.finish(program("asking", "echo answer", patience=10)) == "answer\n"


def test_a_log_is_bounded(tmp_path, monkeypatch):
    monkeypatch.setattr("kmrl.supervision.logs.LARGEST", 100)
    log = Log(tmp_path / "log" / "a.log")
    for number in range(20):
        log.write(f"line {number:2} of ten\n".encode())
    places = list((tmp_path / "log").iterdir())
    sizes = [place.stat().st_size for place in places]
    assert sorted(place.name for place in places) == ["a.log", "a.log.1"]
    assert max(sizes) <= 100
    assert log.tail(1) == "line 19 of ten"


@pytest.mark.chaos
def test_killed_it_leaves_no_family_behind(tmp_path):
    assert_nobody_stays_behind(tmp_path, "")


@pytest.mark.chaos
def test_killed_before_it_knows_what_it_started_it_leaves_no_family_behind(tmp_path):
    assert_nobody_stays_behind(
        tmp_path,
        """
        start = subprocess.Popen
        class Sudden(start):
            def __init__(self, command, **how):
                super().__init__(command, **how)
                if command[0] == "/bin/sh":
                    time.sleep(1)  # for the family to be there
                    os.kill(os.getpid(), signal.SIGKILL)
        subprocess.Popen = Sudden
        """,
    )


@pytest.mark.chaos
def test_what_could_not_be_started_is_forgotten(tmp_path, supervisor):
    said = []
    keep = supervisor._watchdog._say
    supervisor._watchdog._say = lambda line: (said.append(line), keep(line))
    child = supervisor.start(program("here", "exec sleep 60"))
    said.clear()
    with pytest.raises(FileNotFoundError):
        supervisor.start(Program("nowhere", lambda: [str(tmp_path / "nothing")]))
    assert said == ["anew", f"watch {child.pid} {int(signal.SIGTERM)}"]


def assert_nobody_stays_behind(tmp_path: Path, before: str) -> None:
    """A supervisor is killed while a child and its own child ignore SIGTERM; `before` is run in it first."""
    script = "\n".join(
        textwrap.dedent(part)
        for part in (
            """
            import os, signal, subprocess, time
            from pathlib import Path
            from kmrl.supervision.program import Program
            from kmrl.supervision.supervisor import Supervisor
            """,
            before,
            f"""
            script = "trap '' TERM; sleep 62 & echo $! $$ > {tmp_path}/pids; while :; do wait; done"
            with Supervisor(Path("{tmp_path}")) as supervisor:
                supervisor.start(Program("stubborn", lambda: ["/bin/sh", "-c", script]))
                supervisor.keep()
            """,
        )
    )
    process = subprocess.Popen([sys.executable, "-c", script], cwd=PROJECT, start_new_session=True)
    until(lambda: (tmp_path / "pids").exists() and (tmp_path / "pids").read_text().endswith("\n"), 20)
    pids = [int(word) for word in (tmp_path / "pids").read_text().split()]
    assert all(is_alive(pid) for pid in pids)
    if not before:
        process.kill()
    assert process.wait(20) == -signal.SIGKILL
    until(lambda: not any(is_alive(pid) for pid in pids), 5)


def is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return not Path(f"/proc/{pid}/stat").exists() or Path(f"/proc/{pid}/stat").read_text().split()[2] != "Z"
