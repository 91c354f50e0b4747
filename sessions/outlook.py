"""The weeks to come of one enrollment under a scenario, on her weekly places."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal

from bonefit.clinics.models import Clinic
from programs.calendar import WeeklyPlace, occurrences
from programs.models import Enrollment, Lift
from programs.preview import WEEKS_AHEAD, Ahead, Coming, Scenario, ahead, trace, weeks_until
from programs.progression import State, Target

from .charts import Picture, Point
from .facts import log_now
from .timeline import kg, planned_marks, unit_of


@dataclass(frozen=True, slots=True)
class Outcome:
    """One lift at the beginning and the end of the preview."""

    lift: str
    label: str
    first: str
    last: str


@dataclass(frozen=True, slots=True)
class PreviewRow:
    """One supposed visit of one lift."""

    week: int
    day: date
    came: bool
    asked: str
    effort: str
    reason: str
    planned: str  # the phase that is planned to begin by then, where it does


@dataclass(frozen=True, slots=True)
class Preview:
    """The weeks to come under one scenario: every lift in short, one in full, and its picture."""

    lift: str
    label: str
    phase: str
    outcomes: list[Outcome]
    rows: list[PreviewRow]
    picture: Picture


def coming(enrollment: Enrollment, *, clinic: Clinic, now: datetime) -> list[Coming]:
    """The visits of her weekly places in the weeks to come, those that are not over yet."""
    first = now.astimezone(clinic.tz).date()
    return [
        Coming(starts_at, ends_at, starts_at.astimezone(clinic.tz).date())
        for place in enrollment.places.all()
        for starts_at, ends_at in occurrences(
            [WeeklyPlace(place.weekday, place.at, place.minutes)],
            tz=clinic.tz,
            first=max(first, place.starts_on),
            last=min(weeks_until(first), place.ends_on or date.max),
        )
        if ends_at > now
    ]


def preview(
    enrollment: Enrollment, *, clinic: Clinic, now: datetime, lift: str, scenario: Scenario
) -> Preview:
    """What the engine would ask for in the next weeks, from what is known at ``now``."""
    first = now.astimezone(clinic.tz).date()
    log = log_now(
        enrollment, clinic=clinic, now=now, ahead=now + timedelta(weeks=WEEKS_AHEAD, days=1)
    )
    state = trace(log.events)[-1].state
    visits = [
        visit
        for visit in coming(enrollment, clinic=clinic, now=now)
        if state.last_day is None or visit.day > state.last_day
    ]
    found = ahead(state, visits, scenario, first=first, announced=log.announced)
    lifts = [asked.lift for asked in state.plan.phase(state.phase).prescriptions]
    lift = lift if lift in lifts else lifts[0]
    marks = planned_marks(state, enrollment.starts_on, first=first, last=weeks_until(first))
    return Preview(
        lift=lift,
        label=Lift(lift).label,
        phase=state.plan.phase(state.phase).name,
        outcomes=[_outcome(one, found) for one in lifts],
        rows=_ahead_rows(found, lift, marks),
        picture=_future(found, lift, state, scenario, marks),
    )


def _outcome(lift: str, found: Sequence[Ahead]) -> Outcome:
    asked = [step.asked[lift] for step in found if lift in step.asked]
    first, last = (_target_words(asked[0]), _target_words(asked[-1])) if asked else ("", "")
    return Outcome(lift, Lift(lift).label, first, last)


def _ahead_rows(
    found: Sequence[Ahead], lift: str, marks: Sequence[tuple[date, str]]
) -> list[PreviewRow]:
    rows: list[PreviewRow] = []
    waiting = [mark for mark in marks if found and mark[0] >= found[0].visit.day]
    for step in found:
        begun = [name for day, name in waiting if day <= step.visit.day]
        waiting = [mark for mark in waiting if mark[0] > step.visit.day]
        target = step.asked.get(lift)
        done = next((one for one in step.done if one.lift == lift), None)
        effort = done.sets[-1].rpe if done and done.sets else None
        rows.append(
            PreviewRow(
                step.week,
                step.visit.day,
                step.came,
                _target_words(target) if target else "",
                str(effort or ""),
                target.reason.line if target else "Not in the program by then.",
                begun[-1] if begun else "",
            )
        )
    return rows


def _target_words(target: Target) -> str:
    """What is asked for in a few signs, as "40 kg, 5 × 5"."""
    if not target.available:
        return "nothing"
    if target.kind == "impact":
        return f"level {target.level}, {target.sets} × {target.landings}"
    made = f"{target.seconds} s" if target.reps is None else f"{target.reps}"
    if target.reps_top:
        made = f"{made} to {target.reps_top}"
    load = "" if target.load is None else f"{kg(target.load)}, "
    return f"{load}{target.sets} × {made}"


def _future(
    found: Sequence[Ahead],
    lift: str,
    state: State,
    scenario: Scenario,
    marks: Sequence[tuple[date, str]],
) -> Picture:
    points: list[Point] = []
    stretch = 0
    for step in found:
        target = step.asked.get(lift)
        value = None
        if target is not None and target.available:
            value = target.load if target.load is not None else target.level
        if value is None:
            stretch += 1
        else:
            points.append(Point(step.visit.day, Decimal(value), stretch))
    unit = unit_of(state, lift)
    said = f"from {points[0].value} to {points[-1].value} {unit}" if points else "nothing asked for"
    return Picture(
        title=f"{Lift(lift).label}, {scenario.name.lower()}",
        words=f"{said}. The table below has every number.",
        unit=unit,
        points=points,
        planned=marks,
    )
