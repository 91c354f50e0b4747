"""What was lifted: the facts of the rules about lifts, for many enrollments in one query.

``CANDIDATES`` folds the sets of the last weeks into one row for each lift of each visit and keeps
only the enrollments that a rule may concern now or within a week, by conditions that are a little
wider than the rules' own: the rules decide. A history (``Scope.back``) keeps everybody.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

from bonefit.clinics.models import Clinic
from programs.estimates import MOST_REPS, estimate_one_rm
from programs.reasons import HOLDING_CODES
from programs.rules import Rules
from sessions.flags.lifted import (
    HELD,
    NEWS_DAYS,
    TRAINED_WITHIN,
    UNASSISTED,
    Lift,
    Lifted,
    LiftSession,
    held_since,
)
from sessions.flags.loads import estimate_settled, run_of_hard

from .lift_words import with_words, words_of
from .reading import rows_of
from .scope import Scope

#: Days on top of the longest window of a rule, so that nothing comes as a surprise within a week.
MARGIN = 7
#: Before anybody trained.
EVER = datetime(1970, 1, 1, tzinfo=UTC)

#: The best single in kg that the hardest valid set says, under the numbers of a scope.
ESTIMATE = """max(s.load * (%({factors})s::numeric[])[s.reps]) FILTER (
            WHERE s.rpe >= %({from_effort})s AND NOT s.to_confirm AND s.load > 0
            AND s.clean IS NOT FALSE AND s.reps BETWEEN 1 AND %(most_reps)s) AS {name},"""

SESSIONS = """
    SELECT e.id AS enrollment_id, s.lift, s.exercise_id, v.id AS visit_id, v.uid,
        lower(v.during) AS began,
        (array_agg(s.prescribed_load ORDER BY s.number))[1] AS load,
        max(s.load) AS done,
        min(s.load) AS lightest,
        coalesce(bool_or(s.reps < s.prescribed_reps), false) AS missed,
        bool_and(coalesce(s.reps >= s.prescribed_reps, false)) AS all_reps,
        (array_agg(s.rpe ORDER BY s.number DESC))[1] AS rpe,
        max(s.rpe) AS hardest,
        max(s.effort_low) AS low,
        array_agg(DISTINCT s.prescribed_reason) AS reasons,
        bool_or(s.prescribed_reason = ANY(%(holding)s)) AS holding,
        {estimates}
        array_agg(s.load ORDER BY s.number) AS loads,
        array_agg(s.reps ORDER BY s.number) AS reps,
        CASE WHEN bool_or(NOT s.clean) THEN false WHEN bool_or(s.clean) THEN true END AS clean
    FROM unnest(%(ids)s::bigint[]) AS e(id)
    JOIN training_visit v ON v.enrollment_id = e.id
        AND v.during >= tstzrange(%(since)s, %(since)s, '[]')
        AND v.during <= tstzrange(%(now)s, 'infinity', '[]')
        AND v.status IN ('attended', 'attended_partial')
    JOIN training_setentry s ON s.visit_id = v.id AND NOT s.voided AND s.kind = 'working'
    GROUP BY e.id, s.lift, s.exercise_id, v.id
"""

LIFTS = """
    SELECT enrollment_id, lift,
        array_agg(load ORDER BY began DESC) AS loads,
        array_agg(done ORDER BY began DESC) AS done,
        (array_agg(load ORDER BY began) FILTER (WHERE began >= %(stall_since)s))[1] AS load_then,
        min(began) AS first,
        max(began) AS last,
        max(done) AS best,
        (array_agg(reasons && %(held)s::varchar[] ORDER BY began DESC))[1] AS held,
        coalesce(bool_or(rpe < low_now OR rpe >= %(plateau)s) FILTER (WHERE nth <= %(stall)s),
            false) AS telling,
        coalesce(bool_or(holding OR NOT all_reps) FILTER (
            WHERE nth <= %(stall)s AND began >= %(stall_since)s), false) AS explained,
        2 * count(*) FILTER (WHERE began >= %(stall_since)s) < %(stall)s AS rare,
        coalesce(bool_or(away > %(gap)s), false) AS away,
        array_agg(missed OR coalesce(hardest >= %(too_hard)s, false) ORDER BY began DESC)
            AS too_hard,
        max(estimate) AS estimate,
        (array_agg(lightest ORDER BY began DESC))[1:%(intensity)s] AS lightest,
        count(DISTINCT exercise_id) > 1 AS moved,
        max(began) FILTER (WHERE estimate IS NOT NULL) AS estimated
    FROM (
        SELECT *, began - lead(began) OVER lately AS away, row_number() OVER lately AS nth,
            first_value(low) OVER lately AS low_now
        FROM sessions
        WINDOW lately AS (PARTITION BY enrollment_id, lift ORDER BY began DESC)
    ) one GROUP BY enrollment_id, lift
"""

#: Wider than the rules: F06 and F07, F25, F08, F10, F09, F11, G01.
CONCERNED = """
    SELECT enrollment_id FROM lifts WHERE last > %(trained)s AND (
        (loads[1] <= loads[%(stall)s] AND telling AND NOT explained)
        OR (coalesce(loads[1] <= load_then, true) AND first < %(stall_since)s
            AND (rare OR (telling AND NOT explained)))
        OR (held AND first < %(held_since)s)
        OR (done[1] < best * %(kept)s)
        OR (too_hard[1] AND cardinality(too_hard) >= %(hard)s
            AND NOT (false = ANY(too_hard[1:%(hard)s])))
        OR (estimate IS NOT NULL AND estimate * %(share)s > ANY(lightest))
        OR estimated IS NULL OR estimated < %(stale_since)s OR away
        OR (lift = 'squat' AND moved))
    UNION
    SELECT enrollment_id FROM programs_decision
    WHERE enrollment_id = ANY(%(ids)s) AND kind = 'estimate' AND at >= %(since)s
"""

#: G02: what was not clean, or the beginning, lies so many weeks back and nothing since.
CLEAN = """
    SELECT s.enrollment_id FROM sessions s
    JOIN programs_enrollment p ON p.id = s.enrollment_id AND p.id = ANY(%(ids)s)
    GROUP BY s.enrollment_id, p.starts_on
    HAVING bool_and(s.clean IS NOT FALSE) FILTER (WHERE s.began >= %(clean_since)s)
        AND (p.starts_on >= %(since)s::date
            OR bool_or(s.clean IS FALSE) FILTER (WHERE s.began < %(clean_since)s))
"""

#: Arrays as texts: of thousands of sessions most have the same, and one text is read once.
ROWS = """
SELECT s.enrollment_id, s.lift, json_agg(json_build_array(
        extract(epoch FROM s.began), s.uid, s.exercise_id, s.load::text, s.done::text, s.missed,
        s.all_reps, s.rpe, s.hardest, s.low, array_to_string(s.reasons, ',', ''), s.holding,
        array_to_string(s.loads, ',', ''), array_to_string(s.reps, ',', ''),
        s.clean,
        (SELECT (t ->> 'sets')::int FROM training_visit v,
            jsonb_array_elements(v.prescription -> 'targets') t
            WHERE v.id = s.visit_id AND t ->> 'exercise' = x.slug LIMIT 1),
        s.estimate::text{other})
    ORDER BY s.began, s.uid, x.slug)
FROM sessions s JOIN programs_exercise x ON x.id = s.exercise_id
{whom}
GROUP BY s.enrollment_id, s.lift
"""

#: What every session of a rung shares.
RUNGS = "SELECT id, slug, name, level, load_type, base FROM programs_exercise"

OWN = ESTIMATE.format(name="estimate", factors="factors", from_effort="from_effort")
OTHER = ESTIMATE.format(name="other", factors="other_factors", from_effort="other_effort")
_OWN_SESSIONS = f"WITH sessions AS MATERIALIZED ({SESSIONS.format(estimates=OWN)})"
CANDIDATES = f"{_OWN_SESSIONS}, lifts AS ({LIFTS})" + ROWS.format(
    whom=f"WHERE s.enrollment_id IN ({CONCERNED} UNION {CLEAN})", other=""
)
HISTORY = _OWN_SESSIONS + ROWS.format(whom="", other="")
#: Under two sets of numbers: what the other ones would say a best single is comes last.
BOTH = f"WITH sessions AS MATERIALIZED ({SESSIONS.format(estimates=OWN + OTHER)})" + ROWS.format(
    whom="", other=", s.other::text"
)

#: The last set of each lift before the window that said what a best single is, and its rungs.
BEFORE = """
SELECT s.enrollment_id, s.lift,
    max(lower(v.during)) FILTER (WHERE s.rpe >= %(from_effort)s AND NOT s.to_confirm AND s.load > 0
        AND s.clean IS NOT FALSE AND s.reps BETWEEN 1 AND %(most_reps)s),
    array_agg(DISTINCT x.slug) FILTER (WHERE x.load_type = %(unassisted)s)
FROM training_setentry s
JOIN training_visit v ON v.id = s.visit_id AND v.status IN ('attended', 'attended_partial')
    AND v.during < tstzrange(%(since)s, %(since)s, '[]')
    -- Of theirs only: without it the visits of all clinics are read.
    AND v.enrollment_id = ANY(%(older)s)
JOIN programs_exercise x ON x.id = s.exercise_id
WHERE s.enrollment_id = ANY(%(older)s) AND NOT s.voided AND s.kind = 'working'
GROUP BY s.enrollment_id, s.lift
"""


def fetch(scope: Scope) -> Mapping[int, Lifted]:
    """The lifts of enrollments, as the rules are asked with them."""
    (told,) = _fetched(HISTORY if scope.back else CANDIDATES, HISTORY, scope)
    return told


def fetch_both(scope: Scope, other: Scope) -> tuple[Mapping[int, Lifted], Mapping[int, Lifted]]:
    """A past under the numbers of either scope, read once: only the estimates are not the same."""
    told, under = _fetched(BOTH, BOTH, scope, other)
    return told, under


def _fetched(sql: str, ever: str, *scopes: Scope) -> list[Mapping[int, Lifted]]:
    """What a query says under the numbers of each scope; ``ever`` asks for the whole past."""
    clinic, asked = scopes[0].clinic, [_asked(one) for one in scopes]
    params = {
        **asked[0],
        "other_factors": asked[-1]["factors"],
        "other_effort": asked[-1]["from_effort"],
    }
    found = _read(sql, params, clinic)
    longer = {
        pk
        for lifts, scope in zip(found, scopes, strict=True)
        for pk, hers in lifts.items()
        if _goes_back(hers, scope)
    }
    if longer:
        # Since when something holds is said, so the few that it holds for so long are read whole.
        whole = _read(ever, {**params, "ids": list(longer), "since": EVER}, clinic)
        found = [lifts | more for lifts, more in zip(found, whole, strict=True)]
    if not found[0]:
        return [{} for _ in scopes]
    words = words_of(scopes[0], found[0].keys(), asked[0]["since"].date())
    return [
        with_words(scope, lifts, _before(scope, lifts, own), words)
        for scope, lifts, own in zip(scopes, found, asked, strict=True)
    ]


def _read(sql: str, asked: Mapping[str, Any], clinic: Clinic) -> list[dict[int, list[Lift]]]:
    """The lifts of each enrollment, under each set of numbers that the query asks for."""
    read: list[dict[int, list[Lift]]] = [{}, {}] if sql is BOTH else [{}]
    found = rows_of(sql, asked)
    rungs = {pk: rung for pk, *rung in rows_of(RUNGS, {})} if found else {}
    for enrollment, lift, rows in found:
        told = zip(*(_sessions(one, rungs, clinic.tz) for one in rows), strict=True)
        for lifts, sessions in zip(read, told, strict=True):
            lifts.setdefault(enrollment, []).append(Lift(lift, sessions))
    return read


def _begins(scope: Scope) -> datetime:
    """The first moment that is asked about, or a little before it."""
    return scope.asked.now - timedelta(days=scope.back + 1)


def _goes_back(lifts: Sequence[Lift], scope: Scope) -> bool:
    """Whether a run that a flag would name may have begun before the first session there is.

    One that had not at the first moment that is asked about has not at any later one.
    """
    for lift in lifts:
        then = lift.at(_begins(scope)) if scope.back else lift
        if then is None:
            return True  # the first one in a long time, or ever
        rung = then.rung
        if len(rung) == len(then.sessions) and (
            len(then.stretch) == len(rung)
            or held_since(rung) is rung[0]
            or any(
                len(run_of_hard(rung, rules)) == len(rung) or not estimate_settled(rung, rules)
                for rules in _numbers(scope)
            )
        ):
            return True
    return False


def _numbers(scope: Scope) -> tuple[Rules, ...]:
    """The numbers that are asked under."""
    return (scope.asked.rules,) if scope.also is None else (scope.asked.rules, scope.also)


def _asked(scope: Scope) -> dict[str, Any]:
    rules, now = scope.asked.rules, scope.asked.now

    def ago(days: int) -> datetime:
        return now - timedelta(days=days)

    return {
        "ids": list(scope.enrollments),
        "now": now,
        "since": ago(scope.back + max(map(window_days, _numbers(scope)))),
        "holding": sorted(HOLDING_CODES),
        "factors": factors(rules.formula),
        "from_effort": rules.estimate_from_effort,
        "most_reps": MOST_REPS,
        "stall": rules.stall_sessions,
        "stall_since": ago(rules.stall_days - MARGIN - 1),
        "plateau": rules.plateau_effort,
        "held": sorted(HELD),
        "held_since": ago(rules.hold_limit_days - MARGIN - 1),
        "kept": 1 - rules.regression_percent / 100,
        "too_hard": rules.effort_too_high,
        "hard": rules.hard_sessions,
        "intensity": rules.intensity_sessions,
        "share": rules.low_intensity_percent / 100,
        "trained": ago(TRAINED_WITHIN.days + 1),
        "stale_since": ago(rules.estimate_stale_days - MARGIN - 1),
        "gap": timedelta(days=rules.estimate_gap_days - 1),
        "clean_since": ago(7 * rules.clean_weeks - MARGIN - 1),
        "unassisted": UNASSISTED,
    }


def window_days(rules: Rules) -> int:
    """How many days of sessions the rules look at, the margin included."""
    return MARGIN + max(
        rules.stall_days,
        rules.hold_limit_days,
        # What an estimate or a run of visits needs, for what is trained at all these days.
        rules.regression_days + TRAINED_WITHIN.days,
        rules.estimate_stale_days + MARGIN,
        7 * rules.clean_weeks + NEWS_DAYS + MARGIN,
        7 * rules.stall_sessions // 2,
    )


def history_key(rules: Rules) -> object:
    """What a history depends on: two sets of numbers with the same key can share one."""
    return rules.formula, rules.estimate_from_effort


def factors(formula: str) -> list[Decimal]:
    """What a load is multiplied by for 1 to 10 reps: every formula is linear in the load."""
    return [estimate_one_rm(Decimal(1000), reps, formula=formula) / 1000 for reps in range(1, 11)]


def _sessions(
    row: Sequence[Any], rungs: Mapping[int, Sequence[Any]], tz: ZoneInfo
) -> list[LiftSession]:
    """One session, under each set of numbers that an estimate stands there for."""
    epoch, uid, exercise, load, done, missed, all_reps, rpe, hardest, low, reasons, *rest = row
    holding, loads, reps, clean, sets, *estimates = rest
    slug, name, level, load_type, base = rungs[exercise]
    done_reps = _reps(reps)
    told = (
        # The day that the therapist knows it by is the clinic's, not UTC's.
        datetime.fromtimestamp(epoch, tz),
        uid,
        _kg(load),
        # A set that was left out is reps that were not done.
        all_reps and len(done_reps) >= (sets or 0),
        rpe,
        low,
        holding,
        slug,
        name,
        level,
        load_type,
        base,
        _kg(done),
        missed,
        hardest,
        _codes(reasons),
        _kgs(loads),
        done_reps,
        clean,
    )
    return [LiftSession(*told, _kg(one)) for one in estimates]


@lru_cache(maxsize=4096)
def _kg(text: str | None) -> Decimal | None:
    return Decimal(text) if text else None


@lru_cache(maxsize=4096)
def _kgs(text: str) -> tuple[Decimal | None, ...]:
    return tuple(map(_kg, text.split(",")))


@lru_cache(maxsize=4096)
def _reps(text: str) -> tuple[int | None, ...]:
    return tuple(int(one) if one else None for one in text.split(","))


@lru_cache(maxsize=4096)
def _codes(text: str) -> tuple[str, ...]:
    return tuple(text.split(","))


def _before(
    scope: Scope, lifts: Mapping[int, Sequence[Lift]], asked: Mapping[str, Any]
) -> dict[tuple[int, str], tuple[Any, Any]]:
    """What was before the window, where it matters: no estimate since, or a new rung."""
    older = [
        pk
        for pk, hers in lifts.items()
        if any(
            (lift.lift == "squat" and len({one.exercise for one in lift.sessions}) > 1)
            or not _estimated(lift, _begins(scope) if scope.back else scope.asked.now)
            for lift in hers
        )
    ]
    if not older:
        return {}
    found = rows_of(BEFORE, {**asked, "older": older})
    return {(pk, lift): (last, rungs) for pk, lift, last, rungs in found}


def _estimated(lift: Lift, moment: datetime) -> bool:
    """Whether there was an estimate by then."""
    return any(one.estimate is not None and one.at <= moment for one in lift.sessions)
