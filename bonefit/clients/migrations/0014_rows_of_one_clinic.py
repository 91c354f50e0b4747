"""PostgreSQL shows a connection the rows of the clinics that it was told, and no others."""

from django.db import migrations

from bonefit.clinics.policies import RowsOfOneClinic
from bonefit.clinics.tokens import TokensAreKnown


class Migration(migrations.Migration):
    atomic = False

    dependencies = [
        ("clients", "0013_keys_of_one_clinic"),
        ("clinics", "0016_rows_of_one_clinic"),
    ]

    operations = [
        TokensAreKnown("AnswerLink"),
        RowsOfOneClinic(
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
            "Look",
            "RecordCopy",
            "CorrectionRequest",
            "RetentionDecision",
        ),
    ]
