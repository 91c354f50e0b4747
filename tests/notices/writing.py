"""Changes of visits for the tests of messages, made as every writer makes them."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction

from bonefit.clinics.models import Clinic
from programs import plans
from programs.models import Enrollment, RuleSet
from sessions.changing import state_of, touch
from sessions.models import Notice, SeatChange, Slot, Visit
from tests.cast import NOW, Cast

MINUTE = timedelta(minutes=1)
HALF_AN_HOUR = timedelta(minutes=30)
CANCELLED = Visit.Status.CANCELLED_CLIENT
CALLED_OFF = Visit.Status.CLINIC_CANCELLED
PLANNED = Visit.Status.PLANNED


def fresh(visit: Visit) -> Visit:
    return Visit.objects.select_related("slot", "client", "clinic").get(pk=visit.pk)


@transaction.atomic
def say(visit: Visit, status: str, *, now: datetime) -> Visit:
    """The visit is freed, or given back."""
    visit = fresh(visit)
    before = state_of(visit)
    visit.status = status
    visit.save(update_fields=["status"])
    kind = SeatChange.Kind.CANCELLED if status in Visit.FREED else SeatChange.Kind.RESTORED
    touch(visit, before, kind=kind, by=None, now=now)
    return visit


@transaction.atomic
def move(visit: Visit, start: datetime, *, now: datetime, room: str = "Room 1") -> Visit:
    """The visit goes to another time or room."""
    visit = fresh(visit)
    before = state_of(visit)
    visit.slot = slot_at(visit, start, room)
    visit.during = (visit.slot.starts_at, visit.slot.ends_at)
    visit.save(update_fields=["slot", "during"])
    visit = fresh(visit)
    touch(visit, before, kind=SeatChange.Kind.MOVED, by=None, now=now)
    return visit


@transaction.atomic
def book(enrollment: Enrollment, start: datetime, *, now: datetime) -> Visit:
    """A new visit that she has not heard of."""
    visit = Visit(
        clinic_id=enrollment.clinic_id,
        enrollment=enrollment,
        client_id=enrollment.client_id,
        missed_after=start + timedelta(hours=2),
        created_at=now,
    )
    visit.slot = slot_at(visit, start, "Room 1")
    visit.during = (visit.slot.starts_at, visit.slot.ends_at)
    visit.save()
    visit = fresh(visit)
    touch(visit, None, kind=SeatChange.Kind.BOOKED, by=None, now=now)
    return visit


def slot_at(visit: Visit, start: datetime, room: str) -> Slot:
    slot, _ = Slot.objects.get_or_create(
        clinic_id=visit.clinic_id,
        room=room,
        starts_at=start,
        defaults={"ends_at": start + HALF_AN_HOUR},
    )
    return slot


def coming(cast: Cast, number: int = 0) -> Visit:
    """Cal's visits that are to come: on Monday 9 March at 9:00, on Thursday, on Monday …"""
    return cast.enrollment.visits.filter(during__startswith__gt=NOW).order_by("during")[number]


def changes() -> list[Notice]:
    return list(Notice.objects.filter(kind=Notice.Kind.CHANGE).order_by("pk"))


def whats(notice: Notice) -> list[str]:
    return [line["what"] for line in notice.facts["lines"]]


def reminded() -> list[tuple[str, str]]:
    """Whom a reminder is for, and the start of the session."""
    rows = Notice.objects.filter(kind=Notice.Kind.REMINDER).order_by("pk")
    return [(row.to, row.facts["starts_at"]) for row in rows]


def set_rules(clinic: Clinic, **values: int) -> None:
    """The clinic's settings, from long ago on."""
    rules = RuleSet.objects.filter(clinic=clinic).latest("number")
    RuleSet.objects.filter(pk=rules.pk).update(values={**rules.values, **values})
    plans.forget()
