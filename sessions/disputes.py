"""Sets of which two persons said two things: what each of them said, to choose from.

Both entries stand in the log of operations, so a dispute outlives the tablet that raised it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from .models import Operation, SetEntry

_KEPT = ("reps", "seconds", "landings", "drop_cm", "rpe", "pain", "pain_site", "pain_kind")
_YES_NO = {True: "yes", False: "no", None: ""}
_TECHNIQUE = {True: "clean", False: "not_clean", None: ""}


@dataclass(frozen=True, slots=True)
class Choice:
    """One of the entries: as it is read, and the payload of the correction that chooses it.

    ``voids`` where one of them took the set back.
    """

    words: str
    payload: Mapping[str, str]
    by: str = ""
    voids: bool = False


def disputes_of(entries: Iterable[SetEntry]) -> dict[Any, list[Choice]]:
    """For each disputed set, by its uid, what was said of it; one query or none."""
    disputed = [entry for entry in entries if entry.disputed]
    if not disputed:
        return {}
    rows = (
        Operation.objects.filter(entry__in=[entry.uid for entry in disputed])
        .select_related("by__user")
        .order_by("id")
    )
    said: dict[Any, list[Operation]] = {}
    for row in rows:
        if row.outcome != Operation.Outcome.CONFLICT:
            if row.kind == Operation.Kind.CORRECT_SET:
                said.pop(row.entry, None)  # a person chose
            continue
        said.setdefault(row.entry, []).append(row)
    return {uid: _choices(conflicts) for uid, conflicts in said.items()}


def _choices(conflicts: list[Operation]) -> list[Choice]:
    first = payload_as(conflicts[0].before or {})
    found = [Choice(set_in_words(first), first)]
    for row in conflicts:
        name = row.by.user.name
        if row.kind == Operation.Kind.VOID_SET:
            found.append(Choice("taken back", {}, name, voids=True))
            continue
        payload = {key: str(value) for key, value in row.payload.items() if value is not None}
        found.append(Choice(set_in_words(payload), payload, name))
    return found


def payload_as(before: Mapping[str, Any]) -> dict[str, str]:
    """What a set said, as the payload of an operation that says it again."""
    said = {name: before.get(name) for name in _KEPT}
    # A load is kept in kilograms, whatever unit the clinic reads.
    said |= {"load": before.get("load"), "unit": "kg", "level": before.get("landing_level")}
    said |= {
        "technique": _TECHNIQUE[before.get("clean")],
        "tolerated": _YES_NO[before.get("tolerated")],
    }
    return {name: "" if value is None else str(value) for name, value in said.items()}


def set_in_words(payload: Mapping[str, str]) -> str:
    """What an operation says of a set, in a few signs: “57.5 kg × 5 @ 15, clean”."""
    get = payload.get
    if get("landings"):
        felt = {"yes": ", tolerated", "no": ", not tolerated"}.get(get("tolerated", ""), "")
        return f"{get('landings')} landings, level {get('level')}{felt}"
    made = f"{get('seconds')} s" if get("seconds") else f"{get('reps')}"
    load = f"{get('load')} kg × " if get("load") else ""
    effort = f" @ {get('rpe')}" if get("rpe") else ""
    clean = {"clean": ", clean", "not_clean": ", not clean"}.get(get("technique", ""), "")
    return f"{load}{made}{effort}{clean}"
