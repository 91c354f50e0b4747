"""What an admin decided about a record that is past the time for which it has to be kept."""

import django.db.models.deletion
import django.utils.timezone
from django.db import migrations, models

from bonefit.clinics.history_triggers import keep


class Migration(migrations.Migration):
    dependencies = [
        ("clients", "0011_correction_requests"),
        ("clinics", "0012_history"),
    ]

    operations = [
        migrations.CreateModel(
            name="RetentionDecision",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[("keep", "Keep it for longer"), ("release", "It may be deleted")],
                        max_length=7,
                    ),
                ),
                (
                    "until",
                    models.DateField(
                        blank=True, help_text="Last day on which it is kept.", null=True
                    ),
                ),
                ("reason", models.CharField(max_length=400)),
                (
                    "last_entry_on",
                    models.DateField(help_text="Day of the last entry, when it was decided."),
                ),
                (
                    "years",
                    models.PositiveSmallIntegerField(
                        help_text="The clinic’s years, when it was decided."
                    ),
                ),
                ("decided_at", models.DateTimeField(default=django.utils.timezone.now)),
                (
                    "client",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="retention_decisions",
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
                (
                    "decided_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="clinics.membership",
                    ),
                ),
            ],
            options={
                "ordering": ["-pk"],
                "indexes": [
                    models.Index(fields=["client", "-id"], name="retention_decision_newest"),
                    models.Index(fields=["clinic", "-id"], name="retention_decision_by_clinic"),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("clinic", "id"), name="retention_decision_clinic_id_key"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("kind", "keep"), ("until__isnull", False)),
                            models.Q(("kind", "release"), ("until", None)),
                            _connector="OR",
                        ),
                        name="retention_decision_until",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("reason", ""), _negated=True),
                        name="retention_decision_has_reason",
                    ),
                ],
            },
        ),
        keep("clients_retentiondecision", added=False),
    ]
