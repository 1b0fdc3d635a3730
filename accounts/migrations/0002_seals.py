from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0001_initial'),
    ]

    operations = [
        migrations.CreateModel(
            name='HistorySeal',
            fields=[
                ('number', models.PositiveIntegerField(help_text='1 for the first, then without gaps', primary_key=True, serialize=False)),
                ('up_to', models.BigIntegerField(help_text='id of the last entry that it covers')),
                ('sealed_at', models.DateTimeField()),
                ('entries', models.BigIntegerField(help_text='how many it adds to the seal before it')),
                ('root', models.CharField(max_length=64)),
            ],
            options={
                'ordering': ['number'],
            },
        ),
    ]
