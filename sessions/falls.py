"""Falls: what is heard of them is kept once, raises a flag, and locks where a bone is broken.

A fall is an unexpected event in which somebody comes to rest on the ground, the floor or a lower
level (ProFaNE, protocol sheet 5.7). It is heard of at a check-in, by the monthly question, or told
to the clinic. A correction is a further row that takes the place of one; nothing is deleted.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from datetime import date, datetime
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import QuerySet

from bonefit.acting import because, because_of
from bonefit.clients.models import Client, Fall, FallsMonth, Lock, Told
from bonefit.clinics.access import Can
from bonefit.clinics.dates import say_day
from bonefit.clinics.models import Membership
from programs.pain import Answers

from . import alarms, flagging
from .flags.health import FALL_RULE
from .models import AdverseEvent, Flag, Visit

#: How it is asked, in plain words after the ProFaNE consensus: slips and trips are named.
LAY_QUESTION = (
    "Did you have a fall? Count every slip or trip in which you lost your balance and landed on "
    "the floor, the ground or a lower level."
)
DEFINITION = (
    "A fall is an unexpected event in which a person comes to rest on the ground, the floor or a "
    "lower level; slips and trips that end there are falls too (ProFaNE)."
)
#: How it came to be known, as it follows "fell: ".
HEARD = {
    Told.CHECK_IN: "said at a check-in",
    Told.MAIL: "said in the monthly message",
    Told.STAFF: "told to the clinic",
}


@dataclass(frozen=True, slots=True)
class Heard:
    """What is known of one fall. None is what nobody said."""

    fell_on: date
    roughly: bool = False
    injured: bool | None = None
    fracture: bool | None = None
    confirmed: bool | None = None
    described: str = ""

    @property
    def words(self) -> str:
        """``About 3 March 2026, hurt``."""
        day = say_day(self.fell_on)
        found = [f"about {day}" if self.roughly else day]
        if self.fracture:
            found.append("a bone broken" if self.confirmed else "perhaps a bone broken")
        elif self.injured is not None:
            found.append("hurt" if self.injured else "not hurt")
        words = ", ".join(found)
        return words[0].upper() + words[1:]


def heard_of(fall: Fall) -> Heard:
    """What a row says, as values."""
    return Heard(**{one.name: getattr(fall, one.name) for one in fields(Heard)})


def source_of(key: str) -> str:
    """What told of a fall, by its key: the falls of one month's answer are one."""
    return key.rpartition("|")[0] if key.startswith("month|") else key


def standing() -> QuerySet[Fall, Fall]:
    """The falls as they stand: neither corrected by a later row nor taken back."""
    return Fall.objects.filter(replaced_by=None, taken_back_why="")


# --- heard of, somewhere --------------------------------------------------------------------------
@transaction.atomic
def record(
    *, client: Client, key: str, heard: Heard, by: Membership, now: datetime
) -> tuple[Fall, bool]:
    """A fall that the clinic was told of; the row, and whether it is new.

    ``key`` is recorded once for a client. PermissionDenied for who does not supervise there.
    """
    _may(by, client)
    fall, made = _keep(client, key, heard, told=Told.STAFF, by=by, now=now)
    if made:
        _flag(client, [fall], key, told=Told.STAFF, now=now)
        _lock(fall, by=by, now=now)
    return fall, made


def at_check_in(visit: Visit, answers: Answers, *, by: Membership, now: datetime) -> None:
    """The answers on arrival told of a fall since last time. Once a visit.

    Call it in the transaction that keeps the answers. Which day it was nobody asked, so it is at
    most the day of the visit. A fracture among the answers locks her there already.
    """
    day = visit.starts_at.astimezone(visit.clinic.tz).date()
    heard = Heard(day, roughly=True, fracture=answers.fracture)
    key = f"visit|{visit.uid}"
    fall, made = _keep(visit.client, key, heard, told=Told.CHECK_IN, by=by, now=now)
    if made:
        evidence = _evidence([fall], Told.CHECK_IN)
        flagging.open_of_visit(
            visit, Flag.Kind.FALL, FALL_RULE, evidence, f"{FALL_RULE}|{key}", now, subject=key
        )


def from_event(event: AdverseEvent, *, by: Membership, now: datetime) -> None:
    """An adverse event says that she fell: it is kept as a fall too, once. What it locks it locks.

    Call it in the transaction that keeps the report. Needs the event's ``client`` and ``visit``.
    """
    day = event.onset_at.astimezone(by.clinic.tz).date()
    key = f"event|{event.uid}"
    heard = Heard(day, described=event.described)
    fall, made = _keep(event.client, key, heard, told=Told.STAFF, by=by, now=now)
    if not made:
        return
    if event.visit is None:
        _flag(event.client, [fall], key, told=Told.STAFF, now=now)
        return
    evidence = _evidence([fall], Told.STAFF)
    rule_key = f"{FALL_RULE}|{key}"
    flagging.open_of_visit(
        event.visit, Flag.Kind.FALL, FALL_RULE, evidence, rule_key, now, subject=key
    )


# --- the monthly question -------------------------------------------------------------------------
@transaction.atomic
def answer_month(
    *,
    month: FallsMonth,
    how_many: int,
    heard: Sequence[Heard],
    told: str,
    by: Membership | None,
    now: datetime,
) -> bool:
    """Keep the answer about a month; False where it was answered before, and nothing is changed.

    ``how_many`` falls in it, of which ``heard`` says what is known. Falls of that month that the
    clinic knew of already are among them and are not written twice; what is worse than was known
    of them is. ValueError for fewer falls than are told of. ``by`` is None where she said it
    herself, by the link in a message.
    """
    if how_many < len(heard):
        raise ValueError("More falls are told of than there were.")
    month = FallsMonth.objects.select_for_update(of=("self",)).get(pk=month.pk)
    if month.answered_at is not None:
        return False
    client = Client.objects.select_related("clinic").get(pk=month.client_id)
    if by is not None:
        _may(by, client)
    month.answered_at, month.how_many, month.told, month.answered_by = now, how_many, told, by
    month.save()
    unclear = Heard(month.month.replace(day=15), roughly=True)
    said = [*heard, *[unclear] * (how_many - len(heard))]
    source = f"month|{month.month:%Y-%m}"
    falls = _merged(client, month, said, source, told=told, by=by, now=now)
    if falls:
        _flag(client, falls, source, told=told, now=now)
    for fall in falls:
        _lock(fall, by=by, now=now)
    return True


def _merged(
    client: Client,
    month: FallsMonth,
    said: list[Heard],
    source: str,
    *,
    told: str,
    by: Membership | None,
    now: datetime,
) -> list[Fall]:
    """Write the falls of a month that are new, or worse than was known; those written."""
    known = list(
        standing()
        .filter(client=client, fell_on__year=month.month.year, fell_on__month=month.month.month)
        .order_by("fell_on", "id")
    )
    # The worst of what she says first: it is written whatever was known.
    said = sorted(said, key=_how_bad, reverse=True)
    new, old = said[: max(0, len(said) - len(known))], said[max(0, len(said) - len(known)) :]
    written = []
    for number, heard in enumerate(new, start=1):
        key = f"{source}|{number}"
        fall, made = _keep(client, key, heard, told=told, by=by, now=now, month=month)
        written += [fall] if made else []
    for one, heard in zip(known, old, strict=False):
        if _how_bad(heard) > _how_bad(heard_of(one)):
            worse = Heard(
                one.fell_on, one.roughly, heard.injured, heard.fracture, None, one.described
            )
            key = f"{source}|{one.pk} again"
            fall, _ = _keep(
                client, key, worse, told=told, by=by, now=now, month=month, replaces=one
            )
            written.append(fall)
    return written


def _how_bad(heard: Heard) -> int:
    return 2 if heard.fracture else int(bool(heard.injured))


# --- corrections ----------------------------------------------------------------------------------
class Changed(Exception):
    """Somebody corrected the row in the meantime."""


@because("What was heard of the fall is corrected")
@transaction.atomic
def correct(*, fall: Fall, heard: Heard, by: Membership, now: datetime) -> Fall:
    """A further row in the place of one; Changed where another has taken its place already.

    The same again writes nothing. A fracture that was not known locks her.
    """
    client = _alone(fall, by)
    before = heard_of(fall)
    if before == heard:
        return fall
    key = f"hand|{uuid.uuid4()}"
    made, _ = _keep(
        client,
        key,
        heard,
        told=fall.told,
        by=by,
        now=now,
        month=fall.month,
        replaces=fall,
    )
    if not before.fracture:
        _lock(made, by=by, now=now)
    return made


@because_of("why")
@transaction.atomic
def take_back(*, fall: Fall, why: str, by: Membership, now: datetime) -> Fall:
    """It was no fall: a row with the reason takes its place. ValueError without a reason."""
    why = why.strip()
    if not why:
        raise ValueError("Write why it was no fall.")
    client = _alone(fall, by)
    made = Fall.objects.create(
        clinic_id=client.clinic_id,
        client=client,
        key=f"hand|{uuid.uuid4()}",
        told=fall.told,
        month=fall.month,
        recorded_by=by,
        recorded_at=now,
        replaces=fall,
        taken_back_why=why[:200],
        **asdict(heard_of(fall)),
    )
    _unflag(fall, now=now, by=by)
    return made


def _alone(fall: Fall, by: Membership) -> Client:
    client = Client.objects.select_related("clinic").get(pk=fall.client_id)
    _may(by, client)
    locked = Fall.objects.select_for_update(of=("self",)).get(pk=fall.pk)
    if locked.taken_back_why or Fall.objects.filter(replaces=locked).exists():
        raise Changed
    return client


# --- shared ---------------------------------------------------------------------------------------
def _may(by: Membership, client: Client) -> None:
    if not by.is_active or by.clinic_id != client.clinic_id or Can.LOG_SETS not in by.can:
        raise PermissionDenied


def _keep(
    client: Client,
    key: str,
    heard: Heard,
    *,
    told: str,
    by: Membership | None,
    now: datetime,
    **more: Any,
) -> tuple[Fall, bool]:
    values = {
        **asdict(heard),
        "told": told,
        "recorded_by": by,
        "recorded_at": now,
        **more,
    }
    return Fall.objects.get_or_create(
        clinic_id=client.clinic_id, client=client, key=key, defaults=values
    )


def _evidence(falls: Sequence[Fall], told: str) -> Mapping[str, Any]:
    return {
        "falls": len(falls),
        "heard": HEARD[Told(told)],
        "lines": [heard_of(fall).words for fall in falls],
    }


def _flag(client: Client, falls: Sequence[Fall], source: str, *, told: str, now: datetime) -> None:
    evidence = _evidence(falls, told)
    flagging.open_of_client(
        client, Flag.Kind.FALL, FALL_RULE, evidence, f"{FALL_RULE}|{source}", now, subject=source
    )


def _unflag(fall: Fall, *, now: datetime, by: Membership) -> None:
    """Close the flag of a fall that was none, where nothing else of what told of it stands."""
    first = fall
    while first.replaces is not None and not first.key.startswith("month|"):
        first = first.replaces
    if first.key.startswith("month|") and standing().filter(month=first.month).exists():
        return
    rows = Flag.objects.filter(
        enrollment__client=fall.client_id, kind=Flag.Kind.FALL, subject=source_of(first.key)
    )
    flagging.close_by_itself(rows, now, by=by)


def _lock(fall: Fall, *, by: Membership | None, now: datetime) -> None:
    """A broken bone locks her until a named clinician releases her (F16)."""
    if fall.fracture:
        alarms.lock_outside(
            fall.client,
            f"fall {fall.pk}",
            "a fracture, told with a fall",
            by=by,
            now=now,
            kind=Lock.Why.FRACTURE,
        )
