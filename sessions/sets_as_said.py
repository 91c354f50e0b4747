"""Whether each set is what its operations say: for a change that was made past the application.

Operations are sealed, sets are not. Whoever turns the triggers off changes a set without a trace in
the history, and not what somebody entered: that is read again here as it was read then.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, fields, replace
from decimal import Decimal
from typing import Any

from django.db.models import Exists, OuterRef, QuerySet, Subquery

from bonefit.clinics.models import Clinic
from programs.rules import DEFAULT_RULES

from .entries import Asked, BadSet, SetValues, read_set
from .models import Operation, SetEntry
from .operations import values_of

KIND, OUTCOME = Operation.Kind, Operation.Outcome
#: What a clinic's settings call too much now may have been entered before.
ANYTHING = replace(DEFAULT_RULES, most_reps=100, heaviest_load_kg=Decimal(500))
#: A load is kept with four places.
ROUNDED = Decimal("0.0001")


@dataclass(frozen=True, slots=True)
class Differs:
    """A set that is not as it was entered, and in what."""

    what: str
    uid: Any
    visit: int


def differing(clinic: Clinic) -> Iterator[Differs]:
    """Sets of a clinic that are not what their operations say, those that are gone last.

    Of a set that two persons said differently the more cautious values count; those are not looked
    at until somebody has chosen.
    """
    for entry in _with_what_was_said(clinic).iterator(chunk_size=2000):
        what = _what(entry, clinic)
        if what:
            yield Differs(what, entry.uid, entry.visit_id)
    there = SetEntry.objects.filter(clinic=clinic, uid=OuterRef("entry"))
    logged = Operation.objects.filter(clinic=clinic, kind=KIND.LOG_SET, outcome=OUTCOME.APPLIED)
    for gone in logged.exclude(Exists(there)).order_by("pk").iterator(chunk_size=2000):
        yield Differs("it was logged and is not there", gone.entry, gone.visit_id)


def _with_what_was_said(clinic: Clinic) -> QuerySet[Any]:
    """Each with the last operation that gave it its values, and whether it was taken back."""
    of_it = Operation.objects.filter(visit=OuterRef("visit"), entry=OuterRef("uid")).order_by("-pk")
    valued = of_it.filter(kind__in=(KIND.LOG_SET, KIND.CORRECT_SET), outcome=OUTCOME.APPLIED)
    disputed = of_it.filter(outcome=OUTCOME.CONFLICT)
    return (
        SetEntry.objects.filter(clinic=clinic)
        .annotate(
            payload=Subquery(valued.values("payload")[:1]),
            said_at=Subquery(valued.values("pk")[:1]),
            disputed_at=Subquery(disputed.values("pk")[:1]),
            taken_back=Exists(of_it.filter(kind=KIND.VOID_SET, outcome=OUTCOME.APPLIED)),
        )
        .order_by("pk")
    )


def _what(entry: Any, clinic: Clinic) -> str:
    """What is not as it was said; "" where all is."""
    if entry.said_at is None:
        return "nobody logged it"
    if entry.voided != entry.taken_back:
        return "it counts and was taken back" if entry.taken_back else "nobody took it back"
    if entry.disputed_at is not None and entry.disputed_at > entry.said_at:
        return ""
    said, is_ = _read(entry, clinic), values_of(entry)
    if said is None:
        return "what was entered cannot be read"
    pairs = [(one.name, getattr(is_, one.name), getattr(said, one.name)) for one in fields(is_)]
    return ", ".join(
        f"{name} is {_word(now)}, entered was {_word(entered)}"
        for name, now, entered in pairs
        if not _same(now, entered)
    )


def _same(now: Any, entered: Any) -> bool:
    if isinstance(now, Decimal) and isinstance(entered, Decimal):
        return abs(now - entered) < ROUNDED  # pounds have more places than are kept
    return bool(now == entered)


def _read(entry: Any, clinic: Clinic) -> SetValues | None:
    impact = entry.kind == SetEntry.Kind.IMPACT
    target = Asked("impact" if impact else "working", entry.prescribed_reps)
    unit = entry.entered_unit or clinic.unit
    try:
        # As one without a load: whether one had to be typed was asked then.
        return read_set(
            entry.payload, target=target, load_type="bodyweight", unit=unit, rules=ANYTHING
        )
    except BadSet:
        return None


def _word(value: Any) -> str:
    if isinstance(value, Decimal):
        return f"{value.normalize():f}"
    return "blank" if value is None or value == "" else str(value)
