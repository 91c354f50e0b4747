"""Asking somebody by mail to work in a clinic, and what comes of it.

The link alone lets nobody in: whoever opens it logs in with a code of the same mailbox, and as
staff with a second step. It is good once, for three days, and while who sent it is an admin.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.urls import reverse

from . import rows
from .access import STAFF_ROLES, Can, Role
from .models import Invitation, Membership, RoleChange, User
from .people import CannotGive, wrong_roles

LIVES = timedelta(days=3)
#: One clinic sends no more in a day: mails go to addresses that somebody typed.
MOST_A_DAY = 50
WORKS_HERE = "Somebody with this address works here already. Look at the list of people."
TOO_MANY = "More invitations than one clinic sends in a day. Go on tomorrow."
TAKEN_UP = "Took up an invitation"


def same_address(one: str, other: str) -> bool:
    """As ``addresses.user_with_address`` compares: outside ASCII only the very same writing."""
    return one == other or (one.isascii() and one.lower() == other.lower())


@transaction.atomic
def invite(
    *,
    email: str,
    name: str,
    roles: Iterable[Role],
    until: Mapping[Role, date],
    by: Membership,
    now: datetime,
) -> tuple[Invitation, str]:
    """The invitation, and the address that its mail leads to: it is kept nowhere.

    Earlier ones to the address are withdrawn. Whether another clinic knows the address is not
    asked. Raises CannotGive, and PermissionDenied for whoever may give no roles here.
    """
    if Can.GIVE_ROLES not in by.can_write:
        raise PermissionDenied
    wanted, ends = set(roles), dict(until)
    wrong = wrong_roles(wanted, ends, today=now.astimezone(by.clinic.tz).date())
    found = Invitation.objects.visible_to(by)
    if Membership.objects.visible_to(by).staff().filter(user__email__iexact=email).exists():
        wrong["email"] = WORKS_HERE
    elif found.filter(made_at__gt=now - timedelta(days=1)).count() >= MOST_A_DAY:
        wrong["email"] = TOO_MANY
    if wrong:
        raise CannotGive(wrong)
    found.waiting(now).filter(email__iexact=email).update(withdrawn_at=now, withdrawn_by=by)
    token = secrets.token_urlsafe(32)
    made = Invitation.objects.create(
        clinic_id=by.clinic_id,
        email=email,
        name=name,
        roles=sorted(wanted),
        until={str(role): last.isoformat() for role, last in sorted(ends.items())},
        token_hash=hashlib.sha256(token.encode()).hexdigest(),
        by=by,
        made_at=now,
        expires_at=now + LIVES,
    )
    return made, settings.SITE_URL + reverse("invitation", args=[token])


def withdraw(*, invitation: Invitation, by: Membership, now: datetime) -> bool:
    """It lets nobody in from now on. False where there is nothing left to withdraw."""
    if Can.GIVE_ROLES not in by.can_write:
        raise PermissionDenied
    mine = Invitation.objects.visible_to(by).waiting(now).filter(pk=invitation.pk)
    return bool(mine.update(withdrawn_at=now, withdrawn_by=by))


def behind(token: str, *, now: datetime) -> Invitation | None:
    """The invitation that a secret opens; None for one that is used, old, withdrawn or none.

    From here to the end of the request the clinic's rows are seen, where it is one.
    """
    rows.see_token(token)
    found = Invitation.objects.waiting(now).select_related("clinic", "by__clinic")
    mine = found.filter(token_hash=hashlib.sha256(token.encode()).hexdigest()).first()
    return mine if mine is not None and _still_holds(mine, now=now) else None


def _still_holds(one: Invitation, *, now: datetime) -> bool:
    """Who sent it still gives roles here, one of those in it is not over, and she has left or is
    new: who works here by now has her roles from the page of people."""
    today = now.astimezone(one.clinic.tz).date()
    over = {role for role, last in one.ends.items() if last < today}
    staff = Membership.objects.filter(clinic=one.clinic_id).staff()
    return (
        one.by.is_active
        and Can.GIVE_ROLES in one.by.can_write
        and bool(set(one.roles) - over)
        and not staff.filter(user__email__iexact=one.email).exists()
    )


def person_for(invitation: Invitation) -> User | None:
    """Whose log-in it leads to: made where nobody has the address. None for a closed one."""
    same = User.objects.filter(email__iexact=invitation.email)
    for user in same:
        if same_address(user.email, invitation.email):
            return user if user.is_active else None
    if same:  # letters that a database folds together: nobody's to take over
        return None
    return User.objects.create_user(invitation.email, name=invitation.name)


@transaction.atomic
def accept(*, invitation: Invitation, user: User, now: datetime) -> Membership | None:
    """She works here from now on, in these roles; None where it was used up meanwhile."""
    held = Invitation.objects.select_for_update(of=("self",)).waiting(now)
    one = held.select_related("clinic", "by__clinic").filter(pk=invitation.pk).first()
    if one is None or not same_address(user.email, one.email) or not _still_holds(one, now=now):
        return None
    roles = sorted(set(one.roles) - set(one.until))
    member, made = Membership.objects.select_for_update(of=("self",)).get_or_create(
        clinic=one.clinic, user=user, defaults={"roles": roles, "roles_until": one.until}
    )
    before = [] if made or not member.is_active else list(member.roles)
    if not made:
        kept = [role for role in member.roles if role not in STAFF_ROLES]
        member.roles, member.roles_until = sorted({*kept, *roles}), one.until
        member.is_active = True
        member.name_here = ""  # she comes herself, by her own log-in
        member.save(update_fields=["roles", "roles_until", "is_active", "name_here"])
    RoleChange.objects.create(
        clinic=one.clinic,
        member=member,
        by=one.by,
        at=now,
        roles_before=before,
        roles=member.roles,
        until=one.until,
        reason=TAKEN_UP,
    )
    one.accepted_at, one.accepted_by = now, member
    one.save(update_fields=["accepted_at", "accepted_by"])
    return member
