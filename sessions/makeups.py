"""Make-ups: what may still be made up, worked out from the visits and never stored.

A session that was missed, cancelled or closed gives one credit, for ``makeup_days`` from its day.
A make-up that was cancelled gives that same credit back, within the same days: windows do not
chain. What fell into a pause was agreed on and is not owed.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.db.models.functions import Coalesce, TruncDate

from bonefit.clinics.models import Clinic
from programs.models import Enrollment
from programs.plans import rules_at

from .models import Pause, Visit

#: What is owed where nobody was excused by a pause.
OWED = (
    *Visit.MISSED,
    Visit.Status.EXCUSED,
    Visit.Status.CLINIC_CANCELLED,
    Visit.Status.HOLIDAY_CLOSED,
)


@dataclass(frozen=True, slots=True)
class Credit:
    """One session that may be made up, and the last day on which it may (in the clinic)."""

    visit: Visit
    until: date


def credits_of(enrollments: Enrollment | Iterable[Enrollment], *, now: datetime) -> list[Credit]:
    """What these enrollments of one clinic may make up, what ends first first; one query.

    The visits come with slot and client.
    """
    wanted = [enrollments] if isinstance(enrollments, Enrollment) else list(enrollments)
    if not wanted:
        return []
    clinic = wanted[0].clinic
    days = rules_at(clinic, now).rules.makeup_days
    if not days:
        return []
    today = now.astimezone(clinic.tz).date()
    since = datetime.combine(today - timedelta(days=days), time.min, tzinfo=clinic.tz)
    owed = (
        owed_visits(clinic)
        .filter(enrollment__in=wanted, during__startswith__gte=since)
        .select_related("slot", "client")
        .order_by("during", "pk")
    )
    return [Credit(visit, last_day(visit, clinic, days)) for visit in owed]


def last_day(visit: Visit, clinic: Clinic, days: int) -> date:
    """The last day on which a visit may be made up."""
    return visit.starts_at.astimezone(clinic.tz).date() + timedelta(days=days)


def owed_visits(clinic: Clinic) -> QuerySet[Visit]:
    """Visits of a clinic that are owed and not made up, however long ago."""
    made_up = Visit.objects.filter(makes_up=OuterRef("pk")).exclude(status__in=Visit.FREED)
    return with_local_day(Visit.objects.filter(clinic=clinic), clinic).filter(
        ~Exists(made_up),
        ~excused_by_pause(),
        purpose=Visit.Purpose.REGULAR,
        status__in=OWED,
    )


def with_local_day(visits: QuerySet[Visit], clinic: Clinic) -> QuerySet[Visit]:
    """Visits of a clinic with ``local_day``, their day on its calendar."""
    return visits.annotate(local_day=TruncDate("slot__starts_at", tzinfo=clinic.tz))


def excused_by_pause() -> Q:
    """Whether a pause has excused a visit ``with_local_day``, and not a word of its own.

    What was excused before the pause was agreed on has a reason of its own. What lies behind the
    day on which she came back, and found no room, is owed.
    """
    covers = Pause.objects.filter(
        Q(resumed_on=None) | Q(resumed_on__gt=OuterRef("local_day")),
        enrollment=OuterRef("enrollment"),
        starts_on__lte=OuterRef("local_day"),
        ends_on__gte=OuterRef("local_day"),
        added_at__lte=Coalesce(OuterRef("said_at"), F("added_at")),
    )
    return Q(Exists(covers), status=Visit.Status.EXCUSED)
