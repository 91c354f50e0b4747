"""``manage.py load_catalogue``: the exercises, and the starter programs in every clinic."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand
from django.db import transaction

from bonefit.clinics import rows
from bonefit.clinics.models import Clinic
from programs import catalogue
from programs.models import ProgramVersion


class Command(BaseCommand):
    help = (
        "Make the exercises equal to the catalogue's data, and publish its starter programs in "
        "every clinic where their data is new. Running it twice changes nothing."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        with rows.seeing_every_clinic(), transaction.atomic():
            self._load()

    def _load(self) -> None:
        exercises = catalogue.load_exercises()
        clinics = list(Clinic.objects.order_by("pk"))
        before = ProgramVersion.objects.count()
        for clinic in clinics:
            catalogue.publish_starters(clinic)
        published = ProgramVersion.objects.count() - before
        self.stdout.write(
            f"{exercises} exercises; {published} program versions published "
            f"in {len(clinics)} clinics."
        )
