"""The child's main programme: `python -m jobs.child MEMORY_MB PARENT_PID PACKAGES [MODULE…]`.

Frames in, on standard input: `[function, args]`. Frames out, on what was standard output: any number of
`["progress", percent, step]`, then one of `["value", value, resident_mb]`, `["answer", code, detail, data]`,
`["memory"]`, `["error", text, traceback]`. The first frame out is `["ready", missing limits]`. Whatever the work itself
prints goes to standard error.
"""

import importlib
import inspect
import os
import sys
import traceback
from collections.abc import Callable
from typing import Any

from jobs.child import answers, frames, limits


def main(memory_mb: int, parent: int, packages: list[str], modules: list[str]) -> None:
    """Serve calls until standard input ends."""
    source, target = os.dup(0), os.dup(1)
    empty = os.open(os.devnull, os.O_RDONLY)
    os.dup2(empty, 0)
    os.dup2(2, 1)
    for module in modules:
        _import(module)
    missing = limits.apply(memory_mb=memory_mb, parent=parent)
    frames.write_all(target, frames.packed(["ready", missing]))
    reader, found = frames.Reader(), {}
    while data := os.read(source, 1 << 16):
        reader.feed(data)
        while (message := reader.next()) is not None:
            name, args = message
            if name not in found:
                found[name] = _function(name, packages)
            frames.write_all(target, _outcome(found[name], args, target))


def _import(module: str) -> None:
    """Ahead of the first call. A module that does not load says so when it is called."""
    try:
        importlib.import_module(module)
    except Exception:  # noqa: BLE001 (said on standard error, and again when it is called)
        traceback.print_exc()


def _function(name: str, packages: list[str]) -> Callable[..., Any]:
    """`package.module:function`, below an allowed package. What cannot be had becomes a function that says so."""
    module, _, function = name.partition(":")
    if not any(module == package or module.startswith(package + ".") for package in packages):

        def refused(*args: object) -> None:
            raise PermissionError(f"{name} is not below {', '.join(packages)}")

        return refused
    wanted: Callable[..., Any] = getattr(importlib.import_module(module), function)
    return wanted


def _outcome(function: Callable[..., Any], args: list[Any], target: int) -> bytes:
    """Call it; a parameter named `progress` gets a listener `(percent, step)`."""

    def progress(percent: int, step: str) -> None:
        frames.write_all(target, frames.packed(["progress", int(percent), str(step)]))

    named = {"progress": progress} if "progress" in _parameters(function) else {}
    try:
        return frames.packed(["value", function(*args, **named), resident_mb()])
    except MemoryError:
        return frames.packed(["memory"])
    except Exception as error:  # noqa: BLE001 (told to the worker, which logs it)
        if (answer := answers.as_answer(error)) is not None:
            return frames.packed(["answer", *answer])
        return frames.packed(["error", f"{type(error).__name__}: {error}"[:500], traceback.format_exc()[-8000:]])


_known: dict[Callable[..., Any], frozenset[str]] = {}


def _parameters(function: Callable[..., Any]) -> frozenset[str]:
    if function not in _known:
        _known[function] = frozenset(inspect.signature(function).parameters)
    return _known[function]


def resident_mb() -> int:
    """Memory of this process in MB; 0 where that is not told."""
    return 0 if _STATM is None else int(os.pread(_STATM, 64, 0).split()[1]) * _PAGE >> 20


def _opened(path: str) -> int | None:
    try:
        return os.open(path, os.O_RDONLY)
    except OSError:
        return None


_STATM, _PAGE = _opened("/proc/self/statm"), os.sysconf("SC_PAGESIZE")  # open for good: it is asked after every call


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]), sys.argv[3].split(","), sys.argv[4:])
