"""What the pages say in words of what the code calls by a key."""

import io
import re
from html.parser import HTMLParser

import pytest

from accounts.rights import rights_of
from documents import intake
from documents.models import Document, DocumentType, Language, Status
from jobs.models import Job, JobState, Priority, Queue
from kmrl.pages import labels, wording
from kmrl.pages.rows import facts_of, row_of, rows_of
from tests.intake import samples

pytestmark = pytest.mark.django_db


def test_a_row_in_a_paused_queue_says_so_and_tells_no_time(waiting, clerk):
    Queue.objects.filter(name=waiting.job.queue).update(paused=True)
    (listed,) = rows_of([waiting], rights_of(clerk))
    assert listed.step == row_of(waiting, rights_of(clerk)).step == "Waits until its queue goes on"


def test_a_waiting_row_has_words_and_no_bar(waiting, clerk):
    (listed,) = rows_of([waiting], rights_of(clerk))
    assert (listed.step, listed.moves) == ("Waits for its turn", False)
    Job.objects.filter(pk=waiting.job_id).update(state=JobState.RUNNING, step="text", percent=40)
    (listed,) = rows_of([waiting], rights_of(clerk))
    assert (listed.step, listed.moves) == ("Text", True)


def test_a_list_asks_once_for_the_paused_queues(waiting, clerk, django_assert_num_queries):
    rights = rights_of(clerk)
    with django_assert_num_queries(2):  # jobs, queues
        rows_of([waiting] * 5, rights)


@pytest.fixture
def waiting(clerk, operations, api_source) -> Document:
    """A document whose job waits in its queue."""
    upload = intake.Upload("waiting.pdf", file=io.BytesIO(samples.pdf("A paper that waits")))
    document = intake.submit(upload, by=clerk, rights=rights_of(clerk), source="api", department="operations")
    assert document.status == Status.QUEUED
    assert document.job.state == JobState.QUEUED
    return document


@pytest.fixture
def kept(waiting) -> Document:
    """A document of a kind that is kept without being read."""
    document = waiting
    version = document.newest
    version.content_type = "application/msword"
    version.status, version.page_count, version.confidence_score, version.flags = "processed", 0, 0.0, ["no_text"]
    version.save()
    Document.objects.filter(pk=document.pk).update(status="processed", readable=version)
    return Document.objects.get(pk=document.pk)


def test_what_is_kept_unread_does_not_speak_of_pictures(kept, clerk):
    row = row_of(kept, rights_of(clerk))
    assert [name for name, _ in row.flag_notes] == ["kept, not read"]
    assert (row.pages, row.confidence, row.kind) == ("", None, "DOC")
    assert labels.file_name("application/msword") == "Word document"


def test_facts_leave_out_the_program_and_the_heading(kept):
    kept.title = "Joint register"
    kept.readable.facts = {
        "title": {"value": "joint_register", "from": "metadata"},
        "producer": {"value": "Skia/PDF m97", "from": "metadata"},
        "created": {"value": "Wed, 15 Jan 2025 21:43:52 +0530", "from": "metadata"},
    }
    assert [(fact.name, fact.value) for fact in facts_of(kept)] == [("Made", "15 January 2025, 21:43")]


def test_every_key_of_the_models_has_a_name():
    assert set(labels.TYPES) == set(DocumentType)
    assert set(labels.LANGUAGES) == set(Language)
    assert set(labels.PRIORITIES) == {priority.label for priority in Priority}
    assert set(wording.STATES) == set(Status)
    for choices, names in ((DocumentType, labels.TYPES), (Language, labels.LANGUAGES)):
        assert {key: str(name) for key, name in names.items()} == {key: key.label for key in choices}


def test_the_history_speaks_of_names_and_sizes_not_of_keys(client, kept, clerk):
    client.force_login(clerk)
    page = client.get(f"/documents/{kept.pk}/").content.decode()
    history = " ".join(re.sub(r"<[^>]+>", " ", page[page.index('data-live="history"') :]).split())
    assert "Department: Operations" in history and "operations" not in history
    assert re.search(r"Size: \d+\s(bytes|KB)", history)


class Around(HTMLParser):
    """The attributes of every element that stands around one with `data-step`."""

    VOID = {"img", "input", "br", "hr", "meta", "link", "use", "line", "rect"}

    def __init__(self) -> None:
        super().__init__()
        self.open: list[tuple[str, dict[str, str | None]]] = []
        self.found: list[list[dict[str, str | None]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if "data-step" in dict(attrs):
            self.found.append([known for _tag, known in self.open])
        if tag not in self.VOID:
            self.open.append((tag, dict(attrs)))

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Stands around nothing."""

    def handle_endtag(self, tag: str) -> None:
        while any(known == tag for known, _attrs in self.open) and self.open.pop()[0] != tag:
            pass


def test_progress_is_not_read_out_step_by_step(client, waiting, clerk):
    """What moves stands in no live region; scripts say the result in a region of its own."""
    client.force_login(clerk)
    for address in ("/", "/documents/", f"/documents/{waiting.pk}/"):
        page = client.get(address).content.decode()
        around = Around()
        around.feed(page)
        assert around.found and all(around.found), address
        live = [one for one in around.found[0] if "aria-live" in one or one.get("role") in ("status", "alert", "log")]
        assert live == [], address
        assert 'role="status" data-spoken' in page
