"""A freed place is offered in the order of asking, kept until the offer ends, and passed on."""

from __future__ import annotations

from datetime import datetime, time, timedelta

import pytest
from django.core.exceptions import PermissionDenied

from programs.models import Enrollment
from sessions import actions, booking, series, waiting
from sessions.booking import NoSeat
from sessions.models import Notice, Slot, Visit, Waiting
from tests.cast import NOW, Cast
from tests.sessions.timetabled import SATURDAY, class_at, lock, rules, somebody

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


class Queue:
    """A class with one place, which Gus has, and three who wait for it in order."""

    def __init__(self, cast: Cast) -> None:
        self.cast = cast
        self.slot = class_at(cast, SATURDAY, capacity=1)
        self.gus = booking.book(
            enrollment=somebody(cast, "Gus G."),
            slot=self.slot,
            purpose="extra",
            by=cast.dee,
            now=NOW,
        )
        self.asked = [
            self.ask(somebody(cast, name), NOW + timedelta(minutes=number))
            for number, name in enumerate(("Zoe Z.", "Lil L.", "Ned N."))
        ]

    def ask(self, enrollment: Enrollment, at: datetime) -> Waiting:
        return waiting.wait(enrollment=enrollment, slot=self.slot, by=self.cast.dee, now=at)

    def free(self) -> None:
        booking.cancel(visit=self.gus, cause="client", why="", by=self.cast.dee, now=NOW)

    def standing(self) -> list[str]:
        """What each who asked has: nothing yet, an offer, or how it ended."""
        rows = Waiting.objects.filter(slot=self.slot).order_by("asked_at")
        return [row.outcome or ("offered" if row.offered_at else "waits") for row in rows]


@pytest.fixture
def queue(cast: Cast) -> Queue:
    return Queue(cast)


# --- offered -------------------------------------------------------------------------------------


def test_nothing_is_offered_while_the_class_is_full(queue: Queue):
    assert waiting.offer_free_places(NOW) == 0
    assert queue.standing() == ["waits"] * 3


def test_a_freed_place_is_offered_to_who_asked_first_and_to_nobody_else(queue: Queue):
    queue.free()

    assert waiting.offer_free_places(NOW) == 1
    assert waiting.offer_free_places(NOW) == 0
    assert queue.standing() == ["offered", "waits", "waits"]
    offer = Waiting.objects.get(pk=queue.asked[0].pk)
    assert (offer.offered_at, offer.offer_ends_at) == (NOW, NOW + 4 * HOUR)
    notice = Notice.objects.get()
    assert (notice.kind, notice.client, notice.to) == ("offer", offer.client, "zoe@example.org")


def test_as_many_are_asked_as_there_are_places(queue: Queue):
    Slot.objects.filter(pk=queue.slot.pk).update(capacity=3)

    assert waiting.offer_free_places(NOW) == 2
    assert queue.standing() == ["offered", "offered", "waits"]


def test_who_cannot_take_it_now_is_passed_over_and_keeps_her_turn(queue: Queue):
    zoe, lil, ned = (one.enrollment for one in queue.asked)
    lock(queue.cast, zoe.client)
    series.pause(
        enrollment=lil,
        starts_on=SATURDAY,
        ends_on=SATURDAY,
        why="Away",
        by=queue.cast.dee,
        now=NOW,
    )
    booking.book(
        enrollment=ned,
        slot=class_at(queue.cast, SATURDAY, time(15)),
        purpose="extra",
        by=queue.cast.dee,
        now=NOW,
    )
    ida = queue.ask(somebody(queue.cast, "Ida I."), NOW + HOUR)
    queue.free()

    assert waiting.offer_free_places(NOW) == 1
    assert queue.standing() == ["waits", "waits", "waits", "offered"]
    waiting.decline(waiting=ida, by=queue.cast.dee, now=NOW + HOUR)
    assert queue.standing() == ["waits", "waits", "waits", "declined"]
    zoe.client.locks.update(
        released_at=NOW, released_by=queue.cast.ana, clinician="Dr L. H.", finding="Fine"
    )
    assert waiting.offer_free_places(NOW + 2 * HOUR) == 1
    assert queue.standing() == ["offered", "waits", "waits", "declined"]


def test_who_has_no_address_is_left_to_the_desk(queue: Queue):
    """She would not hear of an offer, and would lose it: the desk calls her and offers it."""
    client = queue.asked[0].client
    client.email = ""
    client.save(update_fields=["email"])
    queue.free()

    waiting.offer_free_places(NOW)
    assert queue.standing() == ["waits", "offered", "waits"]
    waiting.decline(waiting=queue.asked[1], by=queue.cast.dee, now=NOW)
    waiting.remove(waiting=queue.asked[2], by=queue.cast.dee, now=NOW)
    waiting.offer_to(waiting=queue.asked[0], by=queue.cast.dee, now=NOW)
    assert queue.standing() == ["offered", "declined", "removed"]


def test_an_offer_ends_an_hour_before_the_class_at_the_latest(queue: Queue):
    now = queue.slot.starts_at - 2 * HOUR
    Slot.objects.filter(pk=queue.slot.pk).update(capacity=2)
    waiting.offer_free_places(now)

    offer = Waiting.objects.get(pk=queue.asked[0].pk)
    assert offer.offer_ends_at == queue.slot.starts_at - HOUR


def test_a_place_that_is_freed_too_late_is_offered_to_nobody(queue: Queue):
    Slot.objects.filter(pk=queue.slot.pk).update(capacity=2)

    assert waiting.offer_free_places(queue.slot.starts_at - HOUR) == 0
    with pytest.raises(NoSeat, match="begins too soon for an offer"):
        waiting.offer_to(waiting=queue.asked[0], by=queue.cast.dee, now=queue.slot.starts_at - HOUR)


def test_how_long_an_offer_stands_is_a_setting(queue: Queue):
    rules(queue.cast, offer_hours=1)
    queue.free()
    waiting.offer_free_places(NOW)

    assert Waiting.objects.get(pk=queue.asked[0].pk).offer_ends_at == NOW + HOUR


def test_an_offer_made_in_the_evening_is_told_in_the_morning_and_its_hours_count_from_then(
    queue: Queue,
):
    queue.free()
    evening, morning = NOW + 9 * HOUR, NOW + 20 * HOUR  # 21:00 and 8:00
    assert waiting.offer_free_places(evening) == 1

    offer, notice = Waiting.objects.get(pk=queue.asked[0].pk), Notice.objects.get()
    assert (offer.offered_at, offer.offer_ends_at) == (evening, morning + 4 * HOUR)
    assert (notice.due_at, notice.expires_at) == (morning, morning + 4 * HOUR)


def test_a_second_offer_after_a_first_is_a_message_of_its_own(queue: Queue):
    rules(queue.cast, quiet_from_hour=8, quiet_until_hour=8)  # no quiet hours
    queue.free()
    waiting.offer_free_places(NOW)
    waiting.expire(NOW + 4 * HOUR)
    queue.ask(queue.asked[0].enrollment, NOW + 5 * HOUR)
    waiting.expire(NOW + 8 * HOUR)
    waiting.expire(NOW + 12 * HOUR)

    assert queue.standing() == ["expired", "expired", "expired", "offered"]
    assert Notice.objects.filter(client=queue.asked[0].client).count() == 2


# --- answered ------------------------------------------------------------------------------------


def test_the_place_is_kept_for_who_was_offered_it_and_she_books_it(queue: Queue):
    queue.free()
    waiting.offer_free_places(NOW)
    with pytest.raises(NoSeat, match="The class is full"):
        booking.book(
            enrollment=queue.cast.enrollment,
            slot=queue.slot,
            purpose="extra",
            by=queue.cast.dee,
            now=NOW,
        )
    visit = waiting.accept(waiting=queue.asked[0], by=queue.cast.dee, now=NOW + HOUR)

    assert (visit.client, visit.slot, visit.purpose) == (
        queue.asked[0].client,
        queue.slot,
        "extra",
    )
    assert queue.standing() == ["taken", "waits", "waits"]
    assert waiting.accept(waiting=queue.asked[0], by=queue.cast.dee, now=NOW + HOUR) == visit
    assert Visit.objects.filter(slot=queue.slot, status="planned").count() == 1


def test_a_client_accepts_her_make_up_and_declines_for_herself_only(cast: Cast):
    queue = Queue(cast)
    for one in queue.asked:
        waiting.remove(waiting=one, by=cast.dee, now=NOW)
    missed = cast.visit
    actions.say(visit=missed, status="no_show", by=cast.ana, now=NOW)
    cals = waiting.wait(
        enrollment=cast.enrollment, slot=queue.slot, by=cast.cal, now=NOW, makes_up=missed
    )
    queue.free()
    waiting.offer_free_places(NOW)

    for act in (waiting.accept, waiting.decline, waiting.remove):
        for who in (cast.cam, cast.con, cast.otto):
            with pytest.raises(PermissionDenied):
                act(waiting=cals, by=who, now=NOW)
    visit = waiting.accept(waiting=cals, by=cast.cal, now=NOW)
    assert (visit.purpose, visit.makes_up) == ("make_up", missed)


def test_an_offer_that_has_ended_or_was_never_made_books_nothing(queue: Queue):
    queue.free()
    with pytest.raises(NoSeat, match="This offer has ended"):
        waiting.accept(waiting=queue.asked[0], by=queue.cast.dee, now=NOW)
    waiting.offer_free_places(NOW)
    with pytest.raises(NoSeat, match="This offer has ended"):
        waiting.accept(waiting=queue.asked[0], by=queue.cast.dee, now=NOW + 4 * HOUR)


def test_who_was_locked_since_the_offer_does_not_get_the_place(queue: Queue):
    queue.free()
    waiting.offer_free_places(NOW)
    lock(queue.cast, queue.asked[0].client)

    with pytest.raises(NoSeat, match="locked"):
        waiting.accept(waiting=queue.asked[0], by=queue.cast.dee, now=NOW)


@pytest.mark.parametrize("act", [waiting.decline, waiting.remove])
def test_a_no_passes_the_place_on_at_once(queue: Queue, act):
    queue.free()
    waiting.offer_free_places(NOW)
    left = act(waiting=queue.asked[0], by=queue.cast.dee, now=NOW + HOUR)

    assert (left.closed_at, left.closed_by) == (NOW + HOUR, queue.cast.dee)
    assert queue.standing()[1:] == ["offered", "waits"]
    with pytest.raises(NoSeat, match="not on the list any more"):
        act(waiting=queue.asked[0], by=queue.cast.dee, now=NOW + HOUR)


def test_silence_ends_the_offer_and_passes_the_place_on(queue: Queue):
    queue.free()
    waiting.offer_free_places(NOW)

    assert waiting.expire(NOW + 4 * HOUR - timedelta(seconds=1)) == 0
    assert waiting.expire(NOW + 4 * HOUR) == 1
    assert queue.standing() == ["expired", "offered", "waits"]


def test_the_sweep_ends_offers_too(queue: Queue):
    queue.free()
    waiting.offer_free_places(NOW)

    assert waiting.offer_free_places(NOW + 4 * HOUR) == 1
    assert queue.standing() == ["expired", "offered", "waits"]


def test_the_desk_offers_out_of_turn_but_not_a_place_that_is_kept(queue: Queue):
    queue.free()
    offered = waiting.offer_to(waiting=queue.asked[2], by=queue.cast.dee, now=NOW)

    assert queue.standing() == ["waits", "waits", "offered"]
    with pytest.raises(NoSeat, match="The class is full"):
        waiting.offer_to(waiting=queue.asked[0], by=queue.cast.dee, now=NOW)
    with pytest.raises(NoSeat, match="offered to this client already"):
        waiting.offer_to(waiting=offered, by=queue.cast.dee, now=NOW)
    with pytest.raises(PermissionDenied):
        waiting.offer_to(waiting=queue.asked[0], by=queue.cast.cal, now=NOW)


@pytest.mark.parametrize("off", [False, True])
def test_nobody_waits_for_a_class_that_has_begun_or_is_called_off(queue: Queue, off: bool):
    queue.free()
    waiting.offer_free_places(NOW)
    now = queue.slot.starts_at - 3 * HOUR if off else queue.slot.starts_at
    if off:
        Slot.objects.filter(clinic=queue.cast.north).update(
            called_off_at=NOW, called_off_by=queue.cast.ana
        )

    waiting.offer_free_places(now)
    assert set(queue.standing()) <= {"removed", "expired"}


# --- on the list ---------------------------------------------------------------------------------


def test_waiting_is_refused_where_it_has_no_sense(queue: Queue):
    cast, slot = queue.cast, queue.slot
    begun = class_at(cast, NOW.date(), time(11))
    off = class_at(cast, SATURDAY, time(11))
    Slot.objects.filter(pk=off.pk).update(called_off_at=NOW, called_off_by=cast.ana)

    for enrollment, where, words in (
        (queue.gus.enrollment, slot, "This client has a place in this class already"),
        (queue.asked[0].enrollment, slot, "This client waits for this class already"),
        (cast.enrollment, begun, "has begun"),
        (cast.enrollment, off, "called off"),
        (cast.enrollment, cast.olga_enrollment.visits.first().slot, "no such class"),
    ):
        with pytest.raises(NoSeat, match=words):
            waiting.wait(enrollment=enrollment, slot=where, by=cast.dee, now=NOW)
    lock(cast, cast.cal_client)
    with pytest.raises(NoSeat, match="locked"):
        waiting.wait(enrollment=cast.enrollment, slot=slot, by=cast.dee, now=NOW)


def test_a_client_waits_only_for_what_she_may_make_up(queue: Queue):
    cast = queue.cast
    with pytest.raises(PermissionDenied):
        waiting.wait(enrollment=cast.enrollment, slot=queue.slot, by=cast.cal, now=NOW)
    with pytest.raises(NoSeat, match="can no longer be made up"):
        waiting.wait(
            enrollment=cast.enrollment,
            slot=queue.slot,
            by=cast.cal,
            now=NOW,
            makes_up=cast.visit,
        )


def test_a_client_reads_words_that_speak_to_her(queue: Queue):
    cast = queue.cast
    missed = cast.visit
    actions.say(visit=missed, status="no_show", by=cast.ana, now=NOW)
    more = {"enrollment": cast.enrollment, "by": cast.cal, "now": NOW, "makes_up": missed}
    waiting.wait(slot=queue.slot, **more)

    with pytest.raises(NoSeat, match="You wait for this class already"):
        waiting.wait(slot=queue.slot, **more)
    with pytest.raises(NoSeat, match="You have a place in this class already"):
        waiting.wait(slot=cast.visits[1].slot, **more)
