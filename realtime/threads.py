"""Database work for the event loop: in a few threads of its own, each giving its connection back when done."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import cache, partial
from typing import ParamSpec, TypeVar

from django.db import close_old_connections

THREADS = 4

Asked = ParamSpec("Asked")
Answer = TypeVar("Answer")


@cache
def _threads() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(THREADS, thread_name_prefix="live")


async def in_thread(call: Callable[Asked, Answer], *args: Asked.args, **kwargs: Asked.kwargs) -> Answer:
    """Run `call` beside the loop. What it raises is raised here."""
    return await asyncio.get_running_loop().run_in_executor(_threads(), partial(_tidily, call, *args, **kwargs))


def _tidily(call: Callable[Asked, Answer], *args: Asked.args, **kwargs: Asked.kwargs) -> Answer:
    try:
        return call(*args, **kwargs)
    finally:
        close_old_connections()
