import django.contrib.postgres.indexes
from django.conf import settings
from django.db import migrations

# Figures of the last 7, 30, 90 and 365 days, and trends, worked out by the tick `workflows.refresh_figures`
# (workflows.analytics.refreshing). 0 stands for all definitions, or all versions. The same arithmetic on the rows
# themselves is in workflows.analytics; a test holds the two together.
RUNS = """
CREATE MATERIALIZED VIEW workflows_run_figures AS
WITH narrow AS MATERIALIZED (
    SELECT i.definition_id, i.version_id, i.outcome, i.breached, i.status, i.started_at, i.finished_at,
        extract(epoch FROM i.finished_at - i.started_at) AS seconds,
        EXISTS (SELECT FROM workflows_incident n WHERE n.instance_id = i.id) AS stood
    FROM workflows_instance i
    WHERE i.started_at >= now() - interval '365 days' OR i.finished_at >= now() - interval '365 days'
), chosen AS (
    SELECT days, narrow.*,
        started_at >= now() - make_interval(days => days) AND started_at < now() AS started,
        coalesce(finished_at >= now() - make_interval(days => days) AND finished_at < now(), false) AS ended
    FROM narrow CROSS JOIN (VALUES (7), (30), (90), (365)) AS d (days)
), outcomes AS (
    SELECT days, definition_id, version_id, jsonb_object_agg(outcome, n) AS outcomes FROM (
        SELECT days, coalesce(definition_id, 0) AS definition_id, coalesce(version_id, 0) AS version_id, outcome,
            count(*) AS n
        FROM chosen WHERE ended AND status = 'finished'
        GROUP BY GROUPING SETS ((days, outcome), (days, definition_id, outcome),
            (days, definition_id, version_id, outcome))
    ) AS o GROUP BY days, definition_id, version_id
)
SELECT r.*, coalesce(o.outcomes, '{}') AS outcomes, now() AS as_of FROM (
    SELECT days, coalesce(definition_id, 0) AS definition_id, coalesce(version_id, 0) AS version_id,
        count(*) FILTER (WHERE started) AS started,
        count(*) FILTER (WHERE ended AND status = 'finished') AS finished,
        count(*) FILTER (WHERE ended AND status = 'cancelled') AS cancelled,
        count(*) FILTER (WHERE ended AND status = 'finished' AND NOT stood) AS succeeded,
        count(*) FILTER (WHERE ended AND breached) AS breached,
        percentile_cont(ARRAY[0.5, 0.95]) WITHIN GROUP (ORDER BY seconds)
            FILTER (WHERE ended AND status = 'finished') AS duration
    FROM chosen WHERE started OR ended
    GROUP BY GROUPING SETS ((days), (days, definition_id), (days, definition_id, version_id))
) AS r LEFT JOIN outcomes o USING (days, definition_id, version_id);
CREATE UNIQUE INDEX workflows_run_figures_key ON workflows_run_figures (days, definition_id, version_id);
"""

STEPS = """
CREATE MATERIALIZED VIEW workflows_step_figures AS
WITH narrow AS MATERIALIZED (
    SELECT v.definition_id, s.version_id, s.step, s.kind, s.entered_at, s.breached, s.failed, s.round > 1 AS again,
        s.left_at IS NOT NULL AS gone, s.worked_ms,
        extract(epoch FROM coalesce(s.begun_at, s.left_at) - s.entered_at) AS waited,
        greatest(extract(epoch FROM s.left_at - s.begun_at), 0) AS worked,
        extract(epoch FROM s.left_at - s.entered_at) AS spent
    FROM workflows_steprun s JOIN workflows_definitionversion v ON v.id = s.version_id
    WHERE s.entered_at >= now() - interval '365 days' AND s.entered_at < now()
)
SELECT days, definition_id, coalesce(version_id, 0) AS version_id, step, max(kind) AS kind, count(*) AS volume,
    count(*) FILTER (WHERE gone) AS "left", count(*) FILTER (WHERE NOT gone) AS open,
    count(*) FILTER (WHERE breached) AS breached, count(*) FILTER (WHERE failed) AS failed,
    count(*) FILTER (WHERE again) AS reworked,
    percentile_cont(ARRAY[0.5, 0.95]) WITHIN GROUP (ORDER BY waited) AS waiting,
    percentile_cont(ARRAY[0.5, 0.95]) WITHIN GROUP (ORDER BY worked) AS working,
    coalesce(sum(spent), 0)::float8 AS spent, (sum(worked_ms) / 1000.0)::float8 AS machine, now() AS as_of
FROM narrow CROSS JOIN (VALUES (7), (30), (90), (365)) AS d (days)
WHERE entered_at >= now() - make_interval(days => days)
GROUP BY GROUPING SETS ((days, definition_id, step), (days, definition_id, version_id, step));
CREATE UNIQUE INDEX workflows_step_figures_key ON workflows_step_figures (days, definition_id, version_id, step);
"""

TRENDS = """
CREATE MATERIALIZED VIEW workflows_trend_figures AS
WITH narrow AS MATERIALIZED (
    SELECT definition_id, started_at, finished_at, status, breached,
        extract(epoch FROM finished_at - started_at) AS seconds
    FROM workflows_instance
    WHERE started_at >= now() - interval '400 days' OR finished_at >= now() - interval '400 days'
), moments AS (
    SELECT definition_id, started_at AS at, true AS start, '' AS status, false AS breached, NULL::numeric AS seconds
    FROM narrow
    UNION ALL
    SELECT definition_id, finished_at, false, status, breached, seconds FROM narrow WHERE finished_at IS NOT NULL
)
SELECT grain, coalesce(definition_id, 0) AS definition_id, date_trunc(grain, at, '{zone}') AS point,
    count(*) FILTER (WHERE start) AS started,
    count(*) FILTER (WHERE status = 'finished') AS finished,
    count(*) FILTER (WHERE status = 'cancelled') AS cancelled,
    count(*) FILTER (WHERE breached) AS breached,
    percentile_cont(ARRAY[0.5, 0.95]) WITHIN GROUP (ORDER BY seconds) FILTER (WHERE status = 'finished') AS duration,
    now() AS as_of
FROM moments CROSS JOIN (VALUES ('day'), ('week'), ('month')) AS g (grain)
WHERE at >= now() - interval '400 days' AND at < now()
GROUP BY GROUPING SETS ((grain, date_trunc(grain, at, '{zone}')),
    (grain, definition_id, date_trunc(grain, at, '{zone}')));
CREATE UNIQUE INDEX workflows_trend_figures_key ON workflows_trend_figures (grain, definition_id, point);
"""

BACKWARD = """
DROP MATERIALIZED VIEW workflows_trend_figures;
DROP MATERIALIZED VIEW workflows_step_figures;
DROP MATERIALIZED VIEW workflows_run_figures;
"""


class Migration(migrations.Migration):
    dependencies = [("workflows", "0007_versions_never_change")]
    operations = [
        migrations.AddIndex(
            model_name="steprun",
            index=django.contrib.postgres.indexes.BrinIndex(
                fields=["entered_at"], name="step_run_by_time", autosummarize=True
            ),
        ),
        migrations.RunSQL(RUNS + STEPS + TRENDS.replace("{zone}", settings.TIME_ZONE), BACKWARD),
    ]
