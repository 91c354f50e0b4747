"""From rows to the pure values that the engine works on. Immutable rows are read once a process."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from functools import lru_cache
from typing import NamedTuple

from bonefit.clinics.models import Clinic
from programs.load_rules import rule_of
from programs.loads import Inventory
from programs.models import Exercise, Phase, ProgramVersion, RuleSet
from programs.progression import Plan, PlanPhase, Prescribed, Rung
from programs.rules import Rules


class RulesInForce(NamedTuple):
    """One RuleSet as the engine reads it."""

    id: int
    number: int
    effective_from: datetime
    rules: Rules
    inventory: Inventory


class RulesOutOfSight(LookupError):
    """Whoever asked for a clinic's rules does not see the rows of that clinic."""


def plan_of(versions: tuple[int, ...]) -> Plan:
    """The plan of a program version and of the blocks beside it, the version first.

    A block's lifts come after those of every phase; a lift that the phase has already stays there.
    """
    main, *blocks = versions
    return _with_blocks(main, tuple(blocks)) if blocks else version_plan(main)


@lru_cache(maxsize=256)
def _with_blocks(main: int, blocks: tuple[int, ...]) -> Plan:
    plan = version_plan(main)
    extra = [
        line
        for block in blocks
        for phase in version_plan(block).phases[:1]
        for line in phase.prescriptions
    ]
    phases = []
    for phase in plan.phases:
        known = {line.lift for line in phase.prescriptions}
        added = {line.lift: line for line in extra if line.lift not in known}
        phases.append(replace(phase, prescriptions=(*phase.prescriptions, *added.values())))
    return replace(plan, phases=tuple(phases))


@lru_cache(maxsize=256)
def version_plan(version_id: int) -> Plan:
    """The published version as a Plan. A version never changes, so neither does this."""
    version = ProgramVersion.objects.get(pk=version_id)
    phases = version.phases.prefetch_related("prescriptions")
    return Plan(
        frequency=version.frequency,
        weeks=version.weeks,
        minutes=version.minutes,
        phases=tuple(_phase(phase) for phase in phases),
        rungs={rung.slug: rung for rung in map(_rung, Exercise.objects.all())},
    )


def _phase(phase: Phase) -> PlanPhase:
    return PlanPhase(
        code=phase.code,
        name=phase.name,
        first_week=phase.first_week,
        last_week=phase.last_week,
        prescriptions=tuple(
            Prescribed(
                lift=line.lift,
                kind=line.kind,
                sets=line.sets,
                reps=line.reps,
                rule=rule_of(line.rule, kind=line.kind),
                effort_low=line.effort_low,
                effort_high=line.effort_high,
                landings=line.landings,
                reps_top=line.reps_top,
                seconds=line.seconds,
                drop_cm=line.drop_cm,
                gate=line.gate,
            )
            for line in phase.prescriptions.all()
        ),
    )


def _rung(exercise: Exercise) -> Rung:
    return Rung(
        slug=exercise.slug,
        lift=exercise.lift,
        level=exercise.level,
        name=exercise.name,
        load_type=exercise.load_type,
        impact_level=exercise.impact_level,
        base=exercise.base,
    )


@lru_cache(maxsize=1)
def _exercises() -> dict[str, Exercise]:
    return {exercise.slug: exercise for exercise in Exercise.objects.all()}


def exercise(slug: str) -> Exercise:
    """A row of the catalogue, which only grows: an unknown one is looked up once more."""
    if slug not in _exercises():
        _exercises.cache_clear()
    return _exercises()[slug]


def exercise_id(slug: str) -> int:
    """The primary key of an exercise."""
    return exercise(slug).pk


def criteria_of(slug: str) -> tuple[str, ...]:
    """What clean technique is for an exercise: three to five things to look for."""
    return tuple(item["text"] for item in exercise(slug).detail.get("criteria", []))


def rules_of(clinic: Clinic) -> tuple[RulesInForce, ...]:
    """All rule sets of a clinic, oldest first; read again only when a new one was published.

    RulesOutOfSight where there are none: every clinic has some.
    """
    return _rules_of(clinic.pk, clinic.rules_number)


@lru_cache(maxsize=256)
def _rules_of(clinic_id: int, _newest: int) -> tuple[RulesInForce, ...]:
    history = tuple(
        RulesInForce(
            row.pk,
            row.number,
            row.effective_from,
            Rules.from_values(row.values),
            Inventory.from_json(row.inventory),
        )
        for row in RuleSet.objects.filter(clinic_id=clinic_id).order_by("number")
    )
    if not history:
        # Kept, this would be the answer to all who ask in this process from now on.
        raise RulesOutOfSight(f"No rules of clinic {clinic_id} are in sight.")
    return history


def rules_at(clinic: Clinic, moment: datetime) -> RulesInForce:
    """The rules in force at a moment; before the first ones, the first."""
    history = rules_of(clinic)
    begun = [entry for entry in history if entry.effective_from <= moment]
    return max(begun, key=lambda entry: (entry.effective_from, entry.number), default=history[0])


def forget() -> None:
    """Drop what this process holds; for tests that empty the database between them."""
    version_plan.cache_clear()
    _with_blocks.cache_clear()
    _exercises.cache_clear()
    _rules_of.cache_clear()
