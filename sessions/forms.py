"""What is typed and tapped on the floor. ``entries.read_set`` says what is wrong with it.

Not Django's form classes: this fragment is drawn after every tap, and thirty radio widgets cost
more than all its queries together (docs/performance.md).
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.safestring import SafeString

from .board import Card
from .models import Operation, PainKind, SetEntry, Site
from .operations import BIGGEST_REVISION, Op, Result

EASIER = 5  # RPE picks begin this far below the effort asked for; 20 is always the last


@dataclass(frozen=True, slots=True)
class Pick:
    """One button of a row: a real radio button inside its label."""

    value: str
    label: str
    picked: bool


@dataclass(frozen=True, slots=True)
class Row:
    """A row of picks with its name, its words and what is wrong with it."""

    name: str
    legend: str
    help: str
    picks: tuple[Pick, ...]
    error: str
    may_be_blank: bool = True

    @property
    def html(self) -> SafeString:
        """The row as it is drawn. It says nothing of anyone, so a process draws it once."""
        return _drawn(self)


def picks_of(choices: Sequence[tuple[str, str]], now: str) -> tuple[Pick, ...]:
    """Picks of (value, words); the one that is chosen now is picked."""
    return tuple(Pick(value, label, value == now) for value, label in choices)


@dataclass(frozen=True, slots=True)
class Choice:
    """A list to choose from, its first line blank: what nobody said."""

    name: str
    label: str
    options: tuple[Pick, ...]
    error: str

    @classmethod
    def of(
        cls, name: str, label: str, choices: Sequence[tuple[str, str]], now: str, error: str
    ) -> Choice:
        """A list of (value, words) with what is chosen now."""
        return cls(name, label, picks_of((("", ""), *choices), now), error)

    @property
    def html(self) -> SafeString:
        """The list as it is drawn, once a process."""
        return _chosen(self)


@lru_cache(maxsize=1024)
def _chosen(choice: Choice) -> SafeString:
    return render_to_string("sessions/_choice.html", {"choice": choice})


@lru_cache(maxsize=1024)
def _drawn(row: Row) -> SafeString:
    return render_to_string("sessions/_picks.html", {"row": row})


@dataclass(slots=True)
class SetForm:
    """One set of one lift: the next one, or a correction of one that is there."""

    card: Card
    values: Mapping[str, str]
    op: uuid.UUID = field(default_factory=uuid.uuid4)
    entry: SetEntry | None = None
    errors: dict[str, str] = field(default_factory=dict)
    general: str = ""
    needs_why: bool = False  # the visit was signed a while ago: a change has its reason

    @classmethod
    def for_next(cls, card: Card) -> SetForm:
        """For the next set: the load is offered, nothing observed is preset."""
        offered, level = card.offer.load, card.target.level
        values = {
            "load": "" if offered is None else f"{offered.normalize():f}",
            "landings": _text(card.target.landings),
            "level": _text(level if card.target.available else None),
            "drop_cm": _text(card.target.drop_cm if card.target.available else None),
        }
        return cls(card, values)

    @classmethod
    def for_entry(cls, card: Card, entry: SetEntry) -> SetForm:
        """What a set says now, to be corrected."""
        technique = {True: "clean", False: "not_clean", None: ""}[entry.clean]
        values = {
            "load": "" if entry.load is None else f"{entry.load.normalize():f}",
            "reps": _text(entry.reps),
            "landings": _text(entry.landings),
            "level": _text(entry.landing_level),
            "rpe": _text(entry.rpe),
            "pain": _text(entry.pain),
            "technique": technique,
            "pain_site": entry.pain_site,
            "pain_kind": entry.pain_kind,
            "seconds": _text(entry.seconds),
            "tolerated": {True: "yes", False: "no", None: ""}[entry.tolerated],
            "drop_cm": _text(entry.drop_cm),
        }
        return cls(card, values, entry=entry)

    @classmethod
    def as_typed(cls, card: Card, data: Mapping[str, str], result: Result) -> SetForm:
        """What was typed, kept, with the reasons why it was refused beside the fields."""
        form = cls(card, {name: str(data.get(name, "")) for name in data})
        form.errors = dict(result.errors)
        form.general = "" if result.errors else result.reason
        return form

    @property
    def counted(self) -> str:
        """The reps, or the landings, as they stand in the field."""
        return self.values.get(self.card.counts, "")

    @property
    def count_error(self) -> str:
        return self.errors.get(self.card.counts, "")

    # --- rows of picks ------------------------------------------------------------------------

    @property
    def rpe(self) -> Row:
        easiest = max(6, (self.card.target.effort_low or 6) - EASIER)
        scale = [(str(n), str(n)) for n in range(easiest, 21)]
        return self._row("rpe", "RPE", "only if you asked. Blank stays blank", scale)

    @property
    def technique(self) -> Row:
        choices = [("clean", "Clean"), ("not_clean", "Not clean")]
        return self._row("technique", "Technique", "", choices)

    @property
    def tolerated(self) -> Row:
        choices = [("yes", "Tolerated"), ("no", "Not tolerated")]
        return self._row("tolerated", "Landings", "as she says", choices)

    @property
    def pain(self) -> Row:
        scale = [(str(n), str(n)) for n in range(11)]
        return self._row("pain", "Pain", "0 to 10, worst during the set", scale)

    @property
    def hurts(self) -> tuple[Choice, Choice]:
        """Where it hurt and what kind of pain it was, for a score above 0."""
        return (
            self._choice("pain_site", "Where it hurt", Site.choices),
            self._choice("pain_kind", "What kind of pain", PainKind.choices),
        )

    def _choice(self, name: str, label: str, choices: Sequence[tuple[str, str]]) -> Choice:
        return Choice.of(name, label, choices, self.values.get(name, ""), self.errors.get(name, ""))

    @property
    def level(self) -> Row:
        scale = [(str(n), str(n)) for n in range(6)]
        return self._row("level", "Landing level", "as it was done", scale, may_be_blank=False)

    def _row(
        self,
        name: str,
        legend: str,
        help: str,
        choices: Sequence[tuple[str, str]],
        *,
        may_be_blank: bool = True,
    ) -> Row:
        now = self.values.get(name, "")
        picks = picks_of(choices, now)
        return Row(name, legend, help, picks, self.errors.get(name, ""), may_be_blank)

    @property
    def others(self) -> list[int]:
        """Reps, seconds or landings other than those asked for: a tap records the set."""
        target = self.card.target
        if target.seconds and not self.card.impact:
            return [target.seconds * tenths // 10 for tenths in (8, 6, 4, 2)]
        asked = (target.landings if self.card.impact else target.reps) or 5
        more = range(target.reps_top or asked, asked, -1)
        return [*more, *range(min(asked, 6) - 1, 0, -1)]


def _text(value: int | None) -> str:
    return "" if value is None else str(value)


_TYPED = (
    "load",
    "unit",
    "reps",
    "seconds",
    "landings",
    "level",
    "rpe",
    "technique",
    "pain",
    "pain_site",
    "pain_kind",
    "tolerated",
    "drop_cm",
    "why",
)


def payload_of(data: Mapping[str, str]) -> dict[str, str]:
    """What was typed and tapped, as an operation carries it; a blank is left out.

    A tap on ``done`` says how many reps, seconds or landings, as the lift counts; 0 is a set that
    was tried and not lifted.
    """
    said = {name: str(data.get(name, "")).strip() for name in _TYPED}
    tapped = str(data.get("done", "")).strip()
    if tapped:
        said["reps"] = said["landings"] = said["seconds"] = tapped
    if tapped == "0" or data.get("tried"):
        said["tried"] = "1"
    return {name: value for name, value in said.items() if value}


def why_of(data: Mapping[str, str]) -> dict[str, str]:
    """The reason of an amendment that says nothing else, as an operation carries it."""
    why = str(data.get("why", "")).strip()
    return {"why": why} if why else {}


def operation(
    visit: uuid.UUID,
    kind: str,
    data: Mapping[str, str],
    *,
    payload: Mapping[str, Any] | None = None,
    entry: uuid.UUID | None = None,
) -> Op:
    """The operation behind one tap. Its id comes with the page, so that a tap sent twice is one."""
    return Op(
        uid=_uid(data.get("op")) or uuid.uuid4(),
        kind=kind,
        visit=visit,
        made_at=timezone.now(),
        entry=entry,
        base_revision=_revision(data.get("revision")),
        payload=payload or {},
    )


def log_operation(visit: uuid.UUID, lift: str, data: Mapping[str, str]) -> Op:
    """Log one set of a lift, as its form was sent."""
    payload = {"lift": lift, "number": data.get("number", ""), **payload_of(data)}
    return operation(visit, Operation.Kind.LOG_SET, data, payload=payload)


def _uid(text: str | None) -> uuid.UUID | None:
    try:
        return uuid.UUID(text or "")
    except ValueError:
        return None


def _revision(text: str | None) -> int | None:
    """One that is greater than any there is is still another than that of the set."""
    if not text or not text.isascii() or not text.isdigit():
        return None
    return min(int(text), BIGGEST_REVISION) if len(text) <= 10 else BIGGEST_REVISION
