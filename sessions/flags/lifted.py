"""What was lifted, as the rules about lifts are asked with it: sessions of a lift, oldest first.

Standard library only, and no clock.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import cached_property
from typing import Self

from programs.rules import Rules, plain

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
#: An unassisted squat is under a bar, without a box or a machine.
UNASSISTED = "barbell"
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
    loads: tuple[Decimal | None, ...] = ()
    reps: tuple[int | None, ...] = ()
    clean: bool | None = None
    estimate: Decimal | None = None

    @property
    def day(self) -> date:
        """The day of the clinic; ``at`` is in its zone."""
        return self.at.date()

    @property
    def held(self) -> bool:
        """The load itself was held, for a reason of ``HELD``."""
        return not HELD.isdisjoint(self.reasons)


@dataclass(frozen=True)
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

    @cached_property
    def rung(self) -> tuple[LiftSession, ...]:
        """The last sessions on the rung that is lifted now: a change of rung begins a new one."""
        return self.sessions[self._turns[-1] :]

    @cached_property
    def stretch(self) -> tuple[LiftSession, ...]:
        """The last sessions of the rung without an increase in prescribed load."""
        return self.rung[first_of_stretch(self.rung) :]

    @cached_property
    def unclean(self) -> date | None:
        """The day of the last session with a set that was not clean."""
        return self.sessions[self._unclean[-1]].day if self._unclean else None

    @cached_property
    def estimated(self) -> date | None:
        """The day of the last set, on any rung, or 5RM test that says what a best single is."""
        days = [self.sessions[number].day for number in self._hard[-1:]]
        days += [moment.date() for moment, _, _ in self.tested]
        days += [] if self.estimated_before is None else [self.estimated_before]
        return max(days, default=None)

    def hard(self) -> Iterator[LiftSession]:
        """The sessions of the rung that say what a best single is, the newest first."""
        for number in reversed(self._hard):
            if number < self._turns[-1]:
                return
            yield self.sessions[number]

    @cached_property
    def settled(self) -> bool:
        """A therapist has said something of this lift since it was last lifted."""
        return any(moment > self.sessions[-1].at for moment in self.decided)

    def at(self, moment: datetime) -> "Lift | None":
        """As far as it was lifted and decided at an earlier moment; None: not at all.

        A past is asked about day by day, so what it was then is kept: until something else is
        lifted or said it stays the same, with all that followed from it.
        """
        seconds = moment.timestamp()
        if seconds < self._seconds[0]:
            return None
        so_far = bisect_right(self._changes, seconds)
        if so_far not in self._earlier:
            self._earlier.clear()
            self._earlier[so_far] = self._cut(bisect_right(self._seconds, seconds), moment)
        return self._earlier[so_far]

    def _cut(self, number: int, moment: datetime) -> "Lift":
        cut = Lift(
            self.lift,
            self.sessions[:number],
            self.estimated_before,
            self.decided and tuple(one for one in self.decided if one <= moment),
            self.rungs_before,
            self.tested and tuple(one for one in self.tested if one[0] <= moment),
        )
        # What is known of all the sessions need not be looked for again in the first ones.
        turns = self._turns[: bisect_left(self._turns, number)]
        unclean = self._unclean[: bisect_left(self._unclean, number)]
        hard = self._hard[: bisect_left(self._hard, number)]
        rung = cut.sessions[turns[-1] :]
        cut.__dict__.update(_turns=turns, _unclean=unclean, _hard=hard, rung=rung)
        return cut

    @cached_property
    def _earlier(self) -> dict[int, "Lift"]:
        """By the number of sessions, words and tests until then."""
        return {}

    @cached_property
    def _seconds(self) -> list[float]:
        """When each session was, since the epoch."""
        return [one.at.timestamp() for one in self.sessions]

    @cached_property
    def _changes(self) -> list[float]:
        """When something was lifted or said, since the epoch."""
        said = (*self.decided, *(at for at, _, _ in self.tested))
        return sorted([*self._seconds, *(at.timestamp() for at in said)])

    @cached_property
    def _turns(self) -> tuple[int, ...]:
        """The numbers of the sessions that began a rung."""
        rungs = [one.exercise for one in self.sessions]
        return tuple(at for at, slug in enumerate(rungs) if not at or slug != rungs[at - 1])

    @cached_property
    def _unclean(self) -> tuple[int, ...]:
        """The numbers of the sessions with a set that was not clean."""
        return tuple(number for number, one in enumerate(self.sessions) if one.clean is False)

    @cached_property
    def _hard(self) -> tuple[int, ...]:
        """The numbers of the sessions that say what a best single is."""
        return tuple(number for number, one in enumerate(self.sessions) if one.estimate is not None)


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
        return type(self)(
            tuple(one for one in lifts if one is not None),
            tuple(one for one in self.phases if one[0] <= asked.now),
            self.begun,
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
        days = [_ordinal(one.sessions[-1]) + TRAINED_WITHIN.days + 1 for one in self.lifts]
        for rules, limits in _LIMITS:
            if asked.concerns(rules):
                for one in self.lifts:
                    days += limits(one, asked.rules)
        if asked.concerns(_CLEAN):
            days += self._clean(7 * asked.rules.clean_weeks)
        today = asked.today.toordinal()
        soonest = min((day for day in days if day > today), default=None)
        return None if soonest is None else date.fromordinal(soonest)

    def _clean(self, days: int) -> tuple[int, ...]:
        """When weeks of clean technique are full, and are news no more."""
        unclean = [lift.unclean for lift in self.lifts if lift.unclean is not None]
        since = max(unclean, default=self.begun)
        if since is None:
            return ()
        full = since.toordinal() + days
        return full, full + NEWS_DAYS


# Days (``date.toordinal``) on which something of a lift passes a limit, past ones too. The next
# session moves on what is counted from the last one. So only limits of sessions that still count
# are named, and few days of a history have to be asked about.


def _stalls(lift: Lift, rules: Rules) -> list[int]:
    stretch = lift.stretch
    days = [
        _ordinal(stretch[-1]) + rules.gap_medium_days + 1,
        _ordinal(stretch[0]) + rules.stall_days,
    ]
    # Each session leaves the days that are counted over, where too few may be left in them.
    if rules.stall_sessions <= 2 * len(stretch) < 2 * rules.stall_sessions:
        days += [_ordinal(one) + rules.stall_days + 1 for one in stretch]
    return days


def _holds(lift: Lift, rules: Rules) -> list[int]:
    held = held_since(lift.rung)
    return [] if held is None else [_ordinal(held) + rules.hold_limit_days + 1]


def _news(lift: Lift, rules: Rules) -> list[int]:
    first = first_under_a_bar(lift)
    return [] if first is None else [_ordinal(first) + TRAINED_WITHIN.days + 1]


def _counting(lift: Lift, rules: Rules) -> list[int]:
    """When what may count is too old: the newest estimate, or a higher one not long before it."""
    days = [at.toordinal() for at, _, _ in lift.tested]
    first = None
    for one in lift.hard():
        day = _ordinal(one)
        first = day - rules.estimate_window_days if first is None else first
        if day < first:
            break
        days.append(day)
    return [day + rules.estimate_stale_days + 1 for day in days]


def _stale(lift: Lift, rules: Rules) -> list[int]:
    """When the last estimate is too old; an absence since counts for as long as its beginning."""
    if lift.estimated is None:
        return []
    newest = lift.estimated.toordinal()
    days, after = [newest], None
    for one in reversed(lift.sessions):
        day = _ordinal(one)
        if after is not None and after - day > rules.estimate_gap_days:
            days.append(day)
        if day <= newest:
            break
        after = day
    return [day + rules.estimate_stale_days + 1 for day in days]


#: By the ids of the rules that wait for them; what weeks of clean technique wait for is no lift's.
_LIMITS: tuple[tuple[frozenset[str], Callable[[Lift, Rules], list[int]]], ...] = (
    (frozenset({"F06", "F07"}), _stalls),
    (frozenset({"F25"}), _holds),
    (frozenset({"G01"}), _news),
    (frozenset({"F09"}), _counting),
    (frozenset({"F11"}), _stale),
)
_CLEAN = frozenset({"G02"})


def _ordinal(one: LiftSession) -> int:
    return one.at.toordinal()


def first_of_stretch(sessions: Sequence[LiftSession]) -> int:
    """Where the last stretch without an increase in prescribed load begins."""
    for index in range(len(sessions) - 1, 0, -1):
        before, load = sessions[index - 1].load, sessions[index].load
        if before is None or load is None or load > before:
            return index
    return 0


def held_since(sessions: Sequence[LiftSession]) -> LiftSession | None:
    """The first of the last sessions in a row whose load was held (``HELD``); None: none is."""
    first = None
    for one in reversed(sessions):
        if not one.held:
            break
        first = one
    return first


def first_under_a_bar(lift: Lift) -> LiftSession | None:
    """The first squat without a box or a machine, after others; None: there is none, or was before.

    Only of who squats like that now.
    """
    sessions = lift.sessions
    if lift.lift != "squat" or sessions[-1].load_type != UNASSISTED or lift.rungs_before:
        return None
    if sessions[0].load_type == UNASSISTED:
        return None
    return next(one for one in sessions if one.load_type == UNASSISTED)


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
