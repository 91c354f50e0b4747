"""Is it up, is it ready, are the sweeps running: three addresses for whoever watches the site."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, JsonResponse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from kombu.exceptions import OperationalError as BrokerError

from bonefit.beats import late_beats
from bonefit.celery import app as celery_app
from bonefit.clinics import rows
from bonefit.clinics.models import Heartbeat
from sessions import reviewing

#: Seconds that the broker may take to answer. Whoever asks waits about as long.
BROKER_SECONDS = 2


#: A review is due at once where a fact has changed; after this somebody should look why it is not.
REVIEW_WITHIN = timedelta(minutes=15)


@never_cache
@require_safe
def healthz(request: HttpRequest) -> JsonResponse:
    """The process answers and its database does."""
    return _answer({"database": _database_answers()})


@never_cache
@require_safe
def readyz(request: HttpRequest) -> JsonResponse:
    """Also: all migrations are applied, and the broker takes messages."""
    database = _database_answers()
    migrated = database and _migrations_waiting() == 0
    return _answer({"database": database, "migrations": migrated, "broker": _broker_answers()})


@never_cache
@require_safe
def beats(request: HttpRequest) -> JsonResponse:
    """Red when a sweep is late, or somebody waits too long for a review.

    It is the one thing that nobody notices by looking at pages.
    """
    if not _database_answers():
        return _answer({"database": False})
    now = timezone.now()
    late = late_beats(now)
    with rows.seeing_every_clinic():
        oldest = reviewing.oldest_due(now)
    reviewed = oldest is None or oldest >= now - REVIEW_WITHIN
    seen = Heartbeat.objects.order_by("name").values_list("name", "at")
    last = {name: at.isoformat() for name, at in seen if at is not None}
    return _answer({"sweeps": not late, "reviews": reviewed}, late=late, last=last)


def _answer(checks: Mapping[str, bool], **more: Any) -> JsonResponse:
    """200 when every check is well, else 503; the checks themselves are in the body."""
    well = all(checks.values())
    return JsonResponse({"ok": well, **checks, **more}, status=200 if well else 503)


def _database_answers() -> bool:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError:
        return False
    return True


def _migrations_waiting() -> int:
    executor = MigrationExecutor(connection)
    return len(executor.migration_plan(executor.loader.graph.leaf_nodes()))


def _broker_answers() -> bool:
    soon = {"socket_connect_timeout": BROKER_SECONDS, "socket_timeout": BROKER_SECONDS}
    with celery_app.connection_for_write(transport_options=soon) as broker:
        try:
            broker.ensure_connection(
                max_retries=1, interval_start=0, interval_step=0, timeout=BROKER_SECONDS
            )
        except (OSError, BrokerError):
            return False
    return True
