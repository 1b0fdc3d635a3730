"""Processes that end when we do, however that happens."""

import os
import sys

from bench.instance import PROJECT


def to_us() -> list[str]:
    """What is begun with this in front is asked to end when this process has ended."""
    launch = str(PROJECT / "kmrl" / "embedded" / "launch.py")
    return [sys.executable, "-I", "-S", launch, "--parent", str(os.getpid()), "--death", "TERM", "--"]
