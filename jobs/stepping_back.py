"""Workers step back for uploads and pages on the same machine."""

import os
from contextlib import suppress
from pathlib import Path

GROUP = Path("/proc/self/autogroup")


def step_back(by: int) -> None:
    """From now on this process, and what it starts, yields to others by so much (`nice`, 0 to 19).

    Where Linux shares the processor among sessions (sched(7), "The autogroup feature"), `nice` alone counts only within
    one: the session steps back too, when it is ours alone. Children that read papers lead sessions of their own, which
    do not: with them, uploads beside their work were hardly quicker and papers a tenth slower (two rounds in turn).
    """
    os.nice(by)
    if os.getsid(0) == os.getpid():
        with suppress(OSError):  # a kernel without it, or one that does not let us
            GROUP.write_text(str(by))
