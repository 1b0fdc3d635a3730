"""An S3 server of the test's own that can be taken away, and one that only complains."""

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import boto3
from moto.server import ThreadedMotoServer

from tests.house.gateways import free_port

BUCKET = "papers"


class Bucket:
    """A bucket behind boto3's own protocol, over HTTP. What it holds stays while it is away."""

    def __init__(self) -> None:
        self.port = free_port()
        self.address = f"http://127.0.0.1:{self.port}"
        self._server: ThreadedMotoServer | None = None

    def come(self) -> None:
        self._server = ThreadedMotoServer(ip_address="127.0.0.1", port=self.port)
        self._server.start()

    def go(self) -> None:
        if self._server is not None:
            self._server.stop()
            self._server = None

    def make(self, name: str = BUCKET) -> None:
        keys = {"aws_access_key_id": "test", "aws_secret_access_key": "test", "region_name": "us-east-1"}
        boto3.client("s3", endpoint_url=self.address, **keys).create_bucket(Bucket=name)


class Complaining:
    """Answers every request with one status and one error code of S3; `silent`, with nothing until it is closed."""

    def __init__(self, status: int = 500, code: str = "InternalError", *, silent: bool = False) -> None:
        over = self._over = threading.Event()

        class Handler(BaseHTTPRequestHandler):
            def answer(self) -> None:
                if silent:
                    over.wait(30)
                body = f"<Error><Code>{code}</Code><Message>no</Message></Error>".encode()
                self.send_response(status)
                self.send_header("Content-Type", "application/xml")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                if self.command != "HEAD":
                    self.wfile.write(body)
                self.close_connection = True

            do_GET = do_HEAD = do_PUT = do_DELETE = answer

            def log_message(self, *_: object) -> None:
                """Nobody reads it."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.address = f"http://127.0.0.1:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def close(self) -> None:
        self._over.set()
        self._server.shutdown()
        self._server.server_close()


def storage_at(address: str, bucket: str = BUCKET, **more: Any) -> dict[str, Any]:
    """What STORAGES says of a bucket there."""
    keys = {"access_key": "test", "secret_key": "test", "region_name": "us-east-1"}
    options = {"bucket_name": bucket, "endpoint_url": address, "file_overwrite": True, "default_acl": None}
    return {"BACKEND": "storages.backends.s3.S3Storage", "OPTIONS": options | keys | more}
