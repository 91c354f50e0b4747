"""The note of a visit, drafted by rule from its log: subjective, objective, assessment, plan.

Values in, text out: nothing is asked of the database here. A draft says what was recorded and what
the engine asks for next; it promises nothing, and what nobody asked is said to be not asked. A
therapist reads it, changes it where it is wrong, and signs it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import astuple, dataclass
from itertools import groupby

from programs.progression import Target
from programs.setting import plain

from .models import SetEntry

PARTS = ("subjective", "objective", "assessment", "plan")


@dataclass(frozen=True, slots=True)
class Lifted:
    """One lift of the visit: what was asked, and the standing sets in their order."""

    title: str
    target: Target
    sets: tuple[SetEntry, ...]

    @property
    def impact(self) -> bool:
        return self.target.kind == "impact"

    @property
    def counts(self) -> str:
        """What a set of this lift counts: the name of the field."""
        if self.impact:
            return "landings"
        return "seconds" if self.target.reps is None and self.target.seconds else "reps"

    @property
    def asked(self) -> int:
        """How many of them a set asks for."""
        count: int | None = getattr(self.target, self.counts)
        return count or 0

    @property
    def as_prescribed(self) -> bool:
        """Every set that was asked for is there, with its count, at its load or its level."""
        return len(self.sets) >= self.target.sets > 0 and all(map(self._reached, self.sets))

    def _reached(self, one: SetEntry) -> bool:
        if (getattr(one, self.counts) or 0) < self.asked or one.to_confirm or one.disputed:
            return False
        if self.impact:
            return one.landing_level == self.target.level
        asked = one.prescribed_load
        return asked is None or (one.load is not None and one.load >= asked)


@dataclass(frozen=True, slots=True)
class Next:
    """What is asked for at the next visit of one lift."""

    title: str
    target: Target


@dataclass(frozen=True, slots=True)
class Known:
    """All that a note is drafted from, of one visit."""

    answers: Sequence[str]  # a line for each question of the arrival
    lifts: Sequence[Lifted]
    times: str
    phase: str
    cleared: int
    supervisors: Sequence[str]
    named: bool  # they were named on the floor; else they were planned there
    clients: int
    changes: Sequence[str]
    stops: Sequence[str]
    reports: Sequence[str]
    upcoming: Sequence[Next]
    next_visit: str

    @property
    def sets(self) -> Iterator[tuple[Lifted, SetEntry]]:
        return ((lifted, one) for lifted in self.lifts for one in lifted.sets)


@dataclass(frozen=True, slots=True)
class Draft:
    """The four parts as the rules write them, a line for each thing said."""

    subjective: str
    objective: str
    assessment: str
    plan: str

    @property
    def seal(self) -> str:
        """A short mark of this text: whether what was read is what would be signed."""
        return seal(*astuple(self))


def seal(*texts: str) -> str:
    """A short mark of some texts, the same for the same texts only."""
    return hashlib.sha256("\0".join(texts).encode()).hexdigest()[:16]


def draft(known: Known) -> Draft:
    """The note of a visit as far as rules can write it."""
    return Draft(
        *map(_text, (_subjective(known), _objective(known), _assessment(known), _plan(known)))
    )


def tidy(text: str) -> str:
    """As it was written, with one kind of line end and nothing behind a line."""
    lines = text.replace("\0", "").splitlines()
    return "\n".join(line.rstrip() for line in lines).strip("\n")


def _text(lines: Iterable[str]) -> str:
    return tidy("\n".join(lines))


# --- S: what the client said ----------------------------------------------------------------------


def _subjective(known: Known) -> Iterator[str]:
    yield from known.answers or ["Nothing was asked on arrival."]
    if not any(lifted.sets for lifted in known.lifts):
        return
    hurt = [(lifted, one) for lifted, one in known.sets if one.pain]
    for lifted, one in hurt:
        yield f"{lifted.title}, set {one.number}: {_pain(one)}."
    asked = [lifted.title for lifted, one in known.sets if one.pain is not None]
    silent = [one.title for one in known.lifts if one.sets and one.title not in asked]
    if asked and not hurt:
        yield f"No pain during {_listed(asked)}."
    if silent:
        yield f"Pain was not asked during {_listed(silent)}."
    efforts = [f"{lifted.title} {_range(lifted)}" for lifted in known.lifts if _rpe(lifted.sets)]
    if efforts:
        yield f"RPE: {', '.join(efforts)}."
    unasked = [
        one.title for one in known.lifts if one.sets and not one.impact and not _rpe(one.sets)
    ]
    if unasked:
        yield f"RPE was not asked for {_listed(unasked)}."


def _pain(one: SetEntry) -> str:
    words = f"pain {one.pain} of 10"
    if one.pain_site:
        words += f", {one.get_pain_site_display().lower()}"
    if one.pain_kind:
        words += f", {one.get_pain_kind_display().lower()}"
    return words


def _rpe(sets: Iterable[SetEntry]) -> list[int]:
    return [one.rpe for one in sets if one.rpe is not None]


def _range(lifted: Lifted) -> str:
    return _span(_rpe(lifted.sets))


def _span(numbers: Sequence[int]) -> str:
    low, high = min(numbers), max(numbers)
    return str(low) if low == high else f"{low} to {high}"


# --- O: what was seen -----------------------------------------------------------------------------


def _objective(known: Known) -> Iterator[str]:
    yield f"{known.times}. Phase: {known.phase}. Cleared for impact level {known.cleared}."
    yield _supervised(known)
    for lifted in known.lifts:
        yield _lifted(lifted)
    for lifted in known.lifts:
        if outside := [str(one.number) for one in lifted.sets if one.outside_clearance]:
            sets = "set" if len(outside) == 1 else "sets"
            yield f"Outside clearance: {lifted.title}, {sets} {_listed(outside)}."
    yield from known.changes
    yield from known.stops
    yield from known.reports


def _supervised(known: Known) -> str:
    who = _listed(known.supervisors) or "nobody by name"
    how = "On the floor" if known.named else "Planned on the floor"
    return f"{how}: {who}, supervisors to clients {len(known.supervisors)} to {known.clients}."


def _lifted(lifted: Lifted) -> str:
    if not lifted.sets:
        if not lifted.target.available:
            return f"{lifted.title}: not prescribed. {lifted.target.reason.line}"
        return f"{lifted.title}: not done. Asked for {asked_words(lifted.target)}."
    words = f"{lifted.title}: {', '.join(_groups(lifted))}."
    if lifted.target.available and not lifted.as_prescribed:
        words += f" Asked for {asked_words(lifted.target)}."
    return f"{words} {_technique(lifted.sets)}{_doubts(lifted.sets)}"


def _groups(lifted: Lifted) -> Iterator[str]:
    """Sets alike as one: "4 × 5 × 60 kg @ 15 to 16", "1 × 4 × 57.5 kg"."""

    def alike(one: SetEntry) -> tuple[object, ...]:
        return (
            one.load,
            getattr(one, lifted.counts),
            one.landing_level,
            one.tolerated,
            one.drop_cm,
        )

    for _, group in groupby(lifted.sets, key=alike):
        sets = list(group)
        yield _group(lifted, sets)


def _group(lifted: Lifted, sets: Sequence[SetEntry]) -> str:
    first = sets[0]
    count = getattr(first, lifted.counts)
    if lifted.impact:
        words = f"{len(sets)} × {count} landings at level {first.landing_level}"
        if first.drop_cm is not None:
            words += f" from {first.drop_cm} cm"
        felt = {True: ", tolerated", False: ", not tolerated", None: ""}
        return words + felt[first.tolerated]
    words = f"{len(sets)} × {count}{' s' if lifted.counts == 'seconds' else ''}"
    if first.load is not None:
        words += f" × {plain(first.load)} kg"
    efforts = _rpe(sets)
    return f"{words} @ {_span(efforts)}" if efforts else words


def _technique(sets: Sequence[SetEntry]) -> str:
    """What was seen, and of how many sets: what nobody noted is never a pass."""
    seen = [one.clean for one in sets if one.clean is not None]
    if not seen:
        return "Technique not noted."
    unclean = seen.count(False)
    words = f"not clean on {unclean}" if unclean else "clean"
    where = "every set" if len(seen) == len(sets) else f"{len(seen)} of {len(sets)} sets"
    return f"Technique {words}, noted on {where}."


def _doubts(sets: Iterable[SetEntry]) -> str:
    """Sets that a person still has to look at."""
    unsure = [str(one.number) for one in sets if one.to_confirm]
    twice = [str(one.number) for one in sets if one.disputed]
    words = f" Load not confirmed: set {_listed(unsure)}." if unsure else ""
    return words + (f" Recorded twice, not solved: set {_listed(twice)}." if twice else "")


def asked_words(target: Target) -> str:
    """What is asked for of one lift: "5 × 5 at 60 kg", "3 × 30 s", "5 × 5 landings at level 1"."""
    if target.kind == "impact":
        height = f" from {target.drop_cm} cm" if target.drop_cm else ""
        return f"{target.sets} × {target.landings} landings at level {target.level}{height}"
    if target.reps is None:
        words = f"{target.sets} × {target.seconds} s"
    else:
        top = f" to {target.reps_top}" if target.reps_top else ""
        words = f"{target.sets} × {target.reps}{top}"
    return words if target.load is None else f"{words} at {plain(target.load)} kg"


# --- A: how it went -------------------------------------------------------------------------------


def _assessment(known: Known) -> Iterator[str]:
    lifted = [one for one in known.lifts if one.sets]
    yield from (f"Ended early. {line}" for line in known.stops)
    if not lifted:
        yield "Nothing was lifted."
    yield from _how_it_went(known, lifted)
    bad = [
        f"{one.title} ({count} {'set' if count == 1 else 'sets'})"
        for one in lifted
        if (count := sum(entry.clean is False for entry in one.sets))
    ]
    if bad:
        yield f"Technique not clean: {', '.join(bad)}."
    hurt = [f"{one.title} {worst} of 10" for one in lifted if (worst := _worst(one))]
    if hurt:
        yield f"Pain during {', '.join(hurt)}."
    unliked = [one.title for one in lifted if any(e.tolerated is False for e in one.sets)]
    if unliked:
        yield f"Landings not tolerated: {_listed(unliked)}."
    if any(one.outside_clearance for _, one in known.sets):
        yield "Something was done outside the clearance: see above."
    held = [one.title for one in known.upcoming if one.target.reason.holding]
    if held and len(held) < len(known.upcoming):
        yield f"Held for next time: {_listed(held)}."
    elif held:
        yield "Every lift is held for next time."


def _how_it_went(known: Known, lifted: Sequence[Lifted]) -> Iterator[str]:
    full = [one for one in lifted if one.as_prescribed]
    asked = [one for one in known.lifts if one.target.available]
    if full and len(full) == len(asked):
        efforts = [rpe for one in full for rpe in _rpe(one.sets)]
        yield f"All as prescribed{f', at RPE {_span(efforts)}' if efforts else ''}."
    elif full:
        words = [f"{one.title}{f' at RPE {_range(one)}' if _rpe(one.sets) else ''}" for one in full]
        yield f"As prescribed: {', '.join(words)}."
    for one in known.lifts:
        if one.target.available and not one.as_prescribed:
            yield _short(one)


def _short(lifted: Lifted) -> str:
    """What was less than asked for, or otherwise: sets, their count, their load or level."""
    if not lifted.sets:
        return f"{lifted.title}: not done."
    target = lifted.target
    words = []
    if len(lifted.sets) < target.sets:
        words.append(f"{len(lifted.sets)} of {target.sets} sets")
    asked = lifted.asked * len(lifted.sets)
    done = sum(getattr(one, lifted.counts) or 0 for one in lifted.sets)
    if done < asked:
        words.append(f"{done} of {asked} {lifted.counts}")
    if any(_lighter(one) for one in lifted.sets):
        words.append("lighter than asked for")
    if lifted.impact and any(one.landing_level != target.level for one in lifted.sets):
        words.append("at another level than asked for")
    return f"{lifted.title}: {', '.join(words) or 'to be looked at again'}."


def _lighter(one: SetEntry) -> bool:
    return one.prescribed_load is not None and (one.load or 0) < one.prescribed_load


def _worst(lifted: Lifted) -> int:
    return max((one.pain or 0 for one in lifted.sets), default=0)


# --- P: what is next ------------------------------------------------------------------------------


def _plan(known: Known) -> Iterator[str]:
    closed = {one.target.reason.line for one in known.upcoming if not one.target.available}
    if known.upcoming and len(closed) == 1 and not any(n.target.available for n in known.upcoming):
        yield f"Nothing is prescribed. {closed.pop()}"
    else:
        for one in known.upcoming:
            asked = asked_words(one.target) if one.target.available else "not prescribed"
            yield f"{one.title}: {asked}. {one.target.reason.line}"
    yield known.next_visit


def _listed(words: Sequence[str]) -> str:
    """Each once, in their order: "a", "a and b", "a, b and c"."""
    once = list(dict.fromkeys(words))
    if len(once) < 2:
        return "".join(once)
    return f"{', '.join(once[:-1])} and {once[-1]}"
