"""What the intake page shows: what is there, what is missing, and the page that settles it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from bonefit.clinics.models import Clinic

from .intake import ALWAYS_REQUIRED
from .models import (
    Clearance,
    Client,
    Consent,
    ConsentText,
    ImpactOverride,
    IntakeOverride,
    Screening,
)

#: State of a line: a mark, and the word beside it.
THERE, SOON, MISSING, STOP = "tick", "hold", "late", "stop"


@dataclass(frozen=True, slots=True)
class Line:
    """One thing that has to be there. ``route`` and ``args`` lead to where it is done."""

    title: str
    mark: str
    state: str
    detail: str
    until: date | None
    action: str
    route: str
    args: tuple[object, ...] = ()


@dataclass(frozen=True, slots=True)
class Letter:
    """A doctor's letter that the screening asks for."""

    source: str
    about: str
    there: bool


@dataclass(frozen=True, slots=True)
class Checklist:
    """An intake as it stands on a day."""

    lines: tuple[Line, ...]
    letters: tuple[Letter, ...]
    screening: Screening | None
    clearance: Clearance | None
    may_start_until: date | None
    may_start: bool
    due_on: date | None
    starts_without: IntakeOverride | None
    past_starts: tuple[IntakeOverride, ...]
    landing: ImpactOverride | None
    past_landings: tuple[ImpactOverride, ...]
    cleared: int

    @property
    def allowed(self) -> int:
        """How high the screening and a standing override let her land at most."""
        found = self.screening.impact_allowed or 0 if self.screening else 0
        return max(found, self.landing.level) if self.landing else found

    @property
    def capped(self) -> bool:
        """Whether the clearance says more than is cleared."""
        return self.clearance is not None and self.clearance.impact_level > self.cleared

    @property
    def not_now(self) -> bool:
        return self.screening is not None and self.screening.tier == Screening.Tier.NOT_NOW


def checklist_of(client: Client, *, clinic: Clinic, today: date, warn_days: int) -> Checklist:
    """The checklist of one client, in eight queries. ``warn_days``: "runs out soon" from then."""
    screening = (
        Screening.objects.confirmed()
        .filter(client=client)
        .select_related("confirmed_by__user")
        .order_by("-pk")
        .first()
    )
    draft = Screening.objects.filter(client=client, status__in=OPEN).order_by("-pk").first()
    clearance = client.clearances.select_related("recorded_by__user").order_by("-pk").first()
    texts = {text.kind: text for text in ConsentText.objects.filter(clinic=clinic)}
    signed = {
        one.text.kind: one
        for one in Consent.objects.filter(client=client)
        .select_related("text", "explained_by__user")
        .order_by("pk")
    }
    landings = list(_of(ImpactOverride, client))
    starts = list(_of(IntakeOverride, client))
    until = _Until(client.intake_missing, today, warn_days)
    covers = frozenset(clearance.covers) if clearance and clearance.document_id else frozenset()
    last = client.may_start_until
    return Checklist(
        lines=(
            _screening_line(client, screening, draft, until),
            _clearance_line(client, clearance, until),
            *_consent_lines(client, texts, signed, until),
        ),
        letters=tuple(_letters(screening, covers)),
        screening=screening,
        clearance=clearance,
        may_start_until=None if last in (None, date.max) else last,
        may_start=last is not None and today <= last,
        due_on=client.intake_due_on,
        starts_without=next((one for one in starts if one.ended_at is None), None),
        past_starts=tuple(one for one in starts if one.ended_at is not None),
        landing=_standing_landing(landings, screening),
        past_landings=tuple(one for one in landings if one.ended_at is not None),
        cleared=client.impact_cleared,
    )


OPEN = (Screening.Status.DRAFT, Screening.Status.SENT, Screening.Status.ANSWERED)


def _of(model: Any, client: Client) -> Any:
    found = model.objects.filter(client=client)
    return found.select_related("recorded_by__user", "ended_by__user").order_by("-pk")


def _standing_landing(
    landings: Sequence[ImpactOverride], screening: Screening | None
) -> ImpactOverride | None:
    """The override that counts: it was made for the screening in force."""
    for one in landings:
        if one.ended_at is None and screening and one.screening_id == screening.pk:
            return one
    return None


class _Until:
    """State and last good day of a need, from what ``intake.refresh`` wrote on the client."""

    def __init__(
        self, missing: Iterable[Mapping[str, str | None]], today: date, warn_days: int
    ) -> None:
        self.missing = {(one["code"], one["words"]): one["until"] for one in missing}
        self.today, self.soon = today, today + timedelta(days=warn_days)

    def of(self, *codes: str, words: str = "") -> tuple[str, str, date | None]:
        """(mark, state, last good day) of the need with one of these codes."""
        for (code, said), until in self.missing.items():
            if code in codes and (not words or said == words):
                return self._state(until)
        return THERE, "there", None

    def _state(self, until: str | None) -> tuple[str, str, date | None]:
        if until is None:
            return MISSING, "missing", None
        day = date.fromisoformat(until)
        if day < self.today:
            return MISSING, "has run out", day
        return (SOON, "runs out soon", day) if day <= self.soon else (THERE, "there", day)


def _screening_line(
    client: Client, screening: Screening | None, draft: Screening | None, until: _Until
) -> Line:
    mark, state, day = until.of("screening", "not_now")
    if screening is not None and screening.tier == Screening.Tier.NOT_NOW:
        mark, state = STOP, "not now"
    detail = "No screening has been confirmed yet."
    if screening is not None and screening.confirmed_by and screening.confirmed_at:
        name, at = screening.confirmed_by.user.name, screening.confirmed_at
        detail = f"{screening.get_tier_display()}. Confirmed by {name} on {_day(at.date())}."
    if draft is not None:
        detail += f" A new one: {draft.get_status_display().lower()}."
        args = (client.pk, draft.pk)
        return Line(
            "Screening", mark, state, detail, day, "Go on with it", "clients:screening", args
        )
    action = "Screen" if screening is None else "Screen again"
    return Line(
        "Screening", mark, state, detail, day, action, "clients:screening-new", (client.pk,)
    )


def _clearance_line(client: Client, clearance: Clearance | None, until: _Until) -> Line:
    mark, state, day = until.of("clearance", "letter")
    detail = "Nobody has cleared her yet."
    if clearance is not None:
        detail = (
            f"By {clearance.cleared_by}, {_day(clearance.cleared_on)}, "
            f"for landings up to level {clearance.impact_level}."
        )
    return Line("Clearance", mark, state, detail, day, "Record", "clients:clear", (client.pk,))


def _consent_lines(
    client: Client,
    texts: Mapping[str, ConsentText],
    signed: Mapping[str, Consent],
    until: _Until,
) -> Iterable[Line]:
    wanted = {*ALWAYS_REQUIRED, *(kind for kind, text in texts.items() if text.required)}
    for kind in [kind for kind in ConsentText.Kind.values if kind in wanted]:
        text, one = texts.get(kind), signed.get(kind)
        title = text.title if text else str(ConsentText.Kind(kind).label)
        mark, state, day = until.of("consent", words=f"Consent: {title}")
        detail, action = "Not signed yet.", "Sign"
        if one is not None:
            action = "Sign again"
            detail = (
                f"Version {one.text.version}, explained by {one.explained_by.user.name} and "
                f"signed {_day(one.signed_on)}."
            )
            if one.withdrawn_at is not None:
                detail = f"Withdrawn {_day(one.withdrawn_at.date())}: {one.withdrawn_why}"
            elif text and one.text_id != text.pk:
                detail += f" There is a new version {text.version} to sign."
        yield Line(
            f"Consent: {title}",
            mark,
            state,
            detail,
            day,
            action,
            "clients:consent",
            (client.pk, kind),
        )


def _letters(screening: Screening | None, covers: frozenset[str]) -> Iterable[Letter]:
    for one in screening.findings if screening else ():
        if one["tier"] == Screening.Tier.LETTER:
            source = one.get("letter_from") or "A doctor"
            about = one.get("letter_for") or one.get("words", "")
            yield Letter(source, about, one["rule"] in covers)


def _day(day: date) -> str:
    return f"{day.day} {day:%B %Y}"
