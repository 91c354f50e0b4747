"""Log-ins that are open, with whose they are; PINs of shared tablets.

Log-ins in Django's own table are not taken over: whoever was logged in logs in once more.
"""

import uuid

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("clinics", "0016_rows_of_one_clinic"),
    ]

    operations = [
        migrations.CreateModel(
            name="BrowserLogIn",
            fields=[
                (
                    "session_key",
                    models.CharField(
                        max_length=40,
                        primary_key=True,
                        serialize=False,
                        verbose_name="session key",
                    ),
                ),
                ("session_data", models.TextField(verbose_name="session data")),
                ("expire_date", models.DateTimeField(db_index=True, verbose_name="expire date")),
                ("uid", models.UUIDField(default=uuid.uuid4, editable=False)),
                ("started_at", models.DateTimeField(blank=True, null=True)),
                ("used_at", models.DateTimeField(blank=True, null=True)),
                (
                    "ends_at",
                    models.DateTimeField(
                        blank=True,
                        help_text="The last moment, however much it is used.",
                        null=True,
                    ),
                ),
                ("browser", models.CharField(blank=True, max_length=60)),
                (
                    "address",
                    models.GenericIPAddressField(
                        blank=True,
                        help_text="Where it was last used from; only she sees it.",
                        null=True,
                    ),
                ),
                (
                    "board_only",
                    models.BooleanField(default=False, help_text="By the PIN of a tablet."),
                ),
                (
                    "person",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("person", None),
                            models.Q(
                                ("ends_at__isnull", False),
                                ("started_at__isnull", False),
                                ("used_at__isnull", False),
                            ),
                            _connector="OR",
                        ),
                        name="browser_log_in_of_somebody_has_its_times",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="TabletPin",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("tablet_hash", models.CharField(max_length=64)),
                ("pin_hash", models.CharField(max_length=128)),
                (
                    "day",
                    models.DateField(help_text="The clinic's day that it is good for."),
                ),
                ("browser", models.CharField(blank=True, max_length=60)),
                ("set_at", models.DateTimeField()),
                ("used_at", models.DateTimeField(blank=True, null=True)),
                ("wrong", models.PositiveSmallIntegerField(default=0)),
                ("ended_at", models.DateTimeField(blank=True, null=True)),
                (
                    "opens",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="clinics.clinic",
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["day"], name="tablet_pin_day")],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("tablet_hash", "user", "opens"), name="one_pin_of_hers_on_a_tablet"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("wrong__lte", 5)), name="tablet_pin_wrong_tries"
                    ),
                ],
            },
        ),
    ]
