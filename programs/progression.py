"""Targets as a fold over the log: ``advance(state, event)``, ``targets(state)``, ``replay``.

Standard library only: no ORM, no clock, no settings. Nothing is counted anywhere else, so
correcting last week's set corrects today's load, and a decision that is taken back is as if it had
never been made. A load moves by effort and technique; an impact level rises only by decision.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime

from programs.asking import targets
from programs.deciding import decide, without_load
from programs.events import (
    Arrived,
    Barred,
    Cleared,
    Decided,
    Event,
    LiftDone,
    LiftState,
    Locked,
    Offer,
    Plan,
    PlanChanged,
    PlanPhase,
    Prescribed,
    RulesChanged,
    Rung,
    SetDone,
    State,
    Target,
    Unlocked,
    Visited,
)
from programs.loads import Inventory
from programs.offers import offer
from programs.reasons import HOLDING_CODES, Reason, because
from programs.returning import arrive
from programs.rules import Rules
from programs.visiting import visit_done

__all__ = [
    "HOLDING_CODES",
    "Arrived",
    "Barred",
    "Cleared",
    "Decided",
    "Event",
    "LiftDone",
    "LiftState",
    "Locked",
    "Offer",
    "Plan",
    "PlanChanged",
    "PlanPhase",
    "Prescribed",
    "Reason",
    "RulesChanged",
    "Rung",
    "SetDone",
    "State",
    "Target",
    "Unlocked",
    "Visited",
    "advance",
    "initial",
    "offer",
    "replay",
    "targets",
    "unrevoked",
]

#: What comes first where several things happened at one moment.
_ORDER = {
    RulesChanged: 0,
    PlanChanged: 1,
    Decided: 2,
    Locked: 3,
    Unlocked: 4,
    Arrived: 5,
    Visited: 6,
    Cleared: 7,
    Barred: 8,
}


def initial(plan: Plan, rules: Rules, inventory: Inventory) -> State:
    """Before anything happened: the first phase, each lift on its lightest rung, without a load."""
    return State(plan, rules, inventory, plan.phases[0].code, _lightest(plan, {}))


def _lightest(plan: Plan, known: Mapping[str, LiftState]) -> dict[str, LiftState]:
    """What is known, and each further lift of the plan on its lightest rung."""
    lifts = dict(known)
    for rung in sorted(plan.rungs.values(), key=lambda rung: (rung.level, rung.slug)):
        if rung.lift not in lifts:
            lifts[rung.lift] = LiftState(rung.slug, None, without_load(rung))
    return lifts


def replay(events: Iterable[Event]) -> State:
    """The state after all events, in whatever order they arrive; revoked decisions are skipped.

    The first plan and the first rules hold also for what came before them. Raises ValueError
    without a PlanChanged and a RulesChanged: no target is computed under no rules.
    """
    ordered = unrevoked(events)
    plan = next((event for event in ordered if isinstance(event, PlanChanged)), None)
    rules = next((event for event in ordered if isinstance(event, RulesChanged)), None)
    if plan is None or rules is None:
        raise ValueError("A log begins with a program version and with rules.")
    state = initial(plan.plan, rules.rules, rules.inventory)
    for event in ordered:
        state = advance(state, event)
    return state


def unrevoked(events: Iterable[Event]) -> list[Event]:
    """The events in the order they count, without revoked decisions and without revocations.

    At one moment new rules come first, then a new plan, then decisions, arrivals and visits; then
    the key decides. A revocation that was itself revoked revokes nothing.
    """
    ordered = sorted(events, key=_order)
    revoked: set[str] = set()
    for event in reversed(ordered):  # the latest word first: it may take back an earlier one
        if isinstance(event, Decided) and event.revokes is not None and event.key not in revoked:
            revoked.add(event.revokes)
    return [
        event
        for event in ordered
        if not isinstance(event, Decided) or (event.kind != "revoke" and event.key not in revoked)
    ]


def _order(event: Event) -> tuple[datetime, int, str]:
    return event.at, _ORDER[type(event)], event.key


def advance(state: State, event: Event) -> State:
    """The state after one event. Events come in the order of ``unrevoked``.

    Raises ValueError for a lift, an exercise or a phase that the plan does not have.
    """
    match event:
        case Visited():
            return visit_done(state, event)
        case Arrived():
            return arrive(state, at=event.at, key=event.key, day=event.day, answers=event.answers)
        case Decided():
            return decide(state, event)
        case RulesChanged():
            return state._replace(rules=event.rules, inventory=event.inventory)
        case PlanChanged():
            return _follow(state, event.plan)
        case Cleared():
            return state._replace(cleared=event.level)
        case Barred():
            return state._replace(barred=because("intake", why=event.why))
        case Locked():
            return state._replace(locked=because("locked", why=event.why))
        case Unlocked():
            return state._replace(locked=None, released=state.released | {event.of[:36]})


def _follow(state: State, plan: Plan) -> State:
    """Another plan from here on: the same phase where it has one of that code, else its first."""
    codes = [phase.code for phase in plan.phases]
    phase = state.phase if state.phase in codes else codes[0]
    return state._replace(plan=plan, phase=phase, lifts=_lightest(plan, state.lifts))
