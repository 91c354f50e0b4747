"""One visit as it is drawn: a card a lift, with what is next, why, and what was done.

Works on loaded values only: the caller has read the visit, its sets and its prescription.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from typing import Any

from programs.loads import BarLoad, WarmUp, bar_load, loadable, warm_up_sets
from programs.plans import RulesInForce, criteria_of, plan_of, rules_of
from programs.progression import Offer, Plan, Reason, Target, offer

from . import facts, told
from .entries import set_done
from .models import SetEntry, Visit

NEAR = 12  # loads offered on each side of the prescribed one: enough for any step by hand


@dataclass(frozen=True, slots=True)
class Card:
    """One lift of a visit. ``number`` is the next set's; None where none is to come."""

    target: Target
    title: str
    load_type: str
    entries: tuple[SetEntry, ...]
    offer: Offer
    number: int | None
    last: str
    iron: BarLoad | None
    loads: tuple[Decimal, ...]
    criteria: tuple[str, ...]
    warm_ups: tuple[WarmUp, ...] = ()

    @property
    def lift(self) -> str:
        return self.target.lift

    @property
    def impact(self) -> bool:
        return self.target.kind == "impact"

    @property
    def done(self) -> int:
        return len(self.entries)

    @property
    def short(self) -> tuple[int, ...]:
        """Numbers of the sets with fewer reps, or fewer landings, than were asked for."""
        done = ((one.number, getattr(one, self.counts)) for one in self.entries)
        return tuple(number for number, count in done if (count or 0) < (self.asked or 0))

    @property
    def to_confirm(self) -> bool:
        return any(entry.to_confirm for entry in self.entries)

    @property
    def last_set(self) -> bool:
        return self.number == self.target.sets

    @property
    def takes_load(self) -> bool:
        return self.load_type not in {"bodyweight", "impact"}

    @property
    def counts(self) -> str:
        """What a set of this lift counts: the name of the field."""
        if self.impact:
            return "landings"
        return "seconds" if self.target.reps is None and self.target.seconds else "reps"

    @property
    def asked(self) -> int | None:
        """How many of them a set asks for."""
        asked: int | None = getattr(self.target, self.counts)
        return asked

    @property
    def asked_words(self) -> str:
        """The same as it is read beside a load: "× 5", "× 8 to 10", "30 s"."""
        if self.counts == "seconds":
            return f"{self.asked} s"
        top = self.target.reps_top
        return f"× {self.asked} to {top}" if top else f"× {self.asked}"

    @property
    def next_extra(self) -> int:
        """The number of a set beyond those that are asked for."""
        return max((entry.number for entry in self.entries), default=0) + 1

    @property
    def load_words(self) -> str:
        """What a typed load is: per hand, on the stack, or bar and plates together."""
        words = {"per_hand": "kg in each hand", "stack": "kg on the stack"}
        return words.get(self.load_type, "kg, bar and plates")

    @property
    def steps(self) -> str:
        """The loads that the stepper goes through, in kg, with spaces between them."""
        return _steps(self.loads)

    @property
    def glance(self) -> str:
        """The lift in a few words, for the row of lifts: "57.5 kg, set 2 of 5"."""
        words = [self._asked]
        if self.state == "done":
            words.append("all done")
        elif self.number and self.done:
            words.append(f"set {self.number} of {self.target.sets}")
        if self.to_confirm:
            words.append("to confirm")
        return ", ".join(words)

    @property
    def _asked(self) -> str:
        if self.state == "not_cleared":
            return "not cleared" if self.target.reason.code == "not_cleared" else "not prescribed"
        if self.offer.stopped:
            return "stopped"
        if self.impact:
            return f"level {self.target.level}, {self.target.landings} landings"
        if self.offer.load is not None:
            return f"{self.offer.load.normalize():f} kg"
        return "no load yet" if self.takes_load else "body weight"

    @property
    def why(self) -> str:
        changed = self.offer.stopped or self.offer.lowered or self.offer.reason.code == "lowest"
        return (self.offer.reason if changed else self.target.reason).line

    @property
    def state(self) -> str:
        """not_cleared, stopped, done, or next: what the card shows first."""
        if not self.target.available:
            return "not_cleared"
        if self.offer.stopped:
            return "stopped"
        return "next" if self.number else "done"


@lru_cache(maxsize=1024)
def _steps(loads: tuple[Decimal, ...]) -> str:
    return " ".join(f"{load.normalize():f}" for load in loads)


@dataclass(frozen=True, slots=True)
class Board:
    """All cards of a visit and the one that is open."""

    cards: tuple[Card, ...]
    current: Card
    phase: str
    cleared: int

    @property
    def unlogged(self) -> list[tuple[str, int]]:
        """Lifts with sets still to log, as (title, how many)."""
        return [
            (card.title, card.target.sets - card.done)
            for card in self.cards
            if card.target.sets > card.done
        ]

    def stopped_by(self, what: str) -> Reason | None:
        """Why nothing is prescribed, where it is a "rescreen", a lock or her "intake"."""
        found = (card.target.reason for card in self.cards if not card.target.available)
        return next((reason for reason in found if reason.code.startswith(what)), None)

    @property
    def any_done(self) -> bool:
        return any(card.done for card in self.cards)


def prescription_of(visit: Visit) -> Mapping[str, Any]:
    """What the client was told; before the first set, what she would be told now."""
    if visit.prescription is not None and not told.outdated(visit):
        return visit.prescription
    cleared = visit.client.impact_cleared
    standing = facts.standing_for(visit, clinic=visit.clinic, cleared=cleared)
    return told.dump(standing, cleared=cleared)


def board(visit: Visit, entries: Iterable[SetEntry], *, lift: str = "") -> Board:
    """The cards of a visit; ``lift`` opens one, else the first with a set to come is open."""
    prescription = prescription_of(visit)
    plan = plan_of(tuple(prescription["versions"]))
    rules = next(entry for entry in rules_of(visit.clinic) if entry.id == prescription["rule_set"])
    last = {item["lift"]: item["last"] for item in prescription["targets"]}
    sets = list(entries)
    targets = told.load_targets(prescription)
    first = next((lift_ for lift_, one in targets.items() if one.load is not None), "")
    cards = tuple(
        _card(
            target,
            [entry for entry in sets if entry.lift == lift_],
            plan,
            rules,
            last[lift_],
            first=lift_ == first,
        )
        for lift_, target in targets.items()
    )
    return Board(
        cards=cards,
        current=_open_card(cards, lift),
        phase=plan.phase(prescription["phase"]).name,
        cleared=prescription["cleared"],
    )


def _open_card(cards: Sequence[Card], lift: str) -> Card:
    chosen = [card for card in cards if card.lift == lift]
    waiting = [card for card in cards if card.state == "next"]
    return (chosen or waiting or list(cards))[0]


def _card(
    target: Target,
    entries: Sequence[SetEntry],
    plan: Plan,
    rules: RulesInForce,
    last: str,
    *,
    first: bool,
) -> Card:
    rung = plan.rung(target.exercise)
    done = sorted(
        (entry for entry in entries if entry.kind != SetEntry.Kind.WARM_UP),
        key=lambda entry: entry.number,
    )
    offered = offer(
        target,
        [set_done(entry) for entry in done],
        rules=rules.rules,
        inventory=rules.inventory,
        load_type=rung.load_type,
    )
    number = _next_number(target, done)
    if offered.stopped or not target.available:
        number = None
    barbell = rung.load_type == "barbell" and offered.load is not None
    return Card(
        target=target,
        title=rung.name,
        load_type=rung.load_type,
        entries=tuple(done),
        offer=offered,
        number=number,
        last=last,
        iron=bar_load(offered.load, rules.inventory) if barbell and offered.load else None,
        loads=_near(offered.load, loadable(rules.inventory, rung.load_type)),
        criteria=criteria_of(rung.slug),
        warm_ups=_warm_ups(target, rung.load_type, rules, first=first) if not done else (),
    )


def _warm_ups(
    target: Target, load_type: str, rules: RulesInForce, *, first: bool
) -> tuple[WarmUp, ...]:
    """The lighter sets before the first working set, as the plates allow."""
    if target.load is None or load_type in {"bodyweight", "impact"}:
        return ()
    return warm_up_sets(
        target.load, rules.inventory, load_type=load_type, first=first, rules=rules.rules
    )


def _next_number(target: Target, done: Sequence[SetEntry]) -> int | None:
    """The first set not logged yet: a set that was taken back is the next again."""
    there = {entry.number for entry in done}
    return next((n for n in range(1, target.sets + 1) if n not in there), None)


def _near(load: Decimal | None, loads: Sequence[Decimal]) -> tuple[Decimal, ...]:
    """The loads that the plates allow around one, lightest first; all from the lightest without."""
    if load is None:
        return tuple(loads[: 2 * NEAR])
    below = [one for one in loads if one < load][-NEAR:]
    above = [one for one in loads if one > load][:NEAR]
    return (*below, load, *above)
