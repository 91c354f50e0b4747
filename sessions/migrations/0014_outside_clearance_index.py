"""Finds sets outside clearance without reading any other: a handful among millions."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("clinics", "0006_what_a_sweep_did"),
        ("programs", "0003_who_published"),
        ("training", "0013_facts_say_that_they_changed"),
    ]

    operations = [
        migrations.AddIndex(
            model_name="setentry",
            index=models.Index(
                condition=models.Q(("outside_clearance", True), ("voided", False)),
                fields=["enrollment", "visit"],
                name="set_outside_clearance",
            ),
        ),
    ]
