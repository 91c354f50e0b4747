"""Nothing of one clinic can point into another: the keys are checked beneath all policies."""

from django.db import migrations

from bonefit.clinics.keys import SameClinic


class Migration(migrations.Migration):
    atomic = False

    dependencies = [
        ("clinics", "0013_second_step_reset"),
    ]

    operations = [
        SameClinic(
            "Credential",
            "ReportSettingsChange",
            "SecondStepReset",
        ),
    ]
