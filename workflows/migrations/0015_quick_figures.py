from importlib import import_module

from django.db import migrations

# The figures of runs and of steps as before (0008), for less work. A row of the narrow tables knows the shortest period
# that it lies in, so it is counted once instead of once by period; times are sorted by numbers of groups alone; and
# where there is one version, what all versions together give is not sorted again. The test
# `tests/workflows/figures/test_quick_figures.py` holds both ways together, to the last bit.
RUNS = """
CREATE MATERIALIZED VIEW workflows_run_figures AS
WITH periods (days) AS (VALUES (7), (30), (90), (365)), narrow AS MATERIALIZED (
    SELECT i.definition_id, i.version_id, i.outcome, i.breached, i.status,
        CASE WHEN i.started_at >= now() THEN NULL WHEN i.started_at >= now() - interval '7 days' THEN 7
            WHEN i.started_at >= now() - interval '30 days' THEN 30 WHEN i.started_at >= now() - interval '90 days' THEN 90
            WHEN i.started_at >= now() - interval '365 days' THEN 365 END AS began,
        CASE WHEN i.finished_at >= now() THEN NULL WHEN i.finished_at >= now() - interval '7 days' THEN 7
            WHEN i.finished_at >= now() - interval '30 days' THEN 30 WHEN i.finished_at >= now() - interval '90 days' THEN 90
            WHEN i.finished_at >= now() - interval '365 days' THEN 365 END AS ended,
        extract(epoch FROM i.finished_at - i.started_at)::float8 AS seconds,
        EXISTS (SELECT FROM workflows_incident n WHERE n.instance_id = i.id) AS stood
    FROM workflows_instance i
    WHERE i.started_at >= now() - interval '365 days' OR i.finished_at >= now() - interval '365 days'
), alike AS MATERIALIZED (
    SELECT definition_id, version_id, outcome, breached, status, stood, began, ended, count(*) AS n
    FROM narrow GROUP BY definition_id, version_id, outcome, breached, status, stood, began, ended
), counted AS (
    SELECT days, coalesce(definition_id, 0) AS definition_id, coalesce(version_id, 0) AS version_id,
        coalesce(sum(n) FILTER (WHERE began <= days), 0)::bigint AS started,
        coalesce(sum(n) FILTER (WHERE ended <= days AND status = 'finished'), 0)::bigint AS finished,
        coalesce(sum(n) FILTER (WHERE ended <= days AND status = 'cancelled'), 0)::bigint AS cancelled,
        coalesce(sum(n) FILTER (WHERE ended <= days AND status = 'finished' AND NOT stood), 0)::bigint AS succeeded,
        coalesce(sum(n) FILTER (WHERE ended <= days AND breached), 0)::bigint AS breached
    FROM alike JOIN periods ON began <= days OR ended <= days
    GROUP BY GROUPING SETS ((days), (days, definition_id), (days, definition_id, version_id))
), outcomes AS (
    SELECT days, definition_id, version_id, jsonb_object_agg(outcome, n) AS outcomes FROM (
        SELECT days, coalesce(definition_id, 0) AS definition_id, coalesce(version_id, 0) AS version_id, outcome,
            sum(n)::bigint AS n
        FROM alike JOIN periods ON ended <= days WHERE status = 'finished'
        GROUP BY GROUPING SETS ((days, outcome), (days, definition_id, outcome),
            (days, definition_id, version_id, outcome))
    ) AS o GROUP BY days, definition_id, version_id
), durations AS (
    SELECT days, coalesce(definition_id, 0) AS definition_id, coalesce(version_id, 0) AS version_id,
        percentile_cont(ARRAY[0.5, 0.95]) WITHIN GROUP (ORDER BY seconds) AS duration
    FROM narrow JOIN periods ON ended <= days WHERE status = 'finished'
    GROUP BY GROUPING SETS ((days), (days, definition_id), (days, definition_id, version_id))
)
SELECT c.days, definition_id, version_id, c.started, c.finished, c.cancelled, c.succeeded, c.breached, d.duration,
    coalesce(o.outcomes, '{}') AS outcomes, now() AS as_of
FROM counted c LEFT JOIN durations d USING (days, definition_id, version_id)
LEFT JOIN outcomes o USING (days, definition_id, version_id);
CREATE UNIQUE INDEX workflows_run_figures_key ON workflows_run_figures (days, definition_id, version_id);
"""

STEPS = """
CREATE MATERIALIZED VIEW workflows_step_figures AS
WITH RECURSIVE known AS (
    (SELECT version_id, step FROM workflows_steprun ORDER BY version_id, step LIMIT 1)
    UNION ALL
    SELECT n.version_id, n.step FROM known k CROSS JOIN LATERAL (
        SELECT s.version_id, s.step FROM workflows_steprun s WHERE (s.version_id, s.step) > (k.version_id, k.step)
        ORDER BY s.version_id, s.step LIMIT 1
    ) AS n
), places AS MATERIALIZED (
    SELECT k.version_id, k.step, v.definition_id, row_number() OVER (ORDER BY k.version_id, k.step)::int AS place,
        dense_rank() OVER (ORDER BY v.definition_id, k.step)::int AS whole
    FROM known k JOIN workflows_definitionversion v ON v.id = k.version_id
), periods (days) AS (VALUES (7), (30), (90), (365)), narrow AS MATERIALIZED (
    SELECT p.place, p.whole, s.kind,
        CASE WHEN s.entered_at >= now() - interval '7 days' THEN 7 WHEN s.entered_at >= now() - interval '30 days' THEN 30
            WHEN s.entered_at >= now() - interval '90 days' THEN 90 ELSE 365 END AS age,
        s.breached, s.failed, s.round > 1 AS again, s.left_at IS NOT NULL AS gone, s.worked_ms,
        extract(epoch FROM coalesce(s.begun_at, s.left_at) - s.entered_at)::float8 AS waited,
        greatest(extract(epoch FROM s.left_at - s.begun_at), 0)::float8 AS worked,
        extract(epoch FROM s.left_at - s.entered_at) AS spent
    FROM workflows_steprun s JOIN places p ON p.version_id = s.version_id AND p.step = s.step
    WHERE s.entered_at >= now() - interval '365 days' AND s.entered_at < now()
), alike AS MATERIALIZED (
    SELECT place, whole, age, max(kind) AS kind, count(*) AS volume, count(*) FILTER (WHERE gone) AS "left",
        count(*) FILTER (WHERE breached) AS breached, count(*) FILTER (WHERE failed) AS failed,
        count(*) FILTER (WHERE again) AS reworked, sum(spent) AS spent, sum(worked_ms) AS worked_ms
    FROM narrow GROUP BY place, whole, age
), counted AS (
    SELECT days, whole, place, max(kind) AS kind, sum(volume)::bigint AS volume, sum("left")::bigint AS "left",
        sum(breached)::bigint AS breached, sum(failed)::bigint AS failed, sum(reworked)::bigint AS reworked,
        coalesce(sum(spent), 0)::float8 AS spent, (sum(worked_ms) / 1000.0)::float8 AS machine
    FROM alike JOIN periods ON age <= days GROUP BY GROUPING SETS ((days, whole), (days, whole, place))
), alone AS (
    SELECT whole, min(place) AS place FROM alike GROUP BY whole HAVING count(DISTINCT place) = 1
), of_places AS MATERIALIZED (
    SELECT days, place, percentile_cont(ARRAY[0.5, 0.95]) WITHIN GROUP (ORDER BY waited) AS waiting,
        percentile_cont(ARRAY[0.5, 0.95]) WITHIN GROUP (ORDER BY worked) AS working
    FROM narrow JOIN periods ON age <= days GROUP BY days, place
), of_wholes AS (
    SELECT days, whole, percentile_cont(ARRAY[0.5, 0.95]) WITHIN GROUP (ORDER BY waited) AS waiting,
        percentile_cont(ARRAY[0.5, 0.95]) WITHIN GROUP (ORDER BY worked) AS working
    FROM narrow JOIN periods ON age <= days WHERE whole NOT IN (SELECT whole FROM alone) GROUP BY days, whole
), spreads AS (
    SELECT days, place, 0 AS whole, waiting, working FROM of_places
    UNION ALL
    SELECT days, 0, whole, waiting, working FROM of_wholes
    UNION ALL
    SELECT days, 0, whole, waiting, working FROM of_places JOIN alone USING (place)
)
SELECT c.days, w.definition_id, coalesce(p.version_id, 0) AS version_id, w.step, c.kind, c.volume, c."left",
    c.volume - c."left" AS open, c.breached, c.failed, c.reworked, s.waiting, s.working, c.spent, c.machine,
    now() AS as_of
FROM counted c JOIN (SELECT DISTINCT whole, definition_id, step FROM places) AS w ON w.whole = c.whole
LEFT JOIN places p ON p.place = c.place
JOIN spreads s ON s.days = c.days AND s.place = coalesce(c.place, 0)
    AND s.whole = CASE WHEN c.place IS NULL THEN c.whole ELSE 0 END;
CREATE UNIQUE INDEX workflows_step_figures_key ON workflows_step_figures (days, definition_id, version_id, step);
"""
DROP = "DROP MATERIALIZED VIEW workflows_run_figures; DROP MATERIALIZED VIEW workflows_step_figures;"
_before = import_module("workflows.migrations.0008_figures")


class Migration(migrations.Migration):
    dependencies = [("workflows", "0014_indexes_by_use")]
    operations = [migrations.RunSQL(DROP + RUNS + STEPS, DROP + _before.RUNS + _before.STEPS)]
