"""What waits for a person: the list, the count in the rail, the home page, and deciding many at once."""

import json
import re
from datetime import timedelta

import pytest
from django.utils import timezone

from tests.workflows.people.conftest import fresh
from tests.workflows.running.conftest import paper_of
from workflows import running
from workflows.models import HumanTask

QUESTION = "Is it right?"


def words(page: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", page[page.index("<main") : page.index("</main>")]).split())


def outcomes(page: str) -> list[dict]:
    """Those by which the first row can be decided together with others."""
    return json.loads(re.search(r'data-outcomes="([^"]*)"', page)[1].replace("&quot;", '"'))


@pytest.fixture
def see(client):
    def look(user, path="/tasks/") -> str:
        client.force_login(user)
        answer = client.get(path)
        assert answer.status_code == 200, path
        return answer.content.decode()

    return look


def due(task: HumanTask, **left) -> None:
    HumanTask.objects.filter(pk=task.pk).update(due_at=timezone.now() + timedelta(**left))


@pytest.mark.parametrize("path", ["/tasks/", "/tasks/rows/", "/tasks/count/", "/workflows/", "/absences/"])
def test_every_page_asks_who_you_are(client, db, path):
    assert client.get(path)["Location"].startswith("/sign-in/?next=")


def test_who_is_asked_has_it_in_his_list_with_all_that_matters(see, ask, reviewer):
    task = ask(by=reviewer)
    due(task, hours=-3)
    page = see(reviewer)
    assert f'data-task="{task.pk}"' in page
    said = words(page)
    for part in ("Directive 7", "Review", "K", "Started by reviewer.", "late by 3 h", "1 task"):
        assert part in said, part
    assert outcomes(page) == [
        {"key": "approved", "title": "Approve", "comment": False},
        {"key": "rejected", "title": "Reject", "comment": True},
    ]


READ = """
- {id: read, kind: acknowledge, title: Read and confirm, people: [{department: operations, role: clerk}], due: 1 days}
"""


def test_who_has_only_papers_to_read_is_led_to_them(see, publish, paper, clerk):
    """The rail counts them: a list that says that nothing waits would be no answer to that."""
    assert "Nothing waits for you" in see(clerk) and "To read </a>" not in see(clerk)
    running.start(definition=publish("circular", READ), document=paper, by=None, reason={})
    page = see(clerk)
    assert "data-waiting>1</b>" in page
    said = words(page)
    assert "To read 1" in said and "Nothing waits for you" not in said
    assert "Nothing waits for a decision of yours 1 paper waits to be read and confirmed by you." in said
    assert '<a class="button primary" href="?show=read">' in page
    assert "Directive 7" in words(see(clerk, "/tasks/?show=read"))


@pytest.mark.parametrize("who", ["clerk", "outsider", "auditor", "administrator"])
def test_nobody_else_has_it_in_his_list(see, ask, request, who):
    ask()
    page = see(request.getfixturevalue(who))
    assert "Nothing waits for you" in page and "Directive 7" not in page


def test_the_heads_team_holds_what_is_asked_of_others(see, ask, head, reviewer, person, operations):
    ask("exclude: [{user: head}]")
    assert "Nothing waits for you" in see(head)
    assert "Directive 7" in see(head, "/tasks/?show=team")
    assert "show=team" not in see(reviewer)


def test_what_a_colleague_has_taken_is_shown_only_when_asked_for(see, ask, reviewer, colleague, client):
    task = ask()
    client.force_login(colleague)
    client.post(f"/tasks/{task.pk}/claim/")
    assert "Directive 7" not in see(reviewer)
    assert "taken by colleague" in see(reviewer, "/tasks/?show=taken")
    assert "taken by you" in see(colleague)


def test_what_one_decided_stands_in_a_list_of_its_own(see, ask, reviewer, client):
    task = ask()
    client.force_login(reviewer)
    client.post(f"/tasks/{task.pk}/decide/", {"outcome": "rejected", "comment": "The seal is missing."})
    page = see(reviewer, "/tasks/?show=decided")
    assert "Reject" in words(page) and "The seal is missing." in page
    assert "Nothing waits for you" in see(reviewer)


def test_due_first_then_the_undated_and_more_comes_behind(see, ask, reviewer, monkeypatch, client):
    monkeypatch.setattr("kmrl.pages.tasks.ROWS", 2)
    tasks = [ask() for _ in range(5)]
    for number, hours in ((3, 2), (1, 1), (4, 30)):
        due(tasks[number], hours=hours)
    wanted = [str(tasks[n].pk) for n in (1, 3, 4, 0, 2)]
    page, found = see(reviewer), []
    while True:
        found += re.findall(r'<tr data-task="([^"]+)"', page)
        more = re.search(r'href="([^"]+)" data-more', page)
        if not more:
            break
        page = see(reviewer, more[1].replace("&amp;", "&"))
    assert found == wanted
    rows = client.get("/tasks/", headers={"X-Rows": "1"})
    assert rows["X-More"] and "<html" not in rows.content.decode()


def test_a_spoiled_address_is_not_found(client, reviewer):
    client.force_login(reviewer)
    for address in ("/tasks/?after=nonsense", "/tasks/rows/?ids=1,2", "/workflows/?after=x"):
        assert client.get(address).status_code == 404


def test_chips_narrow_by_workflow_and_lateness(see, ask, reviewer):
    first, second = ask(key="one"), ask(key="two")
    due(second, hours=-1)
    assert str(first.pk) not in see(reviewer, "/tasks/?workflow=two")
    late = see(reviewer, "/tasks/?late=1")
    assert str(second.pk) in late and str(first.pk) not in late
    assert "Nothing matches these filters" in see(reviewer, "/tasks/?workflow=one&late=1")


def test_a_row_that_was_decided_is_not_given_again(see, ask, reviewer, client):
    task = ask()
    assert str(task.pk) in see(reviewer, f"/tasks/rows/?ids={task.pk}")
    client.post(f"/tasks/{task.pk}/decide/", {"outcome": "approved"})
    assert client.get(f"/tasks/rows/?ids={task.pk}").content.strip() == b""


def test_the_list_costs_the_same_however_many(client, ask, reviewer, django_assert_max_num_queries):
    for _ in range(10):
        ask()
    client.force_login(reviewer)
    client.get("/tasks/")
    with django_assert_max_num_queries(34):
        page = client.get("/tasks/").content.decode()
    assert page.count("<tr data-task") == 10


def test_the_rail_counts_on_every_page(see, ask, reviewer, clerk, client):
    badge = re.compile(r"data-waiting( hidden)?>(\d+)<")
    assert badge.search(see(reviewer, "/documents/"))[0].startswith("data-waiting hidden")
    ask(), ask()
    assert badge.search(see(reviewer, "/documents/")).groups() == (None, "2")
    assert client.get("/tasks/count/").json() == {"waiting": 2}
    assert badge.search(see(clerk, "/"))[1] == " hidden"


def test_home_shows_what_is_due_first_with_its_bar(see, ask, reviewer):
    later, soon = ask(), ask()
    due(later, days=3)
    due(soon, minutes=-5)
    page = see(reviewer, "/")
    assert page.index(str(soon.pk)) < page.index(str(later.pk))
    assert "late by 5 min" in page and 'class="sla failed"' in page
    assert f'href="/tasks/{soon.pk}/"' in page


# --- many at once


def test_many_are_decided_alike_and_each_says_what_came_of_it(client, ask, reviewer, operations, api_source):
    tasks = [ask(), ask("form: [{name: day, type: date, required: true}]"), ask()]
    client.force_login(reviewer)
    client.post(f"/tasks/{tasks[2].pk}/decide/", {"outcome": "approved"})
    said = {"id": [str(task.pk) for task in tasks], "outcome": "approved"}
    answer = client.post("/tasks/decide/", said, headers={"X-Script": "1"}).json()
    assert answer["decided"] == 1
    assert [bool(one["refused"]) for one in answer["results"]] == [False, True, True]
    assert [fresh(task).state for task in tasks] == ["completed", "open", "completed"]


def test_what_asks_for_a_form_is_offered_alone_with_the_outcomes_that_need_none(see, ask, reviewer):
    ask("form: [{name: day, type: date, required: true}]")
    page = see(reviewer)
    assert [one["key"] for one in outcomes(page)] == ["rejected"]


def test_tasks_of_others_are_refused_and_not_named(client, ask, outsider):
    task = ask()
    client.force_login(outsider)
    answer = client.post("/tasks/decide/", {"id": [str(task.pk)], "outcome": "approved"}, headers={"X-Script": "1"})
    assert answer.json()["decided"] == 0
    assert answer.json()["results"][0]["title"] == "A task"
    assert fresh(task).state == "open"


def test_spoiled_ids_are_not_found(client, reviewer):
    client.force_login(reviewer)
    assert client.post("/tasks/decide/", {"id": "1", "outcome": "approved"}).status_code == 404


def test_another_departments_paper_never_shows(see, ask, reviewer, safety, outsider, api_source):
    steps = "- {id: review, kind: human, title: Review, candidates: [{department: safety, role: reviewer}]}\n"
    ask(on=paper_of(safety, outsider, api_source, "Secret of safety"), steps=steps)
    for address in ("/tasks/", "/tasks/?show=taken", "/", "/workflows/"):
        assert "Secret of safety" not in see(reviewer, address)
