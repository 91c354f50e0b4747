"""The log of one enrollment as a timeline, lift by lift.

It is read from one fold of the engine: what a row says a visit led to is the state after it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal

from bonefit.clinics.models import Clinic
from programs.models import Enrollment, Lift
from programs.preview import Step, trace
from programs.progression import Arrived, Decided, LiftDone, LiftState, SetDone, State, Visited

from .charts import Picture, Point, Stretch
from .facts import log_now
from .overview import Word, version_of, words_of


@dataclass(frozen=True, slots=True)
class Row:
    """One entry: a visit with its sets, a therapist's word, or what an arrival changed."""

    at: datetime
    phase: str
    visit: str = ""  # its uid
    exercise: str = ""
    asked: str = ""
    done: str = ""
    effort: str = ""
    technique: str = ""
    led_to: str = ""
    estimate: str = ""
    away: int = 0
    word: Word | None = None


@dataclass(frozen=True, slots=True)
class Timeline:
    """One lift of one enrollment, newest first, and its picture."""

    lift: str
    label: str
    lifts: list[tuple[str, str]]
    rows: list[Row]
    picture: Picture


def timeline(enrollment: Enrollment, *, clinic: Clinic, now: datetime, lift: str) -> Timeline:
    """What was asked, done and decided of a lift until ``now``; another lift is the first one."""
    version = version_of(enrollment)
    words = words_of(enrollment, version)
    steps = trace(log_now(enrollment, clinic=clinic, now=now, ahead=now).events)
    lifts = _lifts(steps)
    lift = lift if lift in lifts else lifts[0]
    rows = [
        *_rows(steps, lift),
        *(
            Row(word.decision.at, "", word=word)
            for word in words
            if word.decision.lift in (lift, "")
        ),
    ]
    return Timeline(
        lift,
        Lift(lift).label,
        [(one, Lift(one).label) for one in lifts],
        sorted(rows, key=lambda row: row.at, reverse=True),
        _past(steps, lift, enrollment, clinic, now),
    )


def _lifts(steps: Sequence[Step]) -> list[str]:
    """The lifts of the actual phase, then those that were lifted before."""
    state = steps[-1].state
    now = [asked.lift for asked in state.plan.phase(state.phase).prescriptions]
    before = [
        done.lift for step in steps if isinstance(step.event, Visited) for done in step.event.lifts
    ]
    return list(dict.fromkeys([*now, *before]))


def _rows(steps: Sequence[Step], lift: str) -> Iterable[Row]:
    before: State | None = None
    for event, state in steps:
        phase = state.plan.phase(state.phase).name
        if isinstance(event, Visited):
            for done in event.lifts:
                if done.lift == lift and done.sets:
                    yield _visit_row(event, done, state, phase)
        elif isinstance(event, Arrived) and before is not None and lift in state.lifts:
            was, known = before.lifts[lift], state.lifts[lift]
            line = known.reason.line if was.reason != known.reason else ""
            if state.rescreen is not None and before.rescreen is None:
                line = state.rescreen.line
            away = state.days_away if state.days_away > state.rules.gap_short_days else 0
            if line or away:
                yield Row(event.at, phase, led_to=line or "Nothing changes.", away=away)
        before = state


def _visit_row(event: Visited, done: LiftDone, state: State, phase: str) -> Row:
    first = done.sets[0]
    marked = [one.clean for one in done.sets if one.clean is not None]
    efforts = [one.rpe for one in done.sets if one.rpe is not None]
    failed = marked.count(False)
    return Row(
        event.at,
        phase,
        visit=event.key,
        exercise=state.plan.rung(done.exercise).name,
        asked=_asked(first) or _asked_by_plan(state, done),
        done=_done(done.sets),
        effort=str(efforts[-1]) if efforts else "",
        technique=f"not clean on {failed}" if failed else ("clean" if marked else ""),
        led_to=state.lifts[done.lift].reason.line,
        estimate=_estimate(state.lifts[done.lift], event.day),
    )


def _estimate(known: LiftState, day: date) -> str:
    """The estimate that this visit made, with the edition of its formula."""
    made = known.estimate
    if made is None or made.tested or made.day != day:
        return ""
    return f"estimated 1RM {made.one_rm:.1f} kg ({made.version})"


def kg(load: Decimal) -> str:
    """A load as it is read."""
    return f"{load.normalize():f} kg"


def _asked(one: SetDone) -> str:
    """As it was told, and kept with the set."""
    if one.target_load is not None and one.target_reps is not None:
        return f"{kg(one.target_load)} × {one.target_reps}"
    if one.target_load is not None:
        return kg(one.target_load)
    return f"{one.target_reps} reps" if one.target_reps is not None else ""


def _asked_by_plan(state: State, done: LiftDone) -> str:
    """Seconds and landings are not kept with a set: they are those of the phase."""
    for line in state.plan.phase(state.phase).prescriptions:
        if line.lift == done.lift and line.landings is not None:
            return f"{line.sets} × {line.landings}"
        if line.lift == done.lift and line.seconds is not None:
            return f"{line.sets} × {line.seconds} s"
    return ""


def _done(sets: Sequence[SetDone]) -> str:
    """Sets of one load together, in the order done: "40 kg, 5 × 5", or "40 kg × 5, 5, 4"."""
    groups: list[tuple[str, list[str]]] = []
    for one in sets:
        if one.landings is not None:
            what, made = f"level {one.level}:", f"{one.landings}"
        else:
            what = "" if one.load is None else kg(one.load)
            made = f"{one.seconds} s" if one.reps is None and one.seconds else f"{one.reps or '–'}"
        if groups and groups[-1][0] == what:
            groups[-1][1].append(made)
        else:
            groups.append((what, [made]))
    return "; ".join(_together(what, made) for what, made in groups)


def _together(what: str, made: Sequence[str]) -> str:
    if len(made) > 1 and len(set(made)) == 1:
        same = f"{len(made)} × {made[0]}"
        return f"{what}{'' if what.endswith(':') else ','} {same}" if what else same
    cross = " ×" if what and not what.endswith(":") else ""
    return f"{what}{cross} {', '.join(made)}".strip()


# --- the pictures ---------------------------------------------------------------------------------


def _past(
    steps: Sequence[Step], lift: str, enrollment: Enrollment, clinic: Clinic, now: datetime
) -> Picture:
    label = Lift(lift).label
    today = now.astimezone(clinic.tz).date()
    points, estimates = _points(steps, lift)
    held = _held(steps, lift, clinic, today)
    unit = unit_of(steps[-1].state, lift)
    said = f"{points[0].value} to {points[-1].value} {unit}" if points else "nothing lifted"
    shown = points[0].day if points else today
    return Picture(
        title=f"{label} by day",
        words=f"{said}, held {len(held)} times. The table below has every number.",
        unit=unit,
        points=points,
        estimates=estimates,
        held=held,
        phases=_phases(steps, clinic, shown),
        planned=planned_marks(steps[-1].state, enrollment.starts_on, first=shown, last=today),
    )


def unit_of(state: State, lift: str) -> str:
    """What a lift is measured in."""
    rung = state.plan.rung(state.lifts[lift].exercise)
    if rung.impact_level is not None:
        return "level"
    return "reps" if rung.load_type == "bodyweight" else "kg"


def _points(steps: Sequence[Step], lift: str) -> tuple[list[Point], list[Point]]:
    """What was lifted in every set, and each new estimate; an absence parts them."""
    points: list[Point] = []
    estimates: list[Point] = []
    stretch, exercise, last = 0, "", None
    for event, state in steps:
        if isinstance(event, Decided) and (event.kind, event.lift) == ("estimate", lift):
            tested = state.lifts[lift].estimate
            if tested is not None:
                estimates.append(Point(tested.day, round(tested.one_rm, 1), stretch))
        if not isinstance(event, Visited):
            continue
        for done in event.lifts:
            value = _least(done.sets) if done.lift == lift else None
            if value is None:
                continue
            away = last is not None and (event.day - last).days > state.rules.gap_short_days
            if away or (exercise and exercise != done.exercise):
                stretch += 1
            exercise, last = done.exercise, event.day
            points.append(Point(event.day, value, stretch))
            known: LiftState = state.lifts[lift]
            made = known.estimate
            if made is not None and not made.tested and made.day == event.day:
                estimates.append(Point(event.day, round(made.one_rm, 1), stretch))
    return points, estimates


def _least(sets: Sequence[SetDone]) -> Decimal | None:
    loads = [one.load for one in sets if one.load is not None and one.confirmed]
    if loads:
        return min(loads)
    counts = [
        one.level if one.level is not None else (one.reps if one.reps is not None else one.seconds)
        for one in sets
    ]
    made = [Decimal(one) for one in counts if one is not None]
    return min(made, default=None)


def _held(steps: Sequence[Step], lift: str, clinic: Clinic, today: date) -> list[Stretch]:
    """From a therapist's hold, or a lock, to its end."""
    found: list[Stretch] = []
    since: tuple[date, str] | None = None
    for event, state in steps:
        known = state.lifts.get(lift)
        word = "locked" if state.locked else ("held" if known and known.held else "")
        day = event.at.astimezone(clinic.tz).date()
        if since is not None and word != since[1]:
            found.append(Stretch(since[0], day, since[1]))
            since = None
        if since is None and word:
            since = (day, word)
    if since is not None:
        found.append(Stretch(since[0], today, since[1]))
    return [one for one in found if one.first < one.last]


def _phases(steps: Sequence[Step], clinic: Clinic, first: date) -> list[tuple[date, str]]:
    """When each phase really began."""
    found: dict[str, tuple[date, str]] = {}
    before = ""
    for event, state in steps:
        if state.phase != before:
            day = max(event.at.astimezone(clinic.tz).date(), first)
            found[day.isoformat()] = (day, state.plan.phase(state.phase).name)
        before = state.phase
    return list(found.values())


def planned_marks(
    state: State, starts_on: date, *, first: date, last: date
) -> list[tuple[date, str]]:
    """When each phase was to begin by weeks, within the days shown."""
    begins = [
        (starts_on + timedelta(weeks=phase.first_week - 1), phase.name)
        for phase in state.plan.phases
    ]
    return [(day, name) for day, name in begins if first <= day <= last]
