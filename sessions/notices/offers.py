"""Offers of a place that came free, for the waiting list."""

from __future__ import annotations

from datetime import datetime, timedelta

from sessions.models import Notice, Waiting

from .rows import quiet_of, row

#: An offer is over so long before the class: somebody has to get there.
BEFORE_CLASS = timedelta(hours=1)


def offer_due(waiting: Waiting, *, now: datetime) -> datetime:
    """When a client can be told of an offer that is made now: at once, or when it is day.

    Its end is counted from then. At night it goes at once where the morning would leave her less
    than an hour to answer.
    """
    ends = waiting.slot.starts_at - BEFORE_CLASS
    return quiet_of(waiting.client.clinic, now).next_chance(now, before=ends)


def offer(waiting: Waiting, *, now: datetime) -> Notice:
    """Tell a client of the place that is kept for her until ``offer_ends_at``.

    Call it in the transaction that makes the offer. Told at night, it goes when the quiet hours
    are over, unless the offer ends by then. ValueError where nothing is offered.
    """
    if waiting.offered_at is None or waiting.offer_ends_at is None:
        raise ValueError("Nothing is offered to her.")
    client, slot, ends = waiting.client, waiting.slot, waiting.offer_ends_at
    due_at = quiet_of(client.clinic, now).next_chance(now, before=ends)
    facts = {
        "waiting": waiting.pk,
        "starts_at": slot.starts_at.isoformat(),
        "ends_at": slot.ends_at.isoformat(),
        "room": slot.room,
        "first": ends.isoformat(),
    }
    made = row(
        client,
        Notice.Kind.OFFER,
        f"offer|{waiting.pk}|{waiting.offered_at.isoformat()}",
        facts,
        now=now,
        due_at=due_at,
        expires_at=ends,
    )
    known = {"clinic_id": made.clinic_id, "key": made.key}
    Notice.objects.bulk_create([made], ignore_conflicts=True)
    return Notice.objects.get(**known)
