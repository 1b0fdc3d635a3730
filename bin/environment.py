"""Makes .venv and installs what requirements.txt lists: plain Python, run by whatever Python the machine has.

    environment.py runtime       what runs the gateway
    environment.py development   that, and what tests it
    environment.py --whole PART  does nothing; exit code 0 when nothing is to be done for the Python that runs it

Nothing is done when it was done before (a stamp holds the list's hash). Two starts at once wait for each other.
"""

import fcntl
import hashlib
import os
import pathlib
import subprocess
import sys

PROJECT = pathlib.Path(__file__).resolve().parent.parent
VENV = PROJECT / ".venv"
PYTHON = VENV / "bin" / "python"


def main(part: str) -> None:
    if is_whole(part) and works():
        return
    os.umask(0o022)  # the user who runs the private PostgreSQL for root must be able to read its programs
    VENV.mkdir(exist_ok=True)
    fcntl.flock(os.open(VENV, os.O_RDONLY), fcntl.LOCK_EX)  # until this process ends
    if not (is_whole(part) and works()):
        install(part)
        for name in {"runtime", part}:  # the development part holds the other
            (VENV / f".installed-{name}").write_text(mark_of(name))


def is_whole(part: str) -> bool:
    """Whether what is listed now was installed, by a Python of the version that runs this."""
    stamp = VENV / f".installed-{part}"
    return stamp.exists() and stamp.read_text() == mark_of(part)


def mark_of(part: str) -> str:
    return hashlib.sha256(f"{sys.version_info[:2]}\n{requirements(part)}".encode()).hexdigest()


def requirements(part: str) -> str:
    """The lines of requirements.txt up to `# development`, or all of them."""
    whole = (PROJECT / "requirements.txt").read_text()
    return whole if part == "development" else whole.partition("\n# development")[0] + "\n"


def works() -> bool:
    """Whether the environment's Python runs and is of our version."""
    question = "import sys; print(sys.version_info[:2])"
    try:
        said = subprocess.run([PYTHON, "-I", "-c", question], capture_output=True, text=True).stdout
    except OSError:
        return False
    return said.strip() == str(sys.version_info[:2])


def install(part: str) -> None:
    if not works():
        say("Making .venv …")
        run([sys.executable, "-m", "venv", "--clear", str(VENV)], "The environment cannot be made")
    listed = VENV / f"requirements-{part}.txt"
    listed.write_text(requirements(part))
    say("Installing packages (the first time only) …")
    pip = [PYTHON, "-m", "pip", "--disable-pip-version-check", "--no-input", "--no-cache-dir", "-q", "install"]
    run([*pip, itself(part)], "pip cannot be brought up to date")
    run([*pip, "--no-compile", "--progress-bar", "off", "-r", str(listed)], "The packages cannot be installed")
    compile_all(packages=part == "runtime")
    pack_static_files()


def itself(part: str) -> str:
    """The line that pins pip, which is installed before it installs the others."""
    return next(line for line in requirements(part).splitlines() if line.startswith("pip=="))


def compile_all(*, packages: bool) -> None:
    """On all cores at once, where pip has but one: else the first start did it, in each of its processes.

    It may do without. Of what the tests need most is never imported: what is, is compiled then.
    """
    folders = sorted(str(init.parent) for init in PROJECT.glob("*/__init__.py") if init.parent.name != "tests")
    if packages:
        folders += map(str, VENV.glob("lib/python*/site-packages"))
    subprocess.run([PYTHON, "-m", "compileall", "-q", "-j", "0", *folders], capture_output=True)


def pack_static_files() -> None:
    """For first starts to copy (`kmrl.static_files`). They may do without."""
    told = {"PATH": os.environ.get("PATH", os.defpath), "KMRL_DATA": str(VENV / "share" / "kmrl")}
    told["KMRL_SECRET_KEY"] = "only-while-static-files-are-packed"
    command = [PYTHON, PROJECT / "manage.py", "prepare", "--static-only"]
    subprocess.run(command, capture_output=True, env=told)


def run(command: list, sentence: str) -> None:
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    if done.returncode != 0:
        sys.exit(f"{done.stdout.strip()}\n{sentence}: see above. Is the network (or PIP_INDEX_URL) reachable?")


def say(text: str) -> None:
    print(text, flush=True)


if __name__ == "__main__":
    if sys.argv[1] == "--whole":
        sys.exit(not is_whole(sys.argv[2]))
    main(sys.argv[1])
