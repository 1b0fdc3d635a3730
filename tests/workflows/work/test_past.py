"""A dry run over the past: what a draft would have done, beside what was done."""

import pytest
import yaml

from documents.models import Document, Status
from jobs.models import Job
from tests.workflows.work.test_finding import INVOICE
from workflows import past, running
from workflows.definitions import defaults
from workflows.models import HumanTask, Instance, Routing
from workflows.past import Stop

DRAFT = """
key: draft-way
title: Draft
variables: {total: {type: map}}
triggers:
  - {"on": document.processed, when: document.type == "invoice", priority: 60, reason: Invoices are approved.}
  - {"on": document.failed, when: document.priority == "emergency"}
steps:
  - {id: find, kind: service, call: amount.find, save: total}
  - id: size
    kind: choice
    options:
      - title: Large
        when: vars.total.amount > 100000.0
        steps:
          - {id: board, kind: human, title: The heads decide, candidates: [{head_of: {expr: document.department}}]}
    otherwise:
      steps:
        - {id: clerk, kind: human, candidates: [{department: finance, role: reviewer}]}
"""


@pytest.fixture
def body():
    return defaults.filled(yaml.safe_load(DRAFT))


def rows(report):
    return {row.title: row for row in report.rows}


def test_where_it_starts_which_way_it_goes_and_who_is_asked(body, paper_with):
    paper_with(INVOICE, document_type="invoice", title="large")
    paper_with("Total ₹ 900.00", document_type="invoice", title="small")
    paper_with("x", document_type="hr", title="other")
    report = past.dry_run(body)
    found = rows(report)
    assert (found["large"].verdict, found["large"].path) == ("new", ("find", "size", "board"))
    assert found["large"].stops == (Stop("human", "board", "The heads decide", ("head of operations",)),)
    assert found["large"].reason == "Invoices are approved."
    assert found["small"].stops[0].who == ("reviewer of finance",)
    assert (found["other"].verdict, found["other"].starts, found["other"].path) == ("none", False, ())
    assert report.totals == {"same": 0, "other": 0, "new": 2, "gone": 0, "none": 1}
    assert report.first == {"board": 1, "clerk": 1}
    assert report.looked_at == 3


def test_beside_what_was_done(body, publish, paper_with, run_on):
    mine, other = (
        publish("draft-way", "- {id: r, kind: timer, wait: 9 days}"),
        publish("o", "- {id: r, kind: timer, wait: 9 days}"),
    )
    for title, kind, definition in (("same", "invoice", mine), ("other", "invoice", other), ("gone", "hr", mine)):
        run_on(paper_with("Total ₹ 900.00", document_type=kind, title=title), definition=definition)
    report = past.dry_run(body)
    assert {title: row.verdict for title, row in rows(report).items()} == {
        "same": "same",
        "other": "other",
        "gone": "gone",
    }
    assert rows(report)["other"].did == ("o",)


def test_what_is_active_competes_with_it(body, publish, paper_with):
    steps = "- {id: r, kind: timer, wait: 9 days}"
    publish(
        "stronger", steps, triggers=[{"on": "document.processed", "priority": 99, "when": 'document.title == "won"'}]
    )
    publish("draft-way", steps, triggers=[{"on": "document.processed", "priority": 100}])  # its own older version
    for title in ("won", "mine"):
        paper_with("Total ₹ 900.00", document_type="invoice", title=title)
    found = rows(past.dry_run(body))
    assert (found["won"].starts, found["won"].result, found["won"].instead) == (False, "outranked", "stronger")
    assert found["mine"].starts is True


def test_failed_documents_and_errors(body, paper_with):
    body["triggers"][1]["when"] = "document.facts.amount > 1"
    Document.objects.filter(pk=paper_with("x", title="failed").pk).update(status=Status.FAILED)
    report = past.dry_run(body)
    row = rows(report)["failed"]
    assert (row.event, row.result, row.verdict) == ("document.failed", "error", "none")
    assert "amount" in row.error
    assert list(report.errors) == [row.error]


def test_what_goes_wrong_on_the_path_is_told(body, paper_with):
    paper_with("no amount at all", document_type="invoice", title="none")
    row = rows(past.dry_run(body))["none"]
    assert row.starts is True
    assert [stop.kind for stop in row.stops] == ["incident"]
    assert row.error == row.stops[0].detail != ""


def test_services_with_effects_are_not_done(paper_with):
    steps = [{"id": "fix", "kind": "service", "call": "document.correct", "with": {"type": "hr"}}]
    text = {"key": "d", "title": "D", "triggers": [{"on": "document.processed"}], "steps": steps}
    paper = paper_with("x", title="kept")
    row = rows(past.dry_run(defaults.filled(text)))["kept"]
    assert row.stops == (Stop("service", "fix", "fix", (), "document.correct"),)
    paper.refresh_from_db()
    assert paper.document_type == ""


def test_it_only_reads_and_is_bounded(body, paper_with, safety, monkeypatch):
    for n in range(6):
        paper_with("Total ₹ 900.00", document_type="invoice", title=str(n))
    paper_with("Total ₹ 900.00", document_type="invoice", department=safety)
    assert past.dry_run(body, last=3).looked_at == 3
    assert past.dry_run(body, department="safety").looked_at == 1
    assert past.dry_run(body, last=0).looked_at == 0
    monkeypatch.setattr(past, "MOST", 4)
    assert past.dry_run(body, last=100_000).looked_at == 4
    for model in (Instance, HumanTask, Routing, Job):
        assert model.objects.count() == 0


def test_it_agrees_with_what_then_happens(body, publish, paper_with, inline_jobs):
    """The dry run's path is the one that a run takes."""
    paper = paper_with(INVOICE, document_type="invoice", title="large")
    foreseen = rows(past.dry_run(body))["large"].path
    steps = yaml.safe_dump(yaml.safe_load(DRAFT)["steps"])
    definition = publish("real", steps, variables={"total": {"type": "map"}})
    instance = running.start(definition=definition, document=paper, by=None, reason={})
    assert foreseen == tuple(instance.steps.order_by("token").values_list("step", flat=True))
