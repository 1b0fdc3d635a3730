"""What administrators are notified of: alerts and jobs that were given up."""

from django.db import transaction
from django.utils import timezone

from accounts.models import HouseRole
from accounts.rights import rights_of
from jobs import finishing
from jobs.alerts import raising
from jobs.alerts.readings import Reading
from jobs.models import Alert, Job
from realtime.models import Notice
from tests.notifications.conftest import of, texts


def pressure(value: float, level: str = "error") -> Reading:
    return Reading(
        name="pressure", subject="boiler", value=value, threshold=10, calm=8, text="Open the valve.", level=level
    )


def test_an_alert_is_told_to_those_who_run_the_house_once_and_its_end_joins_it(administrator, clerk, auditor):
    raising.settle_now(pressure(11))
    raising.settle_now(pressure(12))
    (one,) = of(administrator)
    assert (one.text, one.detail, one.importance) == ("Alert: pressure (boiler)", "Open the valve.", "urgent")
    assert one.address == f"/admin/jobs/alert/{Alert.objects.get().pk}/change/"
    raising.settle_now(pressure(1))
    (one,) = of(administrator)
    assert (one.text, one.detail, one.importance) == ("Over: pressure (boiler)", "", "normal")
    assert Notice.objects.exclude(user=administrator).count() == 0


def test_a_warning_is_less_than_urgent(administrator):
    raising.settle_now(pressure(11, "warning"))
    assert of(administrator)[0].importance == "high"


def test_jobs_that_are_given_up_gather(administrator, clerk):
    jobs = [
        Job.objects.create(kind="document.index", queue="low", error_detail="Signal 11.", created_at=timezone.now())
        for _ in range(3)
    ]
    with transaction.atomic():
        finishing.tell_dead(jobs[:1])
    (one,) = of(administrator)
    assert (one.text, one.detail) == ("A job was given up: document.index", "Signal 11.")
    assert one.address == f"/admin/queue/jobs/{jobs[0].pk}/"
    with transaction.atomic():
        finishing.tell_dead(jobs[1:])
    assert texts(administrator) == ["3 jobs were given up"]
    assert Notice.objects.exclude(user=administrator).count() == 0


def test_who_no_longer_runs_the_house_reads_no_more_of_it(administrator):
    raising.settle_now(pressure(11))
    administrator.house_role = HouseRole.NONE
    administrator.save()
    assert not rights_of(administrator).runs_house
    (one,) = of(administrator)
    assert (one.text, one.detail, one.address, one.hidden) == (
        "An alert about the house, which you no longer look after", "", "", True,
    )  # fmt: skip
