"""Rows of what each session asked for and what was done, kept for reports over millions of sets.

Triggers note whose rows have to be made anew: a statement that writes facts adds one row to
``training_dosechanged`` for each enrollment that they are about. Nothing is locked, so that a tap
on the floor does not wait. What an estimated best single was before each session is carried by an
aggregate, as ``sessions.flags.loads.current_estimate`` carries it. No row is made here: until the
sweep has made them, a report works out what it needs.
"""

import django.db.models.deletion
import django.utils.timezone
from django.db import migrations, models

#: The state: kg of the estimate, the day that it is of, and the last one on which the exercise was
#: lifted; days are counted from one day, whichever it is. A ``seed`` is a state to go on from.
CARRY = """
CREATE FUNCTION training_carry_single(state numeric[], kg numeric, day int, tested boolean,
    window_days int, gap_days int, seed numeric[]) RETURNS numeric[] LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
DECLARE
    value numeric := state[1];
    since numeric := state[2];
    came numeric := state[3];
BEGIN
    IF seed IS NOT NULL THEN
        RETURN seed;
    END IF;
    IF NOT tested THEN
        IF day - came > gap_days THEN
            value := NULL;
        END IF;
        came := day;
    END IF;
    IF kg IS NOT NULL AND (tested OR value IS NULL OR kg >= value OR day - since > window_days) THEN
        value := kg;
        since := day;
    END IF;
    RETURN ARRAY[value, since, came];
END $$;
CREATE AGGREGATE training_carried_single(numeric, int, boolean, int, int, numeric[]) (
    SFUNC = training_carry_single, STYPE = numeric[], PARALLEL = SAFE
);
"""

UNCARRY = """
DROP AGGREGATE training_carried_single(numeric, int, boolean, int, int, numeric[]);
DROP FUNCTION training_carry_single(numeric[], numeric, int, boolean, int, int, numeric[]);
"""

#: Of the rows that a statement has written, the enrollments and from which session on they differ.
#: ``n`` is a new row, ``o`` the one before. A make-up tells of another session, whenever that was.
OF_VISIT = """
    SELECT n.clinic_id, n.enrollment_id, CASE WHEN bool_or({made_up}) THEN NULL
        ELSE min({began}) END
    FROM {rows} WHERE {changed} GROUP BY 1, 2"""
OF_SET = """
    SELECT n.clinic_id, n.enrollment_id, min(lower(v.during))
    FROM {rows} JOIN training_visit v ON v.id = n.visit_id WHERE {changed} GROUP BY 1, 2"""
OWN = """
    SELECT DISTINCT n.clinic_id, n.enrollment_id, NULL::timestamptz FROM {rows} WHERE {changed}"""
ANY = "true"


def differs(*columns):
    old, new = (", ".join(f"{row}.{name}" for name in columns) for row in "on")
    return f"({old}) IS DISTINCT FROM ({new})"


VISIT = differs(
    "status", "during", "missed_after", "purpose", "makes_up_id", "prescription", "enrollment_id"
)
#: Table, which enrollments, which new rows matter, and of an update which columns; None: not asked.
WATCHED = [
    ("training_visit", OF_VISIT, ANY, VISIT),
    ("training_setentry", OF_SET, ANY, ANY),
    ("programs_decision", OWN, "n.kind IN ('estimate', 'revoke')", None),
    ("programs_track", OWN, ANY, ANY),
    ("programs_enrollment", OWN.replace("n.enrollment_id", "n.id"), None, differs("starts_on")),
]


def trigger(table, chosen, added, changed):
    """The functions and the triggers of one table, as SQL."""
    sql = ""
    if added is not None:
        words = {"made_up": "n.makes_up_id IS NOT NULL", "began": "lower(n.during)"}
        rows = "new_rows n"
        sql += made(table, "added", "INSERT", chosen.format(rows=rows, changed=added, **words))
    if changed is not None:
        words = {
            "made_up": "n.makes_up_id IS NOT NULL OR o.makes_up_id IS NOT NULL",
            "began": "least(lower(n.during), lower(o.during))",
        }
        rows = "new_rows n JOIN old_rows o ON o.id = n.id"
        sql += made(table, "changed", "UPDATE", chosen.format(rows=rows, changed=changed, **words))
    return sql


def made(table, name, event, chosen):
    old = "OLD TABLE AS old_rows " if event == "UPDATE" else ""
    return f"""
CREATE FUNCTION {table}_dose_{name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    INSERT INTO training_dosechanged (clinic_id, enrollment_id, since, at)
    SELECT found.*, now() FROM ({chosen}) found;
    RETURN NULL;
END $$;
CREATE TRIGGER note_dose_{name} AFTER {event} ON {table}
    REFERENCING {old}NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION {table}_dose_{name}();
"""


def untrigger(table, added, changed):
    return "".join(
        f"DROP TRIGGER note_dose_{name} ON {table}; DROP FUNCTION {table}_dose_{name}();"
        for name, there in (("added", added), ("changed", changed))
        if there is not None
    )


class Migration(migrations.Migration):
    dependencies = [
        ("clinics", "0006_what_a_sweep_did"),
        ("programs", "0003_who_published"),
        ("training", "0017_saved_reports_and_exports"),
    ]

    operations = [
        migrations.CreateModel(
            name="DoseChanged",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("since", models.DateTimeField(blank=True, null=True)),
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
                    "enrollment",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="programs.enrollment",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("clinic", "id"), name="dose_changed_clinic_id_key"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="DoseMonth",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("month", models.DateField()),
                ("phase", models.CharField(blank=True, max_length=16)),
                (
                    "lift",
                    models.CharField(
                        blank=True,
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
                ("level", models.SmallIntegerField(null=True)),
                ("sessions", models.IntegerField()),
                ("came", models.IntegerField()),
                ("excused", models.IntegerField()),
                ("unknown", models.IntegerField()),
                ("asked", models.BigIntegerField()),
                ("asked_came", models.BigIntegerField()),
                ("done", models.BigIntegerField()),
                ("beside", models.BigIntegerField()),
                ("landings_asked", models.IntegerField()),
                ("landings", models.IntegerField()),
                ("load_sets", models.IntegerField()),
                ("rated", models.IntegerField()),
                ("hits", models.IntegerField()),
                ("no_effort", models.IntegerField()),
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
                    "program",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="programs.program",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(fields=["enrollment", "month"], name="dose_month_by_month")
                ],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("clinic", "id"), name="dose_month_clinic_id_key"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="DoseReady",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("key", models.CharField(max_length=120)),
                ("made_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("anchor", models.DateTimeField(blank=True, null=True)),
                ("singles", models.JSONField(blank=True, null=True)),
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
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="programs.enrollment",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("clinic", "id"), name="dose_ready_clinic_id_key"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="DoseRow",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("began", models.DateTimeField()),
                ("counts_from", models.DateTimeField()),
                ("month", models.DateField()),
                ("phase", models.CharField(blank=True, max_length=16)),
                ("loose", models.BooleanField()),
                ("came", models.BooleanField()),
                ("extra", models.BooleanField()),
                ("excused", models.BooleanField()),
                (
                    "known",
                    models.BooleanField(
                        help_text="Whether it is known what the session asked for."
                    ),
                ),
                ("first", models.BooleanField()),
                (
                    "lift",
                    models.CharField(
                        blank=True,
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
                ("level", models.SmallIntegerField(null=True)),
                ("asked", models.BigIntegerField()),
                ("done", models.BigIntegerField()),
                (
                    "beside",
                    models.BigIntegerField(help_text="Lifted without a load that was asked for."),
                ),
                ("landings_asked", models.IntegerField()),
                ("landings", models.IntegerField()),
                ("load_sets", models.IntegerField()),
                ("rated", models.IntegerField()),
                ("hits", models.IntegerField()),
                ("no_effort", models.IntegerField()),
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
                    "program",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="programs.program",
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
                    models.Index(fields=["enrollment", "month"], name="dose_row_by_month"),
                    models.Index(
                        condition=models.Q(("loose", True)), fields=["began"], name="dose_row_loose"
                    ),
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("clinic", "id"), name="dose_row_clinic_id_key")
                ],
            },
        ),
        migrations.RunSQL(CARRY, UNCARRY),
        *(
            migrations.RunSQL(
                trigger(table, chosen, added, changed), untrigger(table, added, changed)
            )
            for table, chosen, added, changed in WATCHED
        ),
    ]
