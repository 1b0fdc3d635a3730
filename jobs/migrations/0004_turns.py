"""The turns of the four urgencies as sequences (see `jobs.turns`), going on from the queues' clocks."""

from django.db import migrations


def take_over(apps, schema_editor):
    clocks = dict(apps.get_model("jobs", "Queue").objects.values_list("name", "clock"))
    with schema_editor.connection.cursor() as cursor:
        for urgency, queue in enumerate(("high", "high", "default", "low")):
            cursor.execute(f"SELECT setval('jobs_turn_{urgency}', %s)", [max(clocks.get(queue, 0), 0)])


class Migration(migrations.Migration):
    dependencies = [("jobs", "0003_parts")]
    operations = [
        migrations.RunSQL(
            [f"CREATE SEQUENCE jobs_turn_{urgency} MINVALUE 0 START 0" for urgency in range(4)],
            [f"DROP SEQUENCE jobs_turn_{urgency}" for urgency in range(4)],
        ),
        migrations.RunPython(take_over, migrations.RunPython.noop),
    ]
