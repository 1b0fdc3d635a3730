"""Whether the settings can be used, told before anything is started.

They are read in a process that ends with it: a supervisor lives long and has no other use for Django.
"""

import importlib
import multiprocessing
import os
from multiprocessing.connection import Connection
from pathlib import Path

from kmrl import environment as env
from kmrl.supervision import processes


class Unreadable(RuntimeError):
    """The settings cannot be read, and the environment is not the reason."""


def everything(data: Path, host: str) -> None:
    """What each process of the gateway on `data` will read. Raises BadSetting, Unreadable."""
    processes.web(host, processes.port())
    processes.workers("")
    _settings(data)


def _settings(data: Path) -> None:
    forked = multiprocessing.get_context("fork")
    hear, tell = forked.Pipe(duplex=False)
    reader = forked.Process(target=_read, args=(data, tell))
    reader.start()
    tell.close()
    try:
        problem = hear.recv()
    except EOFError:
        raise Unreadable("The settings cannot be read, by a fault of the gateway: what it is stands above.") from None
    finally:
        reader.join()
    if problem:
        raise env.BadSetting(problem)


def _read(data: Path, tell: "Connection[str, str]") -> None:
    os.environ["KMRL_DATA"] = str(data)
    try:
        importlib.import_module("kmrl.settings")
    except env.BadSetting as problem:
        tell.send(str(problem))
    else:
        tell.send("")
