"""What somebody says is wrong in a client's record, and what the clinic answered."""

import django.db.models.deletion
import django.utils.timezone
from django.db import migrations, models

from bonefit.clinics.history_triggers import keep


class Migration(migrations.Migration):
    dependencies = [
        ("clients", "0010_copies_of_records"),
        ("clinics", "0012_history"),
    ]

    operations = [
        migrations.CreateModel(
            name="CorrectionRequest",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "part",
                    models.CharField(
                        choices=[
                            ("person", "Name, date of birth, how to reach me"),
                            ("health", "Health questions"),
                            ("sessions", "Sessions and weights"),
                            ("tests", "Tests and scans"),
                            ("events", "Falls, pains and other events"),
                            ("papers", "Papers and what I agreed to"),
                            ("other", "Something else"),
                        ],
                        help_text="Which part of the record.",
                        max_length=8,
                    ),
                ),
                ("wrong", models.TextField(help_text="What is wrong, as she wrote it.")),
                ("right", models.TextField(help_text="What would be right, as she wrote it.")),
                ("asked_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("due_on", models.DateField(help_text="Last day on which an answer is in time.")),
                ("answered_at", models.DateTimeField(blank=True, null=True)),
                (
                    "answer",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("corrected", "Corrected"),
                            ("noted", "Noted beside the record"),
                            ("declined", "Not changed"),
                        ],
                        help_text="What the clinic did.",
                        max_length=9,
                    ),
                ),
                ("words", models.TextField(blank=True, help_text="The clinic’s words to her.")),
                (
                    "answered_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="clinics.membership",
                    ),
                ),
                (
                    "asked_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="clinics.membership",
                    ),
                ),
                (
                    "client",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="corrections",
                        to="clients.client",
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
                "indexes": [
                    models.Index(fields=["client", "-id"], name="correction_request_newest"),
                    models.Index(
                        condition=models.Q(("answered_at", None)),
                        fields=["clinic", "due_on"],
                        name="correction_request_open",
                    ),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("clinic", "id"), name="correction_request_clinic_id_key"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("answer", ""),
                                ("answered_at", None),
                                ("answered_by", None),
                                ("words", ""),
                            ),
                            models.Q(
                                ("answered_at__isnull", False),
                                ("answered_by__isnull", False),
                                models.Q(("answer", ""), _negated=True),
                                models.Q(("words", ""), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="correction_request_answered",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("wrong", ""), _negated=True),
                            models.Q(("right", ""), _negated=True),
                        ),
                        name="correction_request_says_something",
                    ),
                ],
            },
        ),
        keep("clients_correctionrequest"),
    ]
