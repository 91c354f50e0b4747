"""Planned leave of a client, and coming back: whose seats are hers again, and which are not."""

from __future__ import annotations

from datetime import date, time, timedelta
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied

from sessions import booking, series
from sessions.booking import NoSeat
from sessions.makeups import credits_of
from sessions.models import Closure, Pause, Slot, Visit
from tests.cast import NOW, Cast
from tests.sessions.timetabled import class_at, history

pytestmark = pytest.mark.django_db


def local(cast: Cast, visit: Visit) -> str:
    return f"{visit.starts_at.astimezone(cast.north.tz):%a %d %b %H:%M}"


def paused(cast: Cast, first: date, last: date, **more: Any) -> Pause:
    usual = {"enrollment": cast.enrollment, "why": "On holiday", "by": cast.dee, "now": NOW}
    return series.pause(starts_on=first, ends_on=last, **{**usual, **more})


def statuses(cast: Cast) -> dict[str, str]:
    return {local(cast, visit)[:10]: visit.status for visit in cast.visits}


def test_a_pause_excuses_what_lies_inside_both_days_included(cast: Cast):
    paused(cast, date(2026, 3, 12), date(2026, 3, 19))

    said = statuses(cast)
    assert [
        said[day] for day in ("Mon 09 Mar", "Thu 12 Mar", "Mon 16 Mar", "Thu 19 Mar", "Mon 23 Mar")
    ] == ["planned", "excused", "excused", "excused", "planned"]
    visit = cast.visits[2]
    assert (visit.said_why, visit.said_by, visit.sequence) == ("On holiday", cast.dee, 1)
    assert history(visit) == [("cancelled", "Dee D.", "On holiday")]
    assert credits_of(cast.enrollment, now=NOW) == []


@pytest.mark.parametrize(
    ("first", "last", "more", "words"),
    [
        ("2026-03-12", "2026-03-11", {}, "not before its first day"),
        ("2026-03-01", "2026-03-04", {}, "These days are over"),
        ("2026-03-12", "2026-03-19", {"why": " "}, "Write down why"),
        (
            "2026-04-02",
            "2026-04-09",
            {},
            "a pause from Thursday 2 April to Thursday 2 April already",
        ),
        ("2026-03-30", "2026-04-30", {}, "a pause from Thursday 2 April"),
    ],
)
def test_a_pause_that_cannot_be_is_refused(cast: Cast, first, last, more, words):
    paused(cast, date(2026, 4, 2), date(2026, 4, 2))

    with pytest.raises(NoSeat, match=words):
        paused(cast, date.fromisoformat(first), date.fromisoformat(last), **more)
    assert Pause.objects.count() == 1


def test_days_after_an_early_return_are_free_for_another_pause(cast: Cast):
    first = paused(cast, date(2026, 3, 9), date(2026, 3, 30))
    series.resume(pause=first, on=date(2026, 3, 16), by=cast.dee, now=NOW)

    with pytest.raises(NoSeat, match="to Sunday 15 March already"):
        paused(cast, date(2026, 3, 15), date(2026, 3, 20))
    assert paused(cast, date(2026, 3, 16), date(2026, 3, 20))


def test_a_pause_that_was_taken_back_whole_stands_in_the_way_of_none(cast: Cast):
    pause = paused(cast, date(2026, 3, 16), date(2026, 3, 19))
    series.resume(pause=pause, on=date(2026, 3, 16), by=cast.dee, now=NOW)

    paused(cast, date(2026, 3, 12), date(2026, 3, 26))

    assert statuses(cast)["Mon 16 Mar"] == "excused"


def test_who_is_back_has_her_seats_again_from_that_day_on(cast: Cast):
    pause = paused(cast, date(2026, 3, 9), date(2026, 3, 30))
    left = series.resume(pause=pause, on=date(2026, 3, 19), by=cast.dee, now=NOW)

    assert left == []
    said = statuses(cast)
    assert [
        said[day] for day in ("Mon 09 Mar", "Thu 12 Mar", "Mon 16 Mar", "Thu 19 Mar", "Mon 23 Mar")
    ] == ["excused", "excused", "excused", "planned", "planned"]
    pause.refresh_from_db()
    assert (pause.resumed_on, pause.resumed_by) == (date(2026, 3, 19), cast.dee)
    with pytest.raises(NoSeat, match="ended early already"):
        series.resume(pause=pause, on=date(2026, 3, 12), by=cast.dee, now=NOW)


def test_what_is_full_closed_or_too_near_by_now_is_returned_and_may_be_made_up(cast: Cast):
    pause = paused(cast, date(2026, 3, 9), date(2026, 3, 26))
    full, closed, fine = cast.visits[1:4]
    near = cast.visits[6]  # Thursday 26 March
    Slot.objects.filter(pk=full.slot_id).update(capacity=0)
    Closure.objects.create(
        clinic=cast.north,
        name="Show Day",
        starts_on=closed.place_on,
        ends_on=closed.place_on,
        added_by=cast.ada,
    )
    booking.book(
        enrollment=cast.enrollment,
        slot=class_at(cast, date(2026, 3, 28), time(8)),
        purpose="extra",
        by=cast.dee,
        now=NOW,
    )
    resumed = NOW + timedelta(hours=1)
    left = series.resume(pause=pause, on=date(2026, 3, 9), by=cast.dee, now=resumed)

    assert left == [full, closed, near]
    assert Visit.objects.get(pk=fine.pk).status == "planned"
    assert [one.visit for one in credits_of(cast.enrollment, now=resumed)] == left


def test_a_word_of_its_own_inside_the_pause_outlasts_it(cast: Cast):
    own = cast.visits[1]
    booking.cancel(visit=own, cause="excused", why="Surgery", by=cast.dee, now=NOW)
    pause = paused(cast, date(2026, 3, 9), date(2026, 3, 26), now=NOW + timedelta(minutes=1))
    series.resume(pause=pause, on=date(2026, 3, 9), by=cast.dee, now=NOW + timedelta(hours=1))

    assert (cast.visits[1].status, cast.visits[1].said_why) == ("excused", "Surgery")
    assert cast.visits[2].status == "planned"


def test_a_pause_that_is_nearly_over_ends_by_itself(cast: Cast):
    pause = paused(cast, date(2026, 3, 9), date(2026, 3, 26))

    with pytest.raises(NoSeat, match="ends by itself on Thursday 26 March"):
        series.resume(pause=pause, on=date(2026, 3, 27), by=cast.dee, now=NOW)
    for act in (
        lambda: series.resume(pause=pause, on=date(2026, 3, 12), by=cast.cal, now=NOW),
        lambda: paused(cast, date(2026, 4, 9), date(2026, 4, 12), by=cast.cal),
    ):
        with pytest.raises(PermissionDenied):
            act()
