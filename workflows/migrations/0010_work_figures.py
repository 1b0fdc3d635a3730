from django.db import migrations

# Who decided how much in the last 7, 30, 90 and 365 days, and how quickly, by person and by department: the fourth of
# the views that `workflows.refresh_figures` works out. `who` is a person's id, or a department's.
WORK = """
CREATE MATERIALIZED VIEW workflows_work_figures AS
WITH narrow AS MATERIALIZED (
    SELECT d.by_id AS person, t.department_id AS department, d.at, extract(epoch FROM d.at - t.opened_at) AS seconds
    FROM workflows_decision d JOIN workflows_humantask t ON t.id = d.task_id
    WHERE d.at >= now() - interval '365 days' AND d.at < now()
)
SELECT days, CASE WHEN grouping(person) = 0 THEN 'person' ELSE 'department' END AS of,
    coalesce(CASE WHEN grouping(person) = 0 THEN person ELSE department END, 0) AS who,
    count(*) AS decided, percentile_cont(0.5) WITHIN GROUP (ORDER BY seconds) AS median, now() AS as_of
FROM narrow CROSS JOIN (VALUES (7), (30), (90), (365)) AS d (days)
WHERE at >= now() - make_interval(days => days)
GROUP BY GROUPING SETS ((days, person), (days, department));
CREATE UNIQUE INDEX workflows_work_figures_key ON workflows_work_figures (days, of, who);
"""


class Migration(migrations.Migration):
    dependencies = [("workflows", "0009_unattended")]
    operations = [migrations.RunSQL(WORK, "DROP MATERIALIZED VIEW workflows_work_figures")]
