"""docs/simulation: the arithmetic against a case worked by hand, and that the page shows what the program prints."""

import importlib.util
import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from types import ModuleType

import pytest

FOLDER = Path(__file__).resolve().parent.parent.parent / "docs" / "simulation"


@pytest.fixture(scope="module")
def planner() -> ModuleType:
    spec = importlib.util.spec_from_file_location("plan", FOLDER / "plan.py")
    module = importlib.util.module_from_spec(spec)
    sys.modules["plan"] = module
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def house(planner):
    """86,400 documents: one a second on the whole, two a second from 10 to 11 and the rest spread evenly."""
    busiest = 7200 / 86_400
    return planner.House(
        documents=86_400,
        shares=[busiest if hour == 10 else (1 - busiest) / 23 for hour in range(24)],
        pages=2,
        cpu_ms={"web": 100.0, "postgresql": 50.0, "extraction": 600.0, "workers": 100.0},
        statement_ms={"web": 200.0, "workers": 300.0},
        original_bytes=1_000_000,
        document_bytes=1_000,
        page_bytes=4_500,
        job_bytes=500,
        event_bytes=250,
        wal_bytes=20_000,
        events=2,
        frame_bytes=500,
        busy=0.5,
        wait=30.0,
        sockets=300,
        departments=15,
    )


def test_cores_are_rate_times_cost_by_how_busy_they_may_be(planner, house):
    found = planner.plan(house)
    assert found["documents a second, mean"] == 1
    assert found["documents a second, busiest hour"] == 2
    assert found["cores, web"] == pytest.approx(2 * 0.1 / 0.5)
    assert found["cores, extraction"] == pytest.approx(2.4)
    assert found["cores, all"] == pytest.approx(2 * 0.85 / 0.5)
    assert found["connections in use"] == pytest.approx(2 * 0.5 / 0.5)
    assert found["web processes"] == 2  # 0.4 cores, and one may die


def test_one_hand_of_a_second_leaves_an_hours_worth_of_waiting(planner, house):
    """A hand does one a second, from 10 to 11 two come: 3,600 wait at 11, the last of them for an hour."""
    day = planner.play(house, 1)
    assert house.hand_ms == 1000
    assert (day.longest_queue, day.at_minute) == (pytest.approx(3600), 10 * 60 + 59)
    assert day.longest_wait == pytest.approx(3600)
    assert day.queue_by_hour[9] == 0 and day.queue_by_hour[10] == pytest.approx(3600)
    assert day.queue_by_hour[11] == pytest.approx(3600 - 3600 * (1 - (1 - 1 / 12) / 23 * 24))


def test_two_hands_are_the_fewest_with_which_nobody_waits(planner, house):
    assert planner.least_hands(house) == 2
    assert planner.play(house, 2).longest_wait == 0
    assert planner.least_hands(replace(house, wait=3600.1)) == 1
    assert planner.least_hands(replace(house, documents=86_400 * 5, wait=1e9)) == 5  # or the day's work never ends


def test_storage_log_and_events(planner, house):
    found = planner.plan(house)
    assert found["originals a day, GB"] == pytest.approx(86.4)
    assert found["PostgreSQL a day, GB"] == pytest.approx(0.864)
    assert found["PostgreSQL after a year, TB"] == pytest.approx((365 * 864 + 30 * 43.2 + 30 * 43.2) * 1e6 / 1e12)
    assert found["WAL a day, GB"] == pytest.approx(1.728)
    assert found["WAL, busiest hour, MB/s"] == pytest.approx(0.04)
    assert found["events a second, busiest hour"] == 4
    assert found["frames a second to sockets"] == 80  # four events, twenty pages of a department
    assert found["Mbit/s to sockets"] == pytest.approx(80 * 500 * 8 / 1e6)


def test_stacks_are_as_many_documents_in_all_and_make_queues(planner, house):
    stacks = replace(house, stack=200)
    assert sum(planner.arrivals(stacks)) == pytest.approx(86_400)
    assert max(planner.arrivals(stacks)) > 5 * max(planner.arrivals(house))
    assert planner.arrivals(stacks) == planner.arrivals(replace(stacks)) != planner.arrivals(replace(stacks, seed=2))
    assert planner.play(stacks, 2).longest_wait > planner.play(house, 2).longest_wait


def test_the_busiest_hour_can_be_asked_for(planner):
    shares = planner.shares_of([1, 1, 2], 0.8)
    assert shares == pytest.approx([0.1, 0.1, 0.8])
    assert planner.shares_of([1, 1, 2], None) == [0.25, 0.25, 0.5]


def test_the_page_shows_what_the_program_prints(planner):
    done = subprocess.run(
        [sys.executable, "-I", str(FOLDER / "plan.py"), "--documents", "1000000"],
        capture_output=True,
        text=True,
        check=True,
    )
    page = (FOLDER / "README.md").read_text()
    assert done.stdout.strip() in page
    assert planner.readme_with(done.stdout.strip(), page) == page


def test_every_measured_figure_says_where_it_comes_from(planner):
    measured = json.loads((FOLDER / "measured.json").read_text())
    figures = [one for value in measured.values() for one in (value.values() if isinstance(value, dict) else [value])]
    assert all(len(one) == 2 and isinstance(one[1], str) and one[1] for one in figures)
    more = planner.house_of(measured, planner.parser().parse_args(["--pages", "20"]))
    less = planner.house_of(measured, planner.parser().parse_args([]))
    assert planner.plan(more)["cores, all"] > planner.plan(less)["cores, all"]
