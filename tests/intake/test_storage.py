import base64
import errno
import hashlib
import io
import os
import stat
from datetime import timedelta

import boto3
import pytest
from django.utils import timezone
from moto.server import ThreadedMotoServer

from documents import collecting, ledger, storage
from documents.models import Blob, Document
from documents.refusals import NoSpace
from documents.storage import folder, key_of, originals
from tests.intake import samples

DATA = b"Rail joint gap measured 6 mm" * 1000
SHA = hashlib.sha256(DATA).hexdigest()


@pytest.fixture(scope="module")
def s3_server():
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture
def bucket(s3_server, settings, request) -> str:
    """Originals lie in a bucket of their own, spoken to by boto3 over HTTP."""
    name = "b" + hashlib.sha256(request.node.nodeid.encode()).hexdigest()[:20]
    keys = {"access_key": "test", "secret_key": "test", "region_name": "us-east-1"}
    boto3.client(
        "s3",
        endpoint_url=s3_server,
        aws_access_key_id="test",
        aws_secret_access_key="test",
        region_name="us-east-1",
    ).create_bucket(Bucket=name)
    options = {"bucket_name": name, "endpoint_url": s3_server, "file_overwrite": True, "default_acl": None, **keys}
    settings.STORAGES = {
        **settings.STORAGES,
        "originals": {"BACKEND": "storages.backends.s3.S3Storage", "OPTIONS": options},
    }
    return name


@pytest.fixture(params=["folder", "bucket"])
def anywhere(request) -> str:
    if request.param == "bucket":
        request.getfixturevalue("bucket")
    return request.param


def test_bytes_are_put_once_and_come_back_whole_and_in_part(anywhere):
    key = key_of(SHA)
    assert not originals().exists(key) and originals().changed(key) is None
    assert originals().put(SHA, io.BytesIO(DATA)) is True
    assert originals().put(SHA, io.BytesIO(DATA)) is False
    with originals().open(key) as file:
        assert file.read() == DATA
        file.seek(3)
        assert file.read(5) == DATA[3:8]
    assert b"".join(originals().read(key, 5, 7)) == DATA[5:12]
    assert b"".join(originals().read(key, 0, 0)) == b""
    assert [found for found, _ in originals().listed()] == [key]
    originals().delete(key)
    originals().delete(key)
    assert not originals().exists(key)


def test_what_is_missing_is_said_to_be(anywhere):
    with pytest.raises(FileNotFoundError):
        originals().open(key_of(SHA))
    with pytest.raises(FileNotFoundError):
        originals().read(key_of(SHA), 0, 5)


@pytest.mark.django_db
def test_a_document_lives_in_either_storage(anywhere, api_client_as, clerk, send):
    data = samples.pdf()
    document = send(clerk, data)
    answer = api_client_as(clerk).get(f"/api/v1/documents/{document.pk}/download/", HTTP_RANGE="bytes=1-4")
    assert (answer.status_code, b"".join(answer.streaming_content)) == (206, data[1:5])
    assert ledger.whole(deep=True).differences == []
    originals().delete(key_of(document.newest.blob_id))
    assert [found.what for found in ledger.whole().differences] == ["missing bytes"]
    assert api_client_as(clerk).get(f"/api/v1/documents/{document.pk}/download/").status_code == 404


def test_bytes_go_into_a_bucket_with_their_checksum_so_that_s3_refuses_others(bucket):
    sent = []
    originals().client.meta.events.register("before-send.s3.PutObject", lambda request, **_: sent.append(request))
    originals().put(SHA, io.BytesIO(DATA))
    checksum = base64.b64encode(hashlib.sha256(DATA).digest())
    assert [request.headers["x-amz-checksum-sha256"] for request in sent] == [checksum]


@pytest.mark.django_db
def test_a_bucket_may_answer_downloads_by_a_signed_address(bucket, settings, api_client_as, clerk, send):
    settings.S3_REDIRECT = True
    document = send(clerk, b"hello", "കത്ത്.txt")
    answer = api_client_as(clerk).get(f"/api/v1/documents/{document.pk}/download/")
    assert answer.status_code == 302
    assert "Signature=" in answer["Location"] and "attachment" in answer["Location"]


@pytest.mark.django_db
def test_who_only_looks_is_answered_here_because_the_signature_is_for_get(bucket, settings, api_client_as, clerk, send):
    settings.S3_REDIRECT = True
    document = send(clerk, b"hello", "a.txt")
    answer = api_client_as(clerk).head(f"/api/v1/documents/{document.pk}/download/")
    assert (answer.status_code, answer["Content-Length"], answer.content) == (200, "5", b"")
    originals().delete(key_of(document.newest.blob_id))
    assert api_client_as(clerk).head(f"/api/v1/documents/{document.pk}/download/").status_code == 404


# --- the folder


def test_only_its_owner_may_look_into_the_folder(place):
    originals().put(SHA, io.BytesIO(DATA))
    for path in [place / "originals", *(place / "originals").rglob("*")]:
        mode = stat.S_IMODE(path.stat().st_mode)
        assert mode & 0o077 == 0, path
    assert originals().path(key_of(SHA)) == place / "originals" / "sha256" / SHA[:2] / SHA[2:4] / SHA


def test_the_file_and_its_folders_are_synced_before_the_name_is_seen(monkeypatch):
    steps = []
    fsync, replace = os.fsync, os.replace

    def noted_fsync(handle):
        steps.append("folder" if stat.S_ISDIR(os.fstat(handle).st_mode) else "file")
        fsync(handle)

    def noted_replace(*names):
        steps.append("name")
        replace(*names)

    monkeypatch.setattr(os, "fsync", noted_fsync)
    monkeypatch.setattr(os, "replace", noted_replace)
    originals().put(SHA, io.BytesIO(DATA))
    file = steps.index("file")
    assert set(steps[file + 1 : -2]) == {"folder"} and steps[-2:] == ["name", "folder"] and steps.count("file") == 1


def test_a_folder_is_synced_once_for_all_that_stand_in_it(place, settings, monkeypatch):
    def put(number: int) -> None:
        sha256 = f"ab{number:02x}" + "0" * 60
        storage.FolderOriginals(found).draft(sha256, io.BytesIO(DATA))

    found = folder.FolderStorage(str(place / "originals"))
    for number in range(3):
        put(number)
    synced, sync_folder = [], folder.sync_folder
    monkeypatch.setattr(folder, "sync_folder", lambda name: (synced.append(str(name)), sync_folder(name)))
    found = folder.FolderStorage(str(place / "originals"))  # as a process that has just begun
    put(0)
    above = [place, place / "originals", place / "originals/sha256", place / "originals/sha256/ab"]
    assert sorted(set(synced)) == [str(one) for one in above] and len(synced) == 4
    put(1)
    put(2)
    assert len(synced) == 4
    put(3)  # a new one
    assert synced[4:] == [str(place / "originals/sha256/ab")]


def full(*_):
    raise OSError(errno.ENOSPC, "No space left on device")


@pytest.mark.parametrize("where", ["copy", "fsync"])
def test_a_full_disk_keeps_nothing_half_written(monkeypatch, kept, where):
    monkeypatch.setattr(folder if where == "copy" else os, where, full)
    with pytest.raises(NoSpace):
        originals().put(SHA, io.BytesIO(DATA))
    assert kept() == []


@pytest.mark.django_db
def test_a_full_disk_answers_507_and_leaves_no_row(monkeypatch, api_client_as, clerk, api_source, kept):
    monkeypatch.setattr(folder, "copy", full)
    answer = api_client_as(clerk).post("/api/v1/documents/upload/", {"file": io.BytesIO(DATA), "source": "api"})
    assert (answer.status_code, answer.json()["code"]) == (507, "no_space")
    assert kept() == [] and not Document.objects.exists() and not Blob.objects.exists()


# --- the collector


def aged(place, key: str) -> None:
    old = (timezone.now() - timedelta(days=2)).timestamp()
    os.utime(place / "originals" / key, (old, old))


@pytest.mark.django_db
def test_stray_bytes_are_collected_after_a_day_and_used_ones_never(remembered, place, clerk, send, kept):
    used = send(clerk).newest.blob_id
    originals().put(SHA, io.BytesIO(DATA))
    aged(place, key_of(used))
    assert collecting.collect().removed == 0
    aged(place, key_of(SHA))
    assert collecting.collect().removed == 1
    assert kept() == [place / "originals" / key_of(used)]


@pytest.mark.django_db
def test_a_blob_without_a_version_is_collected_with_its_row(place, clerk, send, kept):
    document = send(clerk)
    key = key_of(document.newest.blob_id)
    document.delete()
    Blob.objects.update(created_at=timezone.now() - timedelta(days=2))
    assert collecting.collect().removed == 0  # the bytes were put today
    aged(place, key)
    assert collecting.collect().removed == 1
    assert kept() == [] and not Blob.objects.exists()


@pytest.mark.django_db
def test_an_unfinished_file_is_cleared_after_a_day(place, kept):
    originals().put(SHA, io.BytesIO(DATA))
    for name in ("old", "new"):
        (place / "originals/incoming" / name).write_bytes(b"half")
    aged(place, "incoming/old")
    assert collecting.collect().removed == 1
    assert [path.name for path in kept()] == ["new", SHA]


@pytest.mark.django_db
def test_bytes_collected_between_writing_and_recording_are_written_again(clerk, send, monkeypatch):
    data = samples.pdf()
    first = send(clerk, data)
    key = key_of(first.newest.blob_id)
    put = storage.FolderOriginals.put

    def put_and_lose(self, sha256, file):
        created = put(self, sha256, file)
        self.delete(key)
        monkeypatch.undo()
        return created

    monkeypatch.setattr(storage.FolderOriginals, "put", put_and_lose)
    send(clerk, data, "again.pdf")
    assert originals().exists(key)
