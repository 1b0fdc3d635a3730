from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [("documents", "0009_sharing")]

    operations = [
        migrations.CreateModel(
            name="RememberedTime",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("begun_at", models.DateTimeField()),
                ("seen_at", models.DateTimeField(help_text="it was still so")),
                ("incarnation", models.CharField(help_text="differs after most kinds of restore", max_length=80)),
            ],
            options={"ordering": ["pk"]},
        ),
    ]
