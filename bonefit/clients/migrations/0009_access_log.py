"""The access log: who looked at whose record. The app adds rows and reads them, and no one changes one."""

import django.contrib.postgres.fields
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

#: Beside the rights, for a site that runs under one role only, and against a right given back by
#: mistake. Whoever may alter the table can switch the trigger off, and the app cannot.
ADD_ONLY = """
CREATE FUNCTION clients_look_is_only_added_to() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'Rows of the access log are added and never changed.'
        USING ERRCODE = 'insufficient_privilege';
END
$$;
CREATE TRIGGER only_added_to BEFORE UPDATE OR DELETE ON clients_look
    FOR EACH STATEMENT EXECUTE FUNCTION clients_look_is_only_added_to();
DO $$
BEGIN
    IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'bonefit_app') THEN
        REVOKE UPDATE, DELETE, TRUNCATE ON clients_look FROM bonefit_app;
    END IF;
END
$$;
"""
#: The table goes, and its trigger and rights with it.
NOT_ADD_ONLY = """
DROP TRIGGER only_added_to ON clients_look;
DROP FUNCTION clients_look_is_only_added_to();
"""


class Migration(migrations.Migration):
    dependencies = [
        ("clients", "0008_locks_that_a_client_opened"),
        ("clinics", "0007_organisation_admins_and_report_settings"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Look",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("at", models.DateTimeField()),
                (
                    "what",
                    models.CharField(
                        choices=[
                            ("viewed", "Looked"),
                            ("exported", "Took a file"),
                            ("refused", "Was refused"),
                        ],
                        max_length=8,
                    ),
                ),
                (
                    "roles",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(
                            choices=[
                                ("admin", "Clinic admin"),
                                ("therapist", "Therapist"),
                                ("desk", "Front desk"),
                                ("client", "Client"),
                                ("companion", "Companion"),
                            ],
                            max_length=16,
                        ),
                        blank=True,
                        default=list,
                        help_text="The member’s roles at that moment.",
                        size=None,
                    ),
                ),
                ("route", models.CharField(max_length=60)),
                (
                    "kind",
                    models.CharField(
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
                            ("list", "List of clients"),
                            ("board", "Floor board"),
                            ("report", "Report"),
                            ("other", "Something without clients"),
                        ],
                        max_length=8,
                    ),
                ),
                (
                    "how",
                    models.CharField(
                        choices=[
                            ("page", "On a page"),
                            ("part", "In a part of a page"),
                            ("file", "As a file"),
                            ("board", "On the floor board"),
                            ("portal", "On the client’s own pages"),
                            ("link", "By a link, without a log-in"),
                        ],
                        max_length=6,
                    ),
                ),
                ("address", models.GenericIPAddressField(blank=True, null=True)),
                (
                    "client",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="clients.client",
                    ),
                ),
                (
                    "clinic",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="clinics.clinic",
                    ),
                ),
                (
                    "member",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="clinics.membership",
                    ),
                ),
                (
                    "organiser",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="clinics.organisationmembership",
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "ordering": ["-at", "-pk"],
                "indexes": [
                    models.Index(fields=["clinic", "-at", "-id"], name="look_newest"),
                    models.Index(
                        condition=models.Q(("client__isnull", False)),
                        fields=["client", "-at", "-id"],
                        name="look_of_client",
                    ),
                    models.Index(
                        condition=models.Q(("member__isnull", False)),
                        fields=["member", "-at", "-id"],
                        name="look_by_member",
                    ),
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("clinic", "id"), name="look_clinic_id_key")
                ],
            },
        ),
        migrations.RunSQL(ADD_ONLY, NOT_ADD_ONLY),
    ]
