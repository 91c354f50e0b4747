"""Writes about programs: a clinic's rules, who follows what, and a therapist's word."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils import timezone

from bonefit.acting import because_of
from bonefit.clients.intake import why_not_prescribed
from bonefit.clients.models import Client
from bonefit.clinics.models import Clinic, Membership
from programs import catalogue
from programs.loads import DEFAULT_INVENTORY, Inventory
from programs.models import Decision, Enrollment, Exercise, ProgramVersion, RuleSet, Track
from programs.rules import Rules


class CannotStart(Exception):
    """Nothing is prescribed for this client now; the text says why, for staff."""


@dataclass(frozen=True, slots=True)
class StartingLift:
    """Where a lift begins: a rung, and the load of the technique set that somebody watched.

    ``load`` in kg; None where the rung takes none or none was seen: a load is never invented.
    """

    lift: str
    exercise: Exercise
    load: Decimal | None = None
    observed: Mapping[str, Any] | None = None


@transaction.atomic
def equip_clinic(*, clinic: Clinic, now: datetime | None = None) -> None:
    """Give a new clinic the exercise ladders, the starter programs and its first rules."""
    catalogue.load_exercises()
    catalogue.publish_starters(clinic)
    if not clinic.rule_sets.exists():
        publish_rules(clinic=clinic, rules=Rules(), inventory=DEFAULT_INVENTORY, by=None, now=now)


@because_of("reason")
@transaction.atomic
def publish_rules(
    *,
    clinic: Clinic,
    rules: Rules,
    inventory: Inventory,
    by: Membership | None,
    reason: str = "",
    now: datetime | None = None,
) -> RuleSet:
    """New numbers, in force from now on; what was prescribed until now stays as it was."""
    now = now or timezone.now()
    held = Clinic.objects.select_for_update().get(pk=clinic.pk)
    held.rules_number += 1
    held.save(update_fields=["rules_number"])
    clinic.rules_number = held.rules_number
    return RuleSet.objects.create(
        clinic=clinic,
        number=held.rules_number,
        effective_from=now,
        values=rules.values(),
        inventory=inventory.to_json(),
        by=by,
        reason=reason,
        created_at=now,
    )


@transaction.atomic
def assign_program(
    *,
    client: Client,
    version: ProgramVersion,
    therapist: Membership,
    starts_on: date,
    lifts: Sequence[StartingLift],
    by: Membership,
    now: datetime | None = None,
) -> Enrollment:
    """Start a client on a program version, each lift where a technique set was seen to stand.

    The starting decisions hold from the first day on, also when they are typed in later. Raises
    CannotStart where a lock or her intake stands in the way on that day.
    """
    now = now or timezone.now()
    day = max(starts_on, now.astimezone(client.clinic.tz).date())
    if refusal := why_not_prescribed(client, day):
        raise CannotStart(refusal)
    enrollment = Enrollment.objects.create(
        clinic_id=client.clinic_id,
        client=client,
        therapist=therapist,
        starts_on=starts_on,
        created_by=by,
        created_at=now,
    )
    Track.objects.create(
        clinic_id=client.clinic_id, enrollment=enrollment, version=version, starts_on=starts_on
    )
    first_day = datetime.combine(starts_on, time.min, tzinfo=client.clinic.tz)
    Decision.objects.bulk_create(
        Decision(
            clinic_id=client.clinic_id,
            enrollment=enrollment,
            at=min(now, first_day),
            by=by,
            kind=Decision.Kind.START,
            lift=start.lift,
            exercise=start.exercise,
            load=start.load,
            observed=dict(start.observed or {}),
        )
        for start in lifts
    )
    return enrollment


@because_of("reason")
def decide(
    *,
    enrollment: Enrollment,
    kind: str,
    by: Membership,
    reason: str,
    lift: str = "",
    exercise: Exercise | None = None,
    load: Decimal | None = None,
    phase: str = "",
    until: str = "",
    until_on: date | None = None,
    observed: Mapping[str, Any] | None = None,
    revokes: Decision | None = None,
    uid: uuid.UUID | None = None,
    now: datetime | None = None,
) -> Decision:
    """A therapist's word, from now on. It edits nothing: the next target is folded from it.

    ``observed`` is what it rests on: a technique set, or the criteria that hold.
    """
    return Decision.objects.create(
        uid=uid or uuid.uuid4(),
        clinic_id=enrollment.clinic_id,
        enrollment=enrollment,
        at=now or timezone.now(),
        by=by,
        kind=kind,
        lift=lift,
        exercise=exercise,
        load=load,
        phase=phase,
        until=until,
        until_on=until_on,
        observed=dict(observed or {}),
        reason=reason,
        revokes=revokes,
    )
