"""What of an intake is missing or will run out, and how high a client may land.

Standard library only: values in, values out. A need that is met holds until its last good day; one
that is not met holds for no day at all.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date

#: No end: later than any day that is asked about.
ALWAYS = date.max


@dataclass(frozen=True, slots=True)
class Screened:
    """The newest confirmed screening: its tier, its last good day, the rules that want a letter."""

    tier: str
    good_until: date | None
    letters: Collection[str] = ()
    impact_allowed: int = 0


@dataclass(frozen=True, slots=True)
class Cleared:
    """The newest clearance. ``covers``: rules of the screening that its letter answers for."""

    impact_level: int
    expires_on: date | None = None
    covers: Collection[str] = ()
    has_letter: bool = False


@dataclass(frozen=True, slots=True)
class Agreed:
    """One required consent: its title, the last day on which what was signed holds, if signed."""

    title: str
    holds_until: date | None


@dataclass(frozen=True, slots=True)
class Need:
    """One thing that has to be there. ``until`` is its last good day; None where it is missing."""

    code: str
    words: str
    until: date | None


@dataclass(frozen=True, slots=True)
class Intake:
    """What follows for a client: the last day on which she may lift, what is or will be missing."""

    may_start_until: date | None
    missing: tuple[Need, ...]
    impact_cleared: int


def judge(
    *,
    screening: Screened | None,
    clearance: Cleared | None,
    consents: Iterable[Agreed],
    grace_until: date | None = None,
    override_until: date | None = None,
    override_level: int | None = None,
    today: date,
) -> Intake:
    """Whether a client may be booked, checked in and asked to lift, and until when.

    ``grace_until``: enrolled before there was an intake. ``override_until``: a start without, on a
    named clinician's word; it never lifts "not now". Levels are 0 to 5.
    """
    needs = [_screening(screening), *_clearance(screening, clearance)]
    needs += [Need("consent", f"Consent: {one.title}", one.holds_until) for one in consents]
    until = min((need.until for need in needs), key=lambda day: day or date.min)
    stopped = screening is not None and screening.tier == "C"
    extra = [] if stopped else [day for day in (grace_until, override_until) if day]
    if extra and (until is None or until < max(extra)):
        until = max(extra)
    limited = tuple(need for need in needs if need.until != ALWAYS)
    level = clearance.impact_level if clearance else 0
    return Intake(
        until, limited, min(level, _ceiling(screening, override_level, grace_until, today))
    )


def _screening(screening: Screened | None) -> Need:
    if screening is None:
        return Need("screening", "Screening", None)
    if screening.tier == "C":
        return Need("not_now", "The screening says: not now", None)
    return Need("screening", "Screening", screening.good_until or ALWAYS)


def _clearance(screening: Screened | None, clearance: Cleared | None) -> Iterable[Need]:
    wanted = frozenset(screening.letters) if screening else frozenset()
    if clearance is None:
        return [Need("clearance", "Clearance", None)]
    code, words = ("letter", "Doctor’s letter") if wanted else ("clearance", "Clearance")
    if wanted and (not clearance.has_letter or not wanted <= frozenset(clearance.covers)):
        return [Need(code, words, None)]
    return [Need(code, words, clearance.expires_on or ALWAYS)]


def _ceiling(
    screening: Screened | None, override: int | None, grace_until: date | None, today: date
) -> int:
    """How high she may land at most: unscreened is level 0, heel raises and below."""
    if screening is None:
        return 5 if grace_until is not None and today <= grace_until else 0
    return max(screening.impact_allowed, override or 0)
