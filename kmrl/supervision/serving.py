"""`python -m kmrl.supervision.serving APPLICATION HOST PORT PROCESSES GRACE`: uvicorn, ending without losing requests.

uvicorn's parent keeps the listening socket open while its processes end: whoever connects meanwhile is accepted by the
kernel and cut off later, with the request sent. Here the door is closed first, so that a proxy is refused at once and
may try again. Requests that have begun have GRACE seconds to end.

On Linux the parent loads everything once and forks: several processes that load the same cost as many times the work
of a start, and the memory (elsewhere libraries of the system do not bear a fork, and each loads for itself).
"""

import gc
import multiprocessing
import signal
import socket
import sys
from collections.abc import Callable
from multiprocessing.process import BaseProcess
from typing import Any

import uvicorn
from uvicorn.supervisors import Multiprocess
from uvicorn.supervisors import multiprocess as theirs

from kmrl import environment as env
from kmrl import loading
from kmrl.supervision.patient_http import PatientHttp


class Parent(Multiprocess):
    """Of several processes that share a socket."""

    def terminate_all(self) -> None:
        for door in self.sockets:
            door.close()
        super().terminate_all()


def config(application: str, host: str, port: int, processes: int, grace: int) -> uvicorn.Config:
    """Pings, compression of frames and what proxies say are not left to it: the gateway has its own, or wants none."""
    return uvicorn.Config(
        application,
        host=host,
        port=port,
        workers=processes,
        backlog=4096,
        lifespan="off",
        loop="auto",
        http=PatientHttp,
        timeout_keep_alive=30,
        ws="websockets-sansio",
        ws_max_size=64 * 1024,
        ws_ping_interval=0,
        ws_per_message_deflate=False,
        proxy_headers=False,
        server_header=False,
        access_log=False,
        timeout_graceful_shutdown=grace,
        timeout_worker_healthcheck=10,
        log_level="warning",
    )


def fork(wanted: uvicorn.Config) -> None:
    """Have `Parent` fork its processes, once all that they need is loaded."""
    with env.told():
        loading.everything()
    wanted.get_loop_factory()  # this imports, too
    gc.freeze()  # a look for garbage would write to every page, and they would no longer be shared
    theirs.get_subprocess = _forked  # type: ignore[assignment,attr-defined]  # no other place to say it


def _forked(config: uvicorn.Config, target: Callable[..., Any], sockets: list[socket.socket]) -> BaseProcess:
    """A process that serves, not started yet."""
    return multiprocessing.get_context("fork").Process(target=_serve, args=(config, target, sockets))


def _serve(config: uvicorn.Config, target: Callable[..., Any], sockets: list[socket.socket]) -> None:
    for number in theirs.SIGNALS:
        signal.signal(number, signal.SIG_DFL)  # the parent's are not ours; the server sets its own
    config.configure_logging()
    target(sockets=sockets)


def main(application: str, host: str, port: str, processes: str, grace: str) -> None:
    """Until a signal ends it; exit code 3 when it cannot serve."""
    wanted = config(application, host, int(port), int(processes), int(grace))
    if wanted.workers > 1:
        if sys.platform == "linux":
            fork(wanted)
        Parent(wanted, sockets=[wanted.bind_socket()]).run()
        return
    server = uvicorn.Server(wanted)
    server.run()
    if not server.started:
        sys.exit(3)


if __name__ == "__main__":
    main(*sys.argv[1:])
