"""What it means not to come: said before it is done, and the places that are free instead."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby
from uuid import UUID

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import OuterRef

from bonefit.clinics.models import Clinic, Membership
from programs.plans import rules_at
from sessions import seats
from sessions.makeups import Credit, last_day, owed_visits
from sessions.may_come import CALL_US, Speaker
from sessions.models import Visit, Waiting
from sessions.seats import FreePlace

from .words import day_words, moment_words, names, span_words, when_words

#: So many days stand open on the page; the others are one tap away.
DAYS_SHOWN = 5


@dataclass(frozen=True, slots=True)
class Meaning:
    """What it means not to come to a visit.

    ``notice`` is in hours. ``in_time_until`` is the last moment in time, "" once it is over.
    ``make_up_until`` is the last day for a make-up, "" where there is none; ``instead_of`` is the
    day that a make-up stands for.
    """

    when: str
    in_time: bool
    notice: int
    in_time_until: str
    make_up_until: str
    instead_of: str
    extra: bool


@dataclass(frozen=True, slots=True)
class Place:
    """A slot that she may come to, or wait for, in words."""

    slot: int
    span: str
    whom: str
    room: str


@dataclass(frozen=True, slots=True)
class Day:
    """The places of one day."""

    day: str
    places: tuple[Place, ...]


@dataclass(frozen=True, slots=True)
class Choice:
    """The days with free places, and those on which she can only wait for one.

    ``call`` is what she is told where nobody may book for her before the clinic has spoken to her.
    """

    free: tuple[Day, ...]
    full: tuple[Day, ...]
    call: str

    @property
    def soon(self) -> tuple[Day, ...]:
        """The first days with free places."""
        return self.free[:DAYS_SHOWN]

    @property
    def later(self) -> tuple[Day, ...]:
        """The days after those."""
        return self.free[DAYS_SHOWN:]


def when_of(visit: Visit, clinic: Clinic, *, now: datetime) -> str:
    """``Thursday 26 November, 9:00 to 9:30 in the morning``, in the clinic's zone."""
    return slot_when(visit.starts_at, visit.ends_at, clinic, now=now)


def slot_when(start: datetime, end: datetime, clinic: Clinic, *, now: datetime) -> str:
    """The same of a slot's start and end."""
    today = now.astimezone(clinic.tz).date()
    return when_words(start.astimezone(clinic.tz), end.astimezone(clinic.tz), today=today)


def meaning_of(visit: Visit, clinic: Clinic, *, now: datetime) -> Meaning:
    """What it means to say now that she can't come to ``visit``; needs ``visit.makes_up``."""
    rules = rules_at(clinic, now).rules
    today = now.astimezone(clinic.tz).date()
    last = visit.starts_at - timedelta(hours=rules.late_cancel_hours)
    owed = visit.makes_up or visit
    until = last_day(owed, clinic, rules.makeup_days)
    owed_on = owed.starts_at.astimezone(clinic.tz).date()
    owes = bool(rules.makeup_days) and visit.purpose != Visit.Purpose.EXTRA and until >= today
    return Meaning(
        when=when_of(visit, clinic, now=now),
        in_time=now <= last,
        notice=rules.late_cancel_hours,
        in_time_until=moment_words(last.astimezone(clinic.tz), today=today) if now <= last else "",
        make_up_until=day_words(until, today=today) if owes else "",
        instead_of=day_words(owed_on, today=today) if visit.makes_up else "",
        extra=visit.purpose == Visit.Purpose.EXTRA,
    )


def choice_of(
    credit: Credit, *, clinic: Clinic, now: datetime, waits_for: Collection[int] = ()
) -> Choice:
    """The real free places that may make up for a missed visit from now on, by day.

    The visit of the credit comes with its enrollment; ``waits_for`` are the slots she waits for.
    """
    enrollment = credit.visit.enrollment
    enrollment.clinic, enrollment.client = clinic, credit.visit.client
    found = seats.free_places(
        enrollment,
        now=now,
        first=now.astimezone(clinic.tz).date(),
        last=credit.until,
        makes_up=credit.visit,
        credit=credit,
        who=Speaker.CLIENT,
    )
    free = [place for place in found if not place.why_not]
    full = [one for one in found if one.may_wait and one.slot.pk not in waits_for]
    call = CALL_US if any(place.why_not == CALL_US for place in found) else ""
    return Choice(_days(free, clinic, now), _days(full, clinic, now), call)


def owed_of(member: Membership, uid: UUID, *, now: datetime) -> tuple[Credit, list[int]] | None:
    """What the member may make up for as a client, by the uid of the missed visit; one query.

    With it the slots that she waits for. None where there is nothing (any more).
    """
    clinic = member.clinic
    days = rules_at(clinic, now).rules.makeup_days
    open_rows = Waiting.objects.open().filter(enrollment=OuterRef("enrollment")).order_by()
    visit = (
        owed_visits(clinic)
        .filter(uid=uid, client__membership=member)
        .select_related("slot", "enrollment", "client")
        .annotate(waits_for=ArraySubquery(open_rows.values("slot_id")))
        .first()
    )
    if visit is None or not days:
        return None
    credit = Credit(visit, last_day(visit, clinic, days))
    over = credit.until < now.astimezone(clinic.tz).date()
    return None if over else (credit, visit.waits_for)


def _days(places: Sequence[FreePlace], clinic: Clinic, now: datetime) -> tuple[Day, ...]:
    """The places by day; they come soonest first."""
    today, tz = now.astimezone(clinic.tz).date(), clinic.tz
    return tuple(
        Day(
            day_words(day, today=today),
            tuple(
                Place(
                    one.slot.pk,
                    span_words(one.slot.starts_at.astimezone(tz), one.slot.ends_at.astimezone(tz)),
                    names(one.supervisors),
                    one.slot.room,
                )
                for one in of_day
            ),
        )
        for day, of_day in groupby(places, key=lambda one: one.slot.starts_at.astimezone(tz).date())
    )
