"""Working out anew what the materialised views keep, while people read what they kept before."""

from django.db import connection, transaction

VIEWS = ("workflows_run_figures", "workflows_step_figures", "workflows_trend_figures", "workflows_work_figures")
MEMORY = "128MB"
"""For sorting a million passages without the disk."""
_LOCK = 0x6B6D726C_66696775


@transaction.atomic
def refresh() -> bool:
    """Work the views out again; False when another does it at this moment."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [_LOCK])
        if not cursor.fetchone()[0]:
            return False
        cursor.execute("SELECT set_config('work_mem', %s, true)", [MEMORY])
        cursor.execute("SELECT relname FROM pg_class WHERE relname = ANY(%s) AND relispopulated", [list(VIEWS)])
        filled = {name for (name,) in cursor.fetchall()}
        for view in VIEWS:
            beside = "CONCURRENTLY " if view in filled else ""  # after a restore they may be empty
            cursor.execute(f"REFRESH MATERIALIZED VIEW {beside}{view}")
    return True
