"""Organisations' saved reports for the month: a link to each. No figure is in it.

A month is over across clinics once it is over in the last of them: the link comes when the first
morning of the next has come in each, by its own clock and hour.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

from django.db.models import QuerySet

from bonefit.clinics import rows
from bonefit.clinics.models import Clinic
from sessions.models import OrganiserNotice, SavedAcross

from .monthly import LATE, first_morning, month_of


def tell_organisers(now: datetime) -> int:
    """Write the links that are due; how many. Twice or in parallel is harmless: a key is unique."""
    saved = list(wanted().select_related("owner__user").order_by("pk"))
    due = {
        organisation: found
        for organisation, clinics in _clinics({one.owner.organisation_id for one in saved}).items()
        if (found := month_due(clinics, now)) is not None
    }
    made = []
    for one in saved:
        if one.owner.organisation_id not in due:
            continue
        month, over = due[one.owner.organisation_id]
        made.append(
            OrganiserNotice(
                organiser=one.owner,
                key=f"monthly|{one.pk}|{month}",
                facts={"saved": one.pk, "month": month},
                to=one.owner.user.email,
                created_at=now,
                due_at=now,
                expires_at=over,
            )
        )
    known = OrganiserNotice.objects.filter(key__in=[row.key for row in made])
    keys = set(known.values_list("key", flat=True))
    new = [row for row in made if row.key not in keys]
    # Another sweep may have written the same a moment ago: the database keeps one.
    OrganiserNotice.objects.bulk_create(new, ignore_conflicts=True)
    return len(new)


def wanted() -> QuerySet[SavedAcross]:
    """Questions with a monthly link whose owner still administers the organisation."""
    asked = SavedAcross.objects.filter(monthly=True, removed_at=None)
    return asked.filter(owner__is_active=True, owner__user__is_active=True).exclude(
        owner__user__email=""
    )


def month_due(clinics: Sequence[Clinic], now: datetime) -> tuple[str, datetime] | None:
    """The month that is over in all of these clinics, and until when its link is of use."""
    with rows.seeing(clinics=[clinic.pk for clinic in clinics]):  # for the hours that they set
        mornings = {clinic: first_morning(clinic, now) for clinic in clinics}
    begun = {clinic: at for clinic, at in mornings.items() if at is not None}
    months = {month_of(at, clinic) for clinic, at in begun.items()}
    if len(begun) < len(clinics) or len(months) != 1:
        return None
    return months.pop(), max(begun.values()) + LATE


def _clinics(organisations: Collection[int]) -> Mapping[int, list[Clinic]]:
    found: dict[int, list[Clinic]] = defaultdict(list)
    for clinic in Clinic.objects.filter(organisation__in=organisations).order_by("pk"):
        found[clinic.organisation_id].append(clinic)
    return found
