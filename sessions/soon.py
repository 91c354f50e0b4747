"""Asks for a review as soon as what has just been written is committed.

Events matter as well as time: who completes, corrects or cancels a visit sees at once what follows.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Sequence
from datetime import datetime
from functools import partial

from django.db import DatabaseError, transaction

from bonefit.clinics.models import Clinic

log = logging.getLogger(__name__)


def review_soon(enrollments: Iterable[int], *, clinic: int, now: datetime) -> None:
    """Look at these enrollments of a clinic once this transaction is committed.

    What goes wrong then does not concern who wrote the fact: it stays noted (``Changed``) and the
    next sweep looks.
    """
    ids = sorted(set(enrollments))
    if ids:
        transaction.on_commit(partial(_at_once, clinic, ids, now), robust=True)


def _at_once(clinic: int, ids: Sequence[int], now: datetime) -> None:
    # The facts of the rules know the log, the bookings and the desk, and those call this.
    from .reviewing import review

    try:
        review(Clinic.objects.get(pk=clinic), ids, now, wait=True)
    except DatabaseError as error:
        log.warning("A review after a change: %s", type(error).__name__)
