"""Facts about the client herself: pain, locks, falls, sets outside clearance, her intake."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from programs.reasons import INTAKE
from sessions.falls import HEARD, Heard, source_of
from sessions.flags.health import (
    FALL_DAYS,
    LOOKED_AT,
    Answered,
    Fell,
    IntakeFacts,
    LockHeld,
    PainFacts,
    SafetyFacts,
    SetOutside,
    VisitOutside,
    Worst,
)

from .reading import ATTENDED, begins, day_ends, rows_of
from .scope import Scope

# --- pain -----------------------------------------------------------------------------------------

#: The last answers on arrival; of those without pain the day after none, where only now counts.
ANSWERED = """
SELECT id, visit, uid, starts, next_day, here FROM (
    SELECT e.id, v.visit, v.uid, v.starts, v.next_day, v.here,
        max(v.next_day) OVER (PARTITION BY e.id) AS worst
    FROM programs_enrollment e
    CROSS JOIN LATERAL (
        SELECT v.id AS visit, v.uid, lower(v.during) AS starts,
            (v.answers->'next_day'->>0)::int AS next_day, (v.answers->'now'->>0)::int AS here
        FROM training_visit v
        WHERE v.enrollment_id = e.id AND v.answers IS NOT NULL
            AND lower(v.during) < %(until)s AND (NOT %(all)s OR lower(v.during) >= %(since)s)
        ORDER BY v.during DESC LIMIT %(most)s
    ) v
    WHERE e.id = ANY(%(ids)s)
) known
WHERE %(all)s OR worst > 0
ORDER BY id, starts
"""

#: The worst pain of the last attended visit; only where it was too strong, where only now counts.
WORST = """
SELECT e.id, v.visit, v.uid, v.starts, s.score
FROM programs_enrollment e
CROSS JOIN LATERAL (
    SELECT v.id AS visit, v.uid, lower(v.during) AS starts
    FROM training_visit v
    WHERE v.enrollment_id = e.id AND v.status = ANY(%(attended)s)
        AND lower(v.during) < %(until)s AND (NOT %(all)s OR lower(v.during) >= %(since)s)
    ORDER BY v.during DESC LIMIT %(last)s
) v
CROSS JOIN LATERAL (
    SELECT max(s.pain) AS score FROM training_setentry s
    WHERE s.enrollment_id = e.id AND s.visit_id = v.visit AND NOT s.voided
) s
WHERE e.id = ANY(%(ids)s) AND (%(all)s OR s.score > %(stop_over)s)
ORDER BY e.id, v.starts
"""


def pain(scope: Scope) -> Mapping[int, PainFacts]:
    """What was said of pain: the last answers on arrival, and the last attended visit."""
    tz = scope.clinic.tz
    params = {
        "ids": list(scope.enrollments),
        "until": day_ends(scope),
        "since": begins(scope),
        "all": bool(scope.back),
        "most": None if scope.back else 2 * LOOKED_AT,
        "last": None if scope.back else 1,
        "attended": ATTENDED,
        "stop_over": scope.asked.rules.pain_stop_over,
    }
    answered: dict[int, list[Answered]] = defaultdict(list)
    for pk, visit, uid, starts, next_day, here in rows_of(ANSWERED, params):
        day = starts.astimezone(tz).date()
        answered[pk].append(Answered(day, str(uid), visit, next_day, here))
    worst: dict[int, list[Worst]] = defaultdict(list)
    for pk, visit, uid, starts, score in rows_of(WORST, params):
        worst[pk].append(Worst(starts.astimezone(tz).date(), str(uid), visit, score))
    return {
        pk: PainFacts(tuple(answered.get(pk, ())), tuple(worst.get(pk, ())))
        for pk in answered.keys() | worst.keys()
    }


# --- locks, falls, outside clearance --------------------------------------------------------------

LOCKS = """
SELECT e.id, l.why, l.fact, coalesce(l.evidence->>'why', ''), l.opened_at, l.released_at,
    v.id, lower(v.during)
FROM programs_enrollment e
JOIN clients_lock l ON l.client_id = e.client_id
LEFT JOIN training_visit v
    ON v.clinic_id = l.clinic_id AND v.uid = nullif(l.evidence->>'visit', '')::uuid
WHERE e.id = ANY(%(ids)s) AND (l.released_at IS NULL OR (%(all)s AND l.released_at > %(since)s))
ORDER BY e.id, l.id
"""

#: Falls that were told of lately, with their corrections, which come later. What was told before
#: she was enrolled was for whoever trained her then.
FALLS = """
SELECT e.id, f.id, f.replaces_id, f.key, f.taken_back_why <> '', f.told, f.recorded_at,
    f.fell_on, f.roughly, f.injured, f.fracture, f.confirmed, f.described,
    coalesce(v.id, a.visit_id), lower(coalesce(v.during, w.during))
FROM programs_enrollment e
JOIN clients_fall f ON f.client_id = e.client_id
    AND f.recorded_at > %(since)s
    AND f.recorded_at >= least(e.created_at, (e.starts_on - 1)::timestamptz)
LEFT JOIN training_visit v ON v.clinic_id = f.clinic_id
    AND v.uid = CASE WHEN f.key LIKE 'visit|%%' THEN substr(f.key, 7)::uuid END
LEFT JOIN training_adverseevent a ON a.clinic_id = f.clinic_id
    AND a.uid = CASE WHEN f.key LIKE 'event|%%' THEN substr(f.key, 7)::uuid END
LEFT JOIN training_visit w ON w.id = a.visit_id
WHERE e.id = ANY(%(ids)s)
ORDER BY e.id, f.id
"""

#: Index ``set_outside_clearance`` has nothing but these sets.
OUTSIDE = """
SELECT e.id, v.id, v.uid, lower(v.during), s.number, s.landing_level, s.prescribed_reason,
    c.impact_cleared, c.intake_missing
FROM programs_enrollment e
JOIN clients_client c ON c.id = e.client_id
JOIN training_setentry s ON s.enrollment_id = e.id AND s.outside_clearance AND NOT s.voided
JOIN training_visit v ON v.id = s.visit_id
WHERE e.id = ANY(%(ids)s) AND lower(v.during) < %(until)s
ORDER BY e.id, v.during, s.number, s.id
"""


@dataclass(slots=True)
class _Safety:
    """What is known of one enrollment, while it is read."""

    locks: list[LockHeld] = field(default_factory=list)
    falls: tuple[Fell, ...] = ()
    outside: dict[int, VisitOutside] = field(default_factory=dict)
    cleared: int = 0
    missing: tuple[str, ...] = ()

    def facts(self) -> SafetyFacts:
        outside = tuple(self.outside.values())
        return SafetyFacts(tuple(self.locks), self.falls, outside, self.cleared, self.missing)


def safety(scope: Scope) -> Mapping[int, SafetyFacts]:
    """Open locks, falls told of lately, and visits with sets outside clearance that stand."""
    known: dict[int, _Safety] = defaultdict(_Safety)
    _locks(scope, known)
    _falls(scope, known)
    _outside(scope, known)
    return {pk: one.facts() for pk, one in known.items()}


def _locks(scope: Scope, known: dict[int, _Safety]) -> None:
    tz = scope.clinic.tz
    params = {"ids": list(scope.enrollments), "all": bool(scope.back), "since": begins(scope)}
    for pk, kind, fact, why, opened_at, released_at, visit, starts in rows_of(LOCKS, params):
        at = (starts or opened_at).astimezone(tz)
        known[pk].locks.append(LockHeld(kind, fact, why, at, opened_at, released_at, visit))


def _falls(scope: Scope, known: dict[int, _Safety]) -> None:
    since = scope.asked.now - timedelta(days=FALL_DAYS + scope.back)
    rows: dict[int, list[tuple[Any, ...]]] = defaultdict(list)
    for pk, *row in rows_of(FALLS, {"ids": list(scope.enrollments), "since": since}):
        rows[pk].append(tuple(row))
    for pk, mine in rows.items():
        known[pk].falls = tuple(_fell(mine, scope))


def _fell(rows: list[tuple[Any, ...]], scope: Scope) -> list[Fell]:
    """The answers that told of falls, each with those of its falls that stand."""
    after = {row[1]: row for row in rows if row[1] is not None}
    found: dict[str, list[tuple[Any, ...]]] = {}
    for row in rows:
        _, replaces, key, taken_back, *_ = row
        if taken_back or (replaces is not None and not key.startswith("month|")):
            continue  # a correction raises nothing: it stands in the place of what it corrects
        last = row
        while last[0] in after and not after[last[0]][2].startswith("month|"):
            last = after[last[0]]
        if not last[3]:
            found.setdefault(source_of(key), []).append((row, last))
    return [_one_answer(source, pairs, scope) for source, pairs in found.items()]


def _one_answer(source: str, pairs: list[tuple[Any, ...]], scope: Scope) -> Fell:
    first = pairs[0][0]
    told, told_at, visit, starts = first[4], first[5], first[12], first[13]
    lines = tuple(Heard(*last[6:12]).words for _, last in pairs)
    at = (starts or told_at).astimezone(scope.clinic.tz)
    return Fell(source, HEARD[told], lines, at, told_at, visit)


def _outside(scope: Scope, known: dict[int, _Safety]) -> None:
    tz = scope.clinic.tz
    params = {"ids": list(scope.enrollments), "until": day_ends(scope)}
    for pk, visit, uid, starts, number, level, reason, cleared, missing in rows_of(OUTSIDE, params):
        one = known[pk]
        one.cleared, one.missing = cleared, tuple(each["words"] for each in _json(missing))
        seen = one.outside.get(visit)
        sets = seen.sets if seen else ()
        barred = {INTAKE: "intake", "locked": "locked"}.get(reason, "")
        one.outside[visit] = VisitOutside(
            str(uid), visit, starts.astimezone(tz), (*sets, SetOutside(number, level, barred))
        )


# --- intake ---------------------------------------------------------------------------------------

#: Barred, or something of the intake is missing or near its end.
INTAKES = """
SELECT e.id, c.may_start_until, c.intake_missing
FROM programs_enrollment e
JOIN clients_client c ON c.id = e.client_id
WHERE e.id = ANY(%(ids)s) AND (
    %(all)s OR c.may_start_until IS NULL OR c.may_start_until < %(soon)s OR EXISTS (
        SELECT FROM jsonb_array_elements(c.intake_missing) one
        WHERE coalesce(one->>'until', '') < %(soon)s::text
    )
)
"""
#: Whoever comes near the end of a paper within the next week is asked about too.
AHEAD = 8


def intake(scope: Scope) -> Mapping[int, IntakeFacts]:
    """What stands on the client of her intake, as ``bonefit.clients.intake.refresh`` wrote it."""
    soon: date = scope.asked.today + timedelta(days=scope.asked.rules.expiry_warn_days + AHEAD)
    params = {"ids": list(scope.enrollments), "all": bool(scope.back), "soon": soon}
    return {
        pk: IntakeFacts(until, tuple(_json(missing)))
        for pk, until, missing in rows_of(INTAKES, params)
    }


def _json(value: Any) -> Any:
    # A cursor of Django's hands JSON over as it is written.
    return json.loads(value) if isinstance(value, str) else value
