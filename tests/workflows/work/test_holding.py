"""A document under a running workflow does not leave the bin for good."""

from datetime import timedelta

from django.utils import timezone

from documents import bin, holds
from documents.models import Document
from documents.reconciliation import Window, look
from workflows.models import Instance

LONG_AGO = timezone.now() - timedelta(days=31)


def test_the_bin_keeps_what_a_workflow_runs_on_and_removes_the_rest(paper_with, run_on, monkeypatch):
    monkeypatch.setattr(bin, "GROUP", 2)
    papers = [paper_with("x", binned_at=LONG_AGO) for _ in range(7)]
    for paper in papers[:4]:
        run_on(paper)
    assert bin.empty() == 3
    assert set(Document.objects.values_list("pk", flat=True)) == {paper.pk for paper in papers[:4]}


def test_once_the_run_has_ended_it_goes(paper_with, run_on):
    paper = paper_with("x", binned_at=LONG_AGO)
    instance = run_on(paper)
    assert bin.empty() == 0
    instance.finish()
    instance.save()
    assert bin.empty() == 1
    assert Instance.objects.get().document is None


def test_what_is_held_is_accounted_for(paper_with, run_on):
    run_on(paper_with("x", binned_at=LONG_AGO))
    bin.empty()
    report = look(Window())
    assert report.counts["processed"] == 1
    assert report.counts["removed"] == 0


def test_each_app_says_what_it_holds(paper_with, monkeypatch):
    paper, other = paper_with("x"), paper_with("y")
    monkeypatch.setattr(holds, "_checks", {"law": lambda ids: {paper.pk}, "none": lambda ids: []})
    assert holds.held([paper.pk, other.pk]) == {paper.pk}
    assert holds.held([]) == set()
