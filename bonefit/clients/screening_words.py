"""A screening as it is read: answers in words, and two answers that stand against each other."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from .models import Screening
from .questionnaires import Question, questionnaire
from .screening import Clash

BLANK = "no answer"


@dataclass(frozen=True, slots=True)
class Answered:
    """One section as it is read. ``lines``: question, answer, and what the client had answered
    herself where a therapist has changed it since ("" elsewhere)."""

    title: str
    lines: list[tuple[str, str, str]]


def answer_in_words(question: Question, typed: str) -> str:
    """ "Yes", "12 mg", or what was typed where it is none of the choices."""
    if not typed:
        return BLANK
    words = dict(question.choices).get(typed, typed)
    number = question.kind == "number" and question.unit and typed[-1:].isdigit()
    return f"{words} {question.unit}" if number else words


def answers_in_words(
    name: str, answers: Mapping[str, str], from_client: Mapping[str, str] | None = None
) -> list[Answered]:
    """Every question that was asked, section by section, with its answer.

    ``from_client``: the answers just as she sent them, where she sent any.
    """
    hers = answers if from_client is None else from_client
    asked = questionnaire(name)
    applies = {one.key for one in asked.asked(answers)}
    return [
        Answered(
            section.title,
            [
                (
                    one.ask,
                    answer_in_words(one, answers.get(one.key, "")),
                    _changed(one, answers.get(one.key, ""), hers.get(one.key, "")),
                )
                for one in section.questions
                if one.key in applies
            ],
        )
        for section in asked.sections
    ]


def _changed(question: Question, stands: str, hers: str) -> str:
    return "" if stands == hers else answer_in_words(question, hers)


def clash_in_words(screening: Screening, key: str, clash: Clash, tz: ZoneInfo) -> str:
    """What stands there instead, who wrote it and when; the page keeps what was typed."""
    question = next(
        one for one in questionnaire(screening.questionnaire).questions() if one.key == key
    )
    theirs = answer_in_words(question, clash.theirs)
    at = clash.at.astimezone(tz)
    return (
        f"{clash.by} wrote “{theirs}” here at {at:%H:%M}. Yours is not saved yet: "
        "save again to keep what you typed."
    )
