"""When a flag about a lift is true: each rule at its threshold, one under, one over."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal as D
from typing import Any

import pytest

from programs.rules import DEFAULT_RULES, Rules
from sessions.flags import Asked, Finding
from sessions.flags.lifted import Lift, Lifted, LiftSession
from sessions.flags.lifts import Cause, held_long, plateau, stalled, stands_still
from sessions.flags.loads import estimate_stale, low_intensity, regression, too_hard

MONDAY = datetime(2026, 3, 2, 9, tzinfo=UTC)


def session(days: float, **said: Any) -> LiftSession:
    """A deadlift of 50 kg as prescribed, so many days after Monday 2 March 2026."""
    load = said.get("load", D(50))
    usual: dict[str, Any] = {
        "at": MONDAY + timedelta(days=days),
        "key": f"visit-{days:g}",
        "load": load,
        "done": load,
        "loads": (load,) * 5,
        "reps": (5,) * 5,
        "all_reps": True,
        "rpe": 15,
        "hardest": said.get("rpe", 15),
        "effort_low": 16,
        "reasons": (),
        "holding": False,
        "exercise": "deadlift",
        "name": "Deadlift",
        "load_type": "barbell",
    }
    return LiftSession(**{**usual, **said})


def visits(*rpes: int | None, every: float = 4.2, **said: Any) -> list[LiftSession]:
    """Visits one after the other, one for each RPE."""
    return [session(number * every, rpe=rpe, **said) for number, rpe in enumerate(rpes)]


def asked(day: float, rules: Rules = DEFAULT_RULES) -> Asked:
    now = MONDAY + timedelta(days=day, hours=2)
    return Asked(now, now.date(), rules)


def of(*lifts: list[LiftSession], **more: Any) -> Lifted:
    names = ("hinge", "squat", "press")
    rest = {key: more.pop(key) for key in ("phases", "begun") if key in more}
    made = (Lift(name, tuple(rows), **more) for name, rows in zip(names, lifts, strict=False))
    return Lifted(tuple(made), **rest)


def found(
    judge: Any,
    sessions: list[LiftSession],
    day: float | None = None,
    rules: Rules = DEFAULT_RULES,
    **more: Any,
) -> list[Finding]:
    when = (sessions[-1].at - MONDAY).total_seconds() / 86400 if day is None else day
    facts = of(sessions, **more).at(asked(when, rules))
    return list(judge(facts, asked(when, rules)))


def one(judge: Any, *args: Any, **more: Any) -> Finding:
    (only,) = found(judge, *args, **more)
    return only


UNDERDOSED = visits(14, 15, 15, 14, 15, 15)  # 50 kg, six visits over 21 days, median 15
AT_EFFORT = visits(17, 17, 18, 17, 17, 17)


# --- F06, F07: vector 8.23 ------------------------------------------------------------------------


def test_six_easy_visits_over_three_weeks_are_a_stall_and_no_plateau():
    flag = one(stalled, UNDERDOSED)
    assert (flag.subject, flag.severity) == ("deadlift", "amber")
    assert flag.evidence["headline"] == "deadlift still at 50 kg"
    assert flag.evidence["detail"] == (
        "6 visits, all 150 reps done, RPE 14 to 15 where 16 is asked for, and nothing holds it."
    )
    assert flag.evidence["median_rpe"] == "15"
    assert found(plateau, UNDERDOSED) == []


def test_the_same_at_the_top_of_the_effort_is_a_plateau_and_no_stall():
    flag = one(plateau, AT_EFFORT)
    assert (flag.subject, flag.severity, flag.evidence["cause"]) == ("deadlift", "info", "plateau")
    assert found(stalled, AT_EFFORT) == []


@pytest.mark.parametrize("rows", [UNDERDOSED, AT_EFFORT])
@pytest.mark.parametrize("code", ["held_by_therapist", "held_technique", "held_pain", "held_top"])
def test_the_same_with_an_active_hold_is_neither(rows: list[LiftSession], code: str):
    held = [*rows[:-1], replace(rows[-1], holding=True, reasons=(code,))]
    assert found(stalled, held) == found(plateau, held) == []


@pytest.mark.parametrize(
    ("rows", "day", "cause"),
    [
        (visits(*[15] * 5, every=3), 27, None),  # five visits, 27 days
        (visits(*[15] * 5, every=3), 28, Cause.UNDERDOSED),  # 28 days
        (visits(*[15] * 6, every=3), 15, Cause.UNDERDOSED),  # six visits, 15 days
        (visits(*[15] * 7, every=3), 18, Cause.UNDERDOSED),
        (visits(*[16] * 6), None, None),  # in the band
        (visits(16, 16, 16, 17, 17, 17), None, None),  # median 16.5
        (visits(16, 16, 17, 17, 17, 17), None, Cause.PLATEAU),
        (visits(15, 15, 15, 16, 16, 16), None, Cause.UNDERDOSED),  # median 15.5
        (visits(15, 15, 15, None, None, None), None, Cause.UNDERDOSED),  # known in half
        (visits(15, 15, None, None, None, None), None, None),
        ([*visits(*[15] * 5), session(21, load=D("52.5"))], None, None),
        ([session(0, load=D("47.5")), *visits(*[15] * 6)[1:]], None, None),
        ([*visits(*[15] * 5), session(21, all_reps=False)], None, None),
        ([*visits(*[15] * 5), session(21, load=None, done=None)], None, None),
        ([*visits(*[15] * 5), session(21, effort_low=None)], None, None),
        ([session(0), session(26)], 28, Cause.ABSENT),
        ([session(0), session(26)], 27, None),
        ([session(0), session(14), session(26)], 28, Cause.UNDERDOSED),
    ],
)
def test_what_stands_still_and_why(rows: list[LiftSession], day: float | None, cause: Any):
    when = asked((rows[-1].at - MONDAY).days if day is None else day)
    still = stands_still(rows, today=when.today, rules=DEFAULT_RULES)
    assert (still and still.cause) == cause


@pytest.mark.parametrize(
    ("code", "cause"),
    [
        ("held_technique", Cause.TECHNIQUE),
        ("held_gate", Cause.TECHNIQUE),
        ("held_pain", Cause.PAIN),
        ("held_pain_spine", Cause.PAIN),
        ("held_step", Cause.EQUIPMENT),
        ("held_top", Cause.EQUIPMENT),
        ("held_by_therapist", Cause.DECIDED),
        ("held_ceiling", Cause.OTHER),
    ],
)
def test_a_lift_held_over_the_limit_says_what_for(code: str, cause: Cause):
    rows = visits(*[15] * 8, holding=True, reasons=(code,), every=4)
    assert found(held_long, rows, 28) == []  # at the limit
    flag = one(held_long, rows, 29)
    assert flag.evidence["cause"] == cause
    assert len(flag.evidence["actions"]) <= 3  # type: ignore[arg-type]
    assert found(stalled, rows, 29) == found(plateau, rows, 29) == []


@pytest.mark.parametrize("code", ["reps_first", "climbing", "away_down"])
def test_coming_back_and_reps_before_load_are_no_long_hold(code: str):
    rows = visits(*[15] * 8, holding=True, reasons=(code,), every=4)
    assert found(held_long, rows, 40) == []


def test_a_hold_that_a_visit_without_it_has_ended_is_none():
    rows = visits(*[15] * 8, holding=True, reasons=("held_pain",), every=4)
    assert found(held_long, [*rows, session(32)], 33) == []
    assert found(held_long, [*rows, session(32)], 33) == []


def test_a_hold_for_one_cause_that_became_another_is_said_by_the_last():
    pain = visits(*[15] * 4, holding=True, reasons=("held_pain",), every=4)
    late = [session(16 + 4 * n, holding=True, reasons=("held_technique",)) for n in range(4)]
    assert one(held_long, [*pain, *late], 30).evidence["cause"] == Cause.TECHNIQUE


def test_somebody_who_hardly_came_is_information_also_while_her_load_steps_back():
    away = {"holding": True, "reasons": ("away_down",)}
    rows = [session(0), session(15, load=D(40), **away), session(29, load=D(40), **away)]
    flag = one(stalled, rows, 30)
    assert (flag.severity, flag.evidence["cause"]) == ("info", Cause.ABSENT)
    assert flag.evidence["actions"] == ["call", "make_up", "later"]


def test_a_change_of_rung_begins_anew():
    other = [replace(one_, exercise="kettlebell-deadlift") for one_ in UNDERDOSED]
    assert found(stalled, [*other, session(25)]) == []


def test_a_word_since_the_last_visit_settles_the_matter():
    word = (UNDERDOSED[-1].at + timedelta(hours=1),)
    assert found(stalled, UNDERDOSED, 22, decided=word) == []
    assert found(stalled, UNDERDOSED, 22, decided=(UNDERDOSED[-1].at - timedelta(hours=1),))


def test_how_many_visits_is_the_clinics_own_number():
    assert found(stalled, UNDERDOSED, rules=Rules(stall_sessions=8)) == []
    assert found(stalled, UNDERDOSED[:4], rules=Rules(stall_sessions=4))


# --- F08 ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("best", "low", "count", "raised"),
    [
        ("50", "45", 2, False),  # 10 %: not more than
        ("50", "44.9", 2, True),
        ("50", "44.9", 1, False),  # one visit
        ("50", "44.9", 3, True),
        ("50", "46", 2, False),
    ],
)
def test_a_load_that_falls(best: str, low: str, count: int, raised: bool):
    rows = [session(0, load=D(best)), session(3.5, load=D(best))]
    rows += [session(7 + 3.5 * n, load=D(low)) for n in range(count)]
    assert bool(found(regression, rows)) is raised


@pytest.mark.parametrize(
    "code", ["away_down", "dropped", "dropped_next_day", "climbing", "set_load", "entry"]
)
def test_a_load_that_was_lowered_on_purpose_does_not_fall(code: str):
    rows = [
        session(0),
        session(4, load=D(40), reasons=(code,)),
        *(session(4 + 4 * n, load=D(40), reasons=("held_rpe_blank",)) for n in (1, 2, 3)),
    ]
    assert found(regression, rows) == []


@pytest.mark.parametrize(("days", "raised"), [(28, True), (29, False)])
def test_the_best_load_is_that_of_four_weeks(days: int, raised: bool):
    rows = [session(0), session(days, load=D(40)), session(days + 3, load=D(40))]
    assert bool(found(regression, rows)) is raised


# --- F09 ------------------------------------------------------------------------------------------

LOADING = ((MONDAY - timedelta(days=1), "LOAD"),)
HARD = {"rpe": 17, "estimate": D(100)}


def light(number: int, *, loads: int = 20) -> list[LiftSession]:
    """A hard set that says 100 kg, and four visits of five sets, ``number`` of them at 79 kg."""
    each = [D("79.9") if index < number else D(80) for index in range(loads)]
    rows = [session(0, load=D(93), **HARD)]
    for visit in range(4):
        five = tuple(each[5 * visit : 5 * visit + 5])
        rows.append(session(4 + 4 * visit, load=max(five), loads=five))
    return rows


@pytest.mark.parametrize(("number", "raised"), [(9, False), (10, False), (11, True), (20, True)])
def test_more_than_half_of_the_sets_under_the_share_are_too_light(number: int, raised: bool):
    assert bool(found(low_intensity, light(number), phases=LOADING)) is raised


def test_too_light_is_asked_in_the_loading_phase_only():
    assert found(low_intensity, light(20), phases=()) == []
    assert found(low_intensity, light(20), phases=(*LOADING, (MONDAY, "BUILD"))) == []


@pytest.mark.parametrize(("days", "raised"), [(56, True), (57, False)])
def test_an_old_estimate_is_nothing_to_be_below(days: int, raised: bool):
    rows = [session(0, **HARD), *(session(days - 16 + 4 * n, load=D(60)) for n in range(1, 5))]
    rows = [rows[0], *(session(n, load=D(60)) for n in range(10, days - 16, 10)), *rows[1:]]
    assert bool(found(low_intensity, rows, days, phases=LOADING)) is raised


def test_an_estimate_from_before_an_absence_is_nothing_to_be_below():
    rows = [session(0, **HARD), *(session(22 + 3 * n, load=D(60)) for n in range(4))]
    assert found(low_intensity, rows, phases=LOADING) == []


def test_a_technical_five_says_what_a_load_is_compared_with():
    rows = [session(4 * n, load=D(60)) for n in range(5)]
    test = ((rows[0].at + timedelta(hours=1), "deadlift", D(100)),)
    assert found(low_intensity, rows, phases=LOADING) == []
    assert found(low_intensity, rows, phases=LOADING, tested=test)


# --- F10 ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("rows", "raised"),
    [
        ([session(0, rpe=19), session(4, rpe=19)], True),
        ([session(0, rpe=18), session(4, rpe=19)], False),
        ([session(4, rpe=19)], False),
        ([session(0, missed=True), session(4, rpe=20)], True),
        ([session(0, missed=True), session(4, missed=True), session(8)], False),
        ([session(0, rpe=15, hardest=19), session(4, rpe=None, hardest=19)], True),
    ],
)
def test_two_visits_in_a_row_that_were_too_hard(rows: list[LiftSession], raised: bool):
    assert bool(found(too_hard, rows)) is raised


def test_what_was_too_hard_is_said_exactly():
    missed = [session(0, missed=True, rpe=16), session(4, missed=True, rpe=16)]
    assert one(too_hard, missed).evidence["detail"] == (
        "2 visits in a row: reps missed in 2. Hold the load."
    )
    hard = [session(0, rpe=19), session(4, rpe=20)]
    assert one(too_hard, hard).evidence["detail"] == (
        "2 visits in a row: RPE up to 20. Hold the load."
    )


@pytest.mark.parametrize("judge", [too_hard, regression, low_intensity, stalled, plateau])
def test_what_was_lifted_long_ago_says_nothing_of_the_next_load(judge: Any):
    rows = {
        too_hard: [session(0, rpe=19), session(4, rpe=19)],
        regression: [session(0), session(4, load=D(40)), session(8, load=D(40))],
        low_intensity: light(20),
        stalled: UNDERDOSED,
        plateau: AT_EFFORT,
    }[judge]
    last = (rows[-1].at - MONDAY).days
    assert found(judge, rows, last + 1, phases=LOADING)
    assert found(judge, rows, last + 29, phases=LOADING) == []


# --- F11 ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("days", "raised"), [(55, False), (56, False), (57, True)])
def test_an_estimate_grows_old(days: int, raised: bool):
    rows = [session(0, **HARD), *(session(n) for n in range(7, days + 1, 7))]
    flags = found(estimate_stale, rows, days)
    assert bool(flags) is raised
    assert {flag.severity for flag in flags} <= {"info"}


@pytest.mark.parametrize(("gap", "raised"), [(21, False), (22, True)])
def test_an_estimate_from_before_an_absence_is_amber(gap: int, raised: bool):
    flags = found(estimate_stale, [session(0, **HARD), session(gap)])
    assert bool(flags) is raised
    assert {flag.severity for flag in flags} <= {"amber"}


def test_a_technical_five_renews_the_estimate():
    rows = [session(0, **HARD), session(22)]
    test = ((rows[-1].at + timedelta(hours=1), "deadlift", D(100)),)
    assert found(estimate_stale, rows, 23, tested=test) == []
    assert found(estimate_stale, rows, 22, tested=test) == []


def test_what_never_had_an_estimate_has_no_old_one():
    assert found(estimate_stale, [session(7 * n) for n in range(12)]) == []
