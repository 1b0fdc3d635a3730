"""A disk that is really full: 507 `no_space`, and nothing half written is left."""

import io
import os
import resource
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from django.db import connection, transaction

from accounts.models import HistoryEntry
from documents.models import Blob, Document
from documents.storage import originals
from jobs.models import Job
from tests.house.gateways import PROJECT

pytestmark = pytest.mark.django_db
UPLOAD = "/api/v1/documents/upload/"


def nothing_was_kept(place: Path) -> bool:
    rows = Document.objects.exists() or Blob.objects.exists() or Job.objects.exists()
    told = HistoryEntry.objects.filter(subject_kind="document").exists()
    return not rows and not told and not [found for found in place.rglob("*") if found.is_file()]


def text(size: int) -> io.BytesIO:
    file = io.BytesIO(b"Job card: the brake callipers were measured.\n" * (size // 45 + 1))
    file.name = "card.txt"
    return file


@pytest.fixture
def small_disk(place) -> Iterator[Path]:
    """The folder of originals on a file system of 1 MB, where root may mount one."""
    folder = place / "originals"
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(folder)], capture_output=True)
    if mounted.returncode != 0:
        pytest.skip("no file system can be mounted here")
    originals().lay_out()
    try:
        yield folder
    finally:
        subprocess.run(["umount", str(folder)], check=True)


def test_a_full_disk_is_a_507_and_keeps_nothing_half_written(small_disk, api_client_as, clerk, api_source):
    client = api_client_as(clerk)
    refused = client.post(UPLOAD, {"file": text(2 << 20), "source": "api"})
    assert (refused.status_code, refused.json()["code"]) == (507, "no_space")
    assert refused["Content-Type"] == "application/problem+json"
    assert nothing_was_kept(small_disk)
    taken = client.post(UPLOAD, {"file": text(1 << 10), "source": "api"})
    assert taken.status_code == 202  # there is room for this one
    assert originals().exists(Blob.objects.get().key)


@pytest.fixture
def short_files() -> Iterator[Callable[[int], None]]:
    """No file may grow beyond so many bytes: the kernel refuses as it does on a full disk."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    yield lambda most: resource.setrlimit(resource.RLIMIT_FSIZE, (most, before[1]))
    resource.setrlimit(resource.RLIMIT_FSIZE, before)


def test_a_limit_of_the_file_system_is_a_507_too(place, short_files, api_client_as, clerk, api_source):
    client, file = api_client_as(clerk), text(1 << 20)
    short_files(256 << 10)
    refused = client.post(UPLOAD, {"file": file, "source": "api"})
    assert (refused.status_code, refused.json()["code"]) == (507, "no_space")
    assert nothing_was_kept(place / "originals")


def test_a_database_that_is_full_is_a_503_that_says_so(api_client_as, clerk, api_source, place, monkeypatch):
    """PostgreSQL's own disk: SQLSTATE 53100, raised here by a trigger as the server raises it."""
    with connection.cursor() as cursor:
        cursor.execute(
            "CREATE FUNCTION pg_temp.full() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
            " RAISE EXCEPTION 'could not extend file: No space left on device' USING ERRCODE = '53100'; END $$"
        )
        cursor.execute("CREATE TRIGGER full_disk BEFORE INSERT ON jobs_job EXECUTE FUNCTION pg_temp.full()")
    client = api_client_as(clerk)
    client.raise_request_exception = False
    with transaction.atomic():  # a receipt is one statement and needs no transaction of its own: the test's would end
        refused = client.post(UPLOAD, {"file": text(1 << 10), "source": "api"})
        transaction.set_rollback(True)
    assert (refused.status_code, refused.json()["code"]) == (503, "unavailable")
    assert not Document.objects.exists()


@pytest.mark.skipif(sys.platform != "linux", reason="/dev/full is Linux's")
def test_a_log_on_a_full_disk_takes_nobody_down():
    script = "import os; from kmrl.supervision.logs import Log; from pathlib import Path\n"
    script += "log = Log(Path('/dev/full')); log.write(b'said'); print('alive')"
    done = subprocess.run([sys.executable, "-c", script], cwd=PROJECT, capture_output=True, text=True, env=os.environ)
    assert done.stdout == "alive\n", done.stderr
