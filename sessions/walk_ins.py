"""Somebody who comes without a place: a visit of today, born on the tablet."""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta

from django.db import IntegrityError, transaction
from django.db.models import Exists, OuterRef, QuerySet

from bonefit.clients.models import Client
from bonefit.clinics.models import Membership
from programs.models import Enrollment
from programs.plans import rules_at

from . import alarms, flagging
from .barring import Speaker, why_barred
from .models import Slot, Visit

ANOTHER = "This client has another visit at the same time. Answer for that one first."
HERE_ALREADY = "This client is in this class already."


class NoWalkIn(Exception):
    """She cannot be added to the class; the text says why, for the therapist."""


class NotHere(NoWalkIn):
    """What was named is not in the member's clinic."""


def people_for(member: Membership, slot: Slot) -> QuerySet[Client]:
    """Clients who are in training and have no place in a slot, by name."""
    there = Visit.objects.filter(client=OuterRef("pk"), slot=slot).exclude(status__in=Visit.FREED)
    training = Enrollment.objects.active().filter(client=OuterRef("pk"))
    return (
        Client.objects.visible_to(member)
        .filter(Exists(training), ~Exists(there))
        .order_by("name", "pk")
    )


def walk_in(*, slot: Slot, client_id: int, uid: uuid.UUID, by: Membership, now: datetime) -> Visit:
    """Add a client to a class of today; the same ``uid`` again is the same visit.

    NoWalkIn says why she cannot be added. Whether there is room is asked when she is checked in.
    """
    try:
        with transaction.atomic():
            return _walk_in(slot=slot, client_id=client_id, uid=uid, by=by, now=now)
    except IntegrityError as clash:
        constraint = getattr(getattr(clash.__cause__, "diag", None), "constraint_name", "")
        if constraint == "visit_uid_once":  # the same tap, at the same moment
            return _same(Visit.objects.visible_to(by).get(uid=uid), slot, client_id)
        if constraint in ("one_place_per_slot", "one_visit_at_a_time"):
            seats = Visit.objects.visible_to(by).filter(slot=slot, client=client_id)
            here = seats.exclude(status__in=Visit.FREED).exists()
            raise NoWalkIn(HERE_ALREADY if here else ANOTHER) from clash
        raise


def _walk_in(*, slot: Slot, client_id: int, uid: uuid.UUID, by: Membership, now: datetime) -> Visit:
    known = Visit.objects.visible_to(by).filter(uid=uid).first()
    if known is not None:
        return _same(known, slot, client_id)
    # Two at once take turns here: else each would wait for the other in the exclusion constraint.
    clients = Client.objects.visible_to(by).select_for_update(no_key=True, of=("self",))
    client = clients.filter(pk=client_id).first()
    if client is None:
        raise NotHere("There is no such client in this clinic.")
    day = slot.starts_at.astimezone(by.clinic.tz).date()
    if day != now.astimezone(by.clinic.tz).date():
        raise NoWalkIn("This class is not today. Only today’s class can take a walk-in.")
    enrollment = Enrollment.objects.active().filter(client=client).first()
    if enrollment is None:
        raise NoWalkIn("This client follows no program now, so nothing can be prescribed.")
    if enrollment.starts_on > day:
        begins = enrollment.starts_on
        raise NoWalkIn(
            f"The program of this client begins on {begins:%A} {begins.day} {begins:%B}."
        )
    if (lock := alarms.open_lock_of(client.pk)) is not None:
        why = lock.evidence.get("why") or lock.get_why_display().lower()
        raise NoWalkIn(f"Locked: {why}. A clinician releases her first.")
    today = now.astimezone(by.clinic.tz).date()
    if why := why_barred(client, day, who=Speaker.CLINICIAN, today=today):
        raise NoWalkIn(why)
    grace = timedelta(minutes=rules_at(by.clinic, now).rules.missed_grace_minutes)
    return Visit.objects.create(
        uid=uid,
        clinic=by.clinic,
        enrollment=enrollment,
        client=client,
        slot=slot,
        during=(slot.starts_at, slot.ends_at),
        # Added after the class: she is here, and there is time to write down what she did.
        missed_after=max(slot.ends_at + grace, now + flagging.ASK_AGAIN),
        purpose=Visit.Purpose.EXTRA,
        created_at=now,
    )


def _same(visit: Visit, slot: Slot, client_id: int) -> Visit:
    if (visit.slot_id, visit.client_id) != (slot.pk, client_id):
        raise NoWalkIn("This id belongs to another visit. Try again.")
    return visit
