"""Leave for a tablet to send what an author did on it, where nobody is logged in any more.

A token is of one author, one tablet and the slots of one day. It adds to the log and reads
nothing: an answer says what became of an operation, never what stands in the record. Only its hash
is stored, so that a copy of the database sends nothing.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction

from bonefit.clinics.models import Membership
from programs.plans import rules_at

from . import held, sync
from .batches import read_operation
from .models import Slot, UploadToken, Visit
from .operations import APPLIED, CONFLICT, REFUSED, Op

NOT_TAKEN = "This was not taken without a log-in. Log in on this tablet to see why."
NOT_COVERED = "This tablet was not prepared for that visit. Log in on it to send this."


@dataclass(frozen=True, slots=True)
class Minted:
    """A new token. It is said this once; afterwards only the tablet knows it."""

    token: str
    expires_at: datetime
    slots: tuple[int, ...]


@transaction.atomic
def mint(*, member: Membership, device: UUID, now: datetime) -> Minted:
    """A token for the slots of the clinic's day; the member's earlier one of this tablet is over.

    What that one covered within its days is covered on, so that yesterday's entries which are not
    sent yet do not lose their way.
    """
    # The membership's row is the lock: two boards that open at once leave one token.
    Membership.objects.select_for_update(no_key=True).get(pk=member.pk)
    days = timedelta(days=rules_at(member.clinic, now).rules.upload_days)
    earlier = UploadToken.objects.filter(member=member, device=device, revoked_at=None)
    covered = _slots_of_today(member, now) | _still_covered(earlier, since=now - days, now=now)
    earlier.update(revoked_at=now)
    token = secrets.token_urlsafe(32)
    row = UploadToken.objects.create(
        clinic_id=member.clinic_id,
        member=member,
        token_hash=_hash(token),
        device=device,
        slots=sorted(covered),
        created_at=now,
        expires_at=now + days,
    )
    return Minted(token, row.expires_at, tuple(row.slots))


def _slots_of_today(member: Membership, now: datetime) -> set[int]:
    tz = member.clinic.tz
    start = datetime.combine(now.astimezone(tz).date(), time.min, tzinfo=tz)
    found = Slot.objects.visible_to(member).filter(
        starts_at__gte=start, starts_at__lt=start + timedelta(days=1)
    )
    return set(found.values_list("pk", flat=True))


def _still_covered(earlier: Iterable[UploadToken], *, since: datetime, now: datetime) -> set[int]:
    covered = {slot for token in earlier if token.expires_at > now for slot in token.slots}
    found = Slot.objects.filter(pk__in=covered, starts_at__gt=since) if covered else None
    return set() if found is None else set(found.values_list("pk", flat=True))


def verify(token: str, *, now: datetime) -> UploadToken | None:
    """The leave behind a token; None for one that is unknown, over or revoked.

    The author may have lost her right since: then what she sends is held, not refused.
    """
    found = (
        UploadToken.objects.filter(token_hash=_hash(token), revoked_at=None, expires_at__gt=now)
        .select_related("member__user", "member__clinic")
        .first()
    )
    if found is not None:
        UploadToken.objects.filter(pk=found.pk).update(used_at=now)
    return found


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def take(token: UploadToken, items: Sequence[Any], *, now: datetime) -> list[dict[str, Any]]:
    """What became of each operation of the token's author, in their order, and nothing else."""
    author = token.member
    read = [read_operation(item, now=now) for item in items]
    covered = _covered(token, {op.visit for op in read if isinstance(op, Op)})
    taken = [
        (op, item)
        for op, item in zip(read, items, strict=True)
        if isinstance(op, Op) and op.visit in covered
    ]
    if held.may_log(author):
        results = sync.apply([op for op, _ in taken], by=author, now=now)
        outcomes: dict[UUID, str] = {one.uid: one.outcome for one in results}
    else:
        outcomes = held.hold(taken, author=author, now=now)
    return [_said(op, outcomes) for op in read]


def _covered(token: UploadToken, visits: Iterable[UUID]) -> set[UUID]:
    found = Visit.objects.filter(
        clinic_id=token.clinic_id, slot_id__in=token.slots, uid__in=list(visits)
    )
    return set(found.values_list("uid", flat=True))


def _said(op: Op | Mapping[str, Any], outcomes: Mapping[UUID, str]) -> dict[str, Any]:
    if not isinstance(op, Op):
        return {"id": op["id"], "outcome": str(REFUSED), "reason": op["reason"]}
    outcome = outcomes.get(op.uid)
    if outcome is None:
        return {"id": str(op.uid), "outcome": str(REFUSED), "reason": NOT_COVERED}
    if outcome == CONFLICT:
        # Kept beside another entry: that there is another one would be read from the answer.
        outcome = APPLIED
    reason = NOT_TAKEN if outcome == REFUSED else ""
    return {"id": str(op.uid), "outcome": str(outcome), "reason": reason}
