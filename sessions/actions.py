"""What a therapist does with a visit or an enrollment, each in one transaction."""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone

from bonefit.acting import because_of
from bonefit.clients.intake import why_not_prescribed
from bonefit.clinics.models import Membership
from programs import actions as programs
from programs.models import Decision, Enrollment
from programs.plans import rules_at

from . import sync
from .facts import standing_for
from .models import Operation, Visit
from .roster import promoted_phases
from .soon import review_soon
from .told import forget_later_prescriptions


class Refused(Exception):
    """It was not done; the text says why, in words for the page."""


def complete_visit(*, visit: Visit, by: Membership, now: datetime | None = None) -> Visit:
    """The visit took place under this member's eyes. Refused while no set is logged."""
    return _one(visit, Operation.Kind.COMPLETE, {}, by=by, now=now)


def reopen_visit(*, visit: Visit, by: Membership, now: datetime | None = None) -> Visit:
    """A signed visit is open again. Refused once its hours are over: then it is amended."""
    return _one(visit, Operation.Kind.REOPEN, {}, by=by, now=now)


def say(
    *, visit: Visit, status: str, by: Membership, why: str = "", now: datetime | None = None
) -> Visit:
    """Say what happened to a visit nobody lifted in: no-show, late cancel, excused …

    It resolves the visit's open flag. "planned" takes an earlier word back.
    """
    return _one(visit, Operation.Kind.SAY, {"status": status, "why": why}, by=by, now=now)


def _one(
    visit: Visit, kind: str, payload: dict[str, str], *, by: Membership, now: datetime | None
) -> Visit:
    now = now or timezone.now()
    op = sync.Op(uuid.uuid4(), kind, visit.uid, made_at=now, payload=payload)
    applied = sync.apply_to_visit(visit.uid, [op], by=by, now=now)
    result = applied.results[0]
    if result.outcome == Operation.Outcome.REFUSED:
        raise Refused(result.reason)
    return applied.visit


#: Words that prescribe something: none is said while a lock or the intake stands in the way.
PRESCRIBING = frozenset(
    {
        Decision.Kind.SET_LOAD,
        Decision.Kind.CHANGE_RUNG,
        Decision.Kind.OVERRIDE,
        Decision.Kind.ESTIMATE,
        Decision.Kind.PROMOTE,
    }
)


def refuse_to_prescribe(enrollment: Enrollment, now: datetime) -> None:
    """Refused with the words where a lock or the client's intake stands in the way today."""
    day = max(now.astimezone(enrollment.clinic.tz).date(), enrollment.starts_on)
    if refusal := why_not_prescribed(enrollment.client, day):
        raise Refused(refusal)


@because_of("reason")
@transaction.atomic
def decide(
    *,
    enrollment: Enrollment,
    kind: str,
    by: Membership,
    reason: str,
    now: datetime | None = None,
    **more: Any,
) -> Decision:
    """A therapist's word from now on; what is prescribed but not lifted yet is asked for anew.

    ``more`` is what ``programs.actions.decide`` takes beside it. Raises Refused where it would
    prescribe something and a lock or her intake stands in the way.
    """
    now = now or timezone.now()
    if kind in PRESCRIBING:
        refuse_to_prescribe(enrollment, now)
    return _decided(enrollment, kind, by=by, reason=reason, now=now, **more)


def _decided(
    enrollment: Enrollment, kind: str, *, by: Membership, reason: str, now: datetime, **more: Any
) -> Decision:
    decision = programs.decide(
        enrollment=enrollment,
        kind=kind,
        by=by,
        reason=reason,
        now=now,
        **more,
    )
    running = (
        enrollment.visits.filter(during__startswith__lte=now, during__endswith__gt=now)
        .values_list("during", flat=True)
        .first()
    )
    # A visit that is on right now is asked for anew as well.
    forget_later_prescriptions(
        enrollment.pk, after=running.lower if running else now, including=running is not None
    )
    review_soon([enrollment.pk], clinic=enrollment.clinic_id, now=now)
    return decision


def starts_again(visit: Visit, days_away: int | None) -> bool:
    """Whether the absence before a visit was so long that the program starts again."""
    rules = rules_at(visit.clinic, visit.starts_at).rules
    return days_away is not None and days_away > rules.gap_restart_days


@transaction.atomic
def record_rescreen(
    *, visit: Visit, found: str, by: Membership, now: datetime | None = None
) -> None:
    """Somebody looked at the client again; after a very long absence the program starts again.

    What is found counts for this visit, also when it is typed in after it.
    """
    moment = min(now or timezone.now(), visit.ends_at - timedelta(seconds=1))
    enrollment = visit.enrollment
    # As it stands at this visit, with the answers of its arrival.
    standing = standing_for(visit, clinic=visit.clinic, cleared=0)
    decide(enrollment=enrollment, kind=Decision.Kind.RESCREEN, by=by, reason=found, now=moment)
    first = standing.plan.phases[0].code
    followed = promoted_phases([enrollment]).get(enrollment.pk, first)
    if starts_again(visit, standing.state.days_away) and followed != first:
        # Back to the beginning: that prescribes less, whatever stands in the way.
        _decided(enrollment, Decision.Kind.PROMOTE, phase=first, by=by, reason=found, now=moment)
