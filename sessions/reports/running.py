"""How a clinic runs: places, sessions by how they ended, make-ups and flags. The queries.

``operations`` makes the report of them, ``retests`` counts the scans and tests that were due.
"""

from __future__ import annotations

from collections.abc import Iterable

from sessions.makeups import OWED
from sessions.models import Visit

from .in_force import rules


def _listed(values: Iterable[str]) -> str:
    return ", ".join(f"'{value}'" for value in values)


FREED, CAME = _listed(Visit.FREED), _listed(Visit.ATTENDANCE)

# --- places ---------------------------------------------------------------------------------------

#: A row a class that took place within the dates: its places, who held one at its end, who came.
#: ``least`` leaves out what nobody has said; a class that nobody supervises has no places.
HELD = f"""
, {rules("group_warn_above", "people_per_rack")}
, slots AS (
    SELECT s.id, s.clinic_id, s.room, s.starts_at, s.ends_at, s.capacity,
        (s.starts_at AT TIME ZONE k.zone)::date AS day, rules.group_warn_above,
        rules.people_per_rack
    FROM clinics k
    JOIN rules ON rules.clinic_id = k.clinic_id
    JOIN training_slot s ON s.clinic_id = k.clinic_id
    WHERE s.starts_at >= k.begins AND s.starts_at < k.ends AND s.called_off_at IS NULL
)
, supervised AS (
    SELECT s.id, n.member_id
    FROM slots s JOIN training_supervision n ON n.slot_id = s.id
    WHERE n.named_at IS NOT NULL OR (n.during IS NOT NULL AND NOT EXISTS (
        SELECT 1 FROM training_leave l WHERE l.member_id = n.member_id AND l.removed_at IS NULL
            AND s.day BETWEEN l.starts_on AND l.ends_on))
)
, members AS (SELECT id, count(*) AS number FROM supervised GROUP BY id)
, rooms AS MATERIALIZED (
    -- A clinic has a few; they are not looked up again for each of its classes.
    SELECT clinic_id, name, places, racks FROM training_room
    WHERE clinic_id = ANY(%(clinic_ids)s)
)
, seats AS (
    -- Read along the index, once for all classes. What most places have comes first.
    SELECT v.slot_id, count(*)::int AS booked,
        (count(*) FILTER (WHERE v.status IN ({CAME})))::int AS came
    FROM training_visit v
    WHERE v.slot_id = ANY(ARRAY(SELECT id FROM slots))
        AND (v.status IN ({CAME}) OR v.status NOT IN ({FREED}))
    GROUP BY v.slot_id
)
, held AS (
    SELECT s.id, s.clinic_id, s.room, s.starts_at, date_trunc('month', s.day)::date AS month,
        coalesce(m.number, 0) AS supervisors,
        CASE WHEN m.number > 0 THEN least(m.number * s.group_warn_above, r.places,
            r.racks * s.people_per_rack, s.capacity)::int END AS offered,
        coalesce(t.booked, 0) AS booked, coalesce(t.came, 0) AS came
    FROM slots s
    LEFT JOIN rooms r ON r.clinic_id = s.clinic_id AND r.name = s.room
    LEFT JOIN members m ON m.id = s.id
    LEFT JOIN seats t ON t.slot_id = s.id
)
"""
_PLACES = """count(offered), coalesce(sum(offered), 0),
    coalesce(sum(booked) FILTER (WHERE offered IS NOT NULL), 0),
    coalesce(sum(came) FILTER (WHERE offered IS NOT NULL), 0),
    count(*) FILTER (WHERE offered IS NULL)"""
#: ("all", "month", "room" or "therapist", key, name, clinic, and the five numbers).
PLACES = f"""
SELECT CASE WHEN grouping(month) = 0 THEN 'month' WHEN grouping(room) = 0 THEN 'room'
        ELSE 'all' END,
    coalesce(to_char(month, 'YYYY-MM'), room), coalesce(to_char(month, 'FMMonth YYYY'), room),
    clinic_id, {_PLACES}
FROM held GROUP BY GROUPING SETS ((month), (clinic_id, room), ())
UNION ALL
SELECT 'therapist', b.member_id::text, u.name, held.clinic_id, {_PLACES}
FROM held JOIN supervised b ON b.id = held.id
JOIN clinics_membership m ON m.id = b.member_id
JOIN clinics_user u ON u.id = m.user_id
GROUP BY b.member_id, u.name, held.clinic_id
"""
CLASSES = """
SELECT id, clinic_id, starts_at, room, supervisors, offered, booked, came
FROM held WHERE {which} ORDER BY starts_at DESC, id
"""

# --- sessions by how they ended -------------------------------------------------------------------

_WITHIN = """v.enrollment_id = c.enrollment_id
        AND lower(v.during) >= c.begins AND lower(v.during) < c.ends"""
#: Looked up for the few that are still open: the others are read from an index alone.
_OVER = """EXISTS (
            SELECT 1 FROM training_visit o WHERE o.id = v.id AND o.missed_after <= %(as_at)s)"""
#: Every session within the dates of which it is known how it ended, or that nobody said so.
SCHEDULED = f"""
, scheduled AS NOT MATERIALIZED (
    SELECT v.id, v.client_id, v.enrollment_id, c.clinic_id, c.today, v.purpose, v.said_at,
        v.said_why, lower(v.during) AS began,
        (lower(v.during) AT TIME ZONE c.zone)::date AS day,
        CASE WHEN v.status IN ('planned', 'checked_in') THEN 'unrecorded'
            WHEN v.status = 'attended_partial' THEN 'attended' ELSE v.status END AS state
    FROM chosen c JOIN training_visit v ON {_WITHIN}
    WHERE v.status <> 'released' AND (v.status NOT IN ('planned', 'checked_in') OR {_OVER})
)
"""
SESSIONS = """
SELECT s.id, s.clinic_id, s.client_id, s.enrollment_id, p.name, s.began, s.state, s.purpose,
    s.said_why
FROM scheduled s JOIN clients_client p ON p.id = s.client_id
WHERE {which} ORDER BY s.began DESC, s.id
"""

# --- make-ups -------------------------------------------------------------------------------------

#: What was owed for each session within the dates, and what became of it (``sessions.makeups``).
#: The clinics' make-ups, far fewer than the sessions owed, are read once, by the index that lets a
#: session be made up once. Of a session owed nothing is read but an index.
OWING = f"""
, {rules("makeup_days")}
, made AS MATERIALIZED (
    SELECT v.makes_up_id, v.status IN ({CAME}) AS attended,
        v.status IN ('planned', 'checked_in') AND v.missed_after > %(as_at)s AS open
    FROM training_visit v
    WHERE v.clinic_id = ANY(%(clinic_ids)s) AND v.makes_up_id IS NOT NULL
        AND v.status NOT IN ({FREED})
)
, owing AS (
    SELECT s.*, c.enrollment_id, c.clinic_id, c.client_id, s.day + c.makeup_days AS until,
        CASE WHEN s.id IN (SELECT m.makes_up_id FROM made m WHERE m.attended) THEN 'taken'
            WHEN s.id IN (SELECT m.makes_up_id FROM made m WHERE m.open) THEN 'booked'
            WHEN s.day + c.makeup_days >= c.today
                AND s.id NOT IN (SELECT m.makes_up_id FROM made m) THEN 'open'
            ELSE 'lapsed' END AS became
    FROM (
        SELECT c.*, rules.makeup_days::int AS makeup_days
        FROM chosen c JOIN rules USING (clinic_id) WHERE rules.makeup_days > 0
        OFFSET 0
    ) c
    CROSS JOIN LATERAL (
        SELECT v.id, v.status AS state, lower(v.during) AS began,
            (lower(v.during) AT TIME ZONE c.zone)::date AS day
        FROM training_visit v
        -- Most came, and are told by the first two words of all.
        WHERE {_WITHIN} AND v.purpose = 'regular' AND v.status NOT IN ({CAME})
            AND v.status IN ({_listed(OWED)})
        OFFSET 0
    ) s
    WHERE NOT (s.state = 'excused' AND EXISTS (
            SELECT 1 FROM training_pause p WHERE p.enrollment_id = c.enrollment_id
                AND s.day BETWEEN p.starts_on AND p.ends_on
                AND (p.resumed_on IS NULL OR p.resumed_on > s.day)
                -- Read for the few that lie in a pause: the others are in an index alone.
                AND p.added_at <= coalesce((SELECT o.said_at FROM training_visit o
                    WHERE o.id = s.id), p.added_at)))
)
"""
#: How a session ended, the most usual first, and the place of each in a number that holds several
#: counts (``attendance_counts`` tells why). An enrollment has fewer than 32,768 sessions.
_ENDS = (
    "attended", "no_show", "late_cancel", "cancelled_client",
    "excused", "clinic_cancelled", "holiday_closed", "unrecorded",
)  # fmt: skip
_BITS, _EACH = 15, 4
_PLACES_OF = {
    **{state: str(place) for place, state in enumerate(_ENDS)},
    "attended_partial": str(_ENDS.index("attended")),
    **dict.fromkeys(
        ("planned", "checked_in"), f"CASE WHEN {_OVER} THEN {_ENDS.index('unrecorded')} END"
    ),
}


def _ended(place: int) -> str:
    """How many of the enrollments ended in the state of a place."""
    number, turn = divmod(place, _EACH)
    return f"coalesce(sum(x.n{number} >> {_BITS * turn} & {(1 << _BITS) - 1}), 0)"


#: (state, None, how many) of every session, and (state, what became of it, how many) of those that
#: are owed.
STATES = f"""
SELECT unnest(ARRAY[{_listed(_ENDS)}]), NULL, unnest(ARRAY[
    {", ".join(map(_ended, range(len(_ENDS))))}])::bigint
FROM chosen c CROSS JOIN LATERAL (
    SELECT sum(1::bigint << {_BITS} * v.place) FILTER (WHERE v.place < {_EACH})::bigint AS n0,
        sum(1::bigint << {_BITS} * (v.place - {_EACH})) FILTER (WHERE v.place >= {_EACH})::bigint
            AS n1
    FROM (
        SELECT CASE v.status
            {" ".join(f"WHEN '{status}' THEN {place}" for status, place in _PLACES_OF.items())}
            END AS place
        FROM training_visit v WHERE {_WITHIN}
        OFFSET 0
    ) v
) x
UNION ALL
SELECT state, became, count(*) FROM owing GROUP BY state, became
"""
#: (month, state, how many) of every session.
BY_MONTH = """
SELECT date_trunc('month', day)::date AS month, state, sum(number)::bigint
FROM (SELECT state, day, count(*) AS number FROM scheduled GROUP BY 1, 2) s GROUP BY 1, 2
"""
OWED_SESSIONS = """
SELECT s.id, s.clinic_id, s.client_id, s.enrollment_id, p.name, s.began, s.state, s.became, s.until
FROM owing s JOIN clients_client p ON p.id = s.client_id
WHERE {which} ORDER BY s.began DESC, s.id
"""

# --- flags ----------------------------------------------------------------------------------------

#: Flags that ask for something, opened or closed within the dates. About a client: one of those
#: asked about; about the clinic itself: each, for whoever may see figures of the whole clinic.
RAISED = """
, raised AS (
    SELECT f.*, f.opened_at >= k.begins AND f.opened_at < k.ends AS opened,
        coalesce(f.resolved_at >= k.begins AND f.resolved_at < k.ends, false) AS closed,
        f.resolved_at IS NULL OR f.resolved_at > %(as_at)s AS waits
    FROM clinics k JOIN training_flag f ON f.clinic_id = k.clinic_id
    WHERE f.severity <> 'good'
        AND ((f.enrollment_id IS NULL AND %(whole)s)
            OR f.enrollment_id IN (SELECT enrollment_id FROM chosen))
        AND ((f.opened_at >= k.begins AND f.opened_at < k.ends)
            OR (f.resolved_at >= k.begins AND f.resolved_at < k.ends))
)
"""
#: (kind, severity; None for all) and: opened, of them waiting, closed, by a person, not useful, and
#: the median of seconds until a person closed it.
FLAGS = """
SELECT kind, severity, count(*) FILTER (WHERE opened), count(*) FILTER (WHERE opened AND waits),
    count(*) FILTER (WHERE closed),
    count(*) FILTER (WHERE closed AND resolution <> 'by_itself'),
    count(*) FILTER (WHERE closed AND resolution = 'not_useful'),
    (percentile_cont(0.5) WITHIN GROUP (ORDER BY extract(epoch FROM resolved_at - opened_at))
        FILTER (WHERE closed AND resolution <> 'by_itself'))::numeric
FROM raised GROUP BY GROUPING SETS ((kind, severity), ())
"""
FLAGS_BEHIND = """
SELECT f.id, f.clinic_id, e.client_id, e.id, p.name, f.kind, f.severity, f.rule, f.opened_at,
    f.resolved_at, f.resolution, u.name
FROM raised f
LEFT JOIN programs_enrollment e ON e.id = f.enrollment_id
LEFT JOIN clients_client p ON p.id = e.client_id
LEFT JOIN clinics_membership m ON m.id = f.resolved_by_id
LEFT JOIN clinics_user u ON u.id = m.user_id
WHERE {which} ORDER BY f.opened_at DESC, f.id
"""
