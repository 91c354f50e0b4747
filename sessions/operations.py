"""What a person did on the floor, as it comes from a page or a tablet, and what became of it."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from . import saying
from .entries import LAST_NUMBER, BadSet, SetValues
from .models import Operation, SetEntry, Visit

KIND = Operation.Kind
APPLIED = Operation.Outcome.APPLIED
CONFLICT = Operation.Outcome.CONFLICT
REFUSED = Operation.Outcome.REFUSED

#: What a person may say of a visit that nobody lifted in; "planned" takes such a word back.
SAYABLE = frozenset({*Visit.MISSED, *Visit.FREED, Visit.Status.PLANNED} - {Visit.Status.RELEASED})
EXCUSED_WHY = "medical or agreed leave"
#: Why a row was changed where one tap does it and no reason is asked for: the tap itself.
TAPPED: dict[str, str] = {
    KIND.CORRECT_SET: "Corrected on the floor",
    KIND.CONFIRM_SET: "Load confirmed on the floor",
    KIND.VOID_SET: "Undone on the floor",
    KIND.REOPEN: "Opened again, to be signed anew",
}
#: The database keeps no greater one.
BIGGEST_REVISION = 2**31 - 1


@dataclass(frozen=True, slots=True)
class Op:
    """One thing that was done. ``made_at`` is the device's clock; order never comes from it."""

    uid: uuid.UUID
    kind: str
    visit: uuid.UUID
    made_at: datetime
    entry: uuid.UUID | None = None
    base_revision: int | None = None
    payload: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Result:
    """What became of an operation. ``errors`` has a sentence for each field that was wrong.

    ``before`` is what the row said until then: it goes into the log, never to a tablet.
    """

    uid: uuid.UUID
    outcome: str
    entry: uuid.UUID | None = None
    reason: str = ""
    errors: Mapping[str, str] = field(default_factory=dict)
    again: bool = False
    before: Mapping[str, Any] | None = None


def why_of(op: Op) -> str:
    """Why this changes what stood there: what was written with it, else the tap itself."""
    typed = str(op.payload.get("why") or "").strip()
    return saying.stopped_for(typed) if op.kind == KIND.STOP else typed or TAPPED.get(op.kind, "")


def number_of(payload: Mapping[str, Any]) -> int:
    """The set's number, 1 to LAST_NUMBER; BadSet for anything else."""
    typed = str(payload.get("number", ""))
    if not typed.isdigit() or not 1 <= int(typed[:6]) <= LAST_NUMBER:
        raise BadSet({"number": f"A set has a number from 1 to {LAST_NUMBER}."})
    return int(typed)


def values_of(entry: SetEntry) -> SetValues:
    """What a set says, as clean values."""
    return SetValues(**{name: getattr(entry, name) for name in SetValues.__dataclass_fields__})


def as_said(entry: SetEntry) -> dict[str, Any]:
    """What a set said before it was changed, for the operation's history."""
    said = values_of(entry).as_fields()
    said["load"] = None if entry.load is None else f"{entry.load.normalize():f}"
    return {**said, "to_confirm": entry.to_confirm, "revision": entry.revision}
