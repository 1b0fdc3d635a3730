from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from accounts.rights import rights_of
from documents import intake
from documents.intake import Upload
from documents.management.commands import ingest
from documents.models import Document
from jobs import claiming, enqueueing
from jobs.models import Job, Queue, Worker
from tests.intake import samples, settling

pytestmark = pytest.mark.django_db


@pytest.fixture
def folder(place, administrator, api_source, operations):
    """A folder with a folder in it, a hidden one, a link that leads out, a program and an empty file."""
    root = place / "papers"
    (root / "deep/er").mkdir(parents=True)
    (root / ".git").mkdir()
    (root / "a.pdf").write_bytes(samples.pdf())
    (root / "deep/er/കത്ത്.txt").write_text("കത്ത്")
    (root / ".git/config").write_text("hidden")
    (root / "deep/link.txt").symlink_to("/etc/hostname")
    return root


def run(capsys, *args: str) -> tuple[int, str]:
    code = 0
    try:
        call_command("ingest", *map(str, args))
    except SystemExit as ended:
        code = int(ended.code or 0)
    return code, capsys.readouterr().out


def test_a_folder_is_taken_in_with_all_below_it(folder, capsys, administrator, kept):
    code, said = run(capsys, folder, "--department", "operations")
    assert code == 0 and "2  received" in said and "documents/s" in said
    found = Document.objects.order_by("newest__original_filename")
    assert [document.newest.original_filename for document in found] == ["a.pdf", "കത്ത്.txt"]
    assert {(d.uploaded_by, d.department.key) for d in found} == {(administrator, "operations")}
    assert Job.objects.count() == len(kept()) == 2


def test_what_is_refused_is_named_with_its_cause_and_ends_with_1(folder, capsys):
    (folder / "b.exe").write_bytes(b"MZ")
    (folder / "c.pdf").write_bytes(b"")
    code, said = run(capsys, folder)
    assert code == 1 and Document.objects.count() == 2
    assert "b.exe: unsupported:" in said and "c.pdf: empty:" in said
    assert "2  refused" in said and "1  unsupported" in said and "1  empty" in said


def test_waiting_tells_how_all_ended(folder, capsys, inline_jobs):
    (folder / "broken.pdf").write_bytes(b"%PDF-1.4\nnothing\n%%EOF")
    code, said = run(capsys, folder, "--wait")
    assert code == 1 and "2  processed" in said and "1  failed" in said and "1  damaged" in said and "Settled" in said


def test_more_files_than_a_group_are_taken_in_order_with_progress(folder, capsys, clerk, api_source):
    paths = []
    for number in range(150):
        paths.append(folder / f"{number}.txt")
        paths[-1].write_bytes(b"note %d" % number)
    told = []
    answers = intake.submit_many(
        [Upload.of_path(path) for path in paths],
        by=clerk,
        rights=rights_of(clerk),
        source="api",
        on_progress=told.append,
    )
    assert told == [64, 128, 150]
    assert [answer.newest.original_filename for answer in answers] == [path.name for path in paths]
    listed = Document.objects.order_by("uploaded_at").values_list("newest__original_filename", flat=True)
    assert list(listed) == [path.name for path in paths]


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (["/nowhere/at/all"], "there is no /nowhere/at/all"),
        (["--source", "nowhere"], "no source named 'nowhere' that you may use. Sources: api.$"),
        (["--as", "nobody"], "no active user named nobody"),
        (["--department", "nowhere"], "named 'nowhere' that you may send documents to. Departments: (.+, )?safety.$"),
    ],
)
def test_a_call_that_makes_no_sense_says_so(safety, folder, capsys, args, said):
    with pytest.raises(CommandError, match=said):
        call_command("ingest", str(folder), *args)
    assert not Document.objects.exists()


def test_another_sender_keeps_to_his_own_rights(folder, capsys, clerk, safety):
    assert run(capsys, folder, "--as", "clerk")[0] == 0
    assert set(Document.objects.values_list("department__key", flat=True)) == {"operations"}
    with pytest.raises(CommandError):
        call_command("ingest", str(folder), "--as", "clerk", "--department", "safety")


def test_the_same_folder_again_is_read_once(folder, capsys):
    run(capsys, folder)
    for document in Document.objects.all():
        settling.read(document, "text")
    run(capsys, folder)
    assert Document.objects.filter(status="processed").count() == 4
    assert Job.objects.filter(kind="document.process").count() == 2


def test_waiting_ends_when_nothing_moves_and_names_what_is_stuck_and_why(folder, capsys, monkeypatch):
    monkeypatch.setattr(ingest, "PATIENCE", 0.3)
    code, said = run(capsys, folder, "--wait")
    assert code == 1 and "2  queued" in said
    assert "Nothing has moved for 0 s; 2 wait: a, കത്ത്. No worker is running: start the gateway" in said
    Worker.objects.create(id="h:1:1", host="h", pid=1, started_at=timezone.now(), seen_at=timezone.now())
    Queue.objects.filter(name="default").update(paused=True)
    (folder / "c.txt").write_text("third")
    assert "Paused: the queue default. Let it go on" in run(capsys, folder / "c.txt", "--wait")[1]


def test_waiting_goes_on_while_others_are_served_or_another_attempt_is_due(folder, monkeypatch):
    assert ingest._standing("default") == ingest._standing("default")
    job = enqueueing.enqueue("document.index", payload={}, run_after=timezone.now() + timedelta(minutes=1))
    assert ingest._standing("default") != ingest._standing("default")
    Job.objects.filter(pk=job.pk).update(run_after=None)
    waits = ingest._standing("default")
    assert claiming.claim("low", worker="me")
    assert ingest._standing("default") != waits
