"""What a host may choose wrongly is told in one sentence, by whatever is started, and before anything is."""

import json
import os
import subprocess
import sys

import pytest

from accounts import counting
from kmrl import environment as env
from kmrl import postbox, secret
from kmrl.supervision import one, processes
from tests.docs.test_readme import told as variables
from tests.house.gateways import PROJECT, environment, free_port

RECORD, BUS = "postgresql://kmrl:geheim@127.0.0.1:1/kmrl", "redis://:geheim@127.0.0.1:1/0"
GOOD_KEY = "x" * 32
READ = """
import json, os, sys
from pathlib import Path
import whitenoise.compress
import kmrl.admin_look, kmrl.database, kmrl.postbox, kmrl.secret  # once for all of them
from kmrl import environment as env
from kmrl.supervision import checking
said, before = [], dict(os.environ)
for case in json.load(sys.stdin):
    os.environ.clear()
    os.environ.update(before | case)
    try:
        checking.everything(env.folder("KMRL_DATA", Path("var")), "127.0.0.1")
        said.append("")
    except env.BadSetting as problem:
        said.append(str(problem))
print(json.dumps(said))
"""
REFUSED = [
    ({"KMRL_THROTTLE": "abc"}, "KMRL_THROTTLE is 'abc'; write how many"),
    ({"KMRL_THROTTLE": "0/min"}, "KMRL_THROTTLE is '0/min'; write how many"),
    ({"KMRL_THROTTLE": "٣/min"}, "KMRL_THROTTLE is '٣/min'; write how many"),
    ({"REDIS_URL": "nonsense"}, "REDIS_URL is 'nonsense'; write redis://"),
    ({"REDIS_URL": "redis://:geheim"}, "REDIS_URL is 'redis://:***'; write"),
    ({"REDIS_URL": "redis://:geheim@h:66666/0"}, "REDIS_URL is 'redis://:***@h:66666/0'; write"),
    ({"REDIS_URL": "redis://:geheim@h/first"}, "REDIS_URL is 'redis://:***@h/first'; write"),
    ({"REDIS_URL": "redis://h/0?db=first&password=geheim"}, "REDIS_URL is 'redis://h/0?db=first&password=***'; write"),
    ({"REDIS_URL": "unix://"}, "REDIS_URL is 'unix://'; write"),
    ({"DATABASE_URL": "mysql://u:geheim@h/d"}, "DATABASE_URL is 'mysql://u:***@h/d'; write postgresql://"),
    ({"DATABASE_URL": "postgresql://u:ge/heim@h/d"}, "DATABASE_URL is 'postgresql://u:***@h/d'; write"),
    ({"DATABASE_URL": "postgresql://u:geheim@h:five/d"}, "DATABASE_URL is 'postgresql://u:***@h:five/d'; write"),
    ({"DATABASE_URL": "postgresql://u:geheim@h"}, "DATABASE_URL is 'postgresql://u:***@h'; write"),
    (
        {"DATABASE_URL": RECORD + "?colour=red"},
        "DATABASE_URL is 'postgresql://kmrl:***@127.0.0.1:1/kmrl?colour=red' (",
    ),
    ({"KMRL_DB_POOL": "1"}, "KMRL_DB_POOL is 1; the least is 2."),
    ({"EMAIL_URL": "foo"}, "EMAIL_URL is 'foo'; write smtp://"),
    ({"EMAIL_URL": "smtp://u:geheim@h:99999"}, "EMAIL_URL is 'smtp://u:***@h:99999'; write"),
    ({"EMAIL_PORT": "99999"}, "EMAIL_PORT is 99999; the most is 65535."),
    ({"EMAIL_USE_TLS": "1", "EMAIL_USE_SSL": "1"}, "EMAIL_USE_TLS and EMAIL_USE_SSL are both true; write"),
    ({"DEFAULT_FROM_EMAIL": "nobody"}, "DEFAULT_FROM_EMAIL holds 'nobody'; write a mail address"),
    ({"KMRL_ALERT_EMAILS": "a@b.org, nobody"}, "KMRL_ALERT_EMAILS holds 'nobody'; write a mail address"),
    ({"KMRL_PORT": "99999"}, "KMRL_PORT is 99999; the most is 65535."),
    ({"KMRL_WEB_WORKERS": "0"}, "KMRL_WEB_WORKERS is 0; the least is 1."),
    ({"KMRL_ASGI_SERVER": "gunicorn"}, "KMRL_ASGI_SERVER is 'gunicorn'; write uvicorn, granian or daphne."),
    ({"KMRL_WORKERS_HIGH": "many"}, "KMRL_WORKERS_HIGH is 'many'; write a whole number, such as 1."),
    ({"KMRL_WORKERS_MIN": "3", "KMRL_WORKERS_MAX": "2"}, "KMRL_WORKERS_MAX is 2, and KMRL_WORKERS_MIN is 3; write"),
    ({"KMRL_MAX_UPLOAD_MB": "1e9"}, "KMRL_MAX_UPLOAD_MB is '1e9'; write a whole number, such as 100."),
    ({"KMRL_MAX_UPLOAD_MB": "٣"}, "KMRL_MAX_UPLOAD_MB is '٣'; write a whole number"),
    ({"KMRL_MAX_UPLOAD_MB": "1_000"}, "KMRL_MAX_UPLOAD_MB is '1_000'; write a whole number"),
    ({"KMRL_MAX_UPLOAD_MB": "9" * 5000}, "KMRL_MAX_UPLOAD_MB is '999"),
    ({"KMRL_EVENT_DAYS": "999999999"}, "KMRL_EVENT_DAYS is 999999999; the most is 36500."),
    ({"KMRL_LOG_LEVEL": "LOUD"}, "KMRL_LOG_LEVEL is 'LOUD'; write DEBUG, INFO, WARNING, ERROR or CRITICAL."),
    ({"KMRL_DEBUG": "maybe"}, "KMRL_DEBUG is 'maybe'; write true or false."),
    ({"KMRL_ALLOWED_HOSTS": "https://x.org"}, "KMRL_ALLOWED_HOSTS holds 'https://x.org'; write names only"),
    ({"KMRL_TRUSTED_ORIGINS": "x.org"}, "KMRL_TRUSTED_ORIGINS holds 'x.org'; write scheme and host"),
    ({"KMRL_TRUSTED_ORIGINS": "https://x.org/"}, "KMRL_TRUSTED_ORIGINS holds 'https://x.org/'; write scheme and host"),
    ({"KMRL_PUBLIC_URL": "x.org"}, "KMRL_PUBLIC_URL is 'x.org'; write an address such as https://papers.example.org."),
    ({"KMRL_REDIS_PREFIX": "a b*"}, "KMRL_REDIS_PREFIX is 'a b*'; write letters, digits"),
    ({"KMRL_S3_BUCKET": "a b"}, "KMRL_S3_BUCKET is 'a b'; write letters, digits"),
    ({"KMRL_S3_BUCKET": "b", "KMRL_S3_ENDPOINT": "minio:9000"}, "KMRL_S3_ENDPOINT is 'minio:9000'; write an address"),
    ({"KMRL_S3_ACCESS_KEY": "a"}, "KMRL_S3_SECRET_KEY is not set, and KMRL_S3_ACCESS_KEY is; set both or none."),
    ({"KMRL_DATA": "/etc/passwd/x"}, "KMRL_DATA is '/etc/passwd/x', and '/etc/passwd' is no folder; write"),
    ({"KMRL_DATA": "~nobody-of-that-name/x"}, "KMRL_DATA is '~nobody-of-that-name/x' (Could not"),
    ({"KMRL_ORIGINALS": "/etc/passwd"}, "KMRL_ORIGINALS is '/etc/passwd', and '/etc/passwd' is no folder; write"),
    (
        {"KMRL_REQUIRE_SECRET": "true"},
        "KMRL_SECRET_KEY is not set, and KMRL_REQUIRE_SECRET wants it; make one with",
    ),
    (
        {"KMRL_REQUIRE_SECRET": "true", "KMRL_SECRET_KEY": "geheim"},
        "KMRL_SECRET_KEY has 6 characters; the least is 32",
    ),
    (
        {"KMRL_REQUIRE_SECRET": "true", "KMRL_SECRET_KEY": GOOD_KEY, "KMRL_DEBUG": "true"},
        "KMRL_DEBUG is true, and so is KMRL_REQUIRE_SECRET: debug pages show secrets. Write false for KMRL_DEBUG.",
    ),
]
TAKEN = [
    {},
    dict.fromkeys(variables() - {"KMRL_DATA"}, ""),
    dict.fromkeys(variables() - {"KMRL_DATA"}, "  "),
    {"KMRL_MAX_UPLOAD_MB": " 5\r", "KMRL_DEBUG": "True ", "KMRL_LOG_LEVEL": "debug", "KMRL_ASGI_SERVER": "Daphne"},
    {"KMRL_ALLOWED_HOSTS": "*,.example.org,[::1],10.0.0.7", "KMRL_TRUSTED_ORIGINS": "https://*.x.org,http://x:81"},
    {"DATABASE_URL": "postgresql://kmrl@/kmrl?host=/run/pg&port=5433&sslmode=disable", "REDIS_URL": "unix:///r?db=2"},
    {"KMRL_REQUIRE_SECRET": "true", "KMRL_SECRET_KEY": GOOD_KEY, "DEFAULT_FROM_EMAIL": "The Gateway <g@x.org>"},
]
DOORS = {
    "manage.py": ["manage.py", "check"],
    "bin/up": ["-m", "kmrl.supervision"],
    "prepare": ["-m", "kmrl.supervision.one", "prepare"],
    "web": ["-m", "kmrl.supervision.one", "web"],
    "worker": ["-m", "kmrl.supervision.one", "worker-default"],
    "celery": ["-m", "celery", "-A", "kmrl", "worker"],
    "uvicorn": ["-m", "uvicorn", "kmrl.asgi:application"],
}


def started(tmp_path, arguments: list[str], given: str = "", **more: str) -> subprocess.CompletedProcess[str]:
    told = {"DATABASE_URL": RECORD, "REDIS_URL": BUS, "KMRL_PORT": str(free_port())} | more
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=PROJECT,
        env=environment(tmp_path / "data", **told),
        input=given,
        capture_output=True,
        text=True,
        timeout=120,
    )


@pytest.fixture(scope="module")
def sentences(tmp_path_factory) -> list[str]:
    """What is said to each of the cases; nothing where it is taken."""
    cases = [case for case, _ in REFUSED] + TAKEN
    done = started(tmp_path_factory.mktemp("settings"), ["-c", READ], json.dumps(cases))
    assert (done.returncode, done.stderr) == (0, "")
    return json.loads(done.stdout)


@pytest.mark.parametrize("number", range(len(REFUSED)), ids=lambda number: str(REFUSED[number][0])[:50])
def test_nonsense_is_refused_with_the_name_what_it_holds_and_what_to_write(sentences, number):
    said = sentences[number]
    assert said.startswith(REFUSED[number][1])
    assert "heim" not in said
    assert len(said.splitlines()) == 1


@pytest.mark.parametrize("number", range(len(TAKEN)))
def test_what_is_empty_counts_as_not_set_and_what_is_good_is_taken(sentences, number):
    assert sentences[len(REFUSED) + number] == ""


@pytest.mark.parametrize("door", DOORS)
def test_whatever_is_started_says_the_sentence_and_ends(tmp_path, door):
    done = started(tmp_path, DOORS[door], KMRL_THROTTLE="0/min")
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == "KMRL_THROTTLE is '0/min'; write how many (at least 1) in what time, such as 6000/min.\n"
    assert not (tmp_path / "data" / "services").exists()


def test_a_flag_that_is_on_by_default_stays_so_when_it_is_empty(monkeypatch):
    monkeypatch.setenv("KMRL_CHILD_PREWARM", "")
    assert env.flag("KMRL_CHILD_PREWARM", True) is True
    monkeypatch.setenv("KMRL_CHILD_PREWARM", "off")
    assert env.flag("KMRL_CHILD_PREWARM", True) is False


def test_rates_that_are_taken_are_those_that_throttles_understand(monkeypatch):
    assert env.PERIODS == counting.PERIODS
    for period in env.PERIODS:
        monkeypatch.setenv("KMRL_THROTTLE", f"7/{period}")
        assert counting.limit("caller", env.rate("KMRL_THROTTLE", "6000/min")).most == 7


def test_how_a_key_is_made_is_told_and_true(tmp_path, monkeypatch):
    monkeypatch.setenv("KMRL_REQUIRE_SECRET", "true")
    monkeypatch.setenv("KMRL_SECRET_KEY", "short")
    with pytest.raises(env.BadSetting) as refused:
        secret.key(tmp_path)
    script = str(refused.value).partition("python -c '")[2].removesuffix("'")
    made = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True).stdout.strip()
    monkeypatch.setenv("KMRL_SECRET_KEY", made)
    assert secret.key(tmp_path / "data") == made
    assert not (tmp_path / "data").exists()


def test_mail_addresses_are_read_as_they_were(monkeypatch):
    monkeypatch.setenv("KMRL_ALERT_EMAILS", "a@b.org, The Night <c@d.org>,")
    assert postbox.readers_of_alerts() == ["a@b.org", "The Night <c@d.org>"]


def test_who_has_no_worker_of_its_own_is_told(monkeypatch):
    for name in ("HIGH", "DEFAULT", "LOW"):
        monkeypatch.setenv(f"KMRL_WORKERS_{name}", "1")
    assert processes.without() == []
    monkeypatch.setenv("KMRL_WORKERS_HIGH", "0")
    assert processes.without() == ["KMRL_WORKERS_HIGH is 0: urgent work has no worker of its own here."]
    monkeypatch.setenv("KMRL_WORKERS_DEFAULT", "0")
    monkeypatch.setenv("KMRL_WORKERS_LOW", "0")
    assert processes.without() == [
        "KMRL_WORKERS_HIGH, _DEFAULT and _LOW are 0: no worker runs here, papers wait for one elsewhere."
    ]


def test_a_worker_without_hands_is_healthy_and_waits_to_be_stopped(tmp_path, monkeypatch):
    monkeypatch.setenv("KMRL_DATA", str(tmp_path))
    monkeypatch.setenv("KMRL_WORKERS_HIGH", "0")
    monkeypatch.setattr(one.signal, "pause", lambda: os._exit(3))
    waiting = os.fork()
    if not waiting:
        one.main(["worker-high"])
    assert os.waitstatus_to_exitcode(os.waitpid(waiting, 0)[1]) == 3
    with pytest.raises(SystemExit) as seen:
        one.main(["seen"])
    assert seen.value.code == 0
