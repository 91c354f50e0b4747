"""``manage.py sweep``: every sweep once, now, without a queue."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from bonefit.clients.tasks import take_up_imports
from sessions import tasks


class Command(BaseCommand):
    help = (
        "Run every sweep once: plan visits, flag missed sessions, review stalled lifts, "
        "ask about the month before, offer free places, write to clients what is due and send it."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        # Called directly a task is a plain function, and it records its beat like any other run.
        for task in (
            tasks.plan_visits,
            tasks.sweep_missed_visits,
            tasks.review_stalls,
            tasks.review_intakes,
            tasks.tell_changes,
            tasks.send_reminders,
            tasks.ask_about_falls,
            tasks.offer_places,
            tasks.send_outbox,
            take_up_imports,
        ):
            task()
            self.stdout.write(f"{task.name.rpartition('.')[2]}: done")
