"""What all messages share: the quiet hours of a clinic, and a row that cannot be sent at all."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from bonefit.clients.models import Client
from bonefit.clinics.models import Clinic
from programs.plans import rules_at
from sessions.models import Notice
from sessions.quiet import Quiet

#: Kinds of error that are no exception: shown to the desk in words.
NO_ADDRESS = "no address"
TOO_LATE = "too late"


def quiet_of(clinic: Clinic, now: datetime) -> Quiet:
    """The clinic's quiet hours as its settings say now."""
    rules = rules_at(clinic, now).rules
    return Quiet(rules.quiet_from_hour, rules.quiet_until_hour, clinic.tz)


def row(
    client: Client,
    kind: str,
    key: str,
    facts: dict[str, Any],
    *,
    now: datetime,
    due_at: datetime,
    expires_at: datetime,
) -> Notice:
    """A message, unsaved. Without an address it has failed at once: somebody must call her."""
    return Notice(
        clinic_id=client.clinic_id,
        client=client,
        kind=kind,
        key=key,
        to=client.email,
        facts=facts,
        created_at=now,
        due_at=due_at,
        expires_at=expires_at,
        failed_at=None if client.email else now,
        error="" if client.email else NO_ADDRESS,
    )
