"""Closed days call off what lies in them and give it back; leave shows which classes fall short."""

from __future__ import annotations

from datetime import date, time, timedelta

import pytest

from sessions import actions
from sessions.clashes import Clash
from sessions.closures import close, end_leave, leave, reopen, short_slots
from sessions.following import change_following
from sessions.models import Pause, SeatChange, Slot, Supervision
from sessions.planning import plan_visits
from sessions.timetable import call_off, change_slot, make_slots, take_back_call_off
from tests.cast import NOW, THURSDAY, assign, enroll
from tests.classes_of_week import MONDAY, TUESDAY, WEDNESDAY, as_, season, weekly

MON_9, SUN_15 = date(2026, 3, 9), date(2026, 3, 15)


def shut(cast, first=MON_9, last=MON_9, *, room="", name="Show Day"):
    return close(name=name, starts_on=first, ends_on=last, room=room, by=cast.ada, now=NOW)


def on(enrollment, day):
    return enrollment.visits.get(place_on=day)


def test_closing_calls_off_what_lies_inside_with_the_name_as_the_reason(cast):
    closure, seats = shut(cast, MON_9, date(2026, 3, 12))

    assert seats == 3  # Cal on Monday and Thursday, Cam on Tuesday
    visit = on(cast.enrollment, MON_9)
    assert (visit.status, visit.said_by, visit.said_why) == ("holiday_closed", cast.ada, "Show Day")
    assert (visit.sequence, visit.slot.closure) == (1, closure)
    assert on(cast.cam_enrollment, date(2026, 3, 13)).status == "planned"
    assert Supervision.objects.get(slot=visit.slot).during is None


def test_a_room_is_closed_alone(cast):
    zoe = assign(enroll(cast.ana, "Zoe Z."), cast.ana, weekdays=())
    zoe.places.create(
        clinic=cast.north,
        weekday=MONDAY,
        at=time(9),
        minutes=30,
        room="Room 2",
        supervisor=cast.tess,
        starts_on=MON_9,
    )
    plan_visits(now=NOW)
    assert shut(cast, room="Room 2")[1] == 1
    assert on(zoe, MON_9).status == "holiday_closed"
    assert on(cast.enrollment, MON_9).status == "planned"


def test_reopening_gives_back_what_was_closed_and_nothing_else(cast):
    cam_tuesday = on(cast.cam_enrollment, date(2026, 3, 10))
    call_off(slot=cam_tuesday.slot, why="Flood", by=cast.ana, now=NOW)
    actions.say(
        visit=on(cast.enrollment, date(2026, 3, 12)), status="excused", by=cast.ana, now=NOW
    )
    closure, seats = shut(cast, MON_9, SUN_15)
    assert seats == 2

    assert reopen(closure=closure, by=cast.ada, now=NOW) == 2
    statuses = {visit.place_on: visit.status for visit in cast.enrollment.visits.all()}
    assert statuses[MON_9] == "planned"
    assert statuses[date(2026, 3, 12)] == "excused"
    cam_tuesday.refresh_from_db()
    assert cam_tuesday.status == "clinic_cancelled"
    assert Slot.objects.get(pk=cam_tuesday.slot_id).called_off_why == "Flood"
    back = on(cast.enrollment, MON_9)
    assert list(back.seat_changes.values_list("kind", "why")) == [
        ("cancelled", "Show Day"),
        ("restored", "Show Day: open after all"),
    ]
    assert Supervision.objects.get(slot=back.slot).during is not None
    with pytest.raises(Clash, match="taken back already"):
        reopen(closure=closure, by=cast.ada, now=NOW)


def test_what_two_closures_cover_stays_closed_by_the_other(cast):
    first, _ = shut(cast)
    second, seats = shut(cast, MON_9, date(2026, 3, 12), name="Painting")
    assert seats == 2

    assert reopen(closure=first, by=cast.ada, now=NOW) == 0
    visit = on(cast.enrollment, MON_9)
    assert (visit.status, visit.said_why, visit.slot.closure) == (
        "holiday_closed",
        "Painting",
        second,
    )
    assert reopen(closure=second, by=cast.ada, now=NOW) == 3
    assert on(cast.enrollment, MON_9).status == "planned"


def test_planning_on_closed_days_makes_closed_rows_and_tells_her(cast):
    shut(cast, date(2026, 4, 6), date(2026, 4, 6), name="Easter Monday")
    plan_visits(now=NOW + timedelta(weeks=1), clinic=cast.north)

    visit = on(cast.enrollment, date(2026, 4, 6))
    assert (visit.status, visit.said_by, visit.said_why) == (
        "holiday_closed",
        cast.ada,
        "Easter Monday",
    )
    assert (visit.sequence, visit.told["on"], visit.slot.closure.name) == (1, True, "Easter Monday")
    assert SeatChange.objects.get(visit=visit).by == cast.ada
    others = cast.enrollment.visits.exclude(pk=visit.pk).filter(place_on__gt=date(2026, 4, 1))
    assert {(one.status, one.sequence) for one in others} == {("planned", 0)}


def test_slots_of_the_timetable_on_closed_days_are_made_called_off_and_given_back(cast):
    closure, _ = shut(cast, date(2026, 3, 11), date(2026, 3, 11))
    row = weekly(season(cast.ana), WEDNESDAY, as_(cast.tess, room="Room 2"), by=cast.ana)
    slot = Slot.objects.get(weekly=row, weekly_on=date(2026, 3, 11))
    assert (slot.closure, slot.called_off_why) == (closure, "Show Day")
    assert Supervision.objects.get(slot=slot).during is None

    reopen(closure=closure, by=cast.ada, now=NOW)
    slot.refresh_from_db()
    assert slot.called_off_at is None
    assert Supervision.objects.get(slot=slot).during.lower == slot.starts_at


def test_a_series_that_moves_off_a_closed_day_is_held_and_onto_one_is_not(cast):
    row = weekly(season(cast.ana), MONDAY, as_(cast.ana), by=cast.ana)
    shut(cast, MON_9, MON_9)
    shut(cast, date(2026, 3, 17), date(2026, 3, 17), name="Painting")
    change_following(
        slot=Slot.objects.get(weekly=row, weekly_on=MON_9),
        weekday=TUESDAY,
        wanted=as_(cast.ana, at=time(8), room="Room 2"),
        by=cast.ada,
        why="New term",
        now=NOW,
    )

    assert on(cast.enrollment, date(2026, 3, 10)).status == "planned"
    closed = on(cast.enrollment, date(2026, 3, 17))
    assert (closed.status, closed.said_why) == ("holiday_closed", "Painting")
    assert make_slots(clinic=cast.north, now=NOW) == 0


def test_a_class_is_not_moved_onto_a_closed_day_nor_held_on_one(cast):
    slot = on(cast.enrollment, MON_9).slot
    call_off(slot=slot, why="Flood", by=cast.ana, now=NOW)
    shut(cast, MON_9, date(2026, 3, 10))
    with pytest.raises(Clash, match="The clinic is closed then: Show Day"):
        take_back_call_off(slot=slot, by=cast.ana, now=NOW)
    with pytest.raises(Clash, match="The clinic is closed then: Show Day") as clash:
        change_slot(
            slot=on(cast.cam_enrollment, date(2026, 3, 13)).slot,
            day=date(2026, 3, 10),
            wanted=as_(cast.tess, at=time(17)),
            by=cast.ana,
            why="",
            now=NOW,
        )
    assert clash.value.field == "day"


@pytest.mark.parametrize(
    ("first", "last", "words"),
    [
        (date(2026, 3, 9), date(2026, 3, 8), "before the first"),
        (date(2026, 3, 1), date(2026, 3, 4), "are over"),
    ],
)
def test_days_that_cannot_be_closed_are_refused(cast, first, last, words):
    with pytest.raises(Clash, match=words) as clash:
        shut(cast, first, last)
    assert clash.value.field == "ends_on"


# --- pauses ---------------------------------------------------------------------------------------


def pause(cast, first, last, **more):
    return Pause.objects.create(
        clinic=cast.north,
        enrollment=cast.enrollment,
        starts_on=first,
        ends_on=last,
        why="On holiday",
        added_by=cast.dee,
        added_at=NOW,
        **more,
    )


def test_occurrences_of_a_pause_are_planned_as_excused_until_she_is_back(cast):
    pause(cast, date(2026, 4, 1), date(2026, 4, 30), resumed_on=date(2026, 4, 9))
    later = NOW + timedelta(weeks=2)
    plan_visits(now=later, clinic=cast.north)

    away = cast.enrollment.visits.filter(status="excused").order_by("place_on")
    assert [visit.place_on for visit in away] == [date(2026, 4, 6)]
    assert (away[0].said_by, away[0].said_why, away[0].said_at) == (cast.dee, "On holiday", later)
    assert away[0].sequence == 0
    assert on(cast.enrollment, date(2026, 4, 9)).status == "planned"


def test_who_is_away_by_then_is_excused_when_the_clinic_opens_after_all(cast):
    closure, _ = shut(cast)
    pause(cast, MON_9, MON_9)
    assert reopen(closure=closure, by=cast.ada, now=NOW) == 0

    visit = on(cast.enrollment, MON_9)
    assert (visit.status, visit.said_by, visit.said_why) == ("excused", cast.dee, "On holiday")


# --- leave ----------------------------------------------------------------------------------------


def away(cast, first=MON_9, last=SUN_15, member=None):
    return leave(
        member=member or cast.ana, starts_on=first, ends_on=last, why="", by=cast.ada, now=NOW
    )


def short(cast, **more):
    return short_slots(cast.north, MON_9, SUN_15, NOW, **more)


def test_leave_shows_which_classes_fall_short_and_ends(cast):
    assert short(cast) == []
    gone = away(cast)

    found = short(cast)
    assert [one.slot.starts_at for one in found] == sorted(one.slot.starts_at for one in found)
    assert [(one.slot.visits.get().client, one.booked, one.here) for one in found] == [
        (cast.cal_client, 1, ()),
        (cast.cal_client, 1, ()),
    ]
    assert (found[0].away, found[0].why) == (("Ana T.",), "Nobody supervises it.")
    assert short(cast, member=cast.tess) == []
    end_leave(leave=gone, by=cast.ada, now=NOW)
    assert short(cast) == []
    with pytest.raises(Clash, match="taken back already"):
        end_leave(leave=gone, by=cast.ada, now=NOW)


def test_a_class_with_more_clients_than_those_left_may_look_after_is_short(cast):
    for number in range(6):
        assign(enroll(cast.ana, f"Zoe {number}"), cast.ana, weekdays=(THURSDAY,))
    slot = on(cast.enrollment, date(2026, 3, 12)).slot
    Supervision.objects.create(
        clinic=cast.north, slot=slot, member=cast.tess, during=(slot.starts_at, slot.ends_at)
    )
    assert short(cast) == []
    away(cast)

    found = next(one for one in short(cast) if one.slot == slot)
    assert (found.booked, found.looked_after, found.here) == (7, 6, ("Tess T.",))


def test_leave_that_meets_another_leave_of_hers_is_refused(cast):
    away(cast)
    with pytest.raises(Clash, match="on leave from 9 March to 15 March already") as clash:
        away(cast, SUN_15, SUN_15)
    assert clash.value.field == "starts_on"
    away(cast, SUN_15, SUN_15, member=cast.tess)


@pytest.mark.parametrize("classes", [1, 8])
def test_what_is_short_is_found_in_as_many_queries_for_one_class_as_for_many(
    cast, classes, django_assert_num_queries
):
    for number in range(classes):
        weekly(
            season(cast.ana), WEDNESDAY, as_(cast.tess, at=time(8 + number), room="R"), by=cast.ana
        )
    away(cast, member=cast.tess)
    with django_assert_num_queries(3):
        assert len(short(cast)) == classes + 2
