"""Copies of everything that is kept about one client: who asked, and what became of it."""

import uuid

import django.db.models.deletion
import django.utils.timezone
from django.db import migrations, models

import bonefit.clients.models.papers


class Migration(migrations.Migration):
    dependencies = [
        ("clients", "0009_access_log"),
        ("clinics", "0012_history"),
    ]

    operations = [
        migrations.AlterField(
            model_name="look",
            name="kind",
            field=models.CharField(
                choices=[
                    ("record", "Client’s page"),
                    ("plan", "Plan and loads"),
                    ("session", "Session"),
                    ("outcomes", "Measurements"),
                    ("intake", "Intake and screening"),
                    ("papers", "Papers and consents"),
                    ("events", "Falls and adverse events"),
                    ("letter", "Letter to the doctor"),
                    ("flag", "Flag"),
                    ("bookings", "Bookings and contact"),
                    ("own", "Client’s own pages"),
                    ("calendar", "Calendar"),
                    ("looks", "Who has looked"),
                    ("copy", "Copy of the whole record"),
                    ("list", "List of clients"),
                    ("board", "Floor board"),
                    ("report", "Report"),
                    ("other", "Something without clients"),
                ],
                max_length=8,
            ),
        ),
        migrations.CreateModel(
            name="RecordCopy",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("uid", models.UUIDField(default=uuid.uuid4)),
                ("own", models.BooleanField(help_text="The client asked for it herself.")),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("waiting", "Waiting"),
                            ("writing", "Being written"),
                            ("done", "Ready"),
                            ("failed", "Not written"),
                            ("gone", "Expired"),
                        ],
                        default="waiting",
                        max_length=8,
                    ),
                ),
                (
                    "steps",
                    models.PositiveIntegerField(
                        blank=True, help_text="Steps to write it.", null=True
                    ),
                ),
                ("done", models.PositiveIntegerField(default=0, help_text="Steps that are done.")),
                (
                    "rows",
                    models.PositiveIntegerField(
                        blank=True, help_text="In all tables together.", null=True
                    ),
                ),
                (
                    "papers",
                    models.PositiveIntegerField(
                        blank=True, help_text="Uploaded files in it.", null=True
                    ),
                ),
                ("size", models.PositiveBigIntegerField(blank=True, help_text="Bytes.", null=True)),
                (
                    "file",
                    models.FileField(
                        blank=True,
                        max_length=200,
                        storage=bonefit.clients.models.papers.private_storage,
                        upload_to="",
                    ),
                ),
                ("asked_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("claimed_at", models.DateTimeField(blank=True, null=True)),
                ("finished_at", models.DateTimeField(blank=True, null=True)),
                (
                    "expires_at",
                    models.DateTimeField(blank=True, help_text="The file goes then.", null=True),
                ),
                (
                    "fetched_at",
                    models.DateTimeField(
                        blank=True, help_text="When it was last taken.", null=True
                    ),
                ),
                (
                    "client",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="copies",
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
                    "member",
                    models.ForeignKey(
                        help_text="Who asked for it.",
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="clinics.membership",
                    ),
                ),
            ],
            options={
                "ordering": ["-pk"],
                "indexes": [
                    models.Index(fields=["client", "-id"], name="record_copy_newest"),
                    models.Index(
                        condition=models.Q(("status__in", ["waiting", "writing"])),
                        fields=["asked_at"],
                        name="record_copy_waiting",
                    ),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("clinic", "id"), name="record_copy_clinic_id_key"
                    ),
                    models.UniqueConstraint(fields=("clinic", "uid"), name="record_copy_uid_once"),
                    models.UniqueConstraint(
                        condition=models.Q(("status__in", ["waiting", "writing"])),
                        fields=("clinic", "client", "member"),
                        name="record_copy_one_at_work",
                    ),
                ],
            },
        ),
    ]
