"""The progress letter: drafted from figures, edited by people, signed once and kept as it is.

Two people may edit one draft: who saves onto a draft that has changed since is shown both texts,
and nothing is overwritten unseen. A signed letter is never changed; the next one is a new one.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import F

from bonefit.acting import because
from bonefit.clients.models import Client
from bonefit.clinics.access import Can
from bonefit.clinics.models import Membership
from programs.models import Enrollment

from .letter_figures import figures_of
from .letter_words import LONGEST, PARTS, drafts
from .models import ProgressLetter


class AlreadySigned(Exception):
    """A signed letter is not changed."""


class CannotSign(Exception):
    """The letter is not signed; the text says why, in words for the page."""


class Conflict(Exception):
    """The draft was saved by somebody else since it was read; ``letter`` is as it stands now."""

    def __init__(self, letter: ProgressLetter) -> None:
        super().__init__(str(letter))
        self.letter = letter


@dataclass(frozen=True, slots=True)
class Text:
    """What people write of a letter."""

    addressee: str
    address: str
    parts: Mapping[str, str]

    def problems(self) -> dict[str, str]:
        """A sentence for each field that cannot stand; the parts are named ``part-…``."""
        found = {}
        if not self.addressee.strip():
            found["addressee"] = "Write whom the letter is to."
        for name, most in (("addressee", 120), ("address", 300)):
            if len(getattr(self, name)) > most:
                found[name] = f"At most {most} characters."
        for key, _ in PARTS:
            size = len(self.parts.get(key, ""))
            if size > LONGEST:
                found[f"part-{key}"] = (
                    f"At most {LONGEST} characters, so that it stays a letter; this has {size}."
                )
        return found


@transaction.atomic
def draft(
    *,
    enrollment: Enrollment,
    first: date,
    last: date,
    by: Membership,
    now: datetime,
    addressee: str = "",
) -> ProgressLetter:
    """A new draft about these days, both included, with every part as the rules write it."""
    _may(by, enrollment.clinic_id)
    figures = figures_of(enrollment, first=first, last=last, by=by, now=now)
    return ProgressLetter.objects.create(
        clinic_id=by.clinic_id,
        client=enrollment.client,
        enrollment=enrollment,
        addressee=addressee,
        first_day=first,
        last_day=last,
        parts=drafts(figures),
        figures=figures,
        made_at=now,
        made_by=by,
    )


@transaction.atomic
def save(*, letter: ProgressLetter, text: Text, revision: int, by: Membership) -> ProgressLetter:
    """Keep what was typed onto the draft as it was read at ``revision``.

    Raises Conflict where it was saved since, AlreadySigned, ValueError for text that cannot stand.
    The same text again changes nothing.
    """
    held = held_for(letter, by)
    if text.problems():
        raise ValueError("There is something wrong with the text.")
    parts = {key: _tidy(text.parts.get(key, "")) for key, _ in PARTS}
    addressee, address = text.addressee.strip(), _tidy(text.address)
    if (held.addressee, held.address, held.parts) == (addressee, address, parts):
        return held
    if held.revision != revision:
        raise Conflict(held)
    held.addressee, held.address, held.parts = addressee, address, parts
    held.revision += 1
    held.save(update_fields=["addressee", "address", "parts", "revision"])
    return held


@transaction.atomic
def renew(*, letter: ProgressLetter, by: Membership, now: datetime) -> ProgressLetter:
    """Count the figures anew. Parts that stand as a rule wrote them are written anew with them."""
    held = held_for(letter, by)
    before = drafts(held.figures)
    enrollment = Enrollment.objects.select_related("client").get(pk=held.enrollment_id)
    held.figures = figures_of(enrollment, first=held.first_day, last=held.last_day, by=by, now=now)
    written = drafts(held.figures)
    held.parts = {
        key: written[key]
        if _tidy(held.parts.get(key, "")) == _tidy(before[key])
        else held.parts[key]
        for key, _ in PARTS
    }
    held.revision += 1
    held.save(update_fields=["figures", "parts", "revision"])
    return held


@because("The letter is dropped, unsigned")
@transaction.atomic
def drop(*, letter: ProgressLetter, by: Membership, now: datetime) -> None:
    """Put a draft away; it is shown no more."""
    held = held_for(letter, by)
    held.dropped_at = now
    held.save(update_fields=["dropped_at"])


def held_for(letter: ProgressLetter, by: Membership) -> ProgressLetter:
    """The draft, locked until the transaction ends; AlreadySigned where it is none any more."""
    _may(by, letter.clinic_id)
    held = ProgressLetter.objects.select_for_update(of=("self",)).get(pk=letter.pk)
    if held.signed_at is not None or held.dropped_at is not None:
        raise AlreadySigned
    return held


def _may(by: Membership, clinic_id: int) -> None:
    if not by.is_active or by.clinic_id != clinic_id or Can.PRESCRIBE not in by.can:
        raise PermissionDenied


def _tidy(text: str) -> str:
    """One kind of line ending and nothing around it, as a browser may send it."""
    return text.replace("\r\n", "\n").replace("\x00", "").strip()


def enrollment_of(client: Client) -> Enrollment | None:
    """The enrollment that a letter is about: the one that goes on, else the newest."""
    return (
        Enrollment.objects.filter(client=client)
        .select_related("client")
        .order_by(F("ended_on").desc(nulls_first=True), "-pk")
        .first()
    )
