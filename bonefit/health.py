"""Is it up, is it ready, are the sweeps running: three addresses for whoever watches the site."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.conf import settings
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, JsonResponse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from bonefit.celery import app as celery_app
from bonefit.clinics.models import Heartbeat


def beat(name: str, *, at: datetime) -> None:
    """Record that a sweep has come to its end; its interval is read from beat's own schedule."""
    every = int(settings.CELERY_BEAT_SCHEDULE[name]["schedule"])
    Heartbeat.objects.update_or_create(name=name, defaults={"at": at, "every_seconds": every})


def late_beats(now: datetime) -> list[str]:
    """Sweeps that have been silent for more than their interval and one more of grace.

    A sweep that never ran is late as well, from the site's first beat on.
    """
    seen = {row.name: row for row in Heartbeat.objects.all()}
    late = []
    for name, entry in settings.CELERY_BEAT_SCHEDULE.items():
        grace = timedelta(seconds=2 * entry["schedule"])
        if name not in seen or now - seen[name].at > grace:
            late.append(name)
    return sorted(late)


@never_cache
@require_safe
def healthz(request: HttpRequest) -> JsonResponse:
    """The process answers and its database does."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return JsonResponse({"ok": True})


@never_cache
@require_safe
def readyz(request: HttpRequest) -> JsonResponse:
    """Also: all migrations applied, and the broker takes messages."""
    executor = MigrationExecutor(connection)
    waiting = len(executor.migration_plan(executor.loader.graph.leaf_nodes()))
    broker = _broker_answers()
    ready = waiting == 0 and broker
    return JsonResponse(
        {"ok": ready, "migrations_waiting": waiting, "broker": broker}, status=200 if ready else 503
    )


def _broker_answers() -> bool:
    with celery_app.connection_for_write() as broker:
        try:
            broker.ensure_connection(max_retries=1, interval_start=0, timeout=2)
        except (OSError, broker.recoverable_connection_errors):  # type: ignore[misc]
            return False
    return True


@never_cache
@require_safe
def beats(request: HttpRequest) -> JsonResponse:
    """Red when a sweep is late: the one thing that nobody notices by looking at pages."""
    late = late_beats(timezone.now())
    rows = {row.name: row.at.isoformat() for row in Heartbeat.objects.order_by("name")}
    return JsonResponse({"ok": not late, "late": late, "last": rows}, status=503 if late else 200)
