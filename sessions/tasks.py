"""What Celery calls: wake up, make one call, record that it ran.

Beat decides only when (``CELERY_BEAT_SCHEDULE``). Twice, late or in parallel is harmless, and a
message that is lost is made up for by the next one. A sweep that could not finish raises and
leaves no beat, so that ``/beats/`` turns red.
"""

from __future__ import annotations

from celery import shared_task
from django.utils import timezone

from bonefit import health

from . import flagging, intake_flags, notices, outbox, planning, reviewing, waiting

#: Seconds. A sweep that takes longer is stuck; its transaction is undone and the next one begins.
LIMIT = 240


@shared_task(ignore_result=True, acks_late=True, time_limit=LIMIT)
def sweep_missed_visits() -> None:
    """Flag the visits that nobody has said anything about; every five minutes."""
    now = timezone.now()
    flagging.flag_missed(now)
    health.beat("sweep_missed_visits", at=now)


@shared_task(ignore_result=True, acks_late=True, time_limit=LIMIT)
def review_stalls() -> None:
    """Look again at everybody whose facts changed, or whose day has come."""
    now = timezone.now()
    reviewing.sweep(now)
    health.beat("review_stalls", at=now)


@shared_task(ignore_result=True, acks_late=True, time_limit=LIMIT)
def review_intakes() -> None:
    """Work out what has run out overnight, and flag it; every hour, for midnight is everywhere."""
    now = timezone.now()
    intake_flags.review_intakes(now)
    health.beat("review_intakes", at=now)


@shared_task(ignore_result=True, acks_late=True, time_limit=LIMIT)
def plan_visits() -> None:
    """Plan visits ahead from the standing places; every hour, and most hours nothing is new."""
    now = timezone.now()
    planning.plan_visits(now=now)
    health.beat("plan_visits", at=now)


@shared_task(ignore_result=True, acks_late=True, time_limit=LIMIT)
def send_reminders() -> None:
    """Write the reminders that are due; every five minutes."""
    now = timezone.now()
    notices.remind(now)
    health.beat("send_reminders", at=now)


@shared_task(ignore_result=True, acks_late=True, time_limit=LIMIT)
def tell_changes() -> None:
    """Write what has changed for clients, once it has settled; every minute."""
    now = timezone.now()
    notices.tell_changes(now)
    health.beat("tell_changes", at=now)


@shared_task(ignore_result=True, acks_late=True, time_limit=LIMIT)
def send_outbox() -> None:
    """Send the messages that are due; every minute."""
    now = timezone.now()
    outbox.send_due(now)
    health.beat("send_outbox", at=now)


@shared_task(ignore_result=True, acks_late=True, time_limit=LIMIT)
def offer_places() -> None:
    """End the offers that nobody took, and offer what is free to who waits; every minute."""
    now = timezone.now()
    waiting.expire(now)
    waiting.offer_free_places(now)
    health.beat("offer_places", at=now)


@shared_task(ignore_result=True, acks_late=True, time_limit=LIMIT)
def ask_about_falls() -> None:
    """Ask about the month before, in its first days; every hour, and most hours nobody is asked."""
    now = timezone.now()
    notices.ask_about_falls(now)
    health.beat("ask_about_falls", at=now)
