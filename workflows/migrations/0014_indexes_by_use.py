"""All tasks, due first, by an index; none beside one that begins with the same column. Nobody waits meanwhile."""

import django.db.models.deletion
from django.conf import settings
from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False

    dependencies = [
        ("accounts", "0003_append_only_history"),
        ("documents", "0011_indexes_by_use"),
        ("workflows", "0013_trials"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        AddIndexConcurrently(
            model_name="humantask",
            index=models.Index(fields=["due_at", "id"], name="task_by_due"),
        ),
        migrations.AlterField(
            model_name="decision",
            name="task",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="decisions",
                to="workflows.humantask",
            ),
        ),
        migrations.AlterField(
            model_name="exclusion",
            name="task",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="exclusions",
                to="workflows.humantask",
            ),
        ),
        migrations.AlterField(
            model_name="routing",
            name="document",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="routings",
                to="documents.document",
            ),
        ),
        migrations.AlterField(
            model_name="steprun",
            name="instance",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="steps",
                to="workflows.instance",
            ),
        ),
        migrations.AlterField(
            model_name='humantask',
            name='document',
            field=models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='tasks', to='documents.document'),
        ),
        migrations.AlterField(
            model_name='instance',
            name='definition',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='instances', to='workflows.definition'),
        ),
        migrations.AlterField(
            model_name='instance',
            name='department',
            field=models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.department'),
        ),
    ]
