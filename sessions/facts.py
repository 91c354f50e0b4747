"""What is known of an enrollment at a moment: its log as events, its state, its targets.

Every question takes the visit or the moment it is asked for, so that the past can be asked too.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from functools import lru_cache
from itertools import groupby
from typing import Any

from django.db import DEFAULT_DB_ALIAS
from django.db.models import Exists, OuterRef, QuerySet, Subquery
from django.db.models.expressions import RawSQL

from bonefit.clients.models import Clearance
from bonefit.clinics.models import Clinic, Membership
from programs.models import Decision, Enrollment, Track
from programs.plans import RulesInForce, plan_of, rules_at, rules_of
from programs.progression import (
    Decided,
    Event,
    LiftDone,
    Plan,
    Reason,
    RulesChanged,
    SetDone,
    State,
    Target,
    Visited,
    replay,
    targets,
)

from .models import SetEntry, Visit

_SET_FIELDS = (
    "visit__during__endswith",  # a moment: reading a range costs ten times as much
    "visit__uid",
    "lift",
    "exercise__slug",
    "number",
    "load",
    "reps",
    "rpe",
    "clean",
    "pain",
    "to_confirm",
    "prescribed_load",
    "prescribed_reps",
    "landings",
    "landing_level",
)


def cleared_level() -> Subquery:
    """For a queryset of visits: the impact level of the client's newest clearance."""
    newest = Clearance.objects.filter(client=OuterRef("client")).order_by("-id")
    return Subquery(newest.values("impact_level")[:1])


def track_version() -> Subquery:
    """For a queryset of visits: the program version that is followed on the visit's day."""
    running = Track.objects.filter(enrollment=OuterRef("enrollment")).order_by("-starts_on", "-id")
    return Subquery(running.values("version_id")[:1])


def told_already(enrollment: Any, *, after: Any, including: bool = False) -> QuerySet[Visit]:
    """Visits from a moment on whose client was told what to lift, and that are not over yet."""
    moment = "during__startswith__gte" if including else "during__startswith__gt"
    return Visit.objects.filter(
        **{moment: after},
        enrollment=enrollment,
        prescription__isnull=False,
        status__in=[*Visit.OPEN, Visit.Status.UNRECORDED],
    )


@lru_cache(maxsize=1)
def _beside_a_visit() -> dict[str, RawSQL]:
    """What a set needs to know beside its visit, written out as SQL once a process.

    Building these subqueries anew for every tap took longer than the database took to answer.
    """
    asked = Visit.objects.annotate(
        cleared=cleared_level(),
        version_id=track_version(),
        later_told=Exists(
            told_already(OuterRef("enrollment"), after=OuterRef("during__startswith"))
        ),
    ).query
    compiler = asked.get_compiler(DEFAULT_DB_ALIAS)
    compiler.pre_sql_setup()
    written = {}
    for name, question in asked.annotations.items():
        sql, params = compiler.compile(question)
        written[name] = RawSQL(sql, params, output_field=question.output_field)
    return written


def on_the_floor(member: Membership) -> QuerySet[Visit]:
    """Visits that the member may see, with what is needed to prescribe and to judge a set."""
    return Visit.objects.visible_to(member).select_related("client").annotate(**_beside_a_visit())


def visited_events(sets: QuerySet[SetEntry]) -> list[Visited]:
    """The log as events, one for each visit with a standing set.

    A visit counts from the end of its slot, so that a decision made on the floor comes before the
    sets it was made for.
    """
    rows = (
        sets.exclude(kind=SetEntry.Kind.WARM_UP)
        .filter(voided=False)
        .order_by("visit__during__endswith", "visit_id", "lift", "number")
        .values_list(*_SET_FIELDS)
    )
    return [
        Visited(at=ends_at, key=str(uid), lifts=tuple(_lifts(group)))
        for (ends_at, uid), group in groupby(rows, key=lambda row: (row[0], row[1]))
    ]


def _lifts(rows: Iterable[tuple[Any, ...]]) -> Iterable[LiftDone]:
    for (lift, exercise), group in groupby(rows, key=lambda row: (row[2], row[3])):
        yield LiftDone(lift, exercise, tuple(_set_done(row[4:]) for row in group))


def _set_done(row: tuple[Any, ...]) -> SetDone:
    number, load, reps, rpe, clean, pain, to_confirm, target, target_reps, landings, level = row
    return SetDone(
        number=number,
        load=load,
        reps=reps,
        rpe=rpe,
        clean=clean,
        pain=pain,
        confirmed=not to_confirm,
        target_load=target,
        target_reps=target_reps,
        landings=landings,
        level=level,
    )


def decided_events(decisions: Iterable[Decision]) -> list[Decided]:
    """A therapist's words as events."""
    return [
        Decided(
            at=decision.at,
            key=str(decision.uid),
            kind=decision.kind,
            lift=decision.lift or None,
            exercise=decision.exercise.slug if decision.exercise else None,
            load=decision.load,
            phase=decision.phase or None,
            reason=decision.reason,
            revokes=str(decision.revokes.uid) if decision.revokes else None,
        )
        for decision in decisions
    ]


def _state(
    plan: Plan, clinic: Clinic, events: list[Event], *, until: datetime
) -> tuple[State, RulesInForce]:
    history = rules_of(clinic)
    changes = [
        RulesChanged(entry.effective_from, f"{entry.number:08}", entry.rules, entry.inventory)
        for entry in history[1:]
        if entry.effective_from <= until
    ]
    first = history[0]
    state = replay(plan, [*events, *changes], rules=first.rules, inventory=first.inventory)
    return state, rules_at(clinic, until)


@dataclass(frozen=True, slots=True)
class Standing:
    """Where an enrollment stands: its state, what is asked for next, and under which rules."""

    plan: Plan
    state: State
    targets: Mapping[str, Target]
    rules: RulesInForce


def standing_for(visit: Visit, *, clinic: Clinic, version_id: int, cleared: int) -> Standing:
    """Targets of a visit: everything lifted in earlier slots and decided until its end."""
    plan = plan_of(version_id)
    sets = SetEntry.objects.filter(
        enrollment_id=visit.enrollment_id, visit__during__startswith__lt=visit.starts_at
    )
    decisions = _decisions(visit.enrollment_id).filter(at__lte=visit.ends_at)
    events: list[Event] = [*visited_events(sets), *decided_events(decisions)]
    state, rules = _state(plan, clinic, events, until=visit.ends_at)
    return Standing(plan, state, targets(state, plan, cleared_impact=cleared), rules)


def standing_now(enrollment: Enrollment, *, clinic: Clinic, now: datetime) -> Standing:
    """Targets of the next visit, from everything known at ``now``."""
    version_id = enrollment.tracks.order_by("-starts_on", "-id").values_list(
        "version_id", flat=True
    )[0]
    newest = Clearance.objects.filter(client_id=enrollment.client_id).order_by("-id").first()
    plan = plan_of(version_id)
    sets = SetEntry.objects.filter(enrollment_id=enrollment.pk, visit__during__startswith__lte=now)
    decisions = _decisions(enrollment.pk).filter(at__lte=now)
    events: list[Event] = [*visited_events(sets), *decided_events(decisions)]
    state, rules = _state(plan, clinic, events, until=now)
    cleared = newest.impact_level if newest else 0
    return Standing(plan, state, targets(state, plan, cleared_impact=cleared), rules)


def _decisions(enrollment_id: int) -> QuerySet[Decision]:
    return (
        Decision.objects.filter(enrollment_id=enrollment_id)
        .select_related("exercise", "revokes")
        .only(
            "uid", "at", "kind", "lift", "load", "phase", "reason", "exercise__slug", "revokes__uid"
        )
    )


# --- what the client was told, as it is kept on the visit -----------------------------------------


def last_line(state: State, lift: str) -> str:
    """Last time in a few signs, as "55 × 5 @ 15"; empty where there was none."""
    known = state.lifts.get(lift)
    if known is None or known.last is None or not known.last.sets:
        return ""
    last = max(known.last.sets, key=lambda one: one.number)
    if last.landings is not None:
        return f"{len(known.last.sets)} × {last.landings} landings at level {last.level}"
    load = "" if last.load is None else f"{last.load.normalize():f} kg "
    effort = "" if last.rpe is None else f" @ {last.rpe}"
    return f"{load}× {last.reps}{effort}"


def dump(standing: Standing, *, cleared: int) -> dict[str, Any]:
    """The prescription of a visit as JSON: what the client was told, and by which rules."""
    return {
        "rule_set": standing.rules.id,
        "cleared": cleared,
        "phase": standing.state.phase,
        "targets": [
            {
                "lift": target.lift,
                "exercise": target.exercise,
                "kind": target.kind,
                "load": None if target.load is None else f"{target.load.normalize():f}",
                "sets": target.sets,
                "reps": target.reps,
                "effort_low": target.effort_low,
                "effort_high": target.effort_high,
                "landings": target.landings,
                "level": target.level,
                "available": target.available,
                "reason": [target.reason.code, [list(arg) for arg in target.reason.args]],
                "last": last_line(standing.state, target.lift),
            }
            for target in standing.targets.values()
        ],
    }


def load_targets(prescription: Mapping[str, Any]) -> dict[str, Target]:
    """The targets of a kept prescription, in the order of the program."""
    return {item["lift"]: _target(item) for item in prescription["targets"]}


def _target(item: Mapping[str, Any]) -> Target:
    code, args = item["reason"]
    return Target(
        lift=item["lift"],
        exercise=item["exercise"],
        kind=item["kind"],
        load=None if item["load"] is None else Decimal(item["load"]),
        sets=item["sets"],
        reps=item["reps"],
        effort_low=item["effort_low"],
        effort_high=item["effort_high"],
        landings=item["landings"],
        level=item["level"],
        reason=Reason(code, tuple((name, value) for name, value in args)),
        available=item["available"],
    )
