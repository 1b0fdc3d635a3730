"""Work that kills whoever does it is given up after the set number of deaths, with the last that was said."""

from django.db import transaction

from jobs import enqueueing, last_words
from jobs.models import Job
from realtime.models import Event
from tests.faults import worker_app


def test_a_job_that_kills_its_workers_is_dead_with_their_last_words_and_takes_no_other_with_it(supervisor, hands):
    worker_app.register()
    hands("tests.faults.worker_app", KMRL_WORKERS_DEFAULT="1").start()
    with transaction.atomic():
        orders = [enqueueing.Order(kind="faults.poison", payload={"poison": n == 2}) for n in range(4)]
        first, second, poison, last = enqueueing.enqueue_many(orders)

    def ended() -> bool:
        return not Job.objects.exclude(state__in=["dead", "succeeded"]).exists()

    assert supervisor.wait_until(ended, seconds=90)
    poison.refresh_from_db()
    assert (poison.state, poison.error_code, poison.attempt) == ("dead", "worker_died", worker_app.MOST)
    deaths = 1 + worker_app.MOST  # the first, in company, says nothing of it
    assert [failure["code"] for failure in poison.failures] == ["worker_died"] * deaths
    for failure in poison.failures:
        assert f"page 17 of {poison.pk} looks odd" in failure["log"]
    assert len({failure["worker"] for failure in poison.failures}) == deaths
    assert {Job.objects.get(pk=good.pk).state for good in (first, second, last)} == {"succeeded"}
    assert Event.objects.filter(type="job.dead", data__id=str(poison.pk)).count() == 1
    assert next(child for child in supervisor.children).starts > deaths


def test_the_last_words_are_those_of_that_process_alone(settings, tmp_path):
    settings.KMRL_DATA = tmp_path
    (tmp_path / "log").mkdir()
    said = ["=== process 7 ===", "old", "=== process 9 ===", *(f"line {n}" for n in range(30)), "=== process 7 ==="]
    (tmp_path / "log" / "worker-default.log").write_text("\n".join([*said, "newest", ""]))
    host = last_words.presence.mine().host[:48]
    assert last_words.of(f"{host}:9:1").splitlines() == [f"line {n}" for n in range(10, 30)]
    assert last_words.of(f"{host}:7:1") == "newest"
    assert last_words.of(f"{host}:8:1") == last_words.of("elsewhere:9:1") == last_words.of("w") == ""
