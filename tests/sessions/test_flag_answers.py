"""Answering and resolving flags: who may, what is recorded, what happens to the second tap."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction

from sessions import actions, flag_work, flagging, sync, unrecorded
from sessions.answers import answer_missed
from sessions.models import Flag, SetEntry, Visit
from tests.cast import NOW, Cast, log_op
from tests.sessions.test_sweep_stalls import review, stall_the_deadlift

REASON = Flag.Resolution


def missed(cast: Cast) -> Flag:
    unrecorded.flag_missed(NOW)
    return Flag.objects.get(visit=cast.visit)


def stalled(cast: Cast) -> Flag:
    review(stall_the_deadlift(cast))
    return Flag.objects.get(kind=Flag.Kind.STALLED)


@pytest.mark.parametrize("status", ["no_show", "late_cancel", "excused"])
def test_one_answer_closes_the_flag_and_says_it_of_the_visit(cast: Cast, status: str):
    flag = missed(cast)

    answer_missed(flag=flag, status=status, by=cast.tess, now=NOW)

    flag.refresh_from_db()
    assert (flag.resolution, flag.resolved_by, flag.resolved_at) == (
        REASON.ANSWERED,
        cast.tess,
        NOW,
    )
    assert (cast.visit.status, cast.visit.said_by) == (status, cast.tess)


def test_the_second_answer_changes_nothing(cast: Cast):
    flag = missed(cast)
    answer_missed(flag=flag, status="no_show", by=cast.ana, now=NOW)

    with pytest.raises(flag_work.AlreadyResolved):
        answer_missed(flag=flag, status="excused", by=cast.tess, now=NOW)

    assert (cast.visit.status, cast.visit.said_by) == ("no_show", cast.ana)


def test_attended_is_no_answer_a_visit_is_logged_instead(cast: Cast):
    flag = missed(cast)

    with pytest.raises(actions.Refused):
        answer_missed(flag=flag, status="attended", by=cast.ana, now=NOW)

    assert cast.visit.status == Visit.Status.UNRECORDED


def test_an_answer_that_cannot_be_saved_leaves_the_flag_open(cast: Cast, monkeypatch: Any):
    flag = missed(cast)

    def fails(*args: Any, **more: Any) -> None:
        raise IntegrityError("the database refused")

    monkeypatch.setattr(flagging, "resolve_for_visit", fails)
    with pytest.raises(IntegrityError), transaction.atomic():
        answer_missed(flag=flag, status="no_show", by=cast.ana, now=NOW)

    flag.refresh_from_db()
    assert flag.resolved_at is None
    assert cast.visit.status == Visit.Status.UNRECORDED


@pytest.mark.parametrize("reason", flag_work.REASONS)
def test_a_stalled_lift_is_resolved_with_a_reason_and_a_note(cast: Cast, reason: str):
    flag = stalled(cast)

    flag_work.resolve_flag(
        flag=flag, by=cast.ana, resolution=reason, note="She travels a lot.", now=NOW
    )

    flag.refresh_from_db()
    assert (flag.resolution, flag.note, flag.resolved_by) == (
        reason,
        "She travels a lot.",
        cast.ana,
    )


@pytest.mark.parametrize("reason", ["", "by_itself", "answered", "because"])
def test_no_person_closes_a_flag_without_a_reason_of_the_list(cast: Cast, reason: str):
    flag = stalled(cast)
    with pytest.raises(ValueError, match="Choose a reason"):
        flag_work.resolve_flag(flag=flag, by=cast.ana, resolution=reason, now=NOW)
    flag.refresh_from_db()
    assert flag.resolved_at is None


def test_a_missed_session_is_not_resolved_while_nobody_said_what_it_was(cast: Cast):
    flag = missed(cast)
    with pytest.raises(ValueError, match="Say what happened"):
        flag_work.resolve_flag(flag=flag, by=cast.ana, resolution=REASON.EXPECTED, now=NOW)


def test_a_flag_is_resolved_once(cast: Cast):
    flag = stalled(cast)
    flag_work.resolve_flag(flag=flag, by=cast.ana, resolution=REASON.EXPECTED, now=NOW)

    with pytest.raises(flag_work.AlreadyResolved):
        flag_work.resolve_flag(flag=flag, by=cast.tess, resolution=REASON.CALLED, now=NOW)

    flag.refresh_from_db()
    assert (flag.resolution, flag.resolved_by) == (REASON.EXPECTED, cast.ana)


@pytest.mark.parametrize("who", ["ada", "cal", "lea", "otto"])
def test_nobody_else_resolves_a_flag(cast: Cast, who: str):
    flag = stalled(cast)
    with pytest.raises(PermissionDenied):
        flag_work.resolve_flag(
            flag=flag, by=getattr(cast, who), resolution=REASON.EXPECTED, now=NOW
        )


# --- landings outside clearance ------------------------------------------------------------------


def land(cast: Cast, level: int, number: int = 1) -> SetEntry:
    return cast.log(cast.visit, "impact", number, level=level, now=NOW)


def outside() -> list[Flag]:
    return list(Flag.objects.filter(kind=Flag.Kind.OUTSIDE_CLEARANCE).order_by("pk"))


def test_a_landing_above_the_clearance_is_kept_and_flagged_in_one_transaction(cast: Cast):
    entry = land(cast, 2)

    assert entry.outside_clearance
    flag = outside()[0]
    assert (flag.enrollment, flag.visit, flag.subject) == (cast.enrollment, cast.visit, "")
    assert flag.severity == Flag.Severity.RED
    assert (
        flag.evidence.items()
        >= {
            "date": "2026-03-05",
            "time": "09:00",
            "cleared": 0,
            "sets": [{"number": 1, "level": 2}],
            "headline": "landed at level 2, cleared for level 0",
        }.items()
    )


def test_a_landing_within_the_clearance_is_not_flagged(cast: Cast):
    land(cast, 0)
    assert outside() == []


def test_more_landings_of_the_visit_add_no_second_flag(cast: Cast):
    for number in (1, 2, 3):
        land(cast, 2, number)
    assert len(outside()) == 1


def test_a_closed_one_returns_only_when_it_gets_worse(cast: Cast):
    land(cast, 2)
    flag_work.resolve_flag(flag=outside()[0], by=cast.ana, resolution=REASON.CALLED, now=NOW)

    land(cast, 2, 2)
    assert len(outside()) == 1
    land(cast, 3, 3)
    assert [flag.resolved_at is None for flag in outside()] == [False, True]


def test_a_typing_error_that_was_corrected_closes_it_by_itself(cast: Cast):
    entry = land(cast, 2)
    op = log_op(cast.visit, "impact", level=0)
    fixed = sync.Op(
        op.uid, "correct_set", cast.visit.uid, NOW, entry.uid, entry.revision, payload=op.payload
    )
    assert sync.apply([fixed], by=cast.ana, now=NOW)[0].outcome == "applied"

    assert [flag.resolution for flag in outside()] == [REASON.BY_ITSELF]
