"""On which days a client was scanned and tested, as parts of a query that has her."""

from __future__ import annotations

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Exists, OuterRef, QuerySet

from bonefit.clients.measures import MEASURES
from bonefit.clients.models import Battery, Measurement

SCANS = [slug for slug, measure in MEASURES.items() if measure.kind == "scan"]


def scan_days(client: str) -> ArraySubquery:
    """The days of her scans that stand, the earliest first; ``client`` is the name of her key."""
    scans = _done().filter(client=OuterRef(client), measure__in=SCANS)
    return ArraySubquery(scans.order_by("taken_on").values("taken_on").distinct())


def test_days(client: str) -> ArraySubquery:
    """The days of her rounds of tests, the earliest first.

    A day on which only a scan was entered, or nothing could be done, is not one.
    """
    tests = _done().filter(battery=OuterRef("pk")).exclude(measure__in=SCANS)
    rounds = Battery.objects.filter(Exists(tests), client=OuterRef(client))
    return ArraySubquery(rounds.order_by("taken_on").values("taken_on").distinct())


def _done() -> QuerySet[Measurement]:
    return Measurement.objects.standing().filter(amount__isnull=False)
