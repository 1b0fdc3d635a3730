"""A gateway of one's own that strangers talk to: programs, and pages of another origin."""

import functools
import http.server
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from bench.instance import Instance

EXAMPLES = Path(__file__).resolve().parent.parent.parent / "docs" / "examples"
KEY = """
import django
django.setup()
from accounts import api_keys
from accounts.models import User
root = User.objects.get(username="root")
print(api_keys.issue(name="examples", user=root, by=root)[1])
"""
REVIEWER = """
import django
django.setup()
from accounts import api_keys
from accounts.models import Department, Membership, Role, User
root = User.objects.get(username="root")
asha = User.objects.create(username="asha", first_name="Asha")
Membership.objects.create(user=asha, department=Department.objects.get(key="finance"), role=Role.REVIEWER)
print(api_keys.issue(name="deciding", user=asha, by=root, scopes=("read", "control"))[1])
"""


@pytest.fixture(scope="module")
def elsewhere() -> Iterator[str]:
    """The origin of somebody else's web server, which has the example page."""
    handler = functools.partial(http.server.SimpleHTTPRequestHandler, directory=str(EXAMPLES))
    handler.func.log_message = lambda *_args: None  # type: ignore[attr-defined]
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


@pytest.fixture(scope="module")
def outside(elsewhere: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Instance]:
    """The gateway; it trusts `elsewhere`."""
    instance = Instance(tmp_path_factory.mktemp("gateway"), settings={"KMRL_TRUSTED_ORIGINS": elsewhere})
    try:
        instance.start()
        yield instance
    finally:
        instance.stop()
        instance.remove()


@pytest.fixture(scope="module")
def key(outside: Instance) -> str:
    return outside.run("-c", KEY).strip()


@pytest.fixture(scope="module")
def reviewers_key(outside: Instance) -> str:
    """Of somebody who decides what is asked of Finance."""
    return outside.run("-c", REVIEWER).strip()
