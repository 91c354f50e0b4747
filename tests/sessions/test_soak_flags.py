"""A long run: whatever is killed, emptied or cut, the open flags are those of one clean sweep."""

from __future__ import annotations

import json
import subprocess
import time
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random

import pytest
from django.db import connection
from django.utils import timezone

from bonefit.paths import BASE_DIR
from programs.models import Enrollment
from sessions import flagging
from sessions.mails import message_id
from sessions.models import Changed, Flag, Slot, StaffNotice, Visit
from sessions.posting import CLAIM
from tests import soaking
from tests.cast import NOW, Cast, assign, enroll
from tests.notices.smtp import postbox
from tests.servers import Databases, environment, redis_binary
from tests.sessions.sweeping import FAULTS, Rough, clean_command, rough_site
from tests.soaking import Soak

pytestmark = [pytest.mark.redis, pytest.mark.django_db(transaction=True)]

FAR = datetime(2100, 1, 1, tzinfo=UTC)
SWEEPS, SAMPLE = 200, 5
VISITS = 2_000
#: Visits of one person.
EACH = 20


def make_visits(cast: Cast, count: int) -> list[int]:
    """So many visits that nobody has said anything about, none of them overdue yet."""
    Visit.objects.update(status=Visit.Status.EXCUSED)
    for number in range(max(count // EACH - 3, 0)):
        assign(enroll(cast.ana, f"Person {number}"), (cast.ana, cast.tess)[number % 2])
    Visit.objects.filter(status__in=Visit.OPEN).update(status=Visit.Status.EXCUSED)
    made: list[int] = []
    enrollments = list(Enrollment.objects.order_by("pk"))
    for number in range(count):
        enrollment = enrollments[number % len(enrollments)]
        starts = NOW - timedelta(days=3 + number // len(enrollments))
        slot = Slot.objects.create(
            clinic_id=enrollment.clinic_id,
            room=f"Room of {enrollment.pk}",
            starts_at=starts,
            ends_at=starts + timedelta(minutes=30),
        )
        visit = Visit.objects.create(
            clinic_id=enrollment.clinic_id,
            enrollment=enrollment,
            client_id=enrollment.client_id,
            slot=slot,
            during=(slot.starts_at, slot.ends_at),
            missed_after=FAR,
        )
        made.append(visit.pk)
    return made


def becomes_overdue(visits: list[int]) -> None:
    """Time passes for these: on the same moment whenever it is done."""
    for visit in Visit.objects.filter(pk__in=visits).select_related("slot"):
        Visit.objects.filter(pk=visit.pk).update(
            missed_after=visit.slot.ends_at + timedelta(hours=1)
        )


def answer(visit: int) -> None:
    """A person says that she was excused, as ``actions.say`` does: the flag closes with it."""
    Visit.objects.filter(pk=visit).update(status=Visit.Status.EXCUSED)
    flagging.resolve_for_visit(
        Visit.objects.get(pk=visit), resolution="answered", by=None, now=timezone.now()
    )


def open_flags() -> list[list[object]]:
    rows = Flag.objects.open().values_list("enrollment_id", "kind", "subject", "severity")
    return sorted(map(list, rows))


def of_one_clean_sweep(
    databases: Databases, copy: str, visits: list[int], answered: list[int]
) -> list[list[object]]:
    """What one sweep without any fault finds, on a copy of the same data from before the first."""
    with databases.cluster.connect("bonefit_owner", copy) as owner:
        owner.execute(
            "UPDATE training_visit v SET missed_after = s.ends_at + interval '1 hour' "
            "FROM training_slot s WHERE s.id = v.slot_id AND v.id = ANY(%s)",
            [visits],
        )
        owner.execute("UPDATE training_visit SET status = 'excused' WHERE id = ANY(%s)", [answered])
    done = subprocess.run(
        clean_command(),
        cwd=BASE_DIR,
        env=environment(**databases.environment(copy), DJANGO_SETTINGS_MODULE="bonefit.settings"),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1])


def all_done() -> bool:
    """Nothing is overdue, changed or unsent any more."""
    late = Visit.objects.filter(status__in=Visit.OPEN, missed_after__lte=timezone.now())
    unsent = StaffNotice.objects.filter(sent_at=None)
    return not (late.exists() or Changed.objects.exists() or unsent.exists() or untold())


def untold() -> set[int]:
    """Open red flags of which nobody has been told."""
    said = {
        pk
        for facts in StaffNotice.objects.filter(kind="red").values_list("facts", flat=True)
        for pk in facts["flags"]
    }
    red = Flag.objects.open().filter(severity="red").values_list("pk", flat=True)
    return set(red) - said


def one_sweep(rough: Rough, chance: Random, fault: str) -> None:
    """Beat's messages, and while they are worked on a fault."""
    rough.send(beats=chance.choice((1, 2)))
    time.sleep(chance.uniform(0, 0.5))
    rough.fault(fault, chance)
    if fault == "kill_both":  # ten minutes pass, and no sender lives: its claims are free
        for row in StaffNotice.objects.exclude(claimed_at=None):
            StaffNotice.objects.filter(pk=row.pk).update(claimed_at=row.claimed_at - CLAIM)
    rough.wait(2)


@pytest.mark.soak
def test_after_any_fault_the_open_flags_are_those_of_one_clean_sweep(
    cast: Cast,
    databases: Databases,
    worker_name: str,
    tmp_path: Path,
    soak: Soak,
):
    binary = redis_binary()
    if binary is None:
        pytest.skip("No Redis can be had here, so the tests of the queue did not run")
    sweeps = SWEEPS if soaking.IN_FULL else SAMPLE
    visits = make_visits(cast, VISITS * sweeps // SWEEPS)
    database, copy = f"test_{worker_name}", f"copy_{worker_name}"
    connection.close()
    databases.clone(database, copy)
    answered: list[int] = []
    waiting = list(visits)
    with (
        postbox() as box,
        rough_site(binary, databases, database, tmp_path, box.port) as rough,
    ):
        for number, case in enumerate(soak(SWEEPS, SAMPLE)):
            chance = soak.random(case)
            share = -(-len(visits) // sweeps)
            now_late, waiting = waiting[:share], waiting[share:]
            becomes_overdue(now_late)
            answered.append(chance.choice(visits))
            answer(answered[-1])
            one_sweep(rough, chance, FAULTS[number % len(FAULTS)])
        for row in StaffNotice.objects.exclude(claimed_at=None):
            StaffNotice.objects.filter(pk=row.pk).update(claimed_at=row.claimed_at - CLAIM)
        rough.calm(all_done)
        crashes = sum(rough.crashes.values())
        said = ", ".join(f"{name} {count}" for name, count in sorted(rough.crashes.items()))
        assert waiting == []

        # None lost, none twice.
        assert len(open_flags()) > sweeps
        assert open_flags() == of_one_clean_sweep(databases, copy, visits, answered)
        told = Counter(
            (row.member_id, pk)
            for row in StaffNotice.objects.filter(kind="red")
            for pk in row.facts["flags"]
        )
        assert set(told.values()) <= {1}

        # No notice lost; a mail twice only where something was taken away, and by the same name.
        mails = Counter(mail.id for mail in box.received)
        assert {message_id(row) for row in StaffNotice.objects.all()} <= set(mails)
        twice = sum(count - 1 for count in mails.values())
        assert twice <= crashes
        soak.say(
            f"{len(visits):,} visits, {sweeps} sweeps, {crashes} faults ({said}); "
            f"{len(open_flags()):,} open flags, as after one clean sweep; "
            f"{len(mails):,} messages, {twice} of them twice."
        )
    databases.cluster.drop_database(copy)
