"""A battery of one client in the world of ``tests/doors.py``: a test, taken on the day."""

from __future__ import annotations

import uuid
from datetime import datetime

from bonefit.clients import measuring
from bonefit.clients.measures import MEASURES
from bonefit.clients.models import Client, Measurement
from bonefit.clinics.models import Membership


def taken_in_measured(client: Client, by: Membership, now: datetime) -> Measurement:
    """Timed up and go, 11.4 s."""
    taken = measuring.Taken(MEASURES["tug"], typed=["11.4"], trials=[114_000])
    battery, _ = measuring.record_battery(
        client=client,
        uid=uuid.uuid4(),
        taken_on=now.date(),
        taken=[taken],
        assessor=by,
        treating=True,
        note="",
        by=by,
        now=now,
    )
    return battery.measurements.get()
