"""A timetable becomes slots as rows: once each, at nine on both sides of a clock change."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from threading import Thread
from zoneinfo import ZoneInfo

import pytest
from django.db import IntegrityError, connection, transaction

from sessions.clashes import Clash
from sessions.models import Room, Slot, SlotChange, Supervision, Visit
from sessions.planning import plan_visits
from sessions.seasons import add_season, copy_season, end_weekly
from sessions.timetable import make_slots
from tests.cast import NOW, TODAY, assign, build_cast, enroll
from tests.classes_of_week import (
    MONDAY,
    TUESDAY,
    WEDNESDAY,
    as_,
    local_starts,
    season,
    weekly,
)


def test_a_weekly_class_is_a_row_in_each_of_the_weeks_ahead_at_once(cast):
    row = weekly(season(cast.ana), WEDNESDAY, as_(cast.tess, room="Room 2", most=4), by=cast.ana)

    starts = local_starts(cast.north, row)
    assert [moment.date() for moment in starts] == [
        date(2026, 3, 11 + 7 * n) for n in (0, 1, 2)
    ] + [date(2026, 4, 1)]
    assert {moment.time() for moment in starts} == {time(9)}
    slots = Slot.objects.filter(weekly=row)
    assert {(slot.room, slot.capacity, slot.ends_at - slot.starts_at) for slot in slots} == {
        ("Room 2", 4, timedelta(minutes=30))
    }
    planned = Supervision.objects.filter(slot__in=slots)
    assert {(one.member_id, one.during.lower == one.slot.starts_at) for one in planned} == {
        (cast.tess.pk, True)
    }
    assert Room.objects.filter(clinic=cast.north, name="Room 2").exists()
    added = SlotChange.objects.get(weekly=row)
    assert (added.kind, added.by, added.at) == ("added", cast.ana, NOW)


def test_twice_adds_nothing_and_a_week_later_adds_a_week(cast):
    weekly(season(cast.ana), WEDNESDAY, as_(room="Room 2"), by=cast.ana)

    assert make_slots(clinic=cast.north, now=NOW) == 0
    assert make_slots(clinic=cast.north, now=NOW + timedelta(weeks=1)) == 1


def test_late_by_three_weeks_the_weeks_that_are_over_are_not_made_up(cast):
    row = weekly(season(cast.ana), WEDNESDAY, as_(room="Room 2"), by=cast.ana)
    Slot.objects.filter(weekly=row).delete()
    later = NOW + timedelta(weeks=3)

    assert make_slots(clinic=cast.north, now=later) == 4
    assert all(slot.ends_at > later for slot in Slot.objects.filter(weekly=row))


def test_the_season_bounds_the_slots(cast):
    short = season(cast.ana, starts_on=date(2026, 3, 12), ends_on=date(2026, 3, 25))
    row = weekly(short, WEDNESDAY, as_(room="Room 2"), by=cast.ana)

    assert [moment.date() for moment in local_starts(cast.north, row)] == [
        date(2026, 3, 18),
        date(2026, 3, 25),
    ]


def test_a_class_that_is_there_already_becomes_the_timetables(cast):
    coming = cast.visits[1]
    row = weekly(season(cast.ana), MONDAY, as_(cast.tess, most=5), by=cast.ana)

    slot = Slot.objects.get(pk=coming.slot_id)
    assert (slot.weekly, slot.weekly_on, slot.capacity) == (row, date(2026, 3, 9), 5)
    assert {one.member_id for one in slot.supervisions.all()} == {cast.ana.pk, cast.tess.pk}
    assert Slot.objects.filter(starts_at=slot.starts_at, room=slot.room).count() == 1


def test_who_stands_there_takes_the_timetables_slot_and_its_supervisors(cast):
    row = weekly(
        season(cast.ana),
        TUESDAY,
        as_(cast.tess, at=time(14), minutes=45, room="Room 2"),
        by=cast.ana,
    )
    zoe = assign(enroll(cast.ana, "Zoe Z."), cast.ana, weekdays=())
    zoe.places.create(
        clinic=cast.north,
        weekday=TUESDAY,
        at=time(14),
        minutes=30,
        room="Room 2",
        supervisor=cast.ana,
        starts_on=TODAY,
    )
    plan_visits(now=NOW, clinic=cast.north)

    visits = list(zoe.visits.select_related("slot"))
    assert len(visits) == 4
    assert {visit.slot.weekly for visit in visits} == {row}
    assert {visit.ends_at - visit.starts_at for visit in visits} == {timedelta(minutes=45)}
    assert {visit.missed_after - visit.ends_at for visit in visits} == {timedelta(hours=1)}
    named = Supervision.objects.filter(slot__weekly=row).values_list("member", flat=True)
    assert set(named) == {cast.tess.pk}


@pytest.mark.parametrize(
    ("zone", "changes"),
    [
        ("Europe/Berlin", (date(2026, 3, 29), date(2026, 10, 25))),
        ("America/New_York", (date(2026, 3, 8), date(2026, 11, 1))),
        ("Australia/Sydney", (date(2026, 4, 5), date(2026, 10, 4))),
        ("Australia/Brisbane", ()),
    ],
)
@pytest.mark.parametrize("weekday", [6, 0])
def test_nine_stays_nine_on_both_sides_of_every_clock_change(cast, zone, changes, weekday):
    cast.north.timezone = zone
    cast.north.save(update_fields=["timezone"])
    row = weekly(season(cast.ana), weekday, as_(room="Room 9"), by=cast.ana)
    for weeks in range(3, 42, 3):
        make_slots(clinic=cast.north, now=NOW + timedelta(weeks=weeks))

    starts = [moment.astimezone(ZoneInfo(zone)) for moment in local_starts(cast.north, row)]
    assert {(moment.time(), moment.weekday()) for moment in starts} == {(time(9), weekday)}
    assert len({moment.utcoffset() for moment in starts}) == (2 if changes else 1)
    days = [moment.date() for moment in starts]
    assert days == [days[0] + timedelta(weeks=number) for number in range(len(days))]
    assert days[-1] > date(2026, 12, 10)
    assert make_slots(clinic=cast.north, now=datetime(2026, 11, 30, tzinfo=UTC)) == 0


def test_a_class_on_a_leap_day_is_held(cast):
    leap = season(cast.ana, starts_on=date(2028, 2, 1), ends_on=date(2028, 3, 31))
    now = datetime(2028, 2, 10, tzinfo=UTC)
    row = weekly(leap, TUESDAY, as_(room="Room 2"), by=cast.ana, now=now)

    days = [moment.date() for moment in local_starts(cast.north, row)]
    assert days == [date(2028, 2, 15), date(2028, 2, 22), date(2028, 2, 29), date(2028, 3, 7)]


def test_a_class_in_the_hour_that_the_clocks_skip_is_held_once(cast):
    cast.north.timezone = "Europe/Berlin"
    cast.north.save(update_fields=["timezone"])
    row = weekly(season(cast.ana), 6, as_(at=time(2, 30), room="Room 2"), by=cast.ana)

    assert [moment.time() for moment in local_starts(cast.north, row)] == [
        time(2, 30),
        time(2, 30),
        time(2, 30),
        time(3, 30),
    ]
    assert make_slots(clinic=cast.north, now=NOW) == 0


@pytest.mark.django_db(transaction=True)
def test_six_planners_at_once_make_each_slot_once(noon):
    cast = build_cast()
    weekly(season(cast.ana), WEDNESDAY, as_(cast.tess, room="Room 2"), by=cast.ana)
    later = NOW + timedelta(weeks=3)
    counts: list[int] = []

    def make():
        try:
            counts.append(make_slots(clinic=cast.north, now=later))
        finally:
            connection.close()

    makers = [Thread(target=make) for _ in range(6)]
    for maker in makers:
        maker.start()
    for maker in makers:
        maker.join()

    assert sorted(counts) == [0, 0, 0, 0, 0, 3]


def test_a_supervisors_two_overlapping_slots_are_refused_by_the_database(cast):
    weekly(season(cast.ana), WEDNESDAY, as_(cast.tess, room="Room 2"), by=cast.ana)
    first = Slot.objects.filter(room="Room 2").earliest("starts_at")
    beside = Slot.objects.create(
        clinic=cast.north,
        room="Room 3",
        starts_at=first.starts_at + timedelta(minutes=29),
        ends_at=first.ends_at + timedelta(minutes=29),
    )
    double = {"clinic": cast.north, "slot": beside, "member": cast.tess}

    with pytest.raises(IntegrityError, match="supervisor_once_at_a_time"), transaction.atomic():
        Supervision.objects.create(during=(beside.starts_at, beside.ends_at), **double)
    Supervision.objects.create(during=(first.ends_at, beside.ends_at), **double)


def test_a_supervisor_who_is_planned_elsewhere_is_left_out_and_nothing_breaks(cast):
    zoe = assign(enroll(cast.ana, "Zoe Z."), cast.ana, weekdays=(), starts_on=TODAY)
    zoe.places.create(
        clinic=cast.north,
        weekday=WEDNESDAY,
        at=time(9),
        minutes=30,
        room="Room 7",
        supervisor=cast.ana,
        starts_on=TODAY,
    )
    zed = assign(enroll(cast.ana, "Zed Z."), cast.ana, weekdays=(), starts_on=TODAY)
    zed.places.create(
        clinic=cast.north,
        weekday=WEDNESDAY,
        at=time(9, 15),
        minutes=30,
        room="Room 8",
        supervisor=cast.ana,
        starts_on=TODAY,
    )

    assert plan_visits(now=NOW, clinic=cast.north) == 4  # hers; those of Zoe are there by now
    there = Supervision.objects.filter(slot__room__in=("Room 7", "Room 8"))
    assert {one.slot.room for one in there} == {"Room 7"}
    assert Visit.objects.filter(slot__room="Room 8").count() == 4


# --- seasons --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("more", "field", "words"),
    [
        ({"room": "Room 2"}, "at", "Room 2 has a class on Wednesdays from 09:00 to 09:30 already"),
        ({"at": time(9, 15), "room": "Room 3"}, "supervisors", "Tess T. supervises Room 2 on"),
    ],
)
def test_two_weekly_classes_that_meet_are_refused_in_words(cast, more, field, words):
    autumn = season(cast.ana)
    weekly(autumn, WEDNESDAY, as_(cast.tess, room="Room 2"), by=cast.ana)

    with pytest.raises(Clash, match=words) as clash:
        weekly(autumn, WEDNESDAY, as_(cast.tess, **more), by=cast.ana)
    assert clash.value.field == field
    weekly(autumn, WEDNESDAY, as_(cast.tess, at=time(9, 30), room="Room 2"), by=cast.ana)


def test_a_copied_season_has_the_classes_that_the_other_ended_with(cast):
    autumn = season(cast.ana, ends_on=date(2026, 3, 29))
    stays = weekly(autumn, WEDNESDAY, as_(cast.tess, room="Room 2", most=4), by=cast.ana)
    gone = weekly(autumn, TUESDAY, as_(room="Room 2"), by=cast.ana)
    end_weekly(weekly=gone, last_day=date(2026, 3, 17), by=cast.ana, why="Too few", now=NOW)

    winter = copy_season(
        season=autumn,
        name="Winter",
        starts_on=date(2026, 3, 30),
        ends_on=date(2026, 6, 28),
        by=cast.ana,
        now=NOW,
    )
    (row,) = winter.weekly_slots.all()
    assert (row.weekday, row.at, row.room, row.most) == (WEDNESDAY, time(9), "Room 2", 4)
    assert [one.member for one in row.supervisors.all()] == [cast.tess]
    assert [moment.date() for moment in local_starts(cast.north, row)] == [date(2026, 4, 1)]
    assert local_starts(cast.north, stays)[-1].date() == date(2026, 3, 25)


def test_a_copy_that_would_meet_another_season_is_refused(cast):
    autumn = season(cast.ana)
    weekly(autumn, WEDNESDAY, as_(room="Room 2"), by=cast.ana)

    with pytest.raises(Clash, match="Room 2 has a class on Wednesdays") as clash:
        copy_season(
            season=autumn,
            name="Winter",
            starts_on=date(2026, 12, 16),
            ends_on=date(2027, 3, 1),
            by=cast.ana,
            now=NOW,
        )
    assert clash.value.field == "starts_on"
    with pytest.raises(Clash, match="before the first"):
        add_season(name="X", starts_on=date(2026, 4, 2), ends_on=date(2026, 4, 1), by=cast.ana)


def test_ending_a_weekly_class_takes_its_empty_later_slots_and_refuses_taken_ones(cast):
    autumn = season(cast.ana)
    empty = weekly(autumn, WEDNESDAY, as_(cast.tess, room="Room 2"), by=cast.ana)
    taken = weekly(autumn, MONDAY, as_(cast.ana), by=cast.ana)
    last = date(2026, 3, 18)

    end_weekly(weekly=empty, last_day=last, by=cast.ana, why="Too few", now=NOW)
    days = [moment.date() for moment in local_starts(cast.north, empty)]
    assert days == [date(2026, 3, 11), date(2026, 3, 18)]
    assert make_slots(clinic=cast.north, now=NOW) == 0
    ended = SlotChange.objects.get(weekly=empty, kind="ended")
    assert (ended.why, ended.after["ends_on"]) == ("Too few", "2026-03-18")

    with pytest.raises(Clash, match=r"Cal P\. stands there after that day") as clash:
        end_weekly(weekly=taken, last_day=last, by=cast.ana, why="Too few", now=NOW)
    assert clash.value.field == "last_day"
    assert Slot.objects.filter(weekly=taken).count() == 4
