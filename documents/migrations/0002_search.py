"""What PostgreSQL needs to search: one folding of letters for what is indexed and what is asked, and titles by word."""

from django.db import migrations

# NFKC; the old chillu (consonant, virama, joiner) becomes the atomic letter, before joiners are dropped; the two
# spellings of nta become one; typographic signs become what keyboards write, so that words are not glued to them.
FOLD = r"""
CREATE FUNCTION documents_fold(given text) RETURNS text
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $fold$
SELECT CASE WHEN octet_length(given) = char_length(given) THEN given ELSE translate(
    replace(replace(replace(replace(replace(replace(replace(replace(
        normalize(given, NFKC),
        U&'\0D28\0D4D\200D', U&'\0D7B'), U&'\0D23\0D4D\200D', U&'\0D7A'), U&'\0D30\0D4D\200D', U&'\0D7C'),
        U&'\0D32\0D4D\200D', U&'\0D7D'), U&'\0D33\0D4D\200D', U&'\0D7E'), U&'\0D15\0D4D\200D', U&'\0D7F'),
        U&'\0D7B\0D4D\0D31', U&'\0D28\0D4D\0D31'), U&'\0D7B\0D31', U&'\0D28\0D4D\0D31'),
    U&'\0D4C\2018\2019\201C\201D\2010\2011\2012\2013\2014\2026\2022\00B7\00AB\00BB\2039\203A\201E\201A\0964\0965\20B9\00A0\200B\200C\200D\200E\200F\00AD\FEFF',
    U&'\0D57''''""-----             ') END
$fold$
"""
UNFOLD = "DROP FUNCTION documents_fold(text)"
TITLES = """
CREATE INDEX document_title_words ON documents_document
USING gin (to_tsvector('simple', translate(documents_fold(title), '/_-', '   ')))
"""


class Migration(migrations.Migration):
    dependencies = [("documents", "0001_initial")]

    operations = [
        migrations.RunSQL(FOLD, UNFOLD),
        migrations.RunSQL(TITLES, "DROP INDEX document_title_words"),
    ]
