"""A named clinician's word against the intake: a start without it, or a higher landing.

Both are kept with who, when and why, and with who ended them. Neither ever lifts "not now".
"""

from __future__ import annotations

from datetime import date, datetime, timedelta

from django.db import transaction
from django.db.models import QuerySet

from bonefit.acting import because, because_of
from bonefit.clinics.models import Membership

from . import intake
from .models import Client, ImpactOverride, IntakeOverride, Screening


class CannotOverride(Exception):
    """It was not recorded. ``field`` names what is wrong, ``words`` say what to do instead."""

    def __init__(self, field: str, words: str) -> None:
        super().__init__(words)
        self.field, self.words = field, words


NOT_NOW = "The screening says: not now. Nobody can start without it being done again."


@because_of("reason")
@transaction.atomic
def start_without(
    *,
    client: Client,
    clinician: str,
    reason: str,
    until: date,
    most_days: int,
    by: Membership,
    now: datetime,
) -> IntakeOverride:
    """She may start before her intake is complete, until a day at most ``most_days`` from today.

    ``most_days`` is 0 where the clinic does not allow it. Raises CannotOverride with the field.
    """
    held = Client.objects.select_for_update(no_key=True).get(pk=client.pk)
    today = now.astimezone(by.clinic.tz).date()
    if not most_days:
        raise CannotOverride("", "This clinic does not allow a start without a complete intake.")
    newest = newest_screening(held)
    if newest is not None and newest.tier == Screening.Tier.NOT_NOW:
        raise CannotOverride("", NOT_NOW)
    missing = [one for one in held.intake_missing if not one["until"] or one["until"] < str(today)]
    if not missing:
        raise CannotOverride("", "The intake is complete. There is nothing to start without.")
    last = today + timedelta(days=most_days)
    if not today <= until <= last:
        raise CannotOverride("until", f"Choose a day from today to {last:%-d %B %Y}.")
    _end(IntakeOverride.objects.filter(client=held, ended_at=None), by=by, now=now)
    made = IntakeOverride.objects.create(
        clinic_id=held.clinic_id,
        client=held,
        missing=missing,
        clinician=clinician,
        reason=reason,
        until=until,
        recorded_at=now,
        recorded_by=by,
    )
    intake.refresh([client], now=now)
    return made


@because("The override is ended")
@transaction.atomic
def end_start_without(*, client: Client, by: Membership, now: datetime) -> int:
    """Take a start without an intake back; how many there were (0 or 1)."""
    ended = _end(IntakeOverride.objects.filter(client=client, ended_at=None), by=by, now=now)
    intake.refresh([client], now=now)
    return ended


@because_of("reason")
@transaction.atomic
def allow_landing(
    *, client: Client, level: int, clinician: str, reason: str, by: Membership, now: datetime
) -> ImpactOverride:
    """She may land up to ``level`` (1 to 5), higher than her newest screening allows.

    It holds for that screening only. What is cleared stays the lower of this and her clearance.
    """
    held = Client.objects.select_for_update(no_key=True).get(pk=client.pk)
    newest = newest_screening(held)
    if newest is None:
        raise CannotOverride("", "There is no screening yet. Screen her first.")
    if newest.tier == Screening.Tier.NOT_NOW:
        raise CannotOverride("", NOT_NOW)
    allowed = newest.impact_allowed or 0
    if not allowed < level <= HIGHEST:
        raise CannotOverride("level", f"Choose a level above {allowed}, which is allowed already.")
    _end(ImpactOverride.objects.filter(client=held, ended_at=None), by=by, now=now)
    made = ImpactOverride.objects.create(
        clinic_id=held.clinic_id,
        client=held,
        screening=newest,
        level=level,
        clinician=clinician,
        reason=reason,
        recorded_at=now,
        recorded_by=by,
    )
    intake.refresh([client], now=now)
    return made


@because("The override is ended")
@transaction.atomic
def end_landing(*, client: Client, by: Membership, now: datetime) -> int:
    """What the screening allows counts again; how many overrides ended (0 or 1)."""
    ended = _end(ImpactOverride.objects.filter(client=client, ended_at=None), by=by, now=now)
    intake.refresh([client], now=now)
    return ended


#: The highest landing there is.
HIGHEST = 5


def newest_screening(client: Client) -> Screening | None:
    """The confirmed screening that is in force."""
    return Screening.objects.confirmed().filter(client=client).order_by("-pk").first()


def _end(
    open_rows: QuerySet[IntakeOverride] | QuerySet[ImpactOverride],
    *,
    by: Membership,
    now: datetime,
) -> int:
    return open_rows.update(ended_at=now, ended_by=by)
