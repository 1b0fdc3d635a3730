"""The pages of the queue: who may look, what they say, how jobs are found, what a job's page tells."""

import json
import re
import uuid
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from documents import settling
from documents.models import Document
from documents.outcomes import Failed
from jobs import control
from jobs.models import Job, Priority, Queue, Worker
from kmrl.queue import charts, finding

BOARD, JOBS = "/admin/queue/", "/admin/queue/jobs/"


def text_of(answer) -> str:
    """What a person reads: without tags, spaces made one."""
    assert answer.status_code == 200
    body = answer.content.decode()
    body = body[body.index('class="queue"') :] if 'class="queue"' in body else body
    return " ".join(re.sub(r"<script.*?</script>|<[^>]+>", " ", body, flags=re.S).split())


def rows_of(answer) -> list[str]:
    return re.findall(r'class="about"><a href="/admin/queue/jobs/([0-9a-f-]+)/"', answer.content.decode())


@pytest.mark.parametrize("who", ["clerk", "reviewer", "head", "auditor"])
@pytest.mark.parametrize("path", [BOARD, BOARD + "?live=board", BOARD + "?live=charts", JOBS, JOBS + "{job}/"])
def test_only_administrators_look(client, request, make, who, path):
    client.force_login(request.getfixturevalue(who))
    assert client.get(path.format(job=make().pk), follow=True).status_code == 403


def test_who_is_not_signed_in_is_sent_to_the_sign_in(client, db):
    answer = client.get(BOARD, follow=True)
    assert answer.redirect_chain[-1][0].startswith("/sign-in/?next=/admin/queue/")


def test_the_sidebar_leads_to_it_for_administrators_alone(desk, client, auditor):
    assert f'href="{BOARD}"' in desk.get(reverse("admin:index")).content.decode()
    client.force_login(auditor)
    assert f'href="{BOARD}"' not in client.get(reverse("admin:index")).content.decode()


def test_an_empty_house_says_so(desk):
    said = text_of(desk.get(BOARD))
    assert "No worker has reported lately" in said
    assert "None: every document that came could be read." in said
    assert "None: nothing waits for you here." in said
    assert "Nothing has been sent yet." in said


def test_the_figures_are_those_of_the_rows(desk, make, paper):
    worker = Worker.objects.create(
        pk="depot:77:1", queues=["low"], host="depot", pid=77, concurrency=2, memory_mb=311, jobs_done=12,
        started_at=timezone.now(), seen_at=timezone.now(),
    )  # fmt: skip
    document = paper("Circular 14.pdf")
    running = Job.objects.get(pk=document.job_id)
    Job.objects.filter(pk=running.pk).update(
        state="running", worker=worker.pk, percent=44, step="page 14 of 31", started_at=timezone.now()
    )
    make(queue="low", priority=3, urgency=3)
    Queue.objects.filter(name="low").update(paused=True)
    said = text_of(desk.get(BOARD))
    assert re.search(r"waiting 1 .* running 1 ", said)
    assert "Low paused 1 0 0 0" in said
    assert "Resume Low" in said and "Pause High" in said
    assert "depot · 77 at work Circular 14" in said
    assert "page 14 of 31 · 44 %" in said and "Low · 2 hands · 311 MB · 12 jobs done" in said


def test_failures_are_grouped_by_cause_in_words(desk, make, paper):
    for n in range(3):
        fail(paper(f"torn {n}.pdf"), "damaged")
    fail(paper("slow.pdf"), "timeout")
    make(state="dead", error_code="crashed")
    make(state="dead", error_code="crashed")
    make(state="dead", error_code="")
    answer = desk.get(BOARD)
    said = text_of(answer)
    assert "3 × The file is damaged" in said
    assert "1 × Took too long to read" in said
    assert "Read again… Took too long to read" in said
    assert "Read again… The file is damaged" not in said
    assert "2 × Test dashboard: The program that reads it crashed" in said
    assert "1 × Test dashboard: No cause was given" in said
    assert "Retry all 3…" in said
    listed = desk.get(reverse("admin:documents_document_changelist") + "?cause=damaged").content.decode()
    assert listed.count("torn") >= 3 and "slow" not in listed


def test_the_live_parts_are_those_of_the_page(desk, make):
    make()
    names = re.compile(r'data-live="(\w+)"')
    whole = set(names.findall(desk.get(BOARD).content.decode()))
    board = names.findall(desk.get(BOARD + "?live=board").content.decode())
    shown = names.findall(desk.get(BOARD + "?live=charts").content.decode())
    assert set(board) | set(shown) == whole
    assert len(set(board)) == len(board) and set(shown) == {"charts"}
    assert "csrfmiddlewaretoken" not in desk.get(BOARD + "?live=board").content.decode()


def test_the_page_asks_a_fixed_number_of_questions(desk, make, paper, django_assert_max_num_queries):
    for n in range(8):
        paper(f"paper {n}.pdf")
        make(state="dead", error_code=f"code{n}")
    desk.get(BOARD)
    with django_assert_max_num_queries(24):
        desk.get(BOARD)
    with django_assert_max_num_queries(18):
        desk.get(BOARD + "?live=board")


def test_charts_have_a_point_a_minute_and_a_quarter_of_an_hour(desk, make):
    now = timezone.now()
    ended = {"state": "succeeded", "fence": 1, "took_ms": 100, "started_at": now, "finished_at": now}
    make(**ended, created_at=now - timedelta(seconds=3))
    hour, day = charts.series("hour"), charts.series("day")
    assert (len(hour.stretches), len(day.stretches)) == (60, 96)
    assert (hour.stretches[-1].done, day.stretches[-1].done) == (1, 1)
    assert hour.stretches[-1].half == pytest.approx(3, rel=0.3)
    page = desk.get(BOARD + "?span=day").content.decode()
    series = json.loads(re.search(r'id="series" type="application/json">(.*?)<', page).group(1))
    assert series["done"] == [0] * 95 + [1]
    assert "1 jobs done" in page


# --- finding


def test_jobs_are_found_by_id_title_file_name_and_owner(desk, make, paper, clerk, outsider):
    wanted, other = paper("Wheel flat on axle 3.pdf"), paper("Board minutes.pdf")
    Document.objects.filter(pk=wanted.pk).update(title="Job card TS-07-BOGIE-2")
    lonely = make(owner=outsider)
    assert rows_of(desk.get(JOBS, {"q": str(wanted.job_id)})) == [str(wanted.job_id)]
    assert rows_of(desk.get(JOBS, {"q": str(other.pk)})) == [str(other.job_id)]
    assert rows_of(desk.get(JOBS, {"q": "bogie"})) == [str(wanted.job_id)]
    assert rows_of(desk.get(JOBS, {"q": "wheel flat"})) == [str(wanted.job_id)]
    assert rows_of(desk.get(JOBS, {"owner": "outsider"})) == [str(lonely.pk)]
    assert rows_of(desk.get(JOBS, {"q": "nothing like it"})) == []
    assert rows_of(desk.get(JOBS, {"q": str(uuid.uuid4())})) == []


def test_jobs_are_narrowed_by_state_queue_kind_and_cause(desk, make, paper):
    paper()
    dead = make(state="dead", error_code="crashed", queue="low")
    make(state="dead", error_code="memory")
    for asked in (
        {"state": "dead", "code": "crashed"},
        {"queue": "low"},
        {"kind": "test.dashboard", "code": "crashed"},
    ):
        assert rows_of(desk.get(JOBS, asked)) == [str(dead.pk)]
    assert "No job answers to this." in text_of(desk.get(JOBS, {"state": "running"}))


def test_pages_of_jobs_neither_miss_nor_repeat_one(desk, make):
    made = [str(make().pk) for _ in range(103)]
    seen, address = list[str](), JOBS
    for _ in range(3):
        answer = desk.get(address)
        seen += rows_of(answer)
        make()  # what comes meanwhile moves nothing
        further = re.search(r'rel="next" href="([^"]+)"', answer.content.decode())
        address = JOBS + further.group(1).replace("&amp;", "&") if further else ""
    assert seen == sorted(made, reverse=True)
    assert not address


def test_what_no_index_finds_is_looked_for_stretch_by_stretch(desk, make, monkeypatch):
    monkeypatch.setattr(finding, "LOOKED_AT", 5)
    wanted = make(state="succeeded", queue="low")
    for _ in range(12):
        make(state="succeeded")
    answer, looked = desk.get(JOBS, {"queue": "low"}), 0
    while not rows_of(answer):
        looked += 1
        assert "Look further back" in answer.content.decode()
        further = re.search(r'rel="next" href="([^"]+)"', answer.content.decode()).group(1)
        answer = desk.get(JOBS + further.replace("&amp;", "&"))
    assert (rows_of(answer), looked) == ([str(wanted.pk)], 2)


# --- one job


def test_a_job_page_tells_the_story_in_order(desk, administrator, paper):
    document = paper("Circular 14.pdf")
    now = timezone.now()
    failures = [
        {"attempt": n, "at": (now - timedelta(minutes=9 - n)).isoformat(), "worker": "depot:7:1", "code": "crashed",
         "detail": "It ended with signal 11.", "log": f"last words {n}"}
        for n in (1, 2, 3)
    ]  # fmt: skip
    Job.objects.filter(pk=document.job_id).update(
        state="dead", attempt=3, failures=failures, error_code="crashed", created_at=now - timedelta(minutes=30),
        finished_at=now - timedelta(minutes=6),
    )  # fmt: skip
    control.retry(job_id=document.job_id, by=administrator)
    control.set_priority(job_id=document.job_id, priority=Priority.EMERGENCY, by=administrator)
    said = text_of(desk.get(f"{JOBS}{document.job_id}/"))
    story = [
        "Sent by clerk",
        "Attempt 1 failed: The program that reads it crashed",
        "last words 1",
        "Attempt 3 failed",
        "Asked for again by administrator",
        "Moved to another priority by administrator",
        "from normal to emergency",
        "Waiting",
    ]
    places = [said.index(words, said.index("What happened")) for words in story]
    assert places == sorted(places)
    assert "The document Circular 14" in said


def test_a_job_page_shows_its_parts_and_their_joint_progress(desk, make):
    parent = make(state="waiting", percent=50)
    part = make(parent=parent, state="succeeded", percent=100)
    make(parent=parent)
    said = text_of(desk.get(f"{JOBS}{parent.pk}/"))
    assert "1 of 2 parts are over" in said and "50 %" in said
    assert "Part of" in text_of(desk.get(f"{JOBS}{part.pk}/"))


def test_a_payload_is_shown_without_what_is_secret(desk, make):
    job = make(payload={"version": 7, "api_key": "kmrl_abc", "inner": [{"Password": "open sesame"}]})
    page = desk.get(f"{JOBS}{job.pk}/").content.decode()
    assert "&quot;version&quot;: 7" in page
    assert "kmrl_abc" not in page and "open sesame" not in page


def test_a_job_that_is_not_there_is_not_found(desk, db):
    assert desk.get(f"{JOBS}{uuid.uuid4()}/").status_code == 404


def fail(document: Document, code: str) -> None:
    settling.move([document.newest_id], settling.BEGAN)
    settling.settle([(document.newest_id, Failed(code, "It cannot be read."))])
