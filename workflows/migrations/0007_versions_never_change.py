from django.db import migrations

# What was published stays as it was, whoever asks: the publisher's row may go (published_by becomes NULL), nothing else
# changes. Emptying the table is what Django does between tests, in databases named test_… only.
FORWARD = """
CREATE FUNCTION workflows_versions_never_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND NEW.published_by_id IS NULL
        AND to_jsonb(NEW) - 'published_by_id' = to_jsonb(OLD) - 'published_by_id' THEN
        RETURN NEW;
    END IF;
    IF TG_OP = 'TRUNCATE' AND current_database() LIKE 'test\\_%' THEN
        RETURN NULL;
    END IF;
    RAISE EXCEPTION 'A published version never changes: % refused.', TG_OP USING ERRCODE = 'restrict_violation';
END
$$;
CREATE TRIGGER workflows_version_rows BEFORE UPDATE OR DELETE ON workflows_definitionversion
    FOR EACH ROW EXECUTE FUNCTION workflows_versions_never_change();
CREATE TRIGGER workflows_version_table BEFORE TRUNCATE ON workflows_definitionversion
    FOR EACH STATEMENT EXECUTE FUNCTION workflows_versions_never_change();
"""

BACKWARD = """
DROP TRIGGER workflows_version_rows ON workflows_definitionversion;
DROP TRIGGER workflows_version_table ON workflows_definitionversion;
DROP FUNCTION workflows_versions_never_change();
"""


class Migration(migrations.Migration):
    dependencies = [("workflows", "0006_question_ml")]
    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
