"""A task that runs until it is stopped: what fails is reported and begun again, never silently gone."""

import asyncio
import logging
from collections.abc import Awaitable, Callable

AGAIN_SECONDS = 1.0

log = logging.getLogger(__name__)


class Kept:
    """Runs `work` on the running loop from now on."""

    def __init__(self, name: str, work: Callable[[], Awaitable[None]]) -> None:
        self._name, self._work, self._stopped = name, work, False
        self._task = self._begun()

    def _begun(self) -> asyncio.Task[None]:
        task = asyncio.ensure_future(self._keep())
        task.add_done_callback(self._ended)
        return task

    async def _keep(self) -> None:
        await self._work()

    def _ended(self, task: asyncio.Task[None]) -> None:
        if self._stopped or task.cancelled():
            return
        log.error("%s failed and is begun again.", self._name, exc_info=task.exception())
        asyncio.get_running_loop().call_later(AGAIN_SECONDS, self._again)

    def _again(self) -> None:
        if not self._stopped:
            self._task = self._begun()

    async def stop(self) -> None:
        """Returns when it has ended."""
        self._stopped = True
        while not self._task.done():
            self._task.cancel()
            await asyncio.wait([self._task], timeout=1.0)
