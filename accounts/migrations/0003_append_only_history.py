from django.db import migrations

# The history is append-only, whoever asks: a person's row may go (actor becomes NULL, the name stays as text),
# nothing else changes. Emptying the table is what Django does between tests, in databases named test_… only.
FORWARD = """
CREATE FUNCTION accounts_history_is_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND NEW.actor_id IS NULL AND to_jsonb(NEW) - 'actor_id' = to_jsonb(OLD) - 'actor_id' THEN
        RETURN NEW;
    END IF;
    IF TG_OP = 'TRUNCATE' AND current_database() LIKE 'test\\_%' THEN
        RETURN NULL;
    END IF;
    RAISE EXCEPTION 'The history is append-only: % refused.', TG_OP USING ERRCODE = 'restrict_violation';
END
$$;
CREATE TRIGGER accounts_history_rows BEFORE UPDATE OR DELETE ON accounts_historyentry
    FOR EACH ROW EXECUTE FUNCTION accounts_history_is_append_only();
CREATE TRIGGER accounts_history_table BEFORE TRUNCATE ON accounts_historyentry
    FOR EACH STATEMENT EXECUTE FUNCTION accounts_history_is_append_only();
"""

BACKWARD = """
DROP TRIGGER accounts_history_rows ON accounts_historyentry;
DROP TRIGGER accounts_history_table ON accounts_historyentry;
DROP FUNCTION accounts_history_is_append_only();
"""


class Migration(migrations.Migration):
    dependencies = [("accounts", "0002_seals")]
    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
