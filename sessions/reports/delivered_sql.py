"""The SQL of what was delivered in each attended session, from the visits. Protocol sheet 5.4.

Two lists are worked out of ``came``: ``worked``, a row an attended session with what is known of
it, and ``lifts``, a row each exercise of a lift in it. Both are kept (``delivered_kept``); reports
read them, kept or worked out anew. Items that are cheap to tell from a row are not in it: they
follow the clinic's numbers and the papers of who signed.
"""

from __future__ import annotations

from programs.estimates import FORMULAS, MOST_REPS, estimate_one_rm

#: What a row of ``worked`` says, in the order of the table that keeps it. An item is true, false,
#: or null where it cannot be known; ``signed_at`` is that of the note's first version.
COLUMNS = (
    "clinic_id",
    "enrollment_id",
    "visit_id",
    "slot_id",
    "by_id",
    "began",
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
)
#: And one of ``lifts``: the first and the last working set with a load, by number; whether there
#: was a working set, and the best single that the sets of the session say, in kg, if they do.
OF_LIFTS = (
    "clinic_id",
    "enrollment_id",
    "slot_id",
    "began",
    "lift",
    "exercise_id",
    "first_number",
    "first_load",
    "last_number",
    "last_load",
    "worked",
    "best",
)

ATTENDED = "v.status IN ('attended', 'attended_partial')"

#: Visits ``v`` of a clinic whose days are those of ``{zone}``, as ``came`` has them.
CAME = """v.id AS visit_id, v.clinic_id, v.enrollment_id, v.slot_id, v.completed_by_id AS by_id,
        lower(v.during) AS began, upper(v.during) AS ended,
        (lower(v.during) AT TIME ZONE {zone})::date AS day"""

#: What the rows rest on beside the facts that triggers note, by ``rules``, ``clinics`` ``k``: this
#: text's edition (one more with each change of it), the calendar, the band of loads, how a best
#: single is estimated, exercises.
_EDITION = 2
RULES = ("confirm_over_percent", "estimate_from_effort", "formula")
KEY = f"""concat_ws('|', {_EDITION}, k.zone, trim_scale(rules.confirm_over_percent),
    trim_scale(rules.estimate_from_effort),
    (SELECT f.version FROM formulas f WHERE f.formula = rules.formula),
    (SELECT md5(string_agg(concat(x.id, ' ', x.slug), ', ' ORDER BY x.id))
    FROM programs_exercise x))"""


def _factors(formula: str) -> str:
    """What a load is multiplied with, by the reps from 1 on, as an array of SQL."""
    of_reps = (
        estimate_one_rm(1000, reps, formula=formula) / 1000 for reps in range(1, MOST_REPS + 1)
    )
    return f"ARRAY[{', '.join(map(str, of_reps))}]::numeric[]"


#: The formulas of a best single.
FORMULAS_OF = f"""
formulas(formula, version, factors) AS (VALUES
    {", ".join(f"('{one.key}', '{one.version}', {_factors(one.key)})" for one in FORMULAS.values())}
)
"""

_SETS = """
asked AS (
    SELECT v.id AS visit_id, t.lift, e.id AS exercise_id, t.sets
    FROM came JOIN training_visit v ON v.id = came.visit_id
    CROSS JOIN LATERAL jsonb_to_recordset(v.prescription->'targets')
        AS t(lift text, exercise text, sets int)
    LEFT JOIN programs_exercise e ON e.slug = t.exercise
)
, done AS (
    SELECT s.visit_id, s.lift,
        count(*) FILTER (WHERE s.kind <> 'warm_up') AS sets,
        min(s.exercise_id) FILTER (WHERE s.kind <> 'warm_up') AS one_exercise,
        max(s.exercise_id) FILTER (WHERE s.kind <> 'warm_up') AS other_exercise,
        coalesce(bool_or(s.clean) FILTER (WHERE s.kind = 'working'), false)
            AND bool_and(s.clean IS NOT FALSE) FILTER (WHERE s.kind = 'working') AS clean,
        count(*) FILTER (WHERE s.kind = 'working') > 0 AS worked,
        bool_or(s.effort_low IS NOT NULL) FILTER (WHERE s.kind = 'working') AS effort_asked,
        bool_or(s.rpe IS NOT NULL) FILTER (WHERE s.kind = 'working') AS effort_said,
        bool_and(abs(s.load - s.prescribed_load) * 100
            <= s.prescribed_load * rules.confirm_over_percent)
            FILTER (WHERE s.kind = 'working') AS in_band
    FROM came
    JOIN training_setentry s ON s.enrollment_id = came.enrollment_id AND s.visit_id = came.visit_id
        AND NOT s.voided
    JOIN rules ON rules.clinic_id = came.clinic_id
    GROUP BY s.visit_id, s.lift
)
, lifted AS (
    SELECT visit_id,
        CASE WHEN bool_or(asked.sets IS NOT NULL) AND bool_or(done.sets > 0) THEN
            bool_and(coalesce(done.one_exercise = asked.exercise_id
                AND done.other_exercise = asked.exercise_id, false))
            FILTER (WHERE done.sets > 0) END AS exercises,
        bool_and(done.clean) FILTER (WHERE done.worked) AS technique,
        bool_and(done.in_band) AS load,
        bool_and(done.effort_said) FILTER (WHERE done.effort_asked) AS effort,
        CASE WHEN bool_or(asked.sets > 0) THEN
            bool_and(coalesce(done.sets, 0) = asked.sets) FILTER (WHERE asked.sets IS NOT NULL)
            END AS sets
    FROM asked FULL JOIN done USING (visit_id, lift)
    GROUP BY visit_id
)
"""

#: A row a class that one of ``came`` was in. Nobody has two places in a class
#: (``one_place_per_slot``), so its visits are its clients: ``clients`` are there or came,
#: ``together`` came.
CLASSES = f"""
classes AS MATERIALIZED (
    SELECT k.slot_id, here.clients, here.together, named.supervisors IS NOT NULL AS named,
        CASE WHEN named.supervisors > 0 THEN named.supervisors WHEN here.alone THEN 1 ELSE (
            SELECT count(DISTINCT v.completed_by_id) FROM training_visit v
            WHERE v.slot_id = k.slot_id AND {ATTENDED}
        ) END AS supervisors
    FROM (SELECT DISTINCT slot_id FROM came) k
    JOIN training_slot s ON s.id = k.slot_id
    CROSS JOIN LATERAL (
        SELECT count(*) AS clients, count(*) FILTER (WHERE {ATTENDED}) AS together,
            min(v.completed_by_id) FILTER (WHERE {ATTENDED})
                = max(v.completed_by_id) FILTER (WHERE {ATTENDED}) AS alone
        FROM training_visit v WHERE v.slot_id = k.slot_id
            AND (v.status = 'checked_in' OR {ATTENDED})
        OFFSET 0
    ) here
    LEFT JOIN LATERAL (
        SELECT count(*) FILTER (WHERE n.left_at IS NULL OR n.left_at >= s.ends_at) AS supervisors
        FROM training_supervision n
        WHERE n.slot_id = k.slot_id AND n.named_at IS NOT NULL
        HAVING count(*) > 0
    ) named ON true
)
"""

#: From ``came`` and ``rules`` to ``worked``.
WORKED = f"""
{_SETS}, {CLASSES}, signed AS (
    SELECT n.visit_id, min(n.signed_at) AS signed_at
    FROM came JOIN training_sessionnote n ON n.visit_id = came.visit_id
    GROUP BY n.visit_id
)
, worked AS (
    SELECT came.clinic_id, came.enrollment_id, came.visit_id, came.slot_id, came.by_id,
        came.began, came.ended, came.day, signed.signed_at,
        classes.clients, classes.together, classes.supervisors, classes.named,
        lifted.exercises, lifted.technique, lifted.load, lifted.effort, lifted.sets
    FROM came
    JOIN classes ON classes.slot_id = came.slot_id
    LEFT JOIN lifted ON lifted.visit_id = came.visit_id
    LEFT JOIN signed ON signed.visit_id = came.visit_id
)
"""

_LOADED = "FILTER (WHERE s.kind = 'working' AND s.load > 0)"
#: A set that says what a best single is: hard, clean as far as anybody looked, and not doubted.
_VALID = """s.kind = 'working' AND s.rpe >= rules.estimate_from_effort AND NOT s.to_confirm
            AND s.load > 0 AND s.clean IS NOT FALSE
            AND s.reps BETWEEN 1 AND cardinality(f.factors)"""

#: From ``came``, ``rules`` and ``formulas`` to ``lifts``.
LIFTS = f"""
lifts AS (
    SELECT came.clinic_id, came.enrollment_id, came.slot_id, came.began, s.lift, s.exercise_id,
        min(s.number) {_LOADED} AS first_number,
        (array_agg(s.load ORDER BY s.number) {_LOADED})[1] AS first_load,
        max(s.number) {_LOADED} AS last_number,
        (array_agg(s.load ORDER BY s.number DESC) {_LOADED})[1] AS last_load,
        bool_or(s.kind = 'working') AS worked,
        round(max(s.load * f.factors[s.reps]) FILTER (WHERE {_VALID}), 4) AS best
    FROM came
    JOIN rules ON rules.clinic_id = came.clinic_id
    LEFT JOIN formulas f ON f.formula = rules.formula
    JOIN training_setentry s ON s.enrollment_id = came.enrollment_id AND s.visit_id = came.visit_id
        AND NOT s.voided
    GROUP BY came.clinic_id, came.enrollment_id, came.visit_id, came.slot_id, came.began, s.lift,
        s.exercise_id
)
"""

#: ``pairs``: which exercises of which lifts somebody has ever done of what is kept, found by
#: stepping from one to the next.
PAIRS = """
pairs AS MATERIALIZED (
    WITH RECURSIVE steps AS (
        SELECT c.enrollment_id, c.client_id, c.begins, c.ends, d.lift, d.exercise_id
        FROM chosen c CROSS JOIN LATERAL (
            SELECT d.lift, d.exercise_id FROM training_deliveredlift d
            WHERE d.enrollment_id = c.enrollment_id
            ORDER BY d.enrollment_id, d.lift, d.exercise_id LIMIT 1
        ) d
        WHERE c.clinic_id IN (SELECT clinic_id FROM ready)
        UNION ALL
        SELECT c.enrollment_id, c.client_id, c.begins, c.ends, d.lift, d.exercise_id
        FROM steps c CROSS JOIN LATERAL (
            SELECT d.lift, d.exercise_id FROM training_deliveredlift d
            WHERE d.enrollment_id = c.enrollment_id
                AND (d.lift, d.exercise_id) > (c.lift, c.exercise_id)
            ORDER BY d.enrollment_id, d.lift, d.exercise_id LIMIT 1
        ) d
    )
    SELECT * FROM steps
)
"""

#: Those of one of ``pairs`` within the days.
OF_PAIR = """training_deliveredlift d
        WHERE d.enrollment_id = p.enrollment_id AND d.lift = p.lift
            AND d.exercise_id = p.exercise_id AND d.began >= p.begins AND d.began < p.ends
            AND d.slot_id NOT IN (SELECT slot_id FROM stale)"""
