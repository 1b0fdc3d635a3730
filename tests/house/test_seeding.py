import pytest

from accounts.models import Department, HistoryEntry, User
from documents.models import Source
from jobs.models import Queue
from kmrl import administrator, seeding
from workflows.models import Holiday


@pytest.fixture(autouse=True)
def _empty(db):
    """As on a new gateway: migrations may have made some rows already."""
    Queue.objects.all().delete()


def test_a_new_house_knows_its_departments_sources_queues_and_calendars(db):
    added = seeding.seed()
    assert added.pop("holidays") == Holiday.objects.count() > 12
    assert added == {"departments": 16, "sources": 8, "queues": 3, "calendars": 2, "shifts": 3, "definitions": 5}
    assert Department.objects.get(key="safety").name_ml == "സുരക്ഷ"
    assert not Department.objects.filter(name_ml="").exists()
    assert sorted(Source.objects.values_list("key", flat=True)) == [
        *("api", "email", "maximo", "messaging", "portal", "scanner", "sharepoint", "web")
    ]
    assert set(Queue.objects.values_list("name", flat=True)) == {"high", "default", "low"}


def test_seeding_again_changes_nothing(db):
    seeding.seed()
    Department.objects.filter(key="safety").update(name="Safety and Fire", active=False)
    Queue.objects.filter(name="low").update(paused=True)
    assert set(seeding.seed().values()) == {0}
    assert Department.objects.get(key="safety").name == "Safety and Fire"
    assert Queue.objects.get(name="low").paused


@pytest.fixture
def unnamed(monkeypatch):
    for word in ("USERNAME", "PASSWORD", "EMAIL"):
        monkeypatch.delenv(f"DJANGO_SUPERUSER_{word}", raising=False)


def test_without_a_name_the_first_administrator_gets_a_password_once(db, unnamed):
    first = administrator.ensure()
    assert (first.name, first.created) == ("admin", True)
    assert User.objects.get(username="admin").check_password(first.password)
    assert administrator.ensure() == administrator.Administrator("admin", created=False)
    assert User.objects.count() == 1


def test_a_password_is_hashed_only_for_who_needs_one(db, monkeypatch, unnamed):
    administrator.ensure()
    monkeypatch.setattr(administrator, "make_password", None)
    assert administrator.ensure().created is False


def test_a_named_administrator_is_made_and_recorded_and_then_left_alone(db, monkeypatch, unnamed):
    monkeypatch.setenv("DJANGO_SUPERUSER_USERNAME", "meera")
    monkeypatch.setenv("DJANGO_SUPERUSER_PASSWORD", "first")
    assert administrator.ensure() == administrator.Administrator("meera", created=True)
    monkeypatch.setenv("DJANGO_SUPERUSER_PASSWORD", "second")
    assert administrator.ensure() == administrator.Administrator("meera", created=False)
    user = User.objects.get(username="meera")
    assert user.check_password("first")
    assert user.is_administrator
    entry = HistoryEntry.objects.get(subject_kind="user", subject_id=str(user.pk))
    assert (entry.action, entry.actor) == ("created", None)
    assert "password" not in entry.after
