"""What was lifted: the facts of the rules about lifts, for many enrollments in one query.

``CANDIDATES`` folds the sets of the last weeks into one row for each lift of each visit and keeps
only the enrollments that a rule may concern now or within a week, by conditions that are a little
wider than the rules' own: the rules decide. A history (``Scope.back``) keeps everybody.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db import connection

from bonefit.clinics.models import Clinic
from programs.estimates import MOST_REPS, estimate_one_rm
from programs.models import Decision, Enrollment
from programs.reasons import HOLDING_CODES
from programs.rules import Rules, plain
from sessions import facts
from sessions.flags import Finding
from sessions.flags.lifted import Lift, Lifted, LiftSession
from sessions.flags.loads import UNASSISTED

from .scope import Scope

#: Days on top of the longest window of a rule, so that nothing comes as a surprise within a week.
MARGIN = 7

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
        max(s.load * (%(factors)s::numeric[])[s.reps]) FILTER (
            WHERE s.rpe >= %(from_effort)s AND NOT s.to_confirm AND s.load > 0
            AND s.clean IS NOT FALSE AND s.reps BETWEEN 1 AND %(most_reps)s) AS estimate,
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
        (array_agg(holding ORDER BY began DESC))[1] AS holding,
        count(*) FILTER (WHERE rpe IS NOT NULL) AS known,
        count(*) FILTER (WHERE rpe < low) AS easy,
        count(*) FILTER (WHERE rpe >= %(plateau)s) AS hard,
        array_agg(missed OR coalesce(hardest >= %(too_hard)s, false) ORDER BY began DESC)
            AS too_hard,
        max(estimate) AS estimate,
        (array_agg(lightest ORDER BY began DESC))[1:%(intensity)s] AS lightest,
        count(DISTINCT exercise_id) > 1 AS moved,
        max(began) FILTER (WHERE estimate IS NOT NULL) AS estimated
    FROM sessions GROUP BY enrollment_id, lift
"""

#: Wider than the rules: F06 and F07, F25, F08, F10, F09, F11, G01.
CONCERNED = """
    SELECT enrollment_id FROM lifts WHERE
        (loads[1] <= loads[least(%(stall)s, cardinality(loads))]
            AND (cardinality(loads) >= %(stall)s)
            AND (2 * easy >= least(known, %(stall)s) OR 2 * hard >= least(known, %(stall)s)))
        OR (loads[1] <= load_then AND first < %(stall_since)s
            AND (2 * easy >= known OR 2 * hard >= known OR cardinality(loads) < %(stall)s))
        OR (holding AND first < %(held_since)s)
        OR (done[1] < best * %(kept)s)
        OR (too_hard[1] AND cardinality(too_hard) >= %(hard)s
            AND NOT (false = ANY(too_hard[1:%(hard)s])))
        OR (estimate IS NOT NULL AND estimate * %(share)s > ANY(lightest))
        OR (estimated IS NULL AND last > %(trained)s)
        OR (lift = 'squat' AND moved)
"""

#: G02: what was not clean, or the beginning, lies so many weeks back and nothing since.
CLEAN = """
    SELECT s.enrollment_id FROM sessions s
    JOIN programs_enrollment p ON p.id = s.enrollment_id
    GROUP BY s.enrollment_id, p.starts_on
    HAVING bool_and(s.clean IS NOT FALSE) FILTER (WHERE s.began >= %(clean_since)s)
        AND (p.starts_on >= %(since)s::date
            OR bool_or(s.clean IS FALSE) FILTER (WHERE s.began < %(clean_since)s))
"""

ROWS = """
SELECT s.enrollment_id, s.lift, json_agg(json_build_array(
        extract(epoch FROM s.began), s.uid, x.slug, x.name, x.level, x.load_type, x.base,
        s.load::text, s.done::text, s.missed, s.all_reps, s.rpe, s.hardest, s.low, s.reasons,
        s.holding, s.estimate::text, s.loads::text[], s.reps, s.clean,
        (SELECT (t ->> 'sets')::int FROM training_visit v,
            jsonb_array_elements(v.prescription -> 'targets') t
            WHERE v.id = s.visit_id AND t ->> 'exercise' = x.slug LIMIT 1))
    ORDER BY s.began, s.uid, x.slug)
FROM sessions s JOIN programs_exercise x ON x.id = s.exercise_id
{whom}
GROUP BY s.enrollment_id, s.lift
"""

CANDIDATES = f"WITH sessions AS MATERIALIZED ({SESSIONS}), lifts AS ({LIFTS})" + ROWS.format(
    whom=f"WHERE s.enrollment_id IN ({CONCERNED} UNION {CLEAN})"
)
HISTORY = f"WITH sessions AS MATERIALIZED ({SESSIONS})" + ROWS.format(whom="")

#: The last set of each lift before the window that said what a best single is, and its rungs.
BEFORE = """
SELECT s.enrollment_id, s.lift,
    max(lower(v.during)) FILTER (WHERE s.rpe >= %(from_effort)s AND NOT s.to_confirm AND s.load > 0
        AND s.clean IS NOT FALSE AND s.reps BETWEEN 1 AND %(most_reps)s),
    array_agg(DISTINCT x.slug) FILTER (WHERE x.load_type = %(unassisted)s)
FROM training_setentry s
JOIN training_visit v ON v.id = s.visit_id AND v.status IN ('attended', 'attended_partial')
    AND v.during < tstzrange(%(since)s, %(since)s, '[]')
JOIN programs_exercise x ON x.id = s.exercise_id
WHERE s.enrollment_id = ANY(%(older)s) AND NOT s.voided AND s.kind = 'working'
GROUP BY s.enrollment_id, s.lift
"""


def fetch(scope: Scope) -> Mapping[int, Lifted]:
    """The lifts of enrollments, as the rules are asked with them."""
    asked = _asked(scope)
    with connection.cursor() as cursor:
        cursor.execute(HISTORY if scope.back else CANDIDATES, asked)
        rows = cursor.fetchall()
    if not rows:
        return {}
    lifts: dict[int, list[Lift]] = {}
    for enrollment, lift, sessions in rows:
        told = tuple(_session(one, scope.clinic) for one in sessions)
        lifts.setdefault(enrollment, []).append(Lift(lift, told))
    return _with_words(scope, lifts, _before(scope, lifts, asked))


def confirm(
    clinic: Clinic, found: Mapping[int, Sequence[Finding]], now: datetime
) -> dict[int, list[Finding]]:
    """Of lifts that seem to stand still, those for which the same load is asked for next, not held.

    The engine knows what the next visit asks for. It is asked only of what would be raised anew:
    a lift that moves again resolves by itself with the next visit.
    """
    enrollments = Enrollment.objects.filter(pk__in=found).select_related("client", "clinic")
    still = {}
    for enrollment in enrollments:
        targets = facts.standing_now(enrollment, clinic=clinic, now=now).targets.values()
        asked = {
            target.exercise: plain(target.load)
            for target in targets
            if target.load is not None and target.available and not target.reason.holding
        }
        kept = [one for one in found[enrollment.pk] if asked.get(one.subject) == _load_of(one)]
        if kept:
            still[enrollment.pk] = kept
    return still


def _load_of(finding: Finding) -> object:
    sessions: list[dict[str, object]] = finding.evidence["sessions"]  # type: ignore[assignment]
    return sessions[-1]["load"]


def _asked(scope: Scope) -> dict[str, Any]:
    rules, now = scope.asked.rules, scope.asked.now

    def ago(days: int) -> datetime:
        return now - timedelta(days=days)

    return {
        "ids": list(scope.enrollments),
        "now": now,
        "since": ago(_kept(rules) + scope.back if scope.back else window_days(rules)),
        "holding": sorted(HOLDING_CODES),
        "factors": factors(rules.formula),
        "from_effort": rules.estimate_from_effort,
        "most_reps": MOST_REPS,
        "stall": rules.stall_sessions,
        "stall_since": ago(rules.stall_days - MARGIN),
        "plateau": rules.plateau_effort,
        "held_since": ago(rules.hold_limit_days - MARGIN),
        "kept": 1 - rules.regression_percent / 100,
        "too_hard": rules.effort_too_high,
        "hard": rules.hard_sessions,
        "intensity": rules.intensity_sessions,
        "share": rules.low_intensity_percent / 100,
        "trained": ago(28 + MARGIN),
        "clean_since": ago(7 * rules.clean_weeks),
        "unassisted": UNASSISTED,
    }


def window_days(rules: Rules) -> int:
    """How many days of sessions the rules look at, the margin included."""
    return MARGIN + max(
        rules.stall_days,
        rules.hold_limit_days,
        rules.regression_days + 7 * rules.regression_sessions,
        7 * rules.clean_weeks,
        7 * rules.stall_sessions // 2,
    )


#: Days that a history keeps before its first day at least, so that two sets of numbers share one.
HISTORY_DAYS = 60


def _kept(rules: Rules) -> int:
    return max(window_days(rules), HISTORY_DAYS)


def history_key(rules: Rules) -> object:
    """What a history depends on: two sets of numbers with the same key can share one."""
    return rules.formula, rules.estimate_from_effort, _kept(rules)


def factors(formula: str) -> list[Decimal]:
    """What a load is multiplied by for 1 to 10 reps: every formula is linear in the load."""
    return [estimate_one_rm(Decimal(1000), reps, formula=formula) / 1000 for reps in range(1, 11)]


def _session(row: Sequence[Any], clinic: Clinic) -> LiftSession:
    epoch, uid, slug, name, level, load_type, base, load, done, missed, all_reps, *rest = row
    rpe, hardest, low, reasons, holding, estimate, loads, reps, clean, sets = rest
    return LiftSession(
        # The day that the therapist knows it by is the clinic's, not UTC's.
        at=datetime.fromtimestamp(float(epoch), UTC).astimezone(clinic.tz),
        key=uid,
        load=_kg(load),
        # A set that was left out is reps that were not done.
        all_reps=all_reps and len(reps) >= (sets or 0),
        rpe=rpe,
        effort_low=low,
        holding=holding,
        exercise=slug,
        name=name,
        level=level,
        load_type=load_type,
        base=base,
        done=_kg(done),
        missed=missed,
        hardest=hardest,
        reasons=tuple(reasons),
        estimate=_kg(estimate),
        loads=tuple(map(_kg, loads)),
        reps=tuple(reps),
        clean=clean,
    )


def _kg(text: str | None) -> Decimal | None:
    return None if text is None else Decimal(text)


def _before(
    scope: Scope, lifts: Mapping[int, Sequence[Lift]], asked: Mapping[str, Any]
) -> dict[tuple[int, str], tuple[Any, Any]]:
    """What was before the window, where it matters: no estimate since, or a new rung."""
    older = [
        pk
        for pk, hers in lifts.items()
        if scope.back
        or any(
            all(one.estimate is None for one in lift.sessions)
            or (lift.lift == "squat" and len({one.exercise for one in lift.sessions}) > 1)
            for lift in hers
        )
    ]
    if not older:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(BEFORE, {**asked, "older": older})
        return {(pk, lift): (last, rungs) for pk, lift, last, rungs in cursor.fetchall()}


def _with_words(
    scope: Scope,
    lifts: Mapping[int, Sequence[Lift]],
    before: Mapping[tuple[int, str], tuple[Any, Any]],
) -> dict[int, Lifted]:
    """The lifts with what therapists have said of them, and the phases that they decided on."""
    said: dict[int, dict[str, list[datetime]]] = {}
    phases: dict[int, list[tuple[datetime, str]]] = {}
    decisions = Decision.objects.filter(enrollment__in=lifts, at__lte=scope.asked.now)
    revoked = decisions.exclude(revokes=None).values("revokes")
    for pk, at, kind, lift, phase in (
        decisions.exclude(pk__in=revoked)
        .order_by("at", "pk")
        .values_list("enrollment_id", "at", "kind", "lift", "phase")
    ):
        if kind == Decision.Kind.PROMOTE:
            phases.setdefault(pk, []).append((at.astimezone(scope.clinic.tz), phase))
        said.setdefault(pk, {}).setdefault(lift, []).append(at.astimezone(scope.clinic.tz))
    first = (scope.asked.now - timedelta(days=window_days(scope.asked.rules) + scope.back)).date()
    began = Enrollment.objects.filter(pk__in=lifts, starts_on__gte=first)
    begun = dict(began.values_list("pk", "starts_on"))
    return {
        pk: Lifted(
            tuple(
                _complete(one, before.get((pk, one.lift)), said.get(pk, {}), scope) for one in hers
            ),
            tuple(phases.get(pk, ())),
            begun.get(pk),
        )
        for pk, hers in lifts.items()
    }


def _complete(
    lift: Lift,
    before: tuple[Any, Any] | None,
    said: Mapping[str, Sequence[datetime]],
    scope: Scope,
) -> Lift:
    last, rungs = before or (None, None)
    return replace(
        lift,
        estimated_before=last.astimezone(scope.clinic.tz).date() if last else None,
        rungs_before=frozenset(rungs or ()),
        decided=tuple(said.get(lift.lift, ())),
    )
