"""Writes about clinics and the people in them."""

from __future__ import annotations

from collections.abc import Iterable
from zoneinfo import available_timezones

from django.db import transaction

from .access import Role
from .models import Clinic, Membership, Organisation, User


@transaction.atomic
def create_clinic(
    *,
    name: str,
    slug: str,
    timezone: str,
    organisation: str = "",
    phone: str = "",
    address: str = "",
    emergency_plan: str = "",
) -> Clinic:
    """A clinic of its own organisation; ValueError where the time zone does not exist."""
    if timezone not in available_timezones():
        raise ValueError(f"{timezone!r} is no time zone. An example is Australia/Brisbane.")
    owner = Organisation.objects.create(name=organisation or name)
    return Clinic.objects.create(
        organisation=owner,
        name=name,
        slug=slug,
        timezone=timezone,
        phone=phone,
        address=address,
        emergency_plan=emergency_plan,
    )


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

    The person is found by e-mail address, or made; a person may be in several clinics.
    """
    user = User.objects.filter(email__iexact=email).first() or User.objects.create_user(
        email, name=name
    )
    member, made = Membership.objects.select_for_update().get_or_create(
        clinic=clinic, user=user, defaults={"roles": sorted(str(role) for role in roles)}
    )
    if not made:
        member.roles = sorted(set(member.roles) | {str(role) for role in roles})
        member.is_active = True
        member.save(update_fields=["roles", "is_active"])
    return member
