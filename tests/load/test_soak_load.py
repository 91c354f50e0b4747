"""A long run: everybody at once, and meanwhile a worker, a web process and PostgreSQL die.

No write that was acknowledged is lost, and nobody is shown a row of another clinic.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.db import connection

from bonefit.clinics import rows
from programs import plans
from sessions.models import Changed, Operation, SeatChange, SetEntry, Visit
from tests import soaking
from tests.load.clinics import SHARES, lay_out
from tests.load.crowd import Crowd, Person
from tests.load.site import LoadedSite, own_cluster
from tests.plumbing import use
from tests.servers import Databases
from tests.soaking import Soak

pytestmark = [pytest.mark.redis, pytest.mark.xdist_group("e2e")]

PEOPLE, FEW = 200, 15
CLINICS, SOME = 5, 3
#: Rounds of a fault each; a full run lasts five minutes.
FAULTS = ("kill_worker", "kill_web", "restart_database")
ROUNDS, SAMPLE = 6, 3
FULL_ROUND = 50.0
#: Seconds in which everybody must have been answered after a fault, on however slow a machine.
LONGEST = 240.0


@pytest.fixture
def site(
    databases: Databases,
    migrated: str,
    redis_server: str,
    django_db_setup: None,
    django_db_blocker: Any,
    worker_name: str,
    tmp_path: Path,
) -> Iterator[tuple[LoadedSite, list[Any]]]:
    """The site with people in it; this process looks into its database."""
    people, clinics = (PEOPLE, CLINICS) if soaking.IN_FULL else (FEW, SOME)
    before = connection.settings_dict["NAME"]
    with (
        own_cluster(databases, migrated, f"load_{worker_name}") as cluster,
        django_db_blocker.unblock(),
    ):
        use("bonefit_app", "bonefit", cluster)
        plans.forget()
        try:
            crowd = lay_out(clinics, people)
            connection.close()
            found = LoadedSite(cluster, redis_server, tmp_path)
            try:
                yield found, crowd
            finally:
                found.stop()
        finally:
            use("bonefit_app", before, databases.cluster)
            plans.forget()


@pytest.mark.soak
def test_no_acknowledged_write_is_lost_and_no_row_of_another_clinic_is_served(
    site: tuple[LoadedSite, list[Any]], soak: Soak
):
    running, everybody = site
    assert {who.does for who in everybody} == SHARES.keys()
    crowd = Crowd(running.port)
    pace = 2.0 if soaking.IN_FULL else 0.2
    people = [Person(crowd, who, pace, n) for n, who in enumerate(everybody)]
    for person in people:
        person.start()
    recovered: list[tuple[str, float]] = []
    began = time.monotonic()
    try:
        until_all_have_gone_on(people, running)
        for number, _ in enumerate(soak(ROUNDS, SAMPLE)):
            fault, struck = FAULTS[number % len(FAULTS)], time.monotonic()
            getattr(running, fault)()
            until_all_have_gone_on(people, running)
            late = [at for at, _ in crowd.errors if at > struck]
            recovered.append((fault, max(late, default=struck) - struck))
            while soaking.IN_FULL and time.monotonic() < struck + FULL_ROUND:
                running.worker.send("sessions.tasks.sweep_flags")
                time.sleep(2)
    finally:
        crowd.over.set()
        for person in people:
            person.join(LONGEST)
    lasted = time.monotonic() - began

    assert crowd.broken == []
    assert crowd.strange == []
    assert crowd.refused == []
    assert all(crowd.own_seen[kind] for kind in SHARES), crowd.own_seen
    assert {what for _, what, _ in crowd.seats} == {"cancelled", "restored", "moved"}
    assert len(crowd.operations) >= len(FAULTS)
    with rows.nothing():
        rows.see(clinics=rows.every_clinic())
        everything_is_there(crowd)
        what_changed_is_looked_at(running)
    say(soak, crowd, recovered, lasted, len(people))


def until_all_have_gone_on(people: list[Person], running: LoadedSite) -> None:
    """Until each of them has done something more, and been answered."""
    done = {person: person.steps for person in people}
    give_up = time.monotonic() + LONGEST
    running.worker.send("sessions.tasks.sweep_flags")
    while any(person.steps < steps + 2 for person, steps in done.items()):
        assert time.monotonic() < give_up, (running.var / "web.log").read_text()[-4000:]
        assert not any(person.crowd.broken for person in people), people[0].crowd.broken
        time.sleep(0.1)


def everything_is_there(crowd: Crowd) -> None:
    """Each write that was acknowledged is in the database, once."""
    kept = Counter(map(str, Operation.objects.values_list("uid", flat=True)))
    lost = [op for op, _ in crowd.operations if kept[op] != 1]
    assert lost == []
    sets = Counter(map(str, SetEntry.objects.values_list("visit__uid", flat=True)))
    for visit, said in Counter(visit for _, visit in crowd.operations).items():
        assert sets[visit] >= said, f"sets of {visit}"
    changes = Counter(
        (str(visit), kind) for visit, kind in SeatChange.objects.values_list("visit__uid", "kind")
    )
    for key, said in Counter((visit, what) for visit, what, _ in crowd.seats).items():
        assert changes[key] >= said, key
    last = {visit: (what, slot) for visit, what, slot in crowd.seats}
    for visit, (what, slot) in last.items():
        if visit in crowd.unsure:
            continue
        stands = Visit.objects.get(uid=visit)
        if what == "moved":
            assert stands.slot_id == slot, visit
        else:
            assert (stands.status == Visit.Status.PLANNED) == (what == "restored"), visit


def what_changed_is_looked_at(running: LoadedSite) -> None:
    """A worker that was killed takes nothing along: the next sweep reviews what waits."""
    give_up = time.monotonic() + LONGEST
    while Changed.objects.exists():
        assert time.monotonic() < give_up, running.worker.log[-4000:]
        running.worker.send("sessions.tasks.sweep_flags")
        time.sleep(1)


def say(
    soak: Soak, crowd: Crowd, recovered: list[tuple[str, float]], lasted: float, people: int
) -> None:
    asked = crowd.requests.total()
    longest = {fault: max(s for name, s in recovered if name == fault) for fault in FAULTS}
    times = ", ".join(f"{fault.replace('_', ' ')} {s:.1f} s" for fault, s in longest.items())
    soak.say(
        f"{people} people, {asked:,} requests in {lasted:.0f} s, {len(crowd.errors)} without a "
        f"good answer ({len(crowd.errors) / asked:.2%}); {crowd.acknowledged():,} writes "
        f"acknowledged, none lost; last error after a fault: {times}"
    )
