"""What the rules write of a visit: S and O from its log, A and P by rule, and nothing invented."""

from __future__ import annotations

import re
import uuid
from datetime import timedelta
from typing import Any

import pytest

from sessions import actions, noting, sync
from sessions.models import AdverseEvent, SetEntry, Supervision
from sessions.notes import Draft
from tests.cast import NOW, Cast, assign, enroll

LIFTS = ("hinge", "squat", "press")


def signed(cast: Cast) -> None:
    actions.complete_visit(visit=cast.visit, by=cast.ana, now=NOW)


def draft(cast: Cast, now: Any = NOW) -> Draft:
    visit = noting.floor_of(cast.ana).get(pk=cast.visit.pk)
    (page,) = noting.pages_of([visit], member=cast.ana, now=now)
    return page.draft


@pytest.fixture
def full(cast: Cast) -> Cast:
    """Everything as prescribed, the last set of each lift with effort, technique and pain."""
    cast.promote()
    cast.check_in(cast.visit)
    for lift in LIFTS:
        cast.log_all(cast.visit, lift, sets=4)
        cast.log(cast.visit, lift, 5, rpe=16, technique="clean", pain=0)
    cast.log_all(cast.visit, "impact", tolerated="yes")
    signed(cast)
    return cast


def test_what_she_said_comes_from_the_questions_and_the_sets(full):
    assert draft(full).subjective.splitlines() == [
        "Worst pain since last time: 0.",
        "Pain now: 0.",
        "No pain during Deadlift, Back squat and Overhead press.",
        "Pain was not asked during Heel raise, lowered softly.",
        "RPE: Deadlift 16, Back squat 16, Overhead press 16.",
    ]


def test_what_was_done_stands_set_by_set_with_its_load_effort_and_technique(full):
    lines = draft(full).objective.splitlines()

    assert lines[0].startswith("09:00 to 09:30. Phase: Lift heavy. Cleared for impact level 0")
    assert lines[1] == "On the floor: Ana T., supervisors to clients 1 to 1."
    assert lines[2] == "Deadlift: 5 × 5 × 40 kg @ 16. Technique clean, noted on 1 of 5 sets."
    assert "5 × 5 landings at level 0, tolerated." in lines[-1]


def test_all_as_prescribed_is_one_line_and_the_plan_has_the_reasons(full):
    written = draft(full)

    assert written.assessment.splitlines()[0] == "All as prescribed, at RPE 16."
    plan = written.plan.splitlines()
    assert plan[0].startswith("Deadlift: 5 × 5 at 40 kg. Same again: clean at RPE 16, visit 1 of 2")
    assert plan[-1] == "Next visit Monday 9 March, 09:00."


def test_what_nobody_asked_is_said_to_be_not_asked(cast):
    cast.log_all(cast.visit)
    signed(cast)
    written = draft(cast)

    assert written.subjective.splitlines() == [
        "Nothing was asked on arrival.",
        "Pain was not asked during Deadlift.",
        "RPE was not asked for Deadlift.",
    ]
    assert "Technique not noted." in written.objective
    assert "clean" not in written.assessment


def test_less_than_asked_for_is_said_lift_by_lift(cast):
    cast.log_all(cast.visit, sets=3)
    cast.log(cast.visit, number=4, reps=3, rpe=19, technique="not_clean", pain=4, pain_site="knee")
    cast.log_all(cast.visit, "squat", load="25")
    signed(cast)
    written = draft(cast)

    assert "Deadlift: 4 of 5 sets, 18 of 20 reps." in written.assessment
    assert "Back squat: lighter than asked for." in written.assessment
    assert "Overhead press: not done." in written.assessment
    assert "Technique not clean: Deadlift (1 set)." in written.assessment
    assert "Pain during Deadlift 4 of 10." in written.assessment
    assert "Deadlift, set 4: pain 4 of 10, knee." in written.subjective
    assert "Overhead press: not done. Asked for 5 × 5 at 20 kg." in written.objective


def test_landings_say_their_level_their_height_and_how_they_felt(cast):
    cast.log(cast.visit, "impact", level=2, drop_cm=20, tolerated="no")
    signed(cast)
    written = draft(cast)

    assert "1 × 5 landings at level 2 from 20 cm, not tolerated" in written.objective
    assert re.search(r"Outside clearance: .+, set 1\.", written.objective)
    assert "Landings not tolerated" in written.assessment
    assert "Something was done outside the clearance" in written.assessment


def test_a_correction_says_what_the_set_said_before(cast):
    entry = cast.log(cast.visit, load="42.5", reps=4)
    for payload in ({"load": "40", "reps": 4}, {"load": "40", "reps": 4, "rpe": 15}):
        entry.refresh_from_db()
        op = sync.Op(
            uuid.uuid4(),
            "correct_set",
            cast.visit.uid,
            made_at=NOW,
            entry=entry.uid,
            base_revision=entry.revision,
            payload=payload,
        )
        sync.apply([op], by=cast.ana, now=NOW)
    signed(cast)

    changes = [line for line in draft(cast).objective.splitlines() if line[:9] == "Corrected"]
    # The effort that was added to a blank corrected nothing.
    assert changes == ["Corrected: Deadlift, set 1, was 42.5 kg."]


def test_a_set_that_was_taken_back_and_logged_again_is_no_news(cast):
    for number in (1, 2):
        entry = cast.log(cast.visit, number=number)
        op = sync.Op(uuid.uuid4(), "void_set", cast.visit.uid, made_at=NOW, entry=entry.uid)
        sync.apply([op], by=cast.ana, now=NOW)
    cast.log(cast.visit, number=1)
    signed(cast)

    lines = draft(cast).objective.splitlines()
    assert [line for line in lines if line.startswith("Taken back")] == [
        "Taken back: Deadlift, set 2, was 40 kg, 5 reps."
    ]


def test_a_stop_and_its_report_stand_in_the_note_and_nothing_is_prescribed(cast):
    cast.log(cast.visit)
    op = sync.Op(uuid.uuid4(), "stop", cast.visit.uid, made_at=NOW, payload={"why": "dizzy"})
    sync.apply([op], by=cast.ana, now=NOW)
    AdverseEvent.objects.create(
        clinic=cast.north,
        uid=uuid.uuid4(),
        client=cast.cal_client,
        visit=cast.visit,
        what="dizzy",
        severity="mild",
        onset_at=NOW,
        reported_by=cast.ana,
    )
    signed(cast)
    written = draft(cast)

    assert "Reported: dizzy or faint, mild." in written.objective
    assert written.assessment.startswith("Ended early. Stopped on the floor, dizzy or faint.")
    assert written.plan.startswith(
        "Nothing is prescribed. Locked: stopped on the floor, dizzy or faint."
    )


def test_those_who_were_named_on_the_floor_are_counted_with_their_clients(cast):
    Supervision.objects.create(
        clinic=cast.north, slot=cast.visit.slot, member=cast.tess, named_at=NOW
    )
    other = assign(enroll(cast.ana, "Dee W."), cast.ana).visits.order_by("during")[0]
    cast.log(other)
    cast.log(cast.visit)
    signed(cast)

    # Ana was planned, and nobody named her.
    assert "On the floor: Tess T., supervisors to clients 1 to 2." in draft(cast).objective


def test_the_plan_is_what_followed_from_this_visit_not_from_later_ones(full):
    """Signed two weeks late: no step-down for days away, and what was told at the next visit."""
    plan = draft(full).plan
    assert draft(full, NOW + timedelta(days=20)).plan == plan

    following = full.visits[1]
    full.check_in(following)
    for number in range(1, 6):
        full.log(following, number=number, load="30", rpe=20, now=following.ends_at)

    assert draft(full, NOW + timedelta(days=20)).plan == plan


def test_no_note_promises_anything(full):
    words = " ".join(
        (draft(full).subjective, draft(full).objective, draft(full).assessment, draft(full).plan)
    ).lower()

    assert re.findall(r"\b(risk|bone|bones|safe|safely|gain|gains|heals|prevents)\b", words) == []


def test_a_class_is_drafted_with_a_pinned_number_of_queries(cast, django_assert_num_queries):
    visits = [cast.visit]
    for name in ("Dee W.", "Eve V.", "Flo U."):
        visit = assign(enroll(cast.ana, name), cast.ana).visits.order_by("during")[0]
        visits.append(visit)
    for visit in visits:
        cast.log_all(visit)
        actions.complete_visit(visit=visit, by=cast.ana, now=NOW)
    came = noting.floor_of(cast.ana).filter(pk__in=[visit.pk for visit in visits])

    def asked(count: int) -> int:
        some = list(came.order_by("pk")[:count])
        noting.pages_of(some, member=cast.ana, now=NOW)
        return count

    asked(4)
    beside, a_client = 11, 4  # what is next is worked out for each of them
    with django_assert_num_queries(beside + a_client):
        asked(1)
    with django_assert_num_queries(beside + 4 * a_client):
        asked(4)
    assert SetEntry.objects.count() == 20
