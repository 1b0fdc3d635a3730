"""The rule in Python and the rule in SQL show the same documents, whatever the house looks like."""

import random
from datetime import UTC, datetime

import pytest

from accounts import api_keys
from accounts.models import Department, HouseRole, Membership, Role, User
from accounts.rights import Action, Rights, rights_of
from documents.models import Document, Share, Source

NOW = datetime(2026, 11, 22, tzinfo=UTC)


class World:
    """A random small house: departments (some closed), sources, people (some gone), keys and documents."""

    def __init__(self, seed: int) -> None:
        self.dice = random.Random(seed)
        self.departments = [
            Department.objects.create(key=f"d{n}", name=f"D{n}", active=self.dice.random() > 0.2) for n in range(3)
        ]
        self.sources = [Source.objects.create(key=f"s{n}", name=f"S{n}") for n in range(2)]
        self.people = [self._person(n) for n in range(8)]
        self.rights = [rights_of(person) for person in self.people] + [self._key() for _ in range(12)]
        for _ in range(25):
            self._document()

    def _person(self, n: int) -> User:
        house_role = self.dice.choice([HouseRole.NONE, HouseRole.NONE, HouseRole.AUDITOR, HouseRole.ADMINISTRATOR])
        user = User.objects.create(username=f"p{n}", house_role=house_role, is_active=self.dice.random() > 0.15)
        for department in self.departments:
            if self.dice.random() < 0.4:
                Membership.objects.create(user=user, department=department, role=self.dice.choice(Role.values))
        return user

    def _key(self) -> Rights:
        user = self.dice.choice(self.people)
        key, _ = api_keys.issue(
            name="k",
            user=user,
            by=user,
            scopes=self._some(["read", "read", "upload", "control"]),
            sources=[source.key for source in self._some(self.sources)],
            departments=self._some(self.departments),
        )
        return rights_of(user, key)

    def _document(self) -> None:
        document = Document.objects.create(
            title="t",
            source=self.dice.choice(self.sources),
            department=self.dice.choice([None, *self.departments]),
            access=self.dice.choice(["department", "department", "restricted"]),
            status=self.dice.choice(["processed", "queued", "quarantined"]),
            uploaded_by=self.dice.choice(self.people),
            uploaded_at=NOW,
        )
        document.people.set(self._some(self.people))
        for department in self._some(self.departments)[:1]:
            Share.objects.create(document=document, department=department, because="t", at=NOW)
        for user in self._some(self.people)[:1]:
            Share.objects.create(document=document, user=user, because="t", at=NOW)
        document.shared = document.shares.exists()
        document.save(update_fields=["shared"])

    def _some(self, things: list) -> list:
        return [thing for thing in things if self.dice.random() < 0.4]


@pytest.mark.parametrize("seed", range(12))
def test_what_the_rule_allows_is_what_the_database_shows(db, seed):
    world = World(seed)
    documents = list(Document.objects.select_related("source").prefetch_related("people", "shares"))
    with_shares = {document.pk for document in documents if document.shares.all()}
    shown_at_all = 0
    for rights in world.rights:
        by_rule = {
            document.pk
            for document in documents
            if rights.may(
                Action.SEE,
                department_id=document.department_id,
                uploaded_by_id=document.uploaded_by_id,
                source=document.source.key,
                restricted=document.access == "restricted",
                named=rights.user_id in {person.pk for person in document.people.all()},
                shared=any(
                    share.user_id == rights.user_id or share.department_id in rights.departments
                    for share in document.shares.all()
                ),
                quarantined=document.status == "quarantined",
            )
        }
        assert set(Document.objects.visible_to(rights).values_list("pk", flat=True)) == by_rule
        if rights.scope_allows(Action.SEE):  # the same rule from what leads to a document, as runs and tasks ask it
            shares = Share.objects.filter(Document.objects.sight(rights, at="document__"))
            assert set(shares.values_list("document_id", flat=True)) == by_rule & with_shares
        shown_at_all += len(by_rule)
    assert 0 < shown_at_all < len(documents) * len(world.rights)
