"""Visits planned ahead as rows: never twice, and at nine on both sides of a clock change."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from threading import Thread
from zoneinfo import ZoneInfo

import pytest
from django.db import IntegrityError, connection, transaction

from programs.models import Enrollment
from sessions import actions, moving
from sessions.models import Slot, StandingPlace, Supervision, Visit
from sessions.planning import NotTwoInARow, Place, plan_visits, take_places
from tests.cast import NOW, TODAY, assign, build_cast, enroll

MONDAY, TUESDAY, THURSDAY, SUNDAY = 0, 1, 3, 6


def test_four_weeks_of_visits_stand_as_rows(cast):
    local = [visit.starts_at.astimezone(cast.north.tz) for visit in cast.visits]

    assert local[0] == datetime(2026, 3, 5, 9, tzinfo=cast.north.tz)
    assert local[-1].date() >= TODAY + timedelta(weeks=4) - timedelta(days=3)
    assert {moment.weekday() for moment in local} == {MONDAY, THURSDAY}
    assert {moment.time() for moment in local} == {time(9)}
    assert {visit.ends_at - visit.starts_at for visit in cast.visits} == {timedelta(minutes=30)}


def test_planning_again_adds_nothing_and_a_week_later_adds_a_week(cast):
    before = Visit.objects.count()

    assert plan_visits(now=NOW) == 0
    assert Visit.objects.count() == before
    assert plan_visits(now=NOW + timedelta(weeks=1), clinic=cast.north) == 4


def test_silence_becomes_unrecorded_an_hour_after_the_end(cast):
    assert cast.visit.missed_after == cast.visit.ends_at + timedelta(hours=1)


def test_who_comes_at_the_same_time_to_the_same_room_shares_the_slot(cast):
    zoe = assign(enroll(cast.ana, "Zoe Z."), cast.ana)

    assert [visit.slot_id for visit in zoe.visits.order_by("during")] == [
        visit.slot_id for visit in cast.visits
    ]
    assert Supervision.objects.filter(slot=cast.visit.slot).count() == 1


def test_what_was_cancelled_is_not_planned_again(cast):
    coming = cast.visits[2]
    actions.say(visit=coming, status="cancelled_client", by=cast.ana, now=NOW)

    assert plan_visits(now=NOW) == 0
    assert cast.enrollment.visits.filter(slot=coming.slot).count() == 1


def test_an_ended_enrollment_gets_no_further_visits_and_frees_those_planned(cast):
    moving.end_enrollment(
        enrollment=cast.enrollment,
        status=Enrollment.Status.WITHDRAWN,
        reason="Moved away",
        on=TODAY,
        by=cast.ana,
        now=NOW,
    )

    plan_visits(now=NOW + timedelta(weeks=2))
    after = cast.enrollment.visits.filter(during__startswith__gt=NOW)
    assert set(after.values_list("status", flat=True)) == {Visit.Status.RELEASED}


@pytest.mark.parametrize(
    ("zone", "changes"),
    [
        ("Europe/Berlin", (date(2026, 3, 29), date(2026, 10, 25))),
        ("America/New_York", (date(2026, 3, 8), date(2026, 11, 1))),
        ("Australia/Sydney", (date(2026, 4, 5), date(2026, 10, 4))),
        ("Australia/Brisbane", ()),
    ],
)
def test_nine_stays_nine_on_both_sides_of_every_clock_change(cast, zone, changes):
    cast.north.timezone = zone
    cast.north.save(update_fields=["timezone"])
    zoe = assign(enroll(cast.ana, "Zoe Z."), cast.ana)
    for month in range(2, 12):
        plan_visits(now=datetime(2026, month, 21, 12, tzinfo=UTC), clinic=cast.north)
    starts = [visit.starts_at for visit in zoe.visits.order_by("during")]
    local = [start.astimezone(ZoneInfo(zone)) for start in starts]

    assert {(moment.time(), moment.weekday() in (MONDAY, THURSDAY)) for moment in local} == {
        (time(9), True)
    }
    assert len({moment.utcoffset() for moment in local}) == (2 if changes else 1)
    odd = [
        after.astimezone(ZoneInfo(zone)).date()
        for before, after in pairwise(starts)
        if (after - before) % timedelta(days=1)
    ]
    assert [(day - change).days for day, change in zip(odd, changes, strict=True)] == [1] * len(odd)


@pytest.mark.parametrize(
    ("days", "words"),
    [((MONDAY, TUESDAY), "Monday and Tuesday"), ((SUNDAY, MONDAY), "Sunday and Monday")],
)
def test_two_places_in_a_row_are_refused_with_the_reason(cast, days, words):
    places = [Place(day, time(9), 30, "Room 1", cast.ana) for day in days]

    with pytest.raises(NotTwoInARow, match=words):
        take_places(enrollment=cast.cam_enrollment, places=places)
    assert StandingPlace.objects.filter(enrollment=cast.cam_enrollment).count() == 2


def test_two_visits_of_one_client_at_a_time_are_impossible_in_the_database(cast):
    visit = cast.visits[1]
    beside = Slot.objects.create(
        clinic=cast.north,
        room="Room 2",
        starts_at=visit.starts_at + timedelta(minutes=15),
        ends_at=visit.ends_at + timedelta(minutes=15),
        capacity=6,
    )
    double = {
        "clinic": cast.north,
        "enrollment": cast.enrollment,
        "client": cast.cal_client,
        "slot": beside,
        "during": (beside.starts_at, beside.ends_at),
        "missed_after": beside.ends_at,
    }
    with pytest.raises(IntegrityError, match="one_visit_at_a_time"), transaction.atomic():
        Visit.objects.create(**double)

    actions.say(visit=visit, status="excused", by=cast.ana, now=NOW)
    Visit.objects.create(**double)


@pytest.mark.django_db(transaction=True)
def test_six_planners_at_once_add_each_visit_once(noon):
    cast = build_cast()
    later = NOW + timedelta(weeks=3)
    counts: list[int] = []

    def plan():
        try:
            counts.append(plan_visits(now=later, clinic=cast.north))
        finally:
            connection.close()

    planners = [Thread(target=plan) for _ in range(6)]
    for planner in planners:
        planner.start()
    for planner in planners:
        planner.join()

    assert sorted(counts) == [0, 0, 0, 0, 0, 12]
