"""What people do with flags: close, put off, take up again, hand over, read.

Each is one transaction that holds the flag's row, writes a step of its history, and may be done
twice: the second time changes nothing. What the facts close by themselves is in ``flagging``.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime, timedelta

from django.core.exceptions import PermissionDenied
from django.db import transaction

from bonefit.acting import because_of
from bonefit.clinics.access import GRANTS, Can, Role
from bonefit.clinics.held_roles import holding
from bonefit.clinics.models import Membership
from programs.plans import rules_at

from . import flagging
from .models import Flag, FlagStep, Visit

#: What a person may answer. The others are said by the system, or by answering for the visit.
REASONS = (
    Flag.Resolution.CALLED,
    Flag.Resolution.MADE_UP,
    Flag.Resolution.PLAN_CHANGED,
    Flag.Resolution.REFERRED,
    Flag.Resolution.EXPECTED,
    Flag.Resolution.NOT_USEFUL,
)

#: Roles whose members may be handed a flag.
WORKING_ROLES = tuple(Role(role) for role, can in GRANTS.items() if Can.WORK_FLAGS in can)


class AlreadyResolved(Exception):
    """Somebody, or the facts, closed the flag first."""


class Cannot(ValueError):
    """Not like this; the text says why, ``field`` which answer it is about ("" for none)."""

    def __init__(self, text: str, field: str = "") -> None:
        super().__init__(text)
        self.field = field


# --- closing -------------------------------------------------------------------------------------


@because_of("note")
@transaction.atomic
def resolve_flag(
    *, flag: Flag, by: Membership, resolution: str, note: str = "", now: datetime
) -> None:
    """Close a flag with a reason of ``REASONS``; good news with "seen", which needs no more.

    A missed session is not closed like this while nobody has said what happened: answer for the
    visit (``sessions.answers``) or log it, and its flag closes with that; and a lock's flag closes
    with the release. Raises Cannot then, and for a reason that is none; AlreadyResolved if it was
    closed in the meantime.
    """
    held = _held(flag, by)
    good = held.severity == Flag.Severity.GOOD
    if resolution not in ((Flag.Resolution.SEEN,) if good else REASONS):
        raise Cannot("Choose a reason.", "resolution")
    if held.kind == Flag.Kind.MISSED and unanswered(held):
        raise Cannot("Say what happened to this session: its flag closes with that.")
    if held.kind == Flag.Kind.LOCKED:
        raise Cannot("A named clinician releases her: the flag closes with that.")
    held.resolution, held.note = resolution, note
    held.resolved_by, held.resolved_at = by, now
    _read(held, by, now)
    held.save(
        update_fields=["resolution", "note", "resolved_by", "resolved_at", "seen_at", "seen_by"]
    )
    _step(held, FlagStep.Kind.CLOSED, by, now, why=note)


def unanswered(flag: Flag) -> bool:
    """Whether nobody has said yet what happened to the flag's visit."""
    return Visit.objects.filter(flags=flag, status=Visit.Status.UNRECORDED).exists()


# --- putting off ---------------------------------------------------------------------------------


def may_be_put_off(flag: Flag) -> bool:
    """A lock stops her training until it is released, and good news asks for nothing."""
    return flag.kind != Flag.Kind.LOCKED and flag.severity != Flag.Severity.GOOD


@because_of("why")
@transaction.atomic
def put_off(*, flag: Flag, by: Membership, until: date, why: str, now: datetime) -> bool:
    """Acknowledge a flag until a day of the clinic's calendar, the first on which it is back.

    At most ``rules.snooze_days`` ahead, with a reason. False where the same was said already.
    Raises Cannot for a day or a reason that is none; AlreadyResolved.
    """
    held = _held(flag, by)
    if not may_be_put_off(held):
        raise Cannot("This is not put off: it waits for a release, or asks for nothing.")
    today, last = days_to_put_off(by, now)
    if not today < until <= last:
        raise Cannot(f"Choose a day after today, up to {last.day} {last:%B %Y}.", "until")
    if not why.strip():
        raise Cannot("Write why, in one line.", "why")
    if held.snoozed_until == until:
        return False
    held.snoozed_until = until
    _read(held, by, now)
    held.save(update_fields=["snoozed_until", "seen_at", "seen_by"])
    _step(held, FlagStep.Kind.SNOOZED, by, now, why=why.strip(), until=until)
    return True


def days_to_put_off(member: Membership, now: datetime) -> tuple[date, date]:
    """Today in the member's clinic, and the last day until which a flag may be put off."""
    today = now.astimezone(member.clinic.tz).date()
    days = rules_at(member.clinic, now).rules.snooze_days
    return today, today + timedelta(days=days)


@transaction.atomic
def take_up(*, flag: Flag, by: Membership, now: datetime) -> bool:
    """A flag that was put off is back now; False where it was not put off. AlreadyResolved."""
    held = _held(flag, by)
    if held.snoozed_until is None:
        return False
    held.snoozed_until = None
    held.save(update_fields=["snoozed_until"])
    _step(held, FlagStep.Kind.WOKEN, by, now)
    return True


# --- handing over --------------------------------------------------------------------------------


@because_of("why")
@transaction.atomic
def hand_over(*, flag: Flag, by: Membership, to: Membership, why: str, now: datetime) -> bool:
    """A flag is a colleague's from now on, with a word to her; False where it is hers already.

    Raises Cannot where she may not work flags here, or without a word; AlreadyResolved.
    """
    held = _held(flag, by)
    if not to.is_active or to.clinic_id != held.clinic_id or Can.WORK_FLAGS not in to.can:
        raise Cannot("Choose somebody of the clinic who works flags.", "to")
    if not why.strip():
        raise Cannot("Write a word to your colleague.", "word")
    if held.owner_id == to.pk:
        return False
    held.owner = to
    _read(held, by, now)
    held.save(update_fields=["owner", "seen_at", "seen_by"])
    _step(held, FlagStep.Kind.HANDED_OVER, by, now, why=why.strip(), to=to)
    return True


def colleagues(member: Membership) -> list[Membership]:
    """Who may be handed a flag in the member's clinic, by name; herself too, to take it on."""
    found = (
        Membership.objects.visible_to(member)
        .active()
        .filter(holding(WORKING_ROLES), user__is_active=True)
        .select_related("user")
    )
    return sorted(found, key=lambda one: (one.user.name, one.pk))


# --- reading -------------------------------------------------------------------------------------


@transaction.atomic
def mark_read(*, flags: Collection[int], by: Membership, now: datetime) -> int:
    """These open flags of the member's clinic were on a screen before somebody; how many anew."""
    _may_work(by)
    unread = list(
        Flag.objects.visible_to(by)
        .open()
        .filter(pk__in=flags, seen_at=None)
        .select_for_update(of=("self",), no_key=True)
        .order_by("pk")
    )
    flagging.set_read(unread, by=by, now=now)
    FlagStep.objects.bulk_create(
        FlagStep(clinic_id=by.clinic_id, flag=flag, kind=FlagStep.Kind.SEEN, at=now, by=by)
        for flag in unread
    )
    return len(unread)


# --- shared --------------------------------------------------------------------------------------


def _may_work(by: Membership) -> None:
    if not by.is_active or Can.WORK_FLAGS not in by.can:
        raise PermissionDenied


def _held(flag: Flag, by: Membership) -> Flag:
    """The flag as it is now, its row held until the end of the transaction."""
    _may_work(by)
    if by.clinic_id != flag.clinic_id:
        raise PermissionDenied
    held = Flag.objects.select_for_update(of=("self",), no_key=True).get(pk=flag.pk)
    if held.resolved_at is not None:
        raise AlreadyResolved
    return held


def _read(held: Flag, by: Membership, now: datetime) -> None:
    """Whoever answers has read it. The answer is the step that says so."""
    if held.seen_at is None:
        held.seen_at, held.seen_by = now, by


def _step(
    flag: Flag,
    kind: str,
    by: Membership,
    now: datetime,
    *,
    why: str = "",
    until: date | None = None,
    to: Membership | None = None,
) -> None:
    FlagStep.objects.create(
        clinic_id=flag.clinic_id,
        flag=flag,
        kind=kind,
        at=now,
        by=by,
        why=why,
        until=until,
        to=to,
    )
