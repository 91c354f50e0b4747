"""How severe the flags are that are there, and triggers that note whose facts have changed.

A statement that writes rows adds one row to ``training_changed`` for each enrollment that they are
about. Nothing is locked and nothing is looked up that the statement has not read already, so that
a tap on the floor does not wait. What no rule reads (a note in a text field, a prescription) is
left out.
"""

from django.db import migrations

SEVERITY = """
UPDATE training_flag SET severity = CASE
    WHEN kind IN ('locked', 'outside_clearance') THEN 'red'
    WHEN kind = 'intake' AND evidence->>'severity' = 'red' THEN 'red'
    ELSE 'amber' END
"""

REVIEWS = """
INSERT INTO training_review (clinic_id, enrollment_id, next_at)
SELECT clinic_id, id, now() FROM programs_enrollment WHERE status = 'active'
ON CONFLICT DO NOTHING
"""

#: Of the rows that a statement has written, the enrollments whose facts changed. ``n`` is a new
#: row, ``o`` the one before, where there was one.
OF_ENROLLMENT = "SELECT DISTINCT n.clinic_id, n.enrollment_id FROM {rows} WHERE {changed}"
OF_CLIENT = """
    SELECT DISTINCT e.clinic_id, e.id FROM {rows}
    JOIN programs_enrollment e ON e.client_id = n.{client} AND e.status = 'active'
    WHERE {changed}"""
OF_VISIT = """
    SELECT DISTINCT v.clinic_id, v.enrollment_id FROM {rows}
    JOIN training_visit v ON v.id = n.visit_id AND v.status IN ('attended', 'attended_partial')
    WHERE {changed}"""
ANY = "true"


def differs(*columns):
    old, new = (", ".join(f"{row}.{name}" for name in columns) for row in "on")
    return f"({old}) IS DISTINCT FROM ({new})"


#: Table, events, which enrollments, and of an update which columns matter.
WATCHED = [
    (
        "training_visit",
        OF_ENROLLMENT,
        differs("status", "during", "purpose", "makes_up_id", "answers", "enrollment_id"),
    ),
    ("training_setentry", OF_VISIT, ANY),
    ("training_pause", OF_ENROLLMENT, ANY),
    ("training_sessionnote", OF_VISIT, None),
    ("programs_decision", OF_ENROLLMENT, None),
    ("programs_track", OF_ENROLLMENT, ANY),
    (
        "programs_enrollment",
        OF_ENROLLMENT.replace("n.enrollment_id", "n.id"),
        differs("status", "starts_on", "ended_on"),
    ),
    ("clients_measurement", OF_CLIENT, ANY),
    ("clients_lock", OF_CLIENT, ANY),
    ("clients_fall", OF_CLIENT, ANY),
    (
        "clients_client",
        OF_CLIENT.replace("{client}", "id"),
        differs("may_start_until", "intake_missing", "impact_cleared"),
    ),
]


def trigger(table, chosen, update):
    """The function and the triggers of one table, as SQL."""
    chosen = chosen.replace("{client}", "client_id")
    insert = chosen.format(rows="new_rows n", changed=ANY)
    sql = f"""
CREATE FUNCTION {table}_added() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    INSERT INTO training_changed (clinic_id, enrollment_id, at)
    SELECT found.*, now() FROM ({insert}) found;
    RETURN NULL;
END $$;
CREATE TRIGGER note_added AFTER INSERT ON {table}
    REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION {table}_added();
"""
    if update is None:
        return sql
    rows = "new_rows n JOIN old_rows o ON o.id = n.id"
    again = chosen.format(rows=rows, changed=update)
    return (
        sql
        + f"""
CREATE FUNCTION {table}_changed() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    INSERT INTO training_changed (clinic_id, enrollment_id, at)
    SELECT found.*, now() FROM ({again}) found;
    RETURN NULL;
END $$;
CREATE TRIGGER note_changed AFTER UPDATE ON {table}
    REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION {table}_changed();
"""
    )


def untrigger(table, update):
    sql = f"DROP TRIGGER note_added ON {table}; DROP FUNCTION {table}_added();"
    if update is None:
        return sql
    return sql + f"DROP TRIGGER note_changed ON {table}; DROP FUNCTION {table}_changed();"


class Migration(migrations.Migration):
    dependencies = [
        ("clients", "0008_locks_that_a_client_opened"),
        ("programs", "0003_who_published"),
        ("training", "0012_flags_worked"),
    ]

    operations = [
        migrations.RunSQL(SEVERITY, migrations.RunSQL.noop),
        migrations.RunSQL(REVIEWS, "DELETE FROM training_review"),
        *(
            migrations.RunSQL(trigger(table, chosen, update), untrigger(table, update))
            for table, chosen, update in WATCHED
        ),
        migrations.RunSQL(migrations.RunSQL.noop, "DELETE FROM training_changed"),
    ]
