"""Flags of intakes: what is missing, has run out, or soon will, of clients who are training.

Level-triggered like the others: it is worked out from the facts anew and compared with what is
open. One flag a client; another date or a worse state is new evidence, and raises a new one.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from bonefit.clients.intake import refresh_clinic
from bonefit.clients.models import Client
from bonefit.clinics.models import Clinic
from programs.models import Enrollment
from programs.plans import rules_at

from . import flagging, flags
from .contained import SweepIncomplete, contained
from .models import Flag


def review_intakes(now: datetime) -> int:
    """Work out every intake anew, and make the open flags those that are true; how many opened.

    Raises SweepIncomplete at the end if an enrollment failed; the others are reviewed all the same.
    """
    opened = failed = 0
    for clinic in Clinic.objects.order_by("pk"):
        refresh_clinic(clinic, now=now)
        enrollments = list(
            Enrollment.objects.active()
            .filter(clinic=clinic)
            .select_related("clinic", "client")
            .order_by("pk")
        )
        done, wrong = contained(enrollments, lambda rows: settle(rows, now))
        opened += done
        failed += wrong
    ended = Flag.objects.filter(kind=Flag.Kind.INTAKE).exclude(
        enrollment__status=Enrollment.Status.ACTIVE
    )
    flagging.close_by_itself(ended, now)
    if failed:
        raise SweepIncomplete(f"{failed} intakes could not be reviewed.")
    return opened


def review_client(client: Client, *, now: datetime) -> int:
    """The same for one client, as soon as something of her intake was changed on a page."""
    running = Enrollment.objects.active().filter(client=client).select_related("clinic")
    enrollments = list(running)
    for enrollment in enrollments:
        enrollment.client = client
    return settle(enrollments, now)


@transaction.atomic
def settle(enrollments: Sequence[Enrollment], now: datetime) -> int:
    """Compare what is true of enrollments, each with clinic and client, with what is open."""
    known = Flag.objects.filter(kind=Flag.Kind.INTAKE, enrollment__in=enrollments)
    found = {one.pk: finding for one in enrollments if (finding := _finding(one, now))}
    open_now = {
        enrollment: (pk, key)
        for pk, enrollment, key in known.filter(resolved_at=None).values_list(
            "pk", "enrollment_id", "evidence_key"
        )
    }
    answered = flagging.closed_keys(known, [finding.key for finding in found.values()])
    over = [
        pk
        for enrollment, (pk, key) in open_now.items()
        if enrollment not in found or found[enrollment].key != key
    ]
    flagging.close_by_itself(Flag.objects.filter(pk__in=over), now)
    fresh = [
        flagging.of_enrollment(one, Flag.Kind.INTAKE, flags.INTAKE_RULE, found[one.pk], now)
        for one in enrollments
        if one.pk in found
        and open_now.get(one.pk, (0, ""))[1] != found[one.pk].key
        and found[one.pk].key not in answered.get(one.pk, ())
    ]
    flagging.open_all(fresh)
    return len(fresh)


def _finding(enrollment: Enrollment, now: datetime) -> flags.Finding | None:
    client, clinic = enrollment.client, enrollment.clinic
    return flags.intake(
        client.intake_missing,
        until=client.may_start_until,
        today=now.astimezone(clinic.tz).date(),
        warn_days=rules_at(clinic, now).rules.expiry_warn_days,
    )
