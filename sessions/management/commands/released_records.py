"""``manage.py released_records``: which records may be deleted, as of now."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from bonefit.clinics import rows
from bonefit.clinics.models import Clinic
from sessions.retention import released


class Command(BaseCommand):
    help = (
        "List the records of which an admin has said that they may be deleted, and that are still "
        "past their time: nothing was written into them since, and nobody is in training. Deletes "
        "nothing. Numbers and days, no names."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        now, found = timezone.now(), 0
        for clinic in Clinic.objects.order_by("pk"):
            with rows.seeing(clinics=[clinic.pk]):
                for client in released(clinic, now):
                    found += 1
                    self.stdout.write(
                        f"clinic {clinic.pk}, client {client.pk}: "
                        f"last entry {client.last_entry.astimezone(clinic.tz):%Y-%m-%d}, "
                        f"decided {client.decided_at.astimezone(clinic.tz):%Y-%m-%d}"
                    )
        self.stdout.write(f"Records that may be deleted: {found}.")
