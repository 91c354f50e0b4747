"""PostgreSQL shows a connection the rows of the clinics that it was told, and no others."""

from django.db import migrations

from bonefit.clinics.policies import FUNCTIONS, NO_FUNCTIONS, RowsOfOneClinic


class Migration(migrations.Migration):
    atomic = False

    dependencies = [
        ("clinics", "0015_tokens_known_by_their_hash"),
    ]

    operations = [
        migrations.RunSQL(FUNCTIONS, NO_FUNCTIONS),
        RowsOfOneClinic(
            "Membership",
            "Credential",
            "ReportSettingsChange",
            "SecondStepReset",
            "RowChange",
        ),
    ]
