"""The sweep makes silence visible: an overdue visit becomes unrecorded and opens its flag."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from sessions import actions, sync, unrecorded
from sessions.models import Flag, Visit
from tests.cast import NOW, Cast, log_op

STATUS = Visit.Status


def missed_flags() -> list[Flag]:
    return list(Flag.objects.filter(kind=Flag.Kind.MISSED).order_by("pk"))


def test_a_visit_that_nobody_spoke_of_becomes_unrecorded_and_opens_a_flag(cast: Cast):
    assert unrecorded.flag_missed(NOW) == 1

    assert cast.visit.status == STATUS.UNRECORDED
    flag = missed_flags()[0]
    assert (flag.clinic, flag.enrollment, flag.visit) == (cast.north, cast.enrollment, cast.visit)
    assert flag.subject == str(cast.visit.uid)
    assert flag.rule == "F00.1"
    assert (flag.opened_at, flag.resolved_at) == (NOW, None)


def test_the_evidence_is_what_the_clinic_saw_on_its_own_clock(cast: Cast):
    unrecorded.flag_missed(NOW)

    assert missed_flags()[0].evidence == {
        "date": "2026-03-05",
        "time": "09:00",
        "room": "Room 1",
        "therapist": "Ana T.",
        "checked_in": False,
        "headline": "Thursday 5 March, 09:00 has nothing in it",
        "detail": "With Ana T. in Room 1. Nobody has said what happened.",
        "lines": [],
    }


def test_running_twice_adds_nothing(cast: Cast):
    assert unrecorded.flag_missed(NOW) == 1
    assert unrecorded.flag_missed(NOW) == 0
    assert unrecorded.flag_missed(NOW + timedelta(hours=1)) == 0
    assert len(missed_flags()) == 1


@pytest.mark.parametrize(
    ("moment", "flagged"),
    [
        # The visit ends at 9:30 in Brisbane, 23:30 UTC of the day before, and has an hour of grace.
        (datetime(2026, 3, 5, 0, 29, 59, tzinfo=UTC), 0),
        (datetime(2026, 3, 5, 0, 30, tzinfo=UTC), 1),
    ],
)
def test_the_grace_ends_on_the_second(cast: Cast, moment: datetime, flagged: int):
    assert unrecorded.flag_missed(moment) == flagged


@pytest.mark.parametrize(
    "status",
    [
        STATUS.NO_SHOW,
        STATUS.LATE_CANCEL,
        STATUS.CANCELLED_CLIENT,
        STATUS.EXCUSED,
        STATUS.CLINIC_CANCELLED,
        STATUS.HOLIDAY_CLOSED,
    ],
)
def test_a_visit_that_somebody_answered_for_is_never_flagged(cast: Cast, status: str):
    actions.say(visit=cast.visit, status=status, by=cast.ana, now=NOW)

    assert unrecorded.flag_missed(NOW) == 0
    assert cast.visit.status == status
    assert missed_flags() == []


def test_an_attended_visit_is_never_flagged(cast: Cast):
    cast.log(cast.visit, now=NOW)
    actions.complete_visit(visit=cast.visit, by=cast.ana, now=NOW)

    unrecorded.flag_missed(NOW + timedelta(days=2))
    assert cast.visit.took_place
    assert not Flag.objects.filter(enrollment=cast.enrollment).exists()


def test_a_client_who_was_checked_in_and_did_no_set_is_asked_about_too(cast: Cast):
    early = NOW - timedelta(hours=3)
    check_in = sync.Op(log_op(cast.visit).uid, "check_in", cast.visit.uid, made_at=early)
    sync.apply([check_in], by=cast.ana, now=early)

    assert unrecorded.flag_missed(NOW) == 1
    assert cast.visit.status == STATUS.UNRECORDED
    assert missed_flags()[0].evidence["checked_in"] is True


def test_a_visit_with_sets_that_nobody_completed_was_not_missed(cast: Cast):
    cast.log(cast.visit, now=NOW - timedelta(hours=3))

    assert unrecorded.flag_missed(NOW) == 0
    assert (cast.visit.status, missed_flags()) == (STATUS.CHECKED_IN, [])
    # Asked about again tomorrow, so that no sweep until then has to look at it.
    assert cast.visit.missed_after == NOW + timedelta(days=1)


def test_a_visit_whose_only_set_was_taken_back_has_nothing_recorded(cast: Cast):
    early = NOW - timedelta(hours=3)
    entry = cast.log(cast.visit, now=early)
    op = log_op(cast.visit)
    take_back = sync.Op(op.uid, "void_set", cast.visit.uid, made_at=early, entry=entry.uid)
    sync.apply([take_back], by=cast.ana, now=early)

    assert unrecorded.flag_missed(NOW) == 1
    assert cast.visit.status == STATUS.UNRECORDED


def test_one_sweep_serves_all_clinics_and_each_flag_belongs_to_its_own(cast: Cast):
    both = NOW + timedelta(days=5)

    unrecorded.flag_missed(both)

    olgas = Flag.objects.get(enrollment=cast.olga_enrollment)
    assert olgas.clinic == cast.harbor
    # 9:00 in New York, the day after its change to summer time.
    assert (olgas.evidence["date"], olgas.evidence["time"]) == ("2026-03-09", "09:00")
    assert {flag.clinic for flag in Flag.objects.visible_to(cast.ana)} == {cast.north}
    overdue = Visit.objects.filter(during__endswith__lt=both - timedelta(hours=1))
    assert {visit.status for visit in overdue} == {STATUS.UNRECORDED}
    assert Flag.objects.count() == overdue.count()


def test_logging_a_missed_visit_late_resolves_its_flag_by_itself(cast: Cast):
    unrecorded.flag_missed(NOW)

    later = NOW + timedelta(hours=2)
    cast.log(cast.visit, now=later)
    actions.complete_visit(visit=cast.visit, by=cast.tess, now=later)

    flag = missed_flags()[0]
    assert (flag.resolution, flag.resolved_at) == (Flag.Resolution.BY_ITSELF, later)
    assert cast.visit.took_place
    unrecorded.flag_missed(later + timedelta(days=30))
    assert Flag.objects.filter(visit=cast.visit).count() == 1


@pytest.mark.parametrize("status", [STATUS.NO_SHOW, STATUS.LATE_CANCEL, STATUS.EXCUSED])
def test_saying_what_happened_resolves_the_flag_in_the_name_of_who_said_it(cast: Cast, status: str):
    unrecorded.flag_missed(NOW)

    actions.say(visit=cast.visit, status=status, by=cast.tess, now=NOW)

    flag = missed_flags()[0]
    assert (flag.resolution, flag.resolved_by) == (Flag.Resolution.ANSWERED, cast.tess)
    assert cast.visit.status == status
    assert unrecorded.flag_missed(NOW) == 0


def test_taking_the_answer_back_makes_the_next_sweep_ask_again(cast: Cast):
    unrecorded.flag_missed(NOW)
    actions.say(visit=cast.visit, status=STATUS.NO_SHOW, by=cast.ana, now=NOW)
    actions.say(visit=cast.visit, status=STATUS.PLANNED, by=cast.ana, now=NOW)

    assert unrecorded.flag_missed(NOW) == 1
    assert [flag.resolved_at for flag in missed_flags()] == [NOW, None]


def test_all_batches_are_swept_however_small_they_are(cast: Cast):
    far = NOW + timedelta(days=21)
    overdue = Visit.objects.overdue(far).count()

    assert unrecorded.flag_missed(far, batch=2) == overdue > 10
    assert Flag.objects.count() == overdue
