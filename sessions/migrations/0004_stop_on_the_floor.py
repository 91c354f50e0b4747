"""One more kind of operation: somebody is stopped on the floor."""

from __future__ import annotations

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("training", "0003_prescriptions_name_their_versions")]

    operations = [
        migrations.AlterField(
            model_name="operation",
            name="kind",
            field=models.CharField(
                choices=[
                    ("check_in", "Check in"),
                    ("log_set", "Log a set"),
                    ("correct_set", "Correct a set"),
                    ("confirm_set", "Confirm a load"),
                    ("void_set", "Take a set back"),
                    ("complete", "Complete the visit"),
                    ("say", "Say what happened"),
                    ("answer", "Answer the questions of the day"),
                    ("stop", "Stop: nothing more is lifted"),
                ],
                max_length=12,
            ),
        ),
    ]
