"""Mail with one-time links: shown on GET, decided on POST, once, by the one person; nothing secret is kept."""

from datetime import timedelta

import pytest
from django.core import mail
from django.core.mail.backends.locmem import EmailBackend
from django.utils import timezone

from accounts.refusals import NotFound
from accounts.rights import rights_of
from jobs import inline
from jobs.models import Job
from tests.workflows.people.conftest import fresh, new_version
from workflows import approvals, links
from workflows.models import Decision, TaskLink
from workflows.tasks import letters
from workflows.tasks.refusals import AlreadyDecided, BadDecision, Superseded


@pytest.fixture
def post(settings):
    """A mail server that takes everything, and an address of the gateway."""
    settings.EMAIL_HOST, settings.PUBLIC_URL = "mail.example", "https://papers.example"
    mail.outbox.clear()
    return mail.outbox


def work(task) -> Job:
    """The job of its letters, done in this thread."""
    job = Job.objects.get(kind=letters.NAME, subject_id=str(task.pk))
    inline.work([job.pk])
    job.refresh_from_db()
    return job


def secret_of(message) -> str:
    [line] = [line for line in message.body.splitlines() if "/tasks/link/" in line]
    assert line.startswith("https://papers.example/tasks/link/")
    return line.removeprefix("https://papers.example/tasks/link/").rstrip("/")


def test_candidates_get_a_letter_each_with_a_link_of_their_own(ask, post, reviewer, colleague, clerk):
    task = ask("mail: true", "due: 2 days")
    job = work(task)
    assert job.state == "succeeded" and job.payload == {"task": str(task.pk), "to": [reviewer.pk, colleague.pk]}
    assert [message.to for message in post] == [["reviewer@example.com"], ["colleague@example.com"]]
    first = post[0]
    assert first.subject == "KMRL Gateway: Review"
    for said in ("Is it right?", "Document: Directive 7", "Due: "):
        assert said in first.body
    secret = secret_of(first)
    assert len(secret) >= 43 and secret != secret_of(post[1])
    link = TaskLink.objects.get(user=reviewer)
    assert link.digest == letters.digest_of(secret) and link.document_version == 1
    kept = str(list(TaskLink.objects.values())) + str(list(Job.objects.values()))
    assert secret not in kept


def test_without_mail_true_or_a_server_nobody_is_written_to(ask, post, reviewer, settings):
    ask()
    settings.EMAIL_HOST = ""
    ask("mail: true", key="b")
    assert not Job.objects.filter(kind=letters.NAME).exists()


def test_a_restricted_paper_is_not_named_in_mail(ask, post, paper, reviewer):
    paper.access = "restricted"
    paper.save()
    paper.people.set([reviewer])
    work(ask("mail: true"))
    [message] = post
    assert "Directive 7" not in message.body + message.subject and "restricted" in message.body


def test_what_is_tried_again_is_not_sent_again(ask, post, reviewer, colleague, monkeypatch):
    task = ask("mail: true")
    send = EmailBackend.send_messages

    def breaks_off(self, messages):
        if "colleague@example.com" in messages[0].to:
            raise ConnectionResetError("gone")
        return send(self, messages)

    monkeypatch.setattr(EmailBackend, "send_messages", breaks_off)
    job = work(task)
    assert (job.state, job.attempt) == ("succeeded", 2)
    assert [message.to for message in post] == [["reviewer@example.com"]]


def test_a_server_that_is_away_loses_nothing(ask, post, reviewer, monkeypatch):
    task = ask("mail: true")

    tries = iter([ConnectionRefusedError("nobody there"), ConnectionRefusedError("nobody there"), None])

    def away(self):
        if (trouble := next(tries)) is not None:
            raise trouble

    monkeypatch.setattr(EmailBackend, "open", away)
    job = work(task)
    assert (job.state, job.attempt, len(post)) == ("succeeded", 3, 1)


def test_nobody_is_written_to_about_what_is_decided(ask, post, reviewer):
    task = ask("mail: true")
    approvals.complete(task_id=task.pk, outcome="approved", by=reviewer, rights=rights_of(reviewer))
    work(task)
    assert not post and not TaskLink.objects.exists()


def test_looking_changes_nothing_and_deciding_burns_it(ask, reviewer):
    task = ask()
    secret = links.make(task=task, user=reviewer)
    rights = rights_of(reviewer)
    for _ in range(3):
        assert links.open_(secret, by=reviewer, rights=rights).task == task
    assert TaskLink.objects.get().used_at is None and fresh(task).state == "open"
    with pytest.raises(BadDecision):
        links.decide(secret, outcome="rejected", by=reviewer, rights=rights)
    assert TaskLink.objects.get().used_at is None
    links.decide(secret, outcome="approved", by=reviewer, rights=rights)
    assert Decision.objects.get().door == "mail"
    with pytest.raises(links.LinkUsed):
        links.open_(secret, by=reviewer, rights=rights)
    with pytest.raises(links.LinkUsed):
        links.decide(secret, outcome="approved", by=reviewer, rights=rights)


def test_it_is_for_one_person_signed_in(ask, reviewer, colleague):
    secret = links.make(task=ask(), user=reviewer)
    with pytest.raises(links.LinkOfAnother) as refusal:
        links.open_(secret, by=colleague, rights=rights_of(colleague))
    assert "reviewer" not in refusal.value.detail
    with pytest.raises(links.LinkOfAnother):
        links.decide(secret, outcome="approved", by=colleague, rights=rights_of(colleague))
    with pytest.raises(NotFound):
        links.open_("x" * 43, by=reviewer, rights=rights_of(reviewer))


def test_too_old_overtaken_and_decided_are_told_apart(ask, paper, reviewer, colleague):
    rights = rights_of(reviewer)
    old, decided, overtaken = ask(key="a"), ask(key="b"), ask("bound_to_version: false", key="c")
    secrets = [links.make(task=one, user=reviewer) for one in (old, decided, overtaken)]
    TaskLink.objects.filter(task=old).update(expires_at=timezone.now() - timedelta(seconds=1))
    approvals.complete(task_id=decided.pk, outcome="approved", by=colleague, rights=rights_of(colleague))
    with pytest.raises(links.LinkExpired) as expired:
        links.open_(secrets[0], by=reviewer, rights=rights)
    with pytest.raises(AlreadyDecided):
        links.open_(secrets[1], by=reviewer, rights=rights)
    new_version(paper, reviewer)
    with pytest.raises(Superseded, match="Version 2"):
        links.decide(secrets[2], outcome="approved", by=reviewer, rights=rights)
    assert (expired.value.status, expired.value.code) == (410, "link_expired")
    assert not Decision.objects.filter(by=reviewer).exists()


def test_who_may_no_longer_see_it_gets_nothing_by_the_link(ask, paper, reviewer):
    secret = links.make(task=ask(), user=reviewer)
    reviewer.memberships.all().delete()
    with pytest.raises(NotFound):
        links.open_(secret, by=reviewer, rights=rights_of(reviewer))
