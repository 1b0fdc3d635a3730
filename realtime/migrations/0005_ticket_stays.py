"""What a ticket's stay hangs on. A web server of before, still running meanwhile, issues tickets as it did."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("realtime", "0004_notices"),
    ]

    operations = [
        migrations.AddField(
            model_name="ticket",
            name="session",
            field=models.CharField(blank=True, default="", db_default="", max_length=40),
        ),
        migrations.AddField(
            model_name="ticket",
            name="stamp",
            field=models.CharField(blank=True, default="", db_default="", max_length=64),
        ),
        migrations.AddField(
            model_name="ticket",
            name="until",
            field=models.FloatField(help_text="seconds since 1970", null=True),
        ),
    ]
