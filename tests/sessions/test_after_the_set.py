"""What a set changes: the sets that remain, the next visit, the plan after a correction."""

import uuid
from decimal import Decimal

import pytest

from sessions import actions, facts, sync
from sessions.board import board
from sessions.models import Flag, Operation, SetEntry, Visit
from tests.cast import NOW


def card(cast, visit, lift="hinge"):
    shown = facts.on_the_floor(cast.ana).get(pk=visit.pk)
    shown.clinic = cast.north
    return board(shown, list(shown.sets.standing()), lift=lift).current


@pytest.mark.parametrize(
    ("said", "offered"),
    [
        ({"reps": 5}, "40"),
        ({"reps": 4}, "37.5"),
        ({"rpe": 19}, "37.5"),
        ({"load": "35"}, "35"),
        ({"rpe": 18}, "40"),
        ({}, "40"),
    ],
    ids=["as prescribed", "a miss", "RPE 19", "a lowered load", "RPE 18", "blank"],
)
def test_the_remaining_sets_offer_what_the_last_one_allows(cast, said, offered):
    cast.log(cast.visit, **said)

    assert card(cast, cast.visit).offer.load == Decimal(offered)


def test_correcting_the_miss_takes_the_lower_offer_back(cast):
    entry = cast.log(cast.visit, reps=4)
    op = sync.Op(
        _uid(),
        "correct_set",
        cast.visit.uid,
        made_at=NOW,
        entry=entry.uid,
        base_revision=1,
        payload={"load": "40", "reps": "5"},
    )
    sync.apply([op], by=cast.ana)

    assert card(cast, cast.visit).offer.load == 40


def test_a_blank_stays_a_blank_and_never_raises(cast):
    first, following = cast.visits[:2]
    cast.log_all(first, "hinge")
    cast.log_all(first, "squat", rpe=8, technique="clean")
    cast.log_all(first, "press", rpe=8, pain=0)

    why = {
        lift: card(cast, following, lift).target.reason.code for lift in ("hinge", "squat", "press")
    }
    assert why == {
        "hinge": "held_rpe_blank",
        "squat": "held_pain_blank",
        "press": "held_technique_blank",
    }
    assert [card(cast, following, lift).target.load for lift in why] == [40, 30, 20]


def test_correcting_last_weeks_set_corrects_todays_target_also_once_told(cast):
    first, following = cast.visits[:2]
    cast.promote()
    cast.log_all(first, "hinge", rpe=8, technique="clean", pain=0)
    later = following.starts_at
    cast.check_in(following)
    assert card(cast, following).target.load == 42.5

    entry = SetEntry.objects.get(visit=first, number=3)
    op = sync.Op(
        _uid(),
        "correct_set",
        first.uid,
        made_at=later,
        entry=entry.uid,
        payload={"load": "40", "reps": "3"},
    )
    sync.apply([op], by=cast.ana, now=later)

    assert card(cast, following).target.load == 40
    assert card(cast, following).target.reason.code == "held_missed"


def test_a_decision_on_the_floor_changes_what_is_still_to_lift(cast):
    visit = cast.visit
    during = visit.starts_at
    sync.apply([_check_in(visit)], by=cast.ana, now=during)
    actions.decide(
        enrollment=cast.enrollment,
        kind="set_load",
        lift="hinge",
        load=35,
        by=cast.ana,
        reason="Slept badly.",
        now=during,
    )

    assert card(cast, visit).target.load == 35


def test_an_impact_set_above_clearance_is_kept_marked_and_flagged(cast):
    entry = cast.log(cast.visit, "impact", landings=5, level=2)

    assert entry.outside_clearance
    flag = Flag.objects.get(kind="outside_clearance")
    assert (flag.enrollment, flag.resolved_at) == (cast.enrollment, None)


def test_pain_above_the_limit_stops_the_lift(cast):
    cast.log(cast.visit, pain=6)

    stopped = card(cast, cast.visit)
    assert (stopped.state, stopped.number) == ("stopped", None)


def test_below_half_of_the_sets_the_visit_counts_as_attended_in_part(cast):
    cast.log_all(cast.visit, "hinge", sets=4)

    actions.complete_visit(visit=cast.visit, by=cast.ana)

    assert cast.visit.status == Visit.Status.ATTENDED_PARTIAL


def test_an_empty_visit_cannot_be_completed(cast):
    with pytest.raises(actions.Refused, match="No set is logged"):
        actions.complete_visit(visit=cast.visit, by=cast.ana)


def test_a_set_logged_for_a_no_show_says_that_she_came(cast):
    actions.say(visit=cast.visit, status="no_show", by=cast.ana)
    cast.log(cast.visit)

    assert cast.visit.status == Visit.Status.CHECKED_IN
    assert [op.kind for op in Operation.objects.order_by("id")] == ["say", "log_set"]


def test_a_visit_with_sets_is_no_no_show(cast):
    cast.log(cast.visit)

    with pytest.raises(actions.Refused, match="somebody came"):
        actions.say(visit=cast.visit, status="no_show", by=cast.ana)


def test_a_set_taken_back_can_be_logged_again(cast):
    entry = cast.log(cast.visit, reps=4)
    void = sync.Op(_uid(), "void_set", cast.visit.uid, made_at=NOW, entry=entry.uid)
    sync.apply([void], by=cast.ana)
    cast.log(cast.visit, reps=5)

    standing = SetEntry.objects.filter(voided=False).get()
    assert (standing.number, standing.reps, SetEntry.objects.count()) == (1, 5, 2)


def _uid():
    return uuid.uuid4()


def _check_in(visit):
    return sync.Op(_uid(), "check_in", visit.uid, made_at=NOW)
