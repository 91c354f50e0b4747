"""Stricter answers never give a looser tier, a higher landing or fewer cautions.

What stricter means stands with each question in the data. Only a few answers of somebody well are
changed at once: among fifty answers drawn at random one is always "not now", and nothing that a
single answer does could be seen.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from bonefit.clients.eligibility import Eligibility, judge_answers
from bonefit.clients.questionnaires import UNSURE, Question, questionnaire, read
from programs.rules import Rules

from .answers import BORN, TODAY, WELL

QUESTIONS = {one.key: one for one in questionnaire().questions() if one.kind != "text"}
ORDERED = [one for one in QUESTIONS.values() if one.stricter]
#: The mildest answers to what is asked only after another answer.
FURTHER = {
    "fracture_last": "2019-06",
    "fracture_where": "wrist, 2019",
    "fractures_low": "0",
    "steroid_mg": "0",
    "steroid_months": "0",
    "back_cause": "yes",
}
BIRTHS = st.sampled_from([BORN, date(1968, 3, 6), date(1985, 1, 1)])
SEXES = st.sampled_from(["female", "male", "other"])


def answers_of(question: Question) -> st.SearchStrategy[str]:
    """Answers from the mildest to the strictest, with those around the thresholds."""
    match question.kind:
        case "yesno" | "choice":
            return st.sampled_from(list(dict(question.choices)))
        case "month":
            months = st.dates(date(2019, 1, 1), date(2026, 3, 1)).map(lambda d: f"{d:%Y-%m}")
            return st.one_of(months, st.just(UNSURE))
    scale = 10**question.decimals
    low, high = question.low * scale, question.high * scale
    near = min(max(low, NEAR.get(question.key, 0) * scale), high)
    around = st.integers(max(low, near - 3 * scale), min(high, near + 6 * scale))
    numbers = st.one_of(st.integers(low, high), around).map(lambda n: str(Decimal(n) / scale))
    return st.one_of(numbers, st.just(UNSURE)) if question.unsure else numbers


#: Where the thresholds of the questions with a wide range are.
NEAR = {"bp_systolic": 180, "bp_diastolic": 110, "t_lumbar": -3, "t_neck": -3, "t_hip": -3}


def rank(question: Question, answer: str) -> Decimal:
    """How much care an answer asks for; "not sure" of a number has no place on its scale."""
    match question.stricter:
        case "yes" | "no":
            milder = "no" if question.stricter == "yes" else "yes"
            return Decimal((milder, UNSURE, question.stricter).index(answer))
        case "order":
            return Decimal(question.ranks[list(dict(question.choices)).index(answer)])
        case "late":
            return Decimal(answer.replace("-", ""))
    return -Decimal(answer) if question.stricter == "low" else Decimal(answer)


def judged(answers: dict[str, str], born_on: date = BORN, sex: str = "female") -> Eligibility:
    values, _ = read(questionnaire(), answers, today=TODAY)
    return judge_answers(values, Rules(), born_on=born_on, sex=sex, today=TODAY)


def no_looser(strict: Eligibility, loose: Eligibility) -> bool:
    return (
        strict.tier >= loose.tier
        and strict.impact_allowed <= loose.impact_allowed
        and strict.flexion_caution >= loose.flexion_caution
        and strict.load_caution >= loose.load_caution
    )


@st.composite
def nearly_well(draw: st.DrawFn) -> dict[str, str]:
    """Somebody well, of whom up to five answers are others."""
    changed = draw(st.lists(st.sampled_from(sorted(QUESTIONS)), max_size=5, unique=True))
    said = {key: draw(answers_of(QUESTIONS[key])) for key in changed}
    return {**FURTHER, **WELL, **said}


#: Answers on both sides of every threshold, where a question has more than a few.
STEPS: dict[str, tuple[str, ...]] = {
    "fracture_last": ("2019-06", "2025-02", "2025-03", "2025-11", "2025-12", "2026-03", UNSURE),
    "fractures_low": ("0", "1", "2", UNSURE),
    "falls_year": ("0", "1", "2", UNSURE),
    "height_lost": ("0", "4", "4.1", UNSURE),
    "t_lumbar": ("5", "-1", "-2.5", "-3.5"),
    "t_neck": ("5", "-1", "-2.5", "-3.5"),
    "t_hip": ("5", "-1", "-2.5", "-3.5"),
    "z_lowest": ("0", "-1.9", "-2"),
    "frax_major": ("19.9", "20"),
    "frax_hip": ("2.9", "3"),
    "frax_on": ("2026-01",),
    "steroid_mg": ("0", "4.9", "5", UNSURE),
    "steroid_months": ("0", "2", "3", UNSURE),
    "pain_now": ("0", "2", "3", "5", "6"),
    "bp_systolic": ("60", "180", "181", UNSURE),
    "bp_diastolic": ("30", "110", "111", UNSURE),
}


def steps(question: Question) -> tuple[str, ...]:
    if question.kind in ("yesno", "choice"):
        return tuple(dict(question.choices))
    return STEPS[question.key]


def test_no_second_answer_makes_a_stricter_one_looser():
    """Every question with an order, step by step, beside every answer to every other question."""
    for question in ORDERED:
        ladder = sorted(
            (one for one in steps(question) if question.choices or one != UNSURE),
            key=lambda one: rank(question, one),
        )
        for other in QUESTIONS.values():
            for beside in steps(other) if other is not question else ():
                base = {**FURTHER, **WELL, other.key: beside}
                found = [judged({**base, question.key: one}) for one in ladder]
                for loose, strict in pairwise(found):
                    assert no_looser(strict, loose), (question.key, other.key, beside)


@settings(max_examples=400, deadline=None)
@given(
    answers=nearly_well(),
    question=st.sampled_from(ORDERED),
    born_on=BIRTHS,
    sex=SEXES,
    data=st.data(),
)
def test_one_answer_made_stricter_never_loosens_what_follows(answers, question, born_on, sex, data):
    known = answers_of(question)
    if question.kind in ("number", "month"):
        known = known.filter(lambda one: one != UNSURE)
    two = sorted((data.draw(known), data.draw(known)), key=lambda one: rank(question, one))
    loose, strict = (judged({**answers, question.key: one}, born_on, sex) for one in two)
    assert no_looser(strict, loose), (question.key, two)


@settings(max_examples=200, deadline=None)
@given(answers=nearly_well(), born_on=BIRTHS, sex=SEXES, data=st.data())
def test_not_sure_of_a_number_is_never_looser_than_its_mildest_answer(answers, born_on, sex, data):
    unsure = [one for one in ORDERED if one.unsure and one.kind == "number"]
    question = data.draw(st.sampled_from(unsure))
    mildest = str(question.high if question.stricter == "low" else question.low)
    loose = judged({**answers, question.key: mildest}, born_on, sex)
    strict = judged({**answers, question.key: UNSURE}, born_on, sex)
    assert no_looser(strict, loose), question.key


@settings(max_examples=200, deadline=None)
@given(answers=nearly_well())
def test_an_answer_left_blank_is_a_problem_and_decides_nothing(answers):
    blank = dict.fromkeys(answers, "")
    values, problems = read(questionnaire(), blank, today=TODAY)
    asked = {one.key for one in questionnaire().asked(blank) if one.required}
    assert (values, set(problems)) == ({}, asked)
