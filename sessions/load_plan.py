"""The load plan of a class: which bar and plates each client needs next, and what is too few.

Works on drawn visits; ``plans_of`` reads them.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from bonefit.clients.models import Client
from bonefit.clinics.models import Membership
from programs.loads import Bar, Inventory
from programs.models import Lift
from programs.plans import rules_at
from programs.plate_changes import (
    Change,
    Shortage,
    Turn,
    bars_at_once,
    changes,
    in_order,
    moved,
    too_few,
)
from programs.setting import plain

from . import facts
from .board import Card
from .models import Slot, Visit
from .together import Drawn, draw, sets_of


@dataclass(frozen=True, slots=True)
class Row:
    """One client's next load of a lift, in her turn, with what is moved before it."""

    client: Client
    exercise: str
    turn: Turn
    change: Change

    @property
    def load(self) -> Decimal:
        return self.turn.load.total


@dataclass(frozen=True, slots=True)
class LiftPlan:
    """The turns of one lift. ``exercise`` is empty where not all do the same one."""

    title: str
    exercise: str
    rows: tuple[Row, ...]

    @property
    def plates(self) -> int:
        """Plates that are moved from the empty bar to the last turn, on both sides together."""
        return moved([row.turn for row in self.rows])[0]


@dataclass(frozen=True, slots=True)
class ClassPlan:
    """All turns of a class, what is too few for it, and how many bars it may use at once."""

    lifts: tuple[LiftPlan, ...] = ()
    shortages: tuple[str, ...] = ()
    bars: tuple[tuple[Bar, int], ...] = ()

    def as_json(self) -> list[dict[str, Any]]:
        """The turns in their order, lift by lift, for a tablet."""
        return [
            {
                "visit": row.turn.who,
                "lift": row.turn.lift,
                "load": plain(row.load),
                "bar": plain(row.turn.load.bar.kg),
                "plates": [plain(kg) for kg in row.turn.load.per_side],
            }
            for lift in self.lifts
            for row in lift.rows
        ]


def plans_of(member: Membership, slots: Sequence[Slot]) -> dict[int, ClassPlan]:
    """The plans of slots of the member's clinic by their primary key, in four queries."""
    if not slots:
        return {}
    visits = list(
        facts.on_the_floor(member)
        .select_related("enrollment")
        .filter(slot__in=slots)
        .order_by("client__name", "pk")
    )
    drawn = draw(visits, sets_of(visits), clinic=member.clinic)
    plans = {}
    for slot in slots:
        inventory = rules_at(member.clinic, slot.starts_at).inventory
        of_slot = [one for one in drawn if one[0].slot_id == slot.pk]
        plans[slot.pk] = class_plan(of_slot, inventory)
    return plans


def class_plan(drawn: Iterable[Drawn], inventory: Inventory) -> ClassPlan:
    """The plan of those who still have something to lift with a bar."""
    cards = [(visit, card) for visit, shown in drawn for card in shown.cards]
    lifting = [(visit, card) for visit, card in cards if _next(visit, card)]
    rows = [
        (Turn(str(visit.uid), card.lift, card.iron), visit, card)
        for visit, card in lifting
        if card.iron is not None
    ]
    firsts: dict[str, Turn] = {}
    for turn, _, _ in rows:
        firsts.setdefault(turn.who, turn)
    at_once = list(firsts.values())
    cannot = [(visit, card) for visit, card in lifting if card.iron is None]
    return ClassPlan(
        lifts=tuple(
            _lift_plan(lift, [row for row in rows if row[0].lift == lift])
            for lift in dict.fromkeys(card.lift for _, card in cards)
            if any(turn.lift == lift for turn, _, _ in rows)
        ),
        shortages=(
            *(_too_few(one) for one in too_few(at_once, inventory)),
            *(_cannot_be_made(visit, card) for visit, card in cannot),
        ),
        bars=tuple(bars_at_once(at_once)),
    )


def _next(visit: Visit, card: Card) -> bool:
    """Whether a bar is to be loaded for a set that is still to come."""
    to_come = visit.status in Visit.OPEN and card.state == "next"
    return to_come and card.load_type == "barbell" and card.offer.load is not None


def _lift_plan(lift: str, rows: Sequence[tuple[Turn, Visit, Card]]) -> LiftPlan:
    of = {turn.who: (visit.client, card.title) for turn, visit, card in rows}
    ordered = in_order([turn for turn, _, _ in rows])
    titles = {card.title for _, _, card in rows}
    return LiftPlan(
        title=Lift(lift).label,
        exercise=titles.pop() if len(titles) == 1 else "",
        rows=tuple(
            Row(*of[turn.who], turn, moves)
            for turn, moves in zip(ordered, changes(ordered), strict=True)
        ),
    )


def _too_few(short: Shortage) -> str:
    lifts = ", ".join(f"{Lift(lift).label.lower()} {count}" for lift, count in short.lifts)
    pairs = "1 pair is" if short.there == 1 else f"{short.there or 'no'} pairs are"
    return (
        f"{plain(short.kg)} kg plates: {short.wanted} pairs if everybody begins at once "
        f"({lifts}), and {pairs} there."
    )


def _cannot_be_made(visit: Visit, card: Card) -> str:
    load = plain(card.offer.load or Decimal(0))
    return (
        f"No bar with these plates makes {load} kg, which {visit.client.name} is to lift next "
        f"({card.title.lower()})."
    )


def next_slots(slots: Iterable[Slot], *, now: datetime) -> list[Slot]:
    """Of some slots those that begin next: there may be one in each room."""
    later = [slot for slot in slots if slot.starts_at > now]
    soonest = min((slot.starts_at for slot in later), default=None)
    return [slot for slot in later if slot.starts_at == soonest]
