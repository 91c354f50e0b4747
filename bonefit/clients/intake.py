"""Whether a client's intake lets her be booked, checked in and asked to lift.

What follows from screening, clearance and consents is kept on the client, so that it can be asked
about in every query that has her. Whoever changes one of them calls ``refresh`` in the same
transaction; a nightly sweep calls it for everybody.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import pairwise
from typing import Any

from django.db import transaction

from bonefit.clinics.models import Clinic

from .intake_rules import Agreed, Cleared, Intake, Screened, judge
from .models import (
    Clearance,
    Client,
    Consent,
    ConsentText,
    ImpactOverride,
    IntakeOverride,
    Screening,
)

#: Agreed to before anything heavy is lifted, whatever else a clinic asks for.
ALWAYS_REQUIRED = (ConsentText.Kind.TRAINING,)


#: So many clients are worked out at once.
BATCH = 500


@dataclass(frozen=True, slots=True)
class Barred:
    """Her intake stands in the way on a day: what is missing, by code and in words."""

    codes: tuple[str, ...]
    words: str


def barred(client: Client, day: date) -> Barred | None:
    """What of her intake stands in the way on a day of her clinic; None where nothing does."""
    if client.may_start_until is not None and day <= client.may_start_until:
        return None
    gone = [one for one in client.intake_missing if not one["until"] or one["until"] < str(day)]
    return Barred(
        codes=tuple(one["code"] for one in gone) or ("intake",),
        words=", ".join(dict.fromkeys(one["words"].lower() for one in gone)) or "intake",
    )


def why_not_prescribed(client: Client, day: date) -> str:
    """Why nothing new is prescribed for a client on a day, in words for staff; "" where it may be.

    A lock that nobody has released, or an intake that is not complete on that day.
    """
    lock = client.locks.open().order_by("pk").first()
    if lock is not None:
        why = lock.evidence.get("why") or lock.get_why_display().lower()
        return f"Locked: {why}. A named clinician releases {client.name} first."
    gone = barred(client, day)
    if gone is None:
        return ""
    return f"Intake of {client.name}: {gone.words}. Complete it first, then prescribe."


@transaction.atomic
def refresh(clients: Iterable[Client], *, now: datetime) -> int:
    """Work out anew what follows from the intake of clients of one clinic; how many changed.

    Their rows are held: two that work it out at once take turns, and the later sees all.
    """
    hers = {client.pk: client for client in clients}
    if not hers:
        return 0
    rows = Client.objects.select_for_update(no_key=True).filter(pk__in=hers).order_by("pk")
    known = {
        pk: (until, missing, level, due)
        for pk, until, missing, level, due in rows.values_list(
            "pk", "may_start_until", "intake_missing", "impact_cleared", "intake_due_on"
        )
    }
    clinic = Clinic.objects.get(pk=next(iter(hers.values())).clinic_id)
    today = now.astimezone(clinic.tz).date()
    found = _found(clinic, hers)
    changed = []
    for client in hers.values():
        intake = judge(
            screening=found.screened.get(client.pk),
            clearance=found.cleared.get(client.pk),
            consents=[_agreed(kind, found, client.pk) for kind in found.required],
            grace_until=known[client.pk][3],
            override_until=found.until.get(client.pk),
            override_level=found.levels.get(client.pk),
            today=today,
        )
        if _written(client, intake, known[client.pk][:3]):
            changed.append(client)
    Client.objects.bulk_update(
        changed, ["may_start_until", "intake_missing", "impact_cleared"], batch_size=500
    )
    return len(changed)


def begin(clients: Iterable[Client], *, clinic: Clinic, now: datetime) -> None:
    """Put on clients who are not written yet what follows from having no paper at all.

    The same as ``refresh`` would find, for as many as come by a file, worked out once.
    """
    found = _found(clinic, {})
    intake = judge(
        screening=None,
        clearance=None,
        consents=[_agreed(kind, found, 0) for kind in found.required],
        grace_until=None,
        override_until=None,
        override_level=None,
        today=now.astimezone(clinic.tz).date(),
    )
    for client in clients:
        _written(client, intake, ())


@dataclass(frozen=True, slots=True)
class _Found:
    screened: Mapping[int, Screened]
    cleared: Mapping[int, Cleared]
    signed: Mapping[tuple[int, str], Consent]
    texts: Mapping[str, list[ConsentText]]
    required: Collection[str]
    until: Mapping[int, date]
    levels: Mapping[int, int]


def _found(clinic: Clinic, hers: Collection[int]) -> _Found:
    texts: dict[str, list[ConsentText]] = {}
    for text in ConsentText.objects.filter(clinic=clinic).defer("body").order_by("version"):
        texts.setdefault(text.kind, []).append(text)
    asked = [kind for kind, versions in texts.items() if versions[-1].required]
    newest: dict[int, Screening] = {}
    for screening in Screening.objects.confirmed().filter(client__in=hers).order_by("pk"):
        newest[screening.client_id] = screening
    overrides = ImpactOverride.objects.filter(client__in=hers, ended_at=None)
    return _Found(
        screened={pk: _screened(one) for pk, one in newest.items()},
        cleared={
            one.client_id: Cleared(
                one.impact_level, one.expires_on, frozenset(one.covers), _has_letter(one)
            )
            for one in Clearance.objects.filter(client__in=hers)
            .select_related("document")
            .order_by("pk")
        },
        signed={
            (one.client_id, one.text.kind): one
            for one in Consent.objects.filter(client__in=hers, withdrawn_at=None)
            .select_related("text")
            .order_by("text__version", "pk")
        },
        texts=texts,
        required=sorted({*ALWAYS_REQUIRED, *asked}),
        until={
            one.client_id: one.until
            for one in IntakeOverride.objects.filter(client__in=hers, ended_at=None)
        },
        levels={
            one.client_id: one.level
            for one in overrides
            if one.client_id in newest and newest[one.client_id].pk == one.screening_id
        },
    )


def _screened(screening: Screening) -> Screened:
    letters = [one["rule"] for one in screening.findings if one["tier"] == Screening.Tier.LETTER]
    return Screened(
        screening.tier, screening.good_until, frozenset(letters), screening.impact_allowed or 0
    )


def _has_letter(clearance: Clearance) -> bool:
    """A letter that was hidden, because it was a wrong one, answers for nothing."""
    return clearance.document is not None and clearance.document.removed_at is None


def _agreed(kind: str, found: _Found, client: int) -> Agreed:
    """What was signed holds until the first version after it is due; where none is, for ever."""
    versions, signed = found.texts.get(kind, []), found.signed.get((client, kind))
    title = versions[-1].title if versions else str(ConsentText.Kind(kind).label)
    if signed is None:
        return Agreed(title, _time_to_sign(versions))
    later = [text.due_on for text in versions if text.version > signed.text.version]
    return Agreed(title, min((day for day in later if day), default=date.max))


def _time_to_sign(versions: Sequence[ConsentText]) -> date | None:
    """A text that was not required before is due on the day that its publication gave."""
    became = [
        after for before, after in pairwise(versions) if after.required and not before.required
    ]
    return became[-1].due_on if became else None


def _written(client: Client, intake: Intake, known: tuple[Any, ...]) -> bool:
    """Put it on the client; False where it stood in her row already."""
    missing: list[dict[str, Any]] = [
        {"code": need.code, "words": need.words, "until": need.until and str(need.until)}
        for need in intake.missing
    ]
    new = (intake.may_start_until, missing, intake.impact_cleared)
    client.may_start_until, client.intake_missing, client.impact_cleared = new
    return new != known


def refresh_clinic(clinic: Clinic, *, now: datetime) -> int:
    """``refresh`` for everybody of a clinic, some hundred at a time."""
    changed, last = 0, 0
    while True:
        clients = list(Client.objects.filter(clinic=clinic, pk__gt=last).order_by("pk")[:BATCH])
        if not clients:
            return changed
        changed += refresh(clients, now=now)
        last = clients[-1].pk
