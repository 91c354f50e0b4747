"""A fall raises a flag of its own kind."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("training", "0010_letters_and_events_without_a_visit")]

    operations = [
        migrations.AlterField(
            model_name="flag",
            name="kind",
            field=models.CharField(
                choices=[
                    ("missed", "Missed session"),
                    ("stalled", "Stalled"),
                    ("outside_clearance", "Outside clearance"),
                    ("pain_rising", "Pain rising"),
                    ("locked", "Locked"),
                    ("intake", "Intake"),
                    ("fall", "A fall"),
                ],
                max_length=20,
            ),
        ),
    ]
