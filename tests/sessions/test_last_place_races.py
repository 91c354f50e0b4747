"""Two tablets tap at once: a last place is given once, and nobody waits in a circle."""

from __future__ import annotations

import contextlib
import threading
import uuid
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import pytest
from django.db import connection

from sessions import sync
from sessions.models import Slot, Visit
from sessions.walk_ins import NoWalkIn, walk_in
from tests.cast import Cast
from tests.sessions.classes import check_in, class_of, on_the_floor, said
from tests.sessions.overdue import Connect, as_owner  # noqa: F401

pytestmark = pytest.mark.django_db(transaction=True)
Slow = Callable[[str], contextlib.AbstractContextManager[None]]
Outcome = list[str]


@pytest.fixture
def slow(transactional_db: None, as_owner: Connect) -> Slow:  # noqa: F811
    """``with slow(table):`` what is put into it takes a quarter of a second: two are at it."""

    @contextlib.contextmanager
    def on(table: str) -> Iterator[None]:
        with as_owner() as owner:
            owner.execute(
                "CREATE FUNCTION in_the_way() RETURNS trigger LANGUAGE plpgsql AS "
                "$$BEGIN PERFORM pg_sleep(0.25); RETURN NEW; END$$"
            )
            owner.execute(
                f"CREATE TRIGGER in_the_way BEFORE INSERT ON {table} "
                "FOR EACH STATEMENT EXECUTE FUNCTION in_the_way()".encode()
            )
            try:
                yield
            finally:
                owner.execute("DROP FUNCTION in_the_way CASCADE")

    return on


def together(*tablets: Callable[[], Any]) -> list[Any]:
    """Each tablet on a connection of its own, all at the same moment; what became of theirs."""
    start = threading.Barrier(len(tablets))
    done: list[Any] = [None for _ in tablets]
    failed: list[BaseException] = []

    def run(number: int, tablet: Callable[[], Any]) -> None:
        try:
            start.wait()
            done[number] = tablet()
        except BaseException as error:
            failed.append(error)
            raise
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=item) for item in enumerate(tablets)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failed == []
    return done


def tablet(cast: Cast, visits: Sequence[Visit]) -> Callable[[], Outcome]:
    """A tablet that checks these people in, as one batch."""
    ops = [said("check_in", visit) for visit in visits]
    now = visits[0].starts_at
    return lambda: [str(one.outcome) for one in sync.apply(ops, by=cast.ana, now=now)]


def test_the_last_place_is_given_to_one_of_two_who_are_checked_in_at_once(cast: Cast, slow: Slow):
    visits = class_of(cast, 9)
    assert check_in(cast.ana, *visits[:7]) == ["applied"] * 7

    with slow("training_operation"):
        became = together(tablet(cast, visits[7:8]), tablet(cast, visits[8:]))

    assert sorted(became) == [["applied"], ["refused"]]
    here = Visit.objects.filter(slot=visits[0].slot, status=Visit.Status.CHECKED_IN)
    assert here.count() == 8


def test_two_batches_share_the_last_places_and_name_their_author_once(cast: Cast, slow: Slow):
    visits = class_of(cast, 12)

    with slow("training_operation"):
        became = together(tablet(cast, visits[:6]), tablet(cast, visits[6:]))

    assert sorted([*became[0], *became[1]]) == ["applied"] * 8 + ["refused"] * 4
    assert on_the_floor(visits[0]) == {"Ana T.": "here"}


def test_two_tablets_that_fill_two_classes_in_opposite_order_do_not_wait_in_a_circle(
    cast: Cast, slow: Slow
):
    first, second, third, fourth = class_of(cast, 4)
    other = Slot.objects.create(
        clinic=cast.north,
        room="Room 2",
        starts_at=first.starts_at,
        ends_at=first.ends_at,
        capacity=6,
    )
    Visit.objects.filter(pk__in=[third.pk, fourth.pk]).update(slot=other)

    with slow("training_operation"):
        became = together(tablet(cast, [first, third]), tablet(cast, [fourth, second]))

    assert became == [["applied"] * 2, ["applied"] * 2]


def test_a_walk_in_that_is_tapped_twice_at_the_same_moment_is_one_visit(cast: Cast, slow: Slow):
    visit, uid = cast.visit, uuid.uuid4()

    def tap() -> Visit:
        return walk_in(
            slot=visit.slot,
            client_id=cast.cam_client.pk,
            uid=uid,
            by=cast.ana,
            now=visit.starts_at,
        )

    with slow("training_visit"):
        first, second = together(tap, tap)

    assert first == second
    assert Visit.objects.filter(purpose=Visit.Purpose.EXTRA).count() == 1


def test_a_walk_in_on_two_tablets_at_the_same_moment_has_one_place(cast: Cast, slow: Slow):
    visit = cast.visit

    def tap() -> str:
        try:
            walk_in(
                slot=visit.slot,
                client_id=cast.cam_client.pk,
                uid=uuid.uuid4(),
                by=cast.ana,
                now=visit.starts_at,
            )
        except NoWalkIn as refused:
            return str(refused)
        return "added"

    with slow("training_visit"):
        became = together(tap, tap)

    assert sorted(became) == ["This client is in this class already.", "added"]
