"""How much memory this machine has."""

import os


def megabytes() -> int:
    """Of the whole machine, or of the container when its limit is lower; 2,048 where it cannot be told."""
    try:
        whole = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // 2**20
    except (ValueError, OSError):
        return 2048
    try:
        with open("/sys/fs/cgroup/memory.max") as file:
            return min(whole, int(file.read()) // 2**20)
    except (OSError, ValueError):  # no control group, or "max"
        return whole
