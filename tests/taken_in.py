"""Rows of the intake in the world of ``tests/doors.py``: one of each model, for both clinics."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from bonefit.clients.models import Client, ImpactOverride, IntakeOverride
from bonefit.clinics.models import Membership
from programs.actions import publish_rules
from programs.loads import DEFAULT_INVENTORY
from programs.rules import Rules
from tests.cast import enroll
from tests.intakes import withdraw


def taken_in_gate(client: Client, by: Membership, now: datetime) -> Client:
    """A clinician's word against a client's intake: a higher landing, and a start without.

    Returns somebody whose consent is missing and who may land no higher than level 2, in a clinic
    that allows a start without.
    """
    publish_rules(
        clinic=by.clinic,
        rules=replace(Rules(), start_without_intake=1),
        inventory=DEFAULT_INVENTORY,
        by=by,
        now=now,
    )
    of_client = {"clinic": by.clinic, "client": client, "recorded_by": by, "recorded_at": now}
    ImpactOverride.objects.create(
        screening=client.screenings.latest("pk"),
        level=5,
        clinician="Dr L. H.",
        reason="Strong, and well supervised.",
        **of_client,
    )
    IntakeOverride.objects.create(
        missing=[],
        clinician="Dr L. H.",
        reason="The letter is on its way.",
        until=now.date() + timedelta(days=7),
        **of_client,
    )
    unready = enroll(by, "Uma U.")
    unready.screenings.update(impact_allowed=2)
    withdraw(unready, now=now)
    return unready
