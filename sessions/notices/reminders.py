"""Reminders: every planned session is reminded of once, for the time that it has now.

A lock does not stop a reminder. It stops lifting, not the appointment: she is expected until
somebody takes her seat away, and that is told her as a change.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from bonefit.clinics.models import Clinic
from bonefit.clinics.rows import clinics_in_sight
from programs.plans import rules_at
from sessions.contained import SweepIncomplete, contained
from sessions.models import Notice, Visit
from sessions.quiet import IN_TIME, reminder_at

from .rows import quiet_of, row

#: The longest that quiet hours may bring a reminder forward.
A_DAY = timedelta(hours=25)
#: How long a change may be on its way to her before the reminder does not wait for it any more.
CHANGE_TAKES = timedelta(minutes=20)


def remind(now: datetime, batch: int = 500) -> int:
    """Write the reminders that are due now, ``batch`` visits of a clinic at a time; how many.

    Not of a visit that has begun, nor to who wants none or has no address. Raises SweepIncomplete
    at the end if a visit could not be reminded of.
    """
    made, failed = 0, [0]
    for clinic in clinics_in_sight().order_by("pk"):
        # A clinic that cannot be read stops no other one.
        done, wrong = contained(
            [clinic], partial(_remind_clinic, now=now, batch=batch, failed=failed)
        )
        made += done
        failed.append(wrong)
    if any(failed):
        raise SweepIncomplete(
            f"{sum(failed)} visits could not be reminded of, {made} were.", failed=sum(failed)
        )
    return made


def _remind_clinic(
    clinics: Sequence[Clinic], *, now: datetime, batch: int, failed: list[int]
) -> int:
    """The reminders of one clinic; how many. Visits that failed are counted in ``failed``."""
    (clinic,) = clinics
    made = after = 0
    while visits := _coming(clinic, now, after, batch):
        done, wrong = contained(visits, partial(_settle, clinic=clinic, now=now))
        made, after = made + done, visits[-1].pk
        failed.append(wrong)
    return made


def reminder_key(visit: Visit) -> str:
    """One reminder for one visit at one time: moved to another time it is reminded of anew."""
    return f"reminder|{visit.uid}|{visit.starts_at.isoformat()}"


def _coming(clinic: Clinic, now: datetime, after: int, size: int) -> list[Visit]:
    hours = timedelta(hours=rules_at(clinic, now).rules.reminder_hours)
    return list(
        Visit.objects.filter(
            clinic=clinic,
            pk__gt=after,
            status=Visit.Status.PLANNED,
            slot__starts_at__gt=now,
            slot__starts_at__lte=now + hours + A_DAY,
            client__reminders_off_at=None,
        )
        .exclude(client__email="")
        .select_related("client", "slot")
        .order_by("pk")[:size]
    )


def _settle(visits: Sequence[Visit], *, clinic: Clinic, now: datetime) -> int:
    quiet, hours = quiet_of(clinic, now), rules_at(clinic, now).rules.reminder_hours
    moments = {visit.pk: reminder_at(visit.starts_at, hours=hours, quiet=quiet) for visit in visits}
    due = [
        visit
        for visit in visits
        if moments[visit.pk] <= now
        and quiet.next_chance(now, before=visit.starts_at) <= now
        and not _change_is_coming(visit, now)
        and not _walked_in(visit, moments[visit.pk])
    ]
    if not due:
        return 0
    told = _told_since(due, moments)
    keys = {visit.pk: reminder_key(visit) for visit in due}
    known = set(
        Notice.objects.filter(clinic=clinic, key__in=keys.values()).values_list("key", flat=True)
    )
    rows = [
        _reminder(visit, keys[visit.pk], now)
        for visit in due
        if keys[visit.pk] not in known and visit.pk not in told
    ]
    # Another sweep may have written the same reminder a moment ago: the database keeps one.
    Notice.objects.bulk_create(rows, ignore_conflicts=True)
    return len(rows)


def _change_is_coming(visit: Visit, now: datetime) -> bool:
    """Whether she is about to hear of a change of this visit: the reminder comes after it."""
    return (
        visit.sequence > visit.told_sequence
        and visit.changed_at is not None
        and visit.changed_at > now - CHANGE_TAKES
        and visit.starts_at > now + IN_TIME
    )


def _walked_in(visit: Visit, moment: datetime) -> bool:
    """Whether she stood in the door when the visit was made: nothing was booked, and it is now."""
    return (
        visit.purpose == Visit.Purpose.EXTRA and visit.sequence == 0 and visit.created_at >= moment
    )


def _told_since(visits: Sequence[Visit], moments: dict[int, datetime]) -> set[int]:
    """Visits whose time she was told in a change after the moment of the reminder.

    Booked or moved that late, the change says what the reminder would say.
    """
    changed = [visit for visit in visits if visit.sequence]
    if not changed:
        return set()
    changes = Notice.objects.filter(
        kind=Notice.Kind.CHANGE,
        client__in={visit.client_id for visit in changed},
        created_at__gte=min(moments[visit.pk] for visit in changed),
        failed_at=None,
    ).values_list("created_at", "facts")
    said: dict[tuple[str, str], datetime] = {}
    for at, facts in changes.order_by("created_at"):
        said |= {
            (line["uid"], line["now"]["starts_at"]): at for line in facts["lines"] if line["now"]
        }
    return {
        visit.pk
        for visit in changed
        if (told_at := said.get((str(visit.uid), visit.starts_at.isoformat()))) is not None
        and told_at >= moments[visit.pk]
    }


def _reminder(visit: Visit, key: str, now: datetime) -> Notice:
    facts: dict[str, Any] = {
        "uid": str(visit.uid),
        "starts_at": visit.starts_at.isoformat(),
        "ends_at": visit.ends_at.isoformat(),
        "room": visit.slot.room,
        "first": visit.starts_at.isoformat(),
    }
    return row(
        visit.client,
        Notice.Kind.REMINDER,
        key,
        facts,
        now=now,
        due_at=now,
        expires_at=visit.starts_at,
    )
