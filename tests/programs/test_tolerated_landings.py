"""Landings that the client did not tolerate count against a higher level."""

from programs.progression import SetDone
from tests.programs.engine import state_after, visited


def landed(*tolerated):
    return tuple(
        SetDone(number, landings=5, level=0, clean=True, pain=0, tolerated=felt)
        for number, felt in enumerate(tolerated, 1)
    )


def after_landings(*visits):
    events = [
        visited(3 * number, impact=("heel-raise", landed(*felt)))
        for number, felt in enumerate(visits)
    ]
    state = state_after(*events)
    return state.lifts["impact"]


def test_landings_not_tolerated_count_against_a_higher_level():
    good, bad = (True,) * 5, (True, True, False, True, True)
    assert after_landings(good, good).clean_sessions == 2

    after = after_landings(good, good, bad)
    assert after.clean_sessions == 0
    assert after.reason.line == "Level 0 of 5, not tolerated. A higher level only by decision."
    assert after_landings(good, bad, good).clean_sessions == 1


def test_landings_that_nobody_asked_about_are_judged_by_technique_alone():
    assert after_landings((None,) * 5).clean_sessions == 1
