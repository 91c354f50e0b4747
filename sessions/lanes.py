"""A class as a tablet keeps it: a lane a client, with every answer that it needs without a network.

Read only. What the engine says of a set that is not lifted yet goes along as numbers: the loads
that the plates allow, the lower load for each of them, and the limits of the clinic.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from django.db.models import Exists, OuterRef, QuerySet

from bonefit.clients.models import Lock
from bonefit.clinics.models import Clinic, Membership
from bonefit.clinics.templatetags.bonefit import initials, tint
from programs.loads import Inventory, bar_load, lowered
from programs.plans import RulesInForce, rules_at, rules_of
from programs.reasons import INTAKE
from programs.rules import Rules
from programs.setting import plain

from . import alarms, facts
from .barring import WHERE
from .board import Board, Card, prescription_of
from .class_of_lanes import on_the_floor_of
from .disputes import Choice, disputes_of
from .earlier import tell_earlier
from .models import SessionNote, SetEntry, Slot, Visit
from .reported import safety_of
from .signed import as_lane
from .together import draw, sets_of

#: Reasons of a load that differs from the last one: its first set is asked for in full.
NEW_LOADS = frozenset(
    {"raised", "raised_in_band", "raised_lifted", "raised_percent", "raised_top", "climbing"}
    | {"raised_override", "set_load", "change_rung", "entry", "started", "start"}
)
#: Reasons that a technique gate gives: every set of such a lift is looked at.
AT_A_GATE = frozenset({"held_gate", "held_technique", "held_technique_blank"})
#: Reasons that keep a lift below where it was, while its load moves: nothing is held at it.
MOVING = frozenset({"climbing", "away_down"})


def day_of_lanes(member: Membership, *, day: date, now: datetime) -> dict[str, Any]:
    """The day's slots of a clinic with their lanes, and who they were read for, as JSON."""
    clinic = member.clinic
    start = datetime.combine(day, time.min, tzinfo=clinic.tz)
    visits = list(
        _on_the_floor(member)
        .filter(during__startswith__gte=start, during__startswith__lt=start + timedelta(days=1))
        .exclude(status=Visit.Status.RELEASED)
        .order_by("during", "client__name", "pk")
    )
    entries = sets_of(visits)
    disputed = disputes_of(entry for some in entries.values() for entry in some)
    drawn = draw(visits, entries, clinic=clinic)
    safety = safety_of(visits)
    slots: dict[int, dict[str, Any]] = {}
    for visit, shown in drawn:
        slot = slots.setdefault(visit.slot_id, _slot(visit.slot, clinic))
        one = lane(visit, entries.get(visit.pk, []), disputed, shown)
        slot["lanes"].append(one | safety[visit.pk])
    therapists, whole = on_the_floor_of(member, drawn, now=now)
    for pk, slot in slots.items():
        slot |= whole[pk]
    tell_earlier((one for slot in slots.values() for one in slot["lanes"]), entries)
    return {
        "author": {"id": member.pk, "name": member.user.name},
        "clinic": {
            "slug": clinic.slug,
            "name": clinic.name,
            "unit": clinic.unit,
            "emergency_plan": alarms.emergency_plan(clinic),
            "phone": clinic.phone,
        },
        "timezone": clinic.timezone,
        "day": day.isoformat(),
        "read_at": now.isoformat(),
        "therapists": therapists,
        "limits": _kept_for(clinic, start + timedelta(days=1), now=now),
        "slots": list(slots.values()),
    }


def _kept_for(clinic: Clinic, midnight: datetime, *, now: datetime) -> dict[str, Any]:
    """How long a tablet keeps what it has read: the day, and less where nobody logs in."""
    hours = rules_at(clinic, now).rules.tablet_wipe_hours
    return {"wipe_hours": hours, "until": midnight.isoformat()}


def lanes_of(member: Membership, uids: Iterable[Any]) -> dict[str, Any]:
    """The lanes of some visits as they stand now, by the visit's uid."""
    visits = list(_on_the_floor(member).filter(uid__in=list(uids)))
    entries = sets_of(visits)
    disputed = disputes_of(entry for some in entries.values() for entry in some)
    safety = safety_of(visits)
    lanes = {
        str(visit.uid): lane(visit, entries.get(visit.pk, []), disputed, shown) | safety[visit.pk]
        for visit, shown in draw(visits, entries, clinic=member.clinic)
    }
    tell_earlier(lanes.values(), entries)
    return lanes


def _on_the_floor(member: Membership) -> QuerySet[Visit]:
    noted = SessionNote.objects.filter(visit=OuterRef("pk"))
    found = facts.on_the_floor(member).select_related("slot", "enrollment")
    return found.annotate(noted=Exists(noted))


def _slot(slot: Slot, clinic: Clinic) -> dict[str, Any]:
    local = slot.starts_at.astimezone(clinic.tz)
    return {
        "id": slot.pk,
        "title": f"{local:%A} {local:%H:%M}",
        "room": slot.room,
        "starts_at": slot.starts_at.isoformat(),
        "ends_at": slot.ends_at.isoformat(),
        "lanes": [],
    }


def lane(
    visit: Visit, entries: list[SetEntry], disputed: Mapping[Any, list[Choice]], drawn: Board
) -> dict[str, Any]:
    """One client's lane: who she is, what is asked of her, what she has done."""
    prescription = prescription_of(visit)
    rules = next(one for one in rules_of(visit.clinic) if one.id == prescription["rule_set"])
    return {
        "visit": str(visit.uid),
        "name": visit.client.name,
        "initials": initials(visit.client),
        "tint": tint(visit.client),
        "emergency": visit.client.emergency_contact,
        "status": visit.status,
        "status_words": visit.get_status_display(),
        "said_why": visit.said_why,
        "asked": visit.answers is not None,
        "phase": drawn.phase,
        "cleared": drawn.cleared,
        "stopped": _stopped(drawn),
        "stopped_at": _stopped_at(visit, drawn),
        "limits": _limits(rules.rules),
        **as_lane(visit),
        "lifts": [_lift(card, rules) for card in drawn.cards],
        "sets": [
            _set(entry, disputed.get(entry.uid, ()))
            for entry in entries
            if entry.kind != SetEntry.Kind.WARM_UP
        ],
    }


def _stopped(drawn: Board) -> dict[str, str] | None:
    who = {"locked": alarms.WHO_RELEASES, INTAKE: WHERE, "rescreen": alarms.WHO_RESCREENS}
    for code in who:
        if reason := drawn.stopped_by(code):
            return {"code": code, "line": reason.line, "who": who[code]}
    return None


def _stopped_at(visit: Visit, drawn: Board) -> str | None:
    """When this visit locked her, if it did and nobody has released her since."""
    if not drawn.stopped_by("locked"):
        return None
    locks = Lock.objects.filter(client_id=visit.client_id, fact__startswith=str(visit.uid)).open()
    at = locks.order_by("pk").values_list("opened_at", flat=True).first()
    return at.isoformat() if at else None


def _limits(rules: Rules) -> dict[str, Any]:
    """The clinic's numbers that the tablet needs to judge a set before it is sent."""
    return {
        "too_hard": rules.effort_too_high,
        "confirm_percent": plain(rules.confirm_over_percent),
        "confirm_kg": plain(rules.confirm_over_kg),
        "pain_stop_over": rules.pain_stop_over,
        "most_reps": rules.most_reps,
        "rest": rules.default_rest_seconds,
    }


def _lift(card: Card, rules: RulesInForce) -> dict[str, Any]:
    target = card.target
    code = target.reason.code
    loads = sorted({*card.loads, *([target.load] if target.load is not None else [])})
    return {
        "lift": card.lift,
        "title": card.title,
        "kind": target.kind,
        "load_type": card.load_type,
        "counts": card.counts,
        "asked": card.asked,
        "top": target.reps_top,
        "sets": target.sets,
        "load": None if target.load is None else plain(target.load),
        "level": target.level,
        "drop_cm": target.drop_cm,
        "band": [target.effort_low, target.effort_high],
        "available": target.available,
        "held": target.reason.holding and code not in MOVING,
        "new_load": code in NEW_LOADS,
        "at_a_gate": code in AT_A_GATE,
        "why": target.reason.line,
        "last": card.last,
        "criteria": list(card.criteria),
        "loads": [plain(load) for load in loads],
        "below": _below(loads, card.load_type, rules),
        "iron": _iron(loads, rules.inventory) if card.load_type == "barbell" else {},
    }


def _below(loads: Iterable[Decimal], load_type: str, rules: RulesInForce) -> dict[str, str | None]:
    """For each load what a miss lowers it to; None at the lightest."""
    found: dict[str, str | None] = {}
    waiting = list(loads)
    while waiting:
        load = waiting.pop()
        if plain(load) in found:
            continue
        below = lowered(load, rules.inventory, load_type, rules.rules)
        found[plain(load)] = None if below is None else plain(below)
        if below is not None:
            waiting.append(below)
    return found


def _iron(loads: Iterable[Decimal], inventory: Inventory) -> dict[str, list[Any]]:
    """For each load the bar and the plates of one side, heaviest first."""
    return {
        plain(load): [plain(iron.bar.kg), [plain(plate) for plate in iron.per_side]]
        for load in loads
        if (iron := bar_load(load, inventory)) is not None
    }


def _set(entry: SetEntry, choices: Sequence[Choice]) -> dict[str, Any]:
    return {
        "uid": str(entry.uid),
        "lift": entry.lift,
        "number": entry.number,
        "load": None if entry.load is None else plain(entry.load),
        "reps": entry.reps,
        "seconds": entry.seconds,
        "landings": entry.landings,
        "level": entry.landing_level,
        "rpe": entry.rpe,
        "clean": entry.clean,
        "pain": entry.pain,
        "revision": entry.revision,
        "to_confirm": entry.to_confirm,
        "outside": entry.outside_clearance,
        "drop_cm": entry.drop_cm,
        "tolerated": entry.tolerated,
        "pain_site": entry.pain_site,
        "pain_kind": entry.pain_kind,
        "disputed": entry.disputed,
        "choices": [
            {"words": one.words, "payload": one.payload, "by": one.by, "voids": one.voids}
            for one in choices
        ],
    }
