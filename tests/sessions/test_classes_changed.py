"""A class of the timetable changed alone, or with all that follow it, called off and held."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

import pytest

from sessions import actions
from sessions.clashes import Clash
from sessions.following import change_following
from sessions.models import (
    SeatChange,
    Slot,
    SlotChange,
    StandingPlace,
    Supervision,
    Visit,
    Waiting,
)
from sessions.planning import plan_visits
from sessions.timetable import call_off, change_slot, make_slots, take_back_call_off
from tests.cast import NOW, assign, enroll
from tests.classes_of_week import (
    FRIDAY,
    MONDAY,
    THURSDAY,
    TUESDAY,
    WEDNESDAY,
    as_,
    local_starts,
    season,
    weekly,
)

MON_9 = date(2026, 3, 9)


@pytest.fixture
def monday(cast):
    """Cal stands in Monday 9:00, which is of the timetable."""
    return weekly(season(cast.ana), MONDAY, as_(cast.ana, most=6), by=cast.ana)


def slot_on(row, day):
    return Slot.objects.get(weekly=row, weekly_on=day)


def change(cast, slot, wanted, *, day=MON_9, why="The room is painted"):
    return change_slot(slot=slot, day=day, wanted=wanted, by=cast.tess, why=why, now=NOW)


def follow(cast, slot, weekday, wanted):
    return change_following(
        slot=slot, weekday=weekday, wanted=wanted, by=cast.tess, why="New term", now=NOW
    )


# --- alone ----------------------------------------------------------------------------------------


def test_one_class_moves_alone_with_the_seats_in_it(cast, monday):
    slot = slot_on(monday, MON_9)
    visit = slot.visits.get()
    changed = change(cast, slot, as_(cast.tess, at=time(10), minutes=45, room="Room 2", most=3))

    tz = cast.north.tz
    assert changed.starts_at == datetime(2026, 3, 9, 10, tzinfo=tz)
    assert changed.ends_at - changed.starts_at == timedelta(minutes=45)
    assert (changed.room, changed.capacity, changed.detached) == ("Room 2", 3, True)
    visit.refresh_from_db()
    assert (visit.starts_at, visit.ends_at) == (changed.starts_at, changed.ends_at)
    assert visit.missed_after == changed.ends_at + timedelta(hours=1)
    assert (visit.sequence, visit.told["room"]) == (1, "Room 1")
    planned = Supervision.objects.get(slot=slot)
    assert (planned.member, planned.during.lower) == (cast.tess, changed.starts_at)
    others = [moment.time() for moment in local_starts(cast.north, monday)]
    assert others == [time(10), time(9), time(9), time(9)]


def test_who_when_and_why_are_kept_of_the_class_and_of_each_seat(cast, monday):
    slot = slot_on(monday, MON_9)
    change(cast, slot, as_(cast.tess, at=time(10), room="Room 2"))

    of_class = SlotChange.objects.get(slot=slot)
    assert (of_class.kind, of_class.by, of_class.at) == ("changed", cast.tess, NOW)
    assert of_class.why == "The room is painted"
    assert (of_class.before["supervisors"], of_class.after["supervisors"]) == (
        ["Ana T."],
        ["Tess T."],
    )
    of_seat = SeatChange.objects.get(visit=slot.visits.get())
    assert (of_seat.kind, of_seat.by, of_seat.why) == (
        "class_changed",
        cast.tess,
        "The room is painted",
    )
    assert (of_seat.before["room"], of_seat.after["room"]) == ("Room 1", "Room 2")


def test_a_changed_class_is_not_made_again_and_its_place_takes_it_where_it_went(cast, monday):
    slot = slot_on(monday, date(2026, 3, 16))
    change(cast, slot, as_(cast.tess, at=time(14), room="Room 2"), day=date(2026, 3, 16))
    assert make_slots(clinic=cast.north, now=NOW) == 0

    zoe = assign(enroll(cast.ana, "Zoe Z."), cast.ana, weekdays=(MONDAY,))
    visits = zoe.visits.order_by("place_on")
    assert [visit.place_on for visit in visits] == [MON_9 + timedelta(weeks=n) for n in range(4)]
    assert visits[1].slot_id == slot.pk
    local = visits[1].starts_at.astimezone(cast.north.tz)
    assert local == datetime(2026, 3, 16, 14, tzinfo=cast.north.tz)
    assert plan_visits(now=NOW) == 0


def test_the_sequence_of_the_class_rises_with_each_change(cast, monday):
    slot = slot_on(monday, MON_9)
    change(cast, slot, as_(cast.ana, at=time(10)))
    change(cast, slot, as_(cast.ana, at=time(11)))
    call_off(slot=slot, why="Flood", by=cast.ana, now=NOW)
    take_back_call_off(slot=slot, by=cast.ana, now=NOW)

    slot.refresh_from_db()
    assert (slot.sequence, slot.changed_at) == (4, NOW)
    assert slot.visits.get().sequence == 4


def test_a_cancelled_seat_moves_with_its_class_and_nobody_is_told(cast, monday):
    slot = slot_on(monday, MON_9)
    visit = slot.visits.get()
    actions.say(visit=visit, status="excused", by=cast.ana, now=NOW)
    visit.refresh_from_db()
    change(cast, slot, as_(cast.ana, at=time(10)))

    moved = Visit.objects.get(pk=visit.pk)
    assert moved.starts_at.astimezone(cast.north.tz).hour == 10
    assert moved.sequence == visit.sequence


@pytest.mark.parametrize(
    ("wanted", "day", "field", "words"),
    [
        ({"room": "Room 2"}, date(2026, 3, 4), "day", "That time is over"),
        (
            {"at": time(9), "room": "Room 1"},
            date(2026, 3, 12),
            "at",
            "Room 1 has a class that begins",
        ),
        (
            {"at": time(9, 15), "room": "Room 2"},
            date(2026, 3, 12),
            "at",
            r"Cal P\. has another visit",
        ),
        ({"at": time(14), "room": "Room 2"}, date(2026, 3, 11), "at", "less than 48 hours between"),
    ],
)
def test_what_is_in_the_way_is_said_beside_its_field(cast, monday, wanted, day, field, words):
    before = Slot.objects.get(weekly=monday, weekly_on=MON_9)
    with pytest.raises(Clash, match=words) as clash:
        change(cast, before, as_(cast.tess, **wanted), day=day)

    assert clash.value.field == field
    after = Slot.objects.get(pk=before.pk)
    assert (after.starts_at, after.sequence) == (before.starts_at, before.sequence)


def test_the_words_say_who_is_where_and_when(cast, monday):
    slot = slot_on(monday, MON_9)
    weekly(season(cast.ana), MONDAY, as_(cast.tess, at=time(10), room="Room 2"), by=cast.ana)

    with pytest.raises(Clash) as clash:
        change(cast, slot, as_(cast.tess, at=time(10, 15)))
    assert clash.value.field == "supervisors"
    assert str(clash.value) == (
        "Tess T. supervises Room 2 from 10:00 to 10:30 that day, Monday 9 March."
    )


def test_a_class_that_has_begun_is_not_changed(cast):
    with pytest.raises(Clash, match="has begun"):
        change(cast, cast.visit.slot, as_(cast.ana, at=time(14)))


# --- this and all that follow ---------------------------------------------------------------------


def test_this_and_all_following_move_with_seats_and_places(cast, monday):
    rows = {visit.pk: visit.place_on for visit in cast.visits if visit.starts_at > NOW}
    new = follow(cast, slot_on(monday, date(2026, 3, 16)), TUESDAY, as_(cast.tess, at=time(8, 30)))

    monday.refresh_from_db()
    assert (monday.ends_on, new.starts_on, new.ends_on) == (
        date(2026, 3, 15),
        date(2026, 3, 17),
        None,
    )
    assert [moment.date() for moment in local_starts(cast.north, monday)] == [MON_9]
    assert local_starts(cast.north, new) == [
        datetime(2026, 3, day, 8, 30, tzinfo=cast.north.tz) for day in (17, 24, 31)
    ]
    old_place = StandingPlace.objects.get(enrollment=cast.enrollment, weekday=MONDAY)
    place = StandingPlace.objects.get(enrollment=cast.enrollment, weekday=TUESDAY)
    assert (old_place.ends_on, place.starts_on, place.ends_on) == (
        date(2026, 3, 15),
        date(2026, 3, 17),
        None,
    )
    assert (place.at, place.room, place.supervisor) == (time(8, 30), "Room 1", cast.tess)
    moved = cast.enrollment.visits.filter(place=place).order_by("during")
    assert [visit.place_on for visit in moved] == [date(2026, 3, day) for day in (17, 24, 31)]
    assert {visit.pk for visit in moved} <= rows.keys()
    assert {visit.sequence for visit in moved} == {1}
    assert SeatChange.objects.filter(visit__in=moved, kind="class_changed").count() == 3
    assert plan_visits(now=NOW) == 0
    assert plan_visits(now=NOW + timedelta(weeks=1), clinic=cast.north) == 4


def test_a_class_changed_alone_stays_and_counts_as_that_weeks(cast, monday):
    alone = slot_on(monday, date(2026, 3, 23))
    change(cast, alone, as_(cast.ana, at=time(15)), day=date(2026, 3, 23))
    new = follow(cast, slot_on(monday, MON_9), TUESDAY, as_(cast.ana, at=time(8), room="Room 2"))

    alone.refresh_from_db()
    assert (alone.weekly, alone.weekly_on) == (new, date(2026, 3, 24))
    local = [moment.strftime("%d %H") for moment in local_starts(cast.north, new)]
    assert local == ["10 08", "17 08", "23 15", "31 08"]
    assert make_slots(clinic=cast.north, now=NOW) == 0
    place = StandingPlace.objects.get(enrollment=cast.enrollment, weekday=TUESDAY)
    assert set(place.visits.values_list("place_on", flat=True)) == {
        date(2026, 3, day) for day in (10, 17, 24, 31)
    }


def test_following_from_its_first_class_on_is_the_same_row(cast):
    row = weekly(season(cast.ana), WEDNESDAY, as_(cast.tess, room="Room 2"), by=cast.ana)
    first = slot_on(row, date(2026, 3, 11))

    again = follow(cast, first, FRIDAY, as_(cast.tess, at=time(11), room="Room 2"))
    assert again.pk != row.pk  # 4 March was a Wednesday of the season
    once_more = follow(cast, slot_on(again, date(2026, 3, 13)), THURSDAY, as_(room="Room 2"))
    assert once_more.pk == again.pk


def test_only_supervisors_change_and_nobody_is_told(cast, monday):
    follow(cast, slot_on(monday, MON_9), MONDAY, as_(cast.tess))

    coming = cast.enrollment.visits.filter(place__weekday=MONDAY)
    assert {visit.sequence for visit in coming} == {0}
    names = Supervision.objects.filter(slot__visits__in=coming).values_list("member", flat=True)
    assert set(names) == {cast.tess.pk}


def test_the_places_of_a_later_row_at_the_same_time_stay_with_their_classes(cast, monday):
    tuesday = follow(cast, slot_on(monday, date(2026, 3, 16)), TUESDAY, as_(at=time(8, 30)))
    again = follow(cast, slot_on(tuesday, date(2026, 3, 24)), MONDAY, as_(cast.tess))
    moved = follow(cast, slot_on(monday, MON_9), TUESDAY, as_(cast.tess, at=time(8)))

    assert moved.pk != again.pk
    stands = cast.enrollment.places.exclude(weekday=THURSDAY).order_by("starts_on")
    assert [(place.weekday, place.at, place.starts_on) for place in stands][-3:] == [
        (TUESDAY, time(8), date(2026, 3, 10)),
        (TUESDAY, time(8, 30), date(2026, 3, 17)),
        (MONDAY, time(9), date(2026, 3, 23)),
    ]
    seats = Visit.objects.filter(slot__weekly=again).order_by("place_on")
    assert [seat.place_on for seat in seats] == [date(2026, 3, 23), date(2026, 3, 30)]
    assert {(seat.place_on, seat.slot.weekly_on) for seat in seats} == {
        (day, day) for day in (date(2026, 3, 23), date(2026, 3, 30))
    }


@pytest.mark.parametrize(
    ("weekday", "wanted", "field", "words"),
    [
        (WEDNESDAY, {}, "at", r"Cal P\. also comes at 09:00 on Thursday"),
        (THURSDAY, {"at": time(9, 15)}, "at", r"Cal P\. has another visit"),
        (FRIDAY, {"room": "Room 1"}, "at", "Room 1 has a class that begins"),
        (MONDAY, {"at": time(10), "room": "Room 2"}, "supervisors", "Tess T. supervises Room 2"),
    ],
)
def test_what_stands_in_the_way_of_a_series_is_said(cast, monday, weekday, wanted, field, words):
    weekly(season(cast.ana), MONDAY, as_(cast.tess, at=time(10, 15), room="Room 2"), by=cast.ana)
    before = list(Visit.objects.order_by("pk").values("during", "place", "place_on", "sequence"))

    with pytest.raises(Clash, match=words) as clash:
        follow(cast, slot_on(monday, date(2026, 3, 16)), weekday, as_(cast.tess, **wanted))
    assert clash.value.field == field
    after = list(Visit.objects.order_by("pk").values("during", "place", "place_on", "sequence"))
    assert before == after


def test_a_series_cannot_move_to_days_that_are_over_or_outside_the_season(cast):
    late = season(cast.ana, ends_on=date(2026, 3, 11))
    row = weekly(late, WEDNESDAY, as_(cast.tess, room="Room 2"), by=cast.ana)
    with pytest.raises(Clash, match="outside the season") as clash:
        follow(cast, slot_on(row, date(2026, 3, 11)), FRIDAY, as_(cast.tess, room="Room 2"))
    assert clash.value.field == "weekday"

    friday = weekly(season(cast.ana), FRIDAY, as_(cast.ana, room="Room 3"), by=cast.ana)
    with pytest.raises(Clash, match="Monday 2 March at 09:00 is over") as clash:
        follow(cast, slot_on(friday, date(2026, 3, 6)), MONDAY, as_(cast.ana, room="Room 3"))
    assert clash.value.field == "weekday"


# --- called off -----------------------------------------------------------------------------------


def test_calling_a_class_off_tells_everyone_and_frees_supervisors_and_the_waiting(cast, monday):
    slot = slot_on(monday, MON_9)
    Waiting.objects.create(
        clinic=cast.north,
        slot=slot,
        enrollment=cast.cam_enrollment,
        client=cast.cam_client,
        asked_by=cast.ana,
    )
    assert call_off(slot=slot, why="Flood", by=cast.ada, now=NOW) == 1

    visit = slot.visits.get()
    assert (visit.status, visit.said_by, visit.said_at, visit.said_why) == (
        "clinic_cancelled",
        cast.ada,
        NOW,
        "Flood",
    )
    assert (visit.sequence, visit.told["on"]) == (1, True)
    assert Supervision.objects.get(slot=slot).during is None
    assert Waiting.objects.get().outcome == "removed"
    with pytest.raises(Clash, match="called off already"):
        call_off(slot=slot, why="Flood", by=cast.ada, now=NOW)
    with pytest.raises(Clash, match="called off"):
        change(cast, slot, as_(cast.ana, at=time(10)))


def test_a_cancelled_seat_never_touches_the_class(cast, monday):
    slot = slot_on(monday, MON_9)
    actions.say(visit=slot.visits.get(), status="cancelled_client", by=cast.ana, now=NOW)

    slot.refresh_from_db()
    assert (slot.called_off_at, slot.sequence) == (None, 0)


def test_held_after_all_gives_back_what_it_took_and_no_more(cast, monday):
    slot = slot_on(monday, MON_9)
    zoe = assign(enroll(cast.ana, "Zoe Z."), cast.ana, weekdays=(MONDAY,))
    hers = zoe.visits.get(slot=slot)
    actions.say(visit=hers, status="excused", by=cast.ana, now=NOW)
    zed = assign(enroll(cast.ana, "Zed Z."), cast.ana, weekdays=(MONDAY,))
    later = NOW + timedelta(minutes=5)
    call_off(slot=slot, why="Flood", by=cast.ada, now=later)
    made_up = zed.visits.get(slot=slot)
    other = Slot.objects.get(weekly=monday, weekly_on=date(2026, 3, 16))
    Visit.objects.filter(enrollment=zed, slot=other).update(
        makes_up=made_up, purpose=Visit.Purpose.MAKE_UP
    )

    assert take_back_call_off(slot=slot, by=cast.ada, now=later) == 1
    statuses = dict(slot.visits.values_list("client__name", "status"))
    assert statuses == {"Cal P.": "planned", "Zoe Z.": "excused", "Zed Z.": "clinic_cancelled"}
    back = slot.visits.get(client=cast.cal_client)
    assert (back.said_at, back.said_by, back.said_why, back.sequence) == (None, None, "", 2)
    planned = Supervision.objects.get(slot=slot)
    assert planned.during.lower == slot.starts_at


def test_a_supervisor_who_is_elsewhere_by_then_is_left_out_of_the_class_that_is_held(cast, monday):
    slot = slot_on(monday, MON_9)
    call_off(slot=slot, why="Flood", by=cast.ada, now=NOW)
    other = Slot.objects.create(
        clinic=cast.north, room="Room 5", starts_at=slot.starts_at, ends_at=slot.ends_at
    )
    Supervision.objects.create(
        clinic=cast.north, slot=other, member=cast.ana, during=(slot.starts_at, slot.ends_at)
    )

    take_back_call_off(slot=slot, by=cast.ada, now=NOW)
    assert Supervision.objects.get(slot=slot).during is None


def test_who_gets_a_place_in_a_class_that_is_called_off_is_told(cast, monday):
    slot = slot_on(monday, MON_9)
    call_off(slot=slot, why="Flood", by=cast.ada, now=NOW)
    zoe = assign(enroll(cast.ana, "Zoe Z."), cast.ana, weekdays=(MONDAY,))

    visit = zoe.visits.get(slot=slot)
    assert (visit.status, visit.said_by, visit.said_why) == ("clinic_cancelled", cast.ada, "Flood")
    assert (visit.sequence, visit.told_sequence, visit.told["on"]) == (1, 0, True)
    assert SeatChange.objects.get(visit=visit).kind == "cancelled"
    assert take_back_call_off(slot=slot, by=cast.ada, now=NOW) == 2
