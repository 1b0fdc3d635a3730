"""What the calls of workflows answer."""

import csv
import io

import pytest

from accounts import history
from documents.models import Document
from tests.workflows.api.conftest import AT, TEXT, House, paper_of
from workflows.models import Definition, Instance, StepRun


@pytest.fixture
def call(api_client_as, reviewer):
    """`call("post", "tasks/…/claim/", {…}, by=head)`: the answer, by the reviewer unless told."""

    def make(method: str, path: str, body=None, by=None, **headers):
        client = api_client_as(by or reviewer)
        given = {"data": body or {}, "format": "json"} if method != "get" else {}
        return getattr(client, method)(AT + path, headers=headers or None, **given)

    return make


def test_a_task_is_taken_talked_about_and_decided(house: House, call, reviewer, head):
    at = f"tasks/{house.task.pk}/"
    before = call("get", at).json()
    assert (before["can"]["decide"], before["can"]["claim"], before["why_not"]) == (True, True, None)
    assert before["confirmations"] is None
    claimed = call("post", f"{at}claim/").json()
    assert (claimed["state"], claimed["assignee"]) == ("claimed", "reviewer")
    told = call("post", f"{at}comment/", {"text": "Page 2."}).json()
    assert [one["text"] for one in told["comments"]] == ["Page 2."]
    late = call("post", f"{at}claim/", by=head)
    assert (late.status_code, late.json()["code"]) == (409, "already_claimed")
    wordless = call("post", f"{at}complete/", {"outcome": "rejected"})
    assert (wordless.status_code, list(wordless.json()["errors"])) == (400, ["comment"])
    done = call("post", f"{at}complete/", {"outcome": "approved", "document_version": 1}).json()
    assert (done["state"], done["outcome"], done["completed_by"]) == ("completed", "approved", "reviewer")
    assert done["decisions"][0]["door"] == "api"
    again = call("post", f"{at}complete/", {"outcome": "approved"}, by=head)
    assert (again.status_code, again.json()["code"]) == (409, "already_decided")
    assert call("get", f"instances/{house.way.pk}/").json()["status"] == "finished"


def test_mistakes_name_the_field(house: House, call, head):
    at = f"tasks/{house.task.pk}/"
    for path, body, field in (
        ("complete/", {}, "outcome"),
        ("complete/", {"outcome": "perhaps"}, "outcome"),
        ("delegate/", {"to": "nobody-here"}, "to"),
        ("comment/", {"text": " "}, "text"),
    ):
        answer = call("post", at + path, body)
        assert answer.status_code == 400, path
        assert field in answer.json()["errors"], path
    for query in ("state=lost", "overdue=perhaps", "document=7", "kind=x"):
        answer = call("get", f"tasks/?{query}")
        assert (answer.status_code, list(answer.json()["errors"])) == (400, [query.partition("=")[0]])


def test_lists_are_filtered_and_paged(house: House, call):
    def ids(query: str) -> list[str]:
        return [one["id"] for one in call("get", f"tasks/?{query}").json()["results"]]

    assert ids("definition=way&state=open") == sorted([str(house.task.pk), *ids("definition=way&state=open")[1:]])
    assert ids("assignee=colleague") == [str(house.taken.pk)]
    assert ids("kind=acknowledge") == ids("mine=true&kind=acknowledge") == [str(house.to_read.pk)]
    assert ids(f"instance={house.way.pk}") == [str(house.task.pk)]
    assert len(ids(f"document={house.paper.pk}&department=operations")) == 4
    assert ids("overdue=true") == []
    found, page = [], "limit=1"
    while page:
        said = call("get", f"tasks/?{page}").json()
        found += [one["id"] for one in said["results"]]
        page = (said["next"] or "").partition("?")[2]
    assert len(found) == len(set(found)) == 4
    runs = call("get", "instances/?status=paused,incident").json()["results"]
    assert {one["id"] for one in runs} == {str(house.paused.pk), str(house.broken.pk)}
    assert call("get", "instances/?definition=way&status=alive&version=1").json()["count"] == 3
    assert call("get", f"instances/?document={house.paper.pk}&breached=true").json()["count"] == 0


def test_lists_cost_no_query_by_row(house: House, api_client_as, reviewer, django_assert_max_num_queries):
    client = api_client_as(reviewer)
    for path, most in (("instances/", 16), ("tasks/", 18)):
        with django_assert_max_num_queries(most):
            assert client.get(AT + path).status_code == 200


def test_many_are_decided_alike(house: House, call):
    tasks = [str(house.task.pk), str(house.taken.pk)]
    said = call("post", "tasks/complete/", {"tasks": tasks, "outcome": "approved", "versions": {tasks[0]: 1}}).json()
    assert (said["decided"], said["refused"]) == (1, 1)
    assert [one["code"] for one in said["results"]] == [None, "claimed_by_other"]


def test_what_was_read_is_confirmed_once(house: House, call, clerk):
    at = f"tasks/{house.to_read.pk}/"
    first = call("post", f"{at}acknowledge/", {"document_version": 1}, by=clerk).json()["confirmations"]
    assert (first["acknowledged"], first["asked"], first["needed"]) == (1, 4, 4)
    again = call("post", f"{at}acknowledge/", by=clerk).json()["confirmations"]
    assert again == first
    assert {one["user"] for one in first["people"] if one["acknowledged_at"]} == {"clerk"}


def test_a_run_is_started_once_by_its_key(house: House, call):
    body = {"definition": "free", "document": str(house.paper.pk), "note": "Please."}
    first, again = (call("post", "instances/", body, **{"Idempotency-Key": "abc"}) for _ in range(2))
    assert (first.status_code, first.json()["id"]) == (201, again.json()["id"])
    assert first["Location"] == again["Location"] == f"/api/v1/workflows/instances/{first.json()['id']}/"
    assert (first.json()["reason"]["trigger"], first.json()["reason"]["words"]) == ("api", "Please.")
    assert Instance.objects.filter(definition__key="free").count() == 1
    other = call("post", "instances/", {"definition": "free"}, **{"Idempotency-Key": "abc"})
    assert (other.status_code, other.json()["code"]) == (422, "idempotency_mismatch")
    wrong = call("post", "instances/", {**body, "variables": {"amount": 3}})
    assert (wrong.status_code, wrong.json()["code"]) == (400, "bad_variables")


def test_runs_are_controlled_and_drawn(house: House, call, head):
    at = f"instances/{house.broken.pk}/"
    assert call("get", at).json()["incidents"][0]["step"] == "bad"
    picture = call("get", f"{at}graph.svg")
    assert (picture.status_code, picture["Content-Type"]) == (200, "image/svg+xml; charset=utf-8")
    assert picture.content.startswith(b"<svg") and b'data-step="bad"' in picture.content
    assert "sandbox" in picture["Content-Security-Policy"]
    done = call("post", f"{at}skip/", {"outcome": "good enough", "why": "Seen on paper."}, by=head).json()
    assert (done["status"], done["steps"]["bad"]["outcome"]) == ("finished", "good enough")
    gone = call("post", f"{at}cancel/", by=head)
    assert (gone.status_code, gone.json()["code"]) == (409, "illegal_move")


def test_a_run_is_told_to_wait_and_not_to(house: House, call, head, safety, clerk, api_source):
    at, other = f"instances/{house.way.pk}/", house.listens
    made = call("post", f"{at}dependencies/", {"kind": "workflow", "id": str(other.pk), "why": "First that."}, by=head)
    (awaited,) = made.json()["waits_for"]
    assert (made.status_code, awaited["of"], awaited["title"]) == (201, str(other.pk), "Listening")
    assert (awaited["kind"], awaited["status"], awaited["met_at"]) == ("workflow", "running", None)
    assert history.of("workflow", house.way.pk).get(action="dependency added").note == "First that."
    back = call("post", f"instances/{other.pk}/dependencies/", {"kind": "workflow", "id": str(house.way.pk)}, by=head)
    assert (back.status_code, back.json()["code"]) == (409, "waits_for_itself")
    read = call("post", f"{at}dependencies/", {"kind": "document", "id": str(house.paper.pk)}, by=head)
    assert (read.status_code, read.json()["code"]) == (409, "illegal_move")
    hidden = paper_of(safety, clerk, api_source, "Hidden")
    nothing = call("post", f"{at}dependencies/", {"kind": "document", "id": str(hidden.pk)}, by=head)
    assert (nothing.status_code, nothing.json()["code"]) == (404, "not_found")
    after = [{"kind": "document", "id": str(hidden.pk)}]
    assert call("post", "instances/", {"definition": "free", "after": after}, by=head).status_code == 404
    gone = call("delete", f"{at}dependencies/{awaited['id']}/?why=No%20more.", by=head)
    assert (gone.status_code, gone.json()["waits_for"]) == (200, [])
    assert history.of("workflow", house.way.pk).get(action="dependency removed").note == "No more."
    assert call("delete", f"{at}dependencies/{awaited['id']}/", by=head).status_code == 404


def test_what_a_run_waits_for_stays_unnamed_for_who_may_not_see_it(
    house: House, call, administrator, safety, clerk, api_source
):
    hidden = paper_of(safety, clerk, api_source, "Hidden")
    Document.objects.filter(pk=hidden.pk).update(status="processing")
    body = {"kind": "document", "id": str(hidden.pk)}
    assert call("post", f"instances/{house.way.pk}/dependencies/", body, by=administrator).status_code == 201
    (shown,) = call("get", f"instances/{house.way.pk}/").json()["waits_for"]
    assert (shown["kind"], shown["of"], shown["title"], shown["status"]) == ("document", None, None, None)


def test_events_from_outside_wake_what_waits_and_is_seen(house: House, call, reviewer):
    said = {"event": "invoice.paid", "data": {"amount": 5}}
    assert call("post", "events/", said).json() == {"waiting": 1}
    assert call("post", "events/", {"event": "invoice.lost"}).json() == {"waiting": 0}
    for event in ("document.processed", "Not A Name"):
        answer = call("post", "events/", {"event": event})
        assert (answer.status_code, answer.json()["code"]) == (400, "bad_event")


def test_drawings_files_and_tables_are_had_by_who_accepts_their_type_alone(house: House, call, administrator):
    for path, kind in (
        (f"instances/{house.broken.pk}/graph.svg", "image/svg+xml"),
        ("definitions/way/versions/1/export.yaml", "application/yaml"),
        ("analytics/?format=csv", "text/csv"),
    ):
        answer = call("get", path, by=administrator, Accept=kind)
        assert (answer.status_code, answer["Content-Type"]) == (200, f"{kind}; charset=utf-8")


def test_definitions_are_kept_checked_published_and_moved(house: House, call, administrator):
    def ask(method: str, path: str, body=None):
        return call(method, f"definitions/{path}", body, by=administrator)

    bad = TEXT.replace("kind: human", "kind: humane")
    said = ask("post", "way/validate/", {"source": bad}).json()
    assert (said["valid"], said["problems"][0]["line"], said["problems"][0]["level"]) == (False, 4, "error")
    refused = ask("post", "way/publish/", {"source": bad})
    assert (refused.status_code, refused.json()["code"]) == (422, "not_publishable")
    assert ask("post", "way/validate/").json() == {"valid": True, "problems": []}
    made = ask("post", "way/publish/", {"note": "Second."})
    assert (made.status_code, made.json()["version"], made.json()["current"]) == (201, 2, True)
    assert made["Location"] == "/api/v1/workflows/definitions/way/versions/2/"
    assert ask("post", "way/publish/").json()["code"] == "unchanged"
    assert [one["version"] for one in ask("get", "way/").json()["versions"]] == [2, 1]
    assert ask("get", "way/versions/3/").status_code == 404
    assert ask("get", "way/versions/2/export.yaml").content.decode() == TEXT
    assert ask("get", "way/versions/2/export.exe").status_code == 404
    plan = ask("post", "way/migrate/", {"to": 2, "dry_run": True}).json()
    assert (plan["fits"], plan["moved"], len(plan["runs"])) == (True, False, 3)
    at = f"instances/{house.way.pk}/"
    moved = call("post", f"{at}migrate/", {"to": 2, "why": "New text."}, by=administrator).json()
    assert (moved["moved"], call("get", at).json()["version"]) == (True, 2)
    twice = call("post", f"{at}migrate/", {"to": 2}, by=administrator)
    assert (twice.status_code, twice.json()["code"]) == (409, "do_not_fit")
    assert ask("patch", "way/", {"active": False}).json()["active"] is False
    assert call("get", "definitions/way/").status_code == 404, "retired ones are for who reads texts"
    assert not Definition.objects.get(key="way").active


def test_a_text_is_tried_on_the_past(house: House, call, administrator):
    text = TEXT.replace("steps:", "triggers: [{on: document.processed}]\nsteps:").replace("way", "new-way")
    said = call("post", "definitions/new-way/dry-run/", {"source": text, "last": 5}, by=administrator).json()
    assert (said["looked_at"], said["rows"][0]["starts"], said["rows"][0]["path"]) == (1, True, ["review"])
    assert not Definition.objects.filter(key="new-way").exists()


def test_figures_come_as_json_and_as_a_table(house: House, call, head):
    whole = call("get", "analytics/?period=30", by=head).json()
    assert whole["total"]["started"] == 6
    assert {one["definition"] for one in whole["definitions"]} == {"way", "broken", "to-read", "listening"}
    assert {one["key"] for one in whole["people"]} == {"colleague"}
    one = call("get", "analytics/?definition=way&step=review&by=month", by=head).json()
    assert [(step["step"], step["open"]) for step in one["steps"]] == [("review", 3)]
    assert sum(point["started"] for point in one["trend"]) == 3
    answer = call("get", "analytics/?definition=way&format=csv", by=head)
    assert answer["Content-Type"] == "text/csv; charset=utf-8"
    rows = list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert [(row["of"], row["definition"], row["step"]) for row in rows] == [
        ("total", "way", ""),
        ("version", "way", ""),
        ("step", "way", "review"),
    ]
    assert rows[2]["volume"] == str(StepRun.objects.filter(step="review").count()) == "3"
    for query in ("period=30&since=2026-01-01", "format=xml", "by=hour", "since=yesterday"):
        assert call("get", f"analytics/?{query}", by=head).status_code == 400, query
    assert call("get", "analytics/?definition=nothing", by=head).status_code == 404


def test_absences_are_entered_changed_and_removed(house: House, call, colleague, clerk):
    days = {"first_day": "2031-03-01", "last_day": "2031-03-05", "deputy": "colleague"}
    kept = call("post", "absences/", days)
    assert (kept.status_code, kept.json()["deputy"]) == (201, "colleague")
    at = f"absences/{kept.json()['id']}/"
    assert kept["Location"] == f"/api/v1/workflows/{at}"
    assert call("post", "absences/", days).json()["code"] == "overlaps"
    assert call("post", "absences/", {**days, "first_day": "2032-01-01", "last_day": "2031-12-01"}).status_code == 400
    assert call("put", at, {**days, "last_day": "2031-03-07"}).json()["last_day"] == "2031-03-07"
    assert call("get", at, by=clerk).status_code == 404
    assert call("get", "absences/", by=colleague).json()["count"] == 1
    gone = call("delete", at)
    assert (gone.status_code, gone.content, gone.has_header("Content-Length")) == (204, b"", False)
    assert call("get", at).status_code == 404
