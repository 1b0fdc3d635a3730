"""What is logged while PostgreSQL or Redis is away: a line a minute that says why, instead of one for every attempt."""

import logging
import time

EVERY = 60.0  # seconds
RECORD = "PostgreSQL"
ABOUT_RECORD = {"psycopg.pool", "jobs.polling", "jobs.running", "jobs.heartbeat", "jobs.alerts.lookout"}
ABOUT_BUS = {"accounts.counting", "celery.worker.consumer.consumer", "celery.beat", "jobs.waking"}


class OnceAMinute(logging.Filter):
    """For a handler. Everything else passes."""

    def __init__(self) -> None:
        super().__init__()
        self._told: dict[str, float] = {}

    def filter(self, record: logging.LogRecord) -> bool:
        subject = _subject(record)
        if not subject:
            return True
        now = time.monotonic()
        if now - self._told.get(subject, float("-inf")) < EVERY:
            return False
        self._told[subject] = now
        record.msg, record.args = " ".join(record.getMessage().split()), ()
        if record.levelno == logging.WARNING:  # Celery adds where it noticed, which tells nobody anything
            record.exc_info = record.exc_text = None
        return True


def _subject(record: logging.LogRecord) -> str:
    """What it complains of; nothing where it is no complaint of this kind."""
    if record.levelno < logging.WARNING:
        return ""
    if record.name in ABOUT_RECORD and record.levelno == logging.WARNING:
        return RECORD if record.name == "psycopg.pool" or RECORD in str(record.msg) else ""
    return f"{record.name} {record.msg}" if record.name in ABOUT_BUS else ""
