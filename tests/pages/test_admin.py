"""The administration: who enters, what can be done, and that nothing goes past the core."""

import io
import re

import pytest
from django.contrib import admin
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts import api_keys, history
from accounts.models import ApiKey, Department, User
from accounts.rights import rights_of
from documents import intake
from documents.models import Access, Document, Status
from jobs.models import Job, JobState, Queue
from realtime.models import Event
from tests.intake import samples

MODELS = sorted(admin.site._registry, key=lambda model: model._meta.label)
FOR_AUDITORS = {
    "documents.Document",
    "documents.Version",
    "documents.Batch",
    "documents.LedgerDay",
    "documents.StorageRound",
    "jobs.Alert",
    "jobs.Job",
    "workflows.Absence",
    "workflows.Definition",
    "workflows.HumanTask",
    "workflows.Instance",
    "workflows.Routing",
    "accounts.HistoryEntry",
}


@pytest.fixture
def desk(client: Client, administrator: User) -> Client:
    client.force_login(administrator)
    return client


@pytest.fixture
def paper(clerk, operations, api_source) -> Document:
    """A document that waits: nothing works in a test unless it is asked to."""
    return send_paper(clerk)


def send_paper(clerk: User, number: int = 0) -> Document:
    upload = intake.Upload("റെയിൽ joint.pdf", file=io.BytesIO(samples.pdf(f"Joint {number}")))
    return intake.submit(upload, by=clerk, rights=rights_of(clerk), source="api", department="operations")


def address(model, page: str = "changelist", *args) -> str:
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_{page}", args=args)


def act(desk: Client, model, name: str, *rows):
    data = {"action": name, "_selected_action": [row.pk for row in rows]}
    return desk.post(address(model), data, follow=True)


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model._meta.label)
def test_every_list_and_every_row_opens(desk, paper, model):
    answer = desk.get(address(model))
    assert answer.status_code == 200
    if (row := model._default_manager.first()) is not None:
        assert desk.get(address(model, "change", row.pk)).status_code == 200


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model._meta.label)
def test_auditors_read_some_lists_and_change_nothing(client, auditor, paper, model):
    client.force_login(auditor)
    allowed = model._meta.label in FOR_AUDITORS
    assert client.get(address(model)).status_code == (200 if allowed else 403)
    assert 'name="action"' not in client.get(address(model)).content.decode()
    if admin.site._registry[model].adds:
        assert client.get(address(model, "add")).status_code == 403


def test_clerks_are_refused_at_the_door(client, clerk):
    """Who decides tasks has his inbox here (tests/pages/test_admin_workflows.py); a clerk decides none."""
    client.force_login(clerk)
    assert client.get(reverse("admin:index"), follow=True).status_code == 403


def test_there_is_one_way_to_sign_in(client, db):
    answer = client.get(reverse("admin:index"), follow=True)
    assert answer.redirect_chain[-1][0].startswith("/sign-in/?next=/admin/")


def test_the_first_page_says_how_things_stand(desk, paper):
    page = desk.get(reverse("admin:index")).content.decode()
    assert re.search(r"<dt>waiting</dt><dd>1</dd>", page)
    assert "No worker has reported lately" in page


@pytest.mark.parametrize("model", [Document, Job, Queue, Event])
def test_nothing_that_the_core_owns_can_be_changed_or_deleted(desk, paper, model):
    row = model._default_manager.first()
    page = desk.get(address(model, "change", row.pk)).content.decode()
    assert not re.search(r'<(input|select|textarea)[^>]*name="(status|state|paused|position|title)"', page)
    assert desk.post(address(model, "change", row.pk), {"status": "processed", "state": "dead"}).status_code == 403
    assert desk.post(address(model, "delete", row.pk), {"post": "yes"}).status_code == 403
    assert model._default_manager.filter(pk=row.pk).exists()


def test_actions_call_the_core_and_are_recorded(desk, administrator, paper):
    answer = act(desk, Document, "cancel", paper)
    assert "1 stopped" in answer.content.decode()
    paper.refresh_from_db()
    assert paper.status == Status.CANCELLED
    assert history.of("document", paper.pk).filter(action="cancelled").exists()
    answer = act(desk, Document, "cancel", paper)
    assert "stopped." not in answer.content.decode()  # the core refused, and the page says why
    act(desk, Document, "discard", paper)
    paper.refresh_from_db()
    assert (paper.binned_by, paper.status) == (administrator, Status.CANCELLED)


def test_a_job_is_stopped_and_tried_again(desk, paper):
    job = Job.objects.get(pk=paper.job_id)
    act(desk, Job, "cancel", job)
    job.refresh_from_db()
    assert job.state == JobState.CANCELLED


def test_a_queue_is_paused_and_resumed(desk, db):
    queue = Queue.objects.get(name="low")
    act(desk, Queue, "pause", queue)
    assert Queue.objects.get(name="low").paused
    act(desk, Queue, "resume", queue)
    assert not Queue.objects.get(name="low").paused


def test_a_new_key_is_shown_once_and_works(desk, clerk, operations):
    asked = {
        "name": "scanner 3",
        "user": clerk.pk,
        "scopes": ["upload"],
        "sources": "api",
        "departments": [operations.pk],
    }
    page = desk.post(address(ApiKey, "add"), asked, follow=True).content.decode()
    secret = re.search(r"Copy it: (kmrl_\S+?)[<\s]", page).group(1)
    key = api_keys.find(secret)
    assert (key.user, key.scopes, key.sources) == (clerk, ["upload"], ["api"])
    assert list(key.departments.all()) == [operations]
    assert ApiKey.objects.count() == 1
    assert secret not in desk.get(address(ApiKey, "change", key.pk)).content.decode()
    act(desk, ApiKey, "revoke", key)
    assert api_keys.find(secret) is None
    assert history.of("api_key", key.pk).count() == 2


def test_people_are_added_with_roles_and_each_change_is_kept(desk, safety):
    form = {
        "username": "suja",
        "password1": "Vyttila-Mobility-Hub",
        "password2": "Vyttila-Mobility-Hub",
        "house_role": "",
        "memberships-TOTAL_FORMS": "0",
        "memberships-INITIAL_FORMS": "0",
    }
    desk.post(address(User, "add"), form, follow=True)
    suja = User.objects.get(username="suja")
    assert not suja.is_superuser and not suja.is_staff and suja.check_password("Vyttila-Mobility-Hub")
    change = {
        "username": "suja",
        "first_name": "Suja",
        "house_role": "",
        "is_active": "on",
        "is_superuser": "on",
        "memberships-TOTAL_FORMS": "1",
        "memberships-INITIAL_FORMS": "0",
        "memberships-0-department": safety.pk,
        "memberships-0-role": "head",
    }
    desk.post(address(User, "change", suja.pk), change, follow=True)
    suja.refresh_from_db()
    assert (suja.first_name, suja.is_superuser) == ("Suja", False)
    said = {entry.action: entry.after for entry in history.of("user", suja.pk)}
    assert said["roles"] == {"roles": {"safety": "head"}}
    assert said["changed"] == {"first_name": "Suja"}
    assert "Vyttila" not in str(said)


def test_a_look_at_a_restricted_document_is_recorded(desk, administrator, paper):
    Document.objects.filter(pk=paper.pk).update(access=Access.RESTRICTED)
    desk.get(address(Document, "change", paper.pk))
    entry = history.of("document", paper.pk).last()
    assert (entry.action, entry.actor) == ("looked", administrator)


@pytest.mark.parametrize("model", [Document, Job, Event])
def test_a_list_costs_the_same_however_many_rows(desk, clerk, operations, api_source, model):
    def cost() -> int:
        with CaptureQueriesContext(connection) as asked:
            assert desk.get(address(model)).status_code == 200
        return len(asked)

    send_paper(clerk, 1)
    cost()  # what is remembered afterwards
    with_few, few = cost(), model.objects.count()
    for number in range(2, 8):
        send_paper(clerk, number)
    assert model.objects.count() >= few + 6
    assert cost() == with_few <= 14


def test_departments_are_recorded_too(desk, administrator):
    nobody = {"memberships-TOTAL_FORMS": "0", "memberships-INITIAL_FORMS": "0"}
    said = {"name": "Depot", "name_ml": "ഡിപ്പോ", "key": "depot", "active": "on", **nobody}
    desk.post(address(Department, "add"), said)
    entry = history.of("department", Department.objects.get(key="depot").pk).get()
    assert (entry.action, entry.actor, entry.after["name"]) == ("added", administrator, "Depot")
    assert entry.at <= timezone.now()
