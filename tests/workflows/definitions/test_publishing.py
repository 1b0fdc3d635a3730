"""Drafts and versions: numbered, recorded, never changed, and only by administrators."""

import pytest
from django.db import DatabaseError, transaction

from accounts import history
from tests.workflows.definitions.texts import FULL, SMALL
from workflows.definitions import publishing
from workflows.definitions.refusals import NotKeepable, NotPublishable, NotYoursToWrite, Unchanged
from workflows.models import Definition, DefinitionVersion

LONGER = SMALL + "  - {id: finish, kind: end, outcome: over}\n"


def test_a_draft_is_kept_with_its_errors_and_published_without_them(administrator):
    definition = publishing.save_draft(source="key: small\ntitle: Small\nsteps: oops\n", by=administrator)
    assert (definition.key, definition.title, definition.published) == ("small", "Small", None)
    with pytest.raises(NotPublishable) as refused:
        publishing.publish(key="small", by=administrator)
    assert (refused.value.problems[0].line, list(refused.value.errors)) == (3, ["steps"])
    publishing.save_draft(source=SMALL, by=administrator, key="small")
    version = publishing.publish(key="small", by=administrator, note="At last.")
    definition.refresh_from_db()
    assert (version.number, version.source, definition.published_id) == (1, SMALL, version.pk)
    assert definition.title == "A small one"
    deeds = [(entry.action, entry.actor, entry.after.get("version")) for entry in history.of("definition", "small")]
    assert deeds == [
        ("drafted", administrator, None),
        ("drafted", administrator, None),
        ("published", administrator, 1),
    ]
    assert history.first_break("definition", "small") is None


def test_the_next_version_leaves_the_one_before_as_it_was(administrator):
    first = publishing.publish(key="small", source=SMALL, by=administrator)
    second = publishing.publish(key="small", source=LONGER, by=administrator)
    assert (first.number, second.number) == (1, 2)
    first.refresh_from_db()
    assert len(first.body["steps"]) == 1
    assert Definition.objects.get().published == second


def test_the_same_body_is_not_published_twice_however_it_is_written(administrator):
    publishing.publish(key="small", source=SMALL, by=administrator)
    with pytest.raises(Unchanged) as unchanged:
        publishing.publish(key="small", source="# a remark\n" + SMALL, by=administrator)
    assert (unchanged.value.number, unchanged.value.status) == (1, 409)
    assert DefinitionVersion.objects.count() == 1
    assert history.of("definition", "small").count() == 1
    assert Definition.objects.get().draft == SMALL


def test_an_older_body_may_be_published_again(administrator):
    for source in (SMALL, LONGER, SMALL):
        publishing.publish(key="small", source=source, by=administrator)
    assert Definition.objects.get().published.number == 3


@pytest.mark.parametrize("who", ["clerk", "reviewer", "head", "auditor"])
def test_nobody_but_administrators_writes_definitions(who, request):
    by = request.getfixturevalue(who)
    for deed in (
        lambda: publishing.save_draft(source=SMALL, by=by),
        lambda: publishing.publish(key="small", source=SMALL, by=by),
        lambda: publishing.set_active(key="small", active=False, by=by),
    ):
        with pytest.raises(NotYoursToWrite):
            deed()
    assert Definition.objects.count() == 0


@pytest.mark.parametrize("source", ["title: no key\n", "key: [\n", "key: Not a key\n", ""])
def test_a_text_without_a_key_cannot_be_kept(source, administrator):
    with pytest.raises(NotKeepable):
        publishing.save_draft(source=source, by=administrator)


def test_a_key_never_changes(administrator):
    publishing.save_draft(source=SMALL, by=administrator)
    with pytest.raises(NotKeepable):
        publishing.save_draft(source=SMALL.replace("key: small", "key: other"), by=administrator, key="small")
    assert [one.key for one in Definition.objects.all()] == ["small"]


def test_a_refused_publication_leaves_nothing(administrator):
    with pytest.raises(NotPublishable):
        publishing.publish(key="small", source=SMALL.replace("reviewer", "clerk"), by=administrator)
    assert Definition.objects.count() == 0


def test_the_database_refuses_to_change_a_version(administrator):
    version = publishing.publish(key="small", source=SMALL, by=administrator)
    for change in (
        lambda: DefinitionVersion.objects.filter(pk=version.pk).update(note="better"),
        lambda: DefinitionVersion.objects.filter(pk=version.pk).update(body={}),
        lambda: DefinitionVersion.objects.filter(pk=version.pk)._raw_delete("default"),
    ):
        with pytest.raises(DatabaseError, match="never changes"), transaction.atomic():
            change()
    version.refresh_from_db()
    assert version.note == ""


def test_who_published_may_be_deleted_and_the_version_stays(administrator):
    version = publishing.publish(key="small", source=SMALL, by=administrator)
    DefinitionVersion.objects.filter(pk=version.pk).update(published_by=None)
    version.refresh_from_db()
    assert (version.published_by, version.number) == (None, 1)


def test_retired_ones_are_remembered_with_who_did_it(administrator):
    publishing.publish(key="full", source=FULL, by=None)
    publishing.set_active(key="full", active=False, by=administrator)
    publishing.set_active(key="full", active=False, by=administrator)
    assert not Definition.objects.get(key="full").active
    assert [entry.action for entry in history.of("definition", "full")] == ["published", "retired"]
