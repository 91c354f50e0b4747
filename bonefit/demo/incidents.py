"""What happened to invented clients beside their training: months asked about, a fall, an event."""

from __future__ import annotations

import uuid
from datetime import date, datetime, time, timedelta

from bonefit.clients.models import Fall, FallsMonth, Told
from bonefit.clinics.models import Clinic
from programs.calendar import wall_time
from programs.models import Enrollment
from sessions.models import AdverseEvent
from sessions.notices.falls import month_before

#: Whole months that are asked about; every so many-th answer is missing.
MONTHS, UNANSWERED = 4, 5


def incidents(clinic: Clinic, *, now: datetime) -> None:
    """Months answered and not, one fall, one event at home; nothing where nobody trains so long."""
    today = now.astimezone(clinic.tz).date()
    enrolled = list(
        Enrollment.objects.active()
        .filter(clinic=clinic)
        .select_related("client", "therapist")
        .order_by("starts_on", "pk")
    )
    asked = FallsMonth.objects.bulk_create(_months(enrolled, clinic, today))
    fallen = next((one for one in asked if one.answered_at and one.how_many), None)
    if fallen is None or fallen.answered_at is None:
        return
    longest = next(one for one in enrolled if one.client_id == fallen.client_id)
    Fall.objects.create(
        clinic=clinic,
        client_id=fallen.client_id,
        key=f"month|{fallen.month:%Y-%m}|1",
        fell_on=fallen.month.replace(day=15),
        roughly=True,
        injured=True,
        fracture=False,
        told=Told.MAIL,
        month=fallen,
        recorded_at=fallen.answered_at,
    )
    AdverseEvent.objects.create(
        uid=uuid.uuid4(),
        clinic=clinic,
        client_id=fallen.client_id,
        what=AdverseEvent.What.OTHER,
        severity=AdverseEvent.Severity.MILD,
        onset_at=now - timedelta(days=40),
        serious=False,
        related=AdverseEvent.Related.UNLIKELY,
        action="Ice and two days of rest.",
        outcome="Well again after three days.",
        described="A sore knee after a long walk at the weekend.",
        reported_by=longest.therapist,
        reported_at=now - timedelta(days=39),
    )


def _months(enrolled: list[Enrollment], clinic: Clinic, today: date) -> list[FallsMonth]:
    rows: list[FallsMonth] = []
    month = month_before(today)
    for _ in range(MONTHS):
        asked_at = wall_time(
            (month.replace(day=28) + timedelta(days=4)).replace(day=1), time(9), clinic.tz
        )
        for number, enrollment in enumerate(enrolled):
            if enrollment.starts_on > month:
                continue
            answered = (number + month.month) % UNANSWERED != 0
            first = answered and not any(row.how_many for row in rows)
            rows.append(
                FallsMonth(
                    clinic=clinic,
                    client=enrollment.client,
                    month=month,
                    asked_at=asked_at,
                    answered_at=asked_at + timedelta(hours=7) if answered else None,
                    how_many=int(first) if answered else None,
                    told=Told.MAIL if answered else "",
                )
            )
        month = month_before(month)
    return rows
