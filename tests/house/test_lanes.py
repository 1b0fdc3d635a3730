"""Who tests what where several test at once (`tests/lanes.py`)."""

from types import SimpleNamespace

import pytest

from tests.house.gateways import PROJECT
from tests.lanes import AT_ONCE, BROWSER, HEAVY, Lanes

STARTS_ONE = ("Instance(tmp", "Instance(room", "= Gateway(")
PLAIN = ["tests/accounts/test_a.py", "tests/work/test_b.py", "tests/work/test_c.py", "tests/work/test_d.py"]


class Worker:
    """A worker of xdist's that only notes what it is given, by place in the collection."""

    def __init__(self) -> None:
        self.given: list[int] = []
        self.shutting_down = False
        self.gateway = SimpleNamespace(id="any")

    def send_runtest_some(self, places: list[int]) -> None:
        self.given += places

    def shutdown(self) -> None:
        self.shutting_down = True


def begun(tests: list[str], *, workers: int) -> tuple[Lanes, list[Worker]]:
    option = SimpleNamespace(loadscopereorder=False)
    scheduling = Lanes(SimpleNamespace(getvalue=lambda name: ["popen"] * workers, option=option))
    found = [Worker() for _ in range(workers)]
    for one in found:
        scheduling.add_node(one)
        scheduling.add_node_collection(one, tests)
    scheduling.schedule()
    return scheduling, found


def finish(scheduling: Lanes, workers: list[Worker], tests: list[str]) -> list[tuple[str, ...]]:
    """Let each worker end one test after the other; what was under way at each moment, the scopes of it."""
    done = [0 for _ in workers]
    seen = []
    while any(len(one.given) > count for one, count in zip(workers, done, strict=True)):
        now = [one.given[count] for one, count in zip(workers, done, strict=True) if len(one.given) > count]
        seen.append(tuple(scheduling._split_scope(tests[place]) for place in now))
        for number, one in enumerate(workers):
            if len(one.given) > done[number]:
                done[number] += 1
                scheduling.mark_test_complete(one, one.given[done[number] - 1])
    return seen


def several(*files: str) -> list[str]:
    return [f"{file}::test_{number}" for file in files for number in range(4)]


def test_heavy_ones_come_first_never_more_than_two_at_once_and_everything_is_done_once():
    tests = several(*PLAIN, f"{BROWSER}/test_live.py", f"{BROWSER}/test_pages.py", *HEAVY[1:6])
    scheduling, workers = begun(tests, workers=3)
    first = finish(scheduling, workers, tests)
    assert sorted(place for one in workers for place in one.given) == list(range(len(tests)))
    assert first[0] == (HEAVY[0], HEAVY[1], PLAIN[0])
    assert max(len([scope for scope in now if scope in HEAVY]) for now in first) == AT_ONCE
    (browsers,) = [one for one in workers if any(tests[place].startswith(BROWSER) for place in one.given)]
    assert [tests[place] for place in browsers.given][:8] == [test for test in tests if test.startswith(BROWSER)]


def test_where_nothing_but_heavy_ones_is_left_nobody_waits():
    tests = several(*HEAVY[1:4])
    scheduling, workers = begun(tests, workers=3)
    finish(scheduling, workers, tests)
    assert [len(one.given) for one in workers] == [4, 4, 4]


@pytest.mark.parametrize("workers", [1, 2])
def test_fewer_workers_do_it_all_as_well(workers):
    tests = several(*PLAIN, *HEAVY[1:3])
    scheduling, found = begun(tests, workers=workers)
    finish(scheduling, found, tests)
    assert sorted(place for one in found for place in one.given) == list(range(len(tests)))


def test_each_file_that_starts_a_gateway_is_known_as_heavy_and_none_that_is_gone():
    files = [*(PROJECT / "tests").rglob("test_*.py"), *(PROJECT / "tests").rglob("conftest.py")]
    starting = {
        file for file in files if file.name != "test_lanes.py" and any(word in file.read_text() for word in STARTS_ONE)
    }
    by = {file.relative_to(PROJECT).as_posix() for file in starting if file.name != "conftest.py"}
    by |= {"tests/clients/test_examples.py", BROWSER}  # their conftest.py starts it
    assert {file.parent.name for file in starting if file.name == "conftest.py"} == {"clients", "browser"}
    assert by - {"tests/soak/test_soak.py"} == set(HEAVY)
