"""Many open runs, tasks and timers: one is started in earnest, and its rows are copied in the database."""

from collections.abc import Mapping
from typing import Any

from django.db import connection, models, transaction

from bench import workflows_house
from documents.models import Document, Page, Version
from workflows import running
from workflows.models import Candidate, HumanTask, Instance, StepRun, Timer

KEY = "bench-review"
SOURCE = f"""\
key: {KEY}
title: Review
category: standard
steps:
  - id: review
    kind: human
    title: Review
    candidates: [{{department: {workflows_house.PLACE}, role: reviewer}}]
    due: 30 days
  - id: told
    kind: choice
    options:
      - {{when: steps.review.outcome == "approved", steps: []}}
    otherwise: {{steps: []}}
"""
_SPREAD = "interval '1 second' * g.n"
_HISTORY = "accounts_historyentry"


def open_runs(number: int) -> None:
    """So many more runs that wait for a decision, each about a document of its own, with all that hangs on them."""
    with transaction.atomic():
        _copy_runs(number)
    _analyse()


def _copy_runs(number: int) -> None:
    definition = workflows_house.publish(SOURCE)
    (paper,) = workflows_house.papers(1)
    first = running.start(definition=definition, document=paper, by=None, reason={"trigger": "api"})
    task = first.tasks.get()
    _run("CREATE TEMP TABLE copies AS SELECT n, uuidv7() AS document, uuidv7() AS instance, uuidv7() AS task,"
         " nextval(pg_get_serial_sequence('documents_version', 'id')) AS version"
         " FROM generate_series(1, %s) AS n", [number])  # fmt: skip
    new_paper = {"id": "g.document", "newest_id": "g.version", "readable_id": "g.version"}
    _copy(Version, {"id": "g.version", "document_id": "g.document"}, {"document_id": paper.pk})
    _copy(Document, {**new_paper, "uploaded_at": f"t.uploaded_at - {_SPREAD}"}, {"id": paper.pk})
    _copy(Page, {"version_id": "g.version"}, {"version_id": paper.newest_id})
    _copy(Instance, {"id": "g.instance", "document_id": "g.document"}, {"id": first.pk})
    _copy(StepRun, {"instance_id": "g.instance"}, {"instance_id": first.pk})
    due = {"due_at": f"t.due_at + {_SPREAD}"}
    _copy(HumanTask, {"id": "g.task", "instance_id": "g.instance", "document_id": "g.document", **due}, {"id": task.pk})
    _copy(Candidate, {"task_id": "g.task"}, {"task_id": task.pk})
    _copy(Timer, {"instance_id": "g.instance", "task_id": "g.task", **due}, {"instance_id": first.pk})
    _run(
        f"INSERT INTO {_HISTORY} (subject_kind, subject_id, sequence, action, actor_id, actor_name, at, before, after,"  # noqa: S608
        " note, previous_digest, digest) SELECT subject_kind, g.instance::text, sequence, action, actor_id, actor_name,"
        f" at, before, after, note, previous_digest, digest FROM {_HISTORY} t, copies g"
        " WHERE subject_kind = 'workflow' AND subject_id = %s",
        [str(first.pk)],
    )
    _run("DROP TABLE copies", [])


def pending_timers(number: int, *, kind: str) -> None:
    """So many timers that are due some day, of no run."""
    _run(
        "INSERT INTO workflows_timer (kind, name, due_at, data, state) SELECT %s, '', now() + interval '1 hour'"
        " + interval '1 second' * n, '{}', 'pending' FROM generate_series(1, %s) AS n",
        [kind, number],
    )
    _analyse()


def due_timers(number: int, *, kind: str) -> None:
    """So many that are due now."""
    _run(
        "INSERT INTO workflows_timer (kind, name, due_at, data, state)"
        " SELECT %s, '', now() - interval '1 second', '{}', 'pending' FROM generate_series(1, %s)",
        [kind, number],
    )


def _copy(model: type[models.Model], instead: Mapping[str, str], of: Mapping[str, Any]) -> None:
    """The model's rows that are `of` this, once for each of `copies`; `instead` says which columns differ (SQL)."""
    fields = [one for one in model._meta.concrete_fields if one.attname in instead or not _is_serial(one)]
    columns = ", ".join(f'"{one.column}"' for one in fields)
    chosen = ", ".join(instead.get(str(one.attname), f't."{one.column}"') for one in fields)
    where = " AND ".join(f't."{name}" = %s' for name in of)
    table = model._meta.db_table
    _run(
        f'INSERT INTO "{table}" ({columns}) SELECT {chosen} FROM "{table}" t, copies g WHERE {where}',  # noqa: S608
        [*of.values()],
    )


def _is_serial(field: Any) -> bool:
    return bool(field.primary_key and isinstance(field, models.AutoField | models.BigAutoField))


def _run(sql: str, params: list[Any]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql, params)


def _analyse() -> None:
    with connection.cursor() as cursor:
        for model in (Document, Version, Instance, HumanTask, Candidate, Timer, StepRun):
            cursor.execute(f'VACUUM ANALYZE "{model._meta.db_table}"')
        cursor.execute(f"VACUUM ANALYZE {_HISTORY}")
