"""Prepared statements: read once, and one that is sent ahead commits with its body or not at all."""

import pytest
from django.db import IntegrityError, connection

from accounts import prepared

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def notes():
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE notes (n int UNIQUE DEFERRABLE INITIALLY DEFERRED)")
    yield lambda: [row[0] for row in prepared.rows("SELECT n FROM notes ORDER BY n", [])]
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE notes")


WRITE = "INSERT INTO notes VALUES (%s::int) RETURNING n"


@pytest.mark.parametrize("times", range(4))
def test_percent_signs_and_values_come_through_in_order(db, times):
    said = "SELECT 7 %% 4, %s::text, '%%s', %s::int, 'a' LIKE '%%a'"
    assert prepared.rows(said, ["%s $1", 2]) == [(3, "%s $1", "%s", 2, True)]
    named = "SELECT %(b)s::int, %(a)s::text"
    assert prepared.rows(named, {"a": "x", "b": 1}) == [(1, "x")]


def test_what_was_sent_ahead_is_committed_with_its_body(notes):
    for number in range(5):
        with prepared.begun(WRITE, [number]) as rows:
            assert rows() == [(number,)]
    with prepared.begun(WRITE, [5]):
        pass
    assert notes() == [0, 1, 2, 3, 4, 5]


def test_a_body_that_raises_keeps_nothing_and_the_connection_goes_on(notes):
    with pytest.raises(ZeroDivisionError), prepared.begun(WRITE, [1]) as rows:
        assert rows() == [(1,)] and 1 / 0
    with pytest.raises(ZeroDivisionError), prepared.begun(WRITE, [1]):
        raise ZeroDivisionError
    assert notes() == []


def test_a_statement_or_a_commit_that_fails_is_told(notes):
    with pytest.raises(Exception, match="out of range"), prepared.begun(WRITE, [1 << 40]) as rows:
        rows()
    with pytest.raises(Exception, match="out of range"), prepared.begun(WRITE, [1 << 40]):
        pass  # the body does not look
    with prepared.begun(WRITE, [1]):
        pass
    with pytest.raises(IntegrityError), prepared.begun(WRITE, [1]) as rows:
        assert rows() == [(1,)]  # the constraint is checked at the commit
    assert notes() == [1]
