"""Two gateways and one place of originals: neither removes what the other has."""

import hashlib
import io
import os
from datetime import timedelta

import pytest
from django.core.management import call_command
from django.db import connection
from django.utils import timezone

from documents import collecting, ledger, neighbours, remembering, stored
from documents.models import Blob, RememberedTime
from documents.refusals import StorageAway, StorageRefuses
from documents.storage import key_of, originals
from jobs.models import Alert

pytestmark = pytest.mark.django_db
OTHER_HOUSE = "0123456789abcdef.0123456789abcdef"


@pytest.fixture(autouse=True)
def kept(place) -> None:
    """The gateway has an original."""
    Blob.objects.create(sha256="0" * 64, size=1, created_at=timezone.now())


@pytest.fixture
def stray(place):
    """Bytes that only the collector cares for, and would remove."""
    now = timezone.now()
    RememberedTime.objects.create(begun_at=now - timedelta(days=30), seen_at=now, incarnation="this")
    data = b"a process died"
    sha256 = hashlib.sha256(data).hexdigest()
    originals().put(sha256, io.BytesIO(data))
    os.utime(place / "originals" / key_of(sha256), ((now - timedelta(days=10)).timestamp(),) * 2)
    return key_of(sha256)


@pytest.fixture
def restored(monkeypatch):
    """From now on this database lives another of its lives: a dump was loaded elsewhere."""

    def restore() -> None:
        monkeypatch.setattr(remembering, "incarnation", lambda: "another")

    return restore


def aged(place, name: str, by: timedelta) -> None:
    at = (timezone.now() - by).timestamp()
    os.utime(place / "originals" / "gateways" / name, (at, at))


def test_a_place_that_another_house_has_marked_refuses_the_start_and_says_what_to_do(place):
    stored.make_ready()
    [ours] = originals().marks()
    originals().mark(OTHER_HOUSE)
    with pytest.raises(StorageRefuses) as refused:
        stored.make_ready()
    assert "belongs to another gateway" in refused.value.why
    assert str(place / "originals" / "gateways" / OTHER_HOUSE) in refused.value.why
    (place / "originals" / "gateways" / OTHER_HOUSE).unlink()
    assert stored.make_ready() == "" and list(originals().marks()) == [ours]


@pytest.mark.parametrize("new", [True, False])
def test_who_comes_to_a_marked_place_leaves_no_mark(place, new):
    originals().mark(OTHER_HOUSE)
    Blob.objects.filter(pk="0" * 64 if new else "").delete()
    with pytest.raises(StorageRefuses):
        stored.make_ready()
    assert list(originals().marks()) == [OTHER_HOUSE]


def test_a_gateway_without_originals_leaves_no_mark_so_that_a_backup_can_be_restored_into_it(place):
    Blob.objects.all().delete()
    assert stored.make_ready() == ""
    collecting.collect()
    assert originals().marks() == {}


def test_another_start_and_a_restored_backup_are_the_same_house(place, restored):
    stored.make_ready()
    stored.make_ready()
    assert len(originals().marks()) == 1
    restored()
    assert stored.make_ready() == ""
    assert len({name.partition(".")[0] for name in originals().marks()}) == 1 < len(originals().marks())


def test_the_house_is_that_of_the_dump_whatever_is_migrated_since():
    before = neighbours._house()
    with connection.cursor() as cursor:
        cursor.execute("INSERT INTO django_migrations (app, name, applied) VALUES ('later', '0001', now())")
    assert neighbours._house() == before
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL TimeZone = 'Asia/Tokyo'")
        assert neighbours._house() == before
        cursor.execute("UPDATE django_migrations SET applied = applied - interval '1 microsecond'")
    assert neighbours._house() != before


def test_nothing_is_collected_while_a_copy_is_at_work_beside_and_both_are_told(place, stray, restored, capsys):
    collecting.collect()
    assert not originals().exists(stray), "alone it goes"
    originals().put(stray[-64:], io.BytesIO(b"a process died"))
    os.utime(place / "originals" / stray, ((timezone.now() - timedelta(days=10)).timestamp(),) * 2)
    [first] = originals().marks()
    restored()
    found = ledger.collect()
    assert (found.removed, found.beside) == (0, (first,))
    assert originals().exists(stray)
    assert first in Alert.objects.get(cleared_at=None).text
    call_command("reconcile", fix=True, strays=True)
    assert "nothing was collected: 1" in capsys.readouterr().out
    assert originals().exists(stray)
    aged(place, first, neighbours.AT_WORK + timedelta(hours=1))
    assert ledger.collect().removed == 1
    assert not originals().exists(stray) and not Alert.objects.filter(cleared_at=None).exists()


def test_beside_another_house_nothing_is_ever_collected(place, stray):
    originals().mark(OTHER_HOUSE)
    aged(place, OTHER_HOUSE, timedelta(days=1000))
    assert collecting.collect() == collecting.Collected(0, 0, (OTHER_HOUSE,))
    assert originals().exists(stray)


def test_marks_are_no_originals(place):
    originals().mark(OTHER_HOUSE)
    assert list(originals().listed()) == []
    (place / "originals").rename(place / "away")
    for ask in (originals().marks, lambda: originals().mark("x")):
        with pytest.raises(StorageAway):
            ask()
