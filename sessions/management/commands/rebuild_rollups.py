"""``manage.py rebuild_rollups``: make the rows again that reports are quick by."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from bonefit.clinics import rows
from sessions.reports import delivered_kept, rollups


class Command(BaseCommand):
    help = (
        "Make the rows again that the reports of dose, fidelity and CERT are quick by. Nothing is "
        "lost by it: they are worked out of the log, and the reports are right without them."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--changed",
            action="store_true",
            help="Only those of which something has changed since.",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        with rows.seeing_every_clinic():
            self._rebuild(options)

    def _rebuild(self, options: dict[str, Any]) -> None:
        now = timezone.now()
        if not options["changed"]:
            rollups.forget()
            delivered_kept.forget()
        waiting = rollups.waiting(now)
        for start in range(0, len(waiting), rollups.CHUNK):
            done = rollups.keep(waiting[start : start + rollups.CHUNK], now)
            self.stdout.write(f"{start + done} of {len(waiting)} enrollments")
        made = delivered_kept.keep(now)
        self.stdout.write(f"{made} clinics and classes")
        self.stdout.write("The rows are made.")
