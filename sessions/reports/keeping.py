"""Questions that are kept under a name. The answer is never kept: it is worked out when asked."""

from __future__ import annotations

from datetime import date, datetime
from urllib.parse import parse_qsl, urlencode

from django.db import IntegrityError, transaction
from django.db.models import Q, QuerySet

from bonefit.clinics.models import Membership
from sessions.models import SavedReport

from .scope import last_of_month, read_month

#: What a monthly report does not keep: its days are those of the month before.
DAYS = ("from", "to")


class NameTaken(Exception):
    """The same person has a saved report of that name."""


def saved_reports(member: Membership) -> QuerySet[SavedReport]:
    """Her own and those that colleagues share, by name."""
    rows = SavedReport.objects.visible_to(member).filter(removed_at=None)
    return rows.filter(Q(owner=member) | Q(shared=True)).select_related("owner__user", "clinic")


@transaction.atomic
def save(
    *,
    name: str,
    report: str,
    query: str,
    shared: bool,
    monthly: bool,
    by: Membership,
    now: datetime,
) -> SavedReport:
    """Keep a question. NameTaken where she has one of that name already."""
    try:
        with transaction.atomic():
            return SavedReport.objects.create(
                clinic=by.clinic,
                owner=by,
                name=name,
                report=report,
                query=without_days(query) if monthly else query,
                shared=shared,
                monthly=monthly,
                saved_at=now,
            )
    except IntegrityError as taken:
        raise NameTaken from taken


@transaction.atomic
def remove(*, saved: SavedReport, by: Membership, now: datetime) -> bool:
    """Take a saved report off the list; only its owner may. False: it was gone already."""
    rows = SavedReport.objects.visible_to(by).filter(pk=saved.pk, owner=by, removed_at=None)
    return bool(rows.update(removed_at=now))


@transaction.atomic
def stop_mails(*, saved: SavedReport, by: Membership, now: datetime) -> bool:
    """End the monthly links of a saved report, which stays; only its owner may. False: ended.

    A link that is written and has not gone out does not go either.
    """
    rows = SavedReport.objects.visible_to(by).filter(pk=saved.pk, owner=by, removed_at=None)
    return bool(rows.filter(monthly=True).update(monthly=False))


def with_days(query: str, month: str, usual: date) -> str:
    """The address of a monthly question in a month (2026-10); in the usual one for what is none."""
    try:
        first = read_month(month)
    except ValueError:  # an address that somebody changed by hand
        first = usual.replace(day=1)
    days = [("from", first.isoformat()), ("to", last_of_month(first).isoformat())]
    return urlencode(days + parse_qsl(without_days(query)))


def without_days(query: str) -> str:
    """The filters of an address without its days."""
    return urlencode([pair for pair in parse_qsl(query) if pair[0] not in DAYS])
