"""What another version or a block would change for one client: read, never written."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, time
from typing import Any

from programs.content import rule_words
from programs.load_rules import LoadRule, Percent
from programs.models import Enrollment, Lift, ProgramVersion
from programs.pain import ALL_WELL
from programs.plans import plan_of
from programs.progression import Arrived, PlanChanged, Prescribed, State, Target, replay, targets

from .actions import Refused
from .beside import Beside, beside_of
from .facts import log_now


@dataclass(frozen=True, slots=True)
class Ask:
    """What is asked for of a lift, in words; the reason is kept apart, since it is no change."""

    exercise: str
    load: str
    dose: str
    effort: str
    rule: str
    available: bool


@dataclass(frozen=True, slots=True)
class LiftChange:
    """One lift before and after; None where the program has it not."""

    label: str
    now: Ask | None
    after: Ask | None
    changed: frozenset[str] = field(default_factory=frozenset)

    @property
    def same(self) -> bool:
        return self.now == self.after


@dataclass(frozen=True, slots=True)
class Outcome:
    """The phase and each lift, now and after."""

    phase_now: str
    phase_after: str
    lifts: tuple[LiftChange, ...]

    @property
    def nothing(self) -> bool:
        """Whether the client would notice no difference at the next visit."""
        return self.phase_now == self.phase_after and all(lift.same for lift in self.lifts)


def move_refused(before: ProgramVersion, version: ProgramVersion) -> str:
    """Why this version cannot follow that one; "" if it can."""
    if version.program.kind != version.program.Kind.MAIN:
        return f"{version.program.name} is a block. Add it beside the program."
    return f"{version} is followed already." if version.pk == before.pk else ""


def add_refused(enrollment: Enrollment, version: ProgramVersion, *, now: datetime) -> str:
    """Why this block cannot be added; "" if it can."""
    if version.program.kind != version.program.Kind.BLOCK:
        return f"{version.program.name} is a program of its own, and no block."
    running = enrollment.tracks.filter(ends_on=None, version__program_id=version.program_id)
    if running.exists():
        return f"{version.program.name} runs beside the program already."
    versions = _versions(enrollment, now)
    if plan_of((*versions, version.pk)).phases == plan_of(versions).phases:
        return f"All of {version.program.name} is in the program already."
    return ""


def after_move(enrollment: Enrollment, version: ProgramVersion, *, now: datetime) -> Outcome:
    """What changes if this version is followed from today on.

    Raises Refused where what was said today cannot stand under the version.
    """
    _, *blocks = _versions(enrollment, now)
    return _compared(enrollment, (version.pk, *blocks), now=now)


def after_adding(enrollment: Enrollment, version: ProgramVersion, *, now: datetime) -> Outcome:
    """What changes if this block is added from today on."""
    return _compared(enrollment, (*_versions(enrollment, now), version.pk), now=now)


def _versions(enrollment: Enrollment, now: datetime) -> tuple[int, ...]:
    """The program and its blocks on the first day that a change would hold."""
    known = Beside.read(beside_of(enrollment.pk), enrollment.clinic.tz)
    return known.versions(until=max(now, _first_moment(enrollment, now)))


def _first_moment(enrollment: Enrollment, now: datetime) -> datetime:
    tz = enrollment.clinic.tz
    day = max(now.astimezone(tz).date(), enrollment.starts_on)
    return datetime.combine(day, time.min, tzinfo=tz)


def _compared(enrollment: Enrollment, versions: tuple[int, ...], *, now: datetime) -> Outcome:
    """The same log folded twice: as it is, and with another plan from the first day of it on."""
    log = log_now(enrollment, clinic=enrollment.clinic, now=now, ahead=now).events
    moment = max([now, *(event.at for event in log if not isinstance(event, PlanChanged))])
    day = moment.astimezone(enrollment.clinic.tz).date()
    events = [*log, Arrived(moment, "~ next", day, ALL_WELL)]
    first = _first_moment(enrollment, now)
    kept = [one for one in events if not (isinstance(one, PlanChanged) and one.at >= first)]
    changed = PlanChanged(first, first.date().isoformat(), plan_of(versions))
    before = replay(events)
    try:
        after = replay([*kept, changed])
    except ValueError as wrong:
        raise Refused(
            "Something decided today is not in that version. Take it back first, or wait a day. "
            f"{wrong}"
        ) from wrong
    return outcome(before, after)


def outcome(before: State, after: State) -> Outcome:
    """Two states of one client side by side: the lifts of the new one first, then what ends."""
    asked, coming = targets(before), targets(after)
    return Outcome(
        phase_now=before.plan.phase(before.phase).name,
        phase_after=after.plan.phase(after.phase).name,
        lifts=tuple(
            _change(lift, _ask(before, asked, lift), _ask(after, coming, lift))
            for lift in dict.fromkeys((*coming, *asked))
        ),
    )


def _change(lift: str, now: Ask | None, after: Ask | None) -> LiftChange:
    change = LiftChange(str(Lift(lift).label), now, after)
    if now is None or after is None:
        return change
    names = ("exercise", "load", "dose", "effort", "rule", "available")
    changed = frozenset(name for name in names if getattr(now, name) != getattr(after, name))
    return replace(change, changed=changed)


def _ask(state: State, asked: Mapping[str, Target], lift: str) -> Ask | None:
    target = asked.get(lift)
    if target is None:
        return None
    lines = state.plan.phase(state.phase).prescriptions
    line = next(one for one in lines if one.lift == lift)
    return Ask(
        exercise=state.plan.rung(target.exercise).name,
        load="" if target.load is None else f"{target.load.normalize():f} kg",
        dose=_dose(line),
        effort=_effort(target),
        rule=_rule(line.rule),
        available=target.available,
    )


def _dose(line: Prescribed) -> str:
    if line.landings is not None:
        height = f" from {line.drop_cm} cm" if line.drop_cm else ""
        return f"{line.sets} × {line.landings} landings{height}"
    if line.seconds is not None:
        return f"{line.sets} × {line.seconds} s"
    reps = f"{line.reps} to {line.reps_top}" if line.reps_top else f"{line.reps}"
    return f"{line.sets} × {reps}"


def _rule(rule: LoadRule) -> str:
    numbers: dict[str, Any] = {"kind": rule.kind, "entry_percent": rule.entry_percent}
    if isinstance(rule, Percent):
        numbers |= {"from": rule.start, "to": rule.top, "step": rule.step}
    return rule_words(numbers)


def _effort(target: Target) -> str:
    if target.effort_low is None:
        return "" if target.effort_high is None else f"RPE up to {target.effort_high}"
    return f"RPE {target.effort_low} to {target.effort_high}"
