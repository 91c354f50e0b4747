"""Long files of any report, also across clinics, and monthly links to organisations' admins.

Each new column has its default in the database, so a full table is not written anew and a release
that does not know the column goes on adding rows.
"""

import django.db.models.deletion
import django.utils.timezone
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("clinics", "0007_organisation_admins_and_report_settings"),
        ("training", "0021_delivered_sessions"),
    ]

    operations = [
        migrations.AddField(
            model_name="reportexport",
            name="organiser",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="clinics.organisationmembership",
            ),
        ),
        migrations.AddField(
            model_name="reportexport",
            name="table",
            field=models.CharField(
                blank=True, db_default="", help_text="Of a CSV, which of the tables.", max_length=40
            ),
        ),
        migrations.AddField(
            model_name="reportexport",
            name="whole",
            field=models.BooleanField(
                db_default=True, default=True, help_text="Whether it is about the whole clinic."
            ),
        ),
        migrations.AddField(
            model_name="savedacross",
            name="monthly",
            field=models.BooleanField(db_default=False, default=False),
        ),
        migrations.AlterField(
            model_name="reportexport",
            name="status",
            field=models.CharField(
                choices=[
                    ("sent", "Downloaded at once"),
                    ("waiting", "Waiting"),
                    ("writing", "Being written"),
                    ("done", "Ready"),
                    ("failed", "Not written"),
                    ("gone", "Expired"),
                    ("part", "In a file across clinics"),
                ],
                default="sent",
                max_length=8,
            ),
        ),
        migrations.CreateModel(
            name="OrganiserNotice",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("key", models.CharField(max_length=120)),
                ("facts", models.JSONField(default=dict)),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("due_at", models.DateTimeField()),
                (
                    "expires_at",
                    models.DateTimeField(blank=True, help_text="Pointless after this.", null=True),
                ),
                ("claimed_at", models.DateTimeField(blank=True, null=True)),
                ("tries", models.PositiveSmallIntegerField(default=0)),
                ("sent_at", models.DateTimeField(blank=True, null=True)),
                ("failed_at", models.DateTimeField(blank=True, null=True)),
                (
                    "error",
                    models.CharField(
                        blank=True, help_text="The kind of error, no text.", max_length=80
                    ),
                ),
                ("to", models.EmailField(blank=True, max_length=254)),
                (
                    "organiser",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="notices",
                        to="clinics.organisationmembership",
                    ),
                ),
            ],
            options={
                "ordering": ["due_at", "pk"],
                "indexes": [
                    models.Index(
                        condition=models.Q(("failed_at", None), ("sent_at", None)),
                        fields=["due_at"],
                        name="organiser_notice_unsent",
                    )
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("key",), name="organiser_notice_once")
                ],
            },
        ),
    ]
