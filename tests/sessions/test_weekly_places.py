"""A weekly place is moved from one session on, and ended."""

from __future__ import annotations

from datetime import date, time, timedelta
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied

from sessions import booking, series
from sessions.booking import NoSeat
from sessions.models import Closure, StandingPlace, Supervision, Visit
from sessions.planning import plan_visits
from tests.cast import NOW, TODAY, Cast
from tests.sessions.timetabled import SATURDAY, class_at, history, rules, somebody, una

pytestmark = pytest.mark.django_db
TUESDAY, WEDNESDAY, FRIDAY, SUNDAY = 1, 2, 4, 6


def follow(cast: Cast, visit: Visit, **more: Any) -> StandingPlace:
    """Cal's Thursdays from this one on are Fridays at ten with Una, unless said otherwise."""
    usual = {
        "weekday": FRIDAY,
        "at": time(10),
        "room": "Room 2",
        "supervisor": una(cast),
        "minutes": 30,
        "by": cast.dee,
        "why": "A new job",
        "now": NOW,
    }
    return series.move_following(visit=visit, **{**usual, **more})


def thursdays(cast: Cast) -> list[Visit]:
    return list(cast.enrollment.visits.filter(place__weekday=3).order_by("place_on"))


def local(cast: Cast, visit: Visit) -> str:
    return f"{visit.starts_at.astimezone(cast.north.tz):%a %d %b %H:%M}"


# --- this and following --------------------------------------------------------------------------


def test_this_and_all_that_follow_move_as_the_same_visits(cast: Cast):
    first, second, *others = thursdays(cast)
    uids = [visit.uid for visit in (second, *others)]
    place = follow(cast, second)

    moved = list(place.visits.order_by("place_on"))
    assert [visit.uid for visit in moved] == uids
    assert [local(cast, visit) for visit in moved] == [
        "Fri 13 Mar 10:00",
        "Fri 20 Mar 10:00",
        "Fri 27 Mar 10:00",
        "Fri 03 Apr 10:00",
    ]
    assert [visit.place_on for visit in moved] == [
        date(2026, 3, 13 + 7 * n) if n < 3 else date(2026, 4, 3) for n in range(4)
    ]
    assert {visit.slot.room for visit in moved} == {"Room 2"}
    assert {visit.sequence for visit in moved} == {1}
    assert history(moved[0]) == [("moved", "Dee D.", "A new job")]
    first.refresh_from_db()
    assert (first.place.ends_on, first.place_on) == (date(2026, 3, 11), TODAY)
    assert (place.starts_on, place.ends_on) == (date(2026, 3, 13), None)
    assert set(Supervision.objects.filter(slot=moved[0].slot).values_list("member", flat=True)) == {
        una(cast).pk
    }


def test_the_planner_goes_on_with_the_new_place_and_plans_nothing_twice(cast: Cast):
    follow(cast, thursdays(cast)[1])
    before = cast.enrollment.visits.count()

    assert plan_visits(now=NOW, clinic=cast.north) == 0
    plan_visits(now=NOW + timedelta(weeks=1), clinic=cast.north)
    last = cast.enrollment.visits.latest("during")
    assert local(cast, last) == "Mon 06 Apr 09:00"
    plan_visits(now=NOW + timedelta(days=8), clinic=cast.north)
    last = cast.enrollment.visits.latest("during")
    assert local(cast, last) == "Fri 10 Apr 10:00"
    assert cast.enrollment.visits.count() == before + 2


def test_what_was_cancelled_stays_and_counts_as_its_weeks(cast: Cast):
    visits = thursdays(cast)
    booking.cancel(visit=visits[2], cause="client", why="", by=cast.cal, now=NOW)
    place = follow(cast, visits[1])

    visits[2].refresh_from_db()
    assert (visits[2].status, local(cast, visits[2])) == ("cancelled_client", "Thu 19 Mar 09:00")
    assert (visits[2].place, visits[2].place_on) == (place, date(2026, 3, 20))
    plan_visits(now=NOW, clinic=cast.north)
    assert cast.enrollment.visits.filter(during__startswith__date="2026-03-20").count() == 0


def test_a_session_that_was_moved_alone_follows_too(cast: Cast):
    visits = thursdays(cast)
    booking.move(
        visit=visits[2],
        slot=class_at(cast, SATURDAY + timedelta(days=14), time(8)),
        by=cast.dee,
        why="",
        now=NOW,
    )
    follow(cast, visits[1])

    assert local(cast, Visit.objects.get(pk=visits[2].pk)) == "Fri 20 Mar 10:00"


def test_a_session_goes_where_a_later_one_of_the_series_sits_that_goes_on_too(cast: Cast):
    rules(cast, rest_hours=0)
    first, second = thursdays(cast)[1:3]
    friday = class_at(cast, date(2026, 3, 13), time(10))
    booking.move(visit=second, slot=friday, by=cast.dee, why="", now=NOW)
    place = follow(cast, first)

    assert [(one.pk, local(cast, one)) for one in place.visits.order_by("place_on")[:2]] == [
        (first.pk, "Fri 13 Mar 10:00"),
        (second.pk, "Fri 20 Mar 10:00"),
    ]


def test_only_the_time_or_the_supervisor_changes(cast: Cast):
    visits = thursdays(cast)
    later = follow(cast, visits[1], weekday=3, at=time(11), room="Room 1", supervisor=cast.ana)
    assert local(cast, later.visits.earliest("during")) == "Thu 12 Mar 11:00"

    same = follow(cast, visits[2], weekday=3, at=time(11), room="Room 1")
    assert local(cast, same.visits.earliest("during")) == "Thu 19 Mar 11:00"
    assert Visit.objects.get(pk=visits[2].pk).sequence == 1


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"weekday": 0}, "This client has a place on Monday already"),
        ({"weekday": TUESDAY}, "Tuesday and Monday follow each other"),
        ({"weekday": SUNDAY}, "Sunday and Monday follow each other"),
        ({"weekday": WEDNESDAY, "at": time(8)}, "Less than 48 hours from the place on Monday"),
    ],
)
def test_a_place_too_near_to_another_is_refused(cast: Cast, more: dict[str, Any], words: str):
    with pytest.raises(NoSeat, match=words):
        follow(cast, thursdays(cast)[1], **more)
    assert StandingPlace.objects.filter(enrollment=cast.enrollment, ends_on=None).count() == 2


def test_what_cannot_be_the_start_is_refused(cast: Cast):
    past, coming = thursdays(cast)[:2]
    alone = booking.book(
        enrollment=cast.cam_enrollment,
        slot=class_at(cast, date(2026, 3, 15)),
        purpose="extra",
        by=cast.dee,
        now=NOW,
    )
    cancelled = thursdays(cast)[2]
    booking.cancel(visit=cancelled, cause="client", why="", by=cast.cal, now=NOW)

    for visit, more, words in (
        (past, {}, "has begun or is over"),
        (alone, {}, "belongs to no weekly place"),
        (cancelled, {}, "This seat is cancelled"),
        (coming, {"supervisor": cast.dee}, "Only therapists"),
        (coming, {"supervisor": cast.lea}, "Only therapists"),
        (coming, {"supervisor": cast.otto}, "Only therapists"),
        (
            coming,
            {"weekday": WEDNESDAY, "now": coming.starts_at - timedelta(hours=3)},
            "Wednesday 11 March, 10:00 is over",
        ),
    ):
        with pytest.raises(NoSeat, match=words):
            follow(cast, visit, **more)
    with pytest.raises(PermissionDenied):
        follow(cast, coming, by=cast.cal)


def test_a_clash_in_one_week_is_named_and_nothing_moves(cast: Cast):
    full = class_at(cast, date(2026, 3, 20), time(10), capacity=0)
    booking.book(
        enrollment=cast.enrollment,
        slot=class_at(cast, date(2026, 3, 28)),
        purpose="extra",
        by=cast.dee,
        now=NOW,
    )
    with pytest.raises(NoSeat) as said:
        follow(cast, thursdays(cast)[1])

    assert str(said.value) == (
        "Friday 20 March, 10:00: There is no place: at most 0 were set. "
        "Friday 27 March, 10:00: Less than 48 hours from the session on Saturday 28 March, 9:00. "
        "Bones and muscles need that rest."
    )
    assert full.visits.count() == 0
    assert [local(cast, visit) for visit in thursdays(cast)][1] == "Thu 12 Mar 09:00"


def test_the_supervisor_who_is_elsewhere_is_named(cast: Cast):
    class_at(cast, date(2026, 3, 20), time(9, 45), room="Room 7")

    with pytest.raises(NoSeat) as said:
        follow(cast, thursdays(cast)[1])
    assert str(said.value) == "Una T. supervises Room 7 at that time: Friday 20 March, 9:45."


def test_a_class_that_is_full_every_week_takes_nobody_though_somebody_is_away(cast: Cast):
    rules(cast, group_warn_above=2)
    for name in ("Zoe Z.", "Lil L."):
        one = somebody(cast, name, weekdays=(FRIDAY,), at=time(14))
        for visit in one.visits.all():
            Visit.objects.filter(pk=visit.pk).update(status="excused")

    with pytest.raises(
        NoSeat, match="full every week: 2 clients have this place, and there is room for 2"
    ):
        follow(cast, thursdays(cast)[1], at=time(14), room="Room 1", supervisor=cast.ana)


def test_a_week_in_which_the_new_day_is_closed_is_closed_and_the_old_holiday_is_not(cast: Cast):
    visits = thursdays(cast)
    Visit.objects.filter(pk=visits[2].pk).update(
        status="holiday_closed", said_at=NOW, said_by=cast.ada, said_why="Show Day"
    )
    Closure.objects.create(
        clinic=cast.north,
        name="Friday off",
        starts_on=date(2026, 3, 27),
        ends_on=date(2026, 3, 27),
        added_by=cast.ada,
    )
    place = follow(cast, visits[1])

    assert [visit.status for visit in place.visits.order_by("place_on")] == [
        "planned",
        "planned",
        "holiday_closed",
        "planned",
    ]
    closed = place.visits.get(place_on=date(2026, 3, 27))
    assert (closed.said_by, local(cast, closed)) == (cast.dee, "Fri 27 Mar 10:00")


def test_a_place_that_ends_leaves_nobody_behind_its_last_day(cast: Cast):
    visits = thursdays(cast)
    StandingPlace.objects.filter(pk=visits[1].place_id).update(ends_on=date(2026, 4, 2))
    place = follow(cast, visits[1])

    assert place.ends_on == date(2026, 4, 2)
    assert [visit.status for visit in place.visits.order_by("place_on")] == [
        "planned",
        "planned",
        "planned",
        "released",
    ]


# --- ended ---------------------------------------------------------------------------------------


def test_an_ended_place_releases_what_was_planned_behind_its_last_day(cast: Cast):
    place = thursdays(cast)[0].place
    series.end_place(place=place, on=date(2026, 3, 19), why="Once a week", by=cast.dee, now=NOW)

    assert [visit.status for visit in thursdays(cast)] == ["planned"] * 3 + ["released"] * 2
    released = thursdays(cast)[3]
    assert (released.said_why, released.sequence) == ("Once a week", 1)
    assert history(released) == [("cancelled", "Dee D.", "Once a week")]
    plan_visits(now=NOW + timedelta(weeks=3), clinic=cast.north)
    assert len(thursdays(cast)) == 5
    assert cast.enrollment.visits.filter(place__weekday=0, status="planned").count() > 4
    with pytest.raises(NoSeat, match="ends on Thursday 19 March already"):
        series.end_place(place=place, on=date(2026, 3, 26), why="", by=cast.dee, now=NOW)
    with pytest.raises(PermissionDenied):
        series.end_place(place=place, on=TODAY, why="", by=cast.cal, now=NOW)
