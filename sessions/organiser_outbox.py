"""Sends the monthly links to organisations' admins: each claimed by one sender, at least once.

``posting`` sends and records; here is which of them may go now.
"""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from .models import OrganiserNotice
from .notices.monthly_across import wanted
from .posting import Post, free
from .staff_mails import mail_across


def send_due(now: datetime, batch: int = 50) -> int:
    """Send what is due, ``batch`` messages at a time; return how many went out.

    Raises MailServerAway where the server took no connection: what was to go is tried again later.
    """
    return Post(OrganiserNotice, _claim, mail_across).send_due(now, batch)


@transaction.atomic
def _claim(now: datetime, size: int) -> tuple[int, list[OrganiserNotice]]:
    """How many due messages were looked at, and those of them that are ours to send now.

    Whose question is gone, or wanted by mail no more, or who has left, is sent none.
    """
    due = list(
        OrganiserNotice.objects.filter(free(now), due_at__lte=now)
        .select_related("organiser__user", "organiser__organisation")
        .order_by("due_at", "pk")
        .select_for_update(of=("self",), skip_locked=True, no_key=True)[:size]
    )
    saved = [one.facts["saved"] for one in due]
    true = set(wanted().filter(pk__in=saved).values_list("pk", flat=True))
    ours = [one for one in due if one.facts["saved"] in true]
    over = {one.pk for one in due} - {one.pk for one in ours}
    OrganiserNotice.objects.filter(pk__in=over).delete()
    for one in ours:
        one.to, one.claimed_at = one.organiser.user.email, now
    OrganiserNotice.objects.bulk_update(ours, ["to", "claimed_at"])
    return len(due), ours


def oldest_unsent(now: datetime) -> datetime | None:
    """Since when a message to an organisation should have gone out; None where none should."""
    rows = OrganiserNotice.objects.filter(sent_at=None, failed_at=None, due_at__lte=now)
    return rows.order_by("due_at").values_list("due_at", flat=True).first()
