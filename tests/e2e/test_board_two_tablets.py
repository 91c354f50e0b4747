"""Operations in any order on two tablets, through a bad network: nothing lost, nothing twice."""

from __future__ import annotations

import random
import uuid
from typing import Any

import psycopg
import pytest

from tests.e2e.two_tablets import CLASS, Model, Tablet, standing_on

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("board")]
STEPS = 14
LIFTS = ("hinge", "press", "impact")
ARRIVED = """
    SELECT kind, visit.uid::text, entry::text, base_revision, payload, outcome, operation.uid::text
      FROM training_operation operation JOIN training_visit visit ON visit.id = visit_id
     WHERE operation.id > %s ORDER BY operation.id
"""


@pytest.mark.soak
def test_two_tablets_on_a_bad_network_end_with_the_sets_that_the_model_says(
    fresh_demo_site, enter, soak
):
    # The queue is brought into a page that has not got it, which the site's policy would refuse.
    who_lifts = ("Mira", "Sam")
    tablets = [Tablet(enter(fresh_demo_site, who, bypass_csp=True)) for who in who_lifts]
    with psycopg.connect(fresh_demo_site.rows_url, autocommit=True) as sees:
        for case in soak(1_000, 20):
            chance = soak.random(case)
            for tablet in tablets:
                tablet.begin(random.Random(chance.random()))
            run(tablets, chance, sees)


def run(tablets: list[Tablet], chance: random.Random, sees: Any) -> None:
    before = lanes(tablets[0])
    (newest,) = sees.execute("SELECT coalesce(max(id), 0) FROM training_operation").fetchone()
    visits = [lane["visit"] for lane in before if lane["stopped"] is None][:3]
    for _ in range(STEPS):
        tablet = chance.choice(tablets)
        if chance.random() < 0.2:
            tablet.away(chance.random() < 0.5)
        tablet.do(an_operation(tablet, chance.choice(visits), chance))
    left = [tablet.empty() for tablet in tablets]

    arrived = sees.execute(ARRIVED, (newest,)).fetchall()
    model = Model(before)
    for kind, visit, entry, base, payload, _outcome, _uid in arrived:
        if kind in ("log_set", "correct_set", "void_set"):
            model.arrives(kind, visit, entry, base, payload)
    assert standing_on(lanes(tablets[0])) == model.standing()

    there = [uid for *_, uid in arrived]
    assert len(there) == len(set(there))
    for tablet, kept in zip(tablets, left, strict=True):
        assert all(one["state"] != "waiting" for one in kept)
        refused = {one["id"] for one in kept if one["state"] == "refused" and one["reason"]}
        made = set(tablet.made)
        # What a tablet made is on the server once, or still on the tablet with a reason.
        assert made == made & (set(there) | refused)
        assert not set(there) & refused


def lanes(tablet: Tablet) -> list[dict[str, Any]]:
    day = tablet.page.request.get(f"{CLASS}day/").json()
    return [lane for slot in day["slots"] for lane in slot["lanes"]]


def an_operation(tablet: Tablet, visit: str, chance: random.Random) -> dict[str, Any]:
    """Log a set that may be there already, or correct or take back one that this tablet sees."""
    seen = tablet.sets_of(visit)
    what = chance.random()
    if what < 0.6 or not seen:
        lift = chance.choice(LIFTS)
        payload = {"lift": lift, "number": str(chance.randint(1, 6)), **values(lift, chance)}
        return {"kind": "log_set", "visit": visit, "entry": str(uuid.uuid4()), "payload": payload}
    one = chance.choice(seen)
    about = {"visit": visit, "entry": one["uid"], "base_revision": one["revision"]}
    if what < 0.85:
        payload = {"lift": one["lift"], **values(one["lift"], chance)}
        return {"kind": "correct_set", "payload": payload, **about}
    return {"kind": "void_set", **about}


def values(lift: str, chance: random.Random) -> dict[str, str]:
    said = {
        "technique": chance.choice(["", "clean", "not_clean"]),
        "pain": chance.choice(["", "0"]),
    }
    if lift == "impact":
        return {"landings": str(chance.randint(1, 5)), "level": str(chance.randint(0, 3)), **said}
    load = chance.choice(["10", "12.5", "20", "22.5"])
    return {
        "load": load,
        "reps": str(chance.randint(1, 5)),
        "rpe": chance.choice(["", "13", "16", "18"]),
        **said,
    }
