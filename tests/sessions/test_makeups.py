"""What may be made up, for how long, and what gives no credit."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from programs.models import Enrollment
from sessions import actions, booking, closures, series
from sessions.makeups import credits_of
from sessions.models import Closure, Pause, Visit
from tests.cast import NOW, Cast
from tests.sessions.timetabled import MONDAY_AFTER, SATURDAY, class_at, rules, somebody

pytestmark = pytest.mark.django_db


def owed(cast: Cast, *, now: datetime = NOW) -> list[tuple[Visit, date]]:
    enrollment = Enrollment.objects.get(pk=cast.enrollment.pk)
    return [(one.visit, one.until) for one in credits_of(enrollment, now=now)]


def said(cast: Cast, visit: Visit, status: str, *, now: datetime = NOW) -> Visit:
    return actions.say(visit=visit, status=status, by=cast.ana, why="Agreed", now=now)


@pytest.mark.parametrize(
    "status",
    [
        "no_show",
        "late_cancel",
        "cancelled_client",
        "excused",
        "clinic_cancelled",
        "holiday_closed",
    ],
)
def test_a_session_that_did_not_happen_may_be_made_up_for_fourteen_days(cast: Cast, status: str):
    said(cast, cast.visit, status)

    assert owed(cast) == [(cast.visit, date(2026, 3, 19))]
    last = datetime(2026, 3, 19, 23, 59, tzinfo=cast.north.tz)
    assert owed(cast, now=last) == [(cast.visit, date(2026, 3, 19))]
    assert owed(cast, now=last + timedelta(minutes=1)) == []


def test_a_session_that_was_held_is_planned_or_was_said_nothing_of_is_not_owed(cast: Cast):
    Visit.objects.filter(pk=cast.visit.pk).update(status="unrecorded")
    Visit.objects.filter(pk=cast.visits[1].pk).update(
        status="attended", completed_at=NOW, completed_by=cast.ana
    )
    Visit.objects.filter(pk=cast.visits[2].pk).update(status="released")

    assert owed(cast) == []


def test_a_session_that_is_cancelled_ahead_may_be_made_up_before_its_day(cast: Cast):
    coming = cast.visits[2]
    booking.cancel(visit=coming, cause="client", why="", by=cast.cal, now=NOW)

    assert owed(cast) == [(coming, date(2026, 3, 26))]


def test_how_long_is_a_setting_and_none_is_none(cast: Cast):
    said(cast, cast.visit, "no_show")
    rules(cast, makeup_days=3)
    assert owed(cast) == [(cast.visit, date(2026, 3, 8))]

    rules(cast, makeup_days=0)
    assert owed(cast) == []


def test_a_make_up_takes_the_credit_and_its_cancelling_gives_it_back_no_longer_than_before(
    cast: Cast,
):
    missed = said(cast, cast.visit, "no_show")
    made_up = booking.book(
        enrollment=cast.enrollment,
        slot=class_at(cast, SATURDAY),
        purpose="make_up",
        makes_up=missed,
        by=cast.cal,
        now=NOW,
    )
    assert owed(cast) == []

    booking.cancel(visit=made_up, cause="clinic", why="", by=cast.dee, now=NOW)
    assert owed(cast) == [(missed, date(2026, 3, 19))]


def test_who_does_not_come_to_the_make_up_has_used_the_credit(cast: Cast):
    missed = said(cast, cast.visit, "no_show")
    slot = class_at(cast, SATURDAY)
    made_up = booking.book(
        enrollment=cast.enrollment,
        slot=slot,
        purpose="make_up",
        makes_up=missed,
        by=cast.cal,
        now=NOW,
    )
    said(cast, made_up, "no_show", now=slot.ends_at)

    assert owed(cast, now=slot.ends_at) == []


def test_an_extra_session_is_not_owed(cast: Cast):
    visit = booking.book(
        enrollment=cast.enrollment,
        slot=class_at(cast, SATURDAY),
        purpose="extra",
        by=cast.dee,
        now=NOW,
    )
    booking.cancel(visit=visit, cause="clinic", why="", by=cast.dee, now=NOW)

    assert owed(cast) == []


def test_a_pause_gives_no_credit_but_an_excuse_of_its_own_inside_it_does(cast: Cast):
    own = cast.visits[1]
    booking.cancel(visit=own, cause="excused", why="In hospital", by=cast.dee, now=NOW)
    later = NOW + timedelta(hours=1)
    series.pause(
        enrollment=cast.enrollment,
        starts_on=MONDAY_AFTER,
        ends_on=date(2026, 3, 15),
        why="On holiday",
        by=cast.dee,
        now=later,
    )

    assert cast.visits[2].status == "excused"
    assert owed(cast, now=later) == [(own, date(2026, 3, 23))]


def test_what_the_planner_excuses_for_a_pause_gives_no_credit_whoever_it_names(cast: Cast):
    pause = Pause.objects.create(
        clinic=cast.north,
        enrollment=cast.enrollment,
        starts_on=MONDAY_AFTER,
        ends_on=date(2026, 3, 15),
        why="On holiday",
        added_at=NOW,
        added_by=cast.dee,
    )
    Visit.objects.filter(pk=cast.visits[1].pk).update(status="excused")
    Visit.objects.filter(pk=cast.visits[2].pk).update(
        status="excused", said_at=NOW, said_by=pause.added_by
    )

    assert owed(cast) == []


def test_many_clients_are_asked_about_at_once_in_one_query(cast: Cast):
    zoes = [somebody(cast, f"Zoe Z{number}.") for number in range(3)]
    for one in (cast.enrollment, *zoes):
        visit = one.visits.latest("during")
        booking.cancel(visit=visit, cause="client", why="", by=cast.dee, now=NOW)

    credits_of(cast.enrollment, now=NOW)  # clinic and rules are read once
    with CaptureQueriesContext(
        connection,
    ) as asked:
        found = credits_of([cast.enrollment, cast.cam_enrollment, *zoes], now=NOW)
        names = {one.visit.client.name for one in found}
    assert len(asked) == 1
    assert names == {"Cal P.", "Zoe Z0.", "Zoe Z1.", "Zoe Z2."}
    assert credits_of([], now=NOW) == []


def twice_made_up(cast: Cast, *, closed: bool) -> tuple[Visit, Visit]:
    """A make-up that was cancelled, and the one that took its place since."""
    missed = said(cast, cast.visit, "no_show")
    made_up = []
    for day in (SATURDAY, date(2026, 3, 14)):
        slot = class_at(cast, day)
        made_up.append(
            booking.book(
                enrollment=cast.enrollment,
                slot=slot,
                purpose="make_up",
                makes_up=missed,
                by=cast.cal,
                now=NOW,
            )
        )
        if day == SATURDAY and not closed:
            booking.cancel(visit=made_up[0], cause="client", why="", by=cast.cal, now=NOW)
        elif day == SATURDAY:
            closures.close(name="Show Day", starts_on=day, ends_on=day, by=cast.ada, now=NOW)
    return made_up[0], made_up[1]


def test_a_day_that_opens_again_gives_no_make_up_back_that_another_one_has_replaced(cast: Cast):
    first, second = twice_made_up(cast, closed=True)
    closures.reopen(closure=Closure.objects.get(), by=cast.ada, now=NOW + timedelta(hours=1))

    first.refresh_from_db()
    second.refresh_from_db()
    assert (first.status, second.status) == ("holiday_closed", "planned")


def test_who_comes_to_a_make_up_that_another_one_has_replaced_is_refused_with_words(cast: Cast):
    first, _ = twice_made_up(cast, closed=False)
    now = first.starts_at

    with pytest.raises(actions.Refused, match="made up by another one by now"):
        actions.say(visit=first, status="planned", by=cast.ana, now=now)
    with pytest.raises(booking.NoSeat, match="has been made up already"):
        booking.restore(visit=first, by=cast.dee, now=NOW)
