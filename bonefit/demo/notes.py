"""Notes of the demo: signed a little after their class, each by who was there."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from bonefit.clinics.models import Membership
from sessions import noting
from sessions.models import Visit

#: How long after a class its sets are in, and its note is signed.
NOTES_TAKE = timedelta(minutes=4)


def sign_notes(staff: Iterable[Membership], *, before: datetime) -> None:
    """Sign what nobody has signed of classes that ended before a moment."""
    for therapist in staff:
        theirs = noting.floor_of(therapist).filter(
            completed_by=therapist, during__endswith__lt=before, notes=None
        )
        if visits := list(theirs.order_by("during", "pk")):
            noting.sign_as_drafted(visits, by=therapist, now=before, at=_after_the_class)


def _after_the_class(visit: Visit) -> datetime:
    return (visit.completed_at or visit.ends_at) + NOTES_TAKE
