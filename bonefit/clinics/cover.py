"""Cover: a therapist's clients are a colleague's to see to, until a day that is said beforehand."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import QuerySet

from bonefit.acting import because, because_of

from .access import Can
from .dates import say_day
from .models import Cover, Membership
from .models_people import CoverQuerySet

#: Longer than this is a slip of the year, or no cover but another therapist.
MOST_DAYS = 366


class CannotCover(Exception):
    """This cover cannot be arranged; ``wrong`` says why, beside the field that it is about."""

    def __init__(self, wrong: Mapping[str, str]) -> None:
        super().__init__("; ".join(wrong.values()))
        self.wrong = wrong


def covered_by(member: Membership, now: datetime) -> QuerySet[Any, Any]:
    """The therapists for whom this member stands in today, by their numbers; as a sub-query."""
    return cover_of(member, None, now).values("therapist")


def cover_of(member: Membership, therapist: Any, now: datetime) -> CoverQuerySet:
    """This member's covers that hold today: of one therapist, or of all where that is None."""
    found = Cover.objects.visible_to(member).in_force(now).filter(colleague=member.pk)
    return found if therapist is None else found.filter(therapist=therapist)


def in_force_of(member: Membership, now: datetime) -> CoverQuerySet:
    """The clinic's covers that hold today, with who is named in them."""
    return _named(Cover.objects.visible_to(member).in_force(now)).order_by("ends_on", "pk")


def not_over(member: Membership, now: datetime) -> CoverQuerySet:
    """The clinic's covers that hold or are still to come, soonest first."""
    today = now.astimezone(member.clinic.tz).date()
    found = Cover.objects.visible_to(member).standing().filter(ends_on__gte=today)
    return _named(found).order_by("starts_on", "pk")


def over(member: Membership, now: datetime) -> CoverQuerySet:
    """The clinic's covers that are over, the newest first."""
    today = now.astimezone(member.clinic.tz).date()
    found = Cover.objects.visible_to(member)
    past = found.filter(ends_on__lt=today) | found.filter(ended_at__isnull=False)
    return _named(past).order_by("-ends_on", "-pk")


def concerns(covers: CoverQuerySet, member: Membership) -> CoverQuerySet:
    """Of these covers those in which the member is one of the two."""
    return covers.filter(therapist=member) | covers.filter(colleague=member)


def may_end(cover: Cover, by: Membership) -> bool:
    """Each of the two may, and whoever finds cover for others."""
    if Can.COVER_ANYBODY in by.can_write:
        return True
    return Can.ARRANGE_COVER in by.can_write and by.pk in (cover.therapist_id, cover.colleague_id)


@because_of("reason")
@transaction.atomic
def hand_over(
    *,
    therapist: Membership,
    colleague: Membership,
    starts_on: date,
    ends_on: date,
    reason: str,
    by: Membership,
    now: datetime,
) -> Cover:
    """From a day until a day the colleague sees to the therapist's clients too.

    Raises CannotCover where the days, or the two, do not allow it, and PermissionDenied for
    whoever may not arrange it.
    """
    of_another = therapist.pk != by.pk
    if (Can.COVER_ANYBODY if of_another else Can.ARRANGE_COVER) not in by.can_write:
        raise PermissionDenied
    # Both rows are the lock: of two at once the second sees what the first has arranged.
    both = {therapist.pk, colleague.pk}
    held = Membership.objects.visible_to(by).supervisors().filter(pk__in=both)
    found = {
        one.pk: one
        for one in held.select_related("user").order_by("pk").select_for_update(of=("self",))
    }
    wrong = _about_days(starts_on, ends_on, today=now.astimezone(by.clinic.tz).date())
    wrong |= _about_them(therapist, colleague, found)
    if not wrong:
        wrong = _about_others(therapist, colleague, starts_on, ends_on)
    if not reason.strip():
        wrong["reason"] = "Write why: it is what the colleague reads."
    if wrong:
        raise CannotCover(wrong)
    return Cover.objects.create(
        clinic_id=by.clinic_id,
        therapist=therapist,
        colleague=colleague,
        starts_on=starts_on,
        ends_on=ends_on,
        reason=reason.strip(),
        given_at=now,
        given_by=by,
    )


@because("The cover is ended early")
@transaction.atomic
def end_early(*, cover: Cover, by: Membership, now: datetime) -> Cover:
    """From now on it holds no more. Twice is once, and what is over stays as it was."""
    held = Cover.objects.visible_to(by).select_for_update(of=("self",)).get(pk=cover.pk)
    if not may_end(held, by):
        raise PermissionDenied
    if held.ended_at is None and held.ends_on >= now.astimezone(by.clinic.tz).date():
        held.ended_at, held.ended_by = now, by
        held.save(update_fields=["ended_at", "ended_by"])
    return held


def _named(covers: CoverQuerySet) -> CoverQuerySet:
    return covers.select_related(
        "therapist__user", "colleague__user", "given_by__user", "ended_by__user"
    )


def _about_days(starts_on: date, ends_on: date, *, today: date) -> dict[str, str]:
    if starts_on < today:
        return {"starts_on": "This day is past. Cover begins today, or later."}
    if ends_on < starts_on:
        return {"ends_on": "The last day is before the first. Check both."}
    if (ends_on - starts_on).days > MOST_DAYS:
        return {"ends_on": "This is more than a year. Check the year."}
    return {}


def _about_them(
    therapist: Membership, colleague: Membership, found: Mapping[int, Membership]
) -> dict[str, str]:
    if therapist.pk == colleague.pk:
        return {"colleague": "Nobody stands in for herself. Choose a colleague."}
    wrong = {}
    for name, one in (("therapist", therapist), ("colleague", colleague)):
        if one.pk not in found:
            wrong[name] = "Choose somebody who treats in this clinic."
    return wrong


def _about_others(
    therapist: Membership, colleague: Membership, starts_on: date, ends_on: date
) -> dict[str, str]:
    """Other covers on these days: one at a time for a therapist, and none of a cover."""
    meanwhile = _named(
        Cover.objects.filter(clinic_id=therapist.clinic_id)
        .standing()
        .filter(starts_on__lte=ends_on, ends_on__gte=starts_on)
        .order_by("starts_on", "pk")
    )
    if one := meanwhile.filter(therapist=therapist).first():
        return {
            "starts_on": f"{one.colleague} stands in from {say_day(one.starts_on)} until "
            f"{say_day(one.ends_on)} already. End that first, or choose other days."
        }
    if one := meanwhile.filter(therapist=colleague).first():
        return {
            "colleague": f"{one.therapist} is away from {say_day(one.starts_on)} until "
            f"{say_day(one.ends_on)}. Choose somebody who is there."
        }
    if one := meanwhile.filter(colleague=therapist).first():
        return {
            "therapist": f"{one.colleague} stands in for {one.therapist} until "
            f"{say_day(one.ends_on)}. End that first."
        }
    return {}
