"""The sweep that makes silence visible: an overdue visit becomes *unrecorded* and opens its flag.

It does not decide when it runs, and may run twice, late or in parallel: status and flag are written
together or not at all.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from django.db import transaction
from django.db.models import Q

from . import flagging, flags
from .contained import SweepIncomplete, contained
from .models import Flag, SetEntry, Visit


@dataclass(frozen=True, slots=True)
class _Batch:
    flagged: int = 0
    failed: int = 0
    last: tuple[datetime, int] | None = None


def flag_missed(now: datetime, batch: int = 200) -> int:
    """Make every overdue visit with nothing in it *unrecorded* and open its flag.

    1. Take the oldest ``batch`` overdue visits that no other sweep holds.
    2. Those with a standing set are begun, not missed: ask again in a day.
    3. The others change status and get their flag, in one transaction.
    4. If that fails, do them one by one; a row that fails alone is left as it was.
    5. Go on behind the last one taken, so that a row that fails cannot stop those after it.

    Returns how many were flagged. Raises SweepIncomplete at the end if any row failed, so that the
    sweep's beat stays away and somebody looks.
    """
    flagged = failed = 0
    after: tuple[datetime, int] | None = None
    while True:
        done = _flag_batch(now, batch, after)
        flagged += done.flagged
        failed += done.failed
        if done.last is None:
            break
        after = done.last
    if failed:
        raise SweepIncomplete(
            f"{failed} visits could not be flagged, {flagged} were.", failed=failed
        )
    return flagged


@transaction.atomic
def _flag_batch(now: datetime, size: int, after: tuple[datetime, int] | None) -> _Batch:
    overdue = Visit.objects.overdue(now)
    if after is not None:
        overdue = overdue.filter(
            Q(missed_after__gt=after[0]) | Q(missed_after=after[0], pk__gt=after[1])
        )
    visits = list(
        overdue.select_related("clinic", "slot", "enrollment__therapist__user")
        .order_by("missed_after", "pk")
        .select_for_update(of=("self",), skip_locked=True)[:size]
    )
    if not visits:
        return _Batch()
    flagged, failed = contained(visits, lambda rows: _settle_overdue(rows, now))
    return _Batch(flagged, failed, (visits[-1].missed_after, visits[-1].pk))


def _settle_overdue(visits: Sequence[Visit], now: datetime) -> int:
    # Asked after the lock, not with it: a set that was saved while we waited is seen only so.
    begun = set(
        SetEntry.objects.standing().filter(visit__in=visits).values_list("visit_id", flat=True)
    )
    silent = [visit for visit in visits if visit.pk not in begun]
    Visit.objects.filter(pk__in=begun).update(missed_after=now + flagging.ASK_AGAIN)
    Visit.objects.filter(pk__in=[visit.pk for visit in silent]).update(
        status=Visit.Status.UNRECORDED
    )
    flagging.open_all(_flag(visit, now) for visit in silent)
    return len(silent)


def _flag(visit: Visit, now: datetime) -> Flag:
    starts = visit.starts_at.astimezone(visit.clinic.tz)
    finding = flags.missed(
        str(visit.uid),
        {
            "date": starts.date().isoformat(),
            "time": f"{starts:%H:%M}",
            "room": visit.slot.room,
            "therapist": visit.enrollment.therapist.user.name,
            "checked_in": visit.status == Visit.Status.CHECKED_IN,
        },
        # It can only be overdue again because a person opened it again, with a new deadline.
        f"{visit.missed_after:%Y-%m-%dT%H:%M:%S}",
    )
    about = {"visit_id": visit.pk}
    rule = flags.BY_KIND[Flag.Kind.MISSED]
    return flagging.found(
        rule, replace(finding, about=about), visit.clinic, visit.enrollment_id, now
    )
