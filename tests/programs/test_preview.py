"""A preview goes through the same engine: by table, and by property."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal as D
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from programs.preview import SCENARIOS, Coming, ahead, trace, week_of
from programs.progression import Locked, replay, targets
from tests.programs.engine import FIRST, begun, decided, sets, started, state_after, visited

USUAL, AWAY, HARD = SCENARIOS
TODAY = FIRST.date()


def coming(weeks=12):
    """Monday and Thursday, from the first day on."""
    found = []
    for week in range(weeks):
        for offset in (0, 3):
            at = FIRST + timedelta(days=7 * week + offset)
            found.append(Coming(at, at + timedelta(minutes=30), at.date()))
    return found


def start(load="40"):
    return state_after(*started(hinge=load, squat="30", press="20"))


def loads(scenario, lift="hinge", state=None):
    steps = ahead(state or start(), coming(), scenario, first=TODAY)
    return [step.asked[lift].load if step.came else None for step in steps]


def test_all_as_prescribed_rises_step_by_step_and_never_falls():
    found = loads(USUAL)
    assert len(found) == 24
    assert found[0] == D(40)
    assert found == sorted(found)
    assert found[-1] > found[0]


def test_two_weeks_away_are_gaps_then_a_lower_load_that_says_why():
    steps = ahead(start(), coming(), AWAY, first=TODAY)
    assert {step.week for step in steps if not step.came} == {6, 7}
    before = [step for step in steps if step.week == 5][-1].asked["hinge"]
    back = next(step for step in steps if step.week == 8).asked["hinge"]
    assert back.load < before.load
    assert back.reason.code == "away_down"
    assert back.effort_high == 15
    assert steps[-1].asked["hinge"].load > back.load


def test_an_effort_of_18_from_week_9_raises_nothing_more():
    hard, usual = loads(HARD), loads(USUAL)
    assert hard[:17] == usual[:17]
    assert set(hard[17:]) == {hard[17]}
    assert hard[-1] < usual[-1]


def test_the_impact_level_is_asked_for_and_rises_only_by_decision():
    steps = ahead(start(), coming(), USUAL, first=TODAY)
    assert {step.asked["impact"].level for step in steps} == {0}
    assert {step.asked["impact"].landings for step in steps} == {5}


def test_while_she_is_locked_nothing_is_prescribed_and_nothing_lifted():
    state = state_after(
        *started(hinge="40", squat="30", press="20"),
        Locked(FIRST - timedelta(minutes=1), "lock", "pain"),
    )
    steps = ahead(state, coming(2), USUAL, first=TODAY)
    assert {step.asked["hinge"].reason.code for step in steps} == {"locked"}
    assert [step.done for step in steps] == [()] * 4


def test_a_lock_that_is_announced_holds_from_its_day_on():
    lock = Locked(FIRST + timedelta(days=7), "lock", "surgery")
    steps = ahead(start(), coming(2), USUAL, first=TODAY, announced=[lock])
    assert [bool(step.done) for step in steps] == [True, True, False, False]


def test_weeks_count_from_the_first_day():
    assert [week_of(TODAY, TODAY + timedelta(days=days)) for days in (0, 6, 7)] == [1, 1, 2]


@given(st.integers(1, 8), st.sampled_from([14, 15, 16, 17, 18]))
def test_a_trace_ends_where_a_replay_ends_and_each_step_is_a_prefix(count, rpe):
    events = [
        *begun(),
        *started(hinge="40"),
        *(visited(3 * n, hinge=sets("40", rpe=rpe)) for n in range(count)),
        decided(7, "hold", "hinge", reason="Sore"),
    ]
    steps = trace(reversed(events))
    assert steps[-1].state == replay(events)
    for place in range(5, len(steps)):
        known = [step.event for step in steps[: place + 1]]
        assert targets(replay(known)) == targets(steps[place].state)


@given(st.sampled_from(SCENARIOS), st.integers(10, 120))
def test_no_step_of_a_preview_passes_the_cap_and_it_may_be_cut_anywhere(scenario, load):
    state = start(str(load))
    whole = ahead(state, coming(), scenario, first=TODAY)
    half = ahead(state, coming(6), scenario, first=TODAY)
    assert whole[:12] == half
    asked = [step.asked["hinge"].load for step in whole if step.came]
    for before, after in pairwise(asked):
        if before is not None and after is not None:
            assert after <= before * D("1.1")


def test_a_moment_has_a_zone():
    at = datetime(2026, 3, 2, 9, tzinfo=UTC)
    assert Coming(at, at, at.date()).key == "~ supposed 2026-03-02T09:00:00+00:00"
