"""What has changed for a client, merged into one message once it has settled.

A message compares what she was last told with what is true now, so a slip of the desk that was
mended in time says nothing, and no writer can forget to tell her.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Sequence
from copy import copy
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Exists, F, OuterRef

from bonefit.clients.models import Client
from sessions.changing import noticeable, state_of
from sessions.contained import SweepIncomplete, contained
from sessions.models import Notice, Visit
from sessions.quiet import Quiet

from .rows import quiet_of, row

#: A change that is younger may still be a slip.
SETTLED = timedelta(minutes=3)
#: A change waits this long for younger ones of the same client, and no longer.
LONGEST = timedelta(minutes=15)
#: Before a session that begins so soon nothing waits for a younger change.
SOON = timedelta(hours=1)

#: What is said of a seat that is free again; a released one is not spoken of.
FREED = {
    Visit.Status.CANCELLED_CLIENT: "not_coming",
    Visit.Status.LATE_CANCEL: "not_coming",
    Visit.Status.EXCUSED: "not_coming",
    Visit.Status.CLINIC_CANCELLED: "called_off",
    Visit.Status.HOLIDAY_CLOSED: "closed",
}


@dataclass
class _Batch:
    made: int = 0
    failed: int = 0
    last: int | None = None


@dataclass
class _Message:
    """What one client is told now, and of which visits nothing more is to tell then."""

    settled: list[Visit] = field(default_factory=list)
    lines: list[dict[str, Any]] = field(default_factory=list)


def tell_changes(now: datetime, batch: int = 100) -> int:
    """Write what has changed, ``batch`` clients at a time; how many messages that made.

    1. Take clients with a change that is three minutes old, each by one sweep only.
    2. A client waits while another change of hers is younger, for fifteen minutes at most, and
       not where a session begins within the hour.
    3. What she was last told is compared with what is true. Where they differ, one message is
       written; in the same transaction all of it counts as told.
    4. At night she waits until the quiet hours are over, unless that is too late for the session.

    Raises SweepIncomplete at the end if the changes of a client could not be written.
    """
    made = failed = after = 0
    while (done := _tell_batch(now, batch, after)).last is not None:
        made, failed, after = made + done.made, failed + done.failed, done.last
    if failed:
        raise SweepIncomplete(
            f"The changes of {failed} clients could not be written.", failed=failed
        )
    return made


@transaction.atomic
def _tell_batch(now: datetime, size: int, after: int) -> _Batch:
    untold = Visit.objects.filter(sequence__gt=F("told_sequence"))
    settled = untold.filter(client=OuterRef("pk"), changed_at__lte=now - SETTLED)
    # The client's row is the lock: of two sweeps one writes to her, with all her changes at once.
    clients = list(
        Client.objects.filter(Exists(settled), pk__gt=after)
        .select_related("clinic")
        .order_by("pk")
        .select_for_update(of=("self",), skip_locked=True, no_key=True)[:size]
    )
    if not clients:
        return _Batch()
    visits: dict[int, list[Visit]] = defaultdict(list)
    # A visit that somebody is changing right now is left for the next sweep.
    for visit in (
        untold.filter(client__in=clients, changed_at__isnull=False)
        .select_related("slot")
        .order_by("during", "pk")
        .select_for_update(of=("self",), skip_locked=True, no_key=True)
    ):
        visits[visit.client_id].append(visit)
    made, failed = contained(clients, lambda rows: _settle(rows, visits, now))
    return _Batch(made, failed, clients[-1].pk)


def _settle(clients: Sequence[Client], visits: dict[int, list[Visit]], now: datetime) -> int:
    told: list[Visit] = []
    notices: list[Notice] = []
    for client in clients:
        message = _message(visits[client.pk], quiet_of(client.clinic, now), now)
        told += message.settled
        if message.lines:
            notices.append(_notice(client, message, now))
    Visit.objects.bulk_update(map(_as_told, told), ["told", "told_sequence"])
    Notice.objects.bulk_create(notices, ignore_conflicts=True)
    return len(notices)


def _as_told(visit: Visit) -> Visit:
    """A copy that is told. If it cannot be saved, the visit itself still says what she knew."""
    known = copy(visit)
    known.told, known.told_sequence = state_of(visit), visit.sequence
    return known


def _message(visits: Sequence[Visit], quiet: Quiet, now: datetime) -> _Message:
    settled = [visit for visit in visits if _changed(visit) <= now - SETTLED]
    if not settled or _waits(visits, settled, now):
        return _Message()
    lines = [line for visit in settled if (line := _line(visit, now)) is not None]
    if lines and quiet.next_chance(now, before=_first(lines, now)) > now:
        return _Message()
    return _Message(settled, lines)


def _waits(visits: Sequence[Visit], settled: Sequence[Visit], now: datetime) -> bool:
    """Whether what has settled should wait for her younger changes."""
    if len(settled) == len(visits) or min(map(_changed, visits)) <= now - LONGEST:
        return False
    starts = [start for visit in settled for start in (visit.starts_at, _told_start(visit))]
    return not any(start and now <= start <= now + SOON for start in starts)


def _changed(visit: Visit) -> datetime:
    assert visit.changed_at is not None  # asked for with the visits
    return visit.changed_at


def _told_start(visit: Visit) -> datetime | None:
    return datetime.fromisoformat(visit.told["starts_at"]) if visit.told else None


# --- one visit ------------------------------------------------------------------------------------
def _line(visit: Visit, now: datetime) -> dict[str, Any] | None:
    """What she would notice of one visit, None where that is nothing or past."""
    before, after = visit.told, state_of(visit)
    if before is not None and not noticeable(before, after):
        return None
    was = before if before and before["on"] and _ahead(before, now) else None
    # Who is here already needs no letter about it.
    on = visit.status == Visit.Status.PLANNED and _ahead(after, now)
    if on:
        what = _what_is_on(before, was, after)
    elif was is not None and not after["on"]:
        what = FREED.get(Visit.Status(visit.status), "")
    else:
        what = ""
    if not what:
        return None
    return {
        "what": what,
        "uid": str(visit.uid),
        "was": _place(was) if was else None,
        "now": _place(after) if on else None,
    }


def _what_is_on(
    before: dict[str, Any] | None, was: dict[str, Any] | None, after: dict[str, Any]
) -> str:
    if was is None:
        return "on_again" if before and not before["on"] else "booked"
    same = all(was[name] == after[name] for name in ("starts_at", "ends_at"))
    return "room" if same else "moved"


def _place(state: dict[str, Any]) -> dict[str, str]:
    return {name: state[name] for name in ("starts_at", "ends_at", "room")}


def _ahead(state: dict[str, Any], now: datetime) -> bool:
    return datetime.fromisoformat(state["starts_at"]) > now


# --- the message ----------------------------------------------------------------------------------
def _starts(lines: Sequence[dict[str, Any]], now: datetime) -> list[datetime]:
    """When the sessions of these lines begin or were to begin, as far as that is ahead."""
    places = [line[name] for line in lines for name in ("was", "now") if line[name]]
    starts = [datetime.fromisoformat(place["starts_at"]) for place in places]
    return sorted(start for start in starts if start > now)


def _first(lines: Sequence[dict[str, Any]], now: datetime) -> datetime:
    return _starts(lines, now)[0]


def _notice(client: Client, message: _Message, now: datetime) -> Notice:
    starts = _starts(message.lines, now)
    # A change is told once at most: the numbers of the visits only rise.
    said = "|".join(sorted(f"{visit.uid}:{visit.sequence}" for visit in message.settled))
    return row(
        client,
        Notice.Kind.CHANGE,
        f"change|{client.pk}|{hashlib.sha256(said.encode()).hexdigest()[:40]}",
        {"lines": message.lines, "first": starts[0].isoformat()},
        now=now,
        due_at=now,
        expires_at=starts[-1],
    )
