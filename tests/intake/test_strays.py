"""Originals that no row knows: what processes left that died, or the only copies after a backup was restored."""

import hashlib
import io
import os
from datetime import datetime, timedelta

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.utils import timezone

from documents import collecting, ledger, remembering, tasks
from documents.models import Blob, Document, RememberedTime, Version
from documents.storage import key_of, originals
from jobs.models import Alert
from tests.intake import samples

pytestmark = pytest.mark.django_db
DAY, HOUR, MINUTE = timedelta(days=1), timedelta(hours=1), timedelta(minutes=1)


@pytest.fixture
def now() -> datetime:
    return timezone.now()


@pytest.fixture
def lay(place):
    """`lay(b"…", at)`: bytes in storage since then, without a row."""

    def put(data: bytes, at: datetime) -> str:
        sha256 = hashlib.sha256(data).hexdigest()
        originals().put(sha256, io.BytesIO(data))
        os.utime(place / "originals" / key_of(sha256), (at.timestamp(),) * 2)
        return sha256

    return put


def remembers(begun: datetime, seen: datetime) -> None:
    RememberedTime.objects.create(begun_at=begun, seen_at=seen, incarnation="this")


def lies_there(sha256: str) -> bool:
    return originals().exists(key_of(sha256))


@pytest.fixture
def restored(lay, now) -> list[str]:
    """A backup of five days ago was restored three days ago: three papers came in between, one stray before."""
    remembers(now - 30 * DAY, now - 5 * DAY)
    remembers(now - 3 * DAY, now)
    lay(b"a process died", now - 10 * DAY)
    return [lay(b"received %d" % number, now - 4 * DAY) for number in range(3)]


def test_what_came_in_between_a_backup_and_its_restore_stays_and_other_strays_go(restored, caplog):
    assert collecting.collect() == collecting.Collected(removed=1, waiting=3)
    assert all(map(lies_there, restored))
    assert "3 originals are known to no row and stay" in caplog.text and "reconcile --strays" in caplog.text
    assert collecting.collect() == collecting.Collected(removed=0, waiting=3)


@pytest.mark.parametrize(
    ("after_backup", "stays"),
    [
        (-2 * HOUR, False),
        (-MINUTE, True),
        (MINUTE, True),
        (DAY, True),
        (2 * DAY + MINUTE, True),
        (2 * DAY + 2 * HOUR, False),
    ],
)
def test_the_ends_of_what_is_remembered_are_taken_with_a_margin(lay, now, after_backup, stays):
    remembers(now - 30 * DAY, now - 5 * DAY)
    remembers(now - 3 * DAY, now)
    sha256 = lay(b"bytes", now - 5 * DAY + after_backup)
    collecting.collect()
    assert lies_there(sha256) is stays


def test_a_database_that_remembers_nothing_has_nothing_removed(lay, now):
    sha256 = lay(b"bytes", now - 400 * DAY)
    assert collecting.collect().waiting == 1
    assert lies_there(sha256)


def test_a_crowd_of_strays_stays_whatever_is_remembered(lay, now):
    remembers(now - 30 * DAY, now)
    for number in range(collecting.A_FEW):
        lay(b"%d" % number, now - 3 * DAY)
    last = lay(b"one more", now - 3 * DAY)
    assert collecting.collect() == collecting.Collected(removed=0, waiting=21)
    assert len(list(collecting.waiting())) == 21
    originals().delete(key_of(last))
    assert list(collecting.waiting()) == []  # a few: the next collection takes them
    assert collecting.collect() == collecting.Collected(removed=20, waiting=0)


def test_bytes_whose_paper_was_removed_for_good_go_although_nothing_is_remembered(clerk, send, place, now):
    document = send(clerk)
    sha256 = document.newest.blob_id
    document.delete()
    Blob.objects.update(created_at=now - 2 * DAY)
    os.utime(place / "originals" / key_of(sha256), ((now - 2 * DAY).timestamp(),) * 2)
    assert collecting.collect() == collecting.Collected(removed=1, waiting=0)
    assert not lies_there(sha256) and not Version.objects.exists()


def test_the_night_tells_the_administrators_and_clears_when_the_papers_are_back(restored, clerk, send):
    assert tasks.collect() == {"objects": 1, "waiting": 3, "requests": 0}
    alert = Alert.objects.get()
    assert (alert.name, alert.subject) == ("reconciliation", "originals without a document")
    assert "3 × bytes that no document has" in alert.text
    for number in range(3):
        send(clerk, b"received %d" % number, f"{number}.txt")
    assert tasks.collect() == {"objects": 0, "waiting": 0, "requests": 0}
    assert Alert.objects.get().cleared_at is not None


def test_reconcile_counts_them_and_says_what_they_mean(restored, capsys):
    with pytest.raises(SystemExit) as ended:
        call_command("reconcile")
    said = capsys.readouterr().out
    assert ended.value.code == 1
    assert "3 × bytes that no document has" in said and "the only copies of papers that had a receipt" in said
    with pytest.raises(SystemExit):
        call_command("reconcile", "--fix")
    said = capsys.readouterr().out
    assert "stray bytes removed: 1" in said and "stray bytes that stay: 3" in said
    assert all(map(lies_there, restored))


def test_strays_are_listed_with_time_and_size_also_an_hour_after_the_restore(lay, now, capsys):
    remembers(now - 30 * DAY, now - 3 * HOUR)
    lost = lay(b"an hour ago", now - HOUR)
    remembers(now - MINUTE, now)
    lay(b"under way now", now)
    with pytest.raises(SystemExit) as ended:
        call_command("reconcile", "--strays")
    lines = capsys.readouterr().out.splitlines()
    assert ended.value.code == 1
    when = timezone.localtime(now - HOUR)
    assert lines[0].split() == [f"{when:%Y-%m-%d}", f"{when:%H:%M}", "11", lost]
    assert lines[1] == "1 × bytes that no document has"


def test_strays_are_saved_to_be_sent_again(restored, tmp_path, clerk, api_source, operations, capsys):
    folder = tmp_path / "found"
    with pytest.raises(SystemExit):
        call_command("reconcile", "--strays", "--save", str(folder))
    assert sorted(path.name for path in folder.iterdir()) == sorted(restored)
    call_command("ingest", str(folder), "--as", clerk.username, "--department", "operations")
    assert set(Document.objects.values_list("newest__blob_id", flat=True)) == set(restored)
    call_command("reconcile", "--strays")
    assert "Every original has a document" in capsys.readouterr().out
    assert collecting.collect() == collecting.Collected(removed=1, waiting=0)


def test_a_person_may_have_all_strays_removed_but_those_of_today(restored, lay, now):
    young = lay(b"young", now - HOUR)
    call_command("reconcile", "--fix", "--strays")
    assert not any(map(lies_there, restored)) and lies_there(young)


def test_save_goes_with_a_list_alone(tmp_path):
    for words in (["--save", str(tmp_path)], ["--strays", "--fix", "--save", str(tmp_path)]):
        with pytest.raises(CommandError, match="--save goes with --strays"):
            call_command("reconcile", *words)


def test_a_house_without_strays_adds_up(clerk, send):
    send(clerk, samples.pdf())
    assert ledger.whole().differences == []


# --- what is remembered


def times() -> list[tuple]:
    return list(RememberedTime.objects.values_list("pk", "begun_at", "seen_at"))


def test_notes_that_follow_each_other_are_one_time(now):
    remembering.note()
    RememberedTime.objects.update(begun_at=now - HOUR, seen_at=now - MINUTE)
    remembering.note()
    [(_, begun, seen)] = times()
    assert begun == now - HOUR and seen > now - MINUTE


def test_after_a_gap_another_time_begins(now, caplog):
    remembering.note()
    RememberedTime.objects.update(begun_at=now - HOUR, seen_at=now - 3 * MINUTE)
    remembering.note()
    [(_, _, ended), (_, begun, _)] = times()
    assert ended == now - 3 * MINUTE and begun >= now
    assert "restored" not in caplog.text  # nobody worked for a while


def test_another_incarnation_of_the_database_begins_another_time_at_once_and_says_so(caplog):
    remembering.note()
    RememberedTime.objects.update(incarnation="00000001/5/16384")
    remembering.note()
    assert len(times()) == 2
    assert "restored from a backup, or moved" in caplog.text


def test_a_table_that_was_loaded_from_a_dump_is_another_incarnation():
    with connection.cursor() as cursor:
        cursor.execute(remembering.INCARNATION)
        (before,) = cursor.fetchone()
        cursor.execute("ALTER TABLE documents_document RENAME TO old")
        cursor.execute("CREATE TABLE documents_document (LIKE old)")
        cursor.execute(remembering.INCARNATION)
        assert cursor.fetchone()[0] != before
