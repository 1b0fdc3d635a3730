"""Absences: who may enter whose, what is refused, and from when to when the deputy decides."""

import threading
from datetime import timedelta

import pytest
from django.db import connection

from accounts import api_keys, history
from accounts.models import Membership, Role
from accounts.refusals import NotAllowed, NotFound, Refusal
from accounts.rights import rights_of
from tests.workflows.people.conftest import decides
from workflows import absences, approvals, deciding
from workflows.models import Absence, Decision

DAY = timedelta(days=1)


def enter(user, by, first=0, last=3, deputy=None):
    day = deciding.today()
    return absences.enter(
        user=user, first_day=day + first * DAY, last_day=day + last * DAY, deputy=deputy, by=by, rights=rights_of(by)
    )


def test_one_enters_one_s_own_heads_their_people_s_administrators_all(
    reviewer, head, administrator, auditor, clerk, person, safety
):
    stranger = person("stranger", role=Role.HEAD, of=safety)
    enter(reviewer, reviewer)
    enter(clerk, head)
    enter(stranger, administrator)
    for by in (clerk, stranger, auditor):
        with pytest.raises(NotAllowed):
            enter(head, by, 10, 11)
    assert Absence.objects.count() == 3
    assert history.of("user", clerk.pk).get(action="absence_entered").actor == head


def test_overlaps_and_wrong_deputies_are_refused(reviewer, colleague, clerk, head, auditor):
    enter(reviewer, reviewer, 0, 3, colleague)
    with pytest.raises(absences.Overlaps):
        enter(reviewer, reviewer, 3, 5)
    enter(reviewer, reviewer, 4, 5)
    for user, deputy, why in [
        (head, head, "own deputy"), (head, clerk, "Only reviewers"), (head, auditor, "Only reviewers"),
        (head, reviewer, "is away"),
    ]:  # fmt: skip
        with pytest.raises(absences.BadAbsence, match=why) as refusal:
            enter(user, user, 0, 3, deputy)
        assert list(refusal.value.errors) == ["deputy"]
    with pytest.raises(absences.BadAbsence):
        enter(head, head, 5, 4)
    with pytest.raises(absences.BadAbsence):
        enter(head, head, 0, 400)


def test_a_head_gets_no_voice_of_another_department_by_entering_an_absence(
    ask, person, head, colleague, administrator, operations, safety
):
    """Who is clerk with him and head elsewhere: his absence is the head's to enter, his voice is not."""
    both = person("both", role=Role.CLERK, of=operations)
    Membership.objects.create(user=both, department=safety, role=Role.HEAD)
    task = ask(steps="- {id: review, kind: human, candidates: [{department: safety, role: head}]}\n")
    assert decides(task, both)
    for deputy in (head, colleague):
        with pytest.raises(absences.BadAbsence, match="other departments") as refusal:
            enter(both, head, deputy=deputy)
        assert list(refusal.value.errors) == ["deputy"]
    entered = enter(both, head)
    day = deciding.today()
    with pytest.raises(absences.BadAbsence, match="other departments"):
        absences.change(
            absence_id=entered.pk, first_day=day, last_day=day, deputy=head, by=head, rights=rights_of(head)
        )
    assert not decides(task, head)
    absences.change(absence_id=entered.pk, first_day=day, last_day=day, deputy=head, by=both, rights=rights_of(both))
    assert decides(task, head)


def test_a_key_that_is_bound_appoints_nobody_for_its_owner(reviewer, colleague, operations):
    """The deputy would decide in every department, the key reaches one."""
    key, _secret = api_keys.issue(
        name="m", user=reviewer, by=reviewer, scopes=["read", "control"], departments=[operations]
    )
    day = deciding.today()
    with pytest.raises(NotAllowed):
        absences.enter(
            user=reviewer, first_day=day, last_day=day, deputy=colleague, by=reviewer, rights=rights_of(reviewer, key)
        )
    assert not Absence.objects.exists()


def test_a_key_that_is_bound_shows_no_absence_but_of_who_is_headed_there(reviewer, colleague, head, operations, safety):
    own, other = enter(reviewer, reviewer, deputy=colleague), enter(head, head)

    def shown(user, *departments):
        key, _ = api_keys.issue(name="m", user=user, by=user, scopes=["read"], departments=departments)
        return set(absences.visible_to(rights_of(user, key)))

    assert shown(reviewer, operations) == shown(colleague, operations) == shown(head, safety) == set()
    assert shown(head, operations) == {own, other}
    assert shown(reviewer) == {own} == shown(colleague)


def test_the_deputy_decides_on_those_days_and_no_others(ask, reviewer, colleague):
    task = ask(steps="- {id: review, kind: human, candidates: [{user: reviewer}]}\n")
    assert not decides(task, colleague)
    tomorrow = enter(reviewer, reviewer, 1, 2, colleague)
    assert not decides(task, colleague)
    rights = rights_of(reviewer)
    day = deciding.today()
    absences.change(
        absence_id=tomorrow.pk, first_day=day - DAY, last_day=day, deputy=colleague, by=reviewer, rights=rights
    )
    assert decides(task, colleague) and decides(task, reviewer)
    absences.change(
        absence_id=tomorrow.pk, first_day=day - 2 * DAY, last_day=day - DAY, deputy=colleague, by=reviewer,
        rights=rights,
    )  # fmt: skip
    assert not decides(task, colleague)


def test_what_a_deputy_decides_says_for_whom(ask, reviewer, colleague, outsider):
    task = ask(steps="- {id: review, kind: human, candidates: [{user: reviewer}]}\n")
    absence = enter(reviewer, reviewer, 0, 0, colleague)
    approvals.complete(task_id=task.pk, outcome="approved", by=colleague, rights=rights_of(colleague))
    assert Decision.objects.get().for_user == reviewer
    assert history.of("workflow", task.instance_id).get(action="task_decided").after["for"] == "reviewer"
    with pytest.raises(NotFound):
        absences.remove(absence_id=absence.pk, by=outsider, rights=rights_of(outsider))
    with pytest.raises(NotAllowed):
        absences.remove(absence_id=absence.pk, by=colleague, rights=rights_of(colleague))
    absences.remove(absence_id=absence.pk, by=reviewer, rights=rights_of(reviewer))
    assert not Absence.objects.exists()


def test_each_sees_what_concerns_him(reviewer, colleague, head, outsider, auditor, administrator):
    enter(reviewer, reviewer, deputy=colleague)
    shown = {
        one.username: absences.visible_to(rights_of(one)).count()
        for one in (reviewer, colleague, head, outsider, auditor, administrator)
    }
    assert shown == {"reviewer": 1, "colleague": 1, "head": 1, "outsider": 0, "auditor": 1, "administrator": 1}


@pytest.mark.django_db(transaction=True)
def test_two_at_once_do_not_overlap(reviewer):
    found = []
    begin = threading.Barrier(2)

    def run():
        begin.wait()
        try:
            enter(reviewer, reviewer)
            found.append("")
        except Refusal as refusal:
            found.append(refusal.code)
        finally:
            connection.close()

    threads = [threading.Thread(target=run) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert sorted(found) == ["", "overlaps"]
