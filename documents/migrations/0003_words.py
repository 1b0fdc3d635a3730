"""Words of pages by one pass instead of two: stems with their small words, so that phrases keep all their places.

Rows that were written before hold the words as written too; nothing that was found by them is lost. They need no
foreign keys: whoever writes or removes them holds the document's row lock, and each key would cost a look-up and a
locked row for every page.
"""

import django.db.models.deletion
from django.db import migrations, models

WORDS = """
CREATE TEXT SEARCH DICTIONARY documents_stem (TEMPLATE = snowball, LANGUAGE = english);
CREATE TEXT SEARCH CONFIGURATION documents_words (COPY = english);
ALTER TEXT SEARCH CONFIGURATION documents_words ALTER MAPPING REPLACE english_stem WITH documents_stem;
"""
TITLES = """
DROP INDEX document_title_words;
CREATE INDEX document_title_words ON documents_document USING gin (
    to_tsvector('documents_words', replace(replace(replace(documents_fold(title), '/', ' '), '_', ' '), '-', ' '))
);
"""
TITLES_BEFORE = """
DROP INDEX document_title_words;
CREATE INDEX document_title_words ON documents_document
USING gin (to_tsvector('simple', translate(documents_fold(title), '/_-', '   ')));
"""
NO_WORDS = "DROP TEXT SEARCH CONFIGURATION documents_words; DROP TEXT SEARCH DICTIONARY documents_stem"


class Migration(migrations.Migration):
    dependencies = [("documents", "0002_search")]

    operations = [
        migrations.RunSQL(WORDS, NO_WORDS),
        migrations.RunSQL(TITLES, TITLES_BEFORE),
        migrations.AlterField(
            model_name="pageindex",
            name="page",
            field=models.OneToOneField(
                db_constraint=False,
                on_delete=django.db.models.deletion.CASCADE,
                primary_key=True,
                related_name="index",
                serialize=False,
                to="documents.page",
            ),
        ),
        migrations.AlterField(
            model_name="pageindex",
            name="document",
            field=models.ForeignKey(
                db_constraint=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="+",
                to="documents.document",
            ),
        ),
    ]
