"""The storage of originals away: a bucket that does not answer or complains, a folder that is not there.

Papers that wait keep waiting, senders are told to come again, and everything goes on when it is back.
"""

import errno
import hashlib
import io
import os
import subprocess
import sys
from datetime import timedelta

import pytest
from botocore.config import Config
from django.core.management import CommandError, call_command
from django.utils import timezone

from accounts.rights import rights_of
from documents import intake, ledger, stored
from documents.intake import Upload
from documents.models import Blob, Document
from documents.refusals import StorageAway, StorageRefuses
from documents.storage import bucket as buckets
from documents.storage import folder, key_of, originals
from jobs import finishing, leases, running
from jobs.models import Job
from tests.faults.s3 import BUCKET, Bucket, Complaining, storage_at
from tests.house.gateways import PROJECT
from tests.intake import samples

pytestmark = pytest.mark.django_db
UPLOAD, BATCH = "/api/v1/documents/upload/", "/api/v1/documents/batch/"
DATA = b"Job card: the brake callipers were measured.\n"
SHA = hashlib.sha256(DATA).hexdigest()


@pytest.fixture(scope="module")
def servers():
    found = Bucket()
    found.come()
    yield found
    found.go()


@pytest.fixture
def bucket(servers, settings):
    servers.make()
    settings.STORAGES = {**settings.STORAGES, "originals": storage_at(servers.address)}
    yield servers
    servers.go()
    servers.come()


@pytest.fixture
def complaining(settings):
    """`complaining(500, "InternalError")`: originals lie in a bucket that says nothing else."""
    made = []

    def make(*args, **more) -> None:
        made.append(Complaining(*args, **more))
        settings.STORAGES = {**settings.STORAGES, "originals": storage_at(made[-1].address)}

    yield make
    for server in made:
        server.close()


def paper(number: int = 0) -> io.BytesIO:
    file = io.BytesIO(DATA + str(number).encode() * bool(number))
    file.name = f"card-{number}.txt"
    return file


def due() -> None:
    """The pause of what waits is over."""
    Job.objects.filter(state="failed").update(run_after=timezone.now() - timedelta(seconds=1))
    leases.promote_due()


def is_told_to_come_again(answer) -> bool:
    assert (answer.status_code, answer.json()["code"]) == (503, "unavailable"), answer.content
    assert answer["Content-Type"] == "application/problem+json"
    assert "storage of documents cannot be reached" in answer.json()["detail"]
    return int(answer["Retry-After"]) > 0


def test_uploads_and_downloads_are_told_to_come_again_while_the_bucket_is_away(
    bucket, api_client_as, clerk, api_source
):
    client = api_client_as(clerk)
    kept = client.post(UPLOAD, {"file": paper(), "source": "api"}).json()
    bucket.go()
    assert is_told_to_come_again(client.post(UPLOAD, {"file": paper(1), "source": "api"}))
    assert is_told_to_come_again(client.post(BATCH, {"files": [paper(1), paper(2)], "source": "api"}))
    assert is_told_to_come_again(client.get(f"/api/v1/documents/{kept['id']}/download/"))
    assert is_told_to_come_again(client.get(f"/api/v1/documents/{kept['id']}/pages/1/image/"))
    assert Document.objects.count() == Blob.objects.count() == 1
    bucket.come()
    assert client.post(UPLOAD, {"file": paper(1), "source": "api"}).status_code == 202
    assert client.get(f"/api/v1/documents/{kept['id']}/download/").status_code == 200


def test_a_batch_that_was_told_to_come_again_comes_in_whole_with_the_same_key(bucket, api_client_as, clerk, api_source):
    client = api_client_as(clerk)

    def send():
        form = {"files": [paper(1), paper(2)], "source": "api"}
        return client.post(BATCH, form, headers={"Idempotency-Key": "b" * 20})

    bucket.go()
    assert is_told_to_come_again(send())
    bucket.come()
    answer = send()
    assert (answer.status_code, len(answer.json()["documents"]), answer.json()["refused"]) == (202, 2, [])


@pytest.mark.django_db(transaction=True)
def test_papers_that_wait_while_the_bucket_is_away_spend_no_attempt_and_are_read_when_it_is_back(
    queues, bucket, clerk, api_source
):
    rights = rights_of(clerk)
    for number in range(1, 6):
        upload = Upload(f"{number}.pdf", file=io.BytesIO(samples.pdf(f"Circular {number}")))
        intake.submit(upload, by=clerk, rights=rights, source="api")
    bucket.go()
    for _ in range(4):
        running.drain("default")
        assert set(Job.objects.values_list("state", "attempt", "error_code")) == {("failed", 0, "away")}
        assert set(Document.objects.values_list("status", flat=True)) == {"queued"}
        due()
    bucket.come()
    running.drain("default")
    assert set(Document.objects.values_list("status", flat=True)) == {"processed"}
    assert set(Job.objects.filter(kind="document.process").values_list("state", "attempt")) == {("succeeded", 1)}


@pytest.mark.django_db(transaction=True)
def test_what_stays_away_for_too_long_is_given_up_and_says_why(queues, bucket, clerk, api_source):
    upload = Upload("1.pdf", file=io.BytesIO(samples.pdf()))
    document = intake.submit(upload, by=clerk, rights=rights_of(clerk), source="api")
    bucket.go()
    tries = 0
    while (job := Job.objects.get(pk=document.job_id)).state != "dead":
        assert tries < finishing.SPARED + job.max_attempts
        running.drain("default")
        due()
        tries += 1
    assert tries == finishing.SPARED + job.max_attempts
    document.refresh_from_db()
    assert (document.status, document.newest.error_code) == ("failed", "internal")
    assert "storage of documents was away" in document.newest.error_detail


@pytest.mark.parametrize(
    ("status", "code"), [(500, "InternalError"), (503, "SlowDown"), (503, "ServiceUnavailable"), (429, "SlowDown")]
)
def test_a_server_that_complains_of_itself_is_away(complaining, api_client_as, clerk, api_source, status, code):
    complaining(status, code)
    assert is_told_to_come_again(api_client_as(clerk).post(UPLOAD, {"file": paper(), "source": "api"}))
    for act in (
        lambda: originals().open(key_of(SHA)),
        lambda: originals().read(key_of(SHA), 0, 5),
        lambda: list(originals().listed()),
        lambda: originals().delete(key_of(SHA)),
        lambda: originals().exists(key_of(SHA)),
    ):
        with pytest.raises(StorageAway):
            act()


def test_a_server_that_says_nothing_is_away_after_a_while(complaining, monkeypatch):
    monkeypatch.setattr(buckets, "PATIENCE", buckets.PATIENCE.merge(Config(read_timeout=0.3)))
    complaining(silent=True)
    with pytest.raises(StorageAway) as raised:
        originals().exists(key_of(SHA))
    assert raised.value.kind == "ReadTimeoutError"


def test_boto3_waits_no_longer_than_a_sender_would(bucket):
    told = originals().client.meta.config
    assert (told.connect_timeout, told.read_timeout, told.retries["total_max_attempts"]) == (2, 20, 3)


@pytest.mark.parametrize(
    ("status", "code", "said"),
    [
        (403, "InvalidAccessKeyId", "Correct KMRL_S3_ACCESS_KEY and KMRL_S3_SECRET_KEY"),
        (403, "SignatureDoesNotMatch", "Correct KMRL_S3_ACCESS_KEY and KMRL_S3_SECRET_KEY"),
        (404, "NoSuchBucket", f"There is no bucket '{BUCKET}' at http://127.0.0.1"),
    ],
)
def test_wrong_keys_and_a_bucket_that_is_not_there_are_said_in_one_sentence(complaining, status, code, said):
    complaining(status, code)
    with pytest.raises(StorageRefuses) as raised:
        stored.make_ready()
    assert said in raised.value.why and "\n" not in raised.value.why


def test_a_bucket_that_does_not_answer_at_the_start_is_said_and_stops_nobody(bucket):
    assert stored.make_ready() == ""
    bucket.go()
    assert "does not answer" in stored.make_ready()


def test_preparation_ends_with_one_sentence_when_there_is_no_such_bucket(db, servers, tmp_path):
    told = {"KMRL_S3_BUCKET": "nowhere", "KMRL_S3_ENDPOINT": servers.address}
    told |= {"KMRL_S3_ACCESS_KEY": "test", "KMRL_S3_SECRET_KEY": "test", "KMRL_DATA": str(tmp_path)}
    script = "import django; django.setup(); from kmrl.management.commands.prepare import Command\n"
    script += "from django.core.management.base import CommandError\n"
    script += "try: Command()._storage()\nexcept CommandError as said: print(said)"
    environment = os.environ | {"DJANGO_SETTINGS_MODULE": "kmrl.settings"} | told
    done = subprocess.run([sys.executable, "-c", script], cwd=PROJECT, capture_output=True, text=True, env=environment)
    assert done.stdout == (
        f"There is no bucket 'nowhere' at {servers.address}. Make it, or correct KMRL_S3_BUCKET.\n"
    ), done.stderr


# --- the folder


def broken(*_, **__):
    raise OSError(errno.EIO, "Input/output error")


@pytest.fixture
def unmounted(place):
    """As when the disk of the originals is not mounted: the empty folder that is left."""
    (place / "originals").rename(place / "disk")
    (place / "originals").mkdir()

    def mount() -> None:
        (place / "originals").rmdir()
        (place / "disk").rename(place / "originals")

    return mount


def test_nothing_is_written_beside_a_disk_that_is_not_mounted(unmounted, place, api_client_as, clerk, api_source):
    client = api_client_as(clerk)
    assert is_told_to_come_again(client.post(UPLOAD, {"file": paper(), "source": "api"}))
    assert list((place / "originals").iterdir()) == []
    assert not Document.objects.exists() and not Blob.objects.exists()
    unmounted()
    assert client.post(UPLOAD, {"file": paper(), "source": "api"}).status_code == 202


def test_originals_on_a_disk_that_is_not_mounted_are_not_said_to_be_missing(clerk, api_source, request, api_client_as):
    upload = Upload("1.pdf", file=io.BytesIO(samples.pdf()))
    document = intake.submit(upload, by=clerk, rights=rights_of(clerk), source="api")
    mount = request.getfixturevalue("unmounted")
    client = api_client_as(clerk)
    assert is_told_to_come_again(client.get(f"/api/v1/documents/{document.pk}/download/"))
    with pytest.raises(StorageAway):
        ledger.whole()
    with pytest.raises(CommandError, match="Nothing can be said of originals now"):
        call_command("reconcile")
    with pytest.raises(StorageRefuses) as raised:
        stored.make_ready()
    assert "Mount its disk" in raised.value.why
    mount()
    assert ledger.whole().differences == []


@pytest.mark.parametrize("where", ["copy", "fsync"])
def test_a_disk_that_breaks_off_is_away_and_keeps_nothing_half_written(
    monkeypatch, place, api_client_as, clerk, api_source, where
):
    monkeypatch.setattr(folder if where == "copy" else os, where, broken)
    assert is_told_to_come_again(api_client_as(clerk).post(UPLOAD, {"file": paper(), "source": "api"}))
    assert [found for found in (place / "originals").rglob("*") if found.is_file()] == []


@pytest.mark.django_db(transaction=True)
def test_papers_wait_while_the_folder_is_away(queues, clerk, api_source, request):
    upload = Upload("1.pdf", file=io.BytesIO(samples.pdf()))
    intake.submit(upload, by=clerk, rights=rights_of(clerk), source="api")
    mount = request.getfixturevalue("unmounted")
    running.drain("default")
    assert Job.objects.values_list("state", "attempt", "error_code").get() == ("failed", 0, "away")
    mount()
    due()
    running.drain("default")
    assert Document.objects.get().status == "processed"


def test_originals_that_were_put_back_without_what_was_empty_are_there(db, place):
    """As from a bucket, or by a copy that leaves empty folders out."""
    originals().put(SHA, io.BytesIO(DATA))
    Blob.objects.create(sha256=SHA, size=len(DATA), created_at=timezone.now())
    (place / "originals" / "incoming").rmdir()
    originals().storage._durable.clear()  # another process starts
    assert stored.make_ready() == ""
    originals().try_out()
    assert originals().exists(key_of(SHA))
    new = io.BytesIO(b"another")
    assert originals().put(hashlib.sha256(b"another").hexdigest(), new)


def test_the_first_start_lays_the_folder_out_for_its_owner_alone(place, settings):
    settings.STORAGES = {
        **settings.STORAGES,
        "originals": {
            "BACKEND": "documents.storage.FolderStorage",
            "OPTIONS": {"location": str(place / "new" / "originals")},
        },
    }
    assert stored.make_ready() == ""
    assert originals().put(SHA, io.BytesIO(DATA)) is True
    assert oct((place / "new" / "originals").stat().st_mode)[-3:] == "700"


def test_marks_in_a_bucket_are_kept_apart_from_originals(bucket):
    other = "0123456789abcdef.another"
    originals().put(SHA, io.BytesIO(DATA))
    Blob.objects.create(sha256=SHA, size=len(DATA), created_at=timezone.now())
    assert stored.make_ready() == ""
    [ours] = originals().marks()
    assert {key.partition("/")[0] for key, _ in originals().listed()} == {"sha256"}
    originals().mark(other)
    assert set(originals().marks()) == {ours, other}
    with pytest.raises(StorageRefuses) as refused:
        stored.make_ready()
    assert f"gateways/{other} in the bucket 'papers'" in refused.value.why
    originals().delete(f"gateways/{other}")
    assert stored.make_ready() == ""
    bucket.go()
    with pytest.raises(StorageAway):
        originals().marks()
