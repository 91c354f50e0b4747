"""Questions across an organisation's clinics that are kept under a name, and its files."""

from __future__ import annotations

from datetime import datetime

from django.db import IntegrityError, transaction
from django.db.models import Q, QuerySet

from bonefit.clinics.models import OrganisationMembership
from sessions.models import ReportExport, SavedAcross

from .keeping import NameTaken, without_days


def saved_across(organiser: OrganisationMembership) -> QuerySet[SavedAcross]:
    """Her own and those that the organisation's other admins share, by name; a leaver's none."""
    if not organiser.is_active:
        return SavedAcross.objects.none()
    rows = SavedAcross.objects.filter(
        owner__organisation=organiser.organisation_id, removed_at=None
    )
    return rows.filter(Q(owner=organiser) | Q(shared=True)).select_related("owner__user")


def files_across(organiser: OrganisationMembership) -> QuerySet[ReportExport]:
    """Each file that an admin of the organisation took of its clinics, once, newest first.

    A row stands in each clinic whose figures were in it.
    """
    same = ("-as_at", "report", "form", "query", "user_id")
    rows = ReportExport.objects.visible_to_organiser(organiser).filter(
        member=None, user__organisation_memberships__organisation=organiser.organisation_id
    )
    once = rows.order_by(*same, "pk").distinct(*(name.lstrip("-") for name in same))
    return once.select_related("user", "clinic")


@transaction.atomic
def save_across(
    *,
    name: str,
    report: str,
    query: str,
    shared: bool,
    monthly: bool,
    by: OrganisationMembership,
    now: datetime,
) -> SavedAcross:
    """Keep a question. NameTaken where she has one of that name already."""
    try:
        with transaction.atomic():
            return SavedAcross.objects.create(
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
def remove_across(*, saved: SavedAcross, by: OrganisationMembership, now: datetime) -> bool:
    """Take a saved question off the list; only its owner may. False: it was gone already."""
    rows = SavedAcross.objects.filter(pk=saved.pk, owner=by, removed_at=None)
    return bool(rows.update(removed_at=now))


@transaction.atomic
def stop_mails_across(*, saved: SavedAcross, by: OrganisationMembership, now: datetime) -> bool:
    """End the monthly links of a saved question, which stays; only its owner may. False: ended."""
    rows = SavedAcross.objects.filter(pk=saved.pk, owner=by, removed_at=None, monthly=True)
    return bool(rows.update(monthly=False))
