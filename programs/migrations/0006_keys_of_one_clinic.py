"""Nothing of one clinic can point into another: the keys are checked beneath all policies."""

from django.db import migrations

from bonefit.clinics.keys import SameClinic


class Migration(migrations.Migration):
    atomic = False

    dependencies = [
        ("clients", "0013_keys_of_one_clinic"),
        ("clinics", "0014_keys_of_one_clinic"),
        ("programs", "0005_tracks_are_voided"),
    ]

    operations = [
        SameClinic(
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
