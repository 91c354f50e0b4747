"""Flags of intakes: what is missing, has run out, or soon will, of clients who are training.

The rule is F22 (``flags/health.py``), and a review compares it with what is open. Here is what
brings it about: the day that has come, and the page on which something was changed.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from bonefit.clients.intake import refresh_clinic
from bonefit.clients.models import Client
from bonefit.clinics.models import Clinic
from bonefit.clinics.rows import clinics_in_sight
from programs.models import Enrollment

from . import reviewing
from .contained import SweepIncomplete
from .flag_facts import FAMILIES, Scope
from .models import Flag


def review_intakes(now: datetime) -> int:
    """Work out every intake anew, and look at whoever that concerns; how many flags were opened.

    Raises SweepIncomplete at the end if an enrollment failed; the others are reviewed all the same.
    """
    opened = failed = 0
    for clinic in clinics_in_sight().order_by("pk"):
        refresh_clinic(clinic, now=now)
        ids = _concerned(clinic, now)
        for start in range(0, len(ids), reviewing.CHUNK):
            chunk = ids[start : start + reviewing.CHUNK]
            before = _raised(chunk)
            failed += reviewing.review(clinic, chunk, now).failed
            opened += _raised(chunk) - before
    if failed:
        raise SweepIncomplete(f"{failed} intakes could not be reviewed.", failed=failed)
    return opened


def review_client(client: Client, *, now: datetime) -> int:
    """Look at one client, as soon as something of her intake was changed; how many were opened."""
    flagged = Flag.objects.open().filter(kind=Flag.Kind.INTAKE, enrollment__client=client)
    running = Enrollment.objects.active().filter(client=client)
    ids = sorted(
        {*running.values_list("pk", flat=True), *flagged.values_list("enrollment_id", flat=True)}
    )
    before = _raised(ids)
    reviewing.review(Clinic.objects.get(pk=client.clinic_id), ids, now, wait=True)
    return _raised(ids) - before


def _concerned(clinic: Clinic, now: datetime) -> list[int]:
    """Enrollments with something to say of an intake within a week, or an open flag that says it.

    Also of those that have ended: a flag of theirs closes.
    """
    running = Enrollment.objects.active().filter(clinic=clinic).order_by("pk")
    flagged = Flag.objects.open().filter(clinic=clinic, kind=Flag.Kind.INTAKE)
    scope = Scope.of(clinic, tuple(running.values_list("pk", flat=True)), now)
    return sorted({*FAMILIES["intake"](scope), *flagged.values_list("enrollment_id", flat=True)})


def _raised(enrollments: Sequence[int]) -> int:
    return Flag.objects.filter(enrollment__in=enrollments, kind=Flag.Kind.INTAKE).count()
