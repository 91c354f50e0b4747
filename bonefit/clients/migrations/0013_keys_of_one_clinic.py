"""Nothing of one clinic can point into another: the keys are checked beneath all policies."""

from django.db import migrations

from bonefit.clinics.keys import SameClinic


class Migration(migrations.Migration):
    atomic = False

    dependencies = [
        ("clients", "0012_decisions_on_old_records"),
        ("clinics", "0014_keys_of_one_clinic"),
    ]

    operations = [
        SameClinic(
            "Client",
            "Companion",
            "FallsMonth",
            "Fall",
            "Document",
            "ConsentText",
            "Consent",
            "Import",
            "ImportProblem",
            "Screening",
            "ScreeningEdit",
            "ImpactOverride",
            "IntakeOverride",
            "AnswerLink",
            "ScanDevice",
            "PrecisionStudy",
            "MeasureNumber",
            "Battery",
            "Measurement",
            "Clearance",
            "Lock",
            "RecordCopy",
            "CorrectionRequest",
            "RetentionDecision",
        ),
    ]
