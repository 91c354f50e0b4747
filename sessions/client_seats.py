"""One client's seats as the desk sees them: what comes, her weekly places, credits, waiting."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import Q

from bonefit.clients.models import Client
from bonefit.clinics.models import Membership
from programs.models import Enrollment

from . import makeups
from .models import Pause, StandingPlace, Visit, Waiting
from .seat_words import GIVEN_UP, kind_words, status_words
from .slot_page import SeatLine, lock_words

#: How many visits to come are shown; the others are in the week.
SHOWN = 8
#: How far ahead a visit that was cancelled is shown, so that it can be given back.
AHEAD = timedelta(weeks=6)


@dataclass(frozen=True, slots=True)
class Bookings:
    """Everything that is booked for one client, and what may be."""

    enrollment: Enrollment | None
    lock: str
    coming: tuple[SeatLine, ...]
    more: bool
    places: tuple[StandingPlace, ...]
    pauses: tuple[Pause, ...]
    credits: tuple[makeups.Credit, ...]
    waiting: tuple[Waiting, ...]

    @property
    def active(self) -> bool:
        """Whether her program runs, so that she can be booked."""
        return self.enrollment is not None and (self.enrollment.status == Enrollment.Status.ACTIVE)


def bookings_of(
    client: Client, enrollment: Enrollment | None, *, member: Membership, now: datetime
) -> Bookings:
    """What stands on a client's bookings page, in a fixed number of queries.

    ``enrollment``, and without one ``client``, was read ``with_lock``.
    """
    today = now.astimezone(member.clinic.tz).date()
    coming = list(
        Visit.objects.visible_to(member)
        .filter(client=client, during__endswith__gt=now, during__startswith__lt=now + AHEAD)
        .exclude(status=Visit.Status.RELEASED)
        .select_related("slot", "makes_up")
        .order_by("during")[: 2 * SHOWN + 1]
    )
    waiting = (
        Waiting.objects.visible_to(member)
        .open()
        .filter(client=client)
        .select_related("slot")
        .order_by("slot__starts_at")
    )
    places, pauses, credits = _of_the_program(enrollment, today, now)
    for place in places:
        place.next_uid = next(  # type: ignore[attr-defined]  # for the page
            (one.uid for one in coming if one.place_id == place.pk and _may_change(one, now)), None
        )
    return Bookings(
        enrollment=enrollment,
        lock=lock_words(
            enrollment or client, member=member, day=now.astimezone(member.clinic.tz).date()
        ),
        coming=tuple(_line(visit, member, now) for visit in coming[: 2 * SHOWN]),
        more=len(coming) > 2 * SHOWN,
        places=places,
        pauses=pauses,
        credits=credits,
        waiting=tuple(waiting),
    )


def _of_the_program(
    enrollment: Enrollment | None, today: date, now: datetime
) -> tuple[tuple[StandingPlace, ...], tuple[Pause, ...], tuple[makeups.Credit, ...]]:
    if enrollment is None:
        return (), (), ()
    places = (
        enrollment.places.filter(Q(ends_on=None) | Q(ends_on__gte=today))
        .select_related("supervisor__user")
        .order_by("weekday", "at")
    )
    pauses = enrollment.pauses.filter(ends_on__gte=today).select_related("added_by__user")
    return tuple(places), tuple(pauses), tuple(makeups.credits_of(enrollment, now=now))


def _may_change(visit: Visit, now: datetime) -> bool:
    """Whether this seat may still be moved and cancelled. Needs its slot."""
    return _is_open(visit, now) and visit.status == Visit.Status.PLANNED


def _is_open(visit: Visit, now: datetime) -> bool:
    return visit.starts_at > now and visit.slot.called_off_at is None


def _line(visit: Visit, member: Membership, now: datetime) -> SeatLine:
    return SeatLine(
        visit,
        kind_words(visit, member.clinic),
        status_words(visit),
        can_change=_may_change(visit, now),
        can_give_back=_is_open(visit, now) and visit.status in GIVEN_UP,
    )
