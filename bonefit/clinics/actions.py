"""Writes about clinics and the people in them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from zoneinfo import available_timezones

from django.db import transaction
from django.db.models import Value
from django.db.models.functions import Lower
from django.utils.text import slugify

from .access import STAFF_ROLES, Role
from .models import (
    Clinic,
    Membership,
    Organisation,
    OrganisationMembership,
    ReportSettingsChange,
    User,
)

_SLUG_LENGTH = 50


@transaction.atomic
def create_clinic(
    *,
    name: str,
    slug: str,
    timezone: str,
    organisation: str = "",
    owner: Organisation | None = None,
    phone: str = "",
    address: str = "",
    emergency_plan: str = "",
) -> Clinic:
    """A clinic of ``owner``, or of an organisation of its own, called ``organisation`` or like it.

    ValueError where the time zone does not exist.
    """
    if timezone not in available_timezones():
        raise ValueError(f"{timezone!r} is no time zone. An example is Australia/Brisbane.")
    return Clinic.objects.create(
        organisation=owner or open_organisation(name=organisation or name),
        name=name,
        slug=slug,
        timezone=timezone,
        phone=phone,
        address=address,
        emergency_plan=emergency_plan,
    )


@transaction.atomic
def open_organisation(*, name: str) -> Organisation:
    """An owner of clinics. Its address is its name; with a number behind it where that is taken."""
    base = slugify(name)[:_SLUG_LENGTH] or "organisation"
    taken = set(
        Organisation.objects.filter(slug__startswith=base[:-6] or base).values_list(
            "slug", flat=True
        )
    )
    slug, number = base, 1
    while slug in taken:
        number += 1
        tail = f"-{number}"
        slug = base[: _SLUG_LENGTH - len(tail)] + tail
    return Organisation.objects.create(name=name, slug=slug)


def move_clinic(*, clinic: Clinic, organisation: Organisation) -> Clinic:
    """Give a clinic another owner: from now on that one's admins see it in their reports."""
    clinic.organisation = organisation
    clinic.save(update_fields=["organisation"])
    return clinic


@transaction.atomic
def add_organiser(*, organisation: Organisation, email: str, name: str) -> OrganisationMembership:
    """Let a person administer an organisation. She is found by e-mail address, or made."""
    user = User.objects.filter(email__iexact=email).first() or User.objects.create_user(
        email, name=name
    )
    organiser, made = OrganisationMembership.objects.get_or_create(
        organisation=organisation, user=user
    )
    if not made and not organiser.is_active:
        organiser.is_active = True
        organiser.save(update_fields=["is_active"])
    return organiser


@transaction.atomic
def write_report_settings(
    *, clinic: Clinic, headline: str, therapists_see: str, by: Membership, now: datetime
) -> Clinic:
    """Which adherence the clinic leads with, and whose figures its therapists read.

    What it was is kept with who changed it; where nothing changes, nothing is written.
    """
    held = Clinic.objects.select_for_update(no_key=True).get(pk=clinic.pk)
    if (held.headline, held.therapists_see) != (headline, therapists_see):
        ReportSettingsChange.objects.create(
            clinic=held,
            by=by,
            at=now,
            headline_before=held.headline,
            headline=headline,
            therapists_saw=held.therapists_see,
            therapists_see=therapists_see,
        )
    clinic.headline, clinic.therapists_see = headline, therapists_see
    clinic.save(update_fields=["headline", "therapists_see"])
    return clinic


def write_emergency_plan(*, clinic: Clinic, plan: str, phone: str) -> Clinic:
    """What the clinic does when somebody is stopped, and its telephone."""
    clinic.emergency_plan, clinic.phone = plan, phone
    clinic.save(update_fields=["emergency_plan", "phone"])
    return clinic


def write_what_to_bring(*, clinic: Clinic, words: str) -> Clinic:
    """What the clinic's clients are told to bring; "" is the usual words."""
    clinic.what_to_bring = words.strip()
    clinic.save(update_fields=["what_to_bring"])
    return clinic


@transaction.atomic
def add_member(*, clinic: Clinic, email: str, name: str, roles: Iterable[Role]) -> Membership:
    """Give a person these roles in a clinic, beside those that she has there already.

    The person is found by e-mail address, or made; a person may be in several clinics. A client or
    a companion is called here as she was typed: that another clinic knows her, and by which name,
    is not told, nor by the statements that this takes.
    """
    user = _person(email, name)
    given = sorted(str(role) for role in roles)
    here = name if STAFF_ROLES.isdisjoint(given) else ""
    member, made = Membership.objects.select_for_update().get_or_create(
        clinic=clinic, user=user, defaults={"roles": given, "name_here": here}
    )
    if not made:
        member.roles = sorted({*member.roles, *given})
        member.is_active = True
        member.save(update_fields=["roles", "is_active"])
    return member


def _person(email: str, name: str) -> User:
    """Who has this address, or somebody new; with the same three statements."""
    found = User.objects.filter(email__iexact=email).first()
    address = found.email if found else User.objects.normalize_email(email)
    new = User(email=address, name=name)
    new.set_unusable_password()
    User.objects.bulk_create([new], ignore_conflicts=True)  # none where she is there
    return User.objects.alias(low=Lower("email")).get(low=Lower(Value(address)))
