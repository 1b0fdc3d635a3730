"""The inbox in the administration: who enters, what is refused to whom, deciding singly and many alike."""

import re
import uuid

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver
from django.utils import timezone

from accounts.models import Role, User
from accounts.rights import rights_of
from tests.workflows.people.conftest import away, fresh, new_version
from tests.workflows.running.conftest import paper_of
from workflows import approvals
from workflows.models import Decision, HumanTask
from workflows.seeding import calendars

INBOX = "/admin/workflows/humantask/"
OPEN = {
    "admin:index",
    "admin:app_list",
    "admin:workflows_humantask_changelist",
    "admin:workflows_humantask_change",
    "desk:task",
    "desk:many",
    "admin:login",
    "admin:jsi18n",
}
OF_HEADS = {"desk:figures", "desk:figures-table"}
"""Beyond the inbox: the figures of their departments."""
FORMER = "admin:-"
"""The addresses that pages of rows had before Django 1.9 lead to those of now, which ask; and the catch-all is 404."""
"""What reviewers and heads may open in the administration; the index and the list of apps lead to the inbox."""


@pytest.fixture
def task(ask) -> HumanTask:
    return ask("form: []")


def every_page() -> list[tuple[str, str]]:
    """(name, address) of everything that is mounted below /admin/, with made-up arguments."""
    found: list[tuple[str, str]] = []

    def walk(patterns, names: list[str], route: str) -> None:
        for one in patterns:
            here = route + str(one.pattern)
            if isinstance(one, URLResolver):
                walk(one.url_patterns, [*names, one.namespace] if one.namespace else names, here)
            elif isinstance(one, URLPattern) and here.startswith("admin/") and one.name != "logout":
                found.append((":".join([*names, one.name or "-"]), "/" + filled(here)))

    walk(get_resolver().url_patterns, [], "")
    return found


def filled(route: str) -> str:
    """The route with something in each of its places."""
    made = {"id": str(uuid.UUID(int=7)), "int": "1"}
    route = re.sub(r"<(\w+):\w+>", lambda found: made.get(found[1], "1"), route)
    route = re.sub(r"<\w+>", "1", route)
    route = re.sub(r"\^?\(\?P<app_label>[^)]*\)", "documents", route)
    return route.replace("(?P<url>.*)$", "nowhere").replace("$", "").replace("^", "")


@pytest.mark.parametrize("who", ["reviewer", "head"])
def test_reviewers_and_heads_open_their_inbox_and_heads_their_figures_and_nothing_else(client, request, who, task):
    client.force_login(request.getfixturevalue(who))
    let_in = set()
    for name, address in every_page():
        for method in (client.get, client.post):
            answer = method(address)
            sent_away = answer.status_code == 302 and answer.headers["Location"] == "/admin/"  # there is no such row
            if answer.status_code not in (403, 405) and not sent_away:
                let_in.add(name)
    assert sorted(let_in - OPEN - (OF_HEADS if who == "head" else set())) == [FORMER]
    assert {"admin:workflows_humantask_changelist", "desk:task"} <= let_in
    assert len(every_page()) > 150


def test_what_has_no_name_leads_nowhere_new(client, reviewer):
    """The catch-all of the admin, and the links of objects: 404 or refused."""
    client.force_login(reviewer)
    assert client.get("/admin/nowhere/").status_code == 404
    assert client.get("/admin/r/1/1/").status_code in (403, 404)


@pytest.mark.parametrize("path", ["/admin/", "/admin/workflows/", "/admin/documents/"])
def test_the_index_sends_who_decides_to_the_inbox(client, head, path):
    client.force_login(head)
    assert client.get(path).headers["Location"] == INBOX


def test_clerks_stay_outside(client, clerk, task):
    client.force_login(clerk)
    for path in ("/admin/", INBOX, f"/admin/workflows/inbox/{task.pk}/"):
        assert client.get(path, follow=True).status_code == 403
    assert client.post("/admin/workflows/inbox/decide/", {}, follow=True).status_code == 403


def test_the_menu_shows_only_what_may_be_opened(client, head, task, administrator, auditor):
    def menu(person: User) -> set[str]:
        client.force_login(person)
        page = client.get(INBOX).content.decode()
        sidebar = page[page.index("nav-sidebar") :] if "nav-sidebar" in page else page
        return set(re.findall(r'href="(/admin/[^"?#]*)"', sidebar))

    own = {
        "/admin/",
        "/admin/workflows/",
        "/admin/logout/",
        INBOX,
        f"{INBOX}{task.pk}/change/",
        "/admin/workflows/figures/",
    }  # two lead to the inbox
    assert menu(head) <= own
    for person in (administrator, auditor):
        for address in menu(person) - {"/admin/logout/", "/admin/password_change/"}:
            assert client.get(address, follow=True).status_code == 200, address


def test_the_list_has_what_waits_due_first_with_a_mark_on_what_is_late(
    client, ask, head, operations, clerk, api_source
):
    calendars.seed()
    late = ask("due: 1 working days", key="late")
    HumanTask.objects.filter(pk=late.pk).update(due_at=timezone.now() - timezone.timedelta(hours=3), breached=True)
    other = paper_of(operations, clerk, api_source, "കത്ത് 12")
    calm = ask("due: 30 working days", key="calm", on=other)
    client.force_login(head)
    page = client.get(INBOX).content.decode()
    assert page.index("Directive 7") < page.index("കത്ത് 12")
    assert page.count('class="due late"') == 1
    only = client.get(f"{INBOX}?due=overdue").content.decode()
    assert "Directive 7" in only and "കത്ത് 12" not in only
    assert "കത്ത് 12" in client.get(f"{INBOX}?q=കത്ത്").content.decode()
    assert "Directive 7" not in client.get(f"{INBOX}?q={calm.pk}").content.decode()


def test_what_i_may_not_see_is_in_no_list_and_404(client, person, task, safety):
    client.force_login(person("stranger", role=Role.HEAD, of=safety))
    for chosen in ("mine", "shared", "team", "undecided", "all"):
        assert "Directive 7" not in client.get(f"{INBOX}?list={chosen}").content.decode()
    assert client.get(f"/admin/workflows/inbox/{task.pk}/").status_code == 404
    answer = client.post(
        "/admin/workflows/inbox/decide/", {"task": [str(task.pk)], "outcome": "approved", "sure": "1"}, follow=True
    )
    assert answer.redirect_chain and not Decision.objects.exists()


def test_a_task_is_decided_on_its_page_and_leads_to_the_next(client, head, ask, operations, clerk, api_source):
    first, second = ask(key="a"), ask(key="b", on=paper_of(operations, clerk, api_source, "Second"))
    client.force_login(head)
    page = client.get(f"/admin/workflows/inbox/{first.pk}/").content.decode()
    assert "Is it right?" in page and "Directive 7" in page and 'value="approved"' in page
    said = {"deed": "decide", "outcome": "approved", "version": "1"}
    answer = client.post(f"/admin/workflows/inbox/{first.pk}/", said, follow=True)
    assert answer.redirect_chain[-1][0] == f"/admin/workflows/inbox/{second.pk}/"
    assert "This is the next." in answer.content.decode()
    made = Decision.objects.get(task=first)
    assert (made.outcome, made.door, made.by, made.document_version) == ("approved", "admin", head, 1)


def test_what_is_refused_is_said_and_what_was_typed_stays(client, head, ask):
    task = ask("form: [{name: amount, title: Amount, type: number, required: true}]")
    client.force_login(head)
    said = {"deed": "decide", "outcome": "approved", "comment": "seems right", "form.amount": "twelve", "version": "1"}
    answer = client.post(f"/admin/workflows/inbox/{task.pk}/", said)
    page = answer.content.decode()
    assert answer.status_code == 400
    assert "Write a number here." in page and "twelve" in page and "seems right" in page
    assert not Decision.objects.exists()
    refused = client.post(
        f"/admin/workflows/inbox/{task.pk}/", {"deed": "decide", "outcome": "rejected", "version": "1"}
    )
    assert "Say why: this outcome wants a comment." in refused.content.decode()


def test_a_decision_on_an_older_version_is_refused(client, head, clerk, task):
    new_version(task.document, clerk)
    client.force_login(head)
    answer = client.post(
        f"/admin/workflows/inbox/{task.pk}/", {"deed": "decide", "outcome": "approved", "version": "1"}
    )
    assert answer.status_code == 409 and not Decision.objects.exists()


def test_a_task_is_taken_handed_on_and_talked_about(client, reviewer, colleague, head, task):
    address = f"/admin/workflows/inbox/{task.pk}/"
    client.force_login(reviewer)
    client.post(address, {"deed": "claim"})
    assert fresh(task).assignee == reviewer
    client.post(address, {"deed": "comment", "text": "ഞാൻ നോക്കാം"})
    assert "ഞാൻ നോക്കാം" in client.get(address).content.decode()
    client.post(address, {"deed": "delegate", "to": "colleague", "why": "I am away"})
    assert fresh(task).assignee == colleague
    client.force_login(head)
    assert (
        "Colleague" in client.get(address).content.decode()
        or "colleague has it" in client.get(address).content.decode()
    )
    client.post(address, {"deed": "release"})
    assert fresh(task).assignee is None
    client.post(address, {"deed": "reassign", "to": "reviewer"})
    assert fresh(task).assignee == reviewer
    client.post(address, {"deed": "take_over"})
    assert fresh(task).assignee == head
    assert client.post(address, {"deed": "eat"}).status_code == 404


def test_auditors_read_and_are_offered_nothing(client, auditor, task):
    client.force_login(auditor)
    page = client.get(f"/admin/workflows/inbox/{task.pk}/").content.decode()
    assert "Auditors read, and decide nothing." in page and 'name="outcome"' not in page
    assert client.get(INBOX).status_code == 200
    answer = client.post(f"/admin/workflows/inbox/{task.pk}/", {"deed": "decide", "outcome": "approved"})
    assert answer.status_code == 403 and not Decision.objects.exists()


# --- many


@pytest.fixture
def three(ask, operations, clerk, api_source) -> list[HumanTask]:
    papers = [paper_of(operations, clerk, api_source, f"Letter {n}") for n in range(3)]
    return [ask(key=f"k{n}", on=paper) for n, paper in enumerate(papers)]


def chosen(client: Client, tasks: list[HumanTask], outcome: str):
    """As the list sends it: the action, and the rows that are ticked."""
    data = {"action": f"decide_{outcome}", "_selected_action": [str(one.pk) for one in tasks]}
    return client.post(INBOX, data, follow=True)


def test_many_are_asked_about_first_and_then_decided(client, head, three):
    client.force_login(head)
    page = chosen(client, three, "approved").content.decode()
    assert all(f"Letter {n}" in page for n in range(3)) and "3 tasks" in page
    assert not Decision.objects.exists()
    sure = {
        "task": [str(one.pk) for one in three],
        "version": [f"{one.pk}:1" for one in three],
        "outcome": "approved",
        "sure": "1",
    }
    done = client.post("/admin/workflows/inbox/decide/", sure).content.decode()
    assert "All of them are decided" in done
    assert set(Decision.objects.values_list("door", "outcome")) == {("bulk", "approved")}
    assert Decision.objects.count() == 3


def test_rejecting_many_wants_a_comment(client, head, three):
    client.force_login(head)
    assert "(needed)" in chosen(client, three, "rejected").content.decode()
    sure = {"task": [str(one.pk) for one in three], "outcome": "rejected", "sure": "1"}
    refused = client.post("/admin/workflows/inbox/decide/", sure)
    assert refused.status_code == 422 and not Decision.objects.exists()
    client.post("/admin/workflows/inbox/decide/", {**sure, "comment": "Wrong form."})
    assert set(Decision.objects.values_list("comment", flat=True)) == {"Wrong form."}


def test_defaults_are_shown_before_they_are_decided_and_what_needs_an_answer_is_named(client, head, ask):
    known = ask(
        "form: [{name: a, title: Amount, type: number, required: true, default: 118},"
        ' {name: day, title: Answer by, type: date, default: "2026-12-24"}]',
        key="known",
    )
    unknown = ask("form: [{name: a, title: Amount, type: number, required: true}]", key="unknown")
    client.force_login(head)
    page = chosen(client, [known, unknown], "approved").content.decode()
    assert "Filled in: Amount <b>118</b>, Answer by <b>24 Dec 2026</b>" in page and "1 task" in page
    assert "It needs an answer: Amount. Open it, and fill in its form." in page
    sure = {"task": [str(known.pk), str(unknown.pk)], "outcome": "approved", "sure": "1"}
    client.post("/admin/workflows/inbox/decide/", sure)
    assert list(Decision.objects.values_list("task", "form")) == [(known.pk, {"a": 118, "day": "2026-12-24"})]


def test_what_became_of_each_is_said(client, head, reviewer, clerk, three):
    taken, renewed, plain = three
    approvals.claim(task_id=taken.pk, by=reviewer, rights=rights_of(reviewer))
    sure = {
        "task": [str(one.pk) for one in three],
        "version": [f"{one.pk}:1" for one in three],
        "outcome": "approved",
        "sure": "1",
    }
    HumanTask.objects.filter(pk=renewed.pk).update(bound_to_version=False)
    new_version(renewed.document, clerk)  # while the page that asks was open
    client.force_login(head)
    page = client.post("/admin/workflows/inbox/decide/", sure).content.decode()
    assert "has taken this task" in page and "2 were not decided" in page and "You looked at version 1" in page
    assert list(Decision.objects.values_list("task_id", flat=True)) == [plain.pk]


def test_only_outcomes_that_all_share_are_decided_alike(client, head, ask, three):
    other = ask("outcomes: [{key: noted, title: Noted}]", key="other")
    form = ask("form: [{name: amount, title: Amount, type: number, required: true}]", key="form")
    client.force_login(head)
    page = chosen(client, [*three, other, form], "approved").content.decode()
    assert "It has other outcomes: Noted." in page
    assert "It needs an answer: Amount." in page
    assert "3 tasks" in page
    assert "It has other outcomes" in chosen(client, [three[0]], "noted").content.decode()


def test_all_pages_at_once_are_refused(client, head, three):
    client.force_login(head)
    data = {
        "action": "decide_approved",
        "_selected_action": [str(one.pk) for one in three],
        "select_across": "1",
    }
    assert "page by page" in client.post(INBOX, data, follow=True).content.decode()
    assert not Decision.objects.exists()


def test_who_decides_for_somebody_finds_it_in_the_inbox(client, person, operations, head, reviewer, ask):
    deputy = person("deputy", role=Role.REVIEWER, of=operations)
    task = ask(steps=ASK_ONE)
    away(reviewer, deputy)
    client.force_login(deputy)
    assert "Directive 7" in client.get(INBOX).content.decode()
    client.post(f"/admin/workflows/inbox/{task.pk}/", {"deed": "decide", "outcome": "approved", "version": "1"})
    made = Decision.objects.get(task=task)
    assert (made.by, made.for_user) == (deputy, reviewer)


ASK_ONE = """
- id: review
  kind: human
  title: Review
  candidates: [{user: reviewer}]
"""
