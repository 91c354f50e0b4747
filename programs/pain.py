"""What pain asks for, by where it is, of what kind and how strong.

Standard library only. The zones 0-2, 3-5 and over 5 are for limbs (protocol sheet 6.5). The spine,
the ribs and the groin are no limbs: new or changed pain there, pain at night and pain that spreads
end all loading at any score, until a named clinician releases the client.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Self

from programs.rules import Rules

SPINAL = frozenset({"neck", "upper_back", "lower_back", "ribs", "groin"})
KNOWN = "known"
ALARMING = frozenset({"night", "radiating"})
#: After these somebody looks at the client again before she lifts, whatever the gap.
FALL = "fall"
RESCREENED_AFTER = (FALL, "illness", "hospital")
#: Asked whether there was one of them, and there was none. "" is that nobody asked.
NONE_OF_THEM = "none"
NEW_MEDICINE = "a new medicine, diagnosis or procedure"


class Verdict(StrEnum):
    """What one report of pain asks for, mildest first."""

    BLANK = "blank"  # not asked: never a pass
    PROCEED = "proceed"
    WHERE = "where"  # pain, and nobody said where: it raises nothing
    MODIFY = "modify"  # hold, and ask again at the next visit
    STOP = "stop"  # this exercise, today
    LOCK = "lock"  # everything, until a named clinician releases her


@dataclass(frozen=True, slots=True)
class Pain:
    """One report: the worst score 0 to 10, its site, and its kind (known, new, night, radiating).

    None and "" are what nobody said.
    """

    score: int | None = None
    site: str = ""
    kind: str = ""


NOT_ASKED = Pain()


def judge_pain(pain: Pain, rules: Rules) -> Verdict:
    """The verdict on one report. A score of 0 is no pain, whatever else was said."""
    if pain.score == 0:
        return Verdict.PROCEED
    if pain.score is None and not pain.site and not pain.kind:
        return Verdict.BLANK
    if pain.kind in ALARMING or (pain.site in SPINAL and pain.kind != KNOWN):
        return Verdict.LOCK
    score = pain.score or 0
    if score > rules.pain_stop_over:
        return Verdict.STOP
    if score >= rules.pain_hold_from or pain.site in SPINAL:
        return Verdict.MODIFY
    if not pain.site:
        return Verdict.WHERE
    return Verdict.BLANK if pain.score is None else Verdict.PROCEED


def rose(next_day: int | None, before: int | None, rules: Rules) -> bool:
    """Whether the worst pain after a visit was higher than before it by enough to step back.

    An unknown score before counts as 0: the rise is then not explained away.
    """
    return next_day is not None and next_day - (before or 0) >= rules.next_day_rise


def rising(scores: Sequence[int | None]) -> bool:
    """Whether the last three scores rise from each to the next (protocol sheet 6.5, F14)."""
    if len(scores) < 3:
        return False
    first, second, third = scores[-3:]
    if first is None or second is None or third is None:
        return False
    return first < second < third


@dataclass(frozen=True, slots=True)
class Answers:
    """What was asked on arrival: at most six questions. What nobody asked is None, or "".

    ``next_day`` is the worst pain since the last visit, ``now`` the pain on arrival. ``away`` is
    one of ``RESCREENED_AFTER``, or ``NONE_OF_THEM``. Since the last visit: a ``fracture``; a new
    ``medicine``, diagnosis or procedure. ``dizzy`` is today.
    """

    next_day: Pain = NOT_ASKED
    now: Pain = NOT_ASKED
    away: str = ""
    fracture: bool | None = None
    medicine: bool | None = None
    dizzy: bool | None = None

    @property
    def rescreen_after(self) -> str:
        """What somebody looks at the client again for, in words; empty where there is nothing."""
        after = self.away if self.away in RESCREENED_AFTER else ""
        if not self.medicine:
            return after
        return f"{after}, and {NEW_MEDICINE}" if after else NEW_MEDICINE

    def alarms(self, rules: Rules) -> str:
        """What ends all loading until a named clinician releases her, in words; empty for none."""
        for one in (self.next_day, self.now):
            if judge_pain(one, rules) is Verdict.LOCK:
                return "pain that ends all loading"
        if self.fracture:
            return "a new fracture"
        return "dizzy on arrival" if self.dizzy else ""

    @classmethod
    def from_json(cls, data: Mapping[str, Any] | None) -> Self:
        """From ``to_json``'s form, also an older one without the yes or no; None is not asked."""
        if not data:
            return cls()
        return cls(
            _pain(data.get("next_day")),
            _pain(data.get("now")),
            str(data.get("away", "")),
            *(data.get(name) for name in YES_OR_NO),
        )

    def to_json(self) -> dict[str, Any]:
        """As it is kept on the visit; a yes or no that nobody asked for is left out."""
        said = {name: getattr(self, name) for name in YES_OR_NO}
        return {
            "next_day": [self.next_day.score, self.next_day.site, self.next_day.kind],
            "now": [self.now.score, self.now.site, self.now.kind],
            "away": self.away,
            **{name: value for name, value in said.items() if value is not None},
        }


#: The questions that are answered with yes or no.
YES_OR_NO = ("fracture", "medicine", "dizzy")


def _pain(value: Sequence[Any] | None) -> Pain:
    return Pain(*value) if value else NOT_ASKED


def more_cautious(one: Answers, other: Answers, rules: Rules) -> Answers:
    """Of what two persons were told on one arrival the more cautious answer to each question.

    A yes wins over a no, and an answer over none: nothing that was said is made milder.
    """
    aways = (*RESCREENED_AFTER, NONE_OF_THEM, "")
    return Answers(
        max(one.next_day, other.next_day, key=lambda pain: _alarm_of(pain, rules)),
        max(one.now, other.now, key=lambda pain: _alarm_of(pain, rules)),
        min(one.away, other.away, key=aways.index),
        *(_yes_first(getattr(one, name), getattr(other, name)) for name in YES_OR_NO),
    )


def _alarm_of(pain: Pain, rules: Rules) -> tuple[int, int]:
    return list(Verdict).index(judge_pain(pain, rules)), -1 if pain.score is None else pain.score


def _yes_first(one: bool | None, other: bool | None) -> bool | None:
    if one is None or other is None:
        return other if one is None else one
    return one or other


NOTHING_ASKED = Answers()
#: Asked, and all is well: what a preview assumes.
ALL_WELL = Answers(Pain(0), Pain(0), NONE_OF_THEM, fracture=False, medicine=False, dizzy=False)
