from django.db import migrations

FUNCTION = """
CREATE FUNCTION realtime_number_events() RETURNS bigint LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    last bigint;
    given bigint;
BEGIN
    IF NOT EXISTS (SELECT FROM realtime_event WHERE position IS NULL) THEN
        RETURN coalesce((SELECT position FROM realtime_head WHERE id = 1), 0);
    END IF;
    SELECT position INTO last FROM realtime_head WHERE id = 1 FOR UPDATE;
    IF NOT FOUND THEN  -- the tables were emptied: start again behind what is there
        INSERT INTO realtime_head (id, position, pruned_to)
            SELECT 1, coalesce(max(position), 0), 0 FROM realtime_event ON CONFLICT DO NOTHING;
        SELECT position INTO STRICT last FROM realtime_head WHERE id = 1 FOR UPDATE;
    END IF;
    -- a statement of its own: its snapshot is taken after the lock was won
    WITH waiting AS (
        SELECT id, row_number() OVER (ORDER BY id) AS nth FROM realtime_event WHERE position IS NULL
    ), numbered AS (
        UPDATE realtime_event SET position = last + waiting.nth
        FROM waiting WHERE realtime_event.id = waiting.id RETURNING 1
    )
    SELECT count(*) INTO given FROM numbered;
    IF given > 0 THEN
        UPDATE realtime_head SET position = last + given WHERE id = 1;
    END IF;
    RETURN last + given;
END
$$;
"""
# Numbering leaves a dead row behind each event: clean up early, by share of the small part that is unvacuumed.
SETTINGS = """
ALTER TABLE realtime_event SET (
    autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_threshold = 5000, autovacuum_vacuum_cost_delay = 0
);
INSERT INTO realtime_head (id, position, pruned_to) VALUES (1, 0, 0);
"""


class Migration(migrations.Migration):
    dependencies = [("realtime", "0001_initial")]
    operations = [
        migrations.RunSQL(FUNCTION, "DROP FUNCTION realtime_number_events();"),
        migrations.RunSQL(SETTINGS, "DELETE FROM realtime_head;"),
    ]
