"""Sends the messages to the staff that are due: each claimed by one sender, sent at least once.

``posting`` sends and records; here is which messages may go now.
"""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from bonefit.clinics.models import Membership

from .models import StaffNotice
from .notices.monthly import still_wanted
from .notices.staff import still_waiting
from .notices.whose import reachable
from .posting import Post, free
from .staff_mails import mail_of

#: Messages about flags that may be closed, or read, by the time they go.
ABOUT_FLAGS = (StaffNotice.Kind.RED, StaffNotice.Kind.UNREAD)


def send_due(now: datetime, batch: int = 50) -> int:
    """Send what is due, ``batch`` messages at a time; return how many went out.

    Raises MailServerAway where the server took no connection: what was to go is tried again later.
    """
    return Post(StaffNotice, _claim, mail_of).send_due(now, batch)


@transaction.atomic
def _claim(now: datetime, size: int) -> tuple[int, list[StaffNotice]]:
    """How many due messages were looked at, and those of them that are ours to send now.

    What is true no more is dropped, and what is for somebody who has left: of her red flags the
    admins are told then.
    """
    due = list(
        StaffNotice.objects.filter(free(now), due_at__lte=now)
        .select_related("member__user", "clinic")
        .order_by("due_at", "pk")
        .select_for_update(of=("self",), skip_locked=True, no_key=True)[:size]
    )
    may = set(
        reachable(Membership.objects.filter(pk__in=[one.member_id for one in due])).values_list(
            "pk", flat=True
        )
    )
    over = [one.pk for one in due if one.member_id not in may or not _still_true(one)]
    StaffNotice.objects.filter(pk__in=over).delete()
    ours = [one for one in due if one.pk not in over]
    for one in ours:
        one.to, one.claimed_at = one.member.user.email, now
    StaffNotice.objects.bulk_update(ours, ["to", "claimed_at"])
    return len(due), ours


def _still_true(one: StaffNotice) -> bool:
    if one.kind in ABOUT_FLAGS:
        return bool(still_waiting(one))
    return one.kind != StaffNotice.Kind.MONTHLY or still_wanted(one)


def oldest_unsent(now: datetime) -> datetime | None:
    """Since when a message to the staff should have gone out; None where none should."""
    rows = StaffNotice.objects.filter(sent_at=None, failed_at=None, due_at__lte=now)
    return rows.order_by("due_at").values_list("due_at", flat=True).first()
