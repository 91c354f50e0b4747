"""What Celery calls: wake up, make one call, record what it did.

Beat decides only when (``CELERY_BEAT_SCHEDULE``). Twice, late or in parallel is harmless, and a
message that is lost is made up for by the next one. A sweep that could not finish raises and
leaves no beat, so that ``/beats/`` turns red. No task minds an argument that it does not know:
it may come from another release.
"""

from __future__ import annotations

import time
from datetime import datetime
from typing import Any

from celery import shared_task
from django.conf import settings
from django.utils import timezone

from bonefit import beats
from bonefit.beats import SWEEP, Did, swept
from bonefit.clients.models import RecordCopy
from bonefit.clinics import rows
from bonefit.clinics.models import Clinic

from . import (
    intake_flags,
    notices,
    organiser_outbox,
    outbox,
    planning,
    reviewing,
    reviewing_clinics,
    staff_outbox,
    unrecorded,
    waiting,
)
from .contained import SweepIncomplete
from .record import copies
from .reports import delivered_kept, exporting, long, rollups

#: Chunks of enrollments that one message looks at: bounds its time and its memory.
CHUNKS = 4
#: Seconds. A file that takes longer is given up, and its page says so.
LONGEST = 3600
#: Seconds in which one run makes rows for reports, those of the dose and those of sessions each:
#: well below the limit of a sweep.
ROLLUP_SECONDS = 120


# --- flags ----------------------------------------------------------------------------------------


@shared_task(**SWEEP)
def sweep_flags(*_args: Any, **_kwargs: Any) -> None:
    """Send a message for each clinic in which somebody is to be looked at; every five minutes."""
    now = timezone.now()
    with beats.failures_noted("sweep_flags"):
        # Before the first message: another worker may be done with it before the last one is sent.
        beats.begin("sweep_flags", at=now)
        for clinics in rows.chunks():
            with rows.seeing(clinics=clinics):
                due = list(reviewing.due_clinics(now))
            for clinic in due:
                send_review(clinic)
    beats.sent("sweep_flags", at=now)


def send_review(clinic_id: int) -> None:
    """Have a worker look at a clinic. A message that waited for too long is dropped."""
    expires = int(beats.intervals()["sweep_flags"]) + settings.CLOCKS_APART
    review_clinic_flags.apply_async((clinic_id,), expires=expires)


@shared_task(**SWEEP)
def review_clinic_flags(clinic_id: int, *_args: Any, **_kwargs: Any) -> None:
    """Look at those who are due in a clinic, and send itself again where there are more.

    Raises SweepIncomplete at the end if an enrollment failed; the others are looked at all the
    same, and it stays due, so that ``/beats/`` turns red.
    """
    now, began = timezone.now(), time.monotonic()
    if not Clinic.objects.filter(pk=clinic_id).exists():
        return
    with beats.failures_noted("sweep_flags"), rows.seeing(clinics=[clinic_id]):
        done, more = reviewing.review_due(clinic_id, now, chunks=CHUNKS)
    did = Did(done.seen, done.opened, done.resolved, done.failed)
    beats.add("sweep_flags", did, seconds=time.monotonic() - began)
    # Where nobody could be looked at, it would be the same ones again and again.
    if more and done.seen:
        send_review(clinic_id)
    if done.failed:
        beats.note_error("sweep_flags", SweepIncomplete, at=timezone.now())
        raise SweepIncomplete(
            f"{done.failed} enrollments could not be reviewed.", failed=done.failed
        )


@shared_task(**SWEEP)
@swept("sweep_missed_visits")
def sweep_missed_visits(now: datetime) -> Did:
    """Flag the visits that nobody has said anything about; every five minutes."""
    flagged = unrecorded.flag_missed(now)
    return Did(seen=flagged, opened=flagged)


@shared_task(**SWEEP)
def review_stalls(*_args: Any, **_kwargs: Any) -> None:
    """What an older release called it: stalled lifts are a rule among others now."""
    sweep_flags()


@shared_task(**SWEEP)
@swept("review_intakes")
def review_intakes(now: datetime) -> Did:
    """Work out what has run out overnight, and flag it; every hour, for midnight is everywhere."""
    return Did(opened=intake_flags.review_intakes(now))


@shared_task(**SWEEP)
@swept("review_clinics")
def review_clinics(now: datetime) -> Did:
    """Look at groups, at the papers of who supervises and at notes that became late; every hour."""
    done = reviewing_clinics.review_clinics(now)
    return Did(done.seen, done.opened, done.resolved, done.failed)


# --- figures --------------------------------------------------------------------------------------


@shared_task(**SWEEP)
@swept("keep_rollups")
def keep_rollups(now: datetime) -> Did:
    """Make the rows again that reports are quick by, of whom something changed; every 5 minutes.

    What there is no time for is left to the next run: a report works out what is not up to date.
    """
    began, done = time.monotonic(), 0
    while time.monotonic() - began < ROLLUP_SECONDS and (
        some := rollups.waiting(now, most=rollups.CHUNK)
    ):
        if not (made := rollups.keep(some, now)):  # another worker is at all of them
            break
        done += made
    return Did(seen=done + delivered_kept.keep(now, seconds=ROLLUP_SECONDS))


# --- visits ---------------------------------------------------------------------------------------


@shared_task(**SWEEP)
@swept("plan_visits")
def plan_visits(now: datetime) -> Did:
    """Plan visits ahead from the standing places; every hour, and most hours nothing is new."""
    return Did(opened=planning.plan_visits(now=now))


@shared_task(**SWEEP)
@swept("offer_places")
def offer_places(now: datetime) -> Did:
    """End the offers that nobody took, and offer what is free to who waits; every minute."""
    ended = waiting.expire(now)
    return Did(opened=waiting.offer_free_places(now), resolved=ended)


# --- messages -------------------------------------------------------------------------------------


@shared_task(**SWEEP)
@swept("send_reminders")
def send_reminders(now: datetime) -> Did:
    """Write the reminders that are due; every five minutes."""
    return Did(opened=notices.remind(now))


@shared_task(**SWEEP)
@swept("tell_changes")
def tell_changes(now: datetime) -> Did:
    """Write what has changed for clients, once it has settled; every minute."""
    return Did(opened=notices.tell_changes(now))


@shared_task(**SWEEP)
@swept("ask_about_falls")
def ask_about_falls(now: datetime) -> Did:
    """Ask about the month before, in its first days; every hour, and most hours nobody is asked."""
    return Did(opened=notices.ask_about_falls(now))


@shared_task(**SWEEP)
@swept("tell_staff")
def tell_staff(now: datetime) -> Did:
    """Write to the staff that flags wait for them; every minute."""
    return Did(opened=notices.tell_staff(now))


@shared_task(**SWEEP)
@swept("send_outbox")
def send_outbox(now: datetime) -> Did:
    """Send the messages to clients that are due; every minute."""
    return Did(resolved=outbox.send_due(now))


@shared_task(**SWEEP)
@swept("send_to_staff")
def send_to_staff(now: datetime) -> Did:
    """Send the messages to the staff that are due; every minute."""
    return Did(resolved=staff_outbox.send_due(now))


@shared_task(**SWEEP)
@swept("tell_organisers", of_clinics=False)
def tell_organisers(now: datetime) -> Did:
    """Write and send the monthly links to organisations' admins; every five minutes."""
    return Did(opened=notices.tell_organisers(now), resolved=organiser_outbox.send_due(now))


# --- files ----------------------------------------------------------------------------------------


@shared_task(ignore_result=True, acks_late=True, time_limit=LONGEST, soft_time_limit=LONGEST - 60)
def write_export(export_id: int, *_args: Any, **_kwargs: Any) -> None:
    """Write a long file. Twice or in parallel is harmless: one worker claims it."""
    with rows.seeing(clinics=exporting.clinics_of(export_id)):
        exporting.run(export_id, long.write)


@shared_task(ignore_result=True, acks_late=True, time_limit=LONGEST, soft_time_limit=LONGEST - 60)
def write_copy(copy_id: int, *_args: Any, **_kwargs: Any) -> None:
    """Write the copy of a client's record. Twice or in parallel is harmless: one worker claims."""
    with rows.seeing_clinic_of(RecordCopy, copy_id):
        copies.run(copy_id)


@shared_task(**SWEEP)
@swept("take_up_exports")
def take_up_exports(now: datetime) -> Did:
    """Wake workers for files whose message or worker was lost, and delete those that expired.

    Files of figures and copies of records alike.
    """
    woken = 0
    for waits, write in ((exporting.waiting(now), write_export), (copies.waiting(now), write_copy)):
        for pk in waits.order_by("pk").values_list("pk", flat=True)[:20]:
            write.delay(pk)
            woken += 1
    return Did(seen=woken, resolved=exporting.expire(now) + copies.expire(now))
