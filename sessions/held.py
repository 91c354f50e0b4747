"""Operations of an author who may not log any more when they arrive: kept until an admin decides.

Nothing of what she did is lost, and nothing of it counts before somebody with a name says so.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import groupby
from typing import Any
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import QuerySet

from bonefit.acting import because_of
from bonefit.clinics.access import Can
from bonefit.clinics.models import Membership, User
from programs.models import Lift

from . import sync
from .batches import read_operation
from .disputes import set_in_words
from .models import HeldOperation, Operation, UploadToken, Visit
from .operations import REFUSED, Op

HELD = "held"
#: Of one author at a time. A tablet keeps what is more until an admin has decided on these.
MOST_HELD = 2_000


class TooManyHeld(Exception):
    """More of this author waits for the admin than anybody can have done."""


def may_log(member: Membership) -> bool:
    """Whether what the member did is still taken as it comes."""
    return member.is_active and member.user.is_active and member.supervises


def author_without_the_right(user: User, clinic: str) -> Membership | None:
    """The membership of somebody who logged sets in a clinic once and may not any more."""
    member = (
        Membership.objects.filter(user_id=user.pk, clinic__slug=clinic)
        .select_related("clinic", "user")
        .first()
    )
    if member is None or may_log(member):
        return None
    logged = (
        UploadToken.objects.filter(member=member).exists()
        or Operation.objects.filter(by=member).exists()
    )
    return member if logged else None


def hold(taken: Sequence[tuple[Op, Any]], *, author: Membership, now: datetime) -> dict[UUID, str]:
    """Keep operations as they were sent, each once; what became of each, by its id.

    One that was applied before its author lost her right stays so. Raises TooManyHeld.
    """
    ids = [op.uid for op, _ in taken]
    mine = HeldOperation.objects.filter(clinic_id=author.clinic_id, author=author)
    if taken and mine.filter(decided_at=None).count() + len(taken) > MOST_HELD:
        raise TooManyHeld
    log = Operation.objects.filter(clinic_id=author.clinic_id, by=author, uid__in=ids)
    known = dict(log.values_list("uid", "outcome"))
    HeldOperation.objects.bulk_create(
        [
            HeldOperation(
                clinic_id=author.clinic_id, uid=op.uid, author=author, body=item, received_at=now
            )
            for op, item in taken
            if op.uid not in known
        ],
        ignore_conflicts=True,
    )
    kept = set(mine.filter(uid__in=ids).values_list("uid", flat=True))
    return {uid: known.get(uid, HELD if uid in kept else str(REFUSED)) for uid in ids}


def undecided(member: Membership) -> QuerySet[HeldOperation]:
    """What waits for a decision in the member's clinic."""
    return HeldOperation.objects.visible_to(member).filter(decided_at=None)


# --- to be read by the admin ----------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class HeldVisit:
    """What one author said of one visit; the visit is None where it is not there any more."""

    author: Membership
    visit: Visit | None
    lines: tuple[tuple[HeldOperation, str], ...]


def held_visits(member: Membership) -> list[HeldVisit]:
    """What waits, by author and visit, each in the order in which it was done."""
    rows = list(undecided(member).select_related("author__user"))
    named = {uid for row in rows if (uid := _visit_of(row))}
    visits = {
        str(visit.uid): visit
        for visit in Visit.objects.visible_to(member).select_related("client").filter(uid__in=named)
    }

    def place(row: HeldOperation) -> tuple[str, int, str]:
        return row.author.user.name, row.author_id, _visit_of(row)

    return [
        HeldVisit(group[0].author, visits.get(uid), tuple((row, in_words(row)) for row in group))
        for (_, _, uid), rows_of in groupby(sorted(rows, key=place), key=place)
        if (group := list(rows_of))
    ]


def _visit_of(row: HeldOperation) -> str:
    op = read_operation(row.body, now=row.received_at)
    return str(op.visit) if isinstance(op, Op) else ""


_KINDS = dict(Operation.Kind.choices)
_NAMES = {
    "next_day": "worst pain the day after",
    "now": "pain now",
    "away": "since the last visit",
    "why": "why",
    "lift": "at",
    "set_number": "set",
}


def in_words(row: HeldOperation) -> str:
    """What a held operation says: “Log a set: Deadlift 2, 40 kg × 5 @ 14, clean”."""
    op = read_operation(row.body, now=row.received_at)
    if not isinstance(op, Op):
        return "An entry that cannot be read"
    payload = {key: str(value) for key, value in op.payload.items() if value not in (None, "")}
    words = _set_words(payload) if _says_a_set(payload) else _other_words(payload)
    kind = str(_KINDS.get(op.kind, op.kind))
    return f"{kind}: {words}" if words else kind


def _says_a_set(payload: Mapping[str, str]) -> bool:
    return any(payload.get(name) for name in ("reps", "seconds", "landings"))


def _set_words(payload: Mapping[str, str]) -> str:
    lift = payload.get("lift", "")
    which = f"{dict(Lift.choices).get(lift, lift)} {payload.get('number', '')}".strip()
    pain = f", pain {payload['pain']}" if payload.get("pain") else ""
    return f"{which}, {set_in_words(payload)}{pain}".removeprefix(", ")


def _other_words(payload: Mapping[str, str]) -> str:
    said = {**dict(Visit.Status.choices), **dict(Lift.choices)}
    return ", ".join(
        f"{_NAMES.get(key, key.replace('_', ' '))} {said.get(value, value.replace('_', ' '))}"
        for key, value in payload.items()
    )


# --- the admin's decision -------------------------------------------------------------------------
@dataclass(slots=True)
class Decided:
    """How many were decided on, and why those that are still there could not be applied."""

    count: int
    refused: list[str]


@because_of("reason")
@transaction.atomic
def decide(
    *, ids: Sequence[int], decision: str, reason: str, by: Membership, now: datetime
) -> Decided:
    """Apply held operations as what their author did, or set them aside; the rows stay.

    What the floor refuses also from an active author stays undecided, with the words for it. Raises
    PermissionDenied where the member may not decide.
    """
    if not by.is_active or Can.DECIDE_HELD not in by.can:
        raise PermissionDenied
    rows = list(
        undecided(by)
        .filter(pk__in=ids)
        .select_related("author__clinic", "author__user")
        .select_for_update(of=("self",))
    )
    refused: list[str] = []
    for row in rows:
        if decision == HeldOperation.Decision.APPLIED and (why := _apply(row, by=by, now=now)):
            refused.append(why)
            continue
        row.decision, row.reason = decision, reason
        row.decided_at, row.decided_by = now, by
        row.save(update_fields=["decision", "reason", "decided_at", "decided_by"])
    return Decided(len(rows) - len(refused), refused)


def _apply(row: HeldOperation, *, by: Membership, now: datetime) -> str:
    """ "" where it is in the log now, else why not."""
    op = read_operation(row.body, now=row.received_at)
    if not isinstance(op, Op):
        return f"An entry that cannot be read: {op['reason']}"
    result = sync.apply_held(op, author=row.author, decided_by=by, now=now)
    if set(result.errors) == {"why"}:
        # The visit was signed too long ago for a change without a reason: the decision is it.
        why = {"why": f"Held when it arrived, applied by {by}"}
        op = replace(op, payload={**op.payload, **why})
        result = sync.apply_held(op, author=row.author, decided_by=by, now=now)
    if result.outcome != REFUSED:
        return ""
    return f"{in_words(row)}. {' '.join(result.errors.values()) or result.reason}"
