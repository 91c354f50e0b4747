"""Second steps that an admin took away from a colleague: who, when, why."""

import django.db.models.deletion
from django.db import migrations, models

from bonefit.clinics.history_triggers import keep


class Migration(migrations.Migration):
    dependencies = [
        ("clinics", "0012_history"),
    ]

    operations = [
        migrations.CreateModel(
            name="SecondStepReset",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("at", models.DateTimeField()),
                ("reason", models.CharField(max_length=200)),
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
                (
                    "member",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="clinics.membership",
                    ),
                ),
            ],
            options={
                "ordering": ["-pk"],
                "indexes": [models.Index(fields=["clinic", "-id"], name="second_step_reset_new")],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("clinic", "id"), name="second_step_reset_clinic_id_key"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("member", models.F("by")), _negated=True),
                        name="second_step_reset_of_another",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("reason", ""), _negated=True),
                        name="second_step_reset_has_a_reason",
                    ),
                ],
            },
        ),
        keep("clinics_secondstepreset", added=False),
    ]
