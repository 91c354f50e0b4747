"""A class with as many people as a test wants, and what is said of it at the floor."""

from __future__ import annotations

import uuid
from typing import Any

from bonefit.clinics.models import Membership
from sessions import sync
from sessions.models import Supervision, Visit
from sessions.operations import Result
from tests.cast import NOW, Cast, assign, enroll


def class_of(cast: Cast, people: int, **more: Any) -> list[Visit]:
    """So many visits of Cal's class of this morning, his own the first."""
    for number in range(1, people):
        assign(enroll(cast.ana, f"Zoe Z{number}."), cast.ana, **more)
    slot = cast.visit.slot
    return list(slot.visits.order_by("pk"))


def said(kind: str, visit: Visit, **payload: Any) -> sync.Op:
    """An operation as a tablet sends it; a check-in says that all is well."""
    if kind == "check_in":
        payload = {"next_day": "0", "now": "0", **payload}
    return sync.Op(uuid.uuid4(), kind, visit.uid, made_at=NOW, payload=payload)


def do(by: Membership, *ops: sync.Op, visit: Visit) -> list[Result]:
    """The operations applied a minute into the class."""
    return sync.apply(ops, by=by, now=visit.starts_at)


def supervise(by: Membership, visit: Visit, *members: Membership) -> Result:
    """Say who is on the floor of a visit's class."""
    names = " ".join(str(member.pk) for member in members)
    return do(by, said("supervise", visit, members=names), visit=visit)[0]


def check_in(by: Membership, *visits: Visit) -> list[str]:
    """Check people in, one after the other; what became of each."""
    return [do(by, said("check_in", visit), visit=visit)[0].outcome.lower() for visit in visits]


def on_the_floor(visit: Visit) -> dict[str, str]:
    """Who is planned, here or gone in a visit's class, by name."""
    rows = Supervision.objects.filter(slot=visit.slot_id).select_related("member__user")
    return {
        row.member.user.name: "gone" if row.left_at else "here" if row.named_at else "planned"
        for row in rows
    }
