"""Planned leave of a client from her places, and coming back: the seats of those days.

Both days of a pause are included; ``resumed_on`` is the first day she is back. Visits inside are
excused with the pause's reason and are not owed. The planner makes those that follow as excused.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta

from django.db import transaction
from django.db.models import QuerySet

from bonefit.acting import because, because_of
from bonefit.clinics.models import Membership
from programs.models import Enrollment

from . import booking, seats
from .booking import NoSeat
from .makeups import excused_by_pause, with_local_day
from .may_come import Speaker, day_in_words, last_day_of, may_come, staff_only
from .models import Pause, Slot, Visit


@because_of("why")
@transaction.atomic
def pause(
    *,
    enrollment: Enrollment,
    starts_on: date,
    ends_on: date,
    why: str,
    by: Membership,
    now: datetime,
) -> Pause:
    """Excuse a client from one day to another, both included, with her visits to come inside.

    NoSeat where a reason is missing, the days cannot be, or another pause covers one of them.
    """
    staff_only(by, enrollment.client)
    enrollment = booking.hold_clinic(enrollment)
    _possible(enrollment, starts_on, ends_on, why, now)
    added = Pause.objects.create(
        clinic_id=enrollment.clinic_id,
        enrollment=enrollment,
        starts_on=starts_on,
        ends_on=ends_on,
        why=why.strip()[:200],
        added_at=now,
        added_by=by,
    )
    for visit in _seats_between(enrollment, starts_on, ends_on, now):
        booking.free(visit, Visit.Status.EXCUSED, why=why, by=by, now=now)
    return added


@because("The pause is ended early")
@transaction.atomic
def resume(*, pause: Pause, on: date, by: Membership, now: datetime) -> list[Visit]:
    """She is back from ``on``: her excused visits are hers again where there is still room.

    Returns the visits that could not be given back, the soonest first: full by now, too near
    another session, closed. They stay excused, and may be made up.
    """
    who = staff_only(by, pause.enrollment.client)
    enrollment = booking.hold_clinic(pause.enrollment)
    held = Pause.objects.select_for_update().get(pk=pause.pk)
    if held.resumed_at is not None:
        raise NoSeat("This pause has been ended early already.")
    if on > held.ends_on:
        raise NoSeat(f"The pause ends by itself on {day_in_words(held.ends_on)}.")
    excused = list(_excused_from(enrollment, held, on, now))
    held.resumed_on, held.resumed_at, held.resumed_by = max(on, held.starts_on), now, by
    held.save(update_fields=["resumed_on", "resumed_at", "resumed_by"])
    return _give_back(enrollment, excused, who=who, by=by, now=now)


def _possible(
    enrollment: Enrollment, starts_on: date, ends_on: date, why: str, now: datetime
) -> None:
    if enrollment.status != Enrollment.Status.ACTIVE:
        raise NoSeat("This client’s program has ended.")
    if not why.strip():
        raise NoSeat("Write down why she pauses.")
    if ends_on < starts_on:
        raise NoSeat("The last day of a pause is not before its first day.")
    if ends_on < now.astimezone(enrollment.clinic.tz).date():
        raise NoSeat("These days are over.")
    for other in Pause.objects.filter(enrollment=enrollment, ends_on__gte=starts_on):
        until_day = last_day_of(other)
        if until_day < other.starts_on:
            continue  # she was back on its first day: it holds nowhere
        if other.starts_on <= ends_on and until_day >= starts_on:
            until = day_in_words(until_day)
            raise NoSeat(
                f"There is a pause from {day_in_words(other.starts_on)} to {until} already."
            )


def _seats_between(
    enrollment: Enrollment, first: date, last: date, now: datetime
) -> QuerySet[Visit]:
    return _hers(enrollment, first, last, now).filter(status=Visit.Status.PLANNED).order_by("pk")


def _excused_from(enrollment: Enrollment, held: Pause, on: date, now: datetime) -> QuerySet[Visit]:
    """The visits to come from a day on that this pause has excused, soonest first."""
    hers = _hers(enrollment, max(on, held.starts_on), held.ends_on, now)
    excused = with_local_day(hers, enrollment.clinic).filter(excused_by_pause())
    return excused.order_by("during", "pk")


def _hers(enrollment: Enrollment, first: date, last: date, now: datetime) -> QuerySet[Visit]:
    """The visits of an enrollment that are to come, on days of the clinic; locked when read."""
    tz = enrollment.clinic.tz
    return (
        Visit.objects.select_for_update(of=("self",))
        .select_related("slot", "clinic", "client")
        .filter(
            enrollment=enrollment,
            during__startswith__gt=now,
            during__startswith__gte=datetime.combine(first, time.min, tzinfo=tz),
            during__startswith__lt=datetime.combine(last + timedelta(days=1), time.min, tzinfo=tz),
        )
    )


def _give_back(
    enrollment: Enrollment,
    excused: Sequence[Visit],
    *,
    who: Speaker,
    by: Membership,
    now: datetime,
) -> list[Visit]:
    if not excused:
        return []
    tz = enrollment.clinic.tz
    slots = {
        slot.pk: slot
        for slot in Slot.objects.select_for_update()
        .filter(pk__in={visit.slot_id for visit in excused})
        .order_by("pk")
    }
    rooms, newcomer = seats.room_for(slots.values(), enrollment, now=now)
    days = [visit.starts_at.astimezone(tz).date() for visit in excused]
    hers = may_come(
        enrollment, now=now, first=min(days), last=max(days), who=who, anew=False, intake=False
    )
    roots = [visit.makes_up_id or visit.pk for visit in excused]
    made_up = set(
        Visit.objects.filter(makes_up__in=roots)
        .exclude(status__in=Visit.FREED)
        .values_list("makes_up", flat=True)
    )
    left = []
    for visit in excused:
        slot = slots[visit.slot_id]
        room = rooms[slot.pk]
        root = visit.makes_up_id or visit.pk
        if root in made_up or room.why_not(newcomer=newcomer) or hers.why_not(slot):
            left.append(visit)
            continue
        booking.give_back(visit, slot, by=by, now=now)
        hers = hers.holding(visit.pk, slot)
        if visit.makes_up_id:
            made_up.add(root)
    return left
