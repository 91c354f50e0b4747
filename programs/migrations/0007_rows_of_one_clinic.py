"""PostgreSQL shows a connection the rows of the clinics that it was told, and no others."""

from django.db import migrations

from bonefit.clinics.policies import RowsOfOneClinic


class Migration(migrations.Migration):
    atomic = False

    dependencies = [
        ("programs", "0006_keys_of_one_clinic"),
        ("clinics", "0016_rows_of_one_clinic"),
    ]

    operations = [
        RowsOfOneClinic(
            "Program",
            "ProgramVersion",
            "Phase",
            "Prescription",
            "ProgramDraft",
            "RuleSet",
            "Enrollment",
            "Track",
            "Decision",
        ),
    ]
