"""One gateway per folder and per port, from the first line of a start."""

import os
import socket
import threading
import time

import pytest

from kmrl.supervision import instance


@pytest.fixture
def taken():
    with socket.create_server(("127.0.0.1", 0)) as door:
        yield door


def test_the_port_of_another_programme_is_refused_at_once(taken):
    port, began = taken.getsockname()[1], time.monotonic()
    with pytest.raises(instance.Refused, match=f"Port {port} is in use by another programme"):
        instance.check_port("127.0.0.1", port)
    assert time.monotonic() - began < 1


def test_the_web_server_of_a_gateway_that_died_is_waited_for(taken):
    threading.Timer(0.3, taken.close).start()
    instance.check_port("127.0.0.1", taken.getsockname()[1], died=True)


def test_its_wait_has_an_end(taken, monkeypatch):
    monkeypatch.setattr(instance, "LEAVING", 0.2)
    with pytest.raises(instance.Refused):
        instance.check_port("127.0.0.1", taken.getsockname()[1], died=True)


def test_one_that_stopped_or_failed_is_told_from_one_that_died(tmp_path):
    with instance.lock(tmp_path) as died:
        assert not died
        assert (tmp_path / "lock").read_text() == f"{os.getpid()}\n"
    with pytest.raises(ZeroDivisionError), instance.lock(tmp_path):
        _ = 1 / 0
    with instance.lock(tmp_path) as died:
        assert not died
        left = (tmp_path / "lock").read_text()
    (tmp_path / "lock").write_text(left)
    with instance.lock(tmp_path) as died:
        assert died


def test_a_folder_that_is_held_is_refused_by_the_name_of_who_holds_it(tmp_path):
    with (
        instance.lock(tmp_path),
        pytest.raises(instance.Refused, match=rf"already runs on {tmp_path} \(process {os.getpid()}\)"),
        instance.lock(tmp_path),
    ):
        pass
    with instance.lock(tmp_path) as died:
        assert not died
