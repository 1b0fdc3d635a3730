"""docs/autoscaling.md names what /metrics tells, all of it and nothing else."""

import re
from pathlib import Path

from django.db import connection

from kmrl import figures

PAGE = (Path(__file__).resolve().parent.parent.parent / "docs" / "autoscaling.md").read_text()
IN_CODE = re.compile(r'"(kmrl_[a-z_]+)"')
ROOT = Path(figures.__file__).parent


def test_every_figure_that_is_named_is_told_and_every_one_that_is_told_is_named():
    told = set(IN_CODE.findall((ROOT / "figures.py").read_text())) | set(
        IN_CODE.findall((ROOT / "metrics.py").read_text())
    )
    named = set(re.findall(r"\bkmrl_[a-z_]+", PAGE))
    assert named == told


def test_the_question_for_keda_reads_what_metrics_reads(db):
    question = re.search(r"query: >-\n\s+(SELECT.*?AS waiting)", PAGE, re.DOTALL).group(1)
    assert "state = 'queued' AND run_after IS NULL" in question
    assert "state = 'queued' AND run_after IS NULL" in figures.QUESTIONS["waiting"]
    with connection.cursor() as cursor:
        cursor.execute(question)
        assert cursor.fetchone() == (0,)
