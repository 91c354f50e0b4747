"""Answers of somebody with nothing to find, and how to read and judge them."""

from __future__ import annotations

from datetime import date
from typing import Any

from bonefit.clients.eligibility import Eligibility, judge_answers
from bonefit.clients.questionnaires import questionnaire, read
from bonefit.demo.intakes import WELL
from programs.rules import Rules

__all__ = ["WELL", "judged", "rules_found"]

TODAY = date(2026, 3, 5)
BORN = date(1958, 4, 2)


def judged(
    *, born_on: date = BORN, sex: str = "female", rules: Rules | None = None, **answers: Any
) -> Eligibility:
    """What follows when these answers stand in place of those of somebody well."""
    said = {
        "fracture_where": "wrist",
        **WELL,
        **{key: str(value) for key, value in answers.items()},
    }
    values, problems = read(questionnaire(), said, today=TODAY)
    assert not problems, problems
    return judge_answers(values, rules or Rules(), born_on=born_on, sex=sex, today=TODAY)


def rules_found(found: Eligibility) -> dict[str, str]:
    """The tier of each rule that found something."""
    return {one.rule: one.tier for one in found.findings}
