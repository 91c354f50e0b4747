"""Who works in a clinic, in which roles and until when; giving and taking roles."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from django.core.exceptions import PermissionDenied
from django.db import transaction

from bonefit.acting import because_of

from .access import STAFF_ROLES, Can, Role
from .cover import not_over
from .models import Cover, Membership, RoleChange
from .models_open import TabletPin

#: The roles that a clinic's admin gives: those of the staff, in the order of ``Role``.
GIVEN = tuple(role for role in Role if role in STAFF_ROLES)
NOT_HER_OWN = "Nobody changes her own roles. Another admin does."
NOT_HER_OWN_END = "Nobody ends her own part in the clinic. Another admin does."
WRITE_WHY = "Write why: it is kept with the change."
LAST_ADMIN = (
    "There would be no admin left without an end. Make somebody else an admin first, without a "
    "last day."
)


class CannotGive(Exception):
    """These roles cannot be given; ``wrong`` says why, beside the field that it is about."""

    def __init__(self, wrong: Mapping[str, str]) -> None:
        super().__init__("; ".join(wrong.values()))
        self.wrong = wrong


@dataclass(frozen=True, slots=True)
class Held:
    """One role of somebody. ``until`` is its last day, None for one without an end."""

    word: str
    until: date | None
    over: bool


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody of the staff as the list shows her."""

    member: Membership
    roles: tuple[Held, ...]
    covers: tuple[Cover, ...]


def people_of(member: Membership, now: datetime) -> list[Person]:
    """Everybody who works in the member's clinic, by name, in two queries."""
    today = now.astimezone(member.clinic.tz).date()
    covers = list(not_over(member, now))
    staff = Membership.objects.visible_to(member).staff().select_related("user")
    return [
        Person(
            one,
            roles_of(one, today),
            tuple(each for each in covers if one.pk in (each.therapist_id, each.colleague_id)),
        )
        for one in staff.order_by("user__name", "pk")
    ]


def roles_of(member: Membership, today: date) -> tuple[Held, ...]:
    """All roles that she has or had until a day."""
    ends = member.ends_of_roles
    found = []
    for role in Role:
        if role in member.roles:
            found.append(Held(role.label, None, over=False))
        elif role in ends:
            found.append(Held(role.label, ends[role], over=ends[role] < today))
    return tuple(found)


@because_of("reason")
@transaction.atomic
def give_roles(
    *,
    member: Membership,
    roles: Iterable[Role],
    until: Mapping[Role, date],
    reason: str,
    by: Membership,
    now: datetime,
) -> RoleChange | None:
    """From now on she has exactly these roles of the staff; those in ``until`` end after a day.

    What she is as a client or a companion stays. Where nothing changes nothing is written, and
    None comes back. Raises CannotGive, and PermissionDenied for whoever may give no roles here.
    """
    if Can.GIVE_ROLES not in by.can_write or member.clinic_id != by.clinic_id:
        raise PermissionDenied
    lasting = _lasting_admins(by)
    held = Membership.objects.visible_to(by).active().select_for_update().get(pk=member.pk)
    wanted = set(roles)
    wrong = _wrong(held, wanted, until, by, today=now.astimezone(by.clinic.tz).date())
    if not wrong and lasting == {held.pk} and (Role.ADMIN not in wanted or Role.ADMIN in until):
        wrong["roles"] = LAST_ADMIN
    if not reason.strip():
        wrong["reason"] = WRITE_WHY
    if wrong:
        raise CannotGive(wrong)
    kept = [role for role in held.roles if role not in STAFF_ROLES]
    after = sorted([*kept, *(str(role) for role in wanted - set(until))])
    ends = {str(role): last.isoformat() for role, last in sorted(until.items())}
    if (sorted(held.roles), held.roles_until) == (after, ends):
        return None
    change = RoleChange.objects.create(
        clinic_id=by.clinic_id,
        member=held,
        by=by,
        at=now,
        roles_before=held.roles,
        until_before=held.roles_until,
        roles=after,
        until=ends,
        reason=reason.strip(),
    )
    held.roles, held.roles_until = after, ends
    held.save(update_fields=["roles", "roles_until"])
    return change


@because_of("reason")
@transaction.atomic
def end_membership(*, member: Membership, reason: str, by: Membership, now: datetime) -> RoleChange:
    """She does not work here any more, from her next request on. The row stays, and why.

    Who trains here too goes on as a client. Her PINs open this clinic's board no more, and cover
    that she was to give is ended: it would hold nobody. Raises CannotGive, and PermissionDenied.
    """
    if Can.GIVE_ROLES not in by.can_write or member.clinic_id != by.clinic_id:
        raise PermissionDenied
    lasting = _lasting_admins(by)
    held = Membership.objects.visible_to(by).staff().select_for_update().get(pk=member.pk)
    wrong = {}
    if held.user_id == by.user_id:
        wrong["reason"] = NOT_HER_OWN_END
    elif lasting == {held.pk}:
        wrong["reason"] = LAST_ADMIN
    elif not reason.strip():
        wrong["reason"] = WRITE_WHY
    if wrong:
        raise CannotGive(wrong)
    kept = [role for role in held.roles if role not in STAFF_ROLES]
    change = RoleChange.objects.create(
        clinic_id=by.clinic_id,
        member=held,
        by=by,
        at=now,
        roles_before=held.roles,
        until_before=held.roles_until,
        roles=kept,
        until={},
        reason=reason.strip(),
    )
    if kept:
        held.roles, held.roles_until = kept, {}
    else:
        held.is_active = False
    held.save(update_fields=["roles", "roles_until", "is_active"])
    pins = TabletPin.objects.filter(user=held.user_id, opens=by.clinic_id, ended_at=None)
    pins.update(ended_at=now)
    today = now.astimezone(by.clinic.tz).date()
    given = Cover.objects.visible_to(by).standing().filter(colleague=held, ends_on__gte=today)
    given.update(ended_at=now, ended_by=by)
    return change


def _lasting_admins(by: Membership) -> set[int]:
    """Admins of the clinic without an end. They are the lock: two who take each other's role away
    wait here."""
    admins = Membership.objects.active().filter(
        clinic_id=by.clinic_id, roles__contains=[str(Role.ADMIN)]
    )
    return {one.pk for one in admins.order_by("pk").select_for_update()}


def _wrong(
    held: Membership, wanted: set[Role], until: Mapping[Role, date], by: Membership, *, today: date
) -> dict[str, str]:
    if held.user_id == by.user_id:
        return {"roles": NOT_HER_OWN}
    return wrong_roles(wanted, until, today=today)


def wrong_roles(wanted: set[Role], until: Mapping[Role, date], *, today: date) -> dict[str, str]:
    """Why nobody can be given these roles with these last days, beside the field; {} where not."""
    if wanted - STAFF_ROLES:
        return {"roles": "Only roles of the staff are given here."}
    if not wanted:
        return {"roles": "Tick at least one role."}
    wrong = {}
    for role, last in until.items():
        if role not in wanted:
            wrong[f"until_{role}"] = "Tick the role too, or leave the day empty."
        elif last < today:
            wrong[f"until_{role}"] = "This day is past. Write a later one, or take the role away."
    return wrong
