"""What was lifted, as the rules about lifts are asked with it: sessions of a lift, oldest first.

Standard library only, and no clock.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Self

from programs.rules import Rules, plain

from .finding import Asked


@dataclass(frozen=True, slots=True)
class LiftSession:
    """One attended visit of one lift on one rung, as prescribed and as done.

    ``load`` is the prescribed load of the first set in kg, ``done`` the heaviest that was lifted;
    ``rpe`` the last set's effort (Borg 6 to 20, None if nobody entered it), ``hardest`` the highest
    of all sets; ``effort_low`` the lower end of the band. ``missed``: reps were asked for and not
    done; ``all_reps``: all were done, and entered. ``holding``: the load was held on purpose
    (``programs.reasons.HOLDING_CODES``); ``reasons`` are the codes. ``estimate`` is the best single
    in kg that the hardest valid set says (None without one). ``clean``: False where a set was not,
    True where one was seen clean, None where nobody said.
    """

    at: datetime
    key: str
    load: Decimal | None
    all_reps: bool
    rpe: int | None
    effort_low: int | None
    holding: bool
    exercise: str = ""
    name: str = ""
    level: int = 0
    load_type: str = ""
    base: bool = True
    done: Decimal | None = None
    missed: bool = False
    hardest: int | None = None
    reasons: tuple[str, ...] = ()
    estimate: Decimal | None = None
    loads: tuple[Decimal | None, ...] = ()
    reps: tuple[int | None, ...] = ()
    clean: bool | None = None

    @property
    def day(self) -> date:
        """The day of the clinic; ``at`` is in its zone."""
        return self.at.date()


@dataclass(frozen=True, slots=True)
class Lift:
    """The sessions of one lift of one enrollment within the window that was looked at.

    ``estimated_before``: the day of the last estimate before the first session; None: there was
    none, or it was not asked for because a later one stands. ``tested``: estimates that a therapist
    put down, as (moment, exercise, kg). ``decided_at``: her words about this lift since, each a
    moment. ``rungs_before``: slugs of the rungs that were ever lifted on before.
    """

    lift: str
    sessions: tuple[LiftSession, ...]
    estimated_before: date | None = None
    decided: tuple[datetime, ...] = ()
    rungs_before: frozenset[str] = frozenset()

    @property
    def rung(self) -> tuple[LiftSession, ...]:
        """The last sessions on the rung that is lifted now: a change of rung begins a new one."""
        last = self.sessions[-1].exercise
        for index in range(len(self.sessions) - 1, -1, -1):
            if self.sessions[index].exercise != last:
                return self.sessions[index + 1 :]
        return self.sessions

    @property
    def settled(self) -> bool:
        """A therapist has said something of this lift since it was last lifted."""
        return any(moment > self.sessions[-1].at for moment in self.decided)

    def at(self, moment: datetime) -> "Lift | None":
        """As far as it was lifted and decided at an earlier moment; None: not at all."""
        number = len(self.sessions)
        while number and self.sessions[number - 1].at > moment:
            number -= 1
        if not number:
            return None
        return replace(
            self,
            sessions=self.sessions[:number],
            decided=tuple(one for one in self.decided if one <= moment),
        )


@dataclass(frozen=True, slots=True)
class Lifted:
    """The facts of the family: the lifts of one enrollment, and its phases.

    ``phases``: (moment, code) of each promotion, the oldest first; ``begun`` is the day on which
    she was first here.
    """

    lifts: tuple[Lift, ...]
    phases: tuple[tuple[datetime, str], ...] = ()
    begun: date | None = None

    def at(self, asked: Asked) -> Self:
        lifts = (one.at(asked.now) for one in self.lifts)
        return replace(
            self,
            lifts=tuple(one for one in lifts if one is not None),
            phases=tuple(one for one in self.phases if one[0] <= asked.now),
        )

    @property
    def phase(self) -> str:
        """The phase that she was last put in; "" while it is the first."""
        return self.phases[-1][1] if self.phases else ""

    def recorded_on(self) -> frozenset[date]:
        """The days on which something was lifted or decided: on others only time has passed."""
        lifted = (one.day for lift in self.lifts for one in lift.sessions)
        decided = (one.date() for lift in self.lifts for one in lift.decided)
        return frozenset((*lifted, *decided, *(at.date() for at, _ in self.phases)))

    def again(self, asked: Asked) -> date | None:
        """The first day after today on which a limit of days is reached, without a new session."""
        days = [day for lift in self.lifts for day in _limits(lift, asked.rules)]
        return min((day for day in days if day > asked.today), default=None)


def _limits(lift: Lift, rules: Rules) -> list[date]:
    rung = lift.rung
    days = [rung[first_of_stretch(rung)].day + timedelta(days=rules.stall_days)]
    if (held := held_since(rung)) is not None:
        days.append(held.day + timedelta(days=rules.hold_limit_days))
    if (last := last_estimate(lift)) is not None:
        days.append(last + timedelta(days=rules.estimate_stale_days + 1))
    return days


def first_of_stretch(sessions: Sequence[LiftSession]) -> int:
    """Where the last stretch without an increase in prescribed load begins."""
    first = 0
    for index in range(1, len(sessions)):
        before, load = sessions[index - 1].load, sessions[index].load
        if before is None or load is None or load > before:
            first = index
    return first


def held_since(sessions: Sequence[LiftSession]) -> LiftSession | None:
    """The first of the last sessions in a row whose load was held on purpose; None: none is."""
    first = None
    for one in reversed(sessions):
        if not one.holding:
            break
        first = one
    return first


def last_estimate(lift: Lift) -> date | None:
    """The day of the last set, on any rung of it, that says what a best single is."""
    for one in reversed(lift.sessions):
        if one.estimate is not None:
            return one.day
    return lift.estimated_before


def lines_of(sessions: Sequence[LiftSession]) -> list[str]:
    """The sessions in words, one line each."""
    return [_line(one) for one in sessions]


def _line(one: LiftSession) -> str:
    effort = "no RPE" if one.rpe is None else f"RPE {one.rpe}"
    reps = ", ".join("?" if number is None else str(number) for number in one.reps)
    load = "no load" if one.load is None else f"{plain(one.load)} kg"
    return f"{said_day(one.day)}: {load} × {reps}; {effort} on the last set"


def said_day(day: date) -> str:
    """Thursday 5 March."""
    return f"{day:%A} {day.day} {day:%B}"


def as_json(sessions: Sequence[LiftSession]) -> list[dict[str, object]]:
    """The sessions as a flag's evidence keeps them."""
    return [
        {
            "date": one.day.isoformat(),
            "key": one.key,
            "load": None if one.load is None else plain(one.load),
            "rpe": one.rpe,
            "reps": list(one.reps),
        }
        for one in sessions
    ]
