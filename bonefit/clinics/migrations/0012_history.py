"""What rows were before: triggers on every table that says something of a client or of who may what.

Nothing is looked at that is there already: the first change of a row keeps what it was.
"""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from bonefit.clinics.history_triggers import functions, keep

#: Who is there, and who may what.
PEOPLE = (
    keep("clinics_organisation", clinic=""),
    keep("clinics_organisationmembership", clinic=""),
    keep("clinics_user", clinic="", left_out=("last_login", "password")),
    keep("clinics_clinic", clinic="id"),
    *(
        keep(table)
        for table in (
            "clinics_membership",
            "clinics_credential",
            "clients_client",
            "clients_companion",
        )
    ),
)
#: What is known of a client.
FACTS = (
    *("clients_screening", "clients_impactoverride", "clients_intakeoverride"),
    *("clients_clearance", "clients_lock", "clients_fall", "clients_fallsmonth"),
    *("clients_battery", "clients_measurement", "clients_document", "clients_consent"),
    *("clients_consenttext", "clients_scandevice", "clients_precisionstudy"),
    "clients_measurenumber",
    *("training_adverseevent", "training_sessionnote", "training_progressletter"),
    *("training_flag", "training_pause"),
)
#: What she is to do, and when.
PLANS = (
    *("programs_program", "programs_programversion", "programs_phase", "programs_prescription"),
    *("programs_ruleset", "programs_enrollment", "programs_track"),
    *("training_room", "training_season", "training_weeklyslot", "training_weeklysupervisor"),
    *("training_closure", "training_leave", "training_slot", "training_supervision"),
    *("training_standingplace", "training_visit", "training_waiting"),
)
#: Rows that say themselves who added them, when and why. They are not to be changed; if somebody
#: does, it is kept. A set has its operations.
SAY_IT_THEMSELVES = (
    *("clients_screeningedit", "clinics_reportsettingschange", "programs_decision"),
    *("training_seatchange", "training_slotchange", "training_flagstep"),
    *("training_setentry", "training_heldoperation"),
)

#: As in 0011: a number is given out after its transaction has one. The app reads, the triggers add.
ONLY_THE_TRIGGERS = """
ALTER TABLE clinics_rowchange ALTER COLUMN id DROP IDENTITY;
CREATE SEQUENCE clinics_rowchange_id_seq OWNED BY clinics_rowchange.id;
ALTER TABLE clinics_rowchange ALTER COLUMN id SET DEFAULT
    CASE WHEN pg_current_xact_id() IS NOT NULL THEN nextval('clinics_rowchange_id_seq') END;
CREATE TRIGGER only_added_to BEFORE UPDATE OR DELETE ON clinics_rowchange
    FOR EACH STATEMENT EXECUTE FUNCTION audit_is_only_added_to();
DO $$
BEGIN
    IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'bonefit_app') THEN
        REVOKE INSERT, UPDATE, DELETE, TRUNCATE ON clinics_rowchange FROM bonefit_app;
    END IF;
END
$$;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("clinics", "0011_seals"),
        ("clients", "0009_access_log"),
        ("programs", "0004_why_somebody_withdrew"),
        ("training", "0023_shares_of_a_question"),
    ]

    operations = [
        migrations.CreateModel(
            name="RowChange",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("table", models.CharField(max_length=63)),
                ("row", models.BigIntegerField(help_text="Its number in that table.")),
                (
                    "what",
                    models.CharField(
                        choices=[
                            ("added", "Added"),
                            ("changed", "Changed"),
                            ("removed", "Removed"),
                        ],
                        max_length=7,
                    ),
                ),
                ("before", models.JSONField(null=True)),
                ("at", models.DateTimeField()),
                (
                    "role",
                    models.CharField(
                        help_text="The database's role that was connected.", max_length=63
                    ),
                ),
                (
                    "source",
                    models.CharField(
                        blank=True,
                        help_text="The number of the request, a task, or a command.",
                        max_length=100,
                    ),
                ),
                (
                    "why",
                    models.TextField(blank=True, help_text="The reason that was given with it."),
                ),
                (
                    "clinic",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="clinics.clinic",
                    ),
                ),
                (
                    "member",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="clinics.membership",
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
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
                "ordering": ["id"],
                "indexes": [models.Index(fields=["table", "row", "id"], name="rowchange_of_row")],
            },
        ),
        migrations.RunSQL(ONLY_THE_TRIGGERS, migrations.RunSQL.noop),
        functions(),
        *PEOPLE,
        *(keep(table) for table in (*FACTS, *PLANS)),
        *(keep(table, added=False) for table in SAY_IT_THEMSELVES),
    ]
