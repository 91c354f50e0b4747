"""``manage.py seed_demo``: two clinics with people at every stage, for the demo and its tests."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from zoneinfo import available_timezones

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from bonefit.clinics import rows
from bonefit.clinics.models import Clinic
from bonefit.demo.seeding import make_demo
from programs.models import Enrollment
from sessions.models import Flag, SetEntry, Visit


def moment(text: str) -> datetime:
    """A moment with its zone, as 2026-03-05T12:00+10:00."""
    try:
        read = datetime.fromisoformat(text)
    except ValueError:
        raise CommandError(f"--now takes a moment as 2026-03-05T12:00+10:00, not {text}.") from None
    if read.tzinfo is None:
        raise CommandError("--now needs its time zone, as 2026-03-05T12:00+10:00.")
    return read


def zone(text: str) -> str:
    """The name of a time zone, as Europe/Berlin."""
    if text not in available_timezones():
        raise CommandError(f"--timezone takes a zone as Europe/Berlin, not {text}.")
    return text


class Command(BaseCommand):
    help = "Make the demo clinics, with months of training behind them."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--now", type=moment, help="the moment to seed for; default is now")
        parser.add_argument(
            "--timezone",
            type=zone,
            help="where the first clinic is, so that its day is yours; default is Brisbane",
        )
        parser.add_argument(
            "--if-empty", action="store_true", help="do nothing where there are clinics already"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if Clinic.objects.exists():
            if options["if_empty"]:
                return
            raise CommandError(
                "There are clinics in this database already, and the demo is not mixed with them."
            )
        clinics = make_demo(now=options["now"] or timezone.now(), zone=options["timezone"])
        with rows.seeing_every_clinic():
            for clinic in clinics:
                self.stdout.write(made(clinic))


def made(clinic: Clinic) -> str:
    """One line of what there is in a clinic."""
    status = Enrollment.Status
    enrollments = Enrollment.objects.filter(clinic=clinic)
    visits = Visit.objects.filter(clinic=clinic)
    return (
        f"{clinic.name} ({clinic.timezone}): {clinic.clients.count()} clients, "
        f"{enrollments.filter(status=status.ACTIVE).count()} of them in training, "
        f"{visits.filter(status__in=Visit.ATTENDANCE).count()} visits attended "
        f"of {visits.count()}, {SetEntry.objects.filter(clinic=clinic).count()} sets, "
        f"{Flag.objects.filter(clinic=clinic, resolved_at=None).count()} flags open."
    )
