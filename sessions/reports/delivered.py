"""What was delivered in each attended session, item by item: the query of the fidelity report.

Protocol sheet 5.4. An item is true, false, or null where it cannot be known. The words of each item
are in ``define_fidelity``, how it is told from what was logged in ``delivered_sql``.
"""

from __future__ import annotations

from . import delivered_sql as sql
from .in_force import rules
from .scope import among_clinics

#: In the order of the protocol sheet.
ITEMS = ("exercises", "technique", "load", "effort", "ratio", "supervisor", "sets")

#: 1 to 7 items divide it, so that a score is a whole number of it and sums are exact.
WHOLE = 420
#: Megabytes for each grouping of a question about a clinic: its sessions stay out of files.
MEMORY = 16

_MET = " + ".join(f"({item} IS TRUE)::int" for item in ITEMS)
_APPLICABLE = f"num_nonnulls({', '.join(ITEMS)})"
_COLUMNS = ", ".join(f"d.{name}" for name in sql.COLUMNS)

#: What is kept is used where nothing has changed: ``ready`` are the clinics with rows made with the
#: numbers that hold, ``stale`` their classes of which something changed since. ``came`` are the
#: attended sessions of all others, which are worked out.
STANDING = f"""
, {rules("group_warn_above", "group_block_above", "note_hours", *sql.RULES)}, {sql.FORMULAS_OF}
, ready AS MATERIALIZED (
    SELECT k.clinic_id FROM clinics k JOIN rules USING (clinic_id)
    JOIN training_deliveryready r ON r.clinic_id = k.clinic_id AND r.key = {sql.KEY}
)
, stale AS MATERIALIZED (
    SELECT DISTINCT g.slot_id FROM training_deliverychanged g JOIN ready USING (clinic_id)
)
, came AS MATERIALIZED (
    SELECT {sql.CAME.format(zone="c.zone")}
    FROM chosen c
    JOIN training_visit v ON v.enrollment_id = c.enrollment_id
    WHERE lower(v.during) >= c.begins AND lower(v.during) < c.ends AND {sql.ATTENDED}
        AND c.clinic_id NOT IN (SELECT clinic_id FROM ready)
    UNION ALL
    SELECT {sql.CAME.format(zone="c.zone")}
    FROM stale
    JOIN training_visit v ON v.slot_id = stale.slot_id
    JOIN chosen c ON c.enrollment_id = v.enrollment_id
    WHERE lower(v.during) >= c.begins AND lower(v.during) < c.ends AND {sql.ATTENDED}
)
"""

_SESSIONS_OF = f"""
{STANDING}, {sql.WORKED}
, sessions AS {{once}} (
    SELECT {_COLUMNS} FROM chosen c
    JOIN training_deliveredsession d ON d.enrollment_id = c.enrollment_id
        AND d.began >= c.begins AND d.began < c.ends
    WHERE c.clinic_id IN (SELECT clinic_id FROM ready)
        AND d.slot_id NOT IN (SELECT slot_id FROM stale)
    UNION ALL
    SELECT {_COLUMNS} FROM worked d
)
"""


def sessions_of(*, several: bool) -> str:
    """``sessions``: every attended session within the days, kept or worked out.

    ``several``: whether they are read several times, and so put down once.
    """
    return _SESSIONS_OF.format(once="MATERIALIZED" if several else "NOT MATERIALIZED")


#: ``judged``: the same with what follows the clinic's numbers. ``{{key}}`` is SQL of the group that
#: a session belongs to.
JUDGED = f"""
, limits AS MATERIALIZED (
    SELECT clinic_id, group_block_above::float8 AS most,
        make_interval(secs => 3600 * note_hours::float8) AS late
    FROM rules
)
, judged AS {{once}} (
    SELECT {_COLUMNS}, {{key}} AS key, d.clients <= d.supervisors * limits.most AS ratio,
        CASE WHEN d.signed_at <= %(as_at)s THEN d.signed_at END AS signed,
        d.ended + limits.late AS note_by,
        d.signed_at <= %(as_at)s AND d.signed_at <= d.ended + limits.late AS in_time,
        d.ended + limits.late <= %(as_at)s AS note_over
    FROM sessions d
    JOIN limits ON limits.clinic_id = d.clinic_id
    {{joined}}
)
"""

#: Sessions that are alike are counted, not listed: there are far fewer kinds than sessions.
#: ``{{notes}}``: what is told of their notes.
COUNTED = f"""
, alike AS MATERIALIZED (
    SELECT key, clinic_id, by_id, day, {", ".join(one for one in ITEMS if one != "supervisor")},
        {{notes}}, count(*) AS number
    FROM judged
    GROUP BY {", ".join(str(one) for one in range(1, 13))}
)
"""
_NOTES = "in_time, in_time IS TRUE OR note_over AS note_due"
_NO_NOTES = "NULL::boolean AS in_time, NULL::boolean AS note_due"
#: Each session by itself.
LISTED = """
, alike AS MATERIALIZED (
    SELECT judged.*, in_time IS TRUE OR note_over AS note_due FROM judged
)
"""

#: ``told``: the rows of ``alike`` with the papers of who signed and the score. The join is a full
#: one, as that of ``followed``, so that it is never made by comparing each with each: what it is
#: with holds nothing that the rows have not.
TOLD = f"""
, papers AS MATERIALIZED (
    SELECT m.by_id, m.day, p.expires_on >= m.day AND coalesce(p.first_aid_until >= m.day, true)
        AND coalesce(p.trained_on <= m.day, false) AS supervisor
    FROM (SELECT DISTINCT by_id, day, clinic_id FROM alike) m
    JOIN clinics k USING (clinic_id)
    CROSS JOIN LATERAL (
        SELECT c.expires_on, c.first_aid_until, c.trained_on FROM clinics_credential c
        WHERE c.member_id = m.by_id
            AND c.recorded_at < ((m.day + 1)::timestamp AT TIME ZONE k.zone)
        ORDER BY c.id DESC LIMIT 1
    ) p
)
, told AS MATERIALIZED (
    SELECT n.*, {WHOLE} * n.met / n.applicable AS score FROM (
        SELECT alike.*, papers.supervisor, {_MET} AS met, {_APPLICABLE} AS applicable
        FROM alike FULL JOIN papers ON papers.by_id = alike.by_id AND papers.day = alike.day
        OFFSET 0
    ) n
)
"""

#: The main programs of whoever came, in the order in which they were followed, and since when.
_FOLLOWED = """
, followed AS (
    SELECT t.enrollment_id, array_agg(w.program_id ORDER BY t.starts_on, t.id) AS programs,
        array_agg(t.starts_on ORDER BY t.starts_on, t.id) AS since
    FROM programs_track t
    JOIN programs_programversion w ON w.id = t.version_id
    JOIN programs_program g ON g.id = w.program_id AND g.kind = 'main'
    WHERE t.enrollment_id IN (SELECT enrollment_id FROM sessions)
    GROUP BY t.enrollment_id
)
"""

#: By what the sessions are grouped: SQL of the group's key, what brings it in, and of the names.
#: The names come to the sums, not to the sessions: there are few of those.
GROUPED = {
    "therapist": (
        "d.by_id",
        "",
        f"""SELECT m.id AS key, {among_clinics("u.name", "k.name")} AS name
        FROM clinics_membership m JOIN clinics_user u ON u.id = m.user_id
        JOIN clinics_clinic k ON k.id = m.clinic_id
        WHERE m.clinic_id = ANY(%(clinic_ids)s)""",
    ),
    "program": (
        # The first one holds before its start too.
        "coalesce(f.programs[greatest(width_bucket(d.day, f.since), 1)], 0)",
        "FULL JOIN followed f ON f.enrollment_id = d.enrollment_id",
        f"""SELECT g.id AS key, {among_clinics("g.name", "k.name")} AS name
        FROM programs_program g JOIN clinics_clinic k ON k.id = g.clinic_id
        WHERE g.clinic_id = ANY(%(clinic_ids)s)""",
    ),
    "clinic": (
        "d.clinic_id",
        "",
        "SELECT c.id AS key, c.name FROM clinics_clinic c WHERE c.id = ANY(%(clinic_ids)s)",
    ),
}


def _sum(where: str) -> str:
    return f"coalesce(sum(number) FILTER (WHERE {where}), 0)"


_NUMBERS = ", ".join(
    (
        "sum(number)",
        "sum(score * number)",
        _sum("met = applicable"),
        _sum("note_due"),
        _sum("in_time"),
        *(f"{_sum(f'{item} IS NOT NULL')}, {_sum(item)}" for item in ITEMS),
    )
)
_MONTH = "date_trunc('month', day::timestamp)::date"

#: Sums of sessions, how many have each score, and sums of classes: ("sessions", "scores" or
#: "classes", key, name, month, numbers).
SUMS = f"""
SELECT 'sessions', sums.key::text, coalesce(names.name, 'No program'), month, numbers
FROM (
    SELECT key, {_MONTH} AS month, ARRAY[{_NUMBERS}]::numeric[] AS numbers
    FROM told
    GROUP BY GROUPING SETS ((key), ({_MONTH}), ())
) sums
LEFT JOIN ({{names}}) names ON names.key = sums.key
UNION ALL
SELECT 'scores', key::text, NULL, {_MONTH}, ARRAY[score, sum(number)]
FROM told
GROUP BY GROUPING SETS ((key, score), ({_MONTH}, score), (score))
UNION ALL
SELECT 'classes', key::text, NULL, NULL, ARRAY[clients, sum(number),
    {_sum("clients > supervisors * rules.group_warn_above")},
    {_sum("clients > supervisors * rules.group_block_above")}]
FROM (
    SELECT key, clinic_id, clients, supervisors, count(*) AS number FROM held GROUP BY 1, 2, 3, 4
    UNION ALL
    SELECT NULL, clinic_id, clients, supervisors, count(*)
    FROM (SELECT DISTINCT slot_id, clinic_id, clients, supervisors FROM held) each
    GROUP BY 2, 3, 4
) t
JOIN rules USING (clinic_id)
GROUP BY key, clients
"""
#: A row a group and class of it.
HELD = """
, held AS MATERIALIZED (
    SELECT key, slot_id, clinic_id, clients, supervisors FROM judged GROUP BY 1, 2, 3, 4, 5
)
"""

#: The sessions themselves, the newest first.
SESSIONS = f"""
SELECT told.visit_id, told.clinic_id, e.client_id, told.enrollment_id, p.name, told.began, u.name,
    {", ".join(f"told.{item}" for item in ITEMS)}, told.met, told.applicable, told.note_by,
    told.signed
FROM told
JOIN programs_enrollment e ON e.id = told.enrollment_id
JOIN clients_client p ON p.id = e.client_id
JOIN clinics_membership m ON m.id = told.by_id
JOIN clinics_user u ON u.id = m.user_id
WHERE {{which}}
ORDER BY told.began DESC, told.visit_id
"""

#: The classes, the newest first.
CLASSES = """
SELECT s.id, t.clinic_id, s.starts_at, s.room, t.clients, t.supervisors
FROM (
    SELECT DISTINCT slot_id, clinic_id, clients, supervisors FROM told WHERE {mine}
) t
JOIN training_slot s ON s.id = t.slot_id
JOIN rules ON rules.clinic_id = t.clinic_id
WHERE {which}
ORDER BY s.starts_at DESC, s.id
"""
#: Which classes have more clients for each supervisor than the clinic's two numbers.
OVER = {
    "over_warn": "clients > supervisors * rules.group_warn_above",
    "over_block": "clients > supervisors * rules.group_block_above",
}


def _judged(by: str) -> str:
    key, joined, _ = GROUPED[by]
    # What is brought in for each session is looked up once, though two lists are made of it.
    once = "MATERIALIZED" if joined else "NOT MATERIALIZED"
    followed = _FOLLOWED if joined else ""
    return sessions_of(several=True) + followed + JUDGED.format(key=key, joined=joined, once=once)


def grouped(by: str) -> str:
    """Each session in ``told``, for one way of grouping, and all that it is told from."""
    return _judged(by) + LISTED + TOLD


def sums(by: str) -> str:
    """The whole query of the sums for one way of grouping."""
    return (
        _judged(by) + COUNTED.format(notes=_NOTES) + TOLD + HELD + SUMS.format(names=GROUPED[by][2])
    )


def told() -> str:
    """``told`` of all together, but for their notes."""
    judged = JUDGED.format(key="0", joined="", once="NOT MATERIALIZED")
    return sessions_of(several=False) + judged + COUNTED.format(notes=_NO_NOTES) + TOLD
