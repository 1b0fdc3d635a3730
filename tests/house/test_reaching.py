"""A service that does not let us in: the preparation ends with one sentence, the others say it once a minute."""

import io
import logging
import os
import subprocess
import sys
from urllib.parse import urlsplit, urlunsplit

import pytest
import redis
from django.conf import settings as configured
from django.core.management import CommandError, call_command

from accounts import counting
from kmrl import away, reaching
from kmrl.supervision.program import Program
from kmrl.supervision.supervisor import TOLD, Failed, Supervisor
from tests.house.gateways import PROJECT, environment, free_port

NOWHERE = "127.0.0.1:1"


def with_another_password(url: str) -> str:
    parts = urlsplit(url)
    return urlunsplit(parts._replace(netloc=f"{parts.username or ''}:geheim@{parts.netloc.rpartition('@')[2]}"))


def test_what_answers_is_reached_at_once(db, capsys):
    reaching.everything(patience=0)
    assert capsys.readouterr() == ("", "")


def test_who_waits_says_why_each_time_that_it_changes(monkeypatch, capsys):
    answers = iter(["refused", "refused", "wrong password", "", ""])
    monkeypatch.setattr(reaching, "PAUSE", 0)
    monkeypatch.setattr(reaching, "_problem", lambda ask: next(answers))
    reaching.everything(patience=600)
    said = capsys.readouterr().err.splitlines()
    assert [line.rpartition(": ")[2] for line in said] == ["refused; trying again.", "wrong password; trying again."]


@pytest.mark.parametrize("address", ["", f"redis://:geheim@{NOWHERE}/0"])
def test_a_redis_that_does_not_let_us_in_ends_the_preparation(db, settings, monkeypatch, address):
    settings.REDIS_URL = address or with_another_password(configured.REDIS_URL)
    monkeypatch.setattr(reaching.everything, "__defaults__", (0,))
    with pytest.raises(CommandError) as told:
        call_command("prepare")
    said = str(told.value)
    assert told.value.returncode == TOLD
    assert said.startswith("Redis cannot be reached at ")
    assert said.endswith(". Look at REDIS_URL, and whether it runs there.")
    assert "geheim" not in said and len(said.splitlines()) == 1


def test_a_postgresql_that_is_not_there_ends_the_preparation(tmp_path):
    script = "import kmrl.reaching as r, sys\nr.everything.__defaults__ = (0,)\n"
    script += "from django.core.management import execute_from_command_line as run\nrun(['manage.py', 'prepare'])"
    told = {"DATABASE_URL": f"postgresql://u:geheim@{NOWHERE}/kmrl", "DJANGO_SETTINGS_MODULE": "kmrl.settings"}
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=PROJECT, env=environment(tmp_path, **told), capture_output=True, text=True
    )
    assert (done.returncode, done.stdout) == (TOLD, "")
    assert done.stderr.startswith("CommandError: PostgreSQL cannot be reached at postgresql://u:***@127.0.0.1:1/kmrl: ")
    assert done.stderr.endswith("Connection refused. Look at DATABASE_URL, and whether it runs there.\n")
    assert done.stderr.count("\n") == 1


def test_the_supervisor_hands_on_the_sentence_of_a_task_and_nothing_else(tmp_path):
    script = (
        f"import sys; print('first', file=sys.stderr); print('CommandError: why', file=sys.stderr); sys.exit({TOLD})"
    )
    with Supervisor(tmp_path, lambda text: None) as supervisor:
        (tmp_path / "log").mkdir(exist_ok=True)
        task = Program("prepare", lambda: [sys.executable, "-c", script], dict(os.environ))
        with pytest.raises(Failed) as told:
            supervisor.finish(task)
    assert str(told.value) == "why"


@pytest.fixture
def said() -> io.StringIO:
    return io.StringIO()


@pytest.fixture
def logger(said, monkeypatch):
    """Any logger's handler as the settings make it, at a time that stands still until a test moves it."""
    handler = logging.StreamHandler(said)
    handler.addFilter(away.OnceAMinute())
    clock = [100.0]
    monkeypatch.setattr(away.time, "monotonic", lambda: clock[0])

    def log(name: str, level: int, text: str, *arguments: object, later: float = 0.0, exc_info: object = None) -> None:
        clock[0] += later
        record = logging.LogRecord(name, level, __file__, 1, text, arguments, exc_info)
        handler.handle(record)

    return log


def test_that_postgresql_is_away_is_said_once_a_minute_in_one_line(logger, said):
    for _ in range(5):
        logger("psycopg.pool", logging.WARNING, "error connecting in %r: %s", "pool-1", "refused\n\tIs it there?")
        logger("jobs.polling", logging.WARNING, "The poll could not reach PostgreSQL: %s", "late", later=10)
    assert said.getvalue() == "error connecting in 'pool-1': refused Is it there?\n"
    logger("jobs.polling", logging.WARNING, "The poll could not reach PostgreSQL: %s", "late", later=10)
    assert said.getvalue().count("\n") == 2


def test_that_redis_is_away_is_said_once_a_minute_without_a_traceback(logger, said):
    for _ in range(3):
        logger("celery.worker.consumer.consumer", logging.ERROR, "Cannot connect to %s", "redis://:**@h", later=1)
        try:
            raise ConnectionError
        except ConnectionError:
            where = sys.exc_info()
        logger("celery.worker.consumer.consumer", logging.WARNING, "Connection to broker lost.", exc_info=where)
    assert said.getvalue() == "Cannot connect to redis://:**@h\nConnection to broker lost.\n"


def test_everything_else_is_said_each_time(logger, said):
    for _ in range(2):
        logger("jobs.polling", logging.WARNING, "Could not sign off: %s", "why")
        logger("jobs.polling", logging.ERROR, "The poll stumbled")
        logger("psycopg.pool", logging.INFO, "a new connection")
        logger("documents", logging.WARNING, "PostgreSQL")
    assert said.getvalue().count("\n") == 8


def test_the_log_of_every_process_is_filtered(tmp_path):
    script = "import logging.config, kmrl.settings as s\nlogging.config.dictConfig(s.LOGGING)\n"
    script += "for _ in '12': logging.getLogger('psycopg.pool').warning('error connecting')\n"
    done = subprocess.run(
        [sys.executable, "-c", script],
        cwd=PROJECT,
        env=environment(tmp_path, KMRL_PORT=str(free_port())),
        capture_output=True,
        text=True,
    )
    assert done.stderr.count("error connecting") == 1


def test_a_web_server_says_that_redis_lets_it_in_no_more(monkeypatch, caplog):
    def refuse(name: str) -> None:
        raise redis.AuthenticationError("invalid username-password pair")

    monkeypatch.setattr(counting, "get_redis_connection", refuse)
    for _ in range(3):  # it is not asked again for a while
        with pytest.raises(counting.CountsAway):
            counting.take(counting.limit("caller", "60/min"), "somebody")
    counting.ask_again()
    said = [record.getMessage() for record in caplog.records if record.name in away.ABOUT_BUS]
    assert said == ["Redis is away (invalid username-password pair): nobody can sign in, and nothing is throttled."]
