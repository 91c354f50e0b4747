import django.db.models.deletion
import django.utils.timezone
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("clients", "0002_initial"),
        ("clinics", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="Lock",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "why",
                    models.CharField(
                        choices=[
                            ("pain", "Pain that ends all loading"),
                            ("other", "Another reason"),
                        ],
                        max_length=12,
                    ),
                ),
                (
                    "fact",
                    models.CharField(help_text="What it was opened for, as a key.", max_length=60),
                ),
                ("evidence", models.JSONField(default=dict)),
                ("opened_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("released_at", models.DateTimeField(blank=True, null=True)),
                (
                    "clinician",
                    models.CharField(
                        blank=True, help_text="Who released it, by name.", max_length=120
                    ),
                ),
                ("finding", models.CharField(blank=True, max_length=400)),
                (
                    "client",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="locks",
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
                    "opened_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="clinics.membership",
                    ),
                ),
                (
                    "released_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="clinics.membership",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(
                        condition=models.Q(("released_at", None)),
                        fields=["client"],
                        name="lock_open_by_client",
                    )
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("clinic", "id"), name="lock_clinic_id_key"),
                    models.UniqueConstraint(
                        fields=("clinic", "client", "fact"), name="lock_once_a_fact"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("clinician", ""), ("released_at", None), ("released_by", None)
                            ),
                            models.Q(
                                ("released_at__isnull", False),
                                ("released_by__isnull", False),
                                models.Q(("clinician", ""), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="lock_release",
                    ),
                ],
            },
        ),
    ]
