"""Rules about the client herself: at their threshold, one under, one over."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal as D
from typing import Any

import pytest

from bonefit.clients.outcomes import Scan
from programs.rules import DEFAULT_RULES, Rules
from sessions.flags import BY_ID, Asked, Finding, reconcile
from sessions.flags.health import (
    Answered,
    Fell,
    IntakeFacts,
    LockHeld,
    PainFacts,
    SafetyFacts,
    SetOutside,
    VisitOutside,
    Worst,
)
from sessions.flags.measured import BoneFacts, ChecksFacts, HeightFacts, ScanSeries

NOW = datetime(2026, 3, 5, 2, 0, tzinfo=UTC)
START = date(2026, 1, 5)


def on(day: date, rules: Rules = DEFAULT_RULES) -> Asked:
    return Asked(datetime(day.year, day.month, day.day, 12, tzinfo=UTC), day, rules)


def says(rule: str, facts: Any, asked: Asked) -> list[Finding]:
    return list(BY_ID[rule].judge(facts, asked))


def severity(rule: str, facts: Any, asked: Asked) -> str | None:
    found = says(rule, facts, asked)
    assert len(found) <= 1
    return str(found[0].severity) if found else None


# --- F12, F13: what is due ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("day", "said"),
    [
        (START + timedelta(days=27), None),  # the last day of week 4
        (START + timedelta(days=28), "amber"),
        (START + timedelta(days=29), "amber"),
    ],
)
def test_a_first_scan_is_missing_from_the_day_after_week_four(day: date, said: str | None):
    assert severity("F12", ChecksFacts(START), on(day)) == said


@pytest.mark.parametrize(
    ("day", "said"),
    [
        (date(2027, 2, 8), None),
        (date(2027, 2, 9), "info"),
        (date(2027, 2, 10), "info"),
        (date(2027, 3, 8), "info"),
        (date(2027, 3, 9), "amber"),
        (date(2027, 3, 10), "amber"),
    ],
)
def test_a_scan_is_due_at_12_months_and_overdue_at_13(day: date, said: str | None):
    facts = ChecksFacts(START, scans=(date(2026, 2, 9), date(2025, 12, 1)))
    assert severity("F12", facts, on(day)) == said


def test_a_due_scan_keeps_its_key_until_it_is_overdue():
    facts = ChecksFacts(START, scans=(date(2026, 2, 9),))
    days = [date(2027, 2, 9), date(2027, 3, 8), date(2027, 3, 9), date(2028, 1, 1)]
    keys = [says("F12", facts, on(day))[0].key for day in days]
    assert keys[0] == keys[1] != keys[2] == keys[3]


@pytest.mark.parametrize(
    ("tests", "day", "said"),
    [
        ((), START + timedelta(days=27), None),
        ((), START + timedelta(days=28), "info"),
        ((START,), date(2026, 5, 4), None),
        ((START,), date(2026, 5, 5), "info"),
        ((START,), date(2026, 5, 6), "info"),
        ((START, date(2026, 4, 20)), date(2026, 5, 6), None),  # up to four weeks early is enough
    ],
)
def test_tests_are_due_every_four_months(tests: tuple[date, ...], day: date, said: str | None):
    assert severity("F13", ChecksFacts(START, tests=tests), on(day)) == said


def test_asked_again_on_the_very_day_on_which_something_is_due():
    facts = ChecksFacts(START, scans=(date(2026, 2, 9),), tests=(START,))
    assert facts.again(on(date(2026, 5, 1))) == date(2026, 5, 5)
    assert facts.again(on(date(2026, 5, 5))) == date(2026, 5, 6)
    assert facts.again(on(date(2027, 3, 9))) is None


def test_of_the_past_only_what_was_measured_by_then_is_known():
    facts = ChecksFacts(START, scans=(date(2026, 2, 9),))
    day = on(date(2026, 2, 8))
    assert severity("F12", facts.at(day), day) == "amber"
    later = on(date(2026, 2, 9))
    assert severity("F12", facts.at(later), later) is None


# --- F14: pain ------------------------------------------------------------------------------------


def answers(*scores: int | None, now: int | None = 0) -> PainFacts:
    return PainFacts(
        tuple(
            Answered(START + timedelta(days=3 * number), f"{number}" * 36, number, score, now)
            for number, score in enumerate(scores)
        )
    )


@pytest.mark.parametrize(
    ("scores", "said"),
    [
        ((2, 3, 4), "amber"),  # vector 8.29
        ((2, 3), None),
        ((2, 3, 3), None),
        ((3, 3, 4), None),
        ((2, 3, None, 4), "amber"),
        ((4, 3, 2), None),
        ((0, 1), None),
        ((0, 2), "amber"),  # a rise of two from one to the next
        ((0, 3), "amber"),
        ((3, 2, 4), "amber"),
        ((2,), None),  # nothing to rise from
        ((0, 2, 2), None),
        ((), None),
    ],
)
def test_pain_that_rises_is_amber(scores: tuple[int | None, ...], said: str | None):
    assert severity("F14", answers(*scores), on(date(2026, 3, 5))) == said


def test_pain_before_the_session_is_no_rise():
    assert severity("F14", answers(0, 2, now=1), on(date(2026, 3, 5))) is None
    assert severity("F14", answers(None, 2, now=None), on(date(2026, 3, 5))) == "amber"


@pytest.mark.parametrize(
    ("worst", "said"),
    [
        ((5,), None),
        ((6,), "red"),
        ((7,), "red"),
        ((None,), None),
        ((6, 5), None),
        ((6, None), None),
    ],
)
def test_strong_pain_in_the_last_attended_session_is_red(
    worst: tuple[int | None, ...], said: str | None
):
    attended = tuple(
        Worst(START + timedelta(days=number), f"{number}" * 36, number, score)
        for number, score in enumerate(worst)
    )
    assert severity("F14", PainFacts(attended=attended), on(date(2026, 3, 5))) == said


def test_strong_pain_comes_before_rising_pain_and_has_another_key():
    rising = answers(2, 3, 4)
    both = replace(rising, attended=(Worst(START, "9" * 36, 9, 6),))
    amber, red = (says("F14", facts, on(date(2026, 3, 5)))[0] for facts in (rising, both))
    assert (amber.severity, red.severity) == ("amber", "red")
    assert amber.key != red.key


def test_pain_is_asked_of_the_past_too():
    facts = answers(2, 3, 4, 1)
    asked = on(START + timedelta(days=6))
    assert severity("F14", facts.at(asked), asked) == "amber"
    assert severity("F14", facts, on(date(2026, 3, 5))) is None


# --- F15, F16, F23: locks, falls, outside clearance -----------------------------------------------


def lock(kind: str = "stop", fact: str = "visit 1", **more: Any) -> LockHeld:
    usual: dict[str, Any] = {"opened_at": NOW, "released_at": None, "visit": 7}
    return LockHeld(kind, fact, "a stop", at=NOW, **{**usual, **more})


def test_a_lock_is_red_while_it_is_open_and_a_fracture_stands_beside_it():
    facts = SafetyFacts(locks=(lock(), lock(fact="visit 2"), lock("fracture", "fall 3")))
    found = says("F15", facts, Asked(NOW, NOW.date(), DEFAULT_RULES))
    assert [(one.subject, one.key, one.severity) for one in found] == [
        ("", "F15.1|visit 1", "red"),
        ("fracture", "F16.1|fall 3", "red"),
    ]
    assert found[1].evidence["rule"] == "F16.1"


def test_a_released_lock_is_none():
    asked = Asked(NOW, NOW.date(), DEFAULT_RULES)
    for released, said in ((NOW, False), (NOW + timedelta(seconds=1), True)):
        assert bool(says("F15", SafetyFacts(locks=(lock(released_at=released),)), asked)) is said


@pytest.mark.parametrize(("ago", "said"), [(27, True), (28, False), (29, False)])
def test_a_fall_is_said_once_within_four_weeks_of_being_told(ago: int, said: bool):
    told = NOW - timedelta(days=ago)
    facts = SafetyFacts(falls=(Fell("visit|x", "said at a check-in", ("5 March",), NOW, told, 3),))
    found = says("F16", facts, Asked(NOW, NOW.date(), DEFAULT_RULES))
    assert [(one.subject, one.key) for one in found] == [("visit|x", "F16.1|visit|x")] * said
    assert BY_ID["F16"].once


def test_a_fall_that_was_taken_back_has_no_lines_and_is_not_said():
    facts = SafetyFacts(falls=(Fell("visit|x", "said at a check-in", (), NOW, NOW, 3),))
    assert says("F16", facts, Asked(NOW, NOW.date(), DEFAULT_RULES)) == []


@pytest.mark.parametrize(
    ("barred", "cleared", "headline"),
    [
        ("", 1, "landed at level 2, cleared for level 1"),
        ("", 2, "landed at level 2, above what she was cleared for"),
        ("locked", 2, "was loaded while locked"),
        ("intake", 2, "was loaded without a complete intake"),
    ],
)
def test_the_last_visit_outside_clearance_is_red(barred: str, cleared: int, headline: str):
    sets = (SetOutside(1, 2, barred),)
    visits = (VisitOutside("a", 1, NOW, sets), VisitOutside("b", 2, NOW, sets))
    facts = SafetyFacts(outside=visits, cleared=cleared, missing=("Screening",))
    (found,) = says("F23", facts, Asked(NOW, NOW.date(), DEFAULT_RULES))
    assert (found.key, found.severity, found.about) == ("F23.1|b|2", "red", {"visit_id": 2})
    assert found.evidence["headline"] == headline


# --- F17, F18: what was lost ----------------------------------------------------------------------


def heights(*cm: str) -> tuple[tuple[date, int], ...]:
    return tuple(
        (START + timedelta(days=number), int(D(one) * 10_000)) for number, one in enumerate(cm)
    )


@pytest.mark.parametrize(
    ("measured", "said"),
    [
        (("164.0", "162.1"), None),
        (("164.0", "162.0"), "amber"),
        (("164.0", "161.9"), "amber"),
        (("163.0", "164.0", "162.0"), "amber"),
        (("164.0", "162.0", "163.0"), None),  # a slip of the stadiometer
        (("164.0",), None),
        ((), None),
    ],
)
def test_height_lost_between_two_visits(measured: tuple[str, ...], said: str | None):
    assert severity("F17", HeightFacts(heights(*measured)), on(date(2026, 3, 5))) == said


@pytest.mark.parametrize(
    ("recalled", "measured", "said"),
    [
        ("3.9", (), None),
        ("4.0", (), "amber"),
        ("4.1", (), "amber"),
        ("3", ("164.0", "163.1"), None),
        ("3", ("164.0", "163.0"), "amber"),
    ],
)
def test_height_lost_since_youth(recalled: str, measured: tuple[str, ...], said: str | None):
    facts = HeightFacts(heights(*measured), (START, D(recalled)))
    assert severity("F17", facts, on(date(2026, 3, 5))) == said


def test_only_another_whole_centimetre_is_new_evidence():
    keys = [
        says("F17", HeightFacts(heights("164.0", *more)), on(date(2026, 3, 5)))[0].key
        for more in (("162.0",), ("162.0", "161.9"), ("162.0", "161.0"))
    ]
    assert keys[0] == keys[1] != keys[2]


def spine(*parts: int, lsc: int | None = 27_700, device: int = 1) -> BoneFacts:
    scans = tuple(
        (START + timedelta(days=365 * number), Scan(one, "lumbar", "", "L1-L4", device))
        for number, one in enumerate(parts)
    )
    lscs = () if lsc is None else ((1, lsc),)
    return BoneFacts((ScanSeries("lumbar_bmd", "Lumbar spine", scans, lscs),))


@pytest.mark.parametrize(
    ("facts", "said"),
    [
        (spine(8000, 7724), None),
        (spine(8000, 7723), "amber"),  # a change that equals the LSC counts
        (spine(8000, 7722), "amber"),
        (spine(8000, 7900, 7723), "amber"),  # from the first
        (spine(7800, 8077, 7800), "amber"),  # from the one before
        (spine(8000, 7723, 7900), None),
        (spine(8000, 8277), None),
        (spine(8000, 7000, lsc=None), None),  # not known: nothing is said
        (spine(8000, 7000, device=2), None),
        (spine(8000), None),
    ],
)
def test_bone_lost_beyond_the_lsc(facts: BoneFacts, said: str | None):
    assert severity("F18", facts, on(date(2030, 1, 1))) == said


def test_two_scanners_are_not_compared():
    (series,) = spine(8000, 7000).series
    (first, one), (second, other) = series.scans
    scans = ((first, replace(one, device=2)), (second, other))
    facts = BoneFacts((replace(series, scans=scans),))
    assert says("F18", facts, on(date(2030, 1, 1))) == []


# --- F22: the intake ------------------------------------------------------------------------------


def test_an_intake_is_asked_about_again_when_its_next_paper_nears_its_end():
    today = date(2026, 3, 5)
    last = today + timedelta(days=33)
    facts = IntakeFacts(last, ({"code": "letter", "words": "Letter", "until": str(last)},))
    assert severity("F22", facts, on(today)) is None
    assert facts.again(on(today)) == last - timedelta(days=30)
    assert severity("F22", facts, on(last - timedelta(days=30))) == "amber"
    assert facts.again(on(last - timedelta(days=30))) == last + timedelta(days=1)
    assert severity("F22", facts, on(last + timedelta(days=1))) == "red"


def test_another_date_is_another_flag():
    today = date(2026, 3, 5)
    found = [
        says(
            "F22", IntakeFacts(last, ({"code": "a", "words": "A", "until": str(last)},)), on(today)
        )
        for last in (today, today + timedelta(days=1))
    ]
    ((one,), (other,)) = found
    assert one.subject != other.subject
    changes = reconcile([other], {one.subject: one.severity})
    assert (changes.to_open, changes.to_resolve) == ((other,), (one.subject,))


# --- a preview asks only on days on which something can change ------------------------------------

PAPER = {"code": "letter", "words": "Letter", "until": "2026-06-01"}


@pytest.mark.parametrize(
    ("rules", "facts"),
    [
        (("F12", "F13"), ChecksFacts(START, (date(2026, 2, 20),), (START, date(2026, 6, 1)))),
        (("F12", "F13"), ChecksFacts(START)),
        (("F14",), answers(0, 2, 2, 3, 4, 1)),
        (("F17",), HeightFacts(heights("164.0", "162.0", "163.9"), (START, D("3.9")))),
        (("F18",), spine(8000, 7000, 7990)),
        (("F22",), IntakeFacts(date(2026, 6, 1), (PAPER,))),
    ],
)
def test_between_what_was_recorded_and_the_next_day_of_a_rule_nothing_changes(
    rules: tuple[str, ...], facts: Any
):
    day, last = START, date(2029, 1, 1)
    while day < last:
        asked = on(day)
        then = facts.at(asked)
        said = [says(rule, then, asked) for rule in rules]
        again = then.again(asked) or last
        assert again > day
        while (day := day + timedelta(days=1)) < again and day not in facts.recorded_on():
            assert [says(rule, facts.at(on(day)), on(day)) for rule in rules] == said, day
            if (day - asked.today).days > 400:
                break
