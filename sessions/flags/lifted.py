"""What was lifted, as the rules about lifts are asked with it: sessions of a lift, oldest first.

Standard library only, and no clock.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Self

from programs.rules import plain

from .finding import Asked

#: What holds a load itself, by the code of its reason. Coming back from an absence, reps before
#: load and what bars all loading hold it too (``programs.reasons.HOLDING_CODES``), but are no hold
#: of this lift that somebody should look at.
HELD_PAIN = frozenset(
    {
        "held_pain",
        "held_pain_site",
        "held_pain_score",
        "held_pain_spine",
        "dropped_next_day",
        "dropped_next_day_level",
    }
)
HELD_TECHNIQUE = frozenset({"held_technique", "held_gate"})
HELD_EQUIPMENT = frozenset({"held_top", "held_step"})
HELD_DECIDED = frozenset({"held_by_therapist"})
HELD_OTHER = frozenset({"held_ceiling", "held_impact", "held_other_lift", "top_percent"})
HELD = HELD_PAIN | HELD_TECHNIQUE | HELD_EQUIPMENT | HELD_DECIDED | HELD_OTHER

#: Sessions this long ago say how somebody lifts now; an older lift is not being trained.
TRAINED_WITHIN = timedelta(days=28)
#: Days for which weeks of clean technique are news.
NEWS_DAYS = 14


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

    @property
    def held(self) -> bool:
        """The load itself was held, for a reason of ``HELD``."""
        return not HELD.isdisjoint(self.reasons)


@dataclass(frozen=True, slots=True)
class Lift:
    """The sessions of one lift of one enrollment within the window that was looked at.

    ``estimated_before``: the day of the last estimate before the first session; None: there was
    none, or it was not asked for because a later one stands. ``tested``: estimates that a therapist
    put down, a technical 5RM, as (moment, exercise, kg). ``decided``: the moments of therapists'
    words about this lift or about all of them. ``rungs_before``: slugs of the unassisted rungs that
    were lifted on before.
    """

    lift: str
    sessions: tuple[LiftSession, ...]
    estimated_before: date | None = None
    decided: tuple[datetime, ...] = ()
    rungs_before: frozenset[str] = frozenset()
    tested: tuple[tuple[datetime, str, Decimal], ...] = ()

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
            tested=tuple(one for one in self.tested if one[0] <= moment),
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
        tested = (at.date() for lift in self.lifts for at, _, _ in lift.tested)
        phases = (at.date() for at, _ in self.phases)
        return frozenset((*lifted, *decided, *tested, *phases))

    def trained(self, asked: Asked) -> tuple[Lift, ...]:
        """The lifts that are lifted these days: what was long ago says nothing of the next load."""
        first = asked.today - TRAINED_WITHIN
        return tuple(one for one in self.lifts if one.sessions[-1].day >= first)

    def again(self, asked: Asked) -> date | None:
        """The first day after today on which a limit of days is reached, without a new session."""
        days = [day for lift in self.lifts for day in _limits(lift, asked)]
        days += self._clean(7 * asked.rules.clean_weeks)
        return min((day for day in days if day > asked.today), default=None)

    def _clean(self, days: int) -> list[date]:
        """When weeks of clean technique are full, and are news no more."""
        unclean = [one.day for lift in self.lifts for one in lift.sessions if one.clean is False]
        since = max(unclean, default=self.begun)
        if since is None:
            return []
        return [since + timedelta(days=days), since + timedelta(days=days + NEWS_DAYS)]


def _limits(lift: Lift, asked: Asked) -> list[date]:
    rules = asked.rules
    rung = lift.rung
    last_day = rung[-1].day
    days = [
        rung[first_of_stretch(rung)].day + timedelta(days=rules.stall_days),
        last_day + TRAINED_WITHIN + timedelta(days=1),
        last_day + timedelta(days=rules.gap_medium_days + 1),
    ]
    # Each session leaves the days that are counted over, and an estimate those in which it counts.
    longest = max(rules.stall_days, rules.estimate_stale_days)
    for one in reversed(lift.sessions):
        if (asked.today - one.day).days > longest:
            break
        days.append(one.day + timedelta(days=rules.stall_days + 1))
        days.append(one.day + timedelta(days=rules.estimate_stale_days + 1))
    days += [at.date() + timedelta(days=rules.estimate_stale_days + 1) for at, _, _ in lift.tested]
    if (held := held_since(rung)) is not None:
        days.append(held.day + timedelta(days=rules.hold_limit_days + 1))
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
    """The first of the last sessions in a row whose load was held (``HELD``); None: none is."""
    first = None
    for one in reversed(sessions):
        if not one.held:
            break
        first = one
    return first


def last_estimate(lift: Lift) -> date | None:
    """The day of the last set, or technical 5RM, on any rung that says what a best single is."""
    days = [one.day for one in lift.sessions if one.estimate is not None][-1:]
    days += [moment.date() for moment, _, _ in lift.tested]
    if lift.estimated_before is not None:
        days.append(lift.estimated_before)
    return max(days, default=None)


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
