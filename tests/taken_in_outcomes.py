"""Scanners, a precision study and a number of a measure in the world of ``tests/doors.py``."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from bonefit.clients import scanners
from bonefit.clients.measures import MEASURES
from bonefit.clients.models import ScanDevice
from bonefit.clinics.models import Membership


def taken_in_outcomes(by: Membership, now: datetime) -> ScanDevice:
    """A scanner with a study of three people, and a cut-off of the clinic's own."""
    device = scanners.add_device(name="Horizon", maker="Hologic", place="", by=by, now=now)
    scanners.record_study(
        device=device,
        site="lumbar",
        done_on=now.date(),
        repeats=[(8000, 8120), (9000, 8940), (7000, 7100)],
        by=by,
        now=now,
    )
    tug = MEASURES["tug"]
    scanners.set_numbers(
        measure=tug,
        values=dict.fromkeys(scanners.keys_of(tug)) | {"cut_off": Decimal("13.5")},
        seen=0,
        basis="Older people with osteoarthritis.",
        by=by,
        now=now,
    )
    return device
