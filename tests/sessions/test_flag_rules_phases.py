"""A phase behind the plan: at its threshold, one under, one over; and which phase it is."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pytest

from programs.rules import DEFAULT_RULES
from sessions.flags import BY_ID, Asked, Finding
from sessions.flags.phases import Followed, Phases, PhaseWeeks, Promoted, phase_lag

DAY = timedelta(days=1)
FIRST, SECOND_PHASE = PhaseWeeks("INTRO", "Learn", 1), PhaseWeeks("BUILD", "Build", 5)
LAST = PhaseWeeks("LOAD", "Lift heavy", 9)
BEGUN = date(2026, 3, 2)


def phases(day: date, *words: Promoted, **more: Any) -> Phases:
    at = datetime.combine(day, time(12), tzinfo=UTC)
    followed = (Followed(BEGUN, (FIRST, SECOND_PHASE, LAST)),)
    return Phases(BEGUN, followed, words, at, day, **more)


def lag(facts: Phases) -> list[Finding]:
    return list(phase_lag(facts, Asked(facts.now, facts.today, DEFAULT_RULES)))


def promoted(key: int, phase: str, day: date, revokes: int | None = None) -> Promoted:
    return Promoted(key, datetime.combine(day, time(9), tzinfo=UTC), phase, revokes)


@pytest.mark.parametrize(("late", "raised"), [(27, False), (28, False), (29, True), (30, True)])
def test_a_phase_is_behind_after_more_than_four_weeks(late: int, raised: bool):
    due = BEGUN + timedelta(weeks=4)  # week 5 begins
    flags = lag(phases(due + late * DAY))
    assert bool(flags) is raised
    if raised:
        assert flags[0].evidence["headline"] == "is still in Learn, 4 weeks behind the plan"
        assert flags[0].severity == "info"


def test_who_was_promoted_is_behind_the_phase_after_that_one():
    due = BEGUN + timedelta(weeks=8)
    word = promoted(1, "BUILD", BEGUN + timedelta(weeks=4))
    assert lag(phases(due + 28 * DAY, word)) == []
    (flag,) = lag(phases(due + 29 * DAY, word))
    assert (flag.evidence["phase"], flag.evidence["planned"]) == ("BUILD", "LOAD")
    assert lag(phases(due + 400 * DAY, promoted(1, "LOAD", due))) == []  # nothing comes after


def test_a_promotion_that_was_taken_back_or_is_yet_to_come_counts_not():
    day = BEGUN + timedelta(weeks=4, days=29)
    word = promoted(1, "BUILD", BEGUN)
    assert lag(phases(day, word)) == []
    assert lag(phases(day, word, promoted(2, "", BEGUN + DAY, revokes=1)))
    assert lag(phases(day, promoted(1, "BUILD", day + DAY)))
    noon = word._replace(at=phases(day).now)
    assert lag(phases(day, noon)) == []


def test_another_program_counts_from_its_first_day_on():
    day = BEGUN + timedelta(weeks=30)
    followed = (Followed(BEGUN, (FIRST,)), Followed(day, (FIRST, LAST)))
    assert lag(replace(phases(day - DAY), followed=followed)) == []
    assert lag(replace(phases(day), followed=followed))


def test_a_phase_that_the_program_has_not_is_the_first_one():
    day = BEGUN + timedelta(weeks=4, days=29)
    (flag,) = lag(phases(day, promoted(1, "HEAVY", BEGUN)))
    assert flag.evidence["phase"] == "INTRO"


def test_who_has_ended_is_behind_no_phase():
    day = BEGUN + timedelta(weeks=4, days=29)
    assert lag(phases(day, ended_on=day)) == []
    assert lag(phases(day, ended_on=day + DAY))


def test_a_phase_is_asked_about_again_on_the_day_on_which_it_is_behind():
    facts = phases(BEGUN + timedelta(weeks=5))
    again = facts.again(Asked(facts.now, facts.today, DEFAULT_RULES))
    assert again == BEGUN + timedelta(weeks=8, days=1)
    assert lag(phases(again))
    assert lag(phases(again - DAY)) == []
    after = phases(again)
    assert after.again(Asked(after.now, again, DEFAULT_RULES)) is None
    assert BY_ID["F24"].judge is phase_lag
