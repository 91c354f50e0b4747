"""The month's saved reports: a link to each, on the first days of a month. No figure is in it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, datetime, time, timedelta

from bonefit.clinics.access import Can
from bonefit.clinics.models import Clinic, Membership
from programs.calendar import wall_time
from programs.plans import rules_at
from sessions.models import SavedReport, StaffNotice

from .digests import Digest, new_keys
from .whose import reachable

#: A link that could not be written in time comes later in the same month, not after it.
LATE = timedelta(days=10)


def monthly(clinics: Sequence[Clinic], now: datetime) -> Iterator[Digest]:
    """A message for each saved report that is wanted monthly, once a month."""
    due = {clinic: at for clinic in clinics if (at := first_morning(clinic, now)) is not None}
    if not due:
        return
    saved = list(
        SavedReport.objects.filter(clinic__in=due, monthly=True, removed_at=None)
        .select_related("clinic", "owner")
        .order_by("pk")
    )
    may = set(
        reachable(Membership.objects.filter(pk__in={one.owner_id for one in saved})).values_list(
            "pk", flat=True
        )
    )
    wanted = {
        f"monthly|{one.pk}|{month_of(due[one.clinic], one.clinic)}": one
        for one in saved
        if one.owner_id in may and Can.RUN_REPORTS in one.owner.can
    }
    for key in sorted(new_keys(list(wanted))):
        one = wanted[key]
        facts = {"saved": one.pk, "month": key.rpartition("|")[2]}
        over = due[one.clinic] + LATE
        yield Digest(one.owner_id, StaffNotice.Kind.MONTHLY, key, facts, over)


def still_wanted(notice: StaffNotice) -> bool:
    """Whether the report of a link is still kept, and its owner may still run it."""
    kept = SavedReport.objects.filter(pk=notice.facts["saved"], monthly=True, removed_at=None)
    return Can.RUN_REPORTS in notice.member.can and kept.exists()


def first_morning(clinic: Clinic, now: datetime) -> datetime | None:
    """The moment of this month's messages, if it is past and not by much."""
    first = now.astimezone(clinic.tz).date().replace(day=1)
    at = wall_time(first, time(rules_at(clinic, now).rules.digest_hour), clinic.tz)
    return at if at <= now < at + LATE else None


def month_of(at: datetime, clinic: Clinic) -> str:
    """The month before a first morning, as an address names it: 2026-10."""
    day: date = at.astimezone(clinic.tz).date() - timedelta(days=1)
    return f"{day:%Y-%m}"
