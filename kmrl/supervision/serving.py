"""`python -m kmrl.supervision.serving APPLICATION HOST PORT PROCESSES GRACE`: uvicorn, ending without losing requests.

uvicorn's parent keeps the listening socket open while its processes end: whoever connects meanwhile is accepted by the
kernel and cut off later, with the request sent. Here the door is closed first, so that a proxy is refused at once and
may try again. Requests that have begun have GRACE seconds to end.
"""

import sys

import uvicorn
from uvicorn.supervisors import Multiprocess

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


def main(application: str, host: str, port: str, processes: str, grace: str) -> None:
    """Until a signal ends it; exit code 3 when it cannot serve."""
    wanted = config(application, host, int(port), int(processes), int(grace))
    if wanted.workers > 1:
        Parent(wanted, sockets=[wanted.bind_socket()]).run()
        return
    server = uvicorn.Server(wanted)
    server.run()
    if not server.started:
        sys.exit(3)


if __name__ == "__main__":
    main(*sys.argv[1:])
