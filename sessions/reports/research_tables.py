"""The tables of a research export: their columns, which are its dictionary, and their queries.

No date, no name, no free text: days and weeks are counted from the start of each enrollment.
"""

from __future__ import annotations

from .small_counts import SMALL
from .table import Column, Kind

T, C, N = Kind.TEXT, Kind.COUNT, Kind.NUMBER
PERSON = Column("person", "person", T, "Pseudonym of an enrollment, of this export only.")
SESSION = Column("session", "session", T, "Pseudonym of a session, of this export only.")
DAY = Column("day", "day", C, "Days since the start of the enrollment; the first day is 0.")
WEEK = Column(
    "week", "week", C, "Programme week: day ÷ 7, rounded down, and 1; blank before the start."
)

PEOPLE = (
    PERSON,
    Column("sex", "sex", T, "As recorded; blank where fewer than 5 people would share it."),
    Column("age", "age", T, "Age at the start in bands of 5 years; blank as sex is."),
    Column(
        "status",
        "status",
        T,
        "Of the enrollment: active, finished or withdrawn; blank where fewer than 5 people of the "
        "same sex and age would share it.",
    ),
    Column("days", "days", C, "Days from the start until she left, or until the export."),
)
SESSIONS = (
    PERSON,
    SESSION,
    DAY,
    WEEK,
    Column("purpose", "purpose", T, "regular, make_up or extra."),
    Column(
        "state",
        "state",
        T,
        "attended, attended_partial, unrecorded, no_show, late_cancel, cancelled_client, excused, "
        "clinic_cancelled or holiday_closed.",
    ),
    Column("makes_up", "makes_up", T, "The session that this one made up for."),
    Column("group", "group", C, "Clients who attended in the same slot, this one included."),
)
SETS = (
    PERSON,
    SESSION,
    DAY,
    Column(
        "lift",
        "lift",
        T,
        "The movement: hinge, press, squat, impact, or another; other where fewer than 5 people "
        "did it.",
    ),
    Column(
        "exercise",
        "exercise",
        T,
        "The exercise on its ladder, by its short name; other where fewer than 5 people did it.",
    ),
    Column("kind", "kind", T, "working, warm_up or impact."),
    Column("number", "number", C, "Of the set within lift and kind."),
    Column("prescribed_load", "prescribed_load", N, "Load asked for.", places=4, unit="kg"),
    Column("load", "load", N, "Load lifted; blank where nobody entered it.", places=4, unit="kg"),
    Column("prescribed_reps", "prescribed_reps", C, "Repetitions asked for."),
    Column("reps", "reps", C, "Repetitions done; blank where nobody entered them."),
    Column("rpe", "rpe", C, "Borg 6 to 20; blank where nobody entered it."),
    Column("clean", "clean", T, "yes, no, or blank where nobody judged the technique."),
    Column("pain", "pain", C, "Worst during the set, 0 to 10; blank where nobody asked."),
    Column("prescribed_landings", "prescribed_landings", C, "Landings asked for."),
    Column("landings", "landings", C, "Landings done."),
    Column("landing_level", "landing_level", C, "Level of impact, 0 to 5."),
    Column("drop", "drop", C, "Height dropped from.", unit="cm"),
    Column("prescribed_level", "prescribed_level", C, "Level of impact asked for."),
    Column("prescribed_seconds", "prescribed_seconds", C, "Of a timed set: asked for.", unit="s"),
    Column("seconds", "seconds", C, "Of a timed set: how long it was held.", unit="s"),
)
MONTHS = (
    PERSON,
    Column(
        "month",
        "month",
        C,
        "Whole months since the start; the first one is 0, the one before the start is -1. Each "
        "month within the days has a row, also one without a session.",
    ),
    Column("attended", "attended", C, "Regular sessions attended, also in part."),
    Column("unrecorded", "unrecorded", C, "Regular sessions of which nobody said how they ended."),
    Column("missed", "missed", C, "No-shows, late cancels and cancellations by the client."),
    Column("excused", "excused", C, "Excused with a reason."),
    Column("clinic", "clinic", C, "Cancelled by the clinic, or closed."),
    Column("make_ups", "make_ups", C, "Make-up sessions attended."),
    Column("extras", "extras", C, "Extra sessions attended."),
    Column("sets", "sets", C, "Working sets done."),
    Column("volume", "volume", N, "Reps × load of the working sets.", places=1, unit="kg"),
    Column("landings", "landings", C, "Landings done."),
)

#: Every session of the cohort that has begun and of which it is known how it ended, or that nobody
#: said so: the same as in the adherence report.
VISITS = """
, visits AS (
    SELECT v.id, v.enrollment_id, v.slot_id, v.purpose, v.makes_up_id,
        CASE WHEN v.status IN ('planned', 'checked_in') THEN 'unrecorded'
            ELSE v.status END AS state, h.client_id,
        (lower(v.during) AT TIME ZONE h.zone)::date AS on_day, h.starts_on
    FROM chosen h JOIN training_visit v ON v.enrollment_id = h.enrollment_id
        AND lower(v.during) >= h.begins AND lower(v.during) < h.ends
    WHERE v.enrollment_id = ANY(%(people)s) AND v.status <> 'released'
        AND (v.status NOT IN ('planned', 'checked_in') OR v.missed_after <= %(as_at)s)
)
"""
#: Ordered by a number that holds for one export: the order of enrollments would say who came first.
SESSION_ROWS = """
SELECT v.enrollment_id, v.id, v.on_day - v.starts_on, v.purpose, v.state, v.makes_up_id,
    (SELECT count(*) FROM training_visit o WHERE o.slot_id = v.slot_id
        AND o.status IN ('attended', 'attended_partial'))
FROM visits v ORDER BY md5(v.enrollment_id || %(salt)s), v.on_day, v.id
"""
#: What fewer people did than a small cell has is called other.
SET_ROWS = f"""
, done AS MATERIALIZED (
    SELECT DISTINCT v.client_id, s.lift, s.exercise_id
    FROM visits v JOIN training_setentry s ON s.visit_id = v.id AND NOT s.voided
), lifts AS (
    SELECT lift FROM done GROUP BY lift HAVING count(DISTINCT client_id) >= {SMALL}
), exercises AS (
    SELECT exercise_id FROM done GROUP BY exercise_id HAVING count(DISTINCT client_id) >= {SMALL}
)
SELECT v.enrollment_id, v.id, v.on_day - v.starts_on,
    CASE WHEN s.lift IN (SELECT lift FROM lifts) THEN s.lift ELSE 'other' END,
    CASE WHEN x.id IN (SELECT exercise_id FROM exercises) THEN x.slug ELSE 'other' END,
    s.kind, s.number, s.prescribed_load, s.load, s.prescribed_reps, s.reps, s.rpe, s.clean, s.pain,
    s.prescribed_landings, s.landings, s.landing_level, s.drop_cm, s.prescribed_level,
    s.prescribed_seconds, s.seconds
FROM visits v JOIN training_setentry s ON s.visit_id = v.id AND NOT s.voided
JOIN programs_exercise x ON x.id = s.exercise_id
ORDER BY md5(v.enrollment_id || %(salt)s), v.on_day, v.id, s.lift, s.kind, s.number
"""


def _month(day: str, start: str) -> str:
    """SQL of how often the day of the month of ``start`` has come back by ``day``."""
    years, months, before = (
        f"extract({part} FROM {day}) {sign} extract({part} FROM {start})"
        for part, sign in (("year", "-"), ("month", "-"), ("day", "<"))
    )
    return f"(12 * ({years}) + {months})::int - ({before})::int"


MONTH_ROWS = f"""
, lifted AS (
    SELECT s.visit_id, count(*) FILTER (WHERE s.kind = 'working') AS sets,
        sum(s.reps * s.load) FILTER (WHERE s.kind = 'working') AS volume,
        sum(s.landings) FILTER (WHERE s.kind = 'impact') AS landings
    FROM training_setentry s
    WHERE s.visit_id IN (SELECT id FROM visits) AND NOT s.voided GROUP BY s.visit_id
), told AS (
    SELECT v.*, l.sets, l.volume, l.landings, v.purpose = 'regular' AS owed,
        v.state IN ('attended', 'attended_partial') AS came,
        {_month("v.on_day", "v.starts_on")} AS month
    FROM visits v LEFT JOIN lifted l ON l.visit_id = v.id
), followed AS (
    SELECT h.enrollment_id, m.month FROM (
        SELECT enrollment_id, starts_on, greatest(starts_on, %(first)s) AS since,
            least(ended_on, %(last)s, today) AS until
        FROM chosen WHERE enrollment_id = ANY(%(people)s)
    ) h
    CROSS JOIN LATERAL generate_series({_month("h.since", "h.starts_on")},
        {_month("h.until", "h.starts_on")}) AS m(month)
    WHERE h.since <= h.until
)
SELECT enrollment_id, month,
    count(*) FILTER (WHERE owed AND came),
    count(*) FILTER (WHERE owed AND state = 'unrecorded'),
    count(*) FILTER (WHERE owed AND state IN ('no_show', 'late_cancel', 'cancelled_client')),
    count(*) FILTER (WHERE owed AND state = 'excused'),
    count(*) FILTER (WHERE owed AND state IN ('clinic_cancelled', 'holiday_closed')),
    count(*) FILTER (WHERE purpose = 'make_up' AND came),
    count(*) FILTER (WHERE purpose = 'extra' AND came),
    coalesce(sum(sets), 0), round(coalesce(sum(volume), 0), 1), coalesce(sum(landings), 0)
FROM followed FULL JOIN told USING (enrollment_id, month) GROUP BY enrollment_id, month
ORDER BY md5(enrollment_id || %(salt)s), month
"""
TABLES = (
    ("people", "One row an enrollment", PEOPLE),
    ("sessions", "One row a session", SESSIONS),
    ("sets", "One row a set", SETS),
    ("months", "One row an enrollment and month", MONTHS),
)
