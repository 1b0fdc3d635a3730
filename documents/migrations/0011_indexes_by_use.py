"""Lists in every order by an index; none beside one that begins with the same column. Nobody waits meanwhile."""

import django.db.models.deletion
from django.conf import settings
from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False

    dependencies = [
        ("accounts", "0003_append_only_history"),
        ("documents", "0010_remembered"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        AddIndexConcurrently(
            model_name="document",
            index=models.Index(fields=["title", "id"], name="doc_by_title"),
        ),
        AddIndexConcurrently(
            model_name="document",
            index=models.Index(fields=["document_date", "id"], name="doc_by_date"),
        ),
        AddIndexConcurrently(
            model_name="document",
            index=models.Index(
                models.F("priority"), models.OrderBy(models.F("id"), descending=True), name="doc_by_priority"
            ),
        ),
        migrations.AlterField(
            model_name="document",
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
        migrations.AlterField(
            model_name="document",
            name="uploaded_by",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AlterField(
            model_name="page",
            name="version",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="pages",
                to="documents.version",
            ),
        ),
        migrations.AlterField(
            model_name="version",
            name="document",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="versions",
                to="documents.document",
            ),
        ),
    ]
