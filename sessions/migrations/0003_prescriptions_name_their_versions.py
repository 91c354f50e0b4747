from django.db import migrations

# What a client was told names the program versions it came from, so that a set asks nothing more.
# Until now the newest track was followed; earlier prescriptions get just that.
FORWARD = """
UPDATE training_visit
SET prescription = jsonb_set(
    prescription,
    '{versions}',
    jsonb_build_array(
        (
            SELECT track.version_id FROM programs_track AS track
            WHERE track.enrollment_id = training_visit.enrollment_id
            ORDER BY track.starts_on DESC, track.id DESC
            LIMIT 1
        )
    )
)
WHERE prescription IS NOT NULL AND NOT prescription ? 'versions'
"""
BACK = """
UPDATE training_visit SET prescription = prescription - 'versions'
WHERE prescription ? 'versions'
"""


class Migration(migrations.Migration):
    dependencies = [
        ("programs", "0002_load_rules_drafts_and_more_decisions"),
        ("training", "0002_pain_sites_answers_and_timed_sets"),
    ]

    operations = [migrations.RunSQL(FORWARD, BACK)]
