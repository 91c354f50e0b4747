"""Log-ins that an admin ended: who, whose, when."""

import django.db.models.deletion
from django.db import migrations, models

from bonefit.clinics.history_triggers import keep


class Migration(migrations.Migration):
    dependencies = [
        ("clinics", "0019_roles_and_cover_of_one_clinic"),
    ]

    operations = [
        migrations.CreateModel(
            name="LogInsEnded",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("at", models.DateTimeField()),
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
                "indexes": [
                    models.Index(fields=["clinic", "-at", "-id"], name="log_ins_ended_new")
                ],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("clinic", "id"), name="log_ins_ended_clinic_id_key"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("member", models.F("by")), _negated=True),
                        name="log_ins_ended_of_another",
                    ),
                ],
            },
        ),
        keep("clinics_loginsended", added=False),
    ]
