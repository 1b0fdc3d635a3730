"""Where a batch was sent to. A web server of before, still running meanwhile, takes batches in without it."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0003_append_only_history"),
        ("documents", "0011_indexes_by_use"),
    ]

    operations = [
        migrations.AddField(
            model_name="batch",
            name="source",
            field=models.ForeignKey(
                blank=True,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="documents.source",
            ),
        ),
        migrations.AddField(
            model_name="batch",
            name="department",
            field=models.ForeignKey(
                blank=True,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="accounts.department",
            ),
        ),
    ]
