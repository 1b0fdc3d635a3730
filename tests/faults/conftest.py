"""Real supervisors with real workers on the test's database, and the queue's fixtures."""

import os
import signal
from collections.abc import Callable, Iterator

import pytest
from django.conf import settings as configured

from kmrl.supervision import processes
from kmrl.supervision import supervisor as supervising
from kmrl.supervision.hands import Hands
from kmrl.supervision.supervisor import Supervisor
from tests.work.conftest import _fresh_process, claim, heard, lapse, queues, recorder
from tests.work.test_workers import address

__all__ = ["_fresh_process", "claim", "heard", "lapse", "queues", "recorder"]


@pytest.fixture
def supervisor(tmp_path) -> Iterator[Supervisor]:
    handlers = {sign: signal.getsignal(sign) for sign in (*supervising.STOP_SIGNALS, signal.SIGCHLD)}
    with Supervisor(tmp_path / "log", lambda text: None) as found:
        yield found
    signal.set_wakeup_fd(-1)
    for sign, handler in handlers.items():
        signal.signal(sign, handler)


@pytest.fixture
def hands(supervisor, queues, tmp_path, monkeypatch) -> Callable[..., Hands]:
    """`hands("package.app", KMRL_WORKERS_…="…")`: workers of `default` alone, of that Celery application."""
    real = processes.worker

    def make(app: str, **environment: str) -> Hands:
        for name, value in {"KMRL_WORKERS_HIGH": "0", "KMRL_WORKERS_LOW": "0", **environment}.items():
            monkeypatch.setenv(name, value)
        monkeypatch.setattr(
            processes, "worker", lambda *args: [app if word == "kmrl" else word for word in real(*args)]
        )
        told = {
            **os.environ,
            "DATABASE_URL": address(),
            "REDIS_URL": configured.REDIS_URL,
            "KMRL_DATA": str(tmp_path),
            "KMRL_SECRET_KEY": "for-this-test",
        }
        return Hands(supervisor, "t", told)

    return make
