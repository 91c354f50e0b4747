"""Whether one client may come to a slot: her program, a lock, a pause, her rest, her credit.

Whether the slot has room for her is asked in ``seats``. Each refusal is a sentence for the page of
the person who asks: a client is told what she can do, staff are told why.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.core.exceptions import PermissionDenied

from bonefit.clients.models import Client, Lock
from bonefit.clinics.access import Can
from bonefit.clinics.models import Membership
from programs.models import Enrollment
from programs.plans import rules_at

from . import alarms, rest
from .barring import CALL_US, Speaker, day_in_words, why_barred
from .makeups import Credit, credits_of
from .models import Pause, Slot, Visit

#: The front desk sees that somebody is locked, and nothing clinical.
LOCKED = f"This client is locked. {alarms.WHO_RELEASES}"
OVER = "This session can no longer be made up."


def speaker(by: Membership, client: Client) -> Speaker:
    """Who wants something of a client's seats; PermissionDenied for all who may not."""
    if by.is_active and by.clinic_id == client.clinic_id:
        if Can.BOOK in by.can:
            return Speaker.CLINICIAN if Can.SEE_CLIENTS in by.can else Speaker.DESK
        if Can.CHANGE_OWN_SCHEDULE in by.can and client.membership_id == by.pk:
            return Speaker.CLIENT
    raise PermissionDenied


def staff_only(by: Membership, client: Client) -> Speaker:
    """``speaker`` for what only staff may do."""
    who = speaker(by, client)
    if who is Speaker.CLIENT:
        raise PermissionDenied
    return who


def when(moment: datetime, tz: ZoneInfo) -> str:
    """A moment in words on the clinic's clock: "Thursday 26 November, 9:00"."""
    local = moment.astimezone(tz)
    return f"{day_in_words(local.date())}, {local.hour}:{local.minute:02}"


@dataclass(frozen=True, slots=True)
class Held:
    """A seat that is hers already."""

    visit: int
    slot: int
    starts_at: datetime
    ends_at: datetime
    came: bool  # False for a no-show: no rest follows from it


@dataclass(frozen=True, slots=True)
class MayCome:
    """What decides whether a client may come, whichever slot it is."""

    enrollment: Enrollment
    tz: ZoneInfo
    rest_hours: int
    lock: Lock | None
    pauses: Collection[Pause]
    held: Collection[Held]
    #: Last day and visit of the credit that is asked for; None where no make-up is.
    until: date | None
    making_up: Visit | None
    who: Speaker
    today: date
    #: Whether her intake is asked about: not where a weekly place of hers goes elsewhere.
    intake: bool = True

    def why_not(self, slot: Slot, *, besides: Collection[int] = ()) -> str:
        """Why she may not come to a slot, "" where she may. ``besides``: visits that give way."""
        day = slot.starts_at.astimezone(self.tz).date()
        return self.why_not_at_all(day) or self._not_now(slot, day, besides)

    def holding(self, visit: int, slot: Slot) -> MayCome:
        """The same once one more seat is hers."""
        held = Held(visit, slot.pk, slot.starts_at, slot.ends_at, came=True)
        return replace(self, held=(*self.held, held))

    def why_not_at_all(self, day: date) -> str:
        """What has nothing to do with the slot: program, lock, intake, pause."""
        enrollment, hers = self.enrollment, self.who is Speaker.CLIENT
        if enrollment.status != Enrollment.Status.ACTIVE:
            return (
                "Your program has ended. Please call us."
                if hers
                else "This client’s program has ended."
            )
        if day < enrollment.starts_on:
            whose = "Your program" if hers else "The program of this client"
            return f"{whose} begins on {day_in_words(enrollment.starts_on)}."
        if self.lock is not None:
            return _locked(self.lock, self.who)
        if self.intake and (
            why := why_barred(enrollment.client, day, who=self.who, today=self.today)
        ):
            return why
        for pause in self.pauses:
            if pause.starts_on <= day <= last_day_of(pause):
                who = "You are" if hers else "This client is"
                back = last_day_of(pause) + timedelta(days=1)
                return f"{who} on a pause until {day_in_words(back)}."
        return ""

    def _not_now(self, slot: Slot, day: date, besides: Collection[int]) -> str:
        hers = self.who is Speaker.CLIENT
        if self.making_up is not None:
            if self.until is None:
                return OVER
            if day > self.until:
                return f"This session can be made up until {day_in_words(self.until)}."
            if self.making_up.slot_id == slot.pk:
                return "This is the session that was missed itself."
        others = [one for one in self.held if one.visit not in besides]
        for one in others:
            if one.slot == slot.pk:
                who = "You have" if hers else "This client has"
                return f"{who} a place in this class already."
            if one.starts_at < slot.ends_at and slot.starts_at < one.ends_at:
                who = "You have" if hers else "This client has"
                return f"{who} another session at that time: {when(one.starts_at, self.tz)}."
        return self._too_close(slot, others)

    def _too_close(self, slot: Slot, others: Collection[Held]) -> str:
        starts = [one.starts_at for one in others if one.came]
        near = rest.too_close(slot.starts_at, starts, tz=self.tz, rest_hours=self.rest_hours)
        if near is None:
            return ""
        whose = "your session" if self.who is Speaker.CLIENT else "the session"
        return (
            f"Less than {self.rest_hours} hours from {whose} on {when(near, self.tz)}. "
            "Bones and muscles need that rest."
        )


def last_day_of(pause: Pause) -> date:
    """The last day of a pause that holds; before its first day where it was taken back."""
    if pause.resumed_on is None:
        return pause.ends_on
    return min(pause.ends_on, pause.resumed_on - timedelta(days=1))


def may_come(
    enrollment: Enrollment,
    *,
    now: datetime,
    first: date,
    last: date,
    who: Speaker,
    makes_up: Visit | None = None,
    anew: bool = True,
    intake: bool = True,
    credit: Credit | None = None,
) -> MayCome:
    """What decides it for slots from one day to another; three queries, one more for a make-up
    whose ``credit`` is not known yet.

    ``enrollment`` with its ``clinic`` and ``client``. Days are those of the clinic. Where nothing
    is booked ``anew``, because a seat that is hers goes elsewhere, no lock is asked about. Her
    ``intake`` is, for the day that the seat goes to; only a weekly place stays hers without it.
    """
    clinic = enrollment.clinic
    rules = rules_at(clinic, now).rules
    around = timedelta(hours=rules.rest_hours) + timedelta(days=2)
    earliest = datetime.combine(first, time.min, tzinfo=clinic.tz) - around
    latest = datetime.combine(last, time.max, tzinfo=clinic.tz) + around
    seats = (
        Visit.objects.filter(
            client=enrollment.client_id,
            during__startswith__gte=earliest,
            during__startswith__lte=latest,
        )
        .exclude(status__in=Visit.FREED)
        .order_by("during")
        .values_list("pk", "slot_id", "during", "status")
    )
    until = credit.until if credit else None
    if makes_up is not None and credit is None:
        credits = {one.visit.pk: one.until for one in credits_of(enrollment, now=now)}
        until = credits.get(makes_up.pk)
    return MayCome(
        enrollment=enrollment,
        tz=clinic.tz,
        rest_hours=rules.rest_hours,
        lock=alarms.open_lock_of(enrollment.client_id) if anew else None,
        pauses=list(Pause.objects.filter(enrollment=enrollment, ends_on__gte=first)),
        held=[
            Held(pk, slot, during.lower, during.upper, status != Visit.Status.NO_SHOW)
            for pk, slot, during, status in seats
        ],
        until=until,
        making_up=makes_up,
        who=who,
        today=now.astimezone(clinic.tz).date(),
        intake=intake,
    )


def _locked(lock: Lock, who: Speaker) -> str:
    if who is Speaker.CLIENT:
        return CALL_US
    if who is Speaker.DESK:
        return LOCKED
    why = lock.evidence.get("why") or lock.get_why_display().lower()
    return f"Locked: {why}. {alarms.WHO_RELEASES}"
