"""A long run: whatever is killed, emptied or cut, the open flags are those of one clean sweep."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from bonefit.clinics.models import Clinic
from programs import plans
from sessions import reviewing
from sessions.mails import message_id
from sessions.models import Flag, StaffNotice, Visit
from sessions.posting import CLAIM
from tests import soaking
from tests.notices.smtp import postbox
from tests.plumbing import use
from tests.servers import Databases, redis_binary
from tests.sessions.faulty_clinic import HAPPENINGS, Faulty, Happened, fill
from tests.sessions.sweeping import FAULTS, Rough, one_clean_sweep, rough_site
from tests.soaking import Soak

pytestmark = [pytest.mark.redis, pytest.mark.xdist_group("e2e")]

SWEEPS, SAMPLE = 200, 6
VISITS, FEW = 2_000, 1_000
MINUTES = timedelta(minutes=90)
#: Beside what the demo itself has of them, what these clinics come to.
KINDS = {
    "missed", "no_show", "interrupted", "low_attendance", "away", "lapsed", "stalled", "held_long",
    "scan_due", "pain_rising", "locked", "note_unsigned", "intake", "phase_lag", "group_too_big",
    "supervisor", "clean_weeks",
}  # fmt: skip


@pytest.fixture
def rough_database(
    databases: Databases,
    seeded: str,
    worker_name: str,
    django_db_setup: None,
    django_db_blocker: Any,
) -> Iterator[str]:
    """The demo as it was seeded, in which no rule has looked at anybody; this process uses it."""
    name = databases.clone(seeded, f"rough_{worker_name}")
    with databases.cluster.connect("bonefit_owner", name) as owner:
        owner.execute(
            b"TRUNCATE training_flagstep, training_flag, training_staffnotice, training_review, "
            b"training_changed"
        )
    with django_db_blocker.unblock():
        use("bonefit_app", name, databases.cluster)
        plans.forget()
        yield name
        use("bonefit_app", f"test_{worker_name}", databases.cluster)
        plans.forget()
    for one in (name, f"copy_{worker_name}"):
        databases.cluster.drop_database(one)


def ahead_of_midnight() -> timedelta:
    """How far to put the site's clock so that no clinic's day ends while the test runs.

    What is true changes with the day; under two clocks it would for five minutes be two things.
    """
    zones = [clinic.tz for clinic in Clinic.objects.all()]
    ahead = timedelta(0)
    while any(
        (timezone.now() + ahead - MINUTES / 9).astimezone(zone).date()
        != (timezone.now() + ahead + MINUTES).astimezone(zone).date()
        for zone in zones
    ):
        ahead += MINUTES / 3
    return ahead


def open_flags() -> list[list[object]]:
    rows = Flag.objects.open().values_list("clinic", "enrollment", "kind", "subject", "severity")
    return list(map(list, rows))


def untold() -> set[int]:
    """Open red flags of which nobody has been told."""
    said = {
        pk
        for facts in StaffNotice.objects.filter(kind="red").values_list("facts", flat=True)
        for pk in facts["flags"]
    }
    red = Flag.objects.open().filter(severity="red").values_list("pk", flat=True)
    return set(red) - said


def all_done(now: datetime) -> bool:
    """Nothing is overdue, due or unsent any more."""
    late = Visit.objects.filter(status__in=Visit.OPEN, missed_after__lte=now)
    unsent = StaffNotice.objects.filter(sent_at=None)
    return not (late.exists() or reviewing.due_clinics(now) or unsent.exists() or untold())


def no_sender_lives() -> None:
    """Ten minutes pass, and so the claims of those that were killed are free."""
    for row in StaffNotice.objects.exclude(claimed_at=None):
        StaffNotice.objects.filter(pk=row.pk).update(claimed_at=row.claimed_at - CLAIM)


def one_sweep(rough: Rough, chance: Random, fault: str) -> None:
    """A further beat's messages, and while they are worked on a fault."""
    rough.send()
    time.sleep(chance.uniform(0, 0.5))
    rough.fault(fault, chance)
    if fault == "kill_both":
        no_sender_lives()
    rough.wait(2)


def what_happens(number: int, chance: Random, now: datetime) -> list[Happened]:
    """Time passes always, all change at first, and two other things happen in turn."""
    turn = list(HAPPENINGS)
    two = [turn[one % len(turn)] for one in (2 * number, 2 * number + 1)]
    names = ["time_passes", *two, "someone_changed"]
    if number == 0:
        names.append("everyone_changed")
    return [Happened(one, now, f"{number} {one}", chance.random() < 0.5) for one in names]


def by_kind(flags: list[list[object]]) -> Counter[object]:
    return Counter(kind for _, _, kind, _, _ in flags)


@pytest.mark.soak
def test_after_any_fault_the_open_flags_are_those_of_one_clean_sweep(
    rough_database: str,
    databases: Databases,
    worker_name: str,
    tmp_path: Path,
    soak: Soak,
    monkeypatch: pytest.MonkeyPatch,
):
    binary = redis_binary()
    if binary is None:
        pytest.skip("No Redis can be had here, so the tests of the queue did not run")
    sweeps = SWEEPS if soaking.IN_FULL else SAMPLE
    ahead = ahead_of_midnight()
    world = fill(timezone.now() + ahead, VISITS if soaking.IN_FULL else FEW, sweeps)
    visits = Visit.objects.count()
    copy = f"copy_{worker_name}"
    connection.close()
    databases.clone(rough_database, copy)
    with (
        postbox() as box,
        rough_site(binary, databases, rough_database, tmp_path, box.port, ahead) as rough,
    ):
        for number, case in enumerate(soak(SWEEPS, SAMPLE)):
            chance = soak.random(case)
            for one in what_happens(number, chance, timezone.now() + ahead):
                world.happen(one, monkeypatch)
                world.happened.append(one)
            one_sweep(rough, chance, FAULTS[number % len(FAULTS)])
        assert world.overdue == len(world.silent)
        no_sender_lives()
        rough.calm(lambda: all_done(timezone.now() + ahead))
        crashes = sum(rough.crashes.values())
        faults = ", ".join(f"{name} {count}" for name, count in sorted(rough.crashes.items()))
        sent = [beat.sent for beat in rough.beats]
    found = open_flags()
    told = list(StaffNotice.objects.all())

    # None lost, none twice, kind by kind.
    clean = of_a_copy(world, databases, copy, ahead, monkeypatch)
    use("bonefit_app", rough_database, databases.cluster)
    assert by_kind(found) == by_kind(clean)
    assert sorted(map(repr, found)) == sorted(map(repr, clean))
    assert all(sent), "One of the two beats sent nothing."
    of_each = Counter(
        (row.member_id, pk) for row in told if row.kind == "red" for pk in row.facts["flags"]
    )
    assert set(of_each.values()) == {1}

    # No notice lost; a mail twice only where something was taken away, and by the same name.
    mails = Counter(mail.id for mail in box.received)
    assert {message_id(row) for row in told} <= set(mails)
    twice = sum(count - 1 for count in mails.values())
    assert twice <= crashes
    if soaking.IN_FULL:
        assert set(by_kind(found)) >= KINDS
    kinds = ", ".join(f"{kind} {count}" for kind, count in sorted(by_kind(found).items(), key=str))
    soak.say(
        f"{visits:,} visits, {sweeps} sweeps beside those of two beats ({sent[0]:,} and "
        f"{sent[1]:,} messages), clocks five minutes apart, {len(world.happened)} changes, "
        f"{crashes} faults ({faults}); {len(found):,} open flags, as after one clean sweep "
        f"({kinds}); {len(mails):,} messages, {twice} of them twice."
    )


def of_a_copy(
    world: Faulty,
    databases: Databases,
    copy: str,
    ahead: timedelta,
    patch: pytest.MonkeyPatch,
) -> list[list[object]]:
    """What one sweep finds on a copy from before the first, in which the same has happened."""
    use("bonefit_app", copy, databases.cluster)
    plans.forget()
    same = world.again()
    for one in world.happened:
        same.happen(Happened(one.name, one.at, one.seed, lived=False), patch)
    connection.close()
    return one_clean_sweep(databases, copy, ahead)
