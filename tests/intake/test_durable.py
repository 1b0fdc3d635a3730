"""PostgreSQL and the disk work at the same moment, and still the bytes are durable before their row is committed."""

import errno
import hashlib
import io
import json
import os
import stat
import subprocess
import sys
from datetime import timedelta

import psycopg
import pytest
from django.conf import settings as configured
from django.db import IntegrityError, OperationalError, connection
from django.utils import timezone

from accounts.rights import rights_of
from documents import collecting, intake, recording
from documents.intake import Upload
from documents.models import Blob, Document, IdempotentRequest, Source, Version
from documents.refusals import NoSpace
from documents.storage import folder, key_of, originals
from jobs.models import Job
from tests.house.gateways import PROJECT
from tests.intake import samples
from tests.intake.test_gate import Call
from tests.intake.test_straight import bearer, form, straight_only
from tests.work.test_workers import address

__all__ = ["bearer"]
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def sent(clerk, api_source):
    """`sent(b"…")`: a file that was looked at, to be recorded."""

    def look(data: bytes, key: str | None = None) -> intake.Sent:
        wishes = intake.wishes_of(by=clerk, rights=rights_of(clerk), source="api")
        asked = intake.requests.Key(rights_of(clerk).credential, "upload", key) if key else None
        upload = Upload("note.pdf", file=io.BytesIO(data))
        return intake.look_at(upload, io.BytesIO(data), wishes, asked)

    return look


def no_rows() -> bool:
    return not any(model.objects.exists() for model in (Document, Version, Blob, Job, IdempotentRequest))


def collected(place) -> int:
    """How many the collector removes a day later."""
    old = (timezone.now() - timedelta(days=2)).timestamp()
    for path in (place / "originals").rglob("*"):
        os.utime(path, (old, old))
    return collecting.collect().removed


def test_the_rows_are_on_their_way_first_and_committed_last(sent, monkeypatch):
    steps = []
    fsync, replace, execute = os.fsync, os.replace, psycopg.RawCursor.execute
    committed = psycopg.Connection.execute

    def noted_fsync(handle):
        steps.append("folder" if stat.S_ISDIR(os.fstat(handle).st_mode) else "file")
        fsync(handle)

    def noted_replace(*names):
        steps.append("name")
        replace(*names)

    def noted_execute(self, query, *args, **more):
        steps.append("rows" if b"documents_document" in query else "else")
        return execute(self, query, *args, **more)

    def noted_end(self, query, *args, **more):
        steps.append(query)
        return committed(self, query, *args, **more)

    assert isinstance(recording.record([sent(samples.pdf("first"))]).outcomes[0], Document)  # numbers are drawn
    monkeypatch.setattr(os, "fsync", noted_fsync)
    monkeypatch.setattr(os, "replace", noted_replace)
    monkeypatch.setattr(psycopg.RawCursor, "execute", noted_execute)
    monkeypatch.setattr(psycopg.Connection, "execute", noted_end)
    assert isinstance(recording.record([sent(samples.pdf())]).outcomes[0], Document)
    assert [step for step in steps if step != "folder"] == [
        "BEGIN",
        "rows",
        "SET CONSTRAINTS ALL IMMEDIATE",
        "file",
        "name",
        "COMMIT",
    ]
    assert steps[-2:] == ["folder", "COMMIT"]


def test_nobody_sees_the_rows_before_the_bytes_have_their_name(sent, monkeypatch):
    seen, name = [], folder.FolderDraft.name

    def look(draft):
        with psycopg.connect(address()) as other:
            seen.append(other.execute("SELECT count(*) FROM documents_document").fetchone())
        name(draft)

    monkeypatch.setattr(folder.FolderDraft, "name", look)
    assert isinstance(recording.record([sent(samples.pdf())]).outcomes[0], Document)
    assert seen == [(0,)] and Document.objects.count() == 1


KILLED = """
import io, os, sys, django
django.setup()
from documents import intake, recording
from documents.storage import folder
from accounts.models import User
from accounts.rights import rights_of
when, data = sys.argv[1], sys.stdin.buffer.read()
kept, name = folder.FolderStorage.draft, folder.FolderDraft.name
def draft(*args):
    made = kept(*args)
    os._exit(9) if when == "synced" else None
    return made
def named(made):
    name(made)
    os._exit(9)
folder.FolderStorage.draft, folder.FolderDraft.name = draft, named
user = User.objects.get(username=sys.argv[2])
wishes = intake.wishes_of(by=user, rights=rights_of(user), source="api")
upload = intake.Upload("note.pdf", file=io.BytesIO(data))
recording.record([intake.look_at(upload, upload.file, wishes, None)])
"""


@pytest.mark.parametrize("when", ["synced", "named"])
def test_killed_between_the_bytes_and_the_commit_leaves_bytes_for_the_collector_and_no_row(
    remembered, sent, clerk, place, kept, when
):
    data = samples.pdf()
    environment = {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "kmrl.settings",
        "DATABASE_URL": address(),
        "REDIS_URL": configured.REDIS_URL,
        "KMRL_DATA": str(place),
        "KMRL_SECRET_KEY": "for-this-test",
    }
    done = subprocess.run(
        [sys.executable, "-c", KILLED, when, clerk.username], input=data, cwd=PROJECT, env=environment
    )
    assert done.returncode == 9
    assert len(kept()) == 1 and no_rows()
    assert originals().exists(key_of(hashlib.sha256(data).hexdigest())) == (when == "named")
    assert collected(place) == 1 and kept() == []
    assert isinstance(recording.record([sent(data)]).outcomes[0], Document)


def test_a_commit_that_fails_is_told_and_leaves_bytes_for_the_collector(remembered, sent, place, kept, monkeypatch):
    name = folder.FolderDraft.name

    def named_and_cut_off(draft):
        name(draft)
        with psycopg.connect(address(), autocommit=True) as other:
            other.execute("SELECT pg_terminate_backend(%s, 5000)", [connection.connection.info.backend_pid])

    with monkeypatch.context() as patch:
        patch.setattr(folder.FolderDraft, "name", named_and_cut_off)
        outcome = recording.record([sent(samples.pdf(), key="k")]).outcomes[0]
    connection.close()
    assert isinstance(outcome, OperationalError)
    assert no_rows() and len(kept()) == 1
    assert isinstance(recording.record([sent(samples.pdf(), key="k")]).outcomes[0], Document)  # sent again
    Document.objects.all().delete()
    Blob.objects.update(created_at=timezone.now() - timedelta(days=2))
    assert collected(place) == 1 and kept() == []


def test_a_row_that_points_to_nothing_is_refused_and_the_next_is_taken(sent, api_source):
    bad, key = sent(samples.pdf("bad")), api_source.key
    api_source.delete()
    assert isinstance(recording.record([bad]).outcomes[0], IntegrityError)
    assert no_rows()
    Source.objects.create(key=key, name="API")
    assert isinstance(recording.record([sent(samples.pdf("good"))]).outcomes[0], Document)


async def test_a_file_that_cannot_be_synced_is_a_507_and_nothing_is_kept(bearer, kept, monkeypatch):
    def full(handle):
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", full)
        call = await Call(form(samples.pdf())).to(straight_only(), **bearer, **{"idempotency-key": "k"})
    assert (call.status, call.code, kept()) == (507, "no_space", [])
    again = await Call(form(samples.pdf())).to(straight_only(), **bearer, **{"idempotency-key": "k"})
    assert again.status == 202 and json.loads(again.body)["sha256"] == kept()[0].name


@pytest.mark.parametrize("step", ["draft", "name"])
def test_one_file_that_is_not_kept_harms_no_other(sent, kept, monkeypatch, step):
    bad, good = sent(samples.pdf("bad")), [sent(samples.pdf(str(number))) for number in range(3)]
    holder = folder.FolderStorage if step == "draft" else folder.FolderDraft
    real = getattr(holder, step)

    def full(self, *args):
        if bad.found.sha256 in (args[0] if args else self._place):
            raise OSError(errno.ENOSPC, "No space left on device") if step == "draft" else NoSpace
        return real(self, *args)

    monkeypatch.setattr(holder, step, full)
    outcomes = recording.record([good[0], bad, *good[1:]]).outcomes
    assert [type(outcome) for outcome in outcomes] == [Document, NoSpace, Document, Document]
    assert {path.name for path in kept()} == {one.found.sha256 for one in good}
    assert Document.objects.count() == Blob.objects.count() == Job.objects.count() == 3


def test_bytes_that_somebody_recorded_take_the_long_way_and_leave_no_draft(sent, kept):
    data = samples.pdf()
    Blob.objects.create(sha256=hashlib.sha256(data).hexdigest(), size=len(data), created_at=timezone.now())
    assert isinstance(recording.record([sent(data)]).outcomes[0], Document)
    assert [path.name for path in kept()] == [hashlib.sha256(data).hexdigest()]
    assert Document.objects.count() == 1
