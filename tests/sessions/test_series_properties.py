"""Long runs: whatever is done to weekly places and seats, they are what a simple model says."""

from __future__ import annotations

from datetime import datetime, timedelta
from itertools import combinations

import pytest
from django.db import transaction
from django.utils import timezone

from sessions.models import Visit
from tests.sessions.series_model import Seat
from tests.sessions.series_world import PLACES, WORLDS, World


def check(world: World) -> None:
    rows = world.visits()
    matched = {id(seat): (row, seat) for row in rows if (seat := world.seat_of(row))}
    assert len(matched) == len(rows) == len(world.model.seats), "one row an occurrence"
    for row, seat in matched.values():
        stands = (row.slot.room, world.wall(row.starts_at), row.status)
        assert stands == (seat.room, seat.start, seat.status), (row.pk, seat)
        assert (row.starts_at, row.ends_at) == (row.slot.starts_at, row.slot.ends_at)
        sequence_counts(world, row)
    for number in range(3):
        kept_apart(world, number)
    never_too_full(world)


def sequence_counts(world: World, row: Visit) -> None:
    """What a client would notice counts one up, and nothing else does."""
    noticed = (row.starts_at, row.ends_at, row.slot.room, row.status == "planned")
    before = world.seen.get(row.pk)
    if before is not None:
        changed = noticed != before[0]
        assert (row.sequence > before[1]) == changed, (row.pk, before, noticed, row.sequence)
        assert row.sequence >= before[1]
    world.seen[row.pk] = (noticed, row.sequence)


def kept_apart(world: World, number: int) -> None:
    on = [seat for seat in world.model.hers(number) if seat.on]
    for one, other in combinations(on, 2):
        gap = abs(one.start - other.start)
        assert gap >= timedelta(minutes=30)
        # A weekly place says for itself how near its sessions come to others.
        said = any(seat.with_class or at_its_place(world, seat) for seat in (one, other))
        assert said or gap >= timedelta(hours=48)


def at_its_place(world: World, seat: Seat) -> bool:
    if seat.place is None or seat.week is None:
        return False
    day = seat.week + timedelta(days=seat.place.weekday)
    return seat.start == world.model.wall(day, seat.place.at)


def never_too_full(world: World) -> None:
    there: dict[tuple[str, datetime], list[Seat]] = {}
    for seat in world.model.seats:
        if seat.on:
            there.setdefault((seat.room, seat.start), []).append(seat)
    for seats in there.values():
        assert len(seats) <= PLACES or any(seat.with_class for seat in seats)


@pytest.mark.soak
@pytest.mark.django_db
def test_places_and_seats_are_what_the_model_says_whatever_is_done_to_them(soak):
    for case in soak(200, 7):
        zone, device, start = WORLDS[case % len(WORLDS)]
        with transaction.atomic(), timezone.override(device):
            world = World(case, zone, start, soak.random(case))
            done: list[str] = []
            try:
                check(world)
                for _ in range(30):
                    done.append("?")
                    done[-1] = world.step()
                    check(world)
            except Exception as failure:
                raise AssertionError(f"case {case}, {zone}:\n" + "\n".join(done)) from failure
            transaction.set_rollback(True)
