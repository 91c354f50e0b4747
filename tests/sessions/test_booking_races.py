"""Many want the last place at the same moment: one has it, the others are told, nobody hangs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import date, time, timedelta
from itertools import pairwise
from typing import Any

import pytest

from programs.models import Enrollment
from sessions import booking, series, waiting
from sessions.booking import NoSeat
from sessions.models import Notice, Slot, Visit, Waiting
from tests.cast import NOW, THURSDAY, Cast
from tests.sessions.overdue import as_owner  # noqa: F401
from tests.sessions.test_last_place_races import slow, together  # noqa: F401
from tests.sessions.timetabled import SATURDAY, class_at, somebody, una

pytestmark = pytest.mark.django_db(transaction=True)
MANY = 20


def said(act: Callable[..., Any], **more: Any) -> Callable[[], str]:
    """What became of it: "done", or the words of the refusal."""

    def attempt() -> str:
        try:
            act(now=NOW, **more)
        except NoSeat as refused:
            return str(refused)
        return "done"

    return attempt


def book(cast: Cast, enrollment: Enrollment, slot: Slot) -> Callable[[], str]:
    return said(booking.book, enrollment=enrollment, slot=slot, purpose="extra", by=cast.dee)


def seats(slot: Slot) -> int:
    return Visit.objects.filter(slot=slot).exclude(status__in=Visit.FREED).count()


def many(cast: Cast, number: int) -> list[Enrollment]:
    return [somebody(cast, f"Zoe{one} Z.") for one in range(number)]


def test_twenty_book_the_last_place_one_has_it_and_nineteen_are_told(cast: Cast, slow):  # noqa: F811
    slot = class_at(cast, SATURDAY, capacity=1)
    zoes = many(cast, MANY)

    with slow("training_visit"):
        became = together(*(book(cast, zoe, slot) for zoe in zoes))

    assert Counter(became) == {"done": 1, "The class is full: at most 1 were set.": MANY - 1}
    assert seats(slot) == 1


def test_twenty_book_the_last_six_places_of_one_supervisor(cast: Cast):
    slot = class_at(cast, SATURDAY)
    became = together(*(book(cast, zoe, slot) for zoe in many(cast, MANY)))

    full = "The class is full: 1 supervisor, 6 clients each."
    assert Counter(became) == {"done": 6, full: MANY - 6}
    assert seats(slot) == 6


def test_one_client_who_is_booked_twice_at_once_keeps_her_rest(cast: Cast, slow):  # noqa: F811
    zoe = many(cast, 1)[0]
    slots = [class_at(cast, SATURDAY), class_at(cast, SATURDAY, time(11))]

    with slow("training_visit"):
        became = together(*(book(cast, zoe, slot) for slot in slots))

    assert sorted(became)[1] == "done"
    assert sorted(became)[0].startswith("Less than 48 hours from the session on Saturday 7 March")


def test_the_same_make_up_at_two_desks_is_booked_once(cast: Cast, slow):  # noqa: F811
    visit = cast.visits[1]
    booking.cancel(visit=visit, cause="client", why="", by=cast.cal, now=NOW)
    slots = [class_at(cast, SATURDAY), class_at(cast, date(2026, 3, 15))]

    with slow("training_visit"):
        became = together(
            *(
                said(
                    booking.book,
                    enrollment=cast.enrollment,
                    slot=slot,
                    purpose="make_up",
                    makes_up=visit,
                    by=cast.dee,
                )
                for slot in slots
            )
        )

    assert Visit.objects.filter(makes_up=visit).count() == 1
    assert sorted(became)[1] == "done"


def offer(cast: Cast, slot: Slot) -> Waiting:
    """Somebody has the offer of the one place."""
    one = waiting.wait(enrollment=somebody(cast, "Lil L."), slot=slot, by=cast.dee, now=NOW)
    assert waiting.offer_free_places(NOW) == 1
    return one


def test_the_place_of_an_offer_is_taken_by_her_whoever_books_at_that_moment(cast: Cast, slow):  # noqa: F811
    slot = class_at(cast, SATURDAY, capacity=1)
    offered = offer(cast, slot)
    others = [book(cast, zoe, slot) for zoe in many(cast, 4)]

    with slow("training_visit"):
        became = together(said(waiting.accept, waiting=offered, by=cast.dee), *others)

    assert became[0] == "done"
    assert set(became[1:]) == {"The class is full: at most 1 were set."}
    assert seats(slot) == 1


def test_an_offer_that_is_accepted_twice_and_declined_at_once_has_one_end(cast: Cast, slow):  # noqa: F811
    slot = class_at(cast, SATURDAY, capacity=1)
    offered = offer(cast, slot)

    with slow("training_visit"):
        accepted, again, declined = together(
            said(waiting.accept, waiting=offered, by=cast.dee),
            said(waiting.accept, waiting=offered, by=cast.dee),
            said(waiting.decline, waiting=offered, by=cast.dee),
        )

    taken = seats(slot) == 1
    assert (accepted == "done", again == "done", declined != "done") == (taken,) * 3
    offered.refresh_from_db()
    assert offered.outcome == ("taken" if taken else "declined")


def test_ten_sweeps_at_once_offer_a_place_once(cast: Cast, slow):  # noqa: F811
    slot = class_at(cast, SATURDAY, capacity=1)
    for number, zoe in enumerate(many(cast, 4)):
        at = NOW + timedelta(minutes=number)
        waiting.wait(enrollment=zoe, slot=slot, by=cast.dee, now=at)

    with slow("training_notice"):
        became = together(*[lambda: waiting.offer_free_places(NOW)] * 10)

    assert sum(became) == 1
    assert Waiting.objects.filter(slot=slot, offered_at__isnull=False).count() == 1
    assert Notice.objects.count() == 1


def test_ten_sweeps_at_once_end_an_offer_once_and_pass_it_on_once(cast: Cast, slow):  # noqa: F811
    slot = class_at(cast, SATURDAY, capacity=1)
    for zoe in many(cast, 4):
        waiting.wait(enrollment=zoe, slot=slot, by=cast.dee, now=NOW)
    waiting.offer_free_places(NOW)
    later = NOW + timedelta(hours=4)

    with slow("training_notice"):
        became = together(*[lambda: waiting.expire(later)] * 10)

    assert sum(became) == 1
    waiting.expire(later)  # those who met another sweep leave it to the next one
    waiting.offer_free_places(later)
    open_offers = Waiting.objects.open().filter(slot=slot, offered_at__isnull=False)
    assert (open_offers.count(), Notice.objects.count()) == (1, 2)


def test_a_seat_that_is_cancelled_and_moved_at_once_is_one_or_the_other(cast: Cast, slow):  # noqa: F811
    visit, slot = cast.visits[1], class_at(cast, date(2026, 3, 10))

    with slow("training_seatchange"):
        cancelled, moved = together(
            said(booking.cancel, visit=visit, cause="client", why="", by=cast.cal),
            said(booking.move, visit=visit, slot=slot, why="", by=cast.dee),
        )

    visit.refresh_from_db()
    if cancelled == moved == "done":  # moved first
        assert (visit.status, visit.slot, visit.sequence) == ("cancelled_client", slot, 2)
    else:
        assert (cancelled, moved) == ("done", "This seat is cancelled. Give it back first.")
        assert (visit.status, visit.slot != slot, visit.sequence) == ("cancelled_client", True, 1)


def test_a_place_that_moves_into_a_class_whose_last_seats_are_booked(cast: Cast, slow):  # noqa: F811
    """Either the series has them or those who book do; the class is never too full."""
    for week in range(4):
        class_at(cast, date(2026, 3, 14) + timedelta(weeks=week), capacity=1)
    slots = list(Slot.objects.filter(room="Room 2").order_by("starts_at"))
    zoes = many(cast, 4)
    move = said(
        series.move_following,
        visit=cast.enrollment.visits.filter(place__weekday=THURSDAY).order_by("during")[1],
        weekday=5,
        at=time(9),
        room="Room 2",
        supervisor=una(cast),
        minutes=30,
        by=cast.dee,
        why="",
    )

    with slow("training_visit"):
        together(move, *(book(cast, zoe, slot) for zoe, slot in zip(zoes, slots, strict=True)))

    assert [seats(slot) for slot in slots] == [1] * 4


def test_a_place_that_moves_and_a_client_who_is_booked_keep_her_rest(cast: Cast, slow):  # noqa: F811
    slot = class_at(cast, SATURDAY + timedelta(days=14))  # two days after a Thursday
    move = said(
        series.move_following,
        visit=cast.enrollment.visits.filter(place__weekday=THURSDAY).order_by("during")[1],
        weekday=4,
        at=time(9),
        room="Room 2",
        supervisor=una(cast),
        minutes=30,
        by=cast.dee,
        why="",
    )
    with slow("training_seatchange"):
        became = together(move, book(cast, cast.enrollment, slot))

    assert became.count("done") == 1
    starts = sorted(visit.starts_at for visit in cast.visits if visit.status not in Visit.FREED)
    gaps = [after - before for before, after in pairwise(starts)]
    assert min(gaps) >= timedelta(hours=48)
