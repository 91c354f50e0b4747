"""A therapist's answer to a missed session, from the flag: one tap, one transaction."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from bonefit.clinics.models import Membership

from . import actions
from .flag_work import AlreadyResolved
from .models import Flag, Visit

#: What may be said with one tap. Whoever was there logs the visit instead.
ANSWERS = (
    (Visit.Status.NO_SHOW, "No-show"),
    (Visit.Status.LATE_CANCEL, "Cancelled late"),
    (Visit.Status.EXCUSED, "Excused"),
)


@transaction.atomic
def answer_missed(*, flag: Flag, status: str, by: Membership, now: datetime) -> Visit:
    """Say what happened to the visit of a missed flag; the flag closes with it.

    AlreadyResolved where somebody answered first: the second tap on a page that is no longer true
    changes nothing. ``actions.Refused`` where it cannot be said.
    """
    visit = Visit.objects.select_for_update(of=("self",)).get(flags=flag)
    if visit.status != Visit.Status.UNRECORDED:
        raise AlreadyResolved
    if status not in dict(ANSWERS):
        raise actions.Refused("Say no-show, cancelled late or excused, or log the session.")
    return actions.say(visit=visit, status=status, by=by, now=now)
