"""What is said of a slot as a whole: who supervises it, and whether one more can be let in."""

from __future__ import annotations

from bonefit.clinics.models import Membership
from programs.plans import rules_at

from . import flags
from .desk import Desk
from .entries import BadSet
from .operations import APPLIED, Op, Result

MOST_NAMED = 20


def supervise(desk: Desk, op: Op) -> Result:
    """Everybody who is on the floor of the visit's slot from now on; all others have left it."""
    wanted = _members(str(op.payload.get("members", "")))
    known = set(
        Membership.objects.supervisors()
        .filter(clinic_id=desk.visit.clinic_id, pk__in=wanted)
        .values_list("pk", flat=True)
    )
    if wanted - known:
        raise BadSet({"members": "Only therapists who work in this clinic can supervise."})
    before = desk.floors.name(desk.visit, wanted)
    return Result(op.uid, APPLIED, before={"members": " ".join(map(str, before))})


def _members(typed: str) -> set[int]:
    words = typed.replace(",", " ").split()
    if not words:
        raise BadSet({"members": "Name at least one supervisor: nobody lifts alone."})
    if len(words) > MOST_NAMED:
        raise BadSet({"members": f"At most {MOST_NAMED} supervisors can be named."})
    if not all(word.isascii() and word.isdigit() and len(word) <= 18 for word in words):
        raise BadSet({"members": "Pick the supervisors from the list."})
    return {int(word) for word in words}


def no_room(desk: Desk) -> str:
    """Why the client of a desk cannot be let in beside those who are here; empty where she can.

    Whoever is here already counts once. After the class nobody is let in any more: what is said
    then is a record of who came, and is taken.
    """
    visit, floor = desk.visit, desk.floors.at(desk.visit)
    if visit.client_id in floor.people or desk.now >= visit.ends_at:
        return ""
    rules = rules_at(visit.clinic, desk.now).rules
    supervisors = len(floor.supervisors) or 1  # who checks her in is there
    here = len(floor.people)
    if flags.group_size(clients=here + 1, supervisors=supervisors, rules=rules) != "block":
        return ""
    with_whom = "one supervisor" if supervisors == 1 else f"{supervisors} supervisors"
    people = "1 person is" if here == 1 else f"{here} people are"
    return (
        f"{people} here with {with_whom}, and at most {rules.group_block_above * supervisors} may "
        "be. Name another supervisor first, then check her in again."
    )
