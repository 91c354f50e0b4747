"""What a sweep leaves behind: when it last came to its end, what it did, what went wrong.

Nothing here knows what a sweep is about, so that the tasks of every floor can use it.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import wraps
from typing import Any

from django.conf import settings
from django.db import DatabaseError, InterfaceError, OperationalError, connection
from django.db.migrations.recorder import MigrationRecorder
from django.db.models import F, Max
from django.db.models.functions import Coalesce
from django.utils import timezone

from bonefit.clinics import rows
from bonefit.clinics.models import Heartbeat

log = logging.getLogger(__name__)

#: Seconds. A sweep that takes longer is told to stop, and half a minute later it is ended.
SOFT_LIMIT = 210
LIMIT = 240

#: What every sweep is sent with. A database that went away is asked again, each time later and by
#: chance not all together; a worker that dies gives its message back.
SWEEP: dict[str, Any] = {
    "ignore_result": True,
    "acks_late": True,
    "reject_on_worker_lost": True,
    "soft_time_limit": SOFT_LIMIT,
    "time_limit": LIMIT,
    "autoretry_for": (OperationalError, InterfaceError),
    "retry_backoff": 2,
    "retry_backoff_max": 60,
    "retry_jitter": True,
    "max_retries": 5,
}


@dataclass(frozen=True, slots=True)
class Did:
    """What one run did: rows seen, opened (or written, sent), resolved, and those that failed."""

    seen: int = 0
    opened: int = 0
    resolved: int = 0
    failed: int = 0


def swept(
    name: str, *, of_clinics: bool = True
) -> Callable[[Callable[[datetime], Did]], Callable[..., None]]:
    """Make a task of a sweep: call it with the time, and record in its heartbeat what it did.

    An error is recorded by its kind and raised on; the last beat stays as it was, so that
    ``/beats/`` turns red. Arguments that another release sends are let go. It sees some hundred
    clinics at once; one that is not ``of_clinics`` runs once and sees no row of any.
    """

    def made(sweep: Callable[[datetime], Did]) -> Callable[..., None]:
        @wraps(sweep)
        def run(*_args: Any, **_kwargs: Any) -> None:
            now, began = timezone.now(), time.monotonic()
            with failures_noted(name):
                did = _by_chunks(sweep, now) if of_clinics else sweep(now)
            beat(name, at=now, seconds=time.monotonic() - began, did=did)

        # Celery would ask for the arguments of what is wrapped.
        del run.__wrapped__
        return run

    return made


def _by_chunks(sweep: Callable[[datetime], Did], now: datetime) -> Did:
    """Sweep all clinics, some hundred at once; what it did in all."""
    done = Did()
    for clinics in rows.chunks():
        with rows.seeing(clinics=clinics):
            part = sweep(now)
        done = Did(
            done.seen + part.seen,
            done.opened + part.opened,
            done.resolved + part.resolved,
            done.failed + part.failed,
        )
    return done


@contextmanager
def failures_noted(name: str) -> Iterator[None]:
    """Record the kind of an error that leaves the block, in the heartbeat of a sweep."""
    try:
        yield
    except Exception as error:
        if not connection.in_atomic_block:
            connection.close_if_unusable_or_obsolete()
        try:
            failed = getattr(error, "failed", None)
            note_error(name, type(error), at=timezone.now(), failed=failed)
        except DatabaseError as away:
            log.error("%s: %s, and %s", name, type(error).__name__, type(away).__name__)
        raise


def beat(name: str, *, at: datetime, seconds: float | None = None, did: Did | None = None) -> None:
    """Record that a sweep has come to its end, how long it took, and what it did.

    Its interval is read from beat's own schedule.
    """
    did = did or Did()
    row = Heartbeat(
        name=name,
        at=at,
        every_seconds=_every(name),
        seconds=seconds,
        seen=did.seen,
        opened=did.opened,
        resolved=did.resolved,
        failed=did.failed,
    )
    # One statement: two workers that end together must not trip over each other.
    Heartbeat.objects.bulk_create(
        [row],
        update_conflicts=True,
        unique_fields=["name"],
        update_fields=["at", "every_seconds", "seconds", "seen", "opened", "resolved", "failed"],
    )


def note_error(
    name: str, kind: type[BaseException], *, at: datetime, failed: int | None = None
) -> None:
    """Record that a sweep went wrong; ``failed``: so many rows, None where that is not known.

    When it last came to its end stays as it was.
    """
    fields = ["every_seconds", "error", "error_at"]
    Heartbeat.objects.bulk_create(
        [
            Heartbeat(
                name=name,
                every_seconds=_every(name),
                error=kind.__name__[:80],
                error_at=at,
                failed=failed,
            )
        ],
        update_conflicts=True,
        unique_fields=["name"],
        update_fields=fields if failed is None else [*fields, "failed"],
    )


# --- sweeps in parts ------------------------------------------------------------------------------


def begin(name: str, *, at: datetime) -> None:
    """Before the parts of a sweep are sent: what ``add`` counts of them begins at nothing.

    A second beat within half an interval belongs to the same run: its counts go on. When the sweep
    last came to its end stays as it was, until all of them are ``sent``.
    """
    lately = at - timedelta(seconds=_every(name) / 2)
    if Heartbeat.objects.filter(name=name, at__gt=lately).exists():
        return
    nothing = dict.fromkeys(("seen", "opened", "resolved", "failed"), 0)
    Heartbeat.objects.bulk_create(
        [Heartbeat(name=name, every_seconds=_every(name), seconds=0.0, **nothing)],
        update_conflicts=True,
        unique_fields=["name"],
        update_fields=["every_seconds", "seconds", *nothing],
    )


def sent(name: str, *, at: datetime) -> None:
    """Record that the parts of a sweep are on their way. Some may be done by now, and counted."""
    Heartbeat.objects.filter(name=name).update(at=at)


def add(name: str, did: Did, *, seconds: float) -> None:
    """Add what one part did to the counts of the present run."""
    Heartbeat.objects.filter(name=name).update(
        seconds=Coalesce(F("seconds"), 0.0) + seconds,
        **{
            field: Coalesce(F(field), 0) + getattr(did, field)
            for field in ("seen", "opened", "resolved", "failed")
        },
    )


# --- whether they come ----------------------------------------------------------------------------


def late_beats(now: datetime) -> list[str]:
    """Sweeps that have been silent for more than their interval and one more of grace.

    A sweep that never ran is counted from the last migration, so a new site has time to begin and
    a site whose sweeps were never started does not look well for ever.
    """
    seen = dict(Heartbeat.objects.exclude(at=None).values_list("name", "at"))
    begun = MigrationRecorder.Migration.objects.aggregate(at=Max("applied"))["at"]
    return sorted(
        name
        for name, seconds in intervals().items()
        if now - seen.get(name, begun) > timedelta(seconds=2 * seconds)
    )


def intervals() -> dict[str, float]:
    """Seconds from one run of each sweep to the next."""
    schedule: dict[str, dict[str, Any]] = settings.CELERY_BEAT_SCHEDULE
    return {name: entry["schedule"] for name, entry in schedule.items()}


def _every(name: str) -> int:
    return int(intervals()[name])
