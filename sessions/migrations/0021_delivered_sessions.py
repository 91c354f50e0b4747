"""Rows of what was delivered in each attended session, kept for the reports of fidelity and CERT.

Triggers note of which classes they have to be made anew, as 0018 does of the dose: a statement
that writes facts adds a row to ``training_deliverychanged`` for each class that they are about.
Nothing is locked, so that a tap on the floor does not wait. No row is made here: until the sweep
has made them, a report works out what it needs. What is noted of a session that is still going on
cannot be spared: who signs it may do so before a set that was written at the same time is seen.
"""

import django.db.models.deletion
import django.utils.timezone
from django.db import migrations, models

#: There or came: other visits are in no class as far as fidelity is concerned.
IN_CLASS = "status IN ('checked_in', 'attended', 'attended_partial')"
ANY = "true"


def differs(*columns):
    old, new = (", ".join(f"{row}.{name}" for name in columns) for row in "on")
    return f"({old}) IS DISTINCT FROM ({new})"


NEW = "new_rows n"
BOTH = "new_rows n JOIN old_rows o ON o.id = n.id"
OWN = "SELECT DISTINCT n.clinic_id, n.slot_id FROM {rows} WHERE {changed}"
#: A visit that moved was in two classes.
MOVED = """
    SELECT DISTINCT c.clinic_id, c.slot_id FROM {rows}
    CROSS JOIN LATERAL (VALUES (n.clinic_id, n.slot_id), (o.clinic_id, o.slot_id))
        AS c(clinic_id, slot_id)
    WHERE {changed}"""
OF_VISIT = """
    SELECT DISTINCT v.clinic_id, v.slot_id FROM {rows}
    JOIN training_visit v ON v.id = n.visit_id WHERE {changed}"""
VISIT = differs("status", "during", "slot_id", "completed_by_id", "prescription", "enrollment_id")

#: Table, event, which classes, and which of the rows that a statement has written matter: ``n`` is
#: a new row, ``o`` the one before.
WATCHED = [
    ("training_visit", "INSERT", OWN, f"n.{IN_CLASS}"),
    ("training_visit", "UPDATE", MOVED, f"(o.{IN_CLASS} OR n.{IN_CLASS}) AND {VISIT}"),
    ("training_setentry", "INSERT", OF_VISIT, ANY),
    ("training_setentry", "UPDATE", OF_VISIT, ANY),
    ("training_sessionnote", "INSERT", OF_VISIT, ANY),
    ("training_sessionnote", "UPDATE", OF_VISIT, differs("visit_id", "signed_at")),
    ("training_supervision", "INSERT", OWN, "n.named_at IS NOT NULL"),
    (
        "training_supervision",
        "UPDATE",
        MOVED,
        f"(o.named_at, n.named_at) IS DISTINCT FROM (NULL, NULL) AND "
        f"{differs('named_at', 'left_at', 'slot_id')}",
    ),
    ("training_supervision", "DELETE", OWN, "n.named_at IS NOT NULL"),
    ("training_slot", "UPDATE", OWN.replace("n.slot_id", "n.id"), differs("ends_at")),
]
TABLES = {
    "INSERT": ("NEW TABLE AS new_rows", NEW),
    "UPDATE": ("OLD TABLE AS old_rows NEW TABLE AS new_rows", BOTH),
    "DELETE": ("OLD TABLE AS new_rows", NEW),
}


def trigger(table, event, chosen, changed):
    """The function and the trigger of one table and event, as SQL."""
    name, (tables, rows) = event.lower(), TABLES[event]
    return f"""
CREATE FUNCTION {table}_delivery_{name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    INSERT INTO training_deliverychanged (clinic_id, slot_id, at)
    SELECT found.*, now() FROM ({chosen.format(rows=rows, changed=changed)}) found;
    RETURN NULL;
END $$;
CREATE TRIGGER note_delivery_{name} AFTER {event} ON {table}
    REFERENCING {tables} FOR EACH STATEMENT EXECUTE FUNCTION {table}_delivery_{name}();
"""


def untrigger(table, event):
    name = event.lower()
    return f"DROP TRIGGER note_delivery_{name} ON {table}; DROP FUNCTION {table}_delivery_{name}();"


class Migration(migrations.Migration):
    dependencies = [
        ("clinics", "0007_organisation_admins_and_report_settings"),
        ("programs", "0004_why_somebody_withdrew"),
        ("training", "0020_classes_for_reports"),
    ]

    operations = [
        migrations.CreateModel(
            name="DeliveredLift",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("began", models.DateTimeField()),
                (
                    "lift",
                    models.CharField(
                        choices=[
                            ("hinge", "Deadlift"),
                            ("press", "Overhead press"),
                            ("squat", "Back squat"),
                            ("impact", "Drop landing"),
                            ("chest", "Chest press"),
                            ("row", "Row"),
                            ("pull", "Pull-down"),
                            ("step", "Step-up"),
                            ("carry", "Loaded carry"),
                            ("back", "Back extension"),
                            ("hip_side", "Hip to the side"),
                            ("hip_back", "Hip to the back"),
                            ("knee", "Knee extension"),
                            ("calf", "Calf raise"),
                            ("one_leg", "One-leg stand"),
                            ("tandem", "Tandem"),
                            ("soft", "Soft surface"),
                            ("shift", "Weight shift"),
                        ],
                        max_length=16,
                    ),
                ),
                ("first_number", models.SmallIntegerField(null=True)),
                ("first_load", models.DecimalField(decimal_places=4, max_digits=8, null=True)),
                ("last_number", models.SmallIntegerField(null=True)),
                ("last_load", models.DecimalField(decimal_places=4, max_digits=8, null=True)),
                (
                    "clinic",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="clinics.clinic",
                    ),
                ),
                (
                    "enrollment",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="programs.enrollment",
                    ),
                ),
                (
                    "exercise",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="programs.exercise",
                    ),
                ),
                (
                    "slot",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="training.slot",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(
                        fields=["enrollment", "lift", "exercise", "began"],
                        include=("slot", "first_number", "first_load", "last_number", "last_load"),
                        name="delivered_lift_by_start",
                    )
                ],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("clinic", "id"), name="delivered_lift_clinic_id_key"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="DeliveredSession",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("began", models.DateTimeField()),
                ("ended", models.DateTimeField()),
                ("day", models.DateField()),
                ("signed_at", models.DateTimeField(null=True)),
                ("clients", models.SmallIntegerField()),
                ("together", models.SmallIntegerField()),
                ("supervisors", models.SmallIntegerField()),
                ("named", models.BooleanField()),
                ("exercises", models.BooleanField(null=True)),
                ("technique", models.BooleanField(null=True)),
                ("load", models.BooleanField(null=True)),
                ("effort", models.BooleanField(null=True)),
                ("sets", models.BooleanField(null=True)),
                (
                    "by",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="clinics.membership",
                    ),
                ),
                (
                    "clinic",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="clinics.clinic",
                    ),
                ),
                (
                    "enrollment",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="programs.enrollment",
                    ),
                ),
                (
                    "slot",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="training.slot",
                    ),
                ),
                (
                    "visit",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="training.visit",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(
                        fields=["enrollment", "began"],
                        include=(
                            "clinic",
                            "visit",
                            "slot",
                            "by",
                            "ended",
                            "day",
                            "signed_at",
                            "clients",
                            "together",
                            "supervisors",
                            "named",
                            "exercises",
                            "technique",
                            "load",
                            "effort",
                            "sets",
                        ),
                        name="delivered_session_by_start",
                    )
                ],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("clinic", "id"), name="delivered_session_clinic_id_key"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="DeliveryChanged",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("at", models.DateTimeField(default=django.utils.timezone.now)),
                (
                    "clinic",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="clinics.clinic",
                    ),
                ),
                (
                    "slot",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="training.slot",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("clinic", "id"), name="delivery_changed_clinic_id_key"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="DeliveryReady",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("key", models.CharField(max_length=160)),
                ("made_at", models.DateTimeField(default=django.utils.timezone.now)),
                (
                    "clinic",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="clinics.clinic",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("clinic", "id"), name="delivery_ready_clinic_id_key"
                    )
                ],
            },
        ),
        *(
            migrations.RunSQL(trigger(table, event, chosen, changed), untrigger(table, event))
            for table, event, chosen, changed in WATCHED
        ),
    ]
