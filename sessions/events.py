"""Adverse events that are reported by hand, of no one visit: recorded, corrected, and what locks.

Those of a visit go through ``sync.apply`` like everything that is said on the floor. Both are read
by ``on_reports.read_report``, kept by ``on_reports.keep``, and lock for the same reasons.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from datetime import datetime

from django.core.exceptions import PermissionDenied
from django.db import transaction

from bonefit.acting import because
from bonefit.clients.models import Client
from bonefit.clinics.access import Can
from bonefit.clinics.models import Membership

from . import alarms, facts
from .desk import Desk, write
from .entries import BadSet
from .models import AdverseEvent, Visit
from .on_reports import Reported, in_force, keep, read_report, said_of
from .slot_floor import Floors

ONSET_NEEDED = "Write when it began: the day and, roughly, the time."


@transaction.atomic
def record(
    *, client: Client, data: Mapping[str, str], uid: uuid.UUID, by: Membership, now: datetime
) -> AdverseEvent:
    """Report an adverse event of a client, outside any one visit; ``uid`` names it, once.

    Sent twice it is one report. Raises BadSet with a sentence for each field that is wrong, and
    PermissionDenied for somebody who does not supervise in the client's clinic.
    """
    _lock_row(client, by)
    said = _read(client, data, now)
    there = AdverseEvent.objects.filter(clinic_id=client.clinic_id, uid=uid).first()
    if there is not None:
        if there.client_id != client.pk:
            raise PermissionDenied
        return there
    event = keep(said, uid=uid, client=client, visit=None, replaces=None, by=by, now=now)
    _lock_for(event, said, source=event.uid, by=by, now=now)
    return event


@because("The report is corrected")
@transaction.atomic
def correct(
    *, event: AdverseEvent, data: Mapping[str, str], uid: uuid.UUID, by: Membership, now: datetime
) -> AdverseEvent:
    """A further report takes the place of one by hand, which stays readable.

    Where somebody else corrected it in the meantime, that correction is the one replaced, so both
    can be read. The same words again write nothing. Raises as ``record``; ValueError for a report
    of a visit.
    """
    if event.visit_id is not None:
        raise ValueError("A report of a visit is corrected on the visit.")
    _lock_row(event.client, by)
    said = _read(event.client, data, now)
    there = AdverseEvent.objects.filter(clinic_id=event.clinic_id, uid=uid).first()
    if there is not None:
        return there
    newest = in_force(event)
    if said_of(newest) == said:
        return newest
    made = keep(said, uid=uid, client=event.client, visit=None, replaces=newest, by=by, now=now)
    _lock_for(made, said, source=_first(event).uid, by=by, now=now)
    return made


def _first(event: AdverseEvent) -> AdverseEvent:
    """The report that all corrections go back to."""
    while event.replaces is not None:
        event = event.replaces
    return event


def _lock_row(client: Client, by: Membership) -> None:
    """Two people who report of one client do it one after the other."""
    if not by.is_active or by.clinic_id != client.clinic_id or Can.LOG_SETS not in by.can:
        raise PermissionDenied
    Client.objects.select_for_update(of=("self",), no_key=True).get(pk=client.pk)


def _read(client: Client, data: Mapping[str, str], now: datetime) -> Reported:
    """What was typed. Nothing says when it began but the form, so that is needed here."""
    errors: dict[str, str] = {}
    if not str(data.get("onset_at", "")).strip():
        errors["onset_at"] = ONSET_NEEDED
    try:
        said = read_report(data, clinic=client.clinic, now=now, onset_at=now)
    except BadSet as bad:
        errors |= bad.errors
    if errors:
        raise BadSet(errors)
    return said


def _lock_for(
    event: AdverseEvent, said: Reported, *, source: uuid.UUID, by: Membership, now: datetime
) -> None:
    """Lock her where the same report from the floor would."""
    if not said.locks or alarms.locked_for(event.client, str(source)):
        return
    here = _here_now(event.client, by, now)
    asked = [desk.asked_sets() for desk in here]
    words = f"reported, {said.words}"
    alarms.lock_outside(event.client, str(source), words, by=by, now=now, kind=said.locks)
    for desk, sets in zip(here, asked, strict=True):
        desk.under_lock(sets)
    write(here)


def _here_now(client: Client, by: Membership, now: datetime) -> list[Desk]:
    """Her visits that are going on: what is asked for there changes with a lock."""
    visits = facts.on_the_floor(by).filter(
        client=client, status=Visit.Status.CHECKED_IN, prescription__isnull=False
    )
    desks = []
    for visit in visits.select_for_update(of=("self",)):
        visit.clinic = by.clinic
        desks.append(Desk(visit, by, now, floors=Floors(by, now)))
    return desks
