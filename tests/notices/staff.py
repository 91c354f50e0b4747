"""Flags and mail for the tests of what the staff are told."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from bonefit.clinics.models import Membership
from programs.models import Enrollment
from sessions.models import Flag, Slot, StaffNotice
from tests.cast import NOW, Cast

MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
#: Friday 6 March 2026, seven in the morning in Brisbane.
SEVEN = datetime.fromisoformat("2026-03-06T07:00+10:00")
#: Monday 9 March 2026, the same hour.
MONDAY = datetime.fromisoformat("2026-03-09T07:00+10:00")


def flag(enrollment: Enrollment | None, severity: str = "red", **more: Any) -> Flag:
    """An open flag; its subject keeps it apart from others."""
    values: dict[str, Any] = {
        "kind": Flag.Kind.LOCKED,
        "opened_at": NOW,
        "rule": "F15.1",
        "subject": str(Flag.objects.count()),
        "evidence": {"headline": "broke a bone", "detail": "", "lines": []},
        **more,
    }
    clinic = values.pop("clinic", None) or enrollment.clinic  # type: ignore[union-attr]
    values["evidence_key"] = values["subject"]
    return Flag.objects.create(clinic=clinic, enrollment=enrollment, severity=severity, **values)


def of_clinic(cast: Cast, **more: Any) -> Flag:
    """A red flag about a class of Northside."""
    return flag(None, clinic=cast.north, slot=Slot.objects.filter(clinic=cast.north)[0], **more)


def rows(kind: str = StaffNotice.Kind.RED) -> list[StaffNotice]:
    return list(StaffNotice.objects.filter(kind=kind).order_by("pk"))


def told(kind: str = StaffNotice.Kind.RED) -> list[tuple[Membership, list[int]]]:
    """Whom a message is for, and the flags it is about."""
    return [(row.member, row.facts["flags"]) for row in rows(kind)]
