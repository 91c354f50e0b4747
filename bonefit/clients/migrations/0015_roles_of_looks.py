"""Looks may be those of a lead therapist and of an auditor. The table stays as it is."""

import django.contrib.postgres.fields
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("clients", "0014_rows_of_one_clinic"),
    ]

    operations = [
        migrations.AlterField(
            model_name="look",
            name="roles",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.CharField(
                    choices=[
                        ("admin", "Clinic admin"),
                        ("lead", "Lead therapist"),
                        ("therapist", "Therapist"),
                        ("desk", "Front desk"),
                        ("auditor", "Read-only auditor"),
                        ("client", "Client"),
                        ("companion", "Companion"),
                    ],
                    max_length=16,
                ),
                blank=True,
                default=list,
                help_text="The member’s roles at that moment.",
                size=None,
            ),
        ),
    ]
