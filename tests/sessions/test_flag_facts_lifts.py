"""The facts about lifts: fetched in sets, narrowed without losing anything, good for the past."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, time, timedelta
from decimal import Decimal
from random import Random
from typing import Any

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from programs.calendar import wall_time
from programs.models import Decision
from sessions import actions, reviewing, sync
from sessions.flag_facts import FAMILIES, Scope, lift_words
from sessions.flags import Asked, Finding
from sessions.flags.lifts import Cause
from sessions.flags.registry import rules_of
from sessions.models import Flag, SetEntry
from tests.cast import NOW, Cast, log_op
from tests.sessions.lifted_history import trained
from tests.sessions.test_sweep_stalls import attend, prepare, review, stall_the_deadlift, stalled

RULES = rules_of("lifts")
Said = Mapping[int, Mapping[str, list[Finding]]]


def said(facts: Any, asked: Asked) -> dict[str, list[Finding]]:
    found = {rule.kind: list(rule.judge(facts, asked)) for rule in RULES}
    return {kind: rows for kind, rows in found.items() if rows}


def scope_of(cast: Cast, now: datetime, *, back: int = 0) -> Scope:
    both = (cast.enrollment.pk, cast.cam_enrollment.pk)
    return Scope.of(cast.north, both, now, back=back)


def asked_of(cast: Cast, now: datetime, *, back: int = 0) -> Said:
    scope = scope_of(cast, now, back=back)
    facts = FAMILIES["lifts"](scope)
    found = {pk: said(one.at(scope.asked), scope.asked) for pk, one in facts.items()}
    return {pk: kinds for pk, kinds in found.items() if kinds}


def months(cast: Cast, seed: int) -> None:
    rng = Random(seed)
    for enrollment, by in ((cast.enrollment, cast.ana), (cast.cam_enrollment, cast.tess)):
        trained(enrollment, by, rng, until=NOW - timedelta(days=rng.choice([1, 1, 3, 20])))
        words: list[dict[str, Any]] = [
            {"kind": Decision.Kind.HOLD, "lift": "hinge", "reason": "Wait."},
            {"kind": Decision.Kind.HOLD, "reason": "Wait."},
        ]
        if rng.random() < 0.3:
            at = NOW - timedelta(days=rng.choice([0, 5, 40]))
            actions.decide(enrollment=enrollment, by=by, now=at, **rng.choice(words))
        if rng.random() < 0.7:
            at = NOW - timedelta(days=150)
            actions.decide(
                enrollment=enrollment, by=by, now=at, kind="promote", phase="LOAD", reason="Met."
            )


class Undo(Exception):
    """Ends one invented history."""


@pytest.mark.parametrize("seed", range(6))
def test_what_is_narrowed_says_the_same_as_the_whole(cast: Cast, seed: int):
    seen: set[str] = set()
    for part in range(4):
        try:
            with transaction.atomic():
                months(cast, 100 * seed + part)
                narrowed, whole = asked_of(cast, NOW), asked_of(cast, NOW, back=90)
                assert narrowed == whole
                seen |= {kind for kinds in whole.values() for kind in kinds}
                raise Undo
        except Undo:
            pass
    assert seen


@pytest.mark.parametrize("seed", range(3))
def test_a_history_asked_about_a_day_says_what_a_look_on_that_day_says(cast: Cast, seed: int):
    months(cast, 1000 + seed)
    history = FAMILIES["lifts"](scope_of(cast, NOW, back=90))
    today = NOW.astimezone(cast.north.tz).date()
    for back in range(1, 90, 4):
        day = today - timedelta(days=back)
        now = wall_time(day + timedelta(days=1), time.min, cast.north.tz) - timedelta(seconds=1)
        then = scope_of(cast, now).asked
        past = {pk: said(one.at(then), then) for pk, one in history.items()}
        assert {pk: kinds for pk, kinds in past.items() if kinds} == asked_of(cast, now), day


def test_a_week_of_time_alone_brings_nothing_that_the_narrowed_question_left_out(cast: Cast):
    for seed in range(2000, 2008):
        try:
            with transaction.atomic():
                months(cast, seed)
                kept = set(FAMILIES["lifts"](scope_of(cast, NOW)))
                for days in range(1, 7):
                    later = asked_of(cast, NOW + timedelta(days=days), back=90)
                    assert set(later) <= kept, (seed, days)
                raise Undo
        except Undo:
            pass


def test_the_number_of_queries_does_not_grow_with_the_clients(
    cast: Cast, django_assert_num_queries: Any
):
    months(cast, 7)
    one = Scope.of(cast.north, (cast.enrollment.pk,), NOW, back=90)
    FAMILIES["lifts"](one)
    with CaptureQueriesContext(connection) as of_one:
        assert len(FAMILIES["lifts"](one)) == 1
    with django_assert_num_queries(len(of_one)):
        assert len(FAMILIES["lifts"](scope_of(cast, NOW, back=90))) == 2


# --- which phase is heavy -------------------------------------------------------------------------


def test_whoever_is_looked_at_for_sure_costs_one_query_more(cast: Cast):
    """Her sets; what else is asked of her is asked of all of them at once."""
    evidence = {"cause": Cause.UNDERDOSED, "sessions": [{"load": "50"}]}
    of_both = {
        one.pk: [Finding("deadlift", evidence, "key")]
        for one in (cast.enrollment, cast.cam_enrollment)
    }
    of_one = {cast.enrollment.pk: of_both[cast.enrollment.pk]}

    def asked(found: Mapping[int, list[Finding]]) -> int:
        with CaptureQueriesContext(connection) as queries:
            lift_words.confirm(cast.north, found, NOW)
        return len(queries)

    asked(of_both)  # what is read once a process
    assert (asked(of_one), asked(of_both)) == (3, 4)


def promote(cast: Cast, phase: str, days: int) -> None:
    actions.decide(
        enrollment=cast.enrollment,
        by=cast.ana,
        now=NOW - timedelta(days=days),
        kind=Decision.Kind.PROMOTE,
        phase=phase,
        reason="Met.",
    )


def phase_on(cast: Cast, days: int) -> str:
    """As the rules know it so many days ago."""
    now = NOW - timedelta(days=days)
    facts: Any = FAMILIES["lifts"](scope_of(cast, NOW, back=90))[cast.enrollment.pk]
    phase: str = facts.at(scope_of(cast, now).asked).phase
    return phase


def test_a_phase_is_heavy_by_what_its_plan_asks_for_not_by_its_name(cast: Cast):
    trained(cast.enrollment, cast.ana, Random(1), until=NOW - timedelta(days=1))
    for phase, days in (("BUILD", 30), ("LOAD", 20), ("MAINTAIN", 10)):
        promote(cast, phase, days)
    assert [phase_on(cast, days) for days in (31, 29, 19, 9)] == ["", "BUILD", "LOAD", "LOAD"]


# --- a correction opens or resolves what follows from it ------------------------------------------


def correct(cast: Cast, entry: SetEntry, at: datetime, **done: Any) -> None:
    entry.refresh_from_db()
    op = log_op(entry.visit, number=entry.number, **done)
    fixed = sync.Op(
        op.uid,
        "correct_set",
        entry.visit.uid,
        NOW,
        entry.uid,
        entry.revision,
        payload=op.payload,
    )
    result = sync.apply([fixed], by=cast.ana, now=at)[0]
    assert result.outcome == "applied", result


def test_a_correction_of_last_weeks_log_opens_and_resolves_what_follows(cast: Cast):
    visits = prepare(cast)
    for visit in visits[:3]:
        attend(cast, visit, rpe=15, pain=0)
    week_later = visits[2].ends_at + timedelta(days=7)
    reviewing.review_all(cast.north, week_later)
    hard = Flag.objects.filter(kind=Flag.Kind.TOO_HARD)
    assert not hard.exists()

    entries = [SetEntry.objects.get(visit=visit, number=2) for visit in visits[1:3]]
    for entry in entries:
        correct(cast, entry, week_later, rpe=19, pain=0, why="Typed wrongly.")
    reviewing.sweep(week_later)
    flag = hard.get()
    assert (flag.subject, flag.resolved_at) == ("deadlift", None)
    assert flag.evidence["detail"] == "2 visits in a row: RPE up to 19. Hold the load."

    correct(cast, entries[0], week_later + timedelta(hours=1), rpe=16, pain=0, why="Again.")
    reviewing.sweep(week_later + timedelta(hours=2))
    flag.refresh_from_db()
    assert flag.resolution == Flag.Resolution.BY_ITSELF


# --- vector 8.23, through the log -----------------------------------------------------------------


def test_a_hold_of_every_lift_ends_the_flag_of_a_stall(cast: Cast):
    last = stall_the_deadlift(cast)
    review(last)
    actions.decide(
        enrollment=cast.enrollment,
        by=cast.ana,
        kind=Decision.Kind.HOLD,
        reason="Travels.",
        now=last.ends_at,
    )
    assert review(last) == 0
    assert stalled()[0].resolution == Flag.Resolution.BY_ITSELF


def test_the_same_at_the_top_of_the_effort_is_a_plateau(cast: Cast):
    last = stall_the_deadlift(cast, [17, 17, 18, 17, 17, 17])
    assert review(last) == 0
    flag = Flag.objects.get(kind=Flag.Kind.PLATEAU)
    assert (flag.subject, flag.severity, flag.evidence["cause"]) == ("deadlift", "info", "plateau")


def test_a_technical_five_renews_an_old_estimate(cast: Cast):
    visits = prepare(cast)
    attend(cast, visits[0], rpe=17, pain=0, technique="clean")
    late = visits[0].ends_at + timedelta(days=60)
    lift = FAMILIES["lifts"](Scope.of(cast.north, (cast.enrollment.pk,), late, back=1))
    assert lift[cast.enrollment.pk].lifts[0].sessions[-1].estimate is not None
    actions.decide(
        enrollment=cast.enrollment,
        by=cast.ana,
        kind=Decision.Kind.ESTIMATE,
        lift="hinge",
        load=Decimal(50),
        observed={"reps": 5, "reserve": 0},
        reason="Tested.",
        now=visits[0].ends_at + timedelta(days=2),
    )
    asked = Scope.of(cast.north, (cast.enrollment.pk,), late, back=1)
    ((_, exercise, kg),) = FAMILIES["lifts"](asked)[cast.enrollment.pk].lifts[0].tested
    assert (exercise, kg) == ("deadlift", Decimal("54.0100"))
