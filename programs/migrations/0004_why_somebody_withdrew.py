from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("clients", "0008_locks_that_a_client_opened"),
        ("clinics", "0006_what_a_sweep_did"),
        ("programs", "0003_who_published"),
    ]

    operations = [
        migrations.AddField(
            model_name="enrollment",
            name="end_kind",
            field=models.CharField(
                blank=True,
                choices=[
                    ("health", "Health, not from training"),
                    ("training", "Pain or an injury from training"),
                    ("time", "No time"),
                    ("distance", "Too far to come"),
                    ("cost", "Cost"),
                    ("no_wish", "Did not want to go on"),
                    ("silent", "Stopped coming, gave no reason"),
                    ("other", "Another reason"),
                    ("transfer", "Moved away, or to another clinic"),
                    ("died", "Died"),
                    ("closed", "The clinic closed"),
                ],
                db_default="",
                max_length=8,
            ),
        ),
        migrations.AddConstraint(
            model_name="enrollment",
            constraint=models.CheckConstraint(
                condition=models.Q(("end_kind", ""), ("status", "withdrawn"), _connector="OR"),
                name="end_kind_of_withdrawal",
            ),
        ),
    ]
