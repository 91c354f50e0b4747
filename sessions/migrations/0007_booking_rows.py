"""What stood before there was booking: rooms by name, and what visits to come belong to.

Only what is still to come is touched, and of the past year what calendars have been told.
"""

from django.db import migrations

ROOMS = """
    INSERT INTO training_room (clinic_id, name)
    SELECT clinic_id, room FROM training_slot WHERE room <> ''
    UNION
    SELECT clinic_id, room FROM training_standingplace WHERE room <> ''
    ON CONFLICT DO NOTHING
"""

#: It was the ratio of the clinic, written down by the planner; nobody chose it.
NO_CAP = "UPDATE training_slot SET capacity = NULL WHERE starts_at > now()"
A_CAP = "UPDATE training_slot SET capacity = 6 WHERE capacity IS NULL"

#: Of two slots that overlap, a supervisor is planned for the one that was first.
PLANNED = """
    WITH coming AS (
        SELECT s.id, s.member_id, tstzrange(t.starts_at, t.ends_at) AS during
          FROM training_supervision s JOIN training_slot t ON t.id = s.slot_id
         WHERE t.ends_at > now()
    )
    UPDATE training_supervision s SET during = coming.during
      FROM coming
     WHERE coming.id = s.id
       AND NOT EXISTS (
           SELECT 1 FROM coming earlier
            WHERE earlier.member_id = coming.member_id
              AND earlier.id < coming.id
              AND earlier.during && coming.during)
"""

OCCURRENCES = """
    WITH seats AS (
        SELECT DISTINCT ON (p.id, local.day) v.id, p.id AS place_id, local.day
          FROM training_visit v
          JOIN clinics_clinic c ON c.id = v.clinic_id
          CROSS JOIN LATERAL (
              SELECT (lower(v.during) AT TIME ZONE c.timezone)::date AS day,
                     (lower(v.during) AT TIME ZONE c.timezone)::time AS at
          ) local
          JOIN training_standingplace p
            ON p.enrollment_id = v.enrollment_id
           AND p.weekday = extract(isodow FROM local.day) - 1
           AND p.at = local.at
           AND p.starts_on <= local.day
           AND (p.ends_on IS NULL OR p.ends_on >= local.day)
         WHERE v.purpose = 'regular' AND lower(v.during) > now()
         ORDER BY p.id, local.day, v.status = 'planned' DESC, v.id
    )
    UPDATE training_visit v SET place_id = seats.place_id, place_on = seats.day
      FROM seats WHERE seats.id = v.id
"""

#: Calendars were told the seconds from the making of a visit to its last change: never fewer now.
SEQUENCES = """
    UPDATE training_visit v
       SET sequence = told.sequence, told_sequence = told.sequence, changed_at = told.at
      FROM (
          SELECT id, greatest(said_at, completed_at) AS at,
                 greatest(0, ceil(extract(
                     epoch FROM greatest(said_at, completed_at) - created_at)))::int AS sequence
            FROM training_visit
           WHERE upper(during) > now() - interval '400 days'
             AND (said_at IS NOT NULL OR completed_at IS NOT NULL)
      ) told
     WHERE told.id = v.id
"""


class Migration(migrations.Migration):
    dependencies = [("training", "0006_booking")]

    operations = [
        migrations.RunSQL(ROOMS, migrations.RunSQL.noop),
        migrations.RunSQL(NO_CAP, A_CAP),
        migrations.RunSQL(PLANNED, migrations.RunSQL.noop),
        migrations.RunSQL(OCCURRENCES, migrations.RunSQL.noop),
        migrations.RunSQL(SEQUENCES, migrations.RunSQL.noop),
    ]
