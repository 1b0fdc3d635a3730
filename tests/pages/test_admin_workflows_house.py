"""Definitions, runs, figures and working time in the administration: each deed by the core, each page to its people."""

import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts import history
from accounts.models import User
from accounts.rights import rights_of
from jobs import inline
from jobs.models import Job, JobState
from tests.workflows.running.conftest import actions, paper_of
from workflows import approvals, past, running, trying
from workflows.definitions import publishing
from workflows.models import (
    Absence,
    Definition,
    DefinitionVersion,
    Dependency,
    Holiday,
    HumanTask,
    Incident,
    Instance,
    Routing,
    SlaClock,
    Trial,
    WorkCalendar,
)
from workflows.seeding import calendars

TEXT = """\
key: letters
title: Letters
title_ml: കത്തുകൾ
triggers:
  - {on: document.processed, when: document.type == "", priority: 40, reason: Everything that has no type.}
  - {on: manual}
steps:
  - id: read
    kind: human
    title: Read it
    candidates: [{department: operations, role: reviewer}]
  - {id: over, kind: end, outcome: answered}
"""
DESK = "/admin/workflows/definitions/letters"
WAITS = "- {id: nap, kind: timer, wait: 9 days}"


@pytest.fixture
def desk(client: Client, administrator: User) -> Client:
    client.force_login(administrator)
    return client


@pytest.fixture
def letters(administrator, operations) -> Definition:
    """Published once."""
    publishing.publish(key="letters", source=TEXT, by=administrator, note="First.")
    return Definition.objects.get(key="letters")


@pytest.fixture
def begun(letters, paper) -> Instance:
    """A run that waits for a reviewer."""
    return running.start(definition=letters, document=paper, by=None, reason={"trigger": "manual"})


def text_of(answer) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.content.decode()))


def post(desk: Client, address: str, **data):
    return desk.post(address, data, follow=True)


# --- definitions


def test_what_is_wrong_is_told_with_its_line_while_one_writes(desk, operations):
    said = desk.post(
        "/admin/workflows/check-definition/", {"source": TEXT.replace("kind: human", "kind: humann")}
    ).json()
    assert said["errors"] == 1 and said["picture"] == said["steps"] == ""
    assert said["problems"][0]["line"] == 9 and "human" in said["problems"][0]["advice"]
    right = desk.post("/admin/workflows/check-definition/", {"source": TEXT}).json()
    assert right["errors"] == 0 and 'data-step="read"' in right["picture"] and 'data-step="read"' in right["steps"]


def test_a_draft_is_kept_with_its_errors_and_changes_nothing_that_runs(desk, letters):
    wrong = TEXT + "  - {id: over, kind: end, outcome: twice}\n"
    said = text_of(post(desk, f"{DESK}/save/", source=wrong.replace("\n", "\r\n")))
    assert "The draft is kept" in said and "it cannot be published" in said
    letters.refresh_from_db()
    assert letters.draft == wrong and letters.published.number == 1
    assert "mend them first" in text_of(post(desk, f"{DESK}/publish/", source=wrong))
    assert letters.versions.count() == 1


def test_publishing_shows_first_what_would_differ_and_who_stays(desk, letters, begun):
    changed = TEXT.replace("title: Read it", "title: Read it well")
    shown = text_of(post(desk, f"{DESK}/publish/", source=changed))
    assert "Read it well" in shown and "1 run is alive and stays on its version" in shown
    assert letters.versions.count() == 1
    done = text_of(post(desk, f"{DESK}/publish/", source=changed, note="Clearer.", sure="1"))
    assert "Version 2 is published" in done
    assert DefinitionVersion.objects.get(definition=letters, number=2).note == "Clearer."
    begun.refresh_from_db()
    assert begun.version.number == 1
    assert "says already" in text_of(post(desk, f"{DESK}/publish/", source=changed, sure="1"))


def test_what_says_nothing_new_is_not_offered_for_publication(desk, letters):
    same = text_of(post(desk, f"{DESK}/publish/", source=TEXT + "# a remark changes nothing\n"))
    assert "Nothing differs from version 1" in same and "Publish version" not in same
    other = post(desk, f"{DESK}/publish/", source=TEXT.replace("Read it", "Read it well")).content.decode()
    assert "Publish version 2</button>" in other and "Nothing differs" not in other


def test_going_back_to_an_earlier_text_is_something_new(desk, letters, administrator):
    publishing.publish(key="letters", source=TEXT.replace("Read it", "Read it well"), by=administrator)
    assert "Publish version 3" in text_of(post(desk, f"{DESK}/publish/", source=TEXT))


def test_a_text_with_another_key_is_no_version_of_this_one(desk, letters):
    other = TEXT.replace("key: letters", "key: others")
    assert "a key never changes" in text_of(post(desk, f"{DESK}/publish/", source=other, sure="1"))
    assert "a key never changes" in text_of(post(desk, f"{DESK}/save/", source=other))
    assert not Definition.objects.filter(key="others").exists()


def test_a_new_definition_begins_with_a_text_or_a_file(desk, db):
    assert "My workflow" in desk.get("/admin/workflows/new-definition/").content.decode()
    file = SimpleUploadedFile("letters.yaml", TEXT.encode())
    assert "key: letters" in desk.post("/admin/workflows/new-definition/", {"file": file}).content.decode()
    assert not Definition.objects.exists()  # nothing is kept before it is saved
    post(desk, "/admin/workflows/save-definition/", source=TEXT)
    assert Definition.objects.get().key == "letters"
    picture = SimpleUploadedFile("letters.yaml", b"\xff\xd8\xff")
    assert "no text in UTF-8" in text_of(post(desk, "/admin/workflows/new-definition/", file=picture))
    assert "no usable key" in text_of(post(desk, "/admin/workflows/save-definition/", source="title: nothing"))


def test_versions_are_shown_compared_and_taken_away(desk, letters, administrator):
    publishing.publish(key="letters", source=TEXT.replace("Read it", "Look at it"), by=administrator)
    page = text_of(desk.get(f"{DESK}/versions/?a=1&b=2"))
    assert "From version 1 to version 2" in page and "Look at it" in page
    assert "Read it" in desk.get(f"{DESK}/versions/1/").content.decode()
    for format, begins in (("yaml", "key: letters"), ("json", "{"), ("bpmn", "<?xml")):
        answer = desk.get(f"{DESK}/versions/1/{format}/")
        assert answer.content.decode().startswith(begins) and f'v1.{format}"' in answer.headers["Content-Disposition"]
    assert desk.get(f"{DESK}/versions/9/").status_code == 404
    assert desk.get(f"{DESK}/versions/1/doc/").status_code == 404


def test_retired_and_used_again(desk, letters):
    post(desk, f"{DESK}/active/", active="0")
    letters.refresh_from_db()
    assert not letters.active
    post(desk, f"{DESK}/active/", active="1")
    assert list(history.of("definition", "letters").order_by("-sequence").values_list("action", flat=True)[:2]) == [
        "activated",
        "retired",
    ]


def test_it_is_started_by_hand_on_what_is_found(desk, letters, paper):
    assert "Directive 7" in desk.get(f"{DESK}/start/?q=directive").content.decode()
    assert "Directive 7" in desk.get(f"{DESK}/start/?q=http://x/documents/{paper.pk}/").content.decode()
    assert "Directive 7" not in desk.get(f"{DESK}/start/?q=nothing").content.decode()
    answer = post(desk, f"{DESK}/start/", document=str(paper.pk), note="Because.")
    run = Instance.objects.get()
    assert answer.redirect_chain[-1][0] == reverse("desk:run", args=[run.pk])
    assert (run.document_id, run.reason["words"]) == (paper.pk, "Because.")
    again = post(desk, f"{DESK}/start/", document=str(paper.pk))
    assert Instance.objects.count() == 1 and again.redirect_chain == []


def test_the_past_is_tried_in_the_request(desk, letters, paper, operations, clerk, api_source):
    paper_of(operations, clerk, api_source, "കത്ത് 12")
    page = text_of(post(desk, f"{DESK}/past/", last="500", text="published"))
    assert "2 documents" in page and "കത്ത് 12" in page and "Everything that has no type." in page
    assert "Read it: waits for people" in page
    assert not Instance.objects.exists() and not Job.objects.exists()


def test_more_of_the_past_is_tried_by_a_worker(desk, letters, paper, inline_jobs, administrator):
    answer = post(desk, f"{DESK}/past/", last="2000", text="draft")
    job = Job.objects.get(kind=trying.KIND.name)
    assert (job.state, job.owner, job.payload["last"]) == (JobState.SUCCEEDED, administrator, 2000)
    assert answer.redirect_chain[-1][0] == f"{DESK}/past/{job.pk}/"
    assert "1 document" in text_of(answer) and "Directive 7" in text_of(answer)
    assert "Directive 7" in text_of(desk.get(f"{DESK}/past/{job.pk}/?live=tried"))
    assert not Instance.objects.exists()


def test_a_try_is_watched_stopped_and_found_again(desk, letters, paper, administrator):
    post(desk, f"{DESK}/past/", last="2000", text="draft")
    trial = Trial.objects.get()
    address = f"{DESK}/past/{trial.pk}/"
    page = desk.get(address).content.decode()
    assert f'data-topics="job:{trial.pk}"' in page and "It waits for a worker." in page and "data-percent" in page
    assert "It was stopped" in text_of(post(desk, f"{address}cancel/"))
    assert "This try has ended already" in text_of(post(desk, f"{address}cancel/"))
    assert f'href="{address}"' in desk.get(f"{DESK}/past/").content.decode()
    assert desk.get(f"{DESK.replace('letters', 'standard')}/past/{trial.pk}/").status_code == 404
    later = trying.begin(key="letters", source=letters.published.source, last=600, by=administrator)
    inline.work([later.pk])
    Job.objects.filter(pk=later.pk).delete()
    assert "Directive 7" in text_of(desk.get(f"{DESK}/past/{later.pk}/")), "kept although its job was removed"


def test_a_worker_tells_how_far_it_is_and_shows_first_what_differs(letters, paper, operations, clerk, api_source):
    for n in range(3):
        paper_of(operations, clerk, api_source, f"Letter {n}")
    heard: list[tuple[int, int]] = []
    report = past.dry_run(letters.published.body, last=10, tell=lambda done, of: heard.append((done, of)))
    assert heard == [(1, 4), (2, 4), (3, 4), (4, 4)]
    rows = trying.shown(report)["rows"]
    assert {row["verdict"] for row in rows} == {"new"}


def test_runs_are_moved_all_or_none(desk, letters, begun, administrator):
    publishing.publish(key="letters", source=TEXT.replace("id: read", "id: look"), by=administrator)
    page = text_of(desk.get(f"{DESK}/move/"))
    assert "0 runs fit , 1 does not" in page or "1 does not" in page
    shown = text_of(desk.get(f"{DESK}/move/", {"mapping": "read: look"}))
    assert "1 run fits" in shown and "It goes on there." in shown
    moved = post(desk, f"{DESK}/move/", to="2", mapping="read: look", run=str(begun.pk), sure="1", why="Renamed.")
    assert "1 run goes on in version 2" in text_of(moved)
    begun.refresh_from_db()
    assert begun.version.number == 2 and HumanTask.objects.get().step == "look"


@pytest.mark.parametrize("path", ["", "versions/", "versions/1/", "versions/1/yaml/"])
def test_auditors_read_definitions(client, auditor, letters, path):
    client.force_login(auditor)
    assert client.get(f"{DESK}/{path}").status_code == 200


@pytest.mark.parametrize(
    "path",
    ["save/", "publish/", "active/", "start/", "past/", "move/"],
)
def test_auditors_change_no_definition(client, auditor, letters, path):
    client.force_login(auditor)
    assert client.post(f"{DESK}/{path}", {"source": TEXT, "sure": "1", "last": "5", "active": "0"}).status_code == 403
    assert client.post("/admin/workflows/check-definition/", {"source": TEXT}).status_code == 403
    letters.refresh_from_db()
    assert letters.active and letters.versions.count() == 1


def test_the_list_of_definitions_says_what_is_alive_and_how_runs_end(
    desk, letters, begun, reviewer, django_assert_max_num_queries
):
    task = HumanTask.objects.get()
    approvals.complete(task_id=task.pk, outcome="approved", by=reviewer, rights=rights_of(reviewer))
    running.start(definition=letters, document=None, by=None, reason={"trigger": "manual"})
    with django_assert_max_num_queries(20):
        page = desk.get("/admin/workflows/definition/")
    assert "100 %" in page.content.decode() and ">1</a>" in page.content.decode() and "v1" in page.content.decode()
    assert (
        desk.get(f"/admin/workflows/definition/{letters.pk}/change/", follow=True).redirect_chain[-1][0] == f"{DESK}/"
    )
    assert desk.get("/admin/workflows/definition/letters/change/", follow=True).redirect_chain[-1][0] == f"{DESK}/"


# --- runs


def test_a_run_shows_where_it_stands_and_that_its_history_holds(desk, begun, paper):
    page = desk.get(f"/admin/workflows/runs/{begun.pk}/").content.decode()
    assert 'data-step="read"' in page and "is-waiting" in page and "verified" in page
    assert f"/admin/documents/document/{paper.pk}/change/" in page
    assert f"/admin/workflows/inbox/{HumanTask.objects.get().pk}/" in page
    live = desk.get(f"/admin/workflows/runs/{begun.pk}/?live=run").content.decode()
    assert 'data-live="graph"' in live and "<html" not in live


def test_a_history_that_was_changed_is_said(desk, begun):
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("ALTER TABLE accounts_historyentry DISABLE TRIGGER USER")
    history.of("workflow", begun.pk).filter(sequence=1).update(note="never said")
    assert (
        "Entry 1 is not what was written down then." in desk.get(f"/admin/workflows/runs/{begun.pk}/").content.decode()
    )


def test_a_run_is_paused_resumed_and_cancelled_with_the_reason(desk, begun):
    address = f"/admin/workflows/runs/{begun.pk}"
    assert "Paused" in text_of(post(desk, f"{address}/pause/", why="The office is closed."))
    assert "It is paused already." in text_of(post(desk, f"{address}/pause/"))
    post(desk, f"{address}/resume/")
    post(desk, f"{address}/cancel/", why="A mistake.")
    begun.refresh_from_db()
    assert begun.status == "cancelled"
    assert {"paused", "resumed", "cancel asked"} <= set(actions(begun))
    assert "It has ended" in text_of(desk.get(f"{address}/"))
    assert desk.post(f"{address}/eat/").status_code == 404


def test_a_run_is_told_to_wait_for_what_is_pasted_and_not_to(desk, begun, publish, paper, administrator):
    other = running.start(definition=publish("first", WAITS), document=paper, by=None, reason={"trigger": "manual"})
    address = f"/admin/workflows/runs/{begun.pk}"
    said = text_of(post(desk, f"{address}/wait/", other=f"http://x/workflows/{other.pk}/", why="First that."))
    assert "no new step begins before" in said and "First · Directive 7 until it has ended · Running" in said
    assert "Waits for something more" in said and "First that." in said
    assert "Waited for by" in text_of(desk.get(f"/admin/workflows/runs/{other.pk}/"))
    assert "waits for this run itself" in text_of(
        post(desk, f"/admin/workflows/runs/{other.pk}/wait/", other=str(begun.pk))
    )
    assert "Write the id of a run or document" in text_of(post(desk, f"{address}/wait/", other="the other one"))
    number = Dependency.objects.get().pk
    assert "It does not wait for that any more." in text_of(post(desk, f"{address}/stop-waiting/", token=str(number)))
    assert not Dependency.objects.exists()


def test_what_a_run_waits_for_is_found_by_words_as_on_its_staff_page(desk, begun, publish, paper):
    """Names that people know, no ids to be pasted; what is chosen is waited for."""
    other = running.start(definition=publish("first", WAITS), document=paper, by=None, reason={"trigger": "manual"})
    address = f"/admin/workflows/runs/{begun.pk}/"
    page = desk.get(address, {"find": "first"}).content.decode()
    assert "<datalist" not in page and f'data-find-others="/workflows/{begun.pk}/others/"' in page
    assert '<details id="others" open>' in page and 'value="first"' in page
    assert re.findall(r'name="other" value="([0-9a-f-]{36})"', page) == [str(other.pk)]
    assert "First · Directive 7 until it has ended · Running" in text_of(desk.get(address, {"find": "first"}))
    nothing = desk.get(address, {"find": "no such paper"}).content.decode()
    assert "has “no such paper” in its title" in nothing and "data-wait disabled" in nothing
    assert '<details id="others">' in desk.get(address).content.decode()
    post(desk, f"{address}wait/", other=str(other.pk), why="First that.")
    assert Dependency.objects.get(instance=begun).key == str(other.pk)


def test_incidents_are_tried_again_or_passed_over(desk, publish, paper):
    steps = "- {id: bad, kind: choice, options: [{when: vars.missing.x > 1, steps: []}], otherwise: {steps: []}}"
    definition = publish("bad", steps, variables={"missing": {"type": "map"}})
    run = running.start(definition=definition, document=paper, by=None, reason={"trigger": "manual"})
    incident = Incident.objects.get(instance=run)
    page = desk.get(f"/admin/workflows/runs/{run.pk}/").content.decode()
    assert incident.code in page and "is-incident" in page
    post(desk, f"/admin/workflows/runs/{run.pk}/retry/", token=str(incident.token))
    assert Incident.objects.filter(instance=run, resolved_at=None).count() == 1  # it failed again
    token = Incident.objects.get(instance=run, resolved_at=None).token
    post(desk, f"/admin/workflows/runs/{run.pk}/skip/", token=str(token), outcome="looked at")
    run.refresh_from_db()
    assert run.status == "finished"


def test_auditors_look_at_runs_and_control_none(client, auditor, begun):
    client.force_login(auditor)
    page = client.get(f"/admin/workflows/runs/{begun.pk}/").content.decode()
    assert "verified" in page and "/pause/" not in page
    assert client.post(f"/admin/workflows/runs/{begun.pk}/pause/").status_code == 403


def test_runs_are_found_by_document_definition_and_standing(
    desk, begun, letters, publish, operations, clerk, api_source
):
    other = publish("others", "- {id: wait, kind: timer, wait: 3 days}")
    running.start(
        definition=other,
        document=paper_of(operations, clerk, api_source, "Other"),
        by=None,
        reason={"trigger": "manual"},
    )
    address = "/admin/workflows/instance/"
    both = desk.get(address).content.decode()
    assert "Directive 7" in both and "Read it" in both and "Wait" in both
    for asked in (f"q={begun.document_id}", f"q={begun.pk}", "q=directive", "definition=letters"):
        page = desk.get(f"{address}?{asked}").content.decode()
        assert "Directive 7" in page and "Other" not in re.findall(r"field-paper.*?</th>", page, re.S).__str__(), asked
    assert "Directive 7" not in desk.get(f"{address}?standing=finished").content.decode()


def test_document_job_run_and_task_lead_to_each_other(desk, begun, paper):
    page = desk.get(f"/admin/documents/document/{paper.pk}/change/").content.decode()
    for kind in ("instance", "humantask", "routing"):
        link = re.search(rf'/admin/workflows/{kind}/\?q={paper.pk}[^"]*', page)
        assert (link and "Directive 7" in desk.get(link[0].replace("&amp;", "&")).content.decode()) or kind == "routing"
    job = Job.objects.create(
        kind="workflow.service",
        queue="default",
        created_at=timezone.now(),
        subject_kind="workflow",
        subject_id=str(begun.pk),
    )
    assert f"/admin/workflows/runs/{begun.pk}/" in desk.get(f"/admin/queue/jobs/{job.pk}/").content.decode()
    assert f"/admin/queue/jobs/{job.pk}/" in desk.get(f"/admin/workflows/runs/{begun.pk}/").content.decode()


# --- figures


def test_figures_are_shown_for_all_and_for_one_and_as_a_table(desk, letters, begun, reviewer):
    approvals.complete(task_id=HumanTask.objects.get().pk, outcome="approved", by=reviewer, rights=rights_of(reviewer))
    page = text_of(desk.get("/admin/workflows/figures/"))
    assert "Letters" in page and "1 started, 1 finished" in page
    for heat in ("waiting", "working", "count", "breached"):
        one = desk.get(f"/admin/workflows/figures/?definition=letters&days=7&heat={heat}").content.decode()
        assert (
            'data-step="read"' in one
            and "answered" in text_of(desk.get("/admin/workflows/figures/?definition=letters")).lower()
        )
    table = desk.get("/admin/workflows/figures/table/?definition=letters").content.decode().splitlines()
    assert table[0].lstrip("\ufeff").startswith("step,kind,title,volume") and table[1].startswith(
        "read,human,Read it,1,"
    )
    assert desk.get("/admin/workflows/figures/table/").content.decode().count("letters") == 1
    assert desk.get("/admin/workflows/figures/?definition=nothing").status_code == 404


def test_a_title_is_no_formula_of_a_spreadsheet(desk, letters, begun):
    Definition.objects.update(title="=1+1")
    assert "'=1+1" in desk.get("/admin/workflows/figures/table/").content.decode()


# --- working time and people


@pytest.fixture
def office(db) -> WorkCalendar:
    calendars.seed()
    return WorkCalendar.objects.get(key="office")


def holidays(*rows) -> dict[str, str]:
    """The inline form with these rows more."""
    data = {"holidays-TOTAL_FORMS": str(len(rows)), "holidays-INITIAL_FORMS": "0"}
    for n, (day, name) in enumerate(rows):
        data |= {f"holidays-{n}-day": day, f"holidays-{n}-name": name}
    return data


def test_a_holiday_moves_the_deadlines_that_are_counted_in_its_calendar(desk, office, publish, paper, commits):
    Holiday.objects.all().delete()
    steps = "- {id: read, kind: human, candidates: [{head_of: operations}], sla: {target: 60 working days}}"
    running.start(definition=publish("slow", steps), document=paper, by=None, reason={"trigger": "manual"})
    before = SlaClock.objects.get().due_at
    soon = timezone.localdate() + timezone.timedelta(days=3)
    while soon.weekday() > 4:
        soon += timezone.timedelta(days=1)
    answer = post(desk, "/admin/workflows/holiday/add/", calendar=office.pk, day=soon.isoformat(), name="Pooram")
    assert answer.redirect_chain
    assert SlaClock.objects.get().due_at > before
    holiday = Holiday.objects.get()
    post(desk, f"/admin/workflows/holiday/{holiday.pk}/delete/", post="yes")
    assert SlaClock.objects.get().due_at == before
    said = list(history.of("calendar", office.pk).values_list("action", flat=True))
    assert said == ["holidays"]  # what was taken out; the holiday's own history says how it came


def test_a_calendar_without_hours_is_refused(desk, office):
    form = {"name": "Offices", "time_zone": "Asia/Kolkata", "hours": "[]", **holidays()}
    answer = desk.post(f"/admin/workflows/workcalendar/{office.pk}/change/", form)
    assert answer.status_code == 200 and "Give it hours" in text_of(answer)
    wrong = desk.post(
        f"/admin/workflows/workcalendar/{office.pk}/change/", {**form, "hours": '[{"days": [9]}]', "time_zone": "Kochi"}
    )
    assert "There is no time zone of this name" in text_of(wrong)
    office.refresh_from_db()
    assert office.hours


def test_an_absence_is_entered_by_the_core_and_what_it_refuses_stands_at_the_field(desk, reviewer, colleague):
    day = timezone.localdate().isoformat()
    form = {"user": reviewer.pk, "first_day": day, "last_day": day, "deputy": reviewer.pk, "note": ""}
    refused = desk.post("/admin/workflows/absence/add/", form)
    assert refused.status_code == 200 and "Nobody is his own deputy." in text_of(refused)
    post(desk, "/admin/workflows/absence/add/", **{**form, "deputy": colleague.pk})
    absence = Absence.objects.get()
    assert (absence.user, absence.deputy) == (reviewer, colleague)
    assert history.of("user", reviewer.pk).filter(action="absence_entered").exists()
    again = desk.post("/admin/workflows/absence/add/", {**form, "deputy": ""})
    assert "There is an absence" in text_of(again) and Absence.objects.count() == 1
    post(desk, f"/admin/workflows/absence/{absence.pk}/change/", first_day=day, last_day=day, deputy="", note="Ill.")
    absence.refresh_from_db()
    assert (absence.deputy, absence.note) == (None, "Ill.")
    post(desk, f"/admin/workflows/absence/{absence.pk}/delete/", post="yes")
    assert not Absence.objects.exists()


def test_a_routing_says_why(desk, paper):
    considered = [
        {
            "definition": "letters",
            "version": 1,
            "priority": 40,
            "when": "true",
            "result": "won",
            "reason": "All of them.",
        },
        {"definition": "bills", "version": 2, "priority": 30, "when": 'document.type == "b"', "result": "no"},
    ]
    Routing.objects.create(
        document=paper, document_version=1, event="document.processed", at=timezone.now(), considered=considered
    )
    assert "All of them." in desk.get("/admin/workflows/routing/").content.decode()
    row = Routing.objects.get()
    page = text_of(desk.get(f"/admin/workflows/routing/{row.pk}/change/"))
    assert "chosen" in page and "does not match" in page


def test_lists_say_how_many_there_are_and_offer_all_only_where_something_is_left_out(desk, begun, monkeypatch):
    plain = desk.get("/admin/workflows/instance/")
    assert "1 run" in text_of(plain) and "Show all" not in text_of(plain)
    assert "Show all" in text_of(desk.get("/admin/workflows/instance/?q=directive"))
    monkeypatch.setattr("accounts.admin.desk.counted", lambda found: (10_638, True))
    assert "about 10,638 runs" in text_of(desk.get("/admin/workflows/instance/"))
