"""Runs that are read by hand are what the ORM would give."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from documents.models import Document
from tests.workflows.running.conftest import paper_of
from workflows import reading, running
from workflows.models import Instance

pytestmark = pytest.mark.django_db

RELATED = ("definition", "version", "started_by", "department", "document")
OF_DOCUMENT = ("newest", "source", "department", "uploaded_by")


def values(row) -> dict:
    """The loaded columns."""
    return {name: held for name, held in vars(row).items() if not name.startswith("_")}


def test_a_run_is_read_as_the_orm_reads_it(publish, paper, clerk):
    Document.objects.filter(pk=paper.pk).update(metadata={"n": 1.5, "deep": [{"a": None}], "text": "ക"})
    definition = publish("two", "[{id: one, kind: timer, wait: 1 hours}]")
    made = running.start(definition=definition, document=paper, by=clerk, reason={"trigger": "api"})
    (read,) = reading.runs([made.pk])
    held = Instance.objects.get(pk=made.pk)
    assert values(read) == {**values(held), "keeps_news": False}
    with CaptureQueriesContext(connection) as asked:
        related = [getattr(read, name) for name in RELATED]
        of_document = [getattr(read.document, name) for name in OF_DOCUMENT]
    assert asked.captured_queries == []
    for found, name in zip(related, RELATED, strict=True):
        expected = values(getattr(held, name))
        assert {key: expected[key] for key in values(found)} == values(found)
    for found, name in zip(of_document, OF_DOCUMENT, strict=True):
        assert values(found) == values(getattr(held.document, name))


def test_a_run_without_a_document_has_none(publish):
    made = running.start(
        definition=publish("two", "[{id: one, kind: timer, wait: 1 hours}]"), document=None, by=None, reason={}
    )
    (read,) = reading.runs([made.pk])
    assert (read.document, read.started_by, read.department) == (None, None, None)


def test_what_runs_have_in_common_is_read_once_and_each_has_its_own_document(publish, operations, clerk, api_source):
    definition = publish("two", "[{id: one, kind: timer, wait: 1 hours}]")
    papers = [paper_of(operations, clerk, api_source, title) for title in ("A", "B")]
    made = [running.start(definition=definition, document=one, by=clerk, reason={}) for one in papers]
    read = reading.runs(run.pk for run in made)
    assert {run.document.title for run in read} == {"A", "B"}
    assert read[0].definition is read[1].definition
