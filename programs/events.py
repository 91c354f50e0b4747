"""The values that targets are folded from: a plan, what happened, and what is known after it.

Standard library only. Loads are Decimal kg; effort is Borg RPE 6 to 20; pain is 0 to 10.
None always means that nobody entered it, which is neither a pass nor a zero.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any, NamedTuple

from programs.loads import Inventory
from programs.pain import NOTHING_ASKED, Answers, Pain
from programs.reasons import Reason
from programs.rules import Rules

if TYPE_CHECKING:  # a rule judges these values, and a plan carries rules
    from programs.load_rules import LoadRule

# --- the plan --------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Rung:
    """One exercise of a ladder. ``impact_level`` 0 to 5 for impact only; ``base``: in the trial."""

    slug: str
    lift: str
    level: int
    name: str
    load_type: str
    impact_level: int | None = None
    base: bool = False


@dataclass(frozen=True, slots=True)
class Prescribed:
    """One lift in a phase: sets of reps or seconds inside an effort band, or of landings.

    ``gate`` is how many clean visits in a row come before a raise; None is the clinic's setting.
    """

    lift: str
    kind: str  # working or impact
    sets: int
    reps: int | None
    rule: "LoadRule"
    effort_low: int | None = None
    effort_high: int | None = None
    landings: int | None = None  # in each set
    reps_top: int | None = None
    seconds: int | None = None
    drop_cm: int | None = None
    gate: int | None = None


@dataclass(frozen=True, slots=True)
class PlanPhase:
    code: str
    name: str
    first_week: int
    last_week: int | None
    prescriptions: tuple[Prescribed, ...]


@dataclass(frozen=True, slots=True)
class Plan:
    """One program version, with its blocks: visits a week, weeks, minutes, phases, every rung."""

    frequency: int
    weeks: int
    minutes: int
    phases: tuple[PlanPhase, ...]
    rungs: Mapping[str, Rung] = field(hash=False)

    def phase(self, code: str) -> PlanPhase:
        for phase in self.phases:
            if phase.code == code:
                return phase
        raise ValueError(f"The program has no phase {code!r}.")

    def rung(self, slug: str) -> Rung:
        try:
            return self.rungs[slug]
        except KeyError:
            raise ValueError(f"The program has no exercise {slug!r}.") from None

    def impact_ladder(self) -> list[Rung]:
        """The landings, lightest first."""
        found = [rung for rung in self.rungs.values() if rung.impact_level is not None]
        return sorted(found, key=lambda rung: (rung.impact_level or 0, rung.level, rung.slug))


# --- what happened ---------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class SetDone:
    """One set as done. ``confirmed`` is False while a load far above target awaits a person.

    ``target_load`` and ``target_reps`` are what the client was told; ``level`` is the impact level.
    """

    number: int
    load: Decimal | None = None
    reps: int | None = None
    rpe: int | None = None
    clean: bool | None = None
    pain: int | None = None
    confirmed: bool = True
    target_load: Decimal | None = None
    target_reps: int | None = None
    landings: int | None = None
    level: int | None = None
    seconds: int | None = None
    pain_site: str = ""
    pain_kind: str = ""
    tolerated: bool | None = None

    @property
    def hurt(self) -> Pain:
        return Pain(self.pain, self.pain_site, self.pain_kind)


@dataclass(frozen=True, slots=True)
class LiftDone:
    lift: str
    exercise: str
    sets: tuple[SetDone, ...]


@dataclass(frozen=True, slots=True)
class PlanChanged:
    """The program version, or the blocks beside it, that hold from a moment on."""

    at: datetime
    key: str
    plan: Plan


@dataclass(frozen=True, slots=True)
class RulesChanged:
    """New numbers or new equipment from a moment on; nothing before it is judged by them."""

    at: datetime
    key: str
    rules: Rules
    inventory: Inventory


@dataclass(frozen=True, slots=True)
class Cleared:
    """The highest impact level that the client is cleared for, 0 to 5."""

    at: datetime
    key: str
    level: int


@dataclass(frozen=True, slots=True)
class Barred:
    """The client's intake is incomplete, or runs out before the day asked about; ``why`` says."""

    at: datetime
    key: str
    why: str


@dataclass(frozen=True, slots=True)
class Decided:
    """A therapist's word. ``hold`` and ``release`` without a lift are for every lift.

    ``until`` of a hold is date (then ``until_on`` is the first day without it), clean or review.
    ``reps`` and ``reserve`` are those of a technical 5RM.
    """

    at: datetime
    key: str
    kind: str  # a value of programs.models.Decision.Kind
    lift: str | None = None
    exercise: str | None = None
    load: Decimal | None = None
    phase: str | None = None
    reason: str = ""
    revokes: str | None = None
    until: str = ""
    until_on: date | None = None
    reps: int | None = None
    reserve: int = 0


@dataclass(frozen=True, slots=True)
class Locked:
    """Nothing may be prescribed from here on, until ``Unlocked``."""

    at: datetime
    key: str
    why: str


@dataclass(frozen=True, slots=True)
class Unlocked:
    """A named clinician released the client; ``of`` begins with the visit that had locked her."""

    at: datetime
    key: str
    of: str = ""


@dataclass(frozen=True, slots=True)
class Arrived:
    """The client is here, or is expected on ``day``: what was asked, before any set."""

    at: datetime
    key: str
    day: date
    answers: Answers = NOTHING_ASKED


@dataclass(frozen=True, slots=True)
class Visited:
    """One attended visit; ``at`` is the end of its slot, never a device's clock.

    ``key`` is that of its ``Arrived``; ``answers`` count where there was none.
    """

    at: datetime
    key: str
    day: date
    lifts: tuple[LiftDone, ...]
    answers: Answers = NOTHING_ASKED


Event = (
    PlanChanged | RulesChanged | Cleared | Barred | Decided | Locked | Unlocked | Arrived | Visited
)

# --- what is known after it ------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Hold:
    """A therapist's hold: why, and until a date, a clean visit, or her own word."""

    why: str
    until: str = ""
    on: date | None = None


class Estimate(NamedTuple):
    """An estimated best single in kg, of one exercise, with the formula it was made by."""

    one_rm: Decimal
    day: date
    load: Decimal
    reps: int
    reserve: int
    formula: str
    tested: bool  # a technical 5RM, not a working set
    version: str = ""  # of the formula
    stale: bool = False  # an absence since was too long for it to say much


class Risen(NamedTuple):
    """What a lift was before the last visit raised it: taken back if the next arrival says so."""

    load: Decimal
    in_band_sessions: int
    unchanged_since: datetime | None
    anchor: Decimal | None


class LiftState(NamedTuple):
    """What the engine knows of one lift. ``reason`` is why the next load is what it is.

    ``clean_sessions`` counts clean visits in a row on this exercise; ``in_band_sessions`` those
    inside the effort band since the load last changed; ``misses`` and ``hard`` count visits in a
    row with a missed rep, or with too high an effort. ``anchor`` is the load before an absence,
    while the load climbs back to it. ``override`` is the reason to pass the technique gate once.
    """

    exercise: str
    load: Decimal | None
    reason: Reason
    clean_sessions: int = 0
    in_band_sessions: int = 0
    misses: int = 0
    hard: int = 0
    hold: Hold | None = None
    unchanged_since: datetime | None = None
    last: LiftDone | None = None
    last_at: datetime | None = None
    estimate: Estimate | None = None
    risen: Risen | None = None
    anchor: Decimal | None = None
    override: str | None = None
    decided_at: datetime | None = None

    @property
    def held(self) -> str | None:
        """The reason of a therapist's hold, None when there is none."""
        return None if self.hold is None else self.hold.why

    def but(self, **changes: Any) -> "LiftState":
        """The same with other values: ``_replace`` in half the time, which a fold is made of."""
        values = list(self)
        for name, value in changes.items():
            values[_AT[name]] = value
        return tuple.__new__(LiftState, values)


_AT = {name: place for place, name in enumerate(LiftState._fields)}


class State(NamedTuple):
    """What is known of one enrollment. A tuple, like LiftState: a fold copies them at every step.

    ``arrived`` is the visit that has begun and is not over. ``capped_visits`` are still to come
    with the effort of a return. ``before_pain`` is the pain that the last visit began with.
    """

    plan: Plan
    rules: Rules
    inventory: Inventory
    phase: str
    lifts: Mapping[str, LiftState]
    cleared: int = 0
    last_day: date | None = None
    last_at: datetime | None = None
    arrived: str = ""
    days_away: int = 0
    capped_visits: int = 0
    before_pain: int | None = None
    impact_raised: bool = False
    rescreened_at: datetime | None = None
    locked: Reason | None = None
    released: frozenset[str] = frozenset()  # visits whose alarm a clinician has answered
    rescreen: Reason | None = None
    barred: Reason | None = None  # her intake

    def but(self, **changes: Any) -> "State":
        """The same with other values; faster than ``_replace``, as for a lift."""
        values = list(self)
        for name, value in changes.items():
            values[_AT_OF_STATE[name]] = value
        return tuple.__new__(State, values)


_AT_OF_STATE = {name: place for place, name in enumerate(State._fields)}


@dataclass(frozen=True, slots=True)
class Target:
    """What is asked for next of one lift. Not available: nothing is prescribed, and sets is 0.

    ``percent`` is the load in percent of the estimate, None without one that is fresh; ``light``
    marks a load under the clinic's share of it; ``retest`` offers a technical 5RM.
    """

    lift: str
    exercise: str
    kind: str  # working or impact
    load: Decimal | None
    sets: int
    reps: int | None
    effort_low: int | None
    effort_high: int | None
    landings: int | None
    level: int | None
    reason: Reason
    available: bool
    reps_top: int | None = None
    seconds: int | None = None
    drop_cm: int | None = None
    percent: int | None = None
    light: bool = False
    retest: bool = False


@dataclass(frozen=True, slots=True)
class Offer:
    """The next set within this visit. Stopped: no further set of this lift today."""

    load: Decimal | None
    reps: int | None
    lowered: bool
    stopped: bool
    reason: Reason
