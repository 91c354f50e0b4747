"""A client's or a companion's log-in: given with an invitation, and its link sent again."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import OuterRef, QuerySet
from django.utils import timezone

from bonefit.clinics.access import STAFF_ROLES, Role
from bonefit.clinics.actions import add_member
from bonefit.clinics.login_links import (
    FROM_THE_CLINIC,
    make_from_the_clinic,
    masked,
)
from bonefit.clinics.models import LoginLink, Membership, User

from .models import Client, Companion
from .tasks import send_invitation, send_login_link

#: One mail of this kind a person, whoever taps: a second tap is nearly always impatience.
BETWEEN_MAILS = timedelta(minutes=1)
#: And so many a day from one clinic: it has written the address down, and nobody has agreed yet.
MOST_A_DAY = 10
TOO_MANY = "Ten e-mails about the log-in went to this person within a day. Go on tomorrow."
WAIT = "An e-mail went out less than a minute ago. Wait a minute, then send it again."


class CannotInvite(Exception):
    """Why no log-in can be given or sent, in words for the page."""


@transaction.atomic
def invite(*, client: Client, by: Membership, now: datetime | None = None) -> Client:
    """Give the client a log-in and send her an e-mail about it, once this transaction stands.

    The mail carries a link that logs her in, unless she works in a clinic. Inviting again sends the
    mail again. Raises CannotInvite without an address, where the address already is another
    client's of this clinic, or where she has had ten mails of this clinic within a day.
    """
    client = Client.objects.select_for_update().get(pk=client.pk)
    now = now or timezone.now()
    _give_log_in(client)
    client.invited_at, client.invitation_sent_at = now, None
    client.save(update_fields=["membership", "invited_at", "invitation_sent_at"])
    assert client.membership is not None  # just given
    user = client.membership.user
    _not_too_many(user, by, now)
    make_from_the_clinic(user=user, by=by, life=FROM_THE_CLINIC, now=now)
    # The invitation stands even where the queue is down: the error is logged, and the client's page
    # says that nothing was sent yet and offers to send it again.
    transaction.on_commit(lambda: send_invitation.delay(client.pk), robust=True)
    return client


@transaction.atomic
def send_login_again(*, client: Client, by: Membership, now: datetime) -> str:
    """Mail the client a link that logs her in; the address it goes to, masked for the page.

    Who works in another clinic is mailed how to log in, and the page reads the same.

    Where her address was changed since, the log-in moves to the new one first. Raises CannotInvite
    with words for the page: no address, never invited, closed, working here, or a minute too soon.
    """
    client = Client.objects.select_for_update().get(pk=client.pk)
    if client.membership is None:
        raise CannotInvite("This client has no log-in yet. Invite her first.")
    if not client.membership.is_active:
        raise CannotInvite("This log-in is closed. Invite her again to open it.")
    if client.email and client.email.lower() != client.membership.user.email.lower():
        _give_log_in(client)
        client.save(update_fields=["membership"])
    return _send_link(client.membership, by, now)


@transaction.atomic
def send_login_to_companion(*, companion: Companion, by: Membership, now: datetime) -> str:
    """The same for somebody who may look at a client's page; CannotInvite once that has ended."""
    if companion.ended_at is not None or not companion.member.is_active:
        raise CannotInvite("This person may not look at the page any more.")
    return _send_link(companion.member, by, now)


def newest_link() -> QuerySet[LoginLink]:
    """In a query of clients: the last link that the clinic had sent to her since the invitation."""
    return LoginLink.objects.filter(
        user=OuterRef("membership__user"),
        made_at__gt=OuterRef("invited_at"),
        made_by__clinic=OuterRef("clinic"),
    ).order_by("-made_at")[:1]


def _give_log_in(client: Client) -> None:
    """The membership that goes with the client's address; her earlier one, if any, is closed."""
    if not client.email:
        raise CannotInvite("There is no e-mail address to invite. Add one first.")
    before = client.membership
    member = add_member(
        clinic=client.clinic, email=client.email, name=client.name, roles=[Role.CLIENT]
    )
    if Client.objects.filter(membership=member).exclude(pk=client.pk).exists():
        raise CannotInvite("Another client of this clinic logs in with this address.")
    client.membership = member
    if before is not None and before != member and _is_client_only(before):
        # A mistyped address belongs to somebody else: from now on it opens nothing here.
        before.is_active = False
        before.save(update_fields=["is_active"])


def _is_client_only(member: Membership) -> bool:
    return member.roles == [Role.CLIENT] and not member.roles_until


def _send_link(member: Membership, by: Membership, now: datetime) -> str:
    # The person's row is the lock: of two taps at once the second finds the first one's link.
    user = User.objects.select_for_update().get(pk=member.user_id)
    sent = LoginLink.objects.filter(user=user, made_at__gt=now - BETWEEN_MAILS)
    if sent.filter(made_by__clinic=by.clinic_id).exists():  # not those of another clinic
        raise CannotInvite(WAIT)
    _not_too_many(user, by, now)
    if STAFF_ROLES.intersection(member.roles) or member.roles_until:
        raise CannotInvite(
            "This person works here, so no link is sent. "
            "She logs in with a code: it comes when she types her address on the log-in page."
        )
    # Where else she is, a clinic's admin or desk does not learn from what is sent.
    link = make_from_the_clinic(user=user, by=by, life=FROM_THE_CLINIC, now=now)
    # As with an invitation: the link stands, and the page offers to send another one.
    transaction.on_commit(lambda: send_login_link.delay(link.pk), robust=True)
    return masked(user.email)


def _not_too_many(user: User, by: Membership, now: datetime) -> None:
    lately = LoginLink.objects.filter(user=user, made_at__gt=now - timedelta(days=1))
    if lately.filter(made_by__clinic=by.clinic_id).count() >= MOST_A_DAY:
        raise CannotInvite(TOO_MANY)
