"""What every test may ask for: the people of a small house, a place for bytes, and a Redis of one's own."""

import gc
import itertools
import os
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as configured
from django.core.cache import caches
from django.db import connection
from hypothesis import HealthCheck
from hypothesis import settings as examples
from rest_framework.test import APIClient
from rest_framework_simplejwt.tokens import AccessToken
from xdist.remote import Producer

from accounts import counting, credentials
from accounts.models import Department, HouseRole, Membership, Role, User
from documents import storage
from documents.models import Source
from jobs.heartbeat import HEART
from jobs.models import Queue, QueueName
from kmrl import first_schema
from tests import emptying
from tests.lanes import Lanes

# Each xdist worker, and each run, has its own names in Redis. Processes that a test starts inherit them.
REDIS_PREFIX = f"kmrl-test-{os.environ.get('PYTEST_XDIST_WORKER', 'main')}-{uuid.uuid4().hex[:8]}"
os.environ["KMRL_REDIS_PREFIX"] = REDIS_PREFIX
configured.REDIS_PREFIX = REDIS_PREFIX
os.environ["KMRL_ALERT_EVERY"] = "0"  # nobody looks for alerts by himself while others test
configured.ALERT_EVERY = 0
configured.CACHES["default"]["KEY_PREFIX"] = REDIS_PREFIX
configured.CHANNEL_LAYERS["default"]["CONFIG"]["prefix"] = REDIS_PREFIX
configured.CELERY_BROKER_TRANSPORT_OPTIONS["global_keyprefix"] = f"{REDIS_PREFIX}:"
configured.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
configured.STORAGES["staticfiles"] = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
configured.WHITENOISE_AUTOREFRESH = configured.WHITENOISE_USE_FINDERS = True  # static files without collecting them

emptying.instead_of_djangos()
# Examples do not fail for being slow on a machine that is busy.
examples.register_profile("patient", deadline=None, suppress_health_check=[HealthCheck.too_slow])
examples.load_profile("patient")

_numbers = itertools.count(1)


def pytest_collection_finish() -> None:
    """What five thousand tests are made of stays, and is not looked over again and again for garbage.

    That took a sixteenth of all their computing.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(5_000, 20, 20)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> Lanes | None:
    return Lanes(config, log) if config.getvalue("dist") == "loadfile" else None


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings_parallel_suffix) -> None:
    """The tests' database gets its tables as a new gateway's does: in one go, and then what migrations are left.

    That this comes to the same is what `tests/house/test_first_schema.py` looks at, in a database of its own.
    """
    create = connection.creation._create_test_db

    def create_and_lay(*given: Any, **more: Any) -> str:
        name: str = create(*given, **more)
        connection.close()
        connection.settings_dict["NAME"] = name
        first_schema.lay()
        with connection.cursor() as cursor:  # commits wait for no disk: no test cuts off this server's power
            cursor.execute(f"ALTER DATABASE {connection.ops.quote_name(name)} SET synchronous_commit = off")
        return name

    connection.creation._create_test_db = create_and_lay


@pytest.fixture(autouse=True)
def place(settings, tmp_path: Path) -> Path:
    """The test's KMRL_DATA: a folder with `originals` laid out below it, and nothing else."""
    settings.KMRL_DATA = tmp_path
    storage.FolderStorage(str(tmp_path / "originals")).lay_out()
    settings.STORAGES = {
        **settings.STORAGES,
        "originals": {
            "BACKEND": "documents.storage.FolderStorage",
            "OPTIONS": {"location": str(tmp_path / "originals")},
        },
    }
    return tmp_path


@pytest.fixture(autouse=True)
def _nothing_remembered(settings) -> Iterator[None]:
    """An empty cache (no throttle counts, no sessions) and no credentials held from the test before, nor during one."""
    settings.CREDENTIALS_HELD_SECONDS = 0
    credentials.forget()
    counting.ask_again()
    cache = caches["default"]
    cache.key_prefix = f"{REDIS_PREFIX}-{next(_numbers)}"
    yield
    credentials.forget()


@pytest.fixture
def commits(db, monkeypatch) -> None:
    """`on_commit` hooks run when the code under test commits, although the test itself is rolled back.

    With `transactional_db` they do so anyway and nothing is changed.
    """
    if not connection.in_atomic_block:
        return
    level, savepoint_commit, on_commit = (
        len(connection.savepoint_ids),
        connection.savepoint_commit,
        connection.on_commit,
    )

    def run_hooks() -> None:
        while connection.run_on_commit:
            _, hook, _ = connection.run_on_commit.pop(0)
            hook()

    def commit(sid: str) -> None:
        savepoint_commit(sid)
        if len(connection.savepoint_ids) == level:
            run_hooks()

    def register(hook: Callable[[], None], robust: bool = False) -> None:
        on_commit(hook, robust)
        if len(connection.savepoint_ids) == level:
            run_hooks()

    monkeypatch.setattr(connection, "savepoint_commit", commit)
    monkeypatch.setattr(connection, "on_commit", register)


@pytest.fixture
def inline_jobs(commits, settings) -> None:
    """Jobs run in the thread that enqueued them, as soon as that commits."""
    settings.PROCESS_INLINE = True


# --- the people


@pytest.fixture
def operations(db) -> Department:
    return Department.objects.get_or_create(key="operations", defaults={"name": "Operations"})[0]


@pytest.fixture
def safety(db) -> Department:
    return Department.objects.get_or_create(key="safety", defaults={"name": "Safety"})[0]


@pytest.fixture
def person(db) -> Callable[..., User]:
    """`person("meera", role="head", of=operations, house_role="")`: an active user; without `of` in no department."""

    def make(
        username: str, *, role: str = Role.CLERK, of: Department | None = None, password: str | None = None, **others
    ) -> User:
        user = User(username=username, email=f"{username}@example.com", **others)
        user.set_password(password)
        user.save()
        if of is not None:
            Membership.objects.create(user=user, department=of, role=role)
        return user

    return make


@pytest.fixture
def clerk(person, operations) -> User:
    return person("clerk", role=Role.CLERK, of=operations)


@pytest.fixture
def reviewer(person, operations) -> User:
    return person("reviewer", role=Role.REVIEWER, of=operations)


@pytest.fixture
def head(person, operations) -> User:
    return person("head", role=Role.HEAD, of=operations)


@pytest.fixture
def outsider(person, safety) -> User:
    """A clerk of another department."""
    return person("outsider", role=Role.CLERK, of=safety)


@pytest.fixture
def auditor(person) -> User:
    return person("auditor", house_role=HouseRole.AUDITOR)


@pytest.fixture
def administrator(person) -> User:
    return person("administrator", house_role=HouseRole.ADMINISTRATOR)


@pytest.fixture
def api_source(db) -> Source:
    return Source.objects.get_or_create(key="api", defaults={"name": "API"})[0]


@pytest.fixture
def api_client_as() -> Callable[[User | None], APIClient]:
    """`api_client_as(clerk)`: a REST client signed in by JWT, through the real door; None is nobody."""

    def client_of(user: User | None) -> APIClient:
        client = APIClient()
        if user is not None:
            client.credentials(HTTP_AUTHORIZATION=f"Bearer {AccessToken.for_user(user)}")
        return client

    return client_of


@pytest.fixture(autouse=True)
def _ready_for_jobs(request: pytest.FixtureRequest, monkeypatch) -> None:
    """The migration's rows of the queues, which a test that empties the tables takes from those after it.

    And no heartbeat where the test is rolled back: it looks through a connection of its own, which sees nothing of the
    test's open transaction, and takes every job that lasts half a second for lost.
    """
    asks = {"db", "transactional_db", "live_server"} & set(request.fixturenames)
    if asks or request.node.get_closest_marker("django_db"):
        request.getfixturevalue("_django_db_helper")
        Queue.objects.bulk_create([Queue(name=name) for name in QueueName.values], ignore_conflicts=True)
        if connection.in_atomic_block:
            monkeypatch.setattr(HEART, "watch", lambda runs: None)
