"""What the tests have children do. Runs in a child: no Django here."""

import ctypes
import os
import resource
import socket
import subprocess
import sys
import threading
import time

from jobs.child.answers import Answer


class Unreadable(Exception):
    """As an extraction's own: counts as an answer by its `code` and `detail`."""

    code = "encrypted"
    detail = "This file asks for a password."


def echo(value):
    return value


def environment():
    return {"environment": dict(os.environ), "folder": os.getcwd(), "inside": os.listdir(".")}


def no(code):
    raise Answer("It cannot be read.", code=code, data={"page": 3})


def unreadable():
    raise Unreadable


def broken():
    return {}["nothing"]


def hang():
    while True:
        time.sleep(1)


def spin():
    while True:
        pass


def crash():
    sys.stderr.write("about to fall\n")
    sys.stderr.flush()
    os.abort()


def segfault():
    ctypes.string_at(0)


def hog():
    kept = []
    while True:
        kept.append(bytearray(16 << 20))


def chatter():
    for _ in range(20_000):
        print("a parser that talks and talks on standard output, which is not ours to break")
    return "done"


def tells(steps, progress):
    for number in range(steps):
        progress(100 * number // steps, f"page {number}")
    return steps


def tells_slowly(steps, progress):
    for number in range(steps):
        time.sleep(0.2)
        progress(100 * number // steps, f"page {number}")
    return steps


def _refused(attempt):
    try:
        attempt()
    except PermissionError:
        return "refused"
    except OSError as error:
        return f"other: {error}"
    return "allowed"


def reach_out():
    """What a taken-over parser would try."""
    done = []
    thread = threading.Thread(target=lambda: done.append("ran"))
    thread.start()
    thread.join()
    return {
        "internet": _refused(lambda: socket.socket(socket.AF_INET, socket.SOCK_STREAM)),
        "internet6": _refused(lambda: socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)),
        "unix": _refused(lambda: socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)),
        "program": _refused(lambda: subprocess.run(["/bin/true"])),
        "fork": _refused(os.fork),
        "kill others": _refused(lambda: os.kill(os.getppid(), 0)),
        "threads": done,
        "core": resource.getrlimit(resource.RLIMIT_CORE),
    }


def write_much():
    with open("big", "wb") as file:
        for _ in range(400):
            file.write(bytes(1 << 20))
