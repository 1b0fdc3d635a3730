"""Which workflows a document's events start, and what is kept of the choice."""

import contextlib
import io

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from accounts.rights import rights_of
from documents import corrections, followers, intake, settling, versions
from documents.models import Document, Status
from documents.outcomes import Failed
from jobs import claiming, unasked
from jobs import running as hands
from jobs.models import Job, Priority
from jobs.run import Run
from tests.intake import samples
from tests.workflows.work.conftest import version_of
from workflows import happenings, presentation, routing, running, seen, triggers, writing_down
from workflows.models import Instance, Routing, Subscription

WAITS = "- {id: rest, kind: timer, wait: 9 days}"


@pytest.fixture
def route(publish):
    """`route(document)`: as if it had settled just now; the Routing, if one was kept."""

    def settle(document: Document, event: str = "document.processed") -> Routing | None:
        with transaction.atomic():
            settling._after([document])
        work()
        return Routing.objects.filter(document=document, event=event).first()

    return settle


def work() -> None:
    while True:
        with transaction.atomic():
            jobs = claiming.claim("low", worker="test")
        if not jobs:
            return
        hands.work_off(jobs)


def on(event: str = "document.processed", **more) -> dict:
    return {"triggers": [{"on": event, **more}]}


def results(row: Routing) -> list[tuple[str, str]]:
    return [(one["definition"], one["result"]) for one in row.considered]


def test_the_largest_priority_wins_and_the_choice_is_kept(publish, paper_with, route):
    publish("low", WAITS, **on(when='document.type == "invoice"', priority=10, reason="An invoice."))
    won = publish("high", WAITS, **on(when='document.type == "invoice"', priority=90, reason="Also an invoice."))
    publish("other", WAITS, **on(when='document.type == "hr"', priority=95))
    paper = paper_with("x", document_type="invoice")
    row = route(paper)
    assert results(row) == [("other", "no"), ("high", "won"), ("low", "outranked")]
    instance = Instance.objects.get(document=paper)
    assert (instance.definition, row.instances, row.document_version) == (won, [str(instance.pk)], 1)
    assert instance.reason["trigger"] == "document.processed"
    assert instance.reason["words"] == "Also an invoice."
    assert row.considered[1]["when"] == 'document.type == "invoice"'


def test_equal_priorities_go_by_the_key_and_also_starts_besides(publish, paper_with, route):
    for key in ("b", "a"):
        publish(key, WAITS, **on())
    publish("z", WAITS, **on(also=True))
    assert results(route(paper_with("x"))) == [("a", "won"), ("b", "outranked"), ("z", "also")]
    assert sorted(Instance.objects.values_list("definition__key", flat=True)) == ["a", "z"]


def test_a_workflow_with_two_triggers_that_match_starts_once(publish, paper_with, route):
    publish("a", WAITS, triggers=[{"on": "document.processed", "also": True}, {"on": "document.processed"}])
    row = route(paper_with("x"))
    assert [one["result"] for one in row.considered] == ["also", "outranked"]
    assert len(row.instances) == 1


def test_a_condition_that_fails_is_no_match_and_says_why(publish, paper_with, route):
    publish("broken", WAITS, **on(when="document.facts.amount > 5", priority=90))
    publish("plain", WAITS, **on())
    row = route(paper_with("x"))
    assert results(row) == [("broken", "error"), ("plain", "won")]
    assert "amount" in row.considered[0]["error"]


def test_a_winner_that_cannot_start_gives_way_to_the_next(publish, paper_with, route):
    publish("bad", WAITS, **on(priority=90, **{"with": {"unknown": 1}}))
    publish("good", WAITS, **on())
    row = route(paper_with("x"))
    assert results(row) == [("bad", "refused"), ("good", "won")]
    assert "unknown" in row.considered[0]["error"]
    assert [one.definition.key for one in Instance.objects.all()] == ["good"]


def test_values_of_the_trigger_become_variables(publish, paper_with, route):
    values = {"with": {"kind": {"expr": "document.type"}, "n": 3, "head": {"expr": "document.head"}}}
    types = {"kind": {"type": "string"}, "n": {"type": "integer"}, "head": {"type": "string"}}
    publish("takes", WAITS, variables=types, **on(**values))
    route(paper_with("Safety CIRCULAR", document_type="letter"))
    assert Instance.objects.get().state["vars"] == {"kind": "letter", "n": 3, "head": "safety circular"}


def test_the_same_event_twice_starts_nothing_twice(publish, paper_with, route):
    publish("once", WAITS, one_at_a_time=False, **on())
    paper = paper_with("x")
    route(paper)
    route(paper)
    unasked.retry(job_id=Job.objects.filter(kind="document.settled").first().pk, by=None)
    work()
    assert Instance.objects.filter(document=paper).count() == 1
    assert Routing.objects.filter(document=paper).count() == 1


def test_what_runs_already_has_won_and_is_not_started_again(publish, paper_with, route):
    runs, paper = publish("runs", WAITS, **on(priority=90)), paper_with("x")
    publish("next", WAITS, **on())
    running.start(definition=runs, document=paper, by=None, reason={})
    assert results(route(paper)) == [("runs", "running"), ("next", "outranked")]
    assert Instance.objects.filter(document=paper).count() == 1


def test_nothing_active_nothing_kept(publish, paper_with, route):
    definition = publish("off", WAITS, **on())
    definition.active = False
    definition.save()
    paper = paper_with("x")
    assert route(paper) is None
    assert not Job.objects.filter(kind="document.settled").exists()
    assert Instance.objects.count() == 0


def test_a_document_that_cannot_be_read_has_triggers_of_its_own(publish, paper_with, route):
    publish("reads", WAITS, **on())
    failed = publish("fails", WAITS, **on("document.failed"))
    paper = paper_with("x")
    Document.objects.filter(pk=paper.pk).update(status=Status.FAILED)
    row = route(Document.objects.get(pk=paper.pk), "document.failed")
    assert results(row) == [("fails", "won")]
    assert Instance.objects.get().definition == failed


def test_a_document_in_the_bin_or_in_work_again_starts_nothing(publish, paper_with, route):
    publish("reads", WAITS, **on())
    binned = paper_with("x", binned_at="2026-01-01T00:00:00Z")
    again = paper_with("x")
    again.start_over()
    with transaction.atomic():
        settling._after([paper_with("y", title="reads")])
    Document.objects.filter(pk=again.pk).update(status=Status.QUEUED)
    again_as_settled = Document(pk=again.pk, status=Status.PROCESSED, priority=Priority.NORMAL)
    assert (route(binned), route(again_as_settled)) == (None, None)
    assert [one.document.title for one in Instance.objects.all()] == ["reads"]


def test_who_waits_for_a_document_to_be_read_is_told(publish, paper_with, route):
    awaited = paper_with("x")
    steps = f"- {{id: wait, kind: wait_event, event: document.processed, key: {awaited.pk}, save: came}}\n{WAITS}"
    definition = publish("listens", steps, variables={"came": {"type": "map"}})
    instance = running.start(definition=definition, document=paper_with("y"), by=None, reason={})
    assert Subscription.objects.count() == 1
    route(awaited)
    instance.refresh_from_db()
    assert instance.state["vars"]["came"]["status"] == "processed"
    assert [one["step"] for one in instance.state["tokens"].values()] == ["rest"]


def test_documents_of_a_batch_cost_no_statements_each(publish, paper_with, monkeypatch, settings):
    settings.CREDENTIALS_HELD_SECONDS = 60  # as long is known what is active
    monkeypatch.setattr(claiming, "_limit", lambda kind: 16)  # however slow this machine is
    monkeypatch.setattr(followers, "_followers", {})  # else there are no jobs: nothing matches
    publish("words", WAITS, **on(when='document.head.contains("circular")'))
    triggers.forget()
    counts = []
    for number in (1, 1, 12):
        papers = [paper_with("a report") for _ in range(number)]
        with transaction.atomic():
            settling._after(papers)
        with CaptureQueriesContext(connection) as asked:
            work()
        counts.append(len(asked.captured_queries))
        assert Routing.objects.filter(document__in=papers, instances=[]).count() == number
    triggers.forget()
    assert counts[1] == counts[2]


def test_sixteen_documents_cost_one_batch(publish, paper_with, monkeypatch):
    monkeypatch.setattr(claiming, "_limit", lambda kind: 16)  # however slow this machine is
    publish("reads", WAITS, **on("document.failed"))
    papers = [paper_with("x") for _ in range(16)]
    told = []
    monkeypatch.setattr(happenings, "happen_many", lambda what: told.append(len(what)))
    with transaction.atomic():
        settling._after(papers)
    work()
    assert told == [16]
    assert Routing.objects.count() == 0


def test_from_upload_to_workflow(publish, operations, clerk, api_source, inline_jobs):
    publish("starts", WAITS, **on(when='document.head.contains("hello")'))
    upload = intake.Upload("a.txt", file=io.BytesIO(b"Hello from the depot, this is plain text."))
    document = intake.submit(upload, by=clerk, rights=rights_of(clerk), source="api", department="operations")
    assert [one.document for one in Instance.objects.all()] == [document]


# --- corrections


def correct(paper, by, **changes):
    return corrections.correct(document_id=paper.pk, changes=changes, by=by, rights=rights_of(by))


def test_a_correction_of_the_type_chooses_a_workflow_anew(publish, paper_with, head):
    publish("hr", WAITS, **on("document.corrected", when='document.type == "hr"'))
    paper = paper_with("x")
    correct(paper, head, document_type="letter")
    work()
    assert Instance.objects.count() == 0
    correct(paper, head, document_type="hr")
    work()
    row = Routing.objects.get(document=paper)
    assert (row.event, results(row), len(row.instances)) == ("document.corrected", [("hr", "won")], 1)


def test_a_correction_of_what_a_workflow_runs_on_starts_nothing(publish, paper_with, head, run_on):
    publish("hr", WAITS, **on("document.corrected"))
    paper = paper_with("x")
    run_on(paper)
    correct(paper, head, document_type="hr")
    work()
    assert (Instance.objects.count(), Routing.objects.count()) == (1, 0)


def test_two_corrections_in_one_batch_start_one_run(publish, paper_with, head):
    publish("any", WAITS, one_at_a_time=False, **on("document.corrected"))
    paper = paper_with("x")
    for kind in ("letter", "hr", "policy"):
        correct(paper, head, document_type=kind)
    work()
    row = Routing.objects.get(document=paper)
    assert row.instances == [str(pk) for pk in Instance.objects.values_list("pk", flat=True)]
    assert len(row.instances) == 1


def test_other_corrections_and_those_of_the_gateway_choose_nothing(publish, paper_with, head):
    publish("hr", WAITS, **on("document.corrected"))
    paper = paper_with("x")
    correct(paper, head, title="Another")
    with transaction.atomic():
        corrections.correct_unasked(paper, {"document_type": "hr"}, note="by a test")
    assert not Job.objects.filter(kind="document.corrected").exists()


# --- versions


def test_a_new_version_starts_what_waits_for_versions(publish, operations, clerk, api_source):
    publish("checks", WAITS, **on("document.version", when="document.version == 2 && event.version == 2"))
    rights = rights_of(clerk)
    sent = intake.Upload("a.pdf", file=io.BytesIO(samples.pdf()))
    document = intake.submit(sent, by=clerk, rights=rights, source="api", department="operations")
    new = intake.Upload("b.txt", file=io.BytesIO(b"other bytes, in plain words"))
    versions.add(new, document=document, by=clerk, rights=rights)
    assert Job.objects.filter(kind="document.version_added").count() == 1
    with transaction.atomic():
        routing.route([routing.look_version(_attempt(document))])
    assert [one.document_version for one in Instance.objects.all()] == [2]


def _attempt(document):
    return Run(Job.objects.get(kind="document.version_added"), routing.VERSION_ADDED, child=lambda: None)


def test_a_failed_reading_of_an_old_version_routes_nothing(publish, paper_with):
    publish("fails", WAITS, **on("document.failed"))
    paper = paper_with("x")
    old, new = paper.newest, version_of(paper, number=2, texts=("y",))
    paper.newest = new
    paper.save(update_fields=["newest"])
    with transaction.atomic():
        settling.settle([(old.pk, Failed("damaged", "It is damaged."))])
    work()
    assert Instance.objects.count() == 0


# --- what the rules saw


def values(row: Routing) -> dict[str, dict | None]:
    return {one["definition"]: one["values"] for one in row.considered}


def test_what_each_rule_saw_is_kept_and_stays_as_it_was(publish, paper_with, route):
    publish("bills", WAITS, **on(when='document.type == "invoice" && has(document.facts.amount)', priority=90))
    publish("long", WAITS, **on(when="document.page_count > 2 || document.title == 'x'"))
    publish("all", WAITS, **on())
    paper = paper_with("one", "two", title="Bill 7", document_type="invoice")
    row = route(paper)
    assert values(row) == {
        "bills": {"document.type": "invoice", "document.facts.amount": None},
        "long": {"document.page_count": 2, "document.title": "Bill 7"},
        "all": {},
    }
    Document.objects.filter(pk=paper.pk).update(title="Another", document_type="letter")
    row.refresh_from_db()
    assert values(row)["long"]["document.title"] == "Bill 7"


def test_values_and_errors_come_of_the_same_look(publish, paper_with, route):
    variables = {"amount": {"type": "number"}, "word": {"type": "string"}}
    given = {"amount": {"expr": "document.metadata.amount"}, "word": "document.title"}
    publish("takes", WAITS, variables=variables, **on(when="document.version > 0", **{"with": given}))
    row = route(paper_with("x", metadata={"other": 1}))
    assert row.considered[0]["result"] == "error"
    assert values(row)["takes"] == {"document.version": 1, "document.metadata.amount": None}


def test_of_the_first_words_only_the_answers_are_kept(publish, paper_with, route):
    when = 'document.head.contains("circular") || document.head.matches("pass.ord") || size(document.head) > 3'
    publish("words", WAITS, **on(when=when))
    row = route(paper_with("The password of the depot's gate is kochi"))
    assert values(row)["words"] == {
        'document.head.contains("circular")': False,
        'document.head.matches("pass.ord")': True,
    }
    assert "kochi" not in str(row.considered)


def test_secrets_are_not_kept_and_what_is_long_is_cut(publish, paper_with, route):
    when = 'document.metadata.api_token == "s3cret" || size(document.metadata) > 9 || document.title != document.source'
    publish("sent", WAITS, **on(when=when))
    metadata = {"api_token": "s3cret", "inner": [{"Password": "hunter2", "plain": "seen"}]}
    row = route(paper_with("x", metadata=metadata, title="T" * 240))
    seen = values(row)["sent"]
    assert seen["document.metadata.api_token"] == "•••"
    assert seen["document.metadata"] == {"api_token": "•••", "inner": [{"Password": "•••", "plain": "seen"}]}
    assert seen["document.title"] == "T" * 199 + "…"
    assert "s3cret" not in str(values(row)) and "hunter2" not in str(values(row))


def test_there_is_a_limit_to_what_is_kept_of_one_rule_and_of_all(publish, paper_with, route, monkeypatch):
    many = " || ".join(f"document.metadata.n{number} == 1" for number in range(30))
    publish("many", WAITS, **on(when=f"true || {many}", priority=90))
    publish("later", WAITS, **on(when="document.version == 1"))
    metadata = {f"n{number}": "x" * 300 for number in range(30)}
    row = route(paper_with("x", metadata=metadata))
    assert len(values(row)["many"]) == seen.VALUES_MOST
    assert values(row)["later"] == {"document.version": 1}
    monkeypatch.setattr(seen, "LARGEST", 1_000)
    row = route(paper_with("x", metadata=metadata))
    assert values(row) == {"many": None, "later": None}


def test_it_is_written_with_the_routing_or_not_at_all(publish, paper_with, route, monkeypatch):
    publish("all", WAITS, **on(when="document.version == 1"))
    paper = paper_with("x")
    with transaction.atomic():
        settling._after([paper])
    monkeypatch.setattr(writing_down, "_tell", lambda turn: (_ for _ in ()).throw(RuntimeError("lost")))
    with contextlib.suppress(RuntimeError):
        work()
    assert (Routing.objects.count(), Instance.objects.count()) == (0, 0)


def test_a_correction_keeps_what_was_seen_at_the_last_one(publish, paper_with, head):
    publish("hr", WAITS, **on("document.corrected", when='document.type == "hr"'))
    paper = paper_with("x")
    for kind in ("letter", "policy"):
        correct(paper, head, document_type=kind)
        work()
    assert values(Routing.objects.get(document=paper)) == {"hr": {"document.type": "policy"}}


def test_the_api_tells_a_run_what_chose_it_and_only_to_who_sees_the_document(publish, paper_with, route, head, safety):
    publish("bills", WAITS, **on(when='document.type == "invoice"'))
    paper = paper_with("x", document_type="invoice")
    row = route(paper)
    run = Instance.objects.get()
    told = presentation.instance_as_json(run, rights_of(head))["routing"]
    assert (told["event"], told["document_version"], told["at"]) == ("document.processed", 1, row.at)
    assert told["considered"][0]["values"] == {"document.type": "invoice"}
    Routing.objects.update(considered=[{k: v for k, v in row.considered[0].items() if k != "values"}])
    assert presentation.instance_as_json(run, rights_of(head))["routing"]["considered"][0]["values"] is None
    Document.objects.filter(pk=paper.pk).update(department=safety)
    run.refresh_from_db()
    assert presentation.instance_as_json(run, rights_of(head))["routing"] is None
    by_hand = running.start(definition=run.definition, document=None, by=None, reason={})
    assert presentation.instance_as_json(by_hand, rights_of(head))["routing"] is None


def test_the_record_in_the_administration_says_what_each_rule_saw(publish, paper_with, route, client, administrator):
    publish("bills", WAITS, **on(when='document.type == "invoice"'))
    row = route(paper_with("x", document_type="<b>"))
    client.force_login(administrator)
    at = f"/admin/workflows/routing/{row.pk}/change/"
    assert "document.type = &quot;&lt;b&gt;&quot;" in client.get(at).content.decode()
    Routing.objects.update(considered=[{**row.considered[0], "values": None}])
    assert "What it saw is not kept." in client.get(at).content.decode()
