"""Versioned questionnaires: the questions are data, and an old version stays readable.

Standard library only. Answers are kept as they were typed; ``read`` says what they mean, or what is
wrong with them.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from functools import cache
from pathlib import Path
from typing import Any

#: What is asked today.
CURRENT = "hirit-1"
UNSURE = "unsure"
YES_NO = (("yes", "Yes"), ("no", "No"), (UNSURE, "Not sure"))
UNANSWERED = "This has no answer yet."

#: Longer than this is a letter, no answer; in characters.
LONGEST = 2000
#: How people write that they are not sure, where a number or a month is asked for.
_NOT_SURE = ("unsure", "not sure", "?", "don't know", "don’t know", "do not know", "not known")

#: What an answer means: yes, no, unsure or a choice as text; a number; the first day of a month.
Value = str | Decimal | date


@dataclass(frozen=True, slots=True)
class Question:
    """One question. ``ask`` is for the therapist, ``client`` for the client to read herself.

    ``stricter``: the end of its answers that asks for more care: yes, no, high, low, late, order
    (of its choices) or "" where they cannot be set against each other. ``show_if``: another
    question and its answer. ``by``: "therapist" where the client is not asked.
    """

    key: str
    kind: str
    ask: str
    client: str
    required: bool
    stricter: str
    unit: str = ""
    low: int = 0
    high: int = 0
    decimals: int = 0
    unsure: bool = False
    help: str = ""
    choices: tuple[tuple[str, str], ...] = ()
    client_choices: tuple[tuple[str, str], ...] = ()
    ranks: tuple[int, ...] = ()
    show_if: tuple[str, str] | None = None
    by: str = ""


@dataclass(frozen=True, slots=True)
class Section:
    """Questions that stand on one page of the client's."""

    key: str
    title: str
    client: str
    questions: tuple[Question, ...]


@dataclass(frozen=True, slots=True)
class Questionnaire:
    """One version of the questions."""

    id: str
    title: str
    sections: tuple[Section, ...]

    def questions(self) -> Iterator[Question]:
        """All of them, in their order."""
        for section in self.sections:
            yield from section.questions

    def asked(self, answers: Mapping[str, str]) -> list[Question]:
        """Those that are asked after these answers: what does not apply is left out."""
        return [
            one
            for one in self.questions()
            if one.show_if is None or answers.get(one.show_if[0]) == one.show_if[1]
        ]


@cache
def questionnaire(name: str = CURRENT) -> Questionnaire:
    """A version by its name, as hirit-1; LookupError where there is none of that name."""
    if not re.fullmatch(r"[a-z]+-[0-9]+", name):
        raise LookupError(f"There is no questionnaire {name!r}.")
    path = Path(__file__).with_name(f"{name}.json")
    if not path.is_file():
        raise LookupError(f"There is no questionnaire {name!r}.")
    data = json.loads(path.read_text("utf-8"))
    sections = tuple(
        Section(
            one["key"], one["title"], one["client"], tuple(_question(q) for q in one["questions"])
        )
        for one in data["sections"]
    )
    return Questionnaire(name, data["title"], sections)


def _question(data: Mapping[str, Any]) -> Question:
    given = dict(data)
    choices: list[dict[str, str]] = given.pop("choices", [])
    show_if = given.pop("show_if", None)
    pairs = tuple((one["key"], one["words"]) for one in choices)
    hers = tuple((one["key"], one.get("client", one["words"])) for one in choices)
    yes_no = given["kind"] == "yesno"
    return Question(
        **given,
        choices=YES_NO if yes_no else pairs,
        client_choices=YES_NO if yes_no else hers,
        ranks=tuple(int(one["strict"]) for one in choices),
        show_if=tuple(show_if) if show_if else None,
    )


def read(
    asked: Questionnaire, answers: Mapping[str, str], *, today: date
) -> tuple[dict[str, Value], dict[str, str]]:
    """What the answers mean, and what is wrong with them, each by question.

    A question that is not asked after these answers is left out of both. A blank is never "no":
    where an answer is required it is a problem.
    """
    values: dict[str, Value] = {}
    problems: dict[str, str] = {}
    for question in asked.asked(answers):
        typed = answers.get(question.key, "").strip()
        if not typed:
            if question.required:
                problems[question.key] = UNANSWERED
            continue
        try:
            values[question.key] = _value(question, typed, today)
        except ValueError as error:
            problems[question.key] = str(error)
    return values, problems


def _value(question: Question, typed: str, today: date) -> Value:
    if question.kind == "text":
        return typed
    if typed.casefold().rstrip(".") in _NOT_SURE and (question.unsure or question.kind == "yesno"):
        return UNSURE
    if question.kind == "number":
        return _number(question, typed)
    if question.kind == "month":
        return _month(typed, today)
    if typed not in dict(question.choices):
        raise ValueError("Choose one of the answers.")
    return typed


def _number(question: Question, typed: str) -> Decimal:
    text = typed.replace(",", ".").replace("−", "-").removesuffix(question.unit).strip()
    try:
        number = Decimal(text)
    except InvalidOperation:
        raise ValueError(f"Write a number from {question.low} to {question.high}.") from None
    if not number.is_finite() or not question.low <= number <= question.high:
        raise ValueError(f"Write a number from {question.low} to {question.high}.")
    if number != round(number, question.decimals):
        places = "whole number" if question.decimals == 0 else "number with one decimal"
        raise ValueError(f"Write a {places}.")
    return number


_MONTH = re.compile(r"(?:(?P<m>\d{1,2})\s*[/.\-]\s*)?(?P<y>\d{4})")
_ISO_MONTH = re.compile(r"(?P<y>\d{4})-(?P<m>\d{1,2})")


def _month(typed: str, today: date) -> date:
    """ "3/2025", "03.2025", "2025-03", or a year alone, which counts as its last month."""
    found = _ISO_MONTH.fullmatch(typed) or _MONTH.fullmatch(typed)
    if found is None:
        raise ValueError("Write month and year, as 3/2025. The year alone will do.")
    year, month = int(found["y"]), int(found["m"] or 12)
    if not 1 <= month <= 12 or year < 1900:
        raise ValueError("Write month and year, as 3/2025. The year alone will do.")
    first = date(year, month, 1)
    if found["m"] is None:
        first = min(first, today.replace(day=1))
    if first > today or year > today.year:
        raise ValueError("That is still to come. Check the year.")
    return first
