"""What the staff are told of flags: that some wait, how many, and nothing of whom or of what.

Red at once, amber in a list in the morning, a summary for the admins on Monday, and what nobody has
read after a time of the clinic's for the admins as well. A red one whose mail did not arrive is
passed on to the admins. Nobody gets an empty one.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from functools import partial

from django.db import transaction

from bonefit.clinics.models import Clinic, Membership
from bonefit.clinics.rows import clinics_in_sight
from programs.plans import rules_at
from sessions.contained import SweepIncomplete, contained
from sessions.models import Flag, StaffNotice

from .digests import digests
from .monthly import monthly
from .whose import RedFlag, red_flags, staff_of

#: Members who are told together.
BATCH = 100
#: What was told is looked for from the oldest flag on, and this much before it: two machines may
#: not agree about the time.
CLOCKS = timedelta(days=1)

#: Member -> the flags that she is told of, each with when it was opened.
Told = Mapping[int, Mapping[int, datetime]]


def tell_staff(now: datetime) -> int:
    """Write what the staff are to be told; how many messages that made.

    Twice, late or in parallel is harmless: a member's row is the lock for what she is told at once,
    and the key of a digest names its day. Raises SweepIncomplete at the end if a member, or a
    clinic, could not be told.
    """
    clinics = list(clinics_in_sight().order_by("pk"))
    made, failed = _tell_red(clinics, now)
    written, wrong = contained(clinics, partial(_write_digests, now=now))
    if failed + wrong:
        raise SweepIncomplete(
            f"{failed} members and {wrong} clinics could not be told.", failed=failed + wrong
        )
    return made + written


# --- red, at once ---------------------------------------------------------------------------------


def _tell_red(clinics: Sequence[Clinic], now: datetime) -> tuple[int, int]:
    """Messages about red flags that somebody has not been told of yet: (made, members failed)."""
    by_pk = {clinic.pk: clinic for clinic in clinics}
    waiting = red_flags(by_pk, now)
    staff = staff_of({one.clinic for one in waiting}, now)
    at_once: dict[int, dict[int, datetime]] = defaultdict(dict)
    unread: dict[int, dict[int, datetime]] = defaultdict(dict)
    told = [
        (one, [member for member in staff[one.clinic].told_of(one) if member != one.seen_by])
        for one in waiting
    ]
    lost = _not_delivered(told)
    passed_on: set[tuple[int, int]] = set()
    for one, hers in told:
        here = staff[one.clinic]
        for member in hers:
            at_once[member][one.pk] = one.opened_at
        if any((member, one.pk) in lost for member in hers):
            for admin in set(here.admins) - {*hers, one.seen_by}:
                at_once[admin][one.pk] = one.opened_at
                passed_on.add((admin, one.pk))
        if not one.seen and one.opened_at <= now - _patience(by_pk[one.clinic], now):
            for member in here.admins:
                unread[member][one.pk] = one.opened_at
    made, failed = _tell(StaffNotice.Kind.RED, at_once, now, passed_on)
    more, wrong = _tell(StaffNotice.Kind.UNREAD, unread, now)
    return made + more, failed + wrong


def _not_delivered(told: Sequence[tuple[RedFlag, Sequence[int]]]) -> set[tuple[int, int]]:
    """Those (member, flag) of whom the mail to her was refused for good, or given up."""
    members = {member for _, hers in told for member in hers}
    if not members:
        return set()
    rows = StaffNotice.objects.filter(
        kind=StaffNotice.Kind.RED,
        member__in=members,
        failed_at__isnull=False,
        created_at__gte=min(one.opened_at for one, _ in told) - CLOCKS,
    ).values_list("member_id", "facts")
    return {(member, pk) for member, facts in rows for pk in facts.get("flags", ())}


def _patience(clinic: Clinic, now: datetime) -> timedelta:
    return timedelta(hours=rules_at(clinic, now).rules.red_unread_hours)


def _tell(
    kind: str, flags: Told, now: datetime, passed_on: Collection[tuple[int, int]] = ()
) -> tuple[int, int]:
    """One message to each member about all flags that she has not been told of: (made, failed).

    ``passed_on`` are (member, flag) of whom somebody else was to be told, in vain.
    """
    fresh = sorted(_not_told(kind, flags))
    made = failed = 0
    for start in range(0, len(fresh), BATCH):
        done, wrong = _tell_batch(kind, fresh[start : start + BATCH], flags, now, passed_on)
        made, failed = made + done, failed + wrong
    return made, failed


@transaction.atomic
def _tell_batch(
    kind: str,
    members: Sequence[int],
    flags: Told,
    now: datetime,
    passed_on: Collection[tuple[int, int]],
) -> tuple[int, int]:
    # The member's row is the lock: of two sweeps one writes to her, and the other then sees it.
    held = list(
        Membership.objects.filter(pk__in=members)
        .select_related("user")
        .order_by("pk")
        .select_for_update(of=("self",), skip_locked=True, no_key=True)
    )
    write = partial(_write_red, kind=kind, flags=flags, now=now, passed_on=passed_on)
    return contained(held, write)


def _write_red(
    members: Sequence[Membership],
    *,
    kind: str,
    flags: Told,
    now: datetime,
    passed_on: Collection[tuple[int, int]],
) -> int:
    fresh = _not_told(kind, {member.pk: flags[member.pk] for member in members})
    rows = [
        message(member, kind, _key(kind, member.pk, fresh[member.pk]), now=now, expires_at=None)
        for member in members
        if member.pk in fresh
    ]
    for row in rows:
        hers = sorted(fresh[row.member_id])
        row.facts = {"flags": hers}
        if others := [pk for pk in hers if (row.member_id, pk) in passed_on]:
            row.facts["passed_on"] = others
    return len(StaffNotice.objects.bulk_create(rows))


def _key(kind: str, member: int, flags: Collection[int]) -> str:
    said = ",".join(map(str, sorted(flags)))
    return f"{kind}|{member}|{hashlib.sha256(said.encode()).hexdigest()[:40]}"


def _not_told(kind: str, flags: Told) -> dict[int, set[int]]:
    """Of each member the flags that no message of this kind has told her of, if any."""
    if not flags:
        return {}
    oldest = min(at for rows in flags.values() for at in rows.values())
    told: dict[int, set[int]] = defaultdict(set)
    for member, facts in StaffNotice.objects.filter(
        kind=kind, member__in=list(flags), created_at__gte=oldest - CLOCKS
    ).values_list("member_id", "facts"):
        told[member].update(facts.get("flags", ()))
    fresh = {member: set(rows) - told[member] for member, rows in flags.items()}
    return {member: rows for member, rows in fresh.items() if rows}


# --- digests --------------------------------------------------------------------------------------


def _write_digests(clinics: Sequence[Clinic], *, now: datetime) -> int:
    """The morning lists, weekly summaries and monthly links that are due; how many."""
    new = [*digests(clinics, now), *monthly(clinics, now)]
    people = Membership.objects.select_related("user").in_bulk([one.member for one in new])
    rows = []
    for one in new:
        row = message(people[one.member], one.kind, one.key, now=now, expires_at=one.expires_at)
        row.facts = dict(one.facts)
        rows.append(row)
    # Another sweep may have written the same a moment ago: the database keeps one.
    StaffNotice.objects.bulk_create(rows, ignore_conflicts=True)
    return len(rows)


def message(
    member: Membership, kind: str, key: str, *, now: datetime, expires_at: datetime | None
) -> StaffNotice:
    """A message to a member, unsaved and without facts. Needs her ``user``."""
    return StaffNotice(
        clinic_id=member.clinic_id,
        member=member,
        kind=kind,
        key=key,
        to=member.user.email,
        created_at=now,
        due_at=now,
        expires_at=expires_at,
    )


def still_waiting(notice: StaffNotice) -> int:
    """How many of the flags that a message is about are open; of unread ones those unread."""
    rows = Flag.objects.open().filter(clinic=notice.clinic_id, pk__in=notice.facts.get("flags", ()))
    if notice.kind == StaffNotice.Kind.UNREAD:
        rows = rows.filter(seen_at=None)
    return rows.count()
