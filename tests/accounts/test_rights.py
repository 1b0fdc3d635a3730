"""The matrix of roles, asked of `Rights.may` alone."""

import pytest

from accounts import api_keys
from accounts.models import HouseRole, Membership
from accounts.rights import Action, Rights, rights_of

ME, ANOTHER, MINE, OTHER = 1, 2, 10, 20

CLERK = Rights(ME, departments={MINE: "clerk"})
REVIEWER = Rights(ME, departments={MINE: "reviewer"})
HEAD = Rights(ME, departments={MINE: "head"})
AUDITOR = Rights(ME, auditor=True)
AUDITING_HEAD = Rights(ME, auditor=True, departments={MINE: "head"})
ADMINISTRATOR = Rights(ME, administrator=True)
NOBODY = Rights(ME)
STAFF = [CLERK, REVIEWER, HEAD]


@pytest.mark.parametrize("rights", STAFF)
@pytest.mark.parametrize("action", [Action.SEE, Action.UPLOAD, Action.CORRECT])
def test_staff_see_upload_and_correct_in_their_department_only(rights, action):
    assert rights.may(action, department_id=MINE, uploaded_by_id=ANOTHER)
    assert not rights.may(action, department_id=OTHER, uploaded_by_id=ANOTHER)
    assert not rights.may(action, department_id=None, uploaded_by_id=ANOTHER)


@pytest.mark.parametrize("rights", STAFF)
@pytest.mark.parametrize("action", [Action.SEE, Action.UPLOAD, Action.CORRECT, Action.CONTROL])
def test_what_one_sent_without_a_department_is_ones_own(rights, action):
    assert rights.may(action, department_id=None, uploaded_by_id=ME)


@pytest.mark.parametrize("rights", STAFF)
@pytest.mark.parametrize("action", list(Action))
def test_an_upload_into_a_department_that_one_left_is_gone(rights, action):
    assert not rights.may(action, department_id=OTHER, uploaded_by_id=ME)


@pytest.mark.parametrize(("rights", "others_too"), [(CLERK, False), (REVIEWER, False), (HEAD, True)])
def test_only_heads_control_what_others_sent(rights, others_too):
    assert rights.may(Action.CONTROL, department_id=MINE, uploaded_by_id=ME)
    assert rights.may(Action.CONTROL, department_id=MINE, uploaded_by_id=ANOTHER) is others_too


@pytest.mark.parametrize("rights", [AUDITOR, AUDITING_HEAD])
def test_auditors_see_all_and_change_nothing_whatever_else_they_are(rights):
    for department in (None, MINE, OTHER):
        for uploader in (ME, ANOTHER):
            allowed = {a for a in Action if rights.may(a, department_id=department, uploaded_by_id=uploader)}
            assert allowed == {Action.SEE}
    assert rights.may(Action.SEE, department_id=OTHER, restricted=True)
    assert not rights.may(Action.SEE, department_id=MINE, quarantined=True)


def test_administrators_may_do_everything():
    for action in Action:
        for department in (None, MINE):
            assert ADMINISTRATOR.may(action, department_id=department, restricted=True, quarantined=True)


def test_only_administrators_run_the_house():
    for rights in (*STAFF, AUDITOR, NOBODY):
        assert not rights.may(Action.RUN_HOUSE, department_id=None)
        assert not rights.may(Action.RUN_HOUSE, department_id=MINE)


def test_who_has_no_role_may_nothing_but_see_what_they_sent():
    allowed = {a for a in Action if NOBODY.may(a, department_id=None, uploaded_by_id=ME)}
    assert allowed == {Action.SEE}


@pytest.mark.parametrize("rights", STAFF)
def test_restricted_documents_are_for_the_people_named(rights):
    assert not rights.may(Action.SEE, department_id=MINE, uploaded_by_id=ME, restricted=True)
    assert rights.may(Action.SEE, department_id=OTHER, uploaded_by_id=ANOTHER, restricted=True, named=True)


@pytest.mark.parametrize("rights", STAFF)
def test_quarantined_documents_are_held_out_of_sight(rights):
    assert not rights.may(Action.SEE, department_id=MINE, uploaded_by_id=ME, quarantined=True)
    assert not rights.may(Action.SEE, department_id=MINE, restricted=True, named=True, quarantined=True)


@pytest.mark.parametrize(
    ("scopes", "allowed"),
    [
        (["read"], {Action.SEE}),
        (["upload"], {Action.UPLOAD}),
        (["control"], {Action.CORRECT, Action.CONTROL, Action.RUN_HOUSE}),
        ([], set()),
    ],
)
def test_a_key_does_what_its_scopes_say(administrator, scopes, allowed):
    key, _ = api_keys.issue(name="k", user=administrator, by=administrator, scopes=scopes)
    rights = rights_of(administrator, key)
    assert {action for action in Action if rights.may(action, department_id=MINE)} == allowed


def test_a_key_bound_to_a_department_reaches_nothing_else(administrator, operations, safety):
    key, _ = api_keys.issue(
        name="k", user=administrator, by=administrator, scopes=api_keys.SCOPES, departments=[operations]
    )
    rights = rights_of(administrator, key)
    assert rights.may(Action.CONTROL, department_id=operations.pk)
    for department in (safety.pk, None):
        assert not any(rights.may(a, department_id=department, uploaded_by_id=administrator.pk) for a in Action)
    assert not rights.may(Action.RUN_HOUSE, department_id=operations.pk)
    assert not rights.sees_all


def test_a_key_gives_no_role_that_its_user_lacks(clerk, auditor, safety):
    for user in (clerk, auditor):
        key, _ = api_keys.issue(name="k", user=user, by=user, scopes=api_keys.SCOPES, departments=[safety])
        allowed = {a for a in Action if rights_of(user, key).may(a, department_id=safety.pk)}
        assert allowed == ({Action.SEE} if user is auditor else set())


def test_a_key_bound_to_a_source_reaches_no_other_nor_one_unsaid(head, operations):
    key, _ = api_keys.issue(name="k", user=head, by=head, scopes=api_keys.SCOPES, sources=["scanner"])
    rights = rights_of(head, key)
    for action in (Action.SEE, Action.UPLOAD, Action.CORRECT, Action.CONTROL):
        assert rights.may(action, department_id=operations.pk, source="scanner")
        assert not rights.may(action, department_id=operations.pk, source="mail")
        assert not rights.may(action, department_id=operations.pk)


def test_a_closed_department_gives_no_rights(head, operations):
    operations.active = False
    operations.save()
    assert rights_of(head).departments == {}


def test_an_inactive_user_has_no_rights(administrator):
    administrator.is_active = False
    rights = rights_of(administrator)
    assert not any(rights.may(action, department_id=None, uploaded_by_id=administrator.pk) for action in Action)
    assert not rights.sees_all


def test_a_person_has_a_role_in_each_department(clerk, safety):
    Membership.objects.create(user=clerk, department=safety, role="head")
    rights = rights_of(clerk)
    assert rights.may(Action.CONTROL, department_id=safety.pk, uploaded_by_id=ANOTHER)
    assert not rights.may(Action.CONTROL, department_id=clerk.memberships.first().department_id)


def test_a_superuser_is_an_administrator_and_no_auditor(person):
    rights = rights_of(person("root", is_superuser=True, house_role=HouseRole.AUDITOR))
    assert rights.administrator and not rights.auditor
