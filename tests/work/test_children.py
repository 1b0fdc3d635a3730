import os
import signal
import sys
import threading
import time

import pytest

from jobs import children
from jobs.children import Child, ChildDied, ChildError, ChildOutOfMemory, ChildRefused, ChildTimeout
from jobs.kinds import Cancelled
from jobs.nursery import NURSERY

F = "tests.work.child_functions:"


@pytest.fixture
def child():
    child = Child()
    yield child
    child.close()


def test_values_go_there_and_come_back(child):
    value = {"text": "മലയാളം", "bytes": b"\x00\xff", "numbers": [1, 2.5, None, True], "nested": {"a": [{}]}}
    assert child.call(F + "echo", value, timeout=10) == value
    large = os.urandom(3 << 20)
    assert child.call(F + "echo", large, timeout=10) == large


def test_one_process_serves_many_calls(child):
    child.call(F + "echo", 1, timeout=10)
    pid = child.pid
    assert all(child.call(F + "echo", n, timeout=10) == n for n in range(50))
    assert child.pid == pid


def test_a_child_knows_none_of_our_secrets(child, monkeypatch):
    monkeypatch.setenv("KMRL_SECRET_KEY", "very secret")
    monkeypatch.setenv("DATABASE_URL", "postgresql://kmrl:secret@db/kmrl")
    seen = child.call(F + "environment", timeout=10)
    assert not any("secret" in value for value in seen["environment"].values())
    allowed = {"PATH", "LANG", "LC_ALL", "LC_CTYPE", "TZ", "HOME", "TMPDIR"}
    assert {name for name in seen["environment"] if not name.startswith(("PYTHON", "MALLOC", "OMP"))} <= allowed
    assert seen["inside"] == []


def test_its_folder_is_empty_its_own_and_removed(child):
    folder = child.call(F + "environment", timeout=10)["folder"]
    assert os.stat(folder).st_mode & 0o077 == 0
    child.close()
    assert not os.path.exists(folder)


@pytest.mark.skipif(sys.platform != "linux", reason="seccomp is Linux's")
def test_a_child_reaches_no_network_no_program_and_no_other_process(child):
    assert child.call(F + "reach_out", timeout=10) == {
        "internet": "refused",
        "internet6": "refused",
        "unix": "refused",
        "program": "refused",
        "fork": "refused",
        "kill others": "refused",
        "threads": ["ran"],
        "core": [0, 0],
    }


def test_answers_come_back_with_code_detail_and_data(child):
    with pytest.raises(ChildRefused) as refused:
        child.call(F + "no", "damaged", timeout=10)
    assert (refused.value.code, refused.value.detail) == ("damaged", "It cannot be read.")
    assert refused.value.data == {"page": 3}
    with pytest.raises(ChildRefused) as refused:
        child.call(F + "unreadable", timeout=10)
    assert refused.value.code == "encrypted"


def test_a_fault_of_ours_comes_back_with_its_traceback(child):
    pid = (child.call(F + "echo", 1, timeout=10), child.pid)[1]
    with pytest.raises(ChildError, match="KeyError") as error:
        child.call(F + "broken", timeout=10)
    assert "nothing" in error.value.log
    assert child.call(F + "echo", 2, timeout=10) == 2
    assert child.pid == pid


def test_only_functions_of_allowed_packages_are_called(child):
    with pytest.raises(ChildError, match="PermissionError"):
        child.call("os:getcwd", timeout=10)
    with pytest.raises(ChildError, match="PermissionError"):
        child.call("tests.work.child_functions_of_another:echo", timeout=10)


@pytest.mark.parametrize("function", ["hang", "spin"])
def test_a_child_that_hangs_is_killed_and_the_next_call_gets_another(child, function):
    child.call(F + "echo", 1, timeout=10)
    pid, began = child.pid, time.monotonic()
    with pytest.raises(ChildTimeout):
        child.call(F + function, timeout=0.3)
    assert time.monotonic() - began < 1.5
    assert child.call(F + "echo", 2, timeout=10) == 2
    assert child.pid != pid


def test_who_tells_of_progress_has_more_time_but_not_without_end(child):
    assert child.call(F + "tells_slowly", 15, timeout=2, at_most=60) == 15
    with pytest.raises(ChildTimeout):
        child.call(F + "tells_slowly", 15, timeout=2)
    began = time.monotonic()
    with pytest.raises(ChildTimeout):
        child.call(F + "tells_slowly", 1_000, timeout=2, at_most=3)
    assert time.monotonic() - began < 30


def test_a_child_that_crashes_says_its_signal_and_its_last_words(child):
    with pytest.raises(ChildDied) as died:
        child.call(F + "crash", timeout=10)
    assert died.value.signal == signal.SIGABRT
    assert "about to fall" in died.value.log
    with pytest.raises(ChildDied) as died:
        child.call(F + "segfault", timeout=10)
    assert died.value.signal == signal.SIGSEGV
    assert child.call(F + "echo", 3, timeout=10) == 3


def test_a_child_that_eats_memory_ends_alone(child, settings):
    settings.CHILD_MEMORY_MB = 150
    with pytest.raises(ChildOutOfMemory):
        child.call(F + "hog", timeout=20)
    assert child.call(F + "echo", 3, timeout=10) == 3


def test_a_child_cannot_fill_the_disk(child):
    with pytest.raises((ChildError, ChildDied)):
        child.call(F + "write_much", timeout=20)


def test_a_talkative_parser_breaks_nothing(child):
    assert child.call(F + "chatter", timeout=20) == "done"


def test_progress_reaches_the_caller(child):
    told = []
    assert child.call(F + "tells", 5, timeout=10, on_progress=lambda *news: told.append(news)) == 5
    assert told == [(0, "page 0"), (20, "page 1"), (40, "page 2"), (60, "page 3"), (80, "page 4")]
    assert child.call(F + "tells", 5, timeout=10) == 5


def test_what_the_listener_raises_ends_the_call_and_the_child(child):
    def stop(percent, step):
        raise Cancelled

    with pytest.raises(Cancelled):
        child.call(F + "tells", 5, timeout=10, on_progress=stop)
    assert child.call(F + "echo", 1, timeout=10) == 1


def test_another_thread_can_stop_a_call_at_once(child):
    child.call(F + "echo", 1, timeout=10)
    threading.Timer(0.2, child.stop, [Cancelled()]).start()
    began = time.monotonic()
    with pytest.raises(Cancelled):
        child.call(F + "hang", timeout=10)
    assert time.monotonic() - began < 1
    with pytest.raises(Cancelled):
        child.call(F + "echo", 1, timeout=10)
    child.pardon()
    assert child.call(F + "echo", 1, timeout=10) == 1


def test_worn_children_are_replaced(child, monkeypatch):
    monkeypatch.setattr(children, "CALLS", 3)
    pids = [(child.call(F + "echo", 1, timeout=10), child.pid)[1] for _ in range(6)]
    assert len(set(pids)) == 2


@pytest.mark.skipif(sys.platform != "linux", reason="PR_SET_PDEATHSIG is Linux's")
def test_children_outlive_the_thread_that_asked_for_them(child):
    thread = threading.Thread(target=lambda: child.call(F + "echo", 1, timeout=10))
    thread.start()
    thread.join()
    pid = child.pid
    time.sleep(0.1)
    assert child.call(F + "echo", 2, timeout=10) == 2
    assert child.pid == pid


def test_hands_share_children_one_at_a_time():
    first, second = NURSERY.take(), NURSERY.take()
    assert first is not second
    NURSERY.give_back(first)
    assert NURSERY.take() is first
