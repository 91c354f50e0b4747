"""What was changed about how a clinic's reports are made: who, when, from what to what."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("clinics", "0008_refused_by_browsers"),
    ]

    operations = [
        migrations.CreateModel(
            name="ReportSettingsChange",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("at", models.DateTimeField()),
                (
                    "headline_before",
                    models.CharField(
                        choices=[
                            ("A1", "A1, strict"),
                            ("A2", "A2, offered"),
                            ("A3", "A3, accountable"),
                            ("A4", "A4, with make-ups"),
                        ],
                        max_length=2,
                    ),
                ),
                (
                    "headline",
                    models.CharField(
                        choices=[
                            ("A1", "A1, strict"),
                            ("A2", "A2, offered"),
                            ("A3", "A3, accountable"),
                            ("A4", "A4, with make-ups"),
                        ],
                        max_length=2,
                    ),
                ),
                (
                    "therapists_saw",
                    models.CharField(
                        choices=[
                            ("own", "Those of their own clients"),
                            ("clinic", "Those of the whole clinic"),
                        ],
                        max_length=6,
                    ),
                ),
                (
                    "therapists_see",
                    models.CharField(
                        choices=[
                            ("own", "Those of their own clients"),
                            ("clinic", "Those of the whole clinic"),
                        ],
                        max_length=6,
                    ),
                ),
                (
                    "by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="clinics.membership",
                    ),
                ),
                (
                    "clinic",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="clinics.clinic",
                    ),
                ),
            ],
            options={
                "ordering": ["-pk"],
                "indexes": [models.Index(fields=["clinic", "-id"], name="report_settings_newest")],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("clinic", "id"), name="report_settings_change_clinic_id_key"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("headline", models.F("headline_before")), _negated=True),
                            models.Q(("therapists_see", models.F("therapists_saw")), _negated=True),
                            _connector="OR",
                        ),
                        name="report_settings_change_changes",
                    ),
                ],
            },
        ),
    ]
