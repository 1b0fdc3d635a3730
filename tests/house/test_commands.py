"""The commands that a stranger types, and what they start."""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from kmrl import environment as env
from kmrl import secret, static_files
from kmrl.supervision import processes
from tests.browser.conftest import BROWSERS
from tests.house.gateways import PROJECT


def in_bash(script: str, path: str, where: Path = PROJECT) -> subprocess.CompletedProcess[str]:
    return subprocess.run(["/bin/bash", "-c", script], cwd=where, env={"PATH": path}, capture_output=True, text=True)


@pytest.fixture
def machine(tmp_path) -> Path:
    """A PATH on which only what a test puts there can be found."""
    (tmp_path / "bin").mkdir()
    return tmp_path / "bin"


@pytest.fixture
def clone(tmp_path) -> Path:
    """The project's commands in a folder in which nothing was installed."""
    shutil.copytree(PROJECT / "bin", tmp_path / "clone" / "bin")
    shutil.copy(PROJECT / "requirements.txt", tmp_path / "clone")
    return tmp_path / "clone"


def put_python(machine: Path, *, old: bool, venv: bool) -> None:
    """A Python that answers the two questions as one of that kind would."""
    script = f"""#!/bin/sh
    case "$*" in
      *version_info*) exit {int(old)} ;;
      *venv*) exit {int(not venv)} ;;
      *) echo Python 3.{"9" if old else "12"}.1 ;;
    esac
    """
    (machine / "python3").write_text(script)
    (machine / "python3").chmod(0o755)


def test_without_a_python_that_is_new_enough_one_sentence_says_what_to_install(machine, clone):
    put_python(machine, old=True, venv=True)
    for script in ("bin/up", "bin/test"):
        done = in_bash(f"cd() {{ :; }}; dirname() {{ :; }}; . {script}", str(machine), clone)
        assert done.returncode == 1
        assert done.stderr.startswith("KMRL Gateway needs Python 3.11 or newer: install it")
        assert done.stderr.count("\n") == 1


def test_without_venv_one_sentence_says_what_to_install(machine):
    put_python(machine, old=False, venv=False)
    done = in_bash(". bin/python.sh", str(machine))
    assert done.returncode == 1
    assert done.stderr == (
        "This Python (Python 3.12.1) lacks venv: install it (Debian and Ubuntu: apt install python3-venv).\n"
    )


def test_a_fit_python_is_found(machine):
    put_python(machine, old=False, venv=True)
    done = in_bash('. bin/python.sh; echo "$python"', str(machine))
    assert (done.returncode, done.stdout, done.stderr) == (0, "python3\n", "")


def test_what_is_installed_is_started_without_a_look_for_a_python(machine, clone):
    """The questions to the machine's Pythons took a third of a second of each start."""
    (clone / ".venv" / "bin").mkdir(parents=True)
    ours = clone / ".venv" / "bin" / "python"
    ours.write_text(f'#!/bin/sh\ncase "$*" in *--whole*) exec {sys.executable} "$@" ;; *) echo "starts $*" ;; esac\n')
    ours.chmod(0o755)
    whole = "cd() { :; }; dirname() { :; }; . bin/up"
    assert "needs Python 3.11" in in_bash(whole, str(machine), clone).stderr  # nothing is installed
    stamp = clone / ".venv" / ".installed-runtime"
    mark = "import sys; sys.path.insert(0, 'bin'); import environment; print(environment.mark_of('runtime'), end='')"
    stamp.write_text(subprocess.check_output([sys.executable, "-B", "-c", mark], cwd=clone, text=True))
    done = in_bash(whole, str(machine), clone)
    assert (done.returncode, done.stdout, done.stderr) == (0, "starts -m kmrl.supervision\n", "")
    asked = in_bash(f"KMRL_PYTHON=none; {whole}", str(machine), clone)
    assert "needs Python 3.11" in asked.stderr  # who names a Python is asked for it
    (clone / "requirements.txt").write_text("another==1\n")
    assert "needs Python 3.11" in in_bash(whole, str(machine), clone).stderr


def test_what_is_given_to_the_first_command_is_answered_and_starts_nothing():
    asked = in_bash("bin/up --help", os.environ["PATH"])
    assert asked.returncode == 0
    assert "KMRL_PORT" in asked.stdout and "bin/up --help" in asked.stdout
    assert not any(line.startswith(("#", "set")) for line in asked.stdout.splitlines())
    wrong = in_bash("bin/up 8001", os.environ["PATH"])
    assert (wrong.returncode, wrong.stdout) == (2, "")
    assert "8001" in wrong.stderr and "README" in wrong.stderr


def test_the_gateway_installs_nothing_that_only_tests_need():
    runtime, _, development = (PROJECT / "requirements.txt").read_text().partition("\n# development\n")
    assert "Django==" in runtime
    assert "pytest" not in runtime
    assert "pytest==" in development
    assert runtime.splitlines()[2].startswith("pip==")  # it installs the others
    assert all(re.fullmatch(r"#.*|\S+==\S+|", line) for line in (runtime + development).splitlines())


def put(machine: Path, name: str, script: str = "") -> Path:
    """A command of that name."""
    (machine / name).write_text(f"#!/bin/sh\n{script}\n")
    (machine / name).chmod(0o755)
    return machine / name


def test_the_browser_without_a_window_is_taken_before_others(machine):
    """By the command and by the tests alike; one that is named before either."""
    put(machine, "fc-list", "echo Noto Sans Malayalam")
    put(machine, "id", "echo 0")
    found = '. bin/browser.sh; browser_is_found; echo "$KMRL_CHROMIUM"'
    for name in reversed(BROWSERS):
        put(machine, name)
        assert in_bash(found, str(machine)).stdout == f"{machine / name}\n"
    assert in_bash(f"KMRL_CHROMIUM=/here/it/is; {found}", str(machine)).stdout == "/here/it/is\n"


def test_where_a_browser_is_missing_the_one_without_a_window_is_installed(machine):
    """And where the system knows none of that name, the whole one."""
    put(machine, "id", "echo 0")
    known, asked = machine.parent / "known", machine.parent / "asked"
    put(
        machine,
        "apt-get",
        f"""echo "$*" >> {asked}
        case "$*" in
          *-shell) name=chromium-headless-shell; [ -e {known} ] || exit 100 ;;
          *chromium) name=chromium ;;
          *) exit 0 ;;
        esac
        : > {machine}/$name && chmod 755 {machine}/$name""",
    )
    for name in ("env", "chmod"):
        (machine / name).symlink_to(shutil.which(name) or "")
    whole = in_bash('. bin/browser.sh; browser_is_found; echo "$KMRL_CHROMIUM"', str(machine))
    assert whole.stdout.splitlines()[-1] == f"{machine}/chromium"
    (machine / "chromium").unlink()
    known.touch()
    shell = in_bash('. bin/browser.sh; browser_is_found; echo "$KMRL_CHROMIUM"', str(machine))
    assert shell.stdout.splitlines()[-1] == f"{machine}/chromium-headless-shell"
    assert "fonts-noto-core" in asked.read_text()


def test_without_a_browser_tests_are_skipped_with_a_reason_except_in_ci(machine):
    put(machine, "id", "echo 0")
    put(machine, "fc-list", "echo Noto Sans Malayalam")
    look = '. bin/browser.sh; browser_is_found && echo "found <$KMRL_CHROMIUM> <$KMRL_NO_BROWSER>"'
    skipped = in_bash(look, str(machine))
    assert skipped.returncode == 0
    assert "found <> <no Chromium here and none could be installed" in skipped.stdout
    put(machine, "apt-get", "exit 100")
    refused = in_bash(f"CI=true; {look}", str(machine))
    assert refused.returncode == 1
    assert "could not be installed." in refused.stdout
    assert "cannot run: no Chromium here" in refused.stderr


def test_ci_only_calls_bin_test():
    lines = (PROJECT / ".ci" / "run").read_text().splitlines()
    assert len(lines) == 2
    assert "bin/test" in lines[1]
    for place in ("bin/up", "bin/test", ".ci/run"):
        assert os.access(PROJECT / place, os.X_OK)


def test_each_queue_has_a_worker_that_hears_what_is_more_urgent(monkeypatch):
    for name in ("HIGH", "DEFAULT", "LOW"):
        monkeypatch.delenv(f"KMRL_WORKERS_{name}", raising=False)
    heard = {name: command[command.index("--queues") + 1] for name, command in processes.workers("x").items()}
    assert heard == {"worker-high": "high", "worker-default": "default,high", "worker-low": "low,default,high"}


def test_hands_are_the_hosts_choice(monkeypatch):
    monkeypatch.setenv("KMRL_WORKERS_DEFAULT", "7")
    monkeypatch.setenv("KMRL_WORKERS_LOW", "0")
    found = processes.workers("x")
    assert set(found) == {"worker-high", "worker-default"}
    command = found["worker-default"]
    assert command[command.index("--concurrency") + 1] == "7"
    monkeypatch.setenv("KMRL_WORKERS_HIGH", "many")
    with pytest.raises(env.BadSetting, match="KMRL_WORKERS_HIGH is 'many'; write a whole number"):
        processes.workers("x")


def test_the_web_server_is_the_hosts_choice(monkeypatch):
    monkeypatch.delenv("KMRL_ASGI_SERVER", raising=False)
    assert "kmrl.supervision.serving" in processes.web("127.0.0.1", 8000)
    monkeypatch.setenv("KMRL_ASGI_SERVER", "granian")
    assert "granian" in processes.web("127.0.0.1", 8000)
    monkeypatch.setenv("KMRL_ASGI_SERVER", "daphne")
    assert processes.web("0.0.0.0", 80)[1:] == ["-m", "daphne", "-b", "0.0.0.0", "-p", "80", "kmrl.asgi:application"]
    monkeypatch.setenv("KMRL_ASGI_SERVER", "gunicorn")
    with pytest.raises(env.BadSetting, match="write uvicorn, granian or daphne"):
        processes.web("127.0.0.1", 8000)


def test_a_secret_is_made_once_and_closed(tmp_path):
    first = secret.kept_at(tmp_path / "below" / "key")
    assert len(first) >= 64
    assert secret.kept_at(tmp_path / "below" / "key") == first
    assert (tmp_path / "below" / "key").stat().st_mode & 0o777 == 0o600
    assert [place.name for place in (tmp_path / "below").iterdir()] == ["key"]


@pytest.fixture
def static(settings, tmp_path, monkeypatch) -> Iterator[Path]:
    """The folder of what is collected from `mine` beside it; the installation packed nothing."""
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "a.css").write_text("p { color: red }")
    settings.STATICFILES_DIRS = [tmp_path / "mine"]
    settings.STATICFILES_FINDERS = ["django.contrib.staticfiles.finders.FileSystemFinder"]
    settings.STATIC_ROOT = tmp_path / "static"
    settings.STORAGES = settings.STORAGES | {
        "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"}
    }
    monkeypatch.setattr(static_files, "READY", tmp_path / "ready")
    static_files.finders.get_finder.cache_clear()
    yield tmp_path / "static"
    static_files.finders.get_finder.cache_clear()


def test_static_files_are_collected_only_when_one_changed(static):
    assert static_files.collect() is True
    assert static_files.collect() is False
    assert {"a.css", "staticfiles.json", ".collected"} <= {place.name for place in static.iterdir()}
    (static.parent / "mine" / "a.css").write_text("p { color: green }")
    assert static_files.collect() is True
    assert "green" in (static / "a.css").read_text()
    assert not list(static.parent.glob("static.*"))


def test_what_the_installation_packed_is_taken_while_it_is_of_the_same_files(static, monkeypatch):
    assert static_files.collect() is True
    packed = {place.relative_to(static): place.read_bytes() for place in static.rglob("*") if place.is_file()}
    static.rename(static_files.READY)
    with monkeypatch.context() as patch:
        patch.setattr(static_files, "_pack", None)
        assert static_files.collect() is True
    assert {place.relative_to(static): place.read_bytes() for place in static.rglob("*") if place.is_file()} == packed
    (static.parent / "mine" / "a.css").write_text("p { color: green }")
    assert static_files.collect() is True
    assert "green" in (static / "a.css").read_text()


def test_what_the_installation_packed_may_go_away_meanwhile(static, monkeypatch):
    assert static_files.collect() is True
    static.rename(static_files.READY)

    def half(ready: Path, fresh: Path, **_: object) -> None:
        fresh.mkdir()
        raise FileNotFoundError(ready)

    monkeypatch.setattr(static_files.shutil, "copytree", half)
    assert static_files.collect() is True
    assert (static / "a.css").read_text() == "p { color: red }"


def test_a_bad_setting_is_one_sentence_and_starts_nothing(tmp_path):
    done = subprocess.run(
        [sys.executable, "-m", "kmrl.supervision"],
        cwd=PROJECT,
        env={"KMRL_DATA": str(tmp_path / "data"), "KMRL_PORT": "eighty"},
        capture_output=True,
        text=True,
        timeout=30,
    )
    assert (done.returncode, done.stderr) == (1, "KMRL_PORT is 'eighty'; write a whole number, such as 8000.\n")
    assert not (tmp_path / "data" / "services").exists()
