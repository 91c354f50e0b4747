"""Whose tests and scans are due this month, or overdue, in a clinic: one query for everybody."""

from __future__ import annotations

from calendar import monthrange
from dataclasses import dataclass
from datetime import date, datetime

from bonefit.clients.models import Client
from bonefit.clinics.models import Membership
from programs.checks_due import Check, CheckDue, battery_due, scan_due
from programs.models import Enrollment
from programs.plans import rules_at

from .measured_days import scan_days, test_days

WORDS = {
    (Check.SCAN, True): "First scan",
    (Check.SCAN, False): "Scan",
    (Check.TESTS, True): "First tests",
    (Check.TESTS, False): "Tests",
}


@dataclass(frozen=True, slots=True)
class DueLine:
    """Something that is due for one client, and who is responsible for her."""

    client: Client
    therapist: Membership
    what: str
    on: date
    overdue: bool


def due_list(member: Membership, *, now: datetime) -> list[DueLine]:
    """What is overdue, then what is due until the end of this month, each by its day and by name.

    Of enrollments that are active; days and months are those of the clinic. A scan that was due
    stays on the list, and is overdue from the day that the clinic's settings say.
    """
    clinic = member.clinic
    today, rules = now.astimezone(clinic.tz).date(), rules_at(clinic, now).rules
    last = today.replace(day=monthrange(today.year, today.month)[1])
    enrollments = (
        Enrollment.objects.visible_to(member)
        .active()
        .select_related("client", "therapist__user")
        .annotate(scans=scan_days("client"), tests=test_days("client"))
    )
    lines = []
    for one in enrollments:
        lines += [
            _line(one, due, today)
            for due in (
                scan_due(one.starts_on, one.scans, rules),  # type: ignore[attr-defined]
                battery_due(one.starts_on, one.tests, rules),  # type: ignore[attr-defined]
            )
            if due.on <= last or due.overdue(today)
        ]
    return sorted(lines, key=lambda one: (not one.overdue, one.on, one.client.name, one.what))


def _line(enrollment: Enrollment, due: CheckDue, today: date) -> DueLine:
    return DueLine(
        enrollment.client,
        enrollment.therapist,
        WORDS[due.check, due.first],
        due.on,
        due.overdue(today),
    )
