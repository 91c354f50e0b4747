"""What people do about messages: the desk where one did not arrive, a client with reminders."""

from __future__ import annotations

from datetime import datetime

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import QuerySet

from bonefit.clients.models import Client
from bonefit.clinics.access import Can
from bonefit.clinics.models import Membership
from sessions.models import Notice


class CannotSend(Exception):
    """The message is not sent again; the text says why, in words for the page."""


def failed(member: Membership) -> QuerySet[Notice]:
    """The clinic's messages that did not arrive and nobody has seen to."""
    return Notice.objects.visible_to(member).filter(failed_at__isnull=False, seen_at=None)


def waiting(member: Membership) -> QuerySet[Notice]:
    """The clinic's messages that are still to go out."""
    return Notice.objects.visible_to(member).filter(sent_at=None, failed_at=None)


def to_see_to(member: Membership) -> int:
    """How many messages did not arrive and nobody has seen to."""
    return failed(member).count()


@transaction.atomic
def set_seen(*, notice: Notice, by: Membership, now: datetime) -> None:
    """Somebody has told the client another way. Said twice, the first one counts."""
    _may(by, notice.clinic_id)
    Notice.objects.filter(pk=notice.pk, failed_at__isnull=False, seen_at=None).update(
        seen_at=now, seen_by=by
    )


@transaction.atomic
def send_again(*, notice: Notice, by: Membership, now: datetime) -> None:
    """Try a message that did not arrive again, at the address that the client has now.

    Raises CannotSend without an address, and where it is about what is past.
    """
    _may(by, notice.clinic_id)
    locked = (
        Notice.objects.select_for_update(of=("self",))
        .select_related("client")
        .get(pk=notice.pk, clinic_id=by.clinic_id)
    )
    if locked.failed_at is None or locked.sent_at is not None:
        return  # somebody was faster
    if not locked.client.email:
        raise CannotSend("There is no e-mail address to send it to. Add one, or call.")
    if locked.expires_at is not None and locked.expires_at <= now:
        raise CannotSend("It is too late for this message: what it is about is over.")
    locked.to, locked.due_at, locked.tries = locked.client.email, now, 0
    locked.failed_at, locked.error, locked.claimed_at = None, "", None
    locked.seen_at = locked.seen_by = None
    locked.save()


def _may(by: Membership, clinic_id: int) -> None:
    if not by.is_active or by.clinic_id != clinic_id or Can.BOOK not in by.can:
        raise PermissionDenied


@transaction.atomic
def set_reminders(*, client: Client, wanted: bool, by: Membership | None, now: datetime) -> bool:
    """Whether the client is reminded from now on; her bookings stay. True if that is new.

    ``by`` is None where she came by the link in a reminder, which is secret to her. Else it is the
    client herself or somebody who books for her; PermissionDenied otherwise.
    """
    if by is not None:
        herself = by.is_active and by.pk == client.membership_id
        if not (herself and Can.CHANGE_OWN_SCHEDULE in by.can):
            _may(by, client.clinic_id)
    rows = Client.objects.filter(pk=client.pk, reminders_off_at__isnull=not wanted)
    changed = rows.update(reminders_off_at=None if wanted else now)
    client.refresh_from_db(fields=["reminders_off_at"])
    return bool(changed)
