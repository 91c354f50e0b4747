"""Staff's log-ins as their clinic's admin sees them: second steps, and taking one away."""

from __future__ import annotations

import logging
from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime

from allauth.account.adapter import get_adapter
from allauth.mfa.models import Authenticator
from django.core.exceptions import PermissionDenied
from django.db import transaction

from bonefit.acting import because_of

from . import rows
from .access import BELONGING_ROLES
from .models import Clinic, LogInsEnded, Membership, OrganisationMembership, SecondStepReset, User
from .open_log_ins import count_open, end_everywhere
from .second_step import STEPS

logger = logging.getLogger(__name__)

HER_OWN = (
    "This is your own log-in. Behind your name, under “How you log in”, you can set up another "
    "second step with the one that you have. If it is lost, another admin resets it."
)
WORKS_ELSEWHERE = (
    "{name} also works for somebody else with this log-in, so a clinic’s admin cannot reset it. "
    "Whoever runs the site can."
)
HAS_NONE = "{name} has no second step now. It is set up at the next log-in."


class NotResettable(Exception):
    """This second step is not this admin's to take away; the words say why."""


@dataclass(frozen=True, slots=True)
class LogIn:
    """One colleague and how she logs in. ``used_at`` is when she last used her second step."""

    member: Membership
    app: bool
    passkeys: int
    used_at: datetime | None
    #: How many browsers she is logged in in now.
    browsers: int

    @property
    def steps(self) -> str:
        """In words; "" where she has none yet."""
        ending = "" if self.passkeys == 1 else "s"
        both = (
            "an app" if self.app else "",
            f"{self.passkeys} passkey{ending}" if self.passkeys else "",
        )
        return " and ".join(one for one in both if one)


def staff_of(clinic: Clinic, *, now: datetime) -> list[LogIn]:
    """Everybody who works in the clinic today, by name, in three queries.

    Whose last role is over is a stranger: how she logs in is not this clinic's to see any more.
    """
    members = list(
        Membership.objects.working()
        .filter(clinic=clinic)
        .select_related("user")
        .order_by("user__name", "pk")
    )
    hers: dict[int, list[Authenticator]] = defaultdict(list)
    users = [member.user_id for member in members]
    for one in Authenticator.objects.filter(user__in=users).defer("data"):
        hers[one.user_id].append(one)
    browsers = count_open(users, now=now)
    return [_log_in(one, hers[one.user_id], browsers[one.user_id]) for one in members]


def _log_in(member: Membership, hers: list[Authenticator], browsers: int) -> LogIn:
    kinds = [one.type for one in hers]
    return LogIn(
        member=member,
        app=Authenticator.Type.TOTP in kinds,
        passkeys=kinds.count(Authenticator.Type.WEBAUTHN),
        used_at=max((one.last_used_at for one in hers if one.last_used_at), default=None),
        browsers=browsers,
    )


def why_not_reset(member: Membership, *, by: Membership) -> str:
    """Why this admin may not take this colleague's second step away; "" where she may."""
    user = member.user
    if user.pk == by.user_id:
        return HER_OWN
    elsewhere = Membership.objects.staff().filter(user=user)
    elsewhere = elsewhere.exclude(clinic__organisation_id=by.clinic.organisation_id)
    organises = OrganisationMembership.objects.filter(user=user, is_active=True)
    with rows.seeing(person=user.pk):  # whichever clinics hers are
        beyond = elsewhere.exists() or organises.exists()
    if user.is_staff or user.is_superuser or beyond:
        return WORKS_ELSEWHERE.format(name=user.name)
    if not Authenticator.objects.filter(user=user, type__in=STEPS).exists():
        return HAS_NONE.format(name=user.name)
    return ""


@because_of("reason")
@transaction.atomic
def reset_second_step(
    *, member: Membership, reason: str, by: Membership, now: datetime
) -> SecondStepReset:
    """Her app, passkeys and recovery codes open nothing more, and every log-in of hers ends.

    NotResettable where ``why_not_reset`` says why. Telling her is the caller's, after it is done.
    """
    User.objects.select_for_update(no_key=True).get(pk=member.user_id)
    if why := why_not_reset(member, by=by):
        raise NotResettable(why)
    take_away(member.user, now=now)
    return SecondStepReset.objects.create(
        clinic_id=member.clinic_id, member=member, by=by, at=now, reason=reason
    )


@transaction.atomic
def take_away(user: User, *, now: datetime) -> int:
    """All that she takes a second step with; how many there were. Every log-in of hers ends.

    Nobody has a password. The place of one holds chance, which the key of each log-in is made of.
    """
    hers = Authenticator.objects.filter(user=user)
    count = hers.count()
    hers.delete()
    user.set_unusable_password()
    user.save(update_fields=["password"])
    end_everywhere(user, now=now)
    return count


def may_end(member: Membership) -> bool:
    """Whether her clinic's admin may end all her log-ins: where she works or trains there.

    A companion was named, and is nothing else here: her log-in is no matter of the clinic's, also
    where no other clinic knows her, or this would say which one does. Her view can be taken away.
    """
    return member.is_active and not BELONGING_ROLES.isdisjoint(member.roles_now)


@transaction.atomic
def end_log_ins(*, member: Membership, by: Membership, now: datetime) -> LogInsEnded:
    """Every log-in of hers ends, in whichever clinic she is too; she can log in again at once.

    Telling her is the caller's, after it is done. PermissionDenied where ``may_end`` says no.
    """
    if not may_end(member):
        raise PermissionDenied
    end_everywhere(member.user, now=now)
    made = LogInsEnded.objects.create(clinic_id=by.clinic_id, member=member, by=by, at=now)
    logger.info("The log-ins of member %s were ended by member %s.", member.pk, by.pk)
    return made


def tell_of_reset(user: User, *, by: str) -> bool:
    """Mail her that it was reset, and by whom in words; False where the mail could not be sent."""
    return _tell("mfa/email/second_step_reset", user, by)


def tell_of_end(user: User, *, by: str) -> bool:
    """Mail her that her log-ins were ended, and by whom; False where it could not be sent."""
    return _tell("mfa/email/log_ins_ended", user, by)


def _tell(template: str, user: User, by: str) -> bool:
    mail = get_adapter().render_mail(template, user.email, {"by": by})
    try:
        mail.send()
    except OSError as error:  # SMTPException is one too, and its words may hold the address
        logger.error("What an admin did to a log-in was not mailed: %s", type(error).__name__)
        return False
    return True
