"""Role × topic × event: who hears what, generated, by socket keys and by the polling endpoint.

The expected side is written down here from DESIGN 7 alone, so that it does not repeat the code's own rules.
"""

import itertools

import pytest
from django.db import transaction

from accounts import api_keys
from accounts.models import User
from accounts.rights import Rights, rights_of
from documents.audience import audience_of
from documents.models import Batch, Document
from jobs.models import Job, Queue
from kmrl import wiring
from realtime import audiences, events, sequencer, standing
from realtime.catalogue import CATALOGUE, Told
from tests.live.test_catalogue import sample

WHOLE_HOUSE = {"auditor", "administrator"}
ROLES = ("clerk", "reviewer", "head", "outsider", "auditor", "administrator", "key of safety", "key that sends")
TOPICS = ("operations", "restricted", "safety", "nowhere", "quarantined")


def who_sees(topic: str) -> set[str]:
    """The roles that a document of that place is shown to; the clerk sent all of them."""
    own = {"clerk", "reviewer", "head"}
    return {
        "operations": own | WHOLE_HOUSE,
        "restricted": {"clerk", "head"} | WHOLE_HOUSE,  # the head is named; who sent it stays named
        "safety": {"outsider", "key of safety"} | WHOLE_HOUSE,
        "nowhere": {"clerk"} | WHOLE_HOUSE,
        "quarantined": {"administrator"},
    }[topic]


@pytest.fixture
def rights(clerk, reviewer, head, outsider, auditor, administrator, safety) -> dict[str, Rights]:
    people: list[User] = [clerk, reviewer, head, outsider, auditor, administrator]
    found = {user.username: rights_of(user) for user in people}
    key, _ = api_keys.issue(name="safety", user=administrator, by=administrator, scopes=["read"], departments=[safety])
    sends, _ = api_keys.issue(name="sends", user=administrator, by=administrator, scopes=["upload"])
    found["key of safety"] = standing.rights_by(f"key:{key.pk}")
    found["key that sends"] = standing.rights_by(f"key:{sends.pk}")
    return found


@pytest.fixture
def papers(db, clerk, head, operations, safety, api_source) -> dict[str, Document]:
    made = {}
    for topic in TOPICS:
        department = {"nowhere": None, "safety": safety}.get(topic, operations)
        made[topic] = Document.objects.create(
            title=topic,
            uploaded_by=clerk,
            uploaded_at="2026-01-01T00:00:00Z",
            source=api_source,
            department=department,
            access="restricted" if topic == "restricted" else "department",
            status="quarantined" if topic == "quarantined" else "queued",
        )
    made["restricted"].people.add(clerk, head)
    return made


@pytest.mark.parametrize("role", ROLES)
def test_each_role_hears_each_kind_of_event_of_exactly_what_it_is_shown(db, role, rights, papers, open_topics):
    mine = audiences.keys_of(rights[role])
    wrong = []
    for topic, (name, told) in itertools.product(TOPICS, CATALOGUE.items()):
        if not name.startswith("document."):
            continue
        event = events.row_of(told(**sample(name)), to=audience_of(papers[topic]), at=papers[topic].uploaded_at)
        hears = bool(mine & set(event.audience))
        if hears != (role in who_sees(topic)):
            wrong.append((topic, name, hears))
    assert wrong == []


@pytest.mark.parametrize("role", ROLES)
def test_each_role_may_listen_to_the_topics_of_exactly_what_it_is_shown(db, role, rights, papers, wired, clerk, safety):
    asked = {audiences.document(paper.pk): topic for topic, paper in papers.items()}
    heard = audiences.audible(rights[role], [*asked, "document:nothing", "workflow:1", "user:1", "admin", "system"])
    expected = {topic for topic in TOPICS if role in who_sees(topic)}
    assert {asked[key] for key in heard} == expected
    jobs = {audiences.job(_job(paper, clerk).pk): topic for topic, paper in papers.items()}
    assert {jobs[key] for key in audiences.audible(rights[role], list(jobs))} == expected | (
        set(TOPICS) if role == "administrator" else set()
    )
    batch = audiences.batch(Batch.objects.create(uploaded_by=clerk, created_at="2026-01-01T00:00:00Z").pk)
    assert audiences.may_listen(rights[role], batch) == (role in {"clerk"} | WHOLE_HOUSE)


OTHERS = [name for name in CATALOGUE if not name.startswith("document.")]
PLACES = {
    "admin": {"administrator"},
    "auditors": WHOLE_HOUSE,
    "system": {"clerk", "reviewer", "head", "outsider"} | WHOLE_HOUSE,
    "user": {"clerk"},
    "operations": {"clerk", "reviewer", "head"},
    "safety": {"outsider", "key of safety"},
    "document": set(),
    "batch": set(),
    "job": set(),
}


@pytest.mark.parametrize("name", OTHERS)
def test_what_comes_unasked_comes_to_exactly_those_of_its_audience(
    db, name, rights, clerk, operations, safety, api_client_as
):
    named = {
        "user": audiences.user(clerk.pk),
        "operations": audiences.department(operations.pk),
        "safety": audiences.department(safety.pk),
        "document": audiences.document(1),
        "batch": audiences.batch(1),
        "job": audiences.job(1),
    }
    keys = {place: named.get(place, place) for place in PLACES}
    heard = {place: {role for role in ROLES if keys[place] in audiences.keys_of(rights[role])} for place in PLACES}
    assert heard == PLACES
    told: type[Told] = CATALOGUE[name]
    if not told.durable:
        return
    with transaction.atomic():
        events.tell_many((told(**sample(name)), [key]) for key in keys.values())
    sequencer.number_events()
    for role in ("clerk", "outsider", "auditor", "administrator"):
        found = api_client_as(User.objects.get(username=role)).get("/api/v1/events/", {"after": 0}).json()["events"]
        expected = [number for number, place in enumerate(PLACES, start=1) if role in PLACES[place]]
        assert [(event["position"], event["type"]) for event in found] == [(one, name) for one in expected], role


@pytest.fixture
def wired(monkeypatch) -> None:
    """The checks as `kmrl.wiring` gives them, not those of the other tests here."""
    many = wiring.hearable_documents
    monkeypatch.setitem(audiences._checks, "document", many)


def _job(paper: Document, clerk: User) -> Job:
    Queue.objects.get_or_create(name="default")
    return Job.objects.create(
        kind="document.process",
        queue="default",
        owner=clerk,
        subject_kind="document",
        subject_id=str(paper.pk),
        created_at=paper.uploaded_at,
    )
