"""Who tests what where several test at once: a file stays with one worker, as by `--dist loadfile`, and besides

- all of `tests/browser` is one worker's, since it shares one gateway and that takes its time to start;
- files that start whole gateways come first, so that the run does not end with one of them alone; and only two of
  them are under way at once: gateways mostly wait, but with too many of them a small machine waits for itself.
"""

from xdist.scheduler import LoadFileScheduling
from xdist.workermanage import WorkerController

AT_ONCE = 2
BROWSER = "tests/browser"
HEAVY = (  # the longest first
    BROWSER,
    "tests/chaos/test_nothing_is_lost.py",
    "tests/faults/test_away.py",
    "tests/house/test_gateway.py",
    "tests/live/test_recovery.py",
    "tests/faults/test_first_start.py",
    "tests/live/test_web_servers.py",
    "tests/live/test_real_sockets.py",
    "tests/clients/test_examples.py",
    "tests/alerts/test_house.py",
)


class Lanes(LoadFileScheduling):
    """xdist's own, with another unit for the browser tests and another order of the units."""

    def _split_scope(self, nodeid: str) -> str:
        return BROWSER if nodeid.startswith(f"{BROWSER}/") else super()._split_scope(nodeid)

    def _assign_work_unit(self, node: WorkerController) -> None:
        self.workqueue.move_to_end(self._next_for(node), last=False)
        super()._assign_work_unit(node)

    def _next_for(self, node: WorkerController) -> str:
        """A heavy one unless others are busy with as many as may be; what is not heavy comes in its usual order."""
        heavy = [scope for scope in HEAVY if scope in self.workqueue]
        others = [scope for scope in self.workqueue if scope not in HEAVY]
        busy = sum(self._is_at_something_heavy(other) for other in self.nodes if other is not node)
        return (heavy + others if busy < AT_ONCE else others + heavy)[0]

    def _is_at_something_heavy(self, node: WorkerController) -> bool:
        units = self.assigned_work[node]
        return any(not all(units[scope].values()) for scope in HEAVY if scope in units)
