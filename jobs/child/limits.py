"""What a child gives up before it touches a file: memory, core dumps, network, other programs.

Linux on x86-64 and ARM64 has all of it. Elsewhere the memory limit is what the system offers (macOS: none that holds)
and network and programs stay reachable; `apply` answers what it could not do, and the worker logs it once.
"""

import ctypes
import os
import platform
import resource
import signal
import struct
import sys

ADDRESS_ROOM = 1024  # MB beyond the memory limit for libraries, files mapped and stacks reserved
FILE_MB = 256
OPEN_FILES = 128

PR_SET_PDEATHSIG, PR_SET_DUMPABLE, PR_SET_SECCOMP, PR_SET_NO_NEW_PRIVS = 1, 4, 22, 38
SECCOMP_MODE_FILTER = 2
ALLOW, DENY, NO_SUCH_CALL = 0x7FFF0000, 0x00050000 | 1, 0x00050000 | 38  # errno EPERM, ENOSYS

X86_64, AARCH64 = 0xC000003E, 0xC00000B7
# numbers of system calls: (x86-64, ARM64), None where there is none
DENIED: dict[str, tuple[int | None, int | None]] = {
    "socket": (41, 198),
    "socketpair": (53, 199),
    "connect": (42, 203),
    "accept": (43, 202),
    "accept4": (288, 242),
    "bind": (49, 200),
    "listen": (50, 201),
    "sendto": (44, 206),
    "sendmsg": (46, 211),
    "sendmmsg": (307, 269),
    "execve": (59, 221),
    "execveat": (322, 281),
    "fork": (57, None),
    "vfork": (58, None),
    "ptrace": (101, 117),
    "process_vm_readv": (310, 270),
    "process_vm_writev": (311, 271),
    "pidfd_open": (434, 434),
    "pidfd_getfd": (438, 438),
    "pidfd_send_signal": (424, 424),
    "tkill": (200, 130),
    "io_uring_setup": (425, 425),
    "io_uring_enter": (426, 426),
    "unshare": (272, 97),
    "setns": (308, 268),
    "mount": (165, 40),
    "umount2": (166, 39),
    "pivot_root": (155, 41),
    "chroot": (161, 51),
    "keyctl": (250, 219),
    "add_key": (248, 217),
    "request_key": (249, 218),
    "bpf": (321, 280),
    "perf_event_open": (298, 241),
    "userfaultfd": (323, 282),
    "open_by_handle_at": (304, 265),
    "init_module": (175, 105),
    "finit_module": (313, 273),
    "kexec_load": (246, 104),
}
ONLY_ITSELF: dict[str, tuple[int, int]] = {
    "kill": (62, 129),
    "tgkill": (234, 131),
}  # signals to itself: abort() needs it
CLONE, CLONE3, CLONE_THREAD = (56, 220), (435, 435), 0x00010000


def apply(*, memory_mb: int, parent: int) -> list[str]:
    """Limit this process for good; what this system cannot limit, as sentences."""
    missing = []
    os.umask(0o077)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    _limit(resource.RLIMIT_NOFILE, OPEN_FILES)
    _limit(resource.RLIMIT_FSIZE, FILE_MB << 20)
    _limit(resource.RLIMIT_DATA, memory_mb << 20)
    _limit(resource.RLIMIT_AS, (memory_mb + ADDRESS_ROOM) << 20)
    if sys.platform != "linux":
        return ["Children may use the network and start programs here: this system has no seccomp."]
    libc = ctypes.CDLL(None, use_errno=True)
    libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    if os.getppid() != parent:
        os._exit(1)
    libc.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    libc.prctl(PR_SET_DUMPABLE, 0, 0, 0, 0)
    if not _filter_calls(libc):
        missing.append("Children may use the network and start programs here: seccomp is not available.")
    return missing


def _limit(what: int, value: int) -> None:
    """As low as asked, or what the system accepts."""
    _, hard = resource.getrlimit(what)
    if hard != resource.RLIM_INFINITY:
        value = min(value, hard)
    try:
        resource.setrlimit(what, (value, value))
    except (ValueError, OSError):
        pass


def _filter_calls(libc: ctypes.CDLL) -> bool:
    machine = {"x86_64": (X86_64, 0), "aarch64": (AARCH64, 1)}.get(platform.machine())
    if machine is None:
        return False
    code = program(*machine, pid=os.getpid())
    kept = ctypes.create_string_buffer(code, len(code))
    length = struct.pack("HxxxxxxP", len(code) // 8, ctypes.addressof(kept))
    return libc.prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, length, 0, 0) == 0


def program(arch: int, column: int, *, pid: int) -> bytes:
    """The filter as classic BPF. Loaded are: at 0 the call's number, 4 the architecture, 16 half of argument 0."""
    load, equal, at_least, mask_set, give = 0x20, 0x15, 0x35, 0x45, 0x06
    lines: list[tuple[int, int, int, int]] = [
        (load, 0, 0, 4),
        (equal, 1, 0, arch),
        (give, 0, 0, DENY),
        (load, 0, 0, 0),
    ]
    if arch == X86_64:
        lines += [(at_least, 0, 1, 0x40000000), (give, 0, 0, DENY)]  # the x32 twins of every call
    for numbers in DENIED.values():
        if (number := numbers[column]) is not None:
            lines += [(equal, 0, 1, number), (give, 0, 0, DENY)]
    lines += [(equal, 0, 1, CLONE3[column]), (give, 0, 0, NO_SUCH_CALL)]  # libc then uses clone, whose flags we can see
    lines += [(equal, 0, 4, CLONE[column]), (load, 0, 0, 16), (mask_set, 1, 0, CLONE_THREAD), (give, 0, 0, DENY)]
    lines += [(give, 0, 0, ALLOW)]
    for both in ONLY_ITSELF.values():
        lines += [(equal, 0, 4, both[column]), (load, 0, 0, 16), (equal, 1, 0, pid), (give, 0, 0, DENY)]
        lines += [(give, 0, 0, ALLOW)]
    lines += [(give, 0, 0, ALLOW)]
    return b"".join(struct.pack("HBBI", *line) for line in lines)
