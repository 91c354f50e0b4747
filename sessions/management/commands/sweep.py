"""``manage.py sweep``: every sweep once, now, without a queue."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.core.management.base import BaseCommand

from bonefit.beats import Did, swept
from bonefit.clients.tasks import take_up_imports
from bonefit.clinics.tasks import keep_backups, seal_audit
from sessions import reviewing, tasks


@swept("sweep_flags")
def review_flags(now: datetime) -> Did:
    """What the workers do clinic by clinic, here and now."""
    done = reviewing.sweep(now)
    return Did(done.seen, done.opened, done.resolved, done.failed)


class Command(BaseCommand):
    help = (
        "Run every sweep once: plan visits, flag missed sessions, review flags, ask about the "
        "month before, offer free places, write to clients and staff what is due and send it, take "
        "up what waits for a worker, seal the audit, make tonight's backup if there is none."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        # Called directly a task is a plain function, and it records its beat like any other run.
        for task in (
            tasks.plan_visits,
            tasks.sweep_missed_visits,
            review_flags,
            tasks.review_intakes,
            tasks.tell_changes,
            tasks.send_reminders,
            tasks.ask_about_falls,
            tasks.offer_places,
            tasks.send_outbox,
            tasks.tell_staff,
            tasks.send_to_staff,
            tasks.tell_organisers,
            tasks.keep_rollups,
            take_up_imports,
            tasks.take_up_exports,
            seal_audit,
            keep_backups,
        ):
            task()
            self.stdout.write(f"{task.__name__}: done")
