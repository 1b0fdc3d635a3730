"""Runs of workflows and absences on the pages: who sees and controls what, and what is explained."""

import re
from datetime import timedelta

import pytest
from django.utils import timezone

from documents.models import Document
from tests.pages.test_tasks import words
from tests.workflows.people.conftest import fresh
from workflows import deciding, running
from workflows.models import Absence, Dependency, Incident, Instance, Routing

NAP = "- {id: nap, kind: timer, wait: 9 days}"
FAILS = "- {id: total, kind: rule, title: Total, rules: [{when: 'document.nothing > 3', set: {}}]}\n"


@pytest.fixture
def at(client):
    def signed_in(user):
        client.force_login(user)
        return client

    return signed_in


@pytest.fixture
def stuck(publish, paper):
    """A run that stands still at its first step."""
    run = running.start(definition=publish("stuck", FAILS), document=paper, by=None, reason={"trigger": "manual"})
    assert Instance.objects.get(pk=run.pk).status == "incident"
    return run


def page_of(browser, address: str) -> str:
    answer = browser.get(address)
    assert answer.status_code == 200, address
    return answer.content.decode()


@pytest.mark.parametrize("who", ["clerk", "reviewer", "head", "auditor", "administrator"])
def test_who_sees_the_document_sees_its_runs(at, ask, request, who):
    run = ask().instance
    browser = at(request.getfixturevalue(who))
    assert str(run.pk) in page_of(browser, "/workflows/")
    said = words(page_of(browser, f"/workflows/{run.pk}/"))
    assert "Directive 7" in said and "Running" in said and "People were asked" in said


def test_an_outsider_finds_none(at, ask, outsider):
    run = ask().instance
    browser = at(outsider)
    assert "No workflow has run yet" in page_of(browser, "/workflows/")
    assert browser.get(f"/workflows/{run.pk}/").status_code == 404
    assert browser.post(f"/workflows/{run.pk}/do/", {"do": "cancel"}).status_code == 404
    assert Instance.objects.get(pk=run.pk).status == "running"


def test_the_list_narrows_and_says_where_a_run_stands(at, ask, stuck, reviewer):
    run = ask(key="other").instance
    browser = at(reviewer)
    assert "Stopped at an incident" in words(page_of(browser, "/workflows/?status=incident"))
    assert str(run.pk) not in page_of(browser, "/workflows/?status=incident")
    assert str(stuck.pk) not in page_of(browser, "/workflows/?workflow=other")
    assert "Review" in words(page_of(browser, "/workflows/?workflow=other"))
    assert "Nothing matches these filters" in words(page_of(browser, "/workflows/?late=1"))


def test_the_graph_has_live_tokens_and_brings_no_style_of_its_own(at, ask, reviewer):
    run = ask().instance
    browser = at(reviewer)
    page = page_of(browser, f"/workflows/{run.pk}/")
    assert '<svg xmlns="http://www.w3.org/2000/svg" class="flow"' in page
    assert 'class="step k-human is-waiting"' in page and "<style" not in page
    css = browser.get("/workflows/graph.css")
    assert css["Content-Type"].startswith("text/css") and ".flow .is-waiting" in css.content.decode()
    assert browser.get("/workflows/graph.css", headers={"If-None-Match": css["ETag"]}).status_code == 304


@pytest.mark.parametrize(("who", "may"), [("clerk", False), ("reviewer", False), ("head", True)])
def test_who_controls_a_run_says_what_it_waits_for(at, ask, publish, paper, request, who, may):
    run = ask().instance
    other = running.start(definition=publish("other", NAP), document=paper, by=None, reason={"trigger": "manual"})
    browser, address = at(request.getfixturevalue(who)), f"/workflows/{run.pk}/"
    assert ("Let it wait" in page_of(browser, address)) is may
    browser.post(f"{address}do/", {"do": "wait", "other": str(other.pk), "why": "First that."})
    assert Dependency.objects.exists() is may
    if not may:
        return
    said = words(page_of(browser, address))
    assert "Other · Directive 7" in said and "until it has ended" in said and "Waits for something more" in said
    assert "Waits for others" in said.split("Steps")[0]
    assert "Waited for by" in words(page_of(browser, f"/workflows/{other.pk}/"))
    browser.post(f"{address}do/", {"do": "stop-waiting", "token": str(Dependency.objects.get().pk)})
    assert not Dependency.objects.exists()
    assert browser.post(f"{address}do/", {"do": "stop-waiting", "token": "99"}).status_code == 404


@pytest.mark.parametrize(("who", "may"), [("clerk", False), ("reviewer", False), ("head", True), ("auditor", False)])
def test_who_looks_after_a_run_controls_it(at, ask, request, who, may):
    run = ask().instance
    browser = at(request.getfixturevalue(who))
    assert ('name="do" value="pause"' in page_of(browser, f"/workflows/{run.pk}/")) == may
    browser.post(f"/workflows/{run.pk}/do/", {"do": "pause", "why": "The paper is being replaced."})
    assert Instance.objects.get(pk=run.pk).status == ("paused" if may else "running")
    if may:
        assert "The paper is being replaced." in words(page_of(browser, f"/workflows/{run.pk}/"))
        browser.post(f"/workflows/{run.pk}/do/", {"do": "resume"})
        browser.post(f"/workflows/{run.pk}/do/", {"do": "cancel"})
        assert Instance.objects.get(pk=run.pk).status == "cancelled"


def test_an_incident_says_what_failed_and_can_be_skipped(at, stuck, head, reviewer):
    assert "Stands still at “Total”" in words(page_of(at(reviewer), f"/workflows/{stuck.pk}/"))
    assert 'value="skip"' not in page_of(at(reviewer), f"/workflows/{stuck.pk}/")
    token = Incident.objects.get().token
    answer = at(head).post(f"/workflows/{stuck.pk}/do/", {"do": "retry", "token": str(token)}, follow=True)
    assert "It is tried again." in words(answer.content.decode())
    assert Instance.objects.get(pk=stuck.pk).status == "incident"
    at(head).post(f"/workflows/{stuck.pk}/do/", {"do": "skip", "token": str(token), "why": "Known."})
    assert Instance.objects.get(pk=stuck.pk).status == "finished"
    late = at(head).post(f"/workflows/{stuck.pk}/do/", {"do": "skip"}, follow=True)
    assert "It has ended already" in words(late.content.decode())
    assert at(head).post(f"/workflows/{stuck.pk}/do/", {"do": "explode"}).status_code == 404


# --- the document's page


def test_a_documents_page_tells_its_way_with_people_times_and_comments(at, ask, paper, reviewer, clerk):
    task = ask()
    at(reviewer).post(f"/tasks/{task.pk}/decide/", {"outcome": "rejected", "comment": "The stamp is missing."})
    page = page_of(at(clerk), f"/documents/{paper.pk}/")
    said = words(page)
    for part in ("Workflow", "Review", "reviewer : Reject", "The stamp is missing.", "Finished"):
        assert part in said, part
    assert f'href="/tasks/{task.pk}/"' in page and f'href="/workflows/{task.instance_id}/"' in page


WHEN = """document.title == "x" || document.department in [] || document.type == "y" ||
 document.head.contains("circular") || has(document.facts.answer_by)"""
CONSIDERED = [
    {"definition": "directives", "version": 1, "trigger": 0, "when": WHEN, "priority": 70,
      "result": "won", "reason": "Directives are reviewed.", "error": "",
     "values": {"document.title": "Directive 6", "document.department": "operations", "document.type": "directive",
                'document.head.contains("circular")': False, "document.facts.answer_by": None}},
    {"definition": "other", "version": 1, "trigger": 0, "when": "document.page_count > 9", "priority": 50,
     "result": "no", "reason": "", "error": "", "values": None},
    {"definition": "all", "version": 1, "trigger": 0, "when": None, "priority": 40, "result": "outranked",
     "reason": "", "error": "",
     "values": {"document.confidence": 0.9, "document.awaiting_ocr": 0, "document.duplicate": False,
                "document.status": "processed", "event.version": 2, "vars.by_hand": None}},
]  # fmt: skip
TODAYS = "Directive 7"
"""The title that the paper has now; what the rule saw was another."""


def routed(paper, considered, *, started=()) -> None:
    Routing.objects.create(
        document=paper,
        document_version=1,
        event="document.processed",
        at=timezone.now(),
        considered=considered,
        instances=[str(pk) for pk in started],
    )


def plain(page: str) -> str:
    """The words of any page, the administration's too."""
    return " ".join(re.sub(r"<[^>]+>", " ", page[page.index("<body") :]).split())


def without_rules(page: str) -> str:
    """The page without what is folded behind “Show the rule”."""
    return re.sub(r'<details class="as-written">.*?</details>', "", page, flags=re.DOTALL)


def test_it_says_why_it_went_where_it_went_with_what_was_seen_then(at, paper, clerk, publish):
    publish("directives", "- {id: end, kind: end, outcome: done}\n")
    thick = publish("other", "- {id: end, kind: end, outcome: done}\n")
    thick.description = "Thick papers.\n\nAnd more of it."
    thick.save(update_fields=["description"])
    routed(paper, CONSIDERED)
    page = page_of(at(clerk), f"/documents/{paper.pk}/")
    said = words(page)
    for part in (
        "Why did it go here?",
        "Directives chosen Directives are reviewed.",
        "Title Directive 6 Department Operations Type Regulatory directive"
        " Its first words contain “circular” no Answer by nothing",
        "2 other rules were looked at",
        "Other does not match Thick papers. What it saw was too much to be kept.",
        "Show the rule document.page_count &gt; 9",
        "all matched too, but comes after Pages that wait for text recognition 0 Confidence 0.9"
        " The same as another document no State Done Version 2 By hand nothing Without a condition",
    ):
        assert part in said, part
    assert "And more of it." not in said
    assert "document." not in without_rules(page[page.index('id="routes"') :].partition("</section>")[0])
    assert f"<td>{TODAYS}</td>" not in page


def test_an_old_choice_says_that_its_values_were_not_kept(at, paper, clerk):
    routed(paper, [{name: held for name, held in CONSIDERED[0].items() if name != "values"}])
    page = page_of(at(clerk), f"/documents/{paper.pk}/")
    assert "What it saw is not kept: it was looked at before values were kept." in words(page)
    assert '<table class="saw">' not in page


def test_the_task_says_what_the_rule_saw_that_brought_it_here(at, ask, paper, reviewer):
    task = ask()
    reason = {"trigger": "document.processed", "index": 0, "when": "document.title == 'x'", "words": "Because."}
    Instance.objects.filter(pk=task.instance_id).update(reason=reason)
    for_run = {**CONSIDERED[0], "definition": "k", "reason": "Because.", "when": "document.title == 'x'"}
    routed(paper, [CONSIDERED[1], for_run], started=[task.instance_id])
    for address in (f"/tasks/{task.pk}/", f"/admin/workflows/inbox/{task.pk}/"):
        page = page_of(at(reviewer), address)
        said = plain(page)
        for part in ("The document was read. Because.", "What the rule saw,", "Title Directive 6", "Show the rule"):
            assert part in said, (address, part)
        assert "document.title ==" not in without_rules(page), address
        assert "document.title ==" in page and "Thick" not in page, address
    Routing.objects.update(considered=[{k: v for k, v in for_run.items() if k != "values"}])
    for address in (f"/tasks/{task.pk}/", f"/admin/workflows/inbox/{task.pk}/"):
        said = plain(page_of(at(reviewer), address))
        assert "What it saw is not kept: it was looked at before values were kept." in said
        assert "What the rule saw," not in said and "Directive 6" not in said


def test_taking_a_task_has_less_weight_than_deciding_it(at, ask, reviewer):
    task = ask()
    page = page_of(at(reviewer), f"/tasks/{task.pk}/")
    claim = re.search(r'action="/tasks/[^"]+/claim/".*?<button class="([^"]*)"', page, re.DOTALL)
    assert claim is not None and claim[1] == "button bare"
    answers = re.findall(r'<button class="(button[^"]*)" name="outcome"', page)
    assert len(answers) == 2 and not any("bare" in one for one in answers)
    desk = page_of(at(reviewer), f"/admin/workflows/inbox/{task.pk}/")
    assert '<button name="deed" value="claim" class="bare">' in desk
    assert not re.search(r'<button name="outcome"[^>]*class="bare', desk)


def test_who_may_starts_a_workflow_from_the_page_and_others_are_not_offered_it(at, paper, publish, reviewer, auditor):
    publish("special", "- {id: end, kind: end, outcome: done}\n")
    assert "data-start" not in page_of(at(auditor), f"/documents/{paper.pk}/")
    assert '<option value="special">' in page_of(at(reviewer), f"/documents/{paper.pk}/")
    said = {"workflow": "special", "document": str(paper.pk), "note": "The head asked for it"}
    answer = at(reviewer).post("/workflows/start/", said, follow=True)
    assert "“Special” has begun." in words(answer.content.decode())
    assert "The head asked for it" in words(answer.content.decode())
    assert Instance.objects.get().started_by == reviewer
    refused = at(auditor).post("/workflows/start/", said, follow=True)
    assert "Auditors read, and start nothing." in words(refused.content.decode())
    assert Instance.objects.count() == 1


def test_nothing_is_started_on_what_one_does_not_see(at, paper, publish, outsider):
    publish("special", "- {id: end, kind: end, outcome: done}\n")
    assert at(outsider).post("/workflows/start/", {"workflow": "special", "document": str(paper.pk)}).status_code == 404
    assert at(outsider).post("/workflows/start/", {"workflow": "special", "document": "x"}).status_code == 404
    assert Instance.objects.count() == 0


def test_a_document_that_one_may_not_see_stays_unnamed_in_the_list(at, ask, paper, reviewer, safety):
    run = ask().instance
    Document.objects.filter(pk=paper.pk).update(department=safety, title="Not for operations")
    assert "Not for operations" not in page_of(at(reviewer), "/workflows/")
    assert fresh(run.tasks.get()).state == "open"


# --- absences


def day(offset: int) -> str:
    return (deciding.today() + timedelta(days=offset)).isoformat()


def test_one_enters_changes_and_removes_ones_own(at, reviewer, colleague):
    browser = at(reviewer)
    said = {"first_day": day(0), "last_day": day(3), "deputy": "colleague", "note": "Onam"}
    page = browser.post("/absences/", said, follow=True).content.decode()
    assert "reviewer (you) away today" in words(page) and "colleague decides" in words(page) and "Onam" in page
    absence = Absence.objects.get()
    browser.post(f"/absences/{absence.pk}/", {**said, "last_day": day(5), "deputy": ""})
    absence.refresh_from_db()
    assert (absence.last_day.isoformat(), absence.deputy) == (day(5), None)
    browser.post(f"/absences/{absence.pk}/", {"do": "remove"})
    assert not Absence.objects.exists()


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"last_day": "-2"}, "The last day is before the first."),
        ({"first_day": ""}, "Choose the first and the last day."),
        ({"deputy": "clerk"}, "Only reviewers and heads of departments decide for others."),
        ({"deputy": "nobody"}, "There is nobody of that name."),
    ],
)
def test_what_cannot_be_is_said_in_place_and_what_was_typed_stays(at, reviewer, clerk, changed, said):
    typed = {"first_day": day(1), "last_day": day(2), "note": "A wedding at Thrissur"}
    typed |= {name: day(int(value)) if value.startswith("-") else value for name, value in changed.items()}
    answer = at(reviewer).post("/absences/", typed)
    page = answer.content.decode()
    assert answer.status_code == 400 and said in page and 'value="A wedding at Thrissur"' in page
    assert not Absence.objects.exists()


def test_heads_enter_for_their_people_and_nobody_for_strangers(at, head, reviewer, outsider, auditor):
    days = {"first_day": day(1), "last_day": day(2)}
    at(head).post("/absences/", {**days, "user": "reviewer"})
    assert Absence.objects.get().user == reviewer
    assert "reviewer" in words(page_of(at(head), "/absences/"))
    assert at(reviewer).post("/absences/", {**days, "user": "outsider"}).status_code == 403
    assert at(outsider).post(f"/absences/{Absence.objects.get().pk}/", {"do": "remove"}).status_code == 404
    assert "Enter an absence" not in page_of(at(auditor), "/absences/")
    assert Absence.objects.count() == 1
