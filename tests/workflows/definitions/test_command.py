"""`manage.py workflow`: errors as FILE:LINE:COLUMN: what; what to do."""

from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from tests.workflows.definitions.texts import FULL, SMALL
from workflows.definitions import publishing
from workflows.models import Definition


def ran(*words: str) -> str:
    out = StringIO()
    call_command("workflow", *words, stdout=out, no_color=True)
    return out.getvalue()


@pytest.fixture
def small(tmp_path: Path, operations) -> Path:
    path = tmp_path / "small.yaml"
    path.write_text(SMALL)
    return path


def test_validate_says_that_it_can_be_published(small):
    assert ran("validate", str(small)) == f"{small}: can be published.\n"


def test_validate_points_at_each_error_and_ends_with_1(small):
    small.write_text(SMALL.replace("reviewer", "clerk") + "  - {id: b, kind: timer, wait: soon}\n")
    out = StringIO()
    with pytest.raises(SystemExit) as ended:
        call_command("workflow", "validate", str(small), stdout=out, no_color=True)
    assert ended.value.code == 1
    assert out.getvalue().splitlines() == [
        f"{small}:6:49: Clerks decide nothing: they only acknowledge; Ask a reviewer, or use acknowledge.",
        f"{small}:7:32: “soon” is not a duration; Write one number and one unit, such as “2 working days”.",
    ]


def test_publish_makes_a_version_and_says_when_nothing_has_changed(small, administrator):
    assert ran("publish", str(small), "--note", "First.") == "small version 1 is published.\n"
    assert "nothing was published" in ran("publish", str(small))
    version = Definition.objects.get().published
    assert (version.number, version.note, version.published_by) == (1, "First.", administrator)


def test_publish_refuses_whoever_is_no_administrator(small, clerk):
    with pytest.raises(CommandError, match="Only administrators"):
        ran("publish", str(small), "--as", clerk.username)
    assert Definition.objects.count() == 0


def test_export_and_diff(small, administrator):
    ran("publish", str(small))
    publishing.publish(key="small", source=SMALL + "  - {id: b, kind: end, outcome: over}\n", by=administrator)
    assert ran("export", "small", "--version", "1") == SMALL
    assert '"key": "small"' in ran("export", "small", "--format", "json")
    assert "<bpmn:definitions" in ran("export", "small", "--format", "bpmn")
    assert ran("diff", "small", "1", "2") == "added    “b” is new in the main line, after “review”.\n"
    assert ran("diff", "small", "2", "2") == "Nothing differs.\n"
    with pytest.raises(CommandError, match="small has no version 9"):
        ran("diff", "small", "1", "9")


def test_dry_run_counts_over_past_documents(tmp_path, operations):
    path = tmp_path / "full.yaml"
    path.write_text(FULL)
    assert "0 documents: " in ran("dry-run", str(path), "--last", "10")
