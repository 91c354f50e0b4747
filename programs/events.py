"""The values that targets are folded from: a plan, what happened, and what is known after it.

Standard library only. Loads are Decimal kg; effort is Borg RPE 6 to 20; pain is 0 to 10.
None always means that nobody entered it, which is neither a pass nor a zero.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

from programs.loads import Inventory
from programs.reasons import Reason
from programs.rules import Rules

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
    """One lift in a phase: sets of reps inside an effort band, or sets of landings."""

    lift: str
    kind: str  # working or impact
    sets: int
    reps: int | None
    effort_low: int | None = None
    effort_high: int | None = None
    landings: int | None = None  # in each set


@dataclass(frozen=True, slots=True)
class PlanPhase:
    code: str
    name: str
    first_week: int
    last_week: int | None
    prescriptions: tuple[Prescribed, ...]


@dataclass(frozen=True, slots=True)
class Plan:
    """One program version: visits a week, weeks, minutes of a visit, phases, and every rung."""

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


@dataclass(frozen=True, slots=True)
class LiftDone:
    lift: str
    exercise: str
    sets: tuple[SetDone, ...]


@dataclass(frozen=True, slots=True)
class Visited:
    """One attended visit; ``at`` is the start of its slot, never a device's clock."""

    at: datetime
    key: str
    lifts: tuple[LiftDone, ...]


@dataclass(frozen=True, slots=True)
class Decided:
    """A therapist's word. ``hold`` and ``release`` without a lift are for every lift."""

    at: datetime
    key: str
    kind: str  # start, set_load, change_rung, hold, release, promote, revoke
    lift: str | None = None
    exercise: str | None = None
    load: Decimal | None = None
    phase: str | None = None
    reason: str = ""
    revokes: str | None = None


@dataclass(frozen=True, slots=True)
class RulesChanged:
    """New numbers or new equipment from a moment on; nothing before it is judged by them."""

    at: datetime
    key: str
    rules: Rules
    inventory: Inventory


Event = Visited | Decided | RulesChanged


# --- what is known after it ------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class LiftState:
    """What the engine knows of one lift. ``reason`` is why the next load is what it is.

    ``in_band_sessions`` counts clean visits inside the effort band since the load last changed;
    ``misses`` and ``hard`` count visits in a row with a missed rep, or with too high an effort.
    ``held`` is the reason of a therapist's hold, None when there is none.
    """

    exercise: str
    load: Decimal | None
    in_band_sessions: int
    misses: int
    hard: int
    held: str | None
    unchanged_since: datetime | None
    reason: Reason
    last: LiftDone | None = None
    last_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class State:
    rules: Rules
    inventory: Inventory
    phase: str
    lifts: Mapping[str, LiftState] = field(hash=False)


@dataclass(frozen=True, slots=True)
class Target:
    """What is asked for next of one lift. Not available: nothing is prescribed, and sets is 0."""

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


@dataclass(frozen=True, slots=True)
class Offer:
    """The next set within this visit. Stopped: no further set of this lift today."""

    load: Decimal | None
    reps: int | None
    lowered: bool
    stopped: bool
    reason: Reason
