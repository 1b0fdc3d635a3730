"""The audit trail: a chain that nobody can change without being noticed, and that the database guards."""

import uuid
from datetime import UTC, date, datetime
from decimal import Decimal
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts import history

AWKWARD = {
    "floats": [1.0, 0.1, -0.0, 1e20, 1e-7, 5e-324, float("nan"), float("inf")],
    "whole": [0, -1, 2**53, 2**70, True],
    "times": [date(2026, 11, 22), datetime(2026, 11, 22, 18, 0, 0, 123456, tzinfo=UTC)],
    "others": [uuid.UUID(int=7), Decimal("1.10"), {"b", "a"}, ("x", None)],
    "texts": ["മലയാളം", "nul \0 in it", "half \ud800 pair", "line\nbreak"],
    7: "a key that is no text",
}
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters(exclude_categories=())),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


def tampered(sql: str, *params: object) -> None:
    """Do what only the owner of the database can."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("ALTER TABLE accounts_historyentry DISABLE TRIGGER USER")
        cursor.execute(sql, params)
        cursor.execute("ALTER TABLE accounts_historyentry ENABLE TRIGGER USER")


def test_entries_of_a_subject_are_numbered_and_chained(clerk):
    first = history.record("document", "d1", "uploaded", by=clerk, after={"title": "One"})
    second = history.record("document", "d1", "corrected", by=None, before={"title": "One"}, after={"title": "Two"})
    assert (first.sequence, second.sequence) == (1, 2)
    assert first.previous_digest == "" and second.previous_digest == first.digest
    assert (first.actor_name, second.actor_name) == ("clerk", history.SYSTEM)
    assert history.first_break("document", "d1") is None


def test_many_are_written_at_once_in_two_queries(clerk, django_assert_num_queries):
    history.record("document", "d1", "uploaded", by=clerk)
    deeds = [history.Deed("document", name, "looked", clerk) for name in ("d1", "d2", "d1")]
    with django_assert_num_queries(2):
        history.record_many(deeds)
    assert [entry.sequence for entry in history.of("document", "d1")] == [1, 2, 3]
    assert history.first_break("document", "d1") is None
    with django_assert_num_queries(1):
        history.record_many([history.Deed("document", "d3", "uploaded", clerk)], fresh=True)


def test_two_entries_at_the_same_place_in_a_chain_are_impossible(clerk):
    history.record("document", "d1", "uploaded", by=clerk)
    with pytest.raises(DatabaseError), transaction.atomic():
        history.record_many([history.Deed("document", "d1", "uploaded", clerk)], fresh=True)
    assert history.of("document", "d1").count() == 1


def test_awkward_values_survive_the_way_into_the_database_and_back(clerk):
    history.record("document", "d1", "corrected", by=clerk, before=AWKWARD, after=AWKWARD, note="nul \0 half \ud800")
    assert history.first_break("document", "d1") is None
    kept = history.of("document", "d1").get()
    assert kept.after["times"] == ["2026-11-22", "2026-11-22T18:00:00.123456+00:00"]
    assert kept.after["others"] == [str(uuid.UUID(int=7)), "1.10", ["a", "b"], ["x", None]]


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(said=st.dictionaries(st.text(), JSON, max_size=4))
def test_whatever_json_can_say_keeps_its_digest(db, said):
    subject = uuid.uuid4().hex
    history.record("document", subject, "corrected", by=None, after=said)
    assert history.first_break("document", subject) is None


@pytest.mark.parametrize(
    "sql", ["UPDATE {} SET note = 'x'", "UPDATE {} SET actor_id = NULL, note = 'x'", "DELETE FROM {}"]
)
def test_the_database_refuses_to_change_the_history(clerk, sql):
    history.record("document", "d1", "uploaded", by=clerk)
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql.format("accounts_historyentry"))
    assert history.of("document", "d1").get().note == ""


def test_a_person_may_go_and_the_name_stays(person):
    gone = person("gone")
    history.record("document", "d1", "uploaded", by=gone)
    gone.delete()
    entry = history.of("document", "d1").get()
    assert (entry.actor, entry.actor_name) == (None, "gone")
    assert history.first_break("document", "d1") is None


@pytest.mark.parametrize(
    ("sql", "at"),
    [
        ("UPDATE accounts_historyentry SET note = 'x' WHERE sequence = 2", 2),
        ("UPDATE accounts_historyentry SET actor_name = 'x' WHERE sequence = 1", 1),
        ("UPDATE accounts_historyentry SET after = '{\"a\": 1}' WHERE sequence = 3", 3),
        ("DELETE FROM accounts_historyentry WHERE sequence = 2", 2),
        ("UPDATE accounts_historyentry SET at = at + interval '1 microsecond' WHERE sequence = 1", 1),
    ],
)
def test_a_change_behind_the_gateways_back_is_found(clerk, sql, at):
    for _ in range(3):
        history.record("document", "d1", "corrected", by=clerk)
    tampered(sql)
    assert history.first_break("document", "d1") == at


def test_verify_history_counts_what_it_walked(clerk):
    history.record_many([history.Deed("document", name, "uploaded", clerk) for name in ("d1", "d2", "d1")])
    said = StringIO()
    call_command("verify_history", stdout=said)
    assert "3 entries of 2 subjects" in said.getvalue()
    assert "The history holds" in said.getvalue()


def test_verify_history_names_the_break_and_fails(clerk):
    history.record_many([history.Deed("document", name, "uploaded", clerk) for name in ("d1", "d2", "d2")])
    tampered("UPDATE accounts_historyentry SET note = 'x' WHERE subject_id = 'd2' AND sequence = 2")
    complaint = StringIO()
    with pytest.raises(CommandError, match="1 subject"):
        call_command("verify_history", stdout=StringIO(), stderr=complaint)
    assert "document d2: the chain breaks at entry 2" in complaint.getvalue()
    assert "d1" not in complaint.getvalue()
