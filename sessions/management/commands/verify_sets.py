"""``manage.py verify_sets``: is each set what was entered?"""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from bonefit.clinics import rows
from bonefit.clinics.models import Clinic
from sessions.models import SetEntry
from sessions.sets_as_said import differing

#: So many are named, the others counted.
NAMED = 20


class Command(BaseCommand):
    help = (
        "Compare each set with the operations that made and corrected it, which are sealed "
        "(verify_audit). Finds sets that were changed, added or removed past the application, also "
        "with the triggers turned off. Exits with 1 where one differs. Changes nothing."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        found = sets = 0
        for clinic in Clinic.objects.order_by("pk"):
            with rows.seeing(clinics=[clinic.pk]):
                sets += SetEntry.objects.filter(clinic=clinic).count()
                for one in differing(clinic):
                    found += 1
                    if found <= NAMED:
                        self.stdout.write(f"Set {one.uid}, visit {one.visit}: {one.what}.")
        if found:
            raise CommandError(f"{found:,} of {sets:,} sets are not what was entered.")
        self.stdout.write(f"All {sets:,} sets are what was entered.")
