"""The whole history is verified in bites, from any place on, and says the same as when it is read at once."""

import random
from io import StringIO

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts import history, sealing, verifying
from accounts.models import HistoryEntry, HistorySeal
from accounts.verifying import NoPlace, Walk
from tests.accounts.test_history import tampered

SPOILS = (
    "UPDATE accounts_historyentry SET note = 'x' WHERE id = {}",
    "DELETE FROM accounts_historyentry WHERE id = {}",
    "UPDATE accounts_historyentry SET at = at + interval '1 microsecond' WHERE id = {}",
)


def lived(chance: random.Random) -> None:
    """Subjects of two kinds with chains of one to nine entries, some of them spoilt."""
    names = [(chance.choice(("document", "user")), f"s{number}") for number in range(30)]
    deeds = [
        history.Deed(kind, name, "changed", after={"at": at, "half": at / 2, "said": "ആലുവ"})
        for kind, name in names
        for at in range(chance.randint(1, 9))
    ]
    chance.shuffle(deeds)
    history.record_many(deeds)
    for spoilt in chance.sample(list(HistoryEntry.objects.values_list("pk", flat=True)), 12):
        tampered(chance.choice(SPOILS).format(spoilt))


def at_once() -> list[history.Break]:
    return list(history.breaks(HistoryEntry.objects.order_by("subject_kind", "subject_id", "sequence")))


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("bite", [1, 7, 5_000])
def test_bites_find_what_is_found_at_once_from_any_place_on(db, monkeypatch, seed, bite):
    lived(random.Random(seed))
    monkeypatch.setattr(verifying, "BITE", bite)
    places: list[str] = []
    walk = Walk(heard=lambda walk: places.append(walk.place))
    found = list(verifying.chains(walk))
    assert found == at_once() and found
    assert walk.rows == HistoryEntry.objects.count()
    assert walk.subjects == HistoryEntry.objects.values("subject_kind", "subject_id").distinct().count()
    for place in places[:: len(places) // 3 or 1]:
        kind, name = place.split(" ")
        later = [one for one in found if (one.subject_kind, one.subject_id) >= (kind, name)]
        assert list(verifying.chains(Walk(place))) == later


def test_no_bite_is_larger_than_it_may_be(db, monkeypatch):
    history.record_many([history.Deed("document", "d1", "changed") for _ in range(20)])
    monkeypatch.setattr(verifying, "BITE", 6)
    monkeypatch.setattr(sealing, "BITE", 6)
    assert sealing.advance() is not None
    with CaptureQueriesContext(connection) as asked:
        call_command("verify_history", stdout=StringIO())
    statements = [one["sql"] for one in asked.captured_queries if "_historyentry" in one["sql"]]
    assert sum("LIMIT 6" in sql for sql in statements) == 10, "five of the chain, the last finds none; five of its seal"
    of_chains = [sql for sql in statements if "previous_digest" in sql and "LIMIT 6" in sql]
    assert len(of_chains) == 5
    assert not [sql for sql in statements if "DECLARE" in sql or ("LIMIT" not in sql and "subject_kind" not in sql)]


def test_seals_are_walked_from_any_number_on(db, monkeypatch):
    monkeypatch.setattr(sealing, "EVERY", -sealing.EVERY)
    for number in range(4):
        history.record("document", f"d{number}", "changed", by=None)
        assert sealing.advance() is not None
    assert list(verifying.seals(Walk("3"))) == [] == list(verifying.seals(Walk("9")))
    HistorySeal.objects.filter(number=2).update(root="0" * 64)
    assert [broken.subject_id for broken in verifying.seals(Walk())] == ["2"]
    assert [broken.subject_id for broken in verifying.seals(Walk("3"))] == ["3"], "it follows from the one before"
    assert list(verifying.seals(Walk("4"))) == []
    with pytest.raises(NoPlace):
        list(verifying.seals(Walk("²")))


def test_who_stops_it_is_told_from_where_it_goes_on(db, monkeypatch):
    history.record_many([history.Deed("document", f"d{number}", "changed") for number in range(9)])
    tampered("UPDATE accounts_historyentry SET note = 'x' WHERE subject_id = 'd1' OR subject_id = 'd8'")
    monkeypatch.setattr(verifying, "BITE", 2)
    bite, bites = verifying._bite, iter(range(3))

    def stopped(after: tuple[str, str, int]) -> list[verifying.Entry]:
        if next(bites, None) is None:
            raise KeyboardInterrupt
        return bite(after)

    with monkeypatch.context() as patched:
        patched.setattr(verifying, "_bite", stopped)
        with pytest.raises(CommandError, match=r'1 subjects were broken so far.* --from "chains:document d5"'):
            call_command("verify_history", stdout=StringIO(), stderr=StringIO())
    said, complaint = StringIO(), StringIO()
    with pytest.raises(CommandError, match="1 subjects broken"):
        call_command("verify_history", "--from", "chains:document d5", stdout=said, stderr=complaint)
    assert "document d8" in complaint.getvalue() and "d1:" not in complaint.getvalue()
    assert "4 entries of 4 subjects" in said.getvalue()
    call_command("verify_history", "--from", "workflow:", stdout=said)
    assert "What was walked from workflow: on holds." in said.getvalue()


def test_a_number_that_no_json_of_ours_can_say_is_a_break(db):
    history.record("document", "d1", "changed", by=None)
    tampered("UPDATE accounts_historyentry SET after = '{\"a\": 1e400}'")
    assert [broken.sequence for broken in verifying.chains(Walk())] == [1]


@pytest.mark.parametrize("place", ["nothing", "workflow:nothing", "seals:none"])
def test_a_place_that_is_none_is_refused(db, place):
    with pytest.raises(CommandError, match="no place"):
        call_command("verify_history", "--from", place, stdout=StringIO())


def test_it_says_how_far_it_is(db, monkeypatch):
    history.record_many([history.Deed("document", f"d{number}", "changed") for number in range(4)])
    monkeypatch.setattr(verifying, "BITE", 2)
    monkeypatch.setattr("accounts.management.commands.verify_history.EVERY", 0.0)
    told = StringIO()
    call_command("verify_history", stdout=StringIO(), stderr=told)
    assert "2 entries of 2 subjects" in told.getvalue() and "at document d1" in told.getvalue()
