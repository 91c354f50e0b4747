"""The questions on arrival: how the client was after the last visit, and how she is now.

Without an answer no load rises today: what nobody asked is never a pass.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from bonefit.typed import typed
from programs.pain import NONE_OF_THEM, RESCREENED_AFTER, YES_OR_NO, Answers, Pain

from .forms import Choice, Row, operation, picks_of
from .models import Operation, PainKind, Site, Visit
from .operations import Op, Result

FIELDS = (
    "next_day",
    "next_day_site",
    "next_day_kind",
    "now",
    "now_site",
    "now_kind",
    "away",
    *YES_OR_NO,
)
#: "Here, nothing new": asked, and the answer to each of the six is no.
NOTHING_NEW = {
    "next_day": "0",
    "now": "0",
    "away": NONE_OF_THEM,
    **dict.fromkeys(YES_OR_NO, "no"),
}
AWAY = (
    (NONE_OF_THEM, "None of these"),
    ("fall", "A fall"),
    ("illness", "An illness"),
    ("hospital", "Hospital"),
)
#: What counts as a fall, beside the question (ProFaNE: slips and trips are named).
FALL_TOO = "a fall is also a slip or trip that ended on the floor, the ground or a lower level"
#: The questions with yes or no: the words of each, what to add to them, and how a no is read.
YES_NO = {
    "fracture": ("A fracture since last time", "", "no fracture"),
    "medicine": (
        "Something new since last time",
        "medicine, diagnosis or procedure",
        "no new medicine, diagnosis or procedure",
    ),
    "dizzy": ("Dizzy or light-headed", "today", "not dizzy"),
}
_SCORES = tuple((str(score), str(score)) for score in range(11))


def arrival_operation(visit: Visit, data: Mapping[str, str]) -> Op:
    """The operation behind the form: a check-in, or an answer once she is checked in.

    ``well`` is the one tap that says that nothing is new; ``skip`` checks in and answers nothing.
    """
    payload = {name: str(data.get(name, "")).strip() for name in FIELDS}
    if data.get("well"):
        payload = dict(NOTHING_NEW)
    elif data.get("skip"):
        payload = {}
    kind = Operation.Kind
    here = visit.took_place or visit.status == Visit.Status.CHECKED_IN
    return operation(
        visit.uid,
        kind.ANSWER if here and not data.get("skip") else kind.CHECK_IN,
        data,
        payload={name: value for name, value in payload.items() if value},
    )


@dataclass(slots=True)
class ArrivalForm:
    """The questions, blank, as they were answered, or as they were typed with what is wrong."""

    first: bool  # nothing was lifted yet, so there is no next day to ask about
    values: Mapping[str, str] = field(default_factory=dict)
    errors: Mapping[str, str] = field(default_factory=dict)
    refused: str = ""  # why nothing of it was taken, where that is no matter of one field
    op: uuid.UUID = field(default_factory=uuid.uuid4)

    @classmethod
    def of(cls, visit: Visit, *, first: bool) -> ArrivalForm:
        """As it was answered, to be answered again."""
        said = Answers.from_json(visit.answers)
        values = {
            "next_day": _text(said.next_day.score),
            "next_day_site": said.next_day.site,
            "next_day_kind": said.next_day.kind,
            "now": _text(said.now.score),
            "now_site": said.now.site,
            "now_kind": said.now.kind,
            "away": said.away,
            **{name: _yes_no(getattr(said, name)) for name in YES_OR_NO},
        }
        return cls(first, values)

    @classmethod
    def as_typed(cls, data: Mapping[str, str], result: Result, *, first: bool) -> ArrivalForm:
        """What was typed, kept, with the reasons beside the fields."""
        values = {name: str(data.get(name, "")) for name in FIELDS}
        return cls(first, values, result.errors, "" if result.errors else result.reason)

    @property
    def wrong(self) -> bool:
        """Whether it came back, with what is wrong."""
        return bool(self.errors or self.refused)

    @property
    def questions(self) -> list[tuple[Row, Choice, Choice]]:
        """Each score with where and what kind, the first for a client who has lifted before."""
        asked = [] if self.first else [("next_day", "Worst pain since last time")]
        return [
            (self._scores(name, words), self._where(name), self._what(name))
            for name, words in (*asked, ("now", "Pain now"))
        ]

    @property
    def away(self) -> Row:
        choices = picks_of(AWAY, self.values.get("away", ""))
        return Row("away", "Since last time", FALL_TOO, choices, self.errors.get("away", ""))

    @property
    def yes_no(self) -> list[Row]:
        """The questions that are answered with one tap, yes or no; blank is not asked."""
        choices = (("no", "No"), ("yes", "Yes"))
        return [
            Row(
                name,
                words,
                more,
                picks_of(choices, self.values.get(name, "")),
                self.errors.get(name, ""),
            )
            for name, (words, more, _) in YES_NO.items()
        ]

    def _scores(self, name: str, words: str) -> Row:
        picks = picks_of(_SCORES, self.values.get(name, ""))
        return Row(name, words, "0 to 10", picks, self.errors.get(name, ""))

    def _where(self, name: str) -> Choice:
        return self._choice(f"{name}_site", "Where", Site.choices)

    def _what(self, name: str) -> Choice:
        return self._choice(f"{name}_kind", "What kind", PainKind.choices)

    def _choice(self, name: str, label: str, choices: Any) -> Choice:
        return Choice.of(name, label, choices, self.values.get(name, ""), self.errors.get(name, ""))


def answered(visit: Visit) -> list[str]:
    """What was answered, a line for each question; none where nothing was."""
    said = Answers.from_json(visit.answers)
    lines = [
        f"{words} {_report(pain)}"
        for words, pain in (("Worst pain since last time:", said.next_day), ("Pain now:", said.now))
        if pain.score is not None
    ]
    yes = [words for name, words in _FOUND.items() if getattr(said, name)]
    no = [YES_NO[name][2] for name in YES_OR_NO if getattr(said, name) is False]
    if said.away in RESCREENED_AFTER:
        yes.insert(0, said.away)
    elif said.away == NONE_OF_THEM:
        no.insert(0, "no fall, illness or hospital")
    return [*lines, *(f"{', '.join(some).capitalize()}." for some in (yes, no) if some)]


#: How a yes is read.
_FOUND = {
    "fracture": "a fracture since last time",
    "medicine": "a new medicine, diagnosis or procedure",
    "dizzy": "dizzy today",
}


def _report(pain: Pain) -> str:
    words = [str(pain.score)]
    if pain.site:
        words.append(Site(pain.site).label.lower())
    if pain.kind:
        words.append(PainKind(pain.kind).label.lower())
    return ", ".join(words) + "."


def _yes_no(value: bool | None) -> str:
    return {True: "yes", False: "no", None: ""}[value]


def _text(value: int | None) -> str:
    return "" if value is None else str(value)


#: What a release cannot be without, and how long it may be.
RELEASE_NEEDS = {
    "clinician": ("Write who released her, by name.", 120),
    "finding": ("Write what was found.", 400),
}


def read_release(data: Mapping[str, str]) -> dict[str, dict[str, str]]:
    """What was typed of a release, and a sentence for each field that is empty."""
    said = {name: typed(data, name)[:most] for name, (_, most) in RELEASE_NEEDS.items()}
    missing = {name: why for name, (why, _) in RELEASE_NEEDS.items() if not said[name]}
    return {"release": said, "release_errors": missing}
