"""Signing the notes of visits: each signature is a further version, and no version is changed.

A therapist signs what she has read. Where the log, or the note, has changed since her page was
drawn, nothing is signed, what she typed is kept, and she is told.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import groupby

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from bonefit.acting import because
from bonefit.clinics.credentials import cannot_sign
from bonefit.clinics.models import Membership

from . import facts
from .models import Operation, SessionNote, Visit
from .note_facts import drafts_of
from .notes import PARTS, Draft, seal
from .signed import open_until, read_why

LONGEST_PART = 4000
#: What says otherwise what a note was drafted from.
_FACTS = (
    Operation.Kind.LOG_SET,
    Operation.Kind.CORRECT_SET,
    Operation.Kind.CONFIRM_SET,
    Operation.Kind.VOID_SET,
    Operation.Kind.ANSWER,
)


@dataclass(slots=True)
class Page:
    """One note as a therapist reads and signs it: the draft, the versions, what she has typed."""

    visit: Visit
    draft: Draft
    versions: list[SessionNote]  # the newest first
    changed: bool  # the log, after the newest version was signed
    now: datetime
    assessment: str = ""
    plan: str = ""
    reason: str = ""
    errors: dict[str, str] = field(default_factory=dict)
    told: str = ""  # why it was not signed
    typed: bool = False  # something of it was changed by hand

    @property
    def newest(self) -> SessionNote | None:
        return self.versions[0] if self.versions else None

    @property
    def version(self) -> int:
        return self.newest.version if self.newest else 0

    @property
    def next_version(self) -> int:
        return self.version + 1

    @property
    def earlier(self) -> list[SessionNote]:
        return self.versions[1:]

    @property
    def open_until(self) -> datetime | None:
        """Until when it can be signed again without a reason."""
        if not self.versions:
            return None
        return open_until(self.versions[-1].signed_at, self.visit.clinic)

    @property
    def needs_reason(self) -> bool:
        return self.open_until is not None and self.now > self.open_until

    @property
    def due(self) -> bool:
        return self.visit.took_place and not self.versions

    @property
    def to_write(self) -> bool:
        """Whether it is drawn as a form beside the others of its class."""
        return self.due or bool(self.errors) or (bool(self.told) and self.typed)

    # --- what is offered to begin with: the draft, or what the newest version says ------------

    @property
    def offered(self) -> tuple[str, str]:
        """Assessment and plan as they are drawn where nobody has typed."""
        one = self.newest or self.draft
        return one.assessment, one.plan

    @property
    def drawn_assessment(self) -> str:
        """A mark of what was offered, so that what is left alone is known as such."""
        return seal(self.offered[0])

    @property
    def drawn_plan(self) -> str:
        return seal(self.offered[1])

    @property
    def drafted(self) -> list[str]:
        """The parts that are as the rules write them now."""
        parts = (self.draft.subjective, self.draft.objective, self.assessment, self.plan)
        pairs = zip(PARTS, parts, strict=True)
        return [name for name, text in pairs if text == getattr(self.draft, name)]

    def take(self, said: Said) -> None:
        """What was typed stays; what was left as it was drawn follows what is offered now."""
        self.reason = said.reason
        self.typed = said.assessment is not None or said.plan is not None
        if said.assessment is not None:
            self.assessment = said.assessment
        if said.plan is not None:
            self.plan = said.plan


@dataclass(frozen=True, slots=True)
class Said:
    """What comes from the page: what was read, as a version and a seal, and what was typed.

    None is a part that was left as it was drawn.
    """

    uid: uuid.UUID
    version: int
    seal: str
    assessment: str | None
    plan: str | None
    reason: str = ""


def pages_of(visits: Sequence[Visit], *, member: Membership, now: datetime) -> list[Page]:
    """The notes of visits of ``floor_of``, each with its draft and its versions."""
    drafts = drafts_of(visits, member=member, now=now)
    versions: dict[int, list[SessionNote]] = {visit.pk: [] for visit in visits}
    rows = SessionNote.objects.filter(visit__in=visits).select_related("signed_by__user")
    for note in rows.order_by("-version"):
        versions[note.visit_id].append(note)
    last_change = _last_changes(visits)
    pages = []
    for visit in visits:
        mine, one = versions[visit.pk], drafts[visit.pk]
        later = last_change.get(visit.pk)
        page = Page(visit, one, mine, bool(mine and later and later > mine[0].signed_at), now)
        page.assessment, page.plan = page.offered
        pages.append(page)
    return pages


def floor_of(member: Membership) -> QuerySet[Visit]:
    """Visits that the member may see, with what a note of them is drafted from."""
    return facts.on_the_floor(member).select_related("slot", "enrollment")


def _last_changes(visits: Iterable[Visit]) -> dict[int, datetime]:
    """For each visit when something was last said of its sets or its answers."""
    rows = Operation.objects.filter(visit__in=list(visits), kind__in=_FACTS)
    # In the order of the log: the last row of a visit is the one that stays.
    return dict(rows.order_by("id").values_list("visit_id", "received_at"))


def sign(
    said: Sequence[Said],
    *,
    by: Membership,
    now: datetime | None = None,
    at: Callable[[Visit], datetime] | None = None,
) -> dict[uuid.UUID, Page]:
    """Sign notes, each that can be; the pages of all of them by the visit's uid.

    A page with ``errors`` or ``told`` was not signed. Two who sign the same note wait for each
    other here, and the second is told. ``at`` is when a note was signed, where that is not now.
    """
    if not by.is_active or not by.supervises:
        raise PermissionDenied
    now = now or timezone.now()
    asked = {one.uid: one for one in said}
    with transaction.atomic():
        locked = floor_of(by).filter(uid__in=asked).select_for_update(of=("self",))
        pages = pages_of(list(locked.order_by("pk")), member=by, now=now)
        refusal = cannot_sign(by, today=now.astimezone(by.clinic.tz).date())
        fresh = []
        for page in pages:
            note = _read(page, asked[page.visit.uid], by=by, refusal=refusal)
            if note is not None:
                note.signed_at = at(page.visit) if at else now
                fresh.append((page, note))
        notes = sorted((note for _, note in fresh), key=lambda note: note.reason)
        for reason, together in groupby(notes, key=lambda note: note.reason):
            with because(reason):
                SessionNote.objects.bulk_create(list(together))
    for page, note in fresh:
        page.versions.insert(0, note)
        page.changed = False
    return {page.visit.uid: page for page in pages}


def _read(page: Page, said: Said, *, by: Membership, refusal: str) -> SessionNote | None:
    """The version that is to be written; None where the page says why there is none."""
    page.take(said)
    page.told = refusal or _not_now(page, said)
    if page.told:
        return None
    page.errors = _wrong(page)
    if page.errors:
        return None
    return SessionNote(
        clinic_id=page.visit.clinic_id,
        visit=page.visit,
        version=page.next_version,
        subjective=page.draft.subjective,
        objective=page.draft.objective,
        assessment=page.assessment,
        plan=page.plan,
        drafted=page.drafted,
        reason=page.reason if page.needs_reason else "",
        signed_by=by,
    )


def _not_now(page: Page, said: Said) -> str:
    if not page.visit.took_place:
        return "The visit is not signed yet. Complete it first, then its note."
    newest = page.newest
    if newest is not None and newest.version != said.version:
        at = newest.signed_at.astimezone(page.visit.clinic.tz)
        kept = " What you typed is kept; nothing of it is signed." if page.typed else ""
        who = newest.signed_by.user.name
        return f"{who} signed this note at {at:%H:%M}, while this page was open.{kept}"
    if page.draft.seal != said.seal:
        return "The log has changed since this page was drawn. Read it again, then sign."
    return ""


def _wrong(page: Page) -> dict[str, str]:
    wrong = {}
    for name, words in (("assessment", "how it went"), ("plan", "what is next")):
        text = getattr(page, name)
        if not text.strip():
            wrong[name] = f"Write {words}, in one line at least."
        elif len(text) > LONGEST_PART:
            wrong[name] = f"At most {LONGEST_PART} characters; these are {len(text)}."
    if page.needs_reason:
        page.reason, refusal = read_why(page.reason, needed=True)
        if refusal:
            wrong["reason"] = refusal
    return wrong


def sign_as_drafted(
    visits: Sequence[Visit],
    *,
    by: Membership,
    now: datetime,
    at: Callable[[Visit], datetime] | None = None,
) -> Mapping[uuid.UUID, Page]:
    """Sign the notes of visits as the rules write them, without changing a word."""
    drafts = drafts_of(visits, member=by, now=now)
    said = [Said(visit.uid, 0, drafts[visit.pk].seal, None, None) for visit in visits]
    return sign(said, by=by, now=now, at=at)
