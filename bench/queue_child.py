"""What a child process does for the benchmark."""

import time


def spin(seconds: float) -> int:
    """Use the processor for so many seconds of its own time, as the other queues' jobs do."""
    until, turned = time.thread_time() + seconds, 0
    while time.thread_time() < until:
        for number in range(300):
            turned += number * number
    return turned
