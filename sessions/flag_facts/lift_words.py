"""What therapists have said of lifts, beside what was lifted; and what comes next, for sure."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any

from django.db.models import OuterRef

from bonefit.clinics.models import Clinic
from programs.calendar import wall_time
from programs.events import Plan, PlanPhase
from programs.models import Decision, Enrollment, Track
from programs.plans import version_plan
from programs.progression import Target
from programs.rules import plain
from programs.strength import tested
from sessions import facts
from sessions.beside import beside
from sessions.flags import Finding
from sessions.flags.lifted import HELD, Lift, Lifted
from sessions.flags.lifts import Cause
from sessions.flags.loads import LOAD_PHASE

from .scope import Scope

#: % of the estimate that a heavy phase begins a lift with at least (protocol sheet 1.3, LOAD).
HEAVY_PERCENT = 80

#: A technical 5RM: moment, exercise, kg.
Test = tuple[datetime, str, Decimal]


@dataclass(frozen=True, slots=True)
class Words:
    """What has been said of enrollments, by their keys; the same under any numbers.

    ``said``: the moments of words about a lift, "" about all of them; ``tests``: the decisions that
    a technical 5RM stands in, by lift; ``phases`` as in ``Lifted``; ``begun``: first days.
    """

    said: Mapping[int, Mapping[str, Sequence[datetime]]]
    tests: Mapping[int, Mapping[str, Sequence[Any]]]
    phases: Mapping[int, tuple[tuple[datetime, str], ...]]
    begun: Mapping[int, date]


def words_of(scope: Scope, enrollments: Collection[int], first: date) -> Words:
    """What therapists have said of lifts until the moment, and the phases that they decided on.

    ``first`` is the day on which the sessions that were read begin.
    """
    said: dict[int, dict[str, list[datetime]]] = {}
    promoted: dict[int, list[tuple[datetime, str]]] = {}
    tests: dict[int, dict[str, list[Any]]] = {}
    decisions = Decision.objects.filter(enrollment__in=enrollments, at__lte=scope.asked.known)
    revoked = decisions.exclude(revokes=None).values("revokes")
    rows = decisions.exclude(pk__in=revoked).order_by("at", "pk")
    for one in rows.values_list(*_SAID, named=True):
        pk, at = one.enrollment_id, one.at.astimezone(scope.clinic.tz)
        if one.kind == Decision.Kind.PROMOTE:
            promoted.setdefault(pk, []).append((at, one.phase))
        elif one.kind == Decision.Kind.ESTIMATE:
            tests.setdefault(pk, {}).setdefault(one.lift, []).append(one)
        elif one.lift or one.kind in (Decision.Kind.HOLD, Decision.Kind.RELEASE):
            said.setdefault(pk, {}).setdefault(one.lift, []).append(at)
    began = Enrollment.objects.filter(pk__in=enrollments, starts_on__gte=first)
    followed = _followed(scope, enrollments)
    phases = {pk: _phases(followed.get(pk, ()), promoted.get(pk, ())) for pk in enrollments}
    return Words(said, tests, phases, dict(began.values_list("pk", "starts_on")))


#: What of a decision matters here.
_SAID = ("enrollment_id", "at", "kind", "phase", "lift", "load", "observed", "exercise__slug")


def with_words(
    scope: Scope,
    lifts: Mapping[int, Sequence[Lift]],
    before: Mapping[tuple[int, str], tuple[Any, Any]],
    words: Words,
) -> dict[int, Lifted]:
    """The lifts with what was said of them, and with what was ``before`` the sessions read."""
    return {
        pk: Lifted(
            tuple(
                _complete(
                    one,
                    before.get((pk, one.lift), (None, None)),
                    words.said.get(pk, {}),
                    [_test(each, scope) for each in words.tests.get(pk, {}).get(one.lift, ())],
                    scope,
                )
                for one in hers
            ),
            words.phases[pk],
            words.begun.get(pk),
        )
        for pk, hers in lifts.items()
    }


def _followed(scope: Scope, enrollments: Iterable[int]) -> dict[int, list[tuple[datetime, Plan]]]:
    """The main programs of enrollments, each from its first moment on, the oldest first."""
    rows = (
        Track.objects.main()
        .filter(enrollment__in=enrollments)
        .order_by("starts_on", "pk")
        .values_list("enrollment_id", "starts_on", "version_id")
    )
    found: dict[int, list[tuple[datetime, Plan]]] = {}
    for pk, day, version in rows:
        begins = wall_time(day, time.min, scope.clinic.tz)
        found.setdefault(pk, []).append((begins, version_plan(version)))
    return found


def _phases(
    followed: Sequence[tuple[datetime, Plan]], promoted: Sequence[tuple[datetime, str]]
) -> tuple[tuple[datetime, str], ...]:
    """From when on she was in which phase; every heavy one is called ``LOAD_PHASE``.

    A clinic names the phases of its own programs as it likes, and "Keep it" is as heavy as the
    phase before it: what the plan asks for counts, not the name.
    """
    found: list[tuple[datetime, str]] = []
    for moment in sorted({at for at, _ in (*followed, *promoted)}):
        begun = [plan for at, plan in followed if at <= moment]
        plan = begun[-1] if begun else followed[0][1] if followed else None
        code = next((code for at, code in reversed(promoted) if at <= moment), "")
        found.append((moment, _as_known(plan, code)))
    return tuple(found)


def _as_known(plan: Plan | None, code: str) -> str:
    """The phase that a code is in a plan; the first one where the plan has none of that code."""
    if plan is None:
        return code
    phases = {one.code: one for one in plan.phases}
    phase = phases.get(code) or plan.phases[0]
    return LOAD_PHASE if _heavy(phase) else code if code in phases else ""


def _heavy(phase: PlanPhase) -> bool:
    shares = [one.rule.entry_percent for one in phase.prescriptions if one.kind == "working"]
    return any(one is not None and one >= HEAVY_PERCENT for one in shares)


def _complete(
    lift: Lift,
    before: tuple[Any, Any],
    said: Mapping[str, Sequence[datetime]],
    tests: Sequence[Test],
    scope: Scope,
) -> Lift:
    last, rungs = before
    return replace(
        lift,
        estimated_before=last.astimezone(scope.clinic.tz).date() if last else None,
        rungs_before=frozenset(rungs or ()),
        # A hold without a lift is one of every lift.
        decided=(*said.get(lift.lift, ()), *said.get("", ())),
        tested=tuple((at, slug or lift.rung[-1].exercise, kg) for at, slug, kg in tests),
    )


def _test(decision: Any, scope: Scope) -> Test:
    """A technical 5RM as it is estimated from; exercise "" is the one of the day."""
    at = decision.at.astimezone(scope.clinic.tz)
    made = tested(
        load=decision.load or Decimal(0),
        reps=int(decision.observed["reps"]),
        reserve=int(decision.observed.get("reserve", 0)),
        day=at.date(),
        rules=scope.asked.rules,
    )
    return at, decision.exercise__slug or "", made.one_rm


def confirm(
    clinic: Clinic, found: Mapping[int, Sequence[Finding]], now: datetime
) -> dict[int, list[Finding]]:
    """Of lifts that seem to stand still, those for which the same load is asked for next, not held.

    The engine knows what the next visit asks for. It is asked only of what would be raised anew:
    a lift that moves again resolves by itself with the next visit. A lift that had no chance to
    rise may step back for the absence: of it, only a raise or a hold is another matter.
    """
    enrollments = Enrollment.objects.filter(pk__in=found).select_related("client", "clinic")
    said: dict[int, list[Decision]] = {pk: [] for pk in found}
    for decision in facts.decisions_of(found):
        said[decision.enrollment_id].append(decision)
    still = {}
    # What was lifted is read client by client: of hundreds at once it would be all they ever did.
    for enrollment in enrollments.annotate(beside=beside(OuterRef("pk"), OuterRef("client"))):
        standing = facts.standing_now(
            enrollment, clinic=clinic, now=now, decisions=said[enrollment.pk]
        )
        asked = {target.exercise: target for target in standing.targets.values()}
        kept = [one for one in found[enrollment.pk] if _is_so(one, asked.get(one.subject))]
        if kept:
            still[enrollment.pk] = kept
    return still


def _is_so(finding: Finding, target: Target | None) -> bool:
    """Whether what is asked for next leaves a lift standing still."""
    sessions: list[dict[str, Any]] = finding.evidence["sessions"]  # type: ignore[assignment]
    load = sessions[-1]["load"]
    if target is None:
        return False
    if finding.evidence["cause"] == Cause.ABSENT:
        raised = target.load is not None and load is not None and target.load > Decimal(load)
        return not raised and target.reason.code not in HELD
    same = target.load is not None and plain(target.load) == load
    return same and target.available and not target.reason.holding
