"""The review of stalled lifts: what is open is what the log says is true now."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from bonefit.clinics.models import Clinic
from programs.actions import publish_rules
from programs.models import Decision
from programs.plans import rules_at
from sessions import actions, flag_facts, flag_work, moving, reviewing, sync
from sessions.contained import SweepIncomplete
from sessions.models import Flag, SetEntry, Visit
from tests.cast import NOW, Cast, log_op

RPES = [14, 15, 15, 14, 15, 15]  # the protocol sheet's vector 8.23, median 15


def attend(cast: Cast, visit: Visit, **said: Any) -> None:
    """The deadlift of one visit as prescribed, logged at its end, and the visit completed."""
    now = visit.ends_at
    cast.log_all(visit, now=now, **said)
    actions.complete_visit(visit=visit, by=cast.ana, now=now)


def prepare(cast: Cast) -> list[Visit]:
    """Cal is in the phase with the band 16 to 17, and has six visits and more ahead of him."""
    actions.decide(
        enrollment=cast.enrollment,
        kind=Decision.Kind.PROMOTE,
        phase="LOAD",
        by=cast.ana,
        reason="Clean for weeks.",
        now=cast.visits[0].starts_at - timedelta(days=1),
    )
    return cast.visits


def stall_the_deadlift(cast: Cast, rpes: list[int] = RPES, **said: Any) -> Visit:
    """Visits with all reps at an easy effort and no raise, since technique is never noted."""
    visits = prepare(cast)
    for visit, rpe in zip(visits, rpes, strict=False):
        attend(cast, visit, rpe=rpe, pain=0, **said)
    return visits[len(rpes) - 1]


def review(after: Visit) -> int:
    before = open_stalls()
    for clinic in Clinic.objects.all():
        reviewing.review_all(clinic, after.ends_at + timedelta(hours=1))
    return len(open_stalls() - before)


def open_stalls() -> set[int]:
    rows = Flag.objects.filter(kind=Flag.Kind.STALLED, resolved_at=None)
    return set(rows.values_list("pk", flat=True))


def stalled() -> list[Flag]:
    return list(Flag.objects.filter(kind=Flag.Kind.STALLED).order_by("pk"))


def test_six_easy_visits_without_a_raise_open_a_flag_with_the_sets_it_was_raised_on(cast: Cast):
    last = stall_the_deadlift(cast)

    assert review(last) == 1

    flag = stalled()[0]
    assert (flag.clinic, flag.enrollment) == (cast.north, cast.enrollment)
    assert (flag.subject, flag.rule, flag.visit) == ("deadlift", "F06.2", None)
    evidence = flag.evidence
    assert (evidence["median_rpe"], evidence["effort_low"], evidence["lift"]) == ("15", 16, "hinge")
    assert [one["rpe"] for one in evidence["sessions"]] == RPES
    assert {one["load"] for one in evidence["sessions"]} == {"40"}
    assert [one["reps"] for one in evidence["sessions"]] == [[5] * 5] * 6
    # Days as the clinic counts them: 9:00 in Brisbane is still the day before in UTC.
    assert evidence["sessions"][0]["date"] == "2026-03-05"
    assert evidence["sessions"][-1]["date"] == "2026-03-23"


def test_five_such_visits_are_too_few(cast: Cast):
    assert review(stall_the_deadlift(cast, RPES[:5])) == 0


def test_the_clinics_own_number_of_visits_decides(cast: Cast):
    rules = rules_at(cast.north, NOW)
    values = rules.rules.values() | {"stall_sessions": "4"}
    publish_rules(
        clinic=cast.north,
        rules=type(rules.rules).from_values(values),
        inventory=rules.inventory,
        by=cast.ada,
        reason="We want to know earlier.",
        now=NOW,
    )
    assert review(stall_the_deadlift(cast, RPES[:4])) == 1


def test_what_was_lifted_at_the_top_of_the_effort_is_a_plateau_and_not_stalled(cast: Cast):
    assert review(stall_the_deadlift(cast, [17, 17, 18, 17, 17, 17])) == 0


def test_effort_known_in_fewer_than_half_of_the_visits_says_nothing(cast: Cast):
    visits = prepare(cast)
    for number, visit in enumerate(visits[:6]):
        attend(cast, visit, pain=0, **({"rpe": 14} if number < 2 else {}))
    assert review(visits[5]) == 0


def test_a_missed_rep_is_not_all_reps(cast: Cast):
    visits = prepare(cast)
    for visit, rpe in zip(visits, RPES, strict=False):
        attend(cast, visit, rpe=rpe, pain=0, reps=4 if visit == visits[3] else 5)
    assert review(visits[5]) == 0


def test_sets_that_were_left_out_are_not_all_reps(cast: Cast):
    visits = prepare(cast)
    for visit, rpe in zip(visits, RPES, strict=False):
        sets = 3 if visit == visits[3] else 5
        cast.log_all(visit, sets=sets, rpe=rpe, pain=0, now=visit.ends_at)
        actions.complete_visit(visit=visit, by=cast.ana, now=visit.ends_at)
    assert review(visits[5]) == 0


def test_a_lift_that_is_held_on_purpose_is_not_stalled(cast: Cast):
    visits = prepare(cast)
    hold = {"kind": Decision.Kind.HOLD, "lift": "hinge", "reason": "New shoes."}
    actions.decide(enrollment=cast.enrollment, by=cast.ana, now=NOW - timedelta(days=1), **hold)
    for visit, rpe in zip(visits, RPES, strict=False):
        attend(cast, visit, rpe=rpe, pain=0)
    assert review(visits[5]) == 0


def test_reviewing_twice_adds_nothing(cast: Cast):
    last = stall_the_deadlift(cast)

    assert (review(last), review(last)) == (1, 0)
    assert len(stalled()) == 1


def test_the_flag_closes_by_itself_when_a_therapist_sets_the_load(cast: Cast):
    last = stall_the_deadlift(cast)
    review(last)
    raised = {"kind": Decision.Kind.SET_LOAD, "lift": "hinge", "load": Decimal("42.5")}
    actions.decide(
        enrollment=cast.enrollment, by=cast.ana, reason="Easy.", now=last.ends_at, **raised
    )

    assert review(last) == 0
    flag = stalled()[0]
    assert (flag.resolution, flag.resolved_by) == (Flag.Resolution.BY_ITSELF, None)


def test_a_corrected_set_closes_the_flag_and_the_correction_undone_opens_it_again(cast: Cast):
    last = stall_the_deadlift(cast)
    review(last)
    entry = SetEntry.objects.get(visit=last, number=2)

    def correct(reps: int) -> None:
        op = log_op(last, reps=reps, rpe=15, pain=0)
        entry.refresh_from_db()
        fixed = sync.Op(
            op.uid, "correct_set", last.uid, NOW, entry.uid, entry.revision, payload=op.payload
        )
        results = sync.apply([fixed], by=cast.ana, now=last.ends_at + timedelta(minutes=5))
        assert results[0].outcome == "applied", results

    correct(4)
    assert review(last) == 0
    assert stalled()[0].resolution == Flag.Resolution.BY_ITSELF

    correct(5)
    assert review(last) == 1
    assert [flag.resolved_at is None for flag in stalled()] == [False, True]


def test_a_flag_that_a_person_closed_returns_only_on_new_evidence(cast: Cast):
    last = stall_the_deadlift(cast)
    review(last)
    flag_work.resolve_flag(
        flag=stalled()[0], by=cast.ana, resolution=Flag.Resolution.EXPECTED, now=last.ends_at
    )
    assert review(last) == 0

    # One more visit of the same is not new; as many again as the rule asks for are.
    further = cast.visits[6:8]
    for visit in further:
        attend(cast, visit, rpe=14, pain=0)
    assert review(further[-1]) == 0
    assert len(stalled()) == 1


def end(cast: Cast, last: Visit) -> None:
    moving.end_enrollment(
        enrollment=cast.enrollment,
        status="withdrawn",
        reason="Moved away.",
        on=last.ends_at.date(),
        by=cast.ana,
        now=last.ends_at + timedelta(hours=2),
    )


def test_the_flags_of_an_ended_enrollment_close_with_its_commit(
    cast: Cast, django_capture_on_commit_callbacks: Any
):
    last = stall_the_deadlift(cast)
    review(last)

    with django_capture_on_commit_callbacks(execute=True):
        end(cast, last)

    assert stalled()[0].resolution == Flag.Resolution.BY_ITSELF
    assert review(last) == 0
    assert len(stalled()) == 1


def test_where_nothing_came_after_the_commit_the_sweep_closes_them(cast: Cast):
    last = stall_the_deadlift(cast)
    review(last)
    end(cast, last)
    assert stalled()[0].resolved_at is None

    reviewing.sweep(last.ends_at + timedelta(hours=3))

    assert stalled()[0].resolution == Flag.Resolution.BY_ITSELF


def test_the_number_of_queries_does_not_grow_with_the_clients(
    cast: Cast, django_assert_num_queries: Any
):
    others = [cast.cam_enrollment, cast.olga_enrollment]
    attend(cast, cast.visit, rpe=14)
    for enrollment, by in zip(others, (cast.tess, cast.otto), strict=True):
        visit = enrollment.visits.order_by("during")[0]
        cast.log_all(visit, by=by, now=visit.ends_at)
        actions.complete_visit(visit=visit, by=by, now=visit.ends_at)
    at = NOW + timedelta(days=5)
    ids = [one.pk for one in (cast.enrollment, *others[:1])]
    reviewing.review(cast.north, ids, at)  # rules and plans are read once a process

    with CaptureQueriesContext(connection) as two:
        reviewing.review(cast.north, ids, at)
    for enrollment in others:
        enrollment.status, enrollment.ended_on = "withdrawn", at.date()
        enrollment.save(update_fields=["status", "ended_on"])
    with django_assert_num_queries(len(two)):
        reviewing.review(cast.north, ids[:1], at)


@pytest.mark.django_db(transaction=True)
def test_one_enrollment_that_cannot_be_reviewed_does_not_stop_the_others(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
):
    last = stall_the_deadlift(cast)
    lifted = flag_facts.FAMILIES["lifts"]

    def broken_for_cam(scope: flag_facts.Scope) -> Any:
        if cast.cam_enrollment.pk in scope.enrollments:
            raise ValueError("something about Cam that nobody foresaw")
        return lifted(scope)

    monkeypatch.setitem(flag_facts.FAMILIES, "lifts", broken_for_cam)
    with pytest.raises(SweepIncomplete):
        reviewing.sweep(last.ends_at + timedelta(hours=1))
    assert [flag.enrollment for flag in stalled()] == [cast.enrollment]
