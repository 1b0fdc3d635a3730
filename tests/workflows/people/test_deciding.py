"""Deciding: outcomes, comments, forms, quorum, veto, versions, claims; and that who is excluded never does."""

import uuid

import pytest

from accounts import history
from accounts.models import Role
from accounts.refusals import NotFound, Refusal
from accounts.rights import rights_of
from realtime.models import Event
from tests.workflows.people.conftest import away, decides, fresh, join, new_version, run_of
from workflows import approvals, control
from workflows.definitions import checking
from workflows.models import Decision, HumanTask
from workflows.tasks import forms, quorum
from workflows.tasks.refusals import (
    AlreadyClaimed,
    AlreadyDecided,
    BadDecision,
    ClaimedByOther,
    DecidedBefore,
    Excluded,
    NotClaimable,
    NotNeeded,
    NotYours,
    Superseded,
    Unable,
)


def complete(task, by, outcome="approved", **more):
    return approvals.complete(task_id=task.pk, outcome=outcome, by=by, rights=rights_of(by), **more)


def claim(task, by, **more):
    return approvals.claim(task_id=task.pk, by=by, rights=rights_of(by), **more)


def delegate(task, by, to, **more):
    return approvals.delegate(task_id=task.pk, to=to, by=by, rights=rights_of(by), **more)


def reassign(task, by, to, **more):
    return approvals.reassign(task_id=task.pk, to=to, by=by, rights=rights_of(by), **more)


def test_a_decision_moves_the_run_on(ask, reviewer):
    task = ask()
    complete(task, reviewer, comment="It is right.", document_version=1)
    task, run = fresh(task), run_of(task)
    assert (task.state, task.outcome, task.completed_by) == ("completed", "approved", reviewer)
    assert (run.status, run.outcome) == ("finished", "done")
    result = run.state["steps"]["review"]
    assert (result["outcome"], result["by"], result["comment"]) == ("approved", ["reviewer"], "It is right.")
    decision = Decision.objects.get(task=task)
    assert (decision.document_version, decision.door, decision.for_user) == (1, "page", None)
    told = Event.objects.get(type="task.completed")
    assert (told.data["outcome"], told.data["completed_by"], told.data["commented"]) == ("approved", "reviewer", True)


def test_what_is_no_decision_changes_nothing(ask, reviewer):
    task = ask()
    before = run_of(task).sequence, history.of("workflow", task.instance_id).count()
    with pytest.raises(BadDecision) as unknown:
        complete(task, reviewer, "perhaps")
    assert unknown.value.errors == {"outcome": ["Choose one of: approved, rejected."]}
    with pytest.raises(BadDecision) as silent:
        complete(task, reviewer, "rejected", comment="  ")
    assert list(silent.value.errors) == ["comment"]
    assert fresh(task).state == "open" and not Decision.objects.exists()
    assert (run_of(task).sequence, history.of("workflow", task.instance_id).count()) == before


def test_two_who_decide_one_after_the_other(ask, reviewer, colleague):
    task = ask()
    complete(task, reviewer)
    with pytest.raises(AlreadyDecided, match="reviewer has decided this task already: Approve"):
        complete(task, colleague, "rejected", comment="No.")
    assert Decision.objects.count() == 1


def test_nobody_decides_what_is_not_there(reviewer, db):
    with pytest.raises(NotFound):
        approvals.complete(task_id=uuid.uuid4(), outcome="approved", by=reviewer, rights=rights_of(reviewer))


# --- forms
FORM = """form:
    - {name: answer_by, title: Answer by, type: date, required: true, save: answer_by}
    - {name: amount, type: number}
    - {name: line, type: choice, choices: [blue, green]}"""


def test_the_form_is_typed_kept_as_json_and_saved(ask, reviewer):
    task = ask(FORM, variables={"answer_by": {"type": "date"}})
    with pytest.raises(BadDecision) as wrong:
        complete(task, reviewer, form={"amount": "much", "line": "red", "colour": "x"})
    assert wrong.value.errors == {
        "answer_by": ["This has to be filled in."],
        "amount": ["Write a number here."],
        "line": ["Choose one of: blue, green."],
        "colour": ["The task has no such field."],
    }
    complete(task, reviewer, form={"answer_by": "2026-12-24", "amount": "12,34,567.50", "line": "blue"})
    run = run_of(task)
    assert run.state["vars"]["answer_by"] == "2026-12-24"
    kept = {"answer_by": "2026-12-24", "amount": 1234567.5, "line": "blue"}
    assert run.state["steps"]["review"]["form"] == Decision.objects.get().form == kept


def test_who_sends_it_back_fills_in_what_he_knows(ask, reviewer):
    task = ask(FORM, variables={"answer_by": {"type": "date"}})
    complete(task, reviewer, "rejected", comment="Unreadable.", form={"line": "green"})
    assert Decision.objects.get().form == {"answer_by": None, "amount": None, "line": "green"}


@pytest.mark.parametrize(
    ("kind", "said", "kept"),
    [
        ("text", " word ", "word"), ("text", 5, None), ("text", "x" * 501, None), ("long_text", "x" * 501, "x" * 501),
        ("number", "1e3", 1000), ("number", 2.5, 2.5), ("number", "nan", None), ("number", True, None),
        ("number", "1e400", None), ("integer", "7", 7), ("integer", 7.5, None), ("boolean", "on", True),
        ("boolean", False, False), ("boolean", "maybe", None), ("date", "2026-02-29", None), ("date", 20260101, None),
        ("date", "2026-02-28", "2026-02-28"),
    ],
)  # fmt: skip
def test_values_of_each_type(kind, said, kept):
    field = [{"name": "a", "type": kind}]
    if kept is None:
        with pytest.raises(BadDecision) as wrong:
            forms.checked(field, {"a": said})
        assert list(wrong.value.errors) == ["a"]
    else:
        value = forms.checked(field, {"a": said})["a"]
        assert (value, type(value)) == (kept, type(kept))


# --- quorum and veto
TWO = [{"key": "yes"}, {"key": "no"}]
VETO = [{"key": "yes"}, {"key": "no", "veto": True}]


@pytest.mark.parametrize(
    ("outcomes", "votes", "wanted", "remaining", "gives"),
    [
        (TWO, ["yes"], 1, 0, "yes"),
        (TWO, ["yes"], 2, 1, None),
        (TWO, ["yes", "yes"], 2, 1, "yes"),
        (TWO, ["yes", "no"], 2, 1, None),
        (TWO, ["yes", "no"], 2, 0, quorum.NO_MAJORITY),
        (TWO, ["yes", "no", "yes"], 2, 0, "yes"),
        (TWO, ["yes"], 3, 1, quorum.NO_MAJORITY),
        (TWO, [], 3, 1, None),
        (VETO, ["yes", "no"], 2, 5, "no"),
        (VETO, ["yes"], 3, 1, None),
        (VETO, ["yes", "yes"], 3, 0, quorum.NO_MAJORITY),
        (TWO, ["yes", "yes"], quorum.ALL, 1, None),
        (TWO, ["yes", "yes", "yes"], quorum.ALL, 0, "yes"),
        (TWO, ["yes", "no"], quorum.ALL, 1, quorum.NO_MAJORITY),
        (VETO, ["yes", "no"], quorum.ALL, 3, "no"),
        (VETO, ["yes", "yes"], quorum.ALL, 0, "yes"),
    ],
)
def test_when_votes_make_an_outcome(outcomes, votes, wanted, remaining, gives):
    assert quorum.outcome_of(outcomes, votes, quorum=wanted, remaining=remaining) == gives


OPINIONS = "outcomes: [{key: 'yes', title: Yes}, {key: 'no', title: No}]"


def test_two_equal_decisions_are_waited_for(ask, reviewer, colleague, head):
    task = ask("quorum: 2", OPINIONS)
    complete(task, reviewer, "yes")
    assert fresh(task).state == "open" and run_of(task).status == "running"
    with pytest.raises(DecidedBefore):
        complete(task, reviewer, "yes")
    complete(task, colleague, "no")
    complete(task, head, "yes", comment="Go on.")
    result = run_of(task).state["steps"]["review"]
    assert (fresh(task).outcome, result["by"]) == ("yes", ["reviewer", "colleague", "head"])
    assert result["comment"] == "Go on."


def test_a_split_ends_without_majority_and_the_run_goes_on(ask, reviewer, head):
    task = ask("quorum: 2", OPINIONS)
    complete(task, reviewer, "yes")
    complete(task, head, "no")
    assert fresh(task).outcome == "no_majority"
    assert run_of(task).state["steps"]["review"]["outcome"] == "no_majority"
    assert run_of(task).status == "finished"


def test_one_veto_is_enough(ask, reviewer, colleague, head):
    task = ask("quorum: 3")
    complete(task, reviewer)
    complete(task, head, "rejected", comment="No.")
    assert fresh(task).outcome == "rejected"
    with pytest.raises(AlreadyDecided):
        complete(task, colleague)


ALL = "- {id: review, kind: human, quorum: all, candidates: [{user: reviewer}, {user: colleague}, {user: head}]}\n"


def test_all_who_are_named_are_waited_for(ask, reviewer, colleague, head):
    task = ask(steps=ALL)
    complete(task, reviewer)
    complete(task, colleague)
    assert fresh(task).state == "open"
    complete(task, head)
    assert (fresh(task).state, fresh(task).outcome) == ("completed", "approved")


def test_a_voice_that_would_not_come_is_given_to_another(ask, reviewer, colleague, head, administrator, person,
                                                        operations):  # fmt: skip
    newcomer = person("newcomer", role=Role.REVIEWER, of=operations)
    task = ask(steps=ALL)
    complete(task, reviewer)
    complete(task, head)
    reassign(task, administrator, newcomer, instead_of=colleague)
    assert decides(fresh(task), newcomer) and not decides(fresh(task), colleague)
    complete(task, newcomer)
    assert fresh(task).state == "completed"


def test_nobody_takes_what_several_decide_and_nobody_has_two_voices(ask, reviewer, colleague, head):
    task = ask(steps=ALL)
    with pytest.raises(NotClaimable):
        claim(task, reviewer)
    with pytest.raises(Unable, match="asked already"):
        delegate(task, reviewer, colleague)


def test_a_deputy_gives_the_voice_of_the_absent_once(ask, reviewer, colleague, head, person, operations):
    deputy = person("deputy", role=Role.REVIEWER, of=operations)
    away(reviewer, deputy)
    task = ask(steps=ALL)
    complete(task, deputy)
    assert Decision.objects.get().for_user == reviewer
    assert not decides(fresh(task), reviewer)
    with pytest.raises(DecidedBefore):
        complete(task, reviewer)
    complete(task, colleague)
    complete(task, head)
    assert fresh(task).outcome == "approved"


# --- versions
def test_a_newer_version_is_not_decided_unread(ask, paper, reviewer):
    task = ask()
    new_version(paper, reviewer)
    with pytest.raises(Superseded, match="Version 2"):
        complete(task, reviewer)
    assert not Decision.objects.exists()


def test_what_was_looked_at_must_be_the_newest_even_when_it_is_not_bound(ask, paper, reviewer):
    task = ask("bound_to_version: false")
    new_version(paper, reviewer)
    with pytest.raises(Superseded, match="You looked at version 1; the newest is 2"):
        complete(task, reviewer, document_version=1)
    complete(task, reviewer, document_version=2)
    assert Decision.objects.get().document_version == 2


def test_what_was_closed_is_not_decided(ask, reviewer, administrator):
    task = ask()
    control.cancel(instance_id=task.instance_id, by=administrator, rights=rights_of(administrator))
    with pytest.raises(NotNeeded):
        complete(task, reviewer)


# --- claims
def test_who_takes_it_first_has_it(ask, reviewer, colleague):
    task = ask()
    claim(task, reviewer)
    claim(task, reviewer)
    assert (fresh(task).state, fresh(task).assignee) == ("claimed", reviewer)
    for deed in (lambda: claim(task, colleague), lambda: claim(task, colleague, take_over=True)):
        with pytest.raises(AlreadyClaimed, match="reviewer has taken this task"):
            deed()
    with pytest.raises(ClaimedByOther, match="reviewer has taken this task"):
        complete(task, colleague)
    with pytest.raises(ClaimedByOther):
        delegate(task, colleague, colleague)
    with pytest.raises(NotYours):
        approvals.release(task_id=task.pk, by=colleague, rights=rights_of(colleague))
    approvals.release(task_id=task.pk, by=reviewer, rights=rights_of(reviewer))
    complete(task, colleague)
    assert history.of("workflow", task.instance_id).filter(action="task_claimed").count() == 1


def test_the_head_takes_over_when_he_says_so(ask, reviewer, head):
    task = ask()
    claim(task, reviewer)
    with pytest.raises(AlreadyClaimed, match="You may take it over"):
        claim(task, head)
    with pytest.raises(ClaimedByOther):
        complete(task, head)
    claim(task, head, take_over=True)
    complete(task, head)
    entry = history.of("workflow", task.instance_id).get(action="task_taken_over")
    assert entry.after["from"] == "reviewer"


def test_who_is_away_keeps_nobody_from_it(ask, reviewer, colleague):
    task = ask()
    claim(task, reviewer)
    away(reviewer)
    claim(task, colleague)
    complete(task, colleague)
    assert fresh(task).completed_by == colleague


# --- handing on
def test_a_delegate_decides_for_whom_it_was(ask, reviewer, colleague, person, operations):
    task = ask(steps="- {id: review, kind: human, candidates: [{user: reviewer}]}\n")
    delegate(task, reviewer, colleague, comment="You know the line.")
    task = fresh(task)
    assert (task.assignee, decides(task, colleague)) == (colleague, True)
    with pytest.raises(ClaimedByOther):
        complete(task, reviewer)
    complete(task, colleague)
    decision = Decision.objects.get()
    assert (decision.by, decision.for_user) == (colleague, reviewer)
    entry = history.of("workflow", task.instance_id).get(action="task_delegated")
    assert (entry.after["to"], entry.note) == ("colleague", "You know the line.")


def test_handed_on_twice_it_is_still_the_first_one_s_voice(ask, reviewer, colleague, head):
    task = ask(steps="- {id: review, kind: human, candidates: [{user: reviewer}]}\n")
    delegate(task, reviewer, colleague)
    delegate(task, colleague, head)
    assert not decides(fresh(task), colleague)
    complete(task, head)
    assert Decision.objects.get().for_user == reviewer


def test_the_step_may_forbid_handing_on(ask, reviewer, colleague):
    task = ask("delegate: false")
    with pytest.raises(NotYours, match="not to be handed on"):
        delegate(task, reviewer, colleague)


def test_it_is_handed_to_nobody_who_could_not_decide(ask, reviewer, clerk, auditor, outsider, person, safety):
    blind = person("blind", role=Role.REVIEWER, of=safety)
    gone = person("gone", role=Role.REVIEWER, of=reviewer.memberships.get().department, is_active=False)
    task = ask()
    for to, why in [
        (clerk, "only reviewers"), (auditor, "only reviewers"), (blind, "may not see"), (gone, "no longer active"),
        (reviewer, "yourself"),
    ]:  # fmt: skip
        with pytest.raises(Unable, match=why) as refusal:
            delegate(task, reviewer, to)
        assert list(refusal.value.errors) == ["to"]
    assert task.candidates.count() == 1


def test_the_head_gives_it_to_somebody(ask, reviewer, colleague, head):
    task = ask()
    claim(task, reviewer)
    reassign(task, head, colleague, comment="He is on leave soon.")
    assert fresh(task).assignee == colleague
    complete(task, colleague)
    assert Decision.objects.get().for_user is None


def test_given_to_somebody_who_does_not_see_the_document_it_is_shown_to_him(
    ask, paper, safety, person, reviewer, administrator
):
    expert = person("expert", role=Role.REVIEWER, of=safety)
    bystander = person("bystander", role=Role.REVIEWER, of=safety)
    task = ask()
    reassign(task, administrator, expert)
    assert decides(fresh(task), expert) and fresh(task).assignee == expert
    assert not decides(fresh(task), bystander)
    entry = history.of("document", paper.pk).get(action="shared")
    assert entry.actor == administrator and entry.after == {"departments": [], "people": ["expert"]}
    assert entry.note == "Given “Review” to decide"
    assert history.of("workflow", task.instance_id).get(action="task_reassigned").after["shown"] is True
    complete(task, expert)
    assert fresh(task).state == "completed"


def test_a_head_shows_it_within_whom_he_heads(ask, paper, safety, person, head):
    expert = person("expert", role=Role.REVIEWER, of=safety)
    task = ask()
    with pytest.raises(Unable, match="may not see"):
        reassign(task, head, expert)
    assert not paper.shares.exists() and task.candidates.count() == 1
    join(head, safety, Role.HEAD)
    reassign(task, head, expert)
    assert decides(fresh(task), expert)
    assert paper.shares.get().user == expert


def test_a_restricted_document_is_shown_to_nobody_so(ask, paper, safety, person, reviewer, administrator):
    expert = person("expert", role=Role.REVIEWER, of=safety)
    paper.access = "restricted"
    paper.save()
    paper.people.set([reviewer])
    task = ask()
    with pytest.raises(Unable, match="may not see"):
        reassign(task, administrator, expert)
    assert not paper.shares.exists()


def test_whom_nobody_may_ask_is_shown_nothing(ask, paper, safety, person, clerk, administrator):
    barred, typist = person("expert", role=Role.REVIEWER, of=safety), person("typist", of=safety)
    task = ask("exclude: [{user: expert}]")
    for to in (barred, typist):
        with pytest.raises(Unable):
            reassign(task, administrator, to)
    assert not paper.shares.exists() and not history.of("document", paper.pk).filter(action="shared").exists()


# --- the excluded
@pytest.mark.parametrize("door", ["page", "admin", "bulk", "api", "mail"])
def test_the_excluded_never_decide_by_any_door(ask, paper, person, operations, colleague, head, administrator, door):
    author = person("author", role=Role.HEAD, of=operations)
    paper.uploaded_by = author
    paper.save()
    task = ask("exclude: [{uploader: true}]")
    away(colleague, author)
    rights = rights_of(author)
    given = {"task_id": task.pk, "by": author, "rights": rights, "door": door}
    deeds = [
        lambda: approvals.complete(outcome="approved", **given),
        lambda: approvals.claim(**given),
        lambda: approvals.claim(take_over=True, **given),
        lambda: approvals.delegate(to=head, **given),
        lambda: approvals.reassign(to=author, **given),
        lambda: approvals.delegate(task_id=task.pk, to=author, by=head, rights=rights_of(head), door=door),
        lambda: approvals.reassign(
            task_id=task.pk, to=author, by=administrator, rights=rights_of(administrator), door=door
        ),
    ]
    before = history.of("workflow", task.instance_id).count()
    for deed in deeds:
        with pytest.raises((Excluded, Unable)):
            deed()
    [result] = approvals.complete_many(task_ids=[task.pk], outcome="approved", by=author, rights=rights, door=door)
    assert isinstance(result.refusal, Excluded)
    assert history.of("workflow", task.instance_id).count() == before
    assert not Decision.objects.exists() and not decides(task, author)


def test_a_deputy_does_not_decide_for_the_excluded(ask, paper, person, operations, reviewer, head):
    author = person("author", role=Role.HEAD, of=operations)
    paper.uploaded_by = author
    paper.save()
    away(author, reviewer)
    task = ask(steps="- {id: review, kind: human, candidates: [{head_of: operations}], exclude: [{uploader: true}]}\n")
    assert decides(task, head) and not decides(task, reviewer)
    with pytest.raises(Excluded):
        complete(task, reviewer)


# --- many
def test_many_at_once_each_with_its_own_answer(ask, reviewer, colleague, outsider):
    one, two, three = ask(key="a"), ask(key="b"), ask(key="c")
    complete(two, colleague)
    claim(three, colleague)
    gone = uuid.uuid4()
    results = approvals.complete_many(
        task_ids=[one.pk, two.pk, three.pk, gone, one.pk], outcome="approved", by=reviewer, rights=rights_of(reviewer)
    )
    assert [one.refusal.code if one.refusal else "" for one in results] == [
        "", "already_decided", "claimed_by_other", "not_found",
    ]  # fmt: skip
    assert results[0].task.state == "completed"
    with pytest.raises(Refusal, match="200"):
        approvals.complete_many(
            task_ids=[uuid.uuid4() for _ in range(201)], outcome="x", by=reviewer, rights=rights_of(reviewer)
        )


def test_comments_stand_beside_and_need_words(ask, reviewer, clerk):
    task = ask()
    approvals.comment(task_id=task.pk, text=" See page 2. ", by=clerk, rights=rights_of(clerk))
    assert [one.text for one in task.comments.all()] == ["See page 2."]
    with pytest.raises(BadDecision):
        approvals.comment(task_id=task.pk, text=" ", by=clerk, rights=rights_of(clerk))


def test_while_paused_a_decision_is_kept_and_told_on_resume(ask, reviewer, administrator):
    task = ask()
    rights = rights_of(administrator)
    control.pause(instance_id=task.instance_id, by=administrator, rights=rights)
    complete(task, reviewer)
    assert (fresh(task).state, run_of(task).status) == ("completed", "paused")
    control.resume(instance_id=task.instance_id, by=administrator, rights=rights)
    assert run_of(task).status == "finished"
    assert HumanTask.objects.count() == 1


def test_the_checker_knows_what_a_split_gives(db):
    text = """
key: k
title: K
steps:
  - id: vote
    kind: human
    quorum: {quorum}
    candidates: [{{department: legal, role: reviewer}}]
    outcomes: [{{key: {key}, title: One}}, {{key: other, title: Other}}]
  - id: then
    kind: choice
    options: [{{when: steps.vote.outcome == "no_majority", steps: [{{id: stop, kind: end, outcome: split}}]}}]
    otherwise: {{steps: []}}
"""
    said = {
        (number, key): [one.message for one in checking.check(text.format(quorum=number, key=key)).problems]
        for number, key in [(2, "one"), (1, "one"), (2, "no_majority")]
    }
    assert not [one for one in said[2, "one"] if "no_majority" in one]
    assert [one for one in said[1, "one"] if "never “no_majority”" in one]
    assert [one for one in said[2, "no_majority"] if "split vote" in one]
