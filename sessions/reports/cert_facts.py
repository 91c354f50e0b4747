"""What the logs say for a CERT report: who was trained, in which groups, how the loads went."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from . import delivered
from . import delivered_sql as sql
from .scope import Scope

#: The enrollment h in whose session an event a began, else the one on whose day; NULL: none.
_HOME = """CASE WHEN a.visit_id IS NOT NULL
        THEN (SELECT v.enrollment_id FROM training_visit v WHERE v.id = a.visit_id)
        ELSE (SELECT e.id FROM programs_enrollment e WHERE e.client_id = a.client_id
            AND (a.onset_at AT TIME ZONE h.zone)::date
                BETWEEN e.starts_on AND coalesce(e.ended_on, 'infinity')
            ORDER BY e.starts_on DESC, e.id DESC LIMIT 1) END"""
#: Adverse events of the cohort: of whoever was in training, as they stand now; none that began in
#: an enrollment of hers that is not in it.
_EVENTS = f"""
    SELECT DISTINCT a.id, a.client_id, a.serious, a.what FROM training_adverseevent a
    JOIN chosen h ON h.client_id = a.client_id
        AND h.enrollment_id = coalesce({_HOME}, h.enrollment_id)
    WHERE a.onset_at >= h.begins AND a.onset_at < h.ends AND NOT EXISTS (
        SELECT 1 FROM training_adverseevent b WHERE b.replaces_id = a.id)
"""
#: Classes with how many came together, and how many of those chosen: of a session nothing else is
#: read.
_GROUPS = f"""
, {sql.CLASSES}
, groups AS MATERIALIZED (
    SELECT slot_id, together, named, count(*) AS visits FROM (
        SELECT d.slot_id, d.together, d.named
        FROM chosen c
        JOIN training_deliveredsession d ON d.enrollment_id = c.enrollment_id
            AND d.began >= c.begins AND d.began < c.ends
        WHERE c.clinic_id IN (SELECT clinic_id FROM ready)
            AND d.slot_id NOT IN (SELECT slot_id FROM stale)
        UNION ALL
        SELECT slot_id, classes.together, classes.named FROM came JOIN classes USING (slot_id)
    ) s
    GROUP BY 1, 2, 3
)
, events AS MATERIALIZED ({_EVENTS})
"""

#: ``used``: of each exercise of a lift its first and last working set with a load within the days;
#: of what is not kept, or not as it was, a row each session.
_DONE = f"""
, {sql.LIFTS}
, {sql.PAIRS}
, used AS MATERIALIZED (
    SELECT p.enrollment_id, p.lift, p.exercise_id, f.began AS first_at, f.first_number,
        f.first_load, l.began AS last_at, l.last_number, l.last_load
    FROM pairs p
    LEFT JOIN LATERAL (
        SELECT d.began, d.first_number, d.first_load FROM {sql.OF_PAIR}
            AND d.first_load IS NOT NULL
        ORDER BY d.began LIMIT 1
    ) f ON true
    LEFT JOIN LATERAL (
        SELECT d.began, d.last_number, d.last_load FROM {sql.OF_PAIR}
            AND d.first_load IS NOT NULL AND f.first_load IS NOT NULL
        ORDER BY d.began DESC LIMIT 1
    ) l ON true
    WHERE f.first_load IS NOT NULL OR EXISTS (SELECT FROM {sql.OF_PAIR})
    UNION ALL
    SELECT enrollment_id, lift, exercise_id, began, first_number, first_load, began, last_number,
        last_load
    FROM lifts
)
, loads AS (
    SELECT enrollment_id, lift, (array_agg(first_load ORDER BY first_at, first_number))[1] AS first,
        (array_agg(last_load ORDER BY last_at DESC, last_number DESC))[1] AS last
    FROM used WHERE first_load IS NOT NULL
    GROUP BY enrollment_id, lift
)
"""
#: Each fact once: (what, of what, numbers).
_FACTS = """
SELECT 'numbers', '', ARRAY[(SELECT count(DISTINCT client_id) FROM chosen),
    coalesce(sum(visits), 0), coalesce(sum(visits) FILTER (WHERE named), 0),
    round(avg(together), 1), max(together), (SELECT count(*) FROM events),
    (SELECT count(DISTINCT client_id) FROM events), (SELECT count(*) FROM events WHERE serious),
    (SELECT count(DISTINCT client_id) FROM events WHERE serious)]::numeric[]
FROM groups
UNION ALL
SELECT 'event', what, ARRAY[count(*), count(DISTINCT client_id)] FROM events GROUP BY what
UNION ALL
SELECT 'lift', lift, ARRAY[count(*), count(DISTINCT c.client_id),
    round(percentile_cont(0.5) WITHIN GROUP (ORDER BY first)::numeric, 2),
    round(percentile_cont(0.5) WITHIN GROUP (ORDER BY last)::numeric, 2)]
FROM loads JOIN chosen c USING (enrollment_id) GROUP BY lift
UNION ALL
SELECT 'rung', x.name, ARRAY[count(DISTINCT c.client_id)]
FROM used d JOIN chosen c USING (enrollment_id)
JOIN programs_exercise x ON x.id = d.exercise_id GROUP BY x.name
UNION ALL
SELECT 'decision', d.kind, ARRAY[count(*), count(DISTINCT h.client_id)]
FROM chosen h JOIN programs_decision d ON d.enrollment_id = h.enrollment_id
    AND d.at >= h.begins AND d.at < h.ends
GROUP BY d.kind
UNION ALL
SELECT 'provider', c.profession, ARRAY[count(*), count(c.trained_on)]
FROM (
    -- Who was on the floor; who was planned, only where nobody said who was.
    SELECT DISTINCT s.member_id FROM groups g JOIN training_supervision s USING (slot_id)
    WHERE s.named_at IS NOT NULL OR NOT g.named
) s
JOIN LATERAL (SELECT k.profession, k.trained_on FROM clinics_credential k
    WHERE k.member_id = s.member_id ORDER BY k.id DESC LIMIT 1) c ON true
GROUP BY c.profession
ORDER BY 1, 2
"""
FACTS = delivered.STANDING + _GROUPS + _DONE + _FACTS
#: What is behind a line of loads, and one of how it is tailored; a row each.
LOADS_BEHIND = f"""{delivered.STANDING}{_GROUPS}{_DONE}
SELECT l.enrollment_id, c.clinic_id, c.client_id, n.name, l.lift, l.first, l.last
FROM loads l JOIN chosen c USING (enrollment_id) JOIN clients_client n ON n.id = c.client_id
ORDER BY n.name, l.enrollment_id, l.lift
"""
TAILORED_BEHIND = f"""{delivered.STANDING}{_GROUPS}{_DONE}
SELECT DISTINCT c.clinic_id, c.client_id, n.name AS client, 0::bigint AS decision,
    x.name AS exercise, '' AS kind, NULL::date AS day
FROM used d JOIN chosen c USING (enrollment_id)
JOIN clients_client n ON n.id = c.client_id JOIN programs_exercise x ON x.id = d.exercise_id
UNION ALL
SELECT h.clinic_id, h.client_id, n.name, d.id, '', d.kind, (d.at AT TIME ZONE h.zone)::date
FROM chosen h JOIN programs_decision d ON d.enrollment_id = h.enrollment_id
    AND d.at >= h.begins AND d.at < h.ends
JOIN clients_client n ON n.id = h.client_id
ORDER BY client, day NULLS FIRST, decision, exercise
"""
#: How many attended sessions there are, and the sum of their scores of fidelity.
_SCORE = f"""{delivered.told()}
SELECT coalesce(sum(number), 0)::int, coalesce(sum(score * number), 0)::bigint FROM told
"""


@dataclass(frozen=True)
class Logged:
    """The figures of a cohort.

    ``lifts``: (lift, enrollments, people, median first kg, median last kg); ``kinds``: of events.
    Each count of events and decisions with of how many people it is.
    """

    clients: int
    attended: int
    named: int
    group: Decimal | None
    largest: int | None
    events: tuple[int, int]
    serious: tuple[int, int]
    kinds: tuple[tuple[str, int, int], ...]
    lifts: tuple[tuple[str, int, int, Decimal, Decimal], ...]
    rungs: tuple[tuple[str, int], ...]
    decisions: tuple[tuple[str, int, int], ...]
    providers: tuple[tuple[str, int, int], ...]


def logged(scope: Scope) -> Logged:
    """One query, however large the cohort."""
    found: dict[str, list[tuple[Any, ...]]] = defaultdict(list)
    for what, name, numbers in scope.ask(FACTS, memory=delivered.MEMORY):
        found[what].append((name, *numbers))
    [(_, clients, attended, named, group, largest, *counts)] = found["numbers"]
    events, of_events, serious, of_serious = map(int, counts)
    return Logged(
        clients=int(clients),
        attended=int(attended),
        named=int(named),
        group=group,
        largest=None if largest is None else int(largest),
        events=(events, of_events),
        serious=(serious, of_serious),
        kinds=tuple((what, int(number), int(of)) for what, number, of in found["event"]),
        lifts=tuple((lift, int(n), int(people), *kg) for lift, n, people, *kg in found["lift"]),
        rungs=tuple((name, int(people)) for name, people in found["rung"]),
        decisions=tuple((kind, int(number), int(of)) for kind, number, of in found["decision"]),
        providers=tuple((name, int(all_), int(some)) for name, all_, some in found["provider"]),
    )


def events_of(scope: Scope) -> frozenset[int]:
    """The adverse events that are counted, by number; one query."""
    return frozenset(row[0] for row in scope.ask(_EVENTS, once=True))


def score(scope: Scope) -> tuple[int, int]:
    """The sum of the attended sessions' scores of fidelity, in ``delivered.WHOLE`` parts each, and
    how many sessions they are; one query.
    """
    [(sessions, summed)] = scope.ask(_SCORE, memory=delivered.MEMORY)
    return summed, sessions
