"""The review screen: who sees and decides what, what it explains, refusals in place, and links from mails."""

import csv
import io
import re

import pytest

from accounts.models import HistoryEntry
from documents.models import Document, Page
from tests.pages.conftest import SCRIPTS
from tests.pages.test_tasks import words
from tests.workflows.people.conftest import away, fresh, join, new_version
from workflows import links, running
from workflows.models import Decision, HumanTask, TaskComment

SCRIPT = {"X-Script": "1"}
CONFIRM = """
- id: read
  kind: acknowledge
  title: Read and confirm
  people: [{department: operations, role: clerk}]
  due: 1 days
"""


@pytest.fixture
def at(client):
    """`at(user).get(address)`: that person's browser."""

    def signed_in(user):
        client.force_login(user)
        return client

    return signed_in


def screen(browser, task: HumanTask) -> str:
    answer = browser.get(f"/tasks/{task.pk}/")
    assert answer.status_code == 200
    return answer.content.decode()


def test_one_question_on_top_with_answers_and_keys(at, ask, reviewer, colleague):
    task = ask("form: [{name: day, title: Answer by, type: date}, {name: sure, title: Sure, type: boolean}]")
    page = screen(at(reviewer), task)
    said = words(page)
    assert "Is it right?" in said and "Directive 7" in said
    assert 'value="approved" data-key="a"' in page and 'value="rejected" data-key="r"' in page
    assert 'name="form.day"' in page and 'type="date"' in page and 'name="form.sure"' in page
    assert 'data-hand-on="delegate"' in page and "Take it" in said


def test_it_says_why_it_is_here_and_who_is_asked(at, ask, reviewer, clerk, publish):
    task = ask("when: document.priority == 'normal'", "exclude: [{uploader: true}]", by=clerk)
    said = words(screen(at(reviewer), task))
    for part in (
        "Started by clerk.",
        "“Review” is asked only where its condition holds.",
        "As it is now Priority normal",
        "Show the rule document.priority == &#x27;normal&#x27;",
        "Operations: Reviewer",
        "Not asked: clerk. Who sent the document does not decide about it.",
    ):
        assert part in said, part


@pytest.mark.parametrize("who", ["clerk", "auditor", "administrator"])
def test_who_sees_it_without_deciding_it_reads_why_not(at, ask, request, who):
    task = ask()
    page = screen(at(request.getfixturevalue(who)), task)
    assert "data-decide" not in page
    why = {"clerk": "Only reviewers and heads", "auditor": "Auditors read", "administrator": "Only reviewers and heads"}
    assert why[who] in words(page)


def test_an_outsider_finds_nothing_and_can_do_nothing(at, ask, outsider):
    task = ask()
    browser = at(outsider)
    assert browser.get(f"/tasks/{task.pk}/").status_code == 404
    for deed in ("decide", "claim", "release", "hand-on", "comment", "confirm"):
        said = {"outcome": "approved", "to": "outsider", "text": "x"}
        assert browser.post(f"/tasks/{task.pk}/{deed}/", said).status_code == 404, deed
        assert browser.post(f"/tasks/{task.pk}/{deed}/", said, headers=SCRIPT).status_code == 404, deed
    assert (fresh(task).state, Decision.objects.count(), TaskComment.objects.count()) == ("open", 0, 0)


def test_an_auditors_look_is_written_down(at, ask, auditor, paper):
    task = ask()
    Document.objects.filter(pk=paper.pk).update(access="restricted")
    screen(at(auditor), task)
    assert HistoryEntry.objects.filter(subject_id=str(task.document_id), action="looked", actor=auditor).exists()


def test_a_decision_leads_on_to_the_next_with_a_way_back(at, ask, reviewer):
    first, second = ask(), ask()
    said = {"outcome": "approved", "document_version": "1", "comment": "Fine."}
    answer = at(reviewer).post(f"/tasks/{first.pk}/decide/", said, headers=SCRIPT).json()
    assert answer["to"] == f"/tasks/{second.pk}/" and answer["back"] == f"/tasks/{first.pk}/"
    assert answer["said"] == "Decided: Approve. “Directive 7”"
    decision = Decision.objects.get()
    assert (decision.by, decision.outcome, decision.comment, decision.door) == (reviewer, "approved", "Fine.", "page")
    again = at(reviewer).post(f"/tasks/{second.pk}/decide/", {"outcome": "approved"}, headers=SCRIPT).json()
    assert again["to"] == "/tasks/"


def test_without_scripts_it_goes_the_same_way(at, ask, reviewer):
    first, second = ask(), ask()
    answer = at(reviewer).post(f"/tasks/{first.pk}/decide/", {"outcome": "approved"}, follow=True)
    assert answer.redirect_chain == [(f"/tasks/{second.pk}/", 302)]
    assert "Decided: Approve." in words(answer.content.decode())


def test_a_comment_is_asked_for_in_place_and_nothing_typed_is_lost(at, ask, reviewer):
    task = ask("form: [{name: note, title: Note, type: text, required: true}]")
    said = {"outcome": "rejected", "form.note": "half a sentence"}
    answer = at(reviewer).post(f"/tasks/{task.pk}/decide/", said)
    page = answer.content.decode()
    assert answer.status_code == 400
    assert "Say why: this outcome wants a comment." in page and 'value="half a sentence"' in page
    scripted = at(reviewer).post(f"/tasks/{task.pk}/decide/", said, headers=SCRIPT)
    assert (scripted.status_code, scripted.json()["errors"]) == (
        400,
        {"comment": ["Say why: this outcome wants a comment."]},
    )
    assert fresh(task).state == "open"


def test_who_comes_second_hears_who_was_first_and_where_to_look(at, ask, reviewer, colleague):
    task = ask()
    at(colleague).post(f"/tasks/{task.pk}/decide/", {"outcome": "approved"})
    answer = at(reviewer).post(
        f"/tasks/{task.pk}/decide/", {"outcome": "rejected", "comment": "No, for this reason"}, headers=SCRIPT
    )
    assert answer.status_code == 409
    assert answer.json()["code"] == "already_decided"
    assert answer.json()["detail"] == "colleague has decided this task already: Approve."
    assert answer.json()["offer"]["to"] == f"/tasks/{task.pk}/"
    assert Decision.objects.count() == 1
    assert "colleague decided it: Approve." in words(screen(at(reviewer), task))


def test_a_new_version_is_offered_when_the_old_one_is_decided(at, ask, reviewer, clerk, paper):
    task = ask()
    new_version(paper, clerk)
    answer = at(reviewer).post(f"/tasks/{task.pk}/decide/", {"outcome": "approved"}, headers=SCRIPT)
    assert (answer.status_code, answer.json()["code"]) == (409, "superseded")
    assert answer.json()["offer"] == {"label": "Look at the newest version", "to": f"/documents/{paper.pk}/"}


def test_what_is_new_in_a_version_is_shown_by_page(at, ask, reviewer, clerk, paper):
    old = paper.newest
    Page.objects.create(version=old, number=1, text="Trains stop at Aluva.\nSpeed is 60 km/h.\nSigned by the head.")
    old.facts = {"amount": {"value": 100}}
    old.save()
    new = new_version(paper, clerk)
    Page.objects.create(version=new, number=1, text="Trains stop at Aluva.\nSpeed is 45 km/h.\nSigned by the head.")
    new.facts = {"amount": {"value": 250}}
    new.save()
    type(paper).objects.filter(pk=paper.pk).update(readable=new)
    page = screen(at(reviewer), ask(on=type(paper).objects.get(pk=paper.pk)))
    assert "What is new: version 1 to 2" in page
    assert "<del>Speed is 60 km/h.</del><ins>Speed is 45 km/h.</ins>" in page
    assert "<del>100</del> → <ins>250</ins>" in page


def test_taking_and_giving_back(at, ask, reviewer, colleague, head):
    task = ask()
    assert at(reviewer).post(f"/tasks/{task.pk}/claim/", headers=SCRIPT).json()["said"] == "You have taken this task."
    page = screen(at(colleague), task)
    assert "data-decide" not in page and "reviewer has taken this task." in words(page)
    refused = at(colleague).post(f"/tasks/{task.pk}/claim/", headers=SCRIPT)
    assert (refused.status_code, refused.json()["code"]) == (409, "already_claimed")
    assert "Take it over" in screen(at(head), task)
    at(head).post(f"/tasks/{task.pk}/claim/", {"take_over": "1"})
    assert fresh(task).assignee == head
    at(head).post(f"/tasks/{task.pk}/release/")
    assert fresh(task).state == "open"


def test_handing_on_offers_people_and_says_who_has_it(at, ask, reviewer, colleague):
    task = ask()
    assert '<option value="colleague">' in screen(at(reviewer), task)
    answer = at(reviewer).post(f"/tasks/{task.pk}/hand-on/", {"to": "colleague", "how": "delegate"}, headers=SCRIPT)
    assert answer.json()["said"] == "colleague has it now, and has been told."
    assert fresh(task).assignee == colleague
    assert "reviewer handed it on to you." in words(screen(at(colleague), task))


def test_handing_on_to_somebody_who_cannot_is_refused_at_the_field(at, ask, reviewer, clerk):
    task = ask()
    answer = at(reviewer).post(f"/tasks/{task.pk}/hand-on/", {"to": "clerk"}, headers=SCRIPT)
    assert answer.status_code == 400 and "decides no tasks" in answer.json()["errors"]["to"][0]


def test_a_deputy_reads_for_whom_he_decides(at, ask, reviewer, person, operations, safety):
    deputy = person("deputy", role="reviewer", of=safety)
    join(deputy, operations, "clerk")
    task = ask()
    away(reviewer, deputy)
    assert "You decide for reviewer." in words(screen(at(deputy), task))


def test_comments_stand_beside_and_auditors_write_none(at, ask, reviewer, clerk, auditor):
    task = ask()
    at(clerk).post(f"/tasks/{task.pk}/comment/", {"text": "See page 3."})
    assert "See page 3." in words(screen(at(reviewer), task))
    assert 'id="talk"' not in screen(at(auditor), task)
    assert at(auditor).post(f"/tasks/{task.pk}/comment/", {"text": "x"}, headers=SCRIPT).status_code == 403


def test_nothing_on_these_pages_is_inline(at, ask, reviewer):
    task = ask("form: [{name: day, type: date}]")
    for address in ("/tasks/", f"/tasks/{task.pk}/", f"/workflows/{task.instance_id}/", "/workflows/", "/absences/"):
        page = at(reviewer).get(address).content.decode()
        assert " style=" not in page and "<style" not in page and " onclick=" not in page
        assert page.count("<script") == sum(map(page.count, SCRIPTS))


def test_a_task_speaks_malayalam_where_its_definition_does(at, ask, reviewer):
    task = ask("title_ml: പരിശോധന", "question_ml: ഇത് ശരിയാണോ?")
    browser = at(reviewer)
    browser.post("/language/", {"language": "ml"})
    page = screen(browser, task)
    assert "പരിശോധന" in page and "ഇത് ശരിയാണോ?" in page and "അംഗീകരിക്കുക" in page
    assert "പരിശോധന" in browser.get("/tasks/").content.decode()


# --- to read and confirm


@pytest.fixture
def to_read(publish, paper, clerk, person, operations) -> HumanTask:
    person("second", of=operations)
    definition = publish("circular", CONFIRM)
    run = running.start(definition=definition, document=paper, by=None, reason={"trigger": "manual"})
    return HumanTask.objects.get(instance=run)


def test_who_is_asked_reads_and_confirms_and_is_led_on(at, to_read, clerk):
    browser = at(clerk)
    assert "to read and confirm" in words(browser.get("/tasks/?show=read").content.decode())
    page = screen(browser, to_read)
    assert "I have read and understood it" in page and "data-reading" not in page
    assert 'data-live="reading"' not in page  # who has and who has not is for heads
    answer = browser.post(f"/tasks/{to_read.pk}/confirm/", {"document_version": "1"}, headers=SCRIPT)
    assert answer.json()["said"] == "Noted: you have read it."
    assert "You have confirmed it." in words(screen(browser, to_read))
    assert "Nothing to read" in words(browser.get("/tasks/?show=read").content.decode())


def test_heads_see_who_has_not_and_take_the_list_along(at, to_read, clerk, head):
    at(clerk).post(f"/tasks/{to_read.pk}/confirm/", {"document_version": "1"})
    said = words(screen(at(head), to_read))
    assert "Who has confirmed 1 / " in said and "second" in said
    answer = at(head).get(f"/tasks/{to_read.pk}/confirmations.csv")
    rows = list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))
    by_name = {row["User name"]: row for row in rows}
    assert by_name["clerk"]["Confirmed"] and not by_name["second"]["Confirmed"]
    assert by_name["clerk"]["Version"] == "1"


@pytest.mark.parametrize("who", ["clerk", "reviewer", "outsider"])
def test_nobody_else_gets_the_list(at, to_read, request, who):
    browser = at(request.getfixturevalue(who))
    assert browser.get(f"/tasks/{to_read.pk}/confirmations.csv").status_code == 404


def test_who_is_not_asked_confirms_nothing(at, to_read, head, reviewer, auditor):
    refused = at(auditor).post(f"/tasks/{to_read.pk}/confirm/", headers=SCRIPT)
    assert (refused.status_code, refused.json()["code"]) == (403, "not_yours")


def test_a_table_program_takes_no_name_for_a_formula(at, to_read, head, clerk):
    clerk.first_name = "=cmd()"
    clerk.save()
    assert "'=cmd()" in at(head).get(f"/tasks/{to_read.pk}/confirmations.csv").content.decode()


# --- links from mails


def test_a_link_asks_who_you_are_shows_and_decides_once(client, at, ask, reviewer):
    task = ask()
    secret = links.make(task=task, user=reviewer)
    address = f"/tasks/link/{secret}/"
    assert client.get(address)["Location"] == f"/sign-in/?next={address}"
    shown = at(reviewer).get(address)
    assert shown.status_code == 200 and "Is it right?" in words(shown.content.decode())
    assert fresh(task).state == "open" and "no-store" in shown["Cache-Control"]
    wrong = at(reviewer).post(address, {"outcome": "rejected"})
    assert wrong.status_code == 400 and "Say why" in words(wrong.content.decode())
    assert at(reviewer).post(address, {"outcome": "approved"})["Location"] == f"/tasks/{task.pk}/"
    assert Decision.objects.get().door == "mail"
    again = at(reviewer).get(address)
    assert again.status_code == 409 and "It serves once." in words(again.content.decode())


def test_somebody_elses_link_is_told_plainly(at, ask, reviewer, colleague, outsider):
    secret = links.make(task=ask(), user=reviewer)
    for other in (colleague, outsider):
        answer = at(other).get(f"/tasks/link/{secret}/")
        said = words(answer.content.decode())
        assert answer.status_code == 403
        assert "This link was made for somebody else" in said and "Directive 7" not in said and "Sign out" in said
    assert at(colleague).post(f"/tasks/link/{secret}/", {"outcome": "approved"}).status_code == 403


def test_what_a_link_cannot_do_any_more_it_says(at, ask, reviewer, colleague, clerk, paper):
    old, decided, unknown = ask(), ask(), "nothing-of-the-kind"
    links_of = {task: links.make(task=task, user=reviewer) for task in (old, decided)}
    old.links.update(expires_at=old.opened_at)
    at(colleague).post(f"/tasks/{decided.pk}/decide/", {"outcome": "approved"})
    for secret, status, said in (
        (links_of[old], 410, "good for seven days"),
        (links_of[decided], 409, "colleague has decided this task already"),
        (unknown, 404, "There is no such link"),
    ):
        answer = at(reviewer).get(f"/tasks/link/{secret}/")
        assert (answer.status_code, said in words(answer.content.decode())) == (status, True), said
    new_version(paper, clerk)
    fresh_link = links.make(task=old, user=reviewer)
    answer = at(reviewer).get(f"/tasks/link/{fresh_link}/")
    assert answer.status_code == 409 and "Version 2 of the document has come" in words(answer.content.decode())


# --- defaults of the form

FORM = """form:
    - {name: day, title: Answer by, type: date, default: "2026-12-24"}
    - {name: sure, title: Sure, type: boolean, default: false}
    - {name: how, title: How, type: choice, choices: [by post, by mail], default: by mail}
    - {name: amount, title: Amount, type: number, required: true, default: {expr: 100 + 18}}
    - {name: words, title: Words, type: long_text}
"""
HINT = "Filled in from what is known: correct it where it is wrong."


def filled_in(page: str) -> dict[str, str]:
    """What each field of the form on a page holds."""
    held = {}
    for tag, inside in re.findall(
        r'<((?:input|select|textarea)\b[^>]*name="form\.[^>]*)>([^<]*(?:<option.*?</select>)?)', page
    ):
        name = re.search(r'name="form\.(\w+)"', tag)[1]
        chosen = re.search(r'<option value="([^"]*)" selected', inside)
        value = re.search(r' value="([^"]*)"', tag)
        plain = inside.strip() if tag.startswith("textarea") else value[1] if value else ""
        held[name] = (chosen[1] if chosen else "") if tag.startswith("select") else plain
    return held


WANTED = {"day": "2026-12-24", "sure": "false", "how": "by mail", "amount": "118", "words": ""}


def test_the_form_is_filled_in_with_its_defaults_by_every_door(at, ask, reviewer):
    task = ask(FORM)
    link = f"/tasks/link/{links.make(task=task, user=reviewer)}/"
    for address in (f"/tasks/{task.pk}/", f"/admin/workflows/inbox/{task.pk}/", link):
        page = at(reviewer).get(address).content.decode()
        assert filled_in(page) == WANTED, address
        assert page.count(HINT) == 4, address


def test_what_somebody_emptied_stays_empty_when_it_is_refused(at, ask, reviewer):
    task = ask(FORM)
    link = f"/tasks/link/{links.make(task=task, user=reviewer)}/"
    typed = {"outcome": "approved", "form.day": "", "form.amount": "", "form.how": "by post", "deed": "decide"}
    for address in (f"/tasks/{task.pk}/decide/", f"/admin/workflows/inbox/{task.pk}/", link):
        page = at(reviewer).post(address, typed).content.decode()
        held = filled_in(page)
        assert (held["day"], held["amount"], held["how"]) == ("", "", "by post"), address
        assert HINT not in page, address
    assert not Decision.objects.exists()
