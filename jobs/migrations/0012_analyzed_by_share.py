"""A large table is analysed by its share of changes: every 20,000 means every few seconds while the queue is busy, and
each time 30,000 pages are read for statistics that stay as they were."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("jobs", "0011_deaths")]
    operations = [
        migrations.RunSQL(
            "ALTER TABLE jobs_job SET (autovacuum_analyze_scale_factor = 0.05)",
            "ALTER TABLE jobs_job SET (autovacuum_analyze_scale_factor = 0)",
        ),
    ]
