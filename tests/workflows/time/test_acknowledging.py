"""Confirming to have read: who is asked and by when, the proof, the chase, and what comes late."""

from datetime import date, time, timedelta

import pytest

from accounts import history
from accounts.models import Membership
from accounts.refusals import NotFound
from accounts.rights import rights_of
from documents.models import Access, Document, Version
from realtime.models import Event, Notice
from tests.workflows.time.conftest import at, start
from workflows import acknowledging, clock, running, timers
from workflows.engine.talk import Stop, Superseded
from workflows.models import Acknowledgement, Duty, HumanTask, Incident, Instance, InstanceStatus, Shift, Timer
from workflows.tasks import refusals

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("kerala")]

MONDAY = at("2026-06-01 10:00")
READ = """
- id: read
  kind: acknowledge
  title: Read before your next shift
  people: [{department: operations, role: clerk}]
  due: 2 days
  share: 0.6
  chase: {every: 1 hours, then_head_after: 3 hours}
"""


@pytest.fixture
def circular(publish):
    return publish("circular", READ)


@pytest.fixture
def staff(person, operations):
    """Four train operators, of whom three have shifts; and the head."""
    people = {name: person(name, of=operations) for name in ("anu", "binu", "chitra", "deepa")}
    for name, shift, first, last in (
        ("anu", "evening", date(2026, 5, 1), None),
        ("binu", "night", date(2026, 5, 1), date(2026, 6, 30)),
        ("chitra", "morning", date(2026, 6, 10), None),
    ):
        Duty.objects.create(user=people[name], shift=Shift.objects.get(key=shift), first_day=first, last_day=last)
    people["head"] = person("headop", role="head", of=operations)
    return people


def confirm(user, when=MONDAY, **more) -> Acknowledgement:
    task = HumanTask.objects.order_by("-opened_at", "-pk").first()
    with clock.at(when):
        return acknowledging.acknowledge(task_id=task.pk, by=user, rights=rights_of(user), **more)


def proofs(run) -> list[tuple[str, dict]]:
    entries = history.of("workflow", run.pk).filter(action="task_acknowledged")
    return list(entries.values_list("actor_name", "after"))


def test_everybody_named_is_asked_before_the_next_shift(circular, paper, clerk, staff, outsider):
    start(circular, paper, MONDAY)
    rows = {row.user.username: (row.shift, row.due_at) for row in Acknowledgement.objects.select_related("user")}
    due = at("2026-06-03 10:00")
    assert rows == {
        "anu": ("evening", at("2026-06-01 14:00")),
        "binu": ("night", at("2026-06-01 22:00")),
        "chitra": ("morning", at("2026-06-10 06:00")),
        "deepa": ("", due),
        "clerk": ("", due),
        "headop": ("", due),
    }
    task = HumanTask.objects.get()
    assert (task.kind, task.quorum, task.due_at, task.document_version) == ("acknowledge", 4, due, 1)
    assert set(Notice.objects.filter(kind="acknowledge.asked").values_list("user__username", flat=True)) == set(rows)
    assert Event.objects.get(type="task.assigned").data["candidates"] == 6


@pytest.mark.parametrize(
    ("shift", "when", "begins"),
    [
        ("evening", "2026-06-01 13:59", "2026-06-01 14:00"),
        ("evening", "2026-06-01 14:00", "2026-06-02 14:00"),  # it has begun: the next one
        ("night", "2026-06-01 23:00", "2026-06-02 22:00"),
        ("night", "2026-06-02 03:00", "2026-06-02 22:00"),
        ("morning", "2026-06-01 03:00", "2026-06-01 06:00"),
    ],
)
def test_the_next_shift_is_the_one_that_has_not_begun(circular, paper, person, operations, shift, when, begins):
    user = person("asha", of=operations)
    Duty.objects.create(user=user, shift=Shift.objects.get(key=shift), first_day=date(2026, 1, 1))
    start(circular, paper, at(when))
    assert Acknowledgement.objects.get(user=user).due_at == at(begins)


def test_a_duty_that_ends_today_has_no_next_shift(circular, paper, person, operations):
    user = person("asha", of=operations)
    late = Shift.objects.create(key="late", name="Late", begins=time(9), ends=time(17))
    Duty.objects.create(user=user, shift=late, first_day=date(2026, 1, 1), last_day=date(2026, 6, 1))
    start(circular, paper, MONDAY)
    assert Acknowledgement.objects.get(user=user).shift == ""


def test_the_run_goes_on_with_the_share_and_who_comes_late_still_confirms(circular, paper, clerk, staff):
    run = start(circular, paper, MONDAY)
    for name in ("anu", "binu", "chitra"):
        confirm(staff[name])
    task = HumanTask.objects.get()
    assert task.state == "open"
    confirm(staff["deepa"])
    task.refresh_from_db()
    run.refresh_from_db()
    assert (task.state, task.outcome, task.completed_by) == ("completed", "acknowledged", staff["deepa"])
    assert (run.status, run.outcome) == (InstanceStatus.FINISHED, "done")
    assert run.state["steps"]["read"]["form"] == {"acknowledged": 4, "asked": 6}
    confirm(clerk, at("2026-06-05 10:00"))
    now = acknowledging.standing(task)
    assert (now.all.acknowledged, now.all.asked, now.all.percent, now.needed) == (5, 6, 83, 4)
    assert [line.username for line in now.awaited] == ["headop"]
    assert [line.username for line in now.acknowledged if line.late] == ["clerk"]
    assert {key: (one.acknowledged, one.asked) for key, one in now.by_shift.items()} == {
        "": (2, 3),
        "evening": (1, 1),
        "morning": (1, 1),
        "night": (1, 1),
    }
    assert Event.objects.filter(type="task.completed").count() == 1
    confirmed = Event.objects.filter(type="task.assigned", data__reason="acknowledged").order_by("pk")
    assert [one.data["candidates"] for one in confirmed] == [5, 4, 3, 1]  # awaited still; the fourth completed it
    assert [who for who, _ in proofs(run)] == ["anu", "binu", "chitra", "deepa", "clerk"]
    assert history.first_break("workflow", run.pk) is None


def test_the_proof_names_person_version_and_bytes_and_is_given_once(circular, paper, clerk, staff):
    run = start(circular, paper, MONDAY)
    first = confirm(clerk, document_version=1)
    again = confirm(clerk, MONDAY + timedelta(hours=1))
    assert again.acknowledged_at == first.acknowledged_at == MONDAY
    [(who, said)] = proofs(run)
    assert who == "clerk"
    assert said["document_version"] == 1
    assert said["sha256"] == paper.newest.blob_id
    assert (said["confirmed"], said["asked"]) == (1, 6)


def test_only_who_is_named_confirms(circular, paper, clerk, staff, auditor, outsider, person, operations):
    run = start(circular, paper, MONDAY)
    newcomer = person("newcomer", of=operations)  # sees it, but came later
    for user, refusal in ((auditor, refusals.NotYours), (newcomer, refusals.NotYours), (outsider, NotFound)):
        with pytest.raises(refusal):
            confirm(user)
    task = HumanTask.objects.get()
    with pytest.raises(refusals.NotYours):  # nobody confirms for another
        acknowledging.acknowledge(task_id=task.pk, by=clerk, rights=rights_of(newcomer))
    assert proofs(run) == []
    assert not Acknowledgement.objects.exclude(acknowledged_at=None).exists()


def second_version(paper: Document) -> None:
    version = Version.objects.get(document=paper)
    version.pk, version.number = None, 2
    version._state.adding = True
    version.save(force_insert=True)
    paper.newest = version
    paper.save(update_fields=["newest"])


def test_a_new_version_starts_over_and_the_old_proof_stays(circular, paper, clerk, staff):
    run = start(circular, paper, MONDAY)
    confirm(clerk)
    old = HumanTask.objects.get()
    second_version(paper)
    with pytest.raises(refusals.Superseded):
        confirm(staff["anu"])
    with clock.at(MONDAY + timedelta(hours=2)):
        running.tell(instance_id=run.pk, news=Superseded(old.token), by=None)
    old.refresh_from_db()
    new = HumanTask.objects.exclude(pk=old.pk).get()
    assert (old.state, new.state, new.document_version) == ("superseded", "open", 2)
    assert acknowledging.standing(new).all.acknowledged == 0
    assert acknowledging.standing(old).all.acknowledged == 1
    with pytest.raises(refusals.Superseded):
        acknowledging.acknowledge(task_id=old.pk, by=staff["anu"], rights=rights_of(staff["anu"]))
    with pytest.raises(refusals.Superseded):
        confirm(clerk, document_version=1)
    confirm(clerk, document_version=2)
    assert [said["document_version"] for _, said in proofs(run)] == [1, 2]
    timers.sweep(now=MONDAY + timedelta(hours=3))
    assert not old.acknowledgements.filter(chased__gt=0).exists()
    assert new.acknowledgements.get(user=staff["anu"]).chased == 1


def test_who_has_not_is_chased_each_hour_then_the_head_too(circular, paper, clerk, staff):
    run = start(circular, paper, MONDAY)
    confirm(clerk)
    assert timers.sweep(now=at("2026-06-01 10:59")) == 0
    timers.sweep(now=at("2026-06-01 11:00"))
    timers.sweep(now=at("2026-06-01 12:00"))
    assert not Notice.objects.filter(kind="acknowledge.behind").exists()
    confirm(staff["anu"], at("2026-06-01 12:30"))
    timers.sweep(now=at("2026-06-01 13:00"))
    chased = dict(Acknowledgement.objects.values_list("user__username", "chased"))
    assert chased == {"clerk": 0, "anu": 2, "binu": 3, "chitra": 3, "deepa": 3, "headop": 3}
    [behind] = Notice.objects.filter(kind="acknowledge.behind")
    assert (behind.user, behind.items[0]["open"]) == (staff["head"], 4)
    entries = history.of("workflow", run.pk).filter(action="task_chased")
    assert [len(entry.after["awaited"]) for entry in entries] == [5, 5, 4]
    assert [entry.after["heads"] for entry in entries] == [[], [], [staff["head"].pk]]


def test_the_chase_ends_when_all_have_though_the_run_went_on_before(circular, paper, clerk, staff):
    run = start(circular, paper, MONDAY)
    for name in ("anu", "binu", "chitra", "deepa"):
        confirm(staff[name])
    run.refresh_from_db()
    assert run.status == InstanceStatus.FINISHED
    timers.sweep(now=at("2026-06-01 11:00"))
    assert Acknowledgement.objects.get(user=clerk).chased == 1
    confirm(clerk)
    confirm(staff["head"])
    timers.sweep(now=at("2026-06-01 12:00"))
    assert not Timer.objects.filter(state="pending").exists()
    assert not Acknowledgement.objects.filter(chased__gt=1).exists()


def test_nobody_is_chased_for_a_run_that_was_stopped(circular, paper, clerk, staff):
    run = start(circular, paper, MONDAY)
    running.tell(instance_id=run.pk, news=Stop(), by=None)
    timers.sweep(now=at("2026-06-01 12:00"))
    assert not Acknowledgement.objects.filter(chased__gt=0).exists()
    assert not Timer.objects.filter(state="pending").exists()
    assert not acknowledging.awaiting(rights_of(clerk)).exists()


def test_an_outage_does_not_bring_a_storm_of_chases(circular, paper, clerk, staff):
    start(circular, paper, MONDAY)
    timers.sweep(now=at("2026-06-02 10:00"))
    assert set(Acknowledgement.objects.values_list("chased", flat=True)) == {1}
    assert Timer.objects.get(kind="chase", state="pending").due_at == at("2026-06-02 11:00")


def test_what_waits_for_me_to_read_goes_when_i_confirm(circular, paper, clerk, staff, outsider):
    start(circular, paper, MONDAY)
    mine = acknowledging.awaiting(rights_of(clerk))
    assert [row.task.title for row in mine] == ["Read before your next shift"]
    assert not acknowledging.awaiting(rights_of(outsider)).exists()
    paper.access = Access.RESTRICTED
    paper.save(update_fields=["access"])
    assert not acknowledging.awaiting(rights_of(clerk)).exists()
    paper.access = Access.DEPARTMENT
    paper.save(update_fields=["access"])
    confirm(clerk)
    assert not acknowledging.awaiting(rights_of(clerk)).exists()


def test_who_may_not_see_the_document_is_asked_and_the_house_is_told(publish, paper, clerk, outsider, administrator):
    paper.access = Access.RESTRICTED
    paper.save()
    paper.people.set([clerk])
    both = READ.replace("[{department: operations, role: clerk}]", "[{user: clerk}, {user: outsider}]")
    start(publish("both", both), paper, MONDAY)
    assert set(Acknowledgement.objects.values_list("user__username", flat=True)) == {"clerk", "outsider"}
    notice = Notice.objects.get(user=administrator, kind="task.nobody")
    assert "outsider" in notice.items[0]["detail"]
    assert "clerk" not in notice.items[0]["detail"].replace("outsider", "")


def test_a_step_that_names_nobody_stops_at_an_incident(publish, paper, safety):
    start(publish("empty", READ.replace("operations", "safety")), paper, MONDAY)
    incident = Incident.objects.get()
    assert incident.code == "nobody_to_ask"
    assert "asks nobody to confirm" in incident.detail
    assert not HumanTask.objects.exists()


def test_without_a_document_those_named_see_and_confirm_it_too(circular, clerk, staff, outsider):
    start(circular, None, MONDAY, by=staff["head"])
    run = Instance.objects.get()
    Instance.objects.filter(pk=run.pk).update(department=None, started_by=None)
    shown = {
        name: HumanTask.objects.visible_to(rights_of(user)).exists()
        for name, user in (("clerk", clerk), ("anu", staff["anu"]), ("outsider", outsider))
    }
    assert shown == {"clerk": True, "anu": True, "outsider": False}
    assert not HumanTask.objects.decidable_by(rights_of(staff["anu"])).exists()
    with pytest.raises(NotFound):
        confirm(outsider)
    assert confirm(clerk).acknowledged_at == MONDAY
    assert acknowledging.awaiting(rights_of(staff["anu"])).count() == 1


def test_late_confirmations_breach_the_due_date(circular, paper, clerk, staff):
    start(circular, paper, MONDAY)
    timers.sweep(now=at("2026-06-03 10:00"))
    assert HumanTask.objects.get().breached
    assert Notice.objects.filter(kind="sla.breached").count() == 6


def test_an_hour_of_chasing_two_hundred_people_asks_little_of_the_database(
    circular, paper, person, operations, django_assert_max_num_queries
):
    for number in range(200):
        user = person(f"operator{number}")
        Membership.objects.create(user=user, department=operations, role="clerk")
    with django_assert_max_num_queries(60):
        start(circular, paper, MONDAY)
    with django_assert_max_num_queries(40):
        timers.sweep(now=at("2026-06-01 11:00"))
    assert Acknowledgement.objects.filter(chased=1).count() == 201  # and the clerk
