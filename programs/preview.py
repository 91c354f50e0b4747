"""The engine asked about the past step by step, and about a future that somebody supposes.

Standard library only. There is no second model: what has happened and what is supposed go through
the same ``advance``, so that a preview can say nothing that a real visit would not do.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import NamedTuple

from programs.events import (
    Arrived,
    Event,
    LiftDone,
    LiftState,
    PlanChanged,
    RulesChanged,
    SetDone,
    State,
    Target,
    Visited,
)
from programs.pain import ALL_WELL
from programs.progression import advance, initial, targets, unrevoked

WEEKS_AHEAD = 12


class Step(NamedTuple):
    """One event of a log, and what was known after it."""

    event: Event
    state: State


def trace(events: Iterable[Event]) -> list[Step]:
    """The fold of ``replay`` with every state on its way; the last one is what ``replay`` gives.

    Raises ValueError without a PlanChanged and a RulesChanged.
    """
    ordered = unrevoked(events)
    plan = next((event for event in ordered if isinstance(event, PlanChanged)), None)
    rules = next((event for event in ordered if isinstance(event, RulesChanged)), None)
    if plan is None or rules is None:
        raise ValueError("A log begins with a program version and with rules.")
    state = initial(plan.plan, rules.rules, rules.inventory)
    steps = []
    for event in ordered:
        state = advance(state, event)
        steps.append(Step(event, state))
    return steps


# --- a future that somebody supposes ---------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Scenario:
    """What is supposed of the weeks to come; week 1 begins on the first day of the preview.

    ``away_from`` is the first of ``away_weeks`` weeks without a visit; from the week ``hard_from``
    on every set that is asked for by effort is done at ``rpe`` (Borg 6 to 20).
    """

    key: str
    name: str
    away_from: int | None = None
    away_weeks: int = 2
    hard_from: int | None = None
    rpe: int = 18

    def away_in(self, week: int) -> bool:
        """Whether nobody comes in this week."""
        return self.away_from is not None and 0 <= week - self.away_from < self.away_weeks

    def hard_in(self, week: int) -> bool:
        """Whether the sets of this week are harder than asked for."""
        return self.hard_from is not None and week >= self.hard_from


#: The first is what the others are compared with.
SCENARIOS: tuple[Scenario, ...] = (
    Scenario("prescribed", "All as prescribed"),
    Scenario("away", "Two weeks away from week 6", away_from=6),
    Scenario("hard", "RPE 18 from week 9", hard_from=9),
)


class Coming(NamedTuple):
    """A visit that is supposed: its moments in UTC, and its day in the clinic's calendar."""

    starts_at: datetime
    ends_at: datetime
    day: date

    @property
    def key(self) -> str:
        return f"~ supposed {self.starts_at.isoformat()}"


class Ahead(NamedTuple):
    """One supposed visit: what is asked for, what is done of it, and what is known afterwards.

    Nobody came: no targets, and ``after`` is as before.
    """

    week: int  # of the preview, from 1
    visit: Coming
    came: bool
    asked: dict[str, Target]
    done: tuple[LiftDone, ...]
    after: State


def week_of(first: date, day: date) -> int:
    """The week of the preview, from 1."""
    return (day - first).days // 7 + 1


def ahead(
    state: State,
    visits: Sequence[Coming],
    scenario: Scenario,
    *,
    first: date,
    announced: Iterable[Event] = (),
) -> list[Ahead]:
    """What the engine would ask for at each of ``visits``, were the scenario to come true.

    ``announced`` are events to come that are known already, as new rules from a day on. No phase
    changes by itself: only a therapist promotes. Where nothing is prescribed nothing is lifted.
    """
    waiting = sorted(announced, key=lambda event: event.at)
    found = []
    for visit in sorted(visits):
        while waiting and waiting[0].at <= visit.starts_at:
            state = advance(state, waiting.pop(0))
        week = week_of(first, visit.day)
        if scenario.away_in(week):
            found.append(Ahead(week, visit, False, {}, (), state))
            continue
        state = advance(state, Arrived(visit.starts_at, visit.key, visit.day, ALL_WELL))
        asked = targets(state)
        rpe = scenario.rpe if scenario.hard_in(week) else None
        done = tuple(
            as_asked(target, state.lifts[lift], rpe=rpe)
            for lift, target in asked.items()
            if target.available
        )
        if done:
            state = advance(state, Visited(visit.ends_at, visit.key, visit.day, done, ALL_WELL))
        found.append(Ahead(week, visit, True, asked, done, state))
    return found


def as_asked(target: Target, known: LiftState, *, rpe: int | None = None) -> LiftDone:
    """Every set of a target as it was asked for: clean, without pain, in the middle of its band.

    A range of reps is climbed by one rep a visit at the same load. ``rpe`` is another effort.
    """
    effort = _middle(target) if rpe is None or target.effort_high is None else rpe
    sets = tuple(
        SetDone(
            number,
            load=target.load,
            reps=_reps(target, known),
            rpe=effort,
            clean=True,
            pain=0,
            target_load=target.load,
            target_reps=target.reps,
            landings=target.landings,
            level=target.level,
            seconds=target.seconds,
        )
        for number in range(1, target.sets + 1)
    )
    return LiftDone(target.lift, target.exercise, sets)


def _middle(target: Target) -> int | None:
    """The middle of the effort band, the lower of two; None where no effort is asked for."""
    bounds = [one for one in (target.effort_low, target.effort_high) if one is not None]
    return sum(bounds) // len(bounds) if bounds else None


def _reps(target: Target, known: LiftState) -> int | None:
    if target.reps is None or target.reps_top is None or known.last is None:
        return target.reps
    if known.last.exercise != target.exercise:
        return target.reps
    made = [one.reps for one in known.last.sets if one.reps is not None]
    if not made or any(one.load != target.load for one in known.last.sets):
        return target.reps
    return max(target.reps, min(min(made) + 1, target.reps_top))


def weeks_until(first: date, weeks: int = WEEKS_AHEAD) -> date:
    """The last day of the last week."""
    return first + timedelta(days=7 * weeks - 1)
