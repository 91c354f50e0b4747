"""Loads and best singles that reports read from kept rows are those of the sets."""

import random
from decimal import ROUND_HALF_UP, Decimal
from statistics import median

from programs.estimates import estimate_one_rm
from sessions.models import DeliveredLift, SetEntry
from sessions.reports import cert_facts, delivered_kept
from sessions.reports.change import changes
from tests.reports.lifted import lifted
from tests.reports.test_delivered_kept import jo, keep, last_of, other_formula  # noqa: F401
from tests.reports.test_fidelity import DAYS, FIRST, LAST, NOW, scope
from tests.reports.test_fidelity_agrees import invent


def test_a_best_single_follows_the_formula_that_holds(cast, jo):  # noqa: F811
    """Five of 40 kg, hard: 40 × 1.08 by Kemmler's formula, 40 × 35 / 30 by Epley's."""
    SetEntry.objects.filter(enrollment=jo).update(voided=True)
    lifted(last_of(jo), "squat", "back-squat", 1, Decimal(40), reps=5, rpe=17)
    keep()

    def best():
        return changes(scope(cast)).lifts["squat"][0].first

    by_kemmler = estimate_one_rm(40, 5)
    assert best() == by_kemmler * 10_000 == DeliveredLift.objects.get(best__gt=0).best * 10_000
    other_formula(cast)
    assert best() == estimate_one_rm(40, 5, formula="epley") * 10_000 != by_kemmler * 10_000


def test_first_and_last_loads_and_exercises_are_those_of_the_days(cast):
    """By hand from the sets, whatever is kept: the first loaded working set of each lift."""
    chance = random.Random("loads")
    invent(cast, chance, (cast.north,))
    for first, last in ((FIRST, LAST), (FIRST + 12 * DAYS, FIRST + 30 * DAYS)):
        for _ in range(2):
            facts = cert_facts.logged(scope(cast, first=first, last=last))
            loads, used = second_loads(cast.north, first, last)
            assert {lift: tuple(rest) for lift, *rest in facts.lifts} == loads
            assert dict(facts.rungs) == used
            assert loads
            keep()
        delivered_kept.forget()


def second_loads(clinic, first, last):
    """Of each lift enrollments, people, median first and last load; of each exercise people."""
    rows = []
    for one in SetEntry.objects.filter(clinic=clinic, voided=False).select_related(
        "visit", "exercise"
    ):
        day = one.visit.starts_at.astimezone(clinic.tz).date()
        if one.visit.took_place and first <= day <= last and one.visit.starts_at < NOW:
            rows.append(one)
    used, found, whose = {}, {}, {}
    for one in rows:
        whose[one.enrollment_id] = one.visit.client_id
        used.setdefault(one.exercise.name, set()).add(one.visit.client_id)
        if one.kind == "working" and one.load:
            at = (one.visit.starts_at, one.number)
            found.setdefault(one.lift, {}).setdefault(one.enrollment_id, []).append((at, one.load))
    loads = {}
    for lift, people in found.items():
        firsts = sorted(min(sets)[1] for sets in people.values())
        lasts = sorted(max(sets)[1] for sets in people.values())
        middles = (
            median(each).quantize(Decimal("0.01"), ROUND_HALF_UP) for each in (firsts, lasts)
        )
        loads[lift] = (len(people), len({whose[one] for one in people}), *middles)
    return loads, {name: len(people) for name, people in used.items()}
