"""Rows of one query, as small as they can be, for all enrollments of a scope."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, time, timedelta
from typing import Any

from django.db import connection

from programs.calendar import wall_time
from sessions.models import Visit

from .scope import Scope

ATTENDED = [str(status) for status in Visit.ATTENDANCE]
#: With a past that is asked about: what came before its first day may still count on it.
BEFORE = timedelta(days=180)


def rows_of(sql: str, params: Mapping[str, Any]) -> Sequence[tuple[Any, ...]]:
    """The rows of a query; its parameters by name."""
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        return cursor.fetchall()


def day_ends(scope: Scope) -> datetime:
    """The end of the day that is asked about, in the clinic."""
    return wall_time(scope.asked.today + timedelta(days=1), time.min, scope.clinic.tz)


def begins(scope: Scope) -> datetime:
    """Since when facts matter where a past is asked about."""
    return scope.asked.now - timedelta(days=scope.back) - BEFORE
