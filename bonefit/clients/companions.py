"""Somebody who may look at a client's page, because the client agreed: given, and taken away."""

from __future__ import annotations

from datetime import datetime

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction

from bonefit.acting import because
from bonefit.clinics.access import Role
from bonefit.clinics.actions import add_member
from bonefit.clinics.models import Membership

from .models import Client, Companion

#: What the desk reads out before it gives somebody view access; what was agreed is recorded.
CONSENT = (
    "{client} agrees that {name} may see her or his sessions and what was lifted, on the clinic’s "
    "pages. {name} can change nothing. {client} can end this at any time."
)


class CannotGive(Exception):
    """Nobody was made a companion; the text says why, in words for the page."""


def consent_words(client: Client, name: str) -> str:
    """The usual words of the consent, with both names in them; at most 400 characters are kept."""
    return CONSENT.format(client=client.name, name=name)


@transaction.atomic
def give(
    *, client: Client, email: str, name: str, consent: str, by: Membership, now: datetime
) -> Companion:
    """Let the person with this address look at the client's page, as the client agreed.

    She gets a log-in of the clinic, or keeps the one she has, whatever else she is there. Once
    only: who is her companion already stays it, and the consent of then stays as it was recorded.
    Raises CannotGive without a consent or a proper address, and where it is the client's own.
    """
    email, name, consent = email.strip(), name.strip(), consent.strip()
    _check(client, email, name, consent)
    # The client's row is the lock: two taps at once make one companion.
    Client.objects.select_for_update().get(pk=client.pk)
    _forget_a_closed_log_in(client, email)
    member = add_member(clinic=client.clinic, email=email, name=name, roles=[Role.COMPANION])
    if client.membership_id == member.pk:
        raise CannotGive("This is the address that the client logs in with.")
    live = Companion.objects.filter(client=client, member=member, ended_at=None).first()
    return live or Companion.objects.create(
        clinic_id=client.clinic_id,
        client=client,
        member=member,
        consent=consent,
        given_at=now,
        given_by=by,
    )


def _forget_a_closed_log_in(client: Client, email: str) -> None:
    """Who worked or trained here once comes back as a companion, and as nothing else."""
    Membership.objects.filter(
        clinic=client.clinic, user__email__iexact=email, is_active=False
    ).update(roles=[Role.COMPANION], roles_until={})


def _check(client: Client, email: str, name: str, consent: str) -> None:
    if not name:
        raise CannotGive("Write the name of the person who may look.")
    try:
        validate_email(email)
    except ValidationError as error:
        raise CannotGive("Write the person’s e-mail address, as in maria@example.org.") from error
    if not consent:
        raise CannotGive("Write what the client agreed to. Without her consent nobody may look.")
    most = Companion._meta.get_field("consent").max_length or 0
    if len(consent) > most:
        raise CannotGive(f"The consent may have at most {most} characters.")
    if email.casefold() == client.email.casefold():
        raise CannotGive("This is the address of the client. A companion has another one.")


@because("The companion’s access is taken away")
@transaction.atomic
def take_away(*, companion: Companion, by: Membership, now: datetime) -> Companion:
    """From now on she sees nothing of this client; her next request is refused. Twice is once.

    Who looks at nobody's page any more loses the role, and without any other her log-in here.
    """
    # Her membership is the lock: two who are taken away at once leave no role behind.
    member = Membership.objects.select_for_update().get(pk=companion.member_id)
    companion = Companion.objects.select_for_update().get(pk=companion.pk)
    if companion.ended_at is None:
        companion.ended_at, companion.ended_by = now, by
        companion.save(update_fields=["ended_at", "ended_by"])
    if not Companion.objects.filter(member=member, ended_at=None).exists():
        _end_role(member)
    return companion


def _end_role(member: Membership) -> None:
    kept = [role for role in member.roles if role != Role.COMPANION]
    if kept or member.roles_until:
        member.roles = kept
    else:  # a membership has a role at least; this one is closed, and stays as a row
        member.is_active = False
    member.save(update_fields=["roles", "is_active"])
