"""A visit is signed: in full or in part, after a stop only with its report, and opened again."""

from __future__ import annotations

import json
import uuid
from datetime import timedelta
from typing import Any

import pytest
import time_machine

from sessions import actions, sync
from sessions.due import report_due, reports_due
from sessions.lanes import day_of_lanes
from sessions.models import AdverseEvent, Operation, SessionNote, Visit
from tests.cast import NOW, TODAY, Cast

DAY = timedelta(hours=24)


def do(cast: Cast, *kinds: str, now: Any = NOW, **payload: Any) -> list[sync.Result]:
    ops = [
        sync.Op(uuid.uuid4(), kind, cast.visit.uid, made_at=now, payload=payload) for kind in kinds
    ]
    return sync.apply(ops, by=cast.ana, now=now)


def outcomes(results: list[sync.Result]) -> list[str]:
    return [result.outcome for result in results]


def report(cast: Cast) -> None:
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


def test_a_visit_without_a_set_is_not_signed(cast):
    (result,) = do(cast, "complete")

    assert result.outcome == "refused"
    assert result.reason == "No set is logged. Log one, or say what happened instead."


def test_a_stop_makes_a_whole_visit_attended_in_part(cast):
    for lift in ("hinge", "squat", "press"):
        cast.log_all(cast.visit, lift)
    do(cast, "stop")
    report(cast)
    do(cast, "complete")

    assert cast.visit.status == Visit.Status.ATTENDED_PARTIAL


def test_a_stopped_visit_is_signed_without_a_set_once_it_is_reported(cast):
    do(cast, "stop", why="dizzy")
    (refused,) = do(cast, "complete")
    assert refused.reason == "This visit was stopped. Report what happened first, then sign it."
    assert cast.visit.status == Visit.Status.CHECKED_IN

    report(cast)
    (signed,) = do(cast, "complete")

    assert signed.outcome == "applied"
    assert (cast.visit.status, cast.visit.completed_by) == ("attended_partial", cast.ana)


def test_a_stop_and_a_signature_in_one_batch_are_told_apart_as_well(cast):
    results = do(cast, "stop", "complete")

    assert outcomes(results) == ["applied", "refused"]
    assert results[1].reason.startswith("This visit was stopped.")


def test_pain_that_locks_before_the_first_set_is_reported_and_signed_in_part(cast):
    """Nothing was lifted, and somebody came all the same."""
    pain = {"now": "3", "now_site": "lower_back", "now_kind": "new"}
    op = sync.Op(uuid.uuid4(), "check_in", cast.visit.uid, made_at=NOW, payload=pain)
    sync.apply([op], by=cast.ana, now=NOW)
    (too_early,) = do(cast, "complete")
    assert too_early.outcome == "refused"

    report(cast)
    (result,) = do(cast, "complete")

    assert result.outcome == "applied"
    assert cast.visit.status == Visit.Status.ATTENDED_PARTIAL


def test_the_report_is_due_from_the_stop_until_it_is_written(cast):
    other = cast.visits[1]
    assert not report_due(cast.visit)
    do(cast, "stop")
    assert report_due(cast.visit)
    assert reports_due([cast.visit, other]) == {cast.visit.pk}

    report(cast)

    assert not report_due(cast.visit)
    assert reports_due([cast.visit, other]) == set()


def test_reports_due_of_a_whole_class_are_one_query(cast, django_assert_num_queries):
    visits = cast.visits
    with django_assert_num_queries(1):
        reports_due(visits)


# --- opened again ---------------------------------------------------------------------------------
def signed(cast: Cast, now: Any = NOW) -> None:
    cast.log_all(cast.visit)
    actions.complete_visit(visit=cast.visit, by=cast.ana, now=now)


def test_a_signed_visit_is_open_again_with_one_tap(cast):
    signed(cast)
    (result,) = do(cast, "reopen", now=NOW + DAY)

    assert result.outcome == "applied"
    visit = cast.visit
    assert (visit.status, visit.completed_at, visit.completed_by) == ("checked_in", None, None)
    before = Operation.objects.get(kind="reopen").before
    assert before["status"] == "attended_partial"
    assert before["signed_by"] == "Ana T."
    assert before["completed_at"] == NOW.isoformat()


def test_after_its_hours_it_is_amended_instead(cast):
    signed(cast)
    (result,) = do(cast, "reopen", now=NOW + DAY + timedelta(seconds=1))

    assert result.outcome == "refused"
    assert "until 6 March, 12:00" in result.reason
    assert "Amend it instead" in result.reason
    assert cast.visit.took_place


def test_the_hours_are_the_clinics(cast):
    from programs.models import RuleSet
    from programs.plans import forget

    rules = RuleSet.objects.get(clinic=cast.north)
    RuleSet.objects.filter(pk=rules.pk).update(values={**rules.values, "reopen_hours": "1"})
    forget()
    signed(cast)

    assert outcomes(do(cast, "reopen", now=NOW + timedelta(hours=1, seconds=1))) == ["refused"]
    assert outcomes(do(cast, "reopen", now=NOW + timedelta(hours=1))) == ["applied"]


def test_two_who_open_it_again_are_both_right(cast):
    signed(cast)

    assert outcomes(do(cast, "reopen", "reopen")) == ["applied", "applied"]
    assert cast.visit.status == Visit.Status.CHECKED_IN


def test_nothing_is_opened_that_nobody_signed(cast):
    (result,) = do(cast, "reopen")

    assert (result.outcome, result.reason) == ("refused", "Nobody has signed this visit.")


def test_it_can_be_signed_again_by_somebody_else(cast):
    signed(cast)
    do(cast, "reopen")
    later = NOW + timedelta(hours=2)
    actions.complete_visit(visit=cast.visit, by=cast.tess, now=later)

    assert (cast.visit.completed_by, cast.visit.completed_at) == (cast.tess, later)


def test_an_opened_visit_is_no_missed_session_the_same_night(cast):
    """Its deadline was hours ago; there is a day to sign it again."""
    cast.log_all(cast.visit, now=cast.visit.starts_at)
    actions.complete_visit(visit=cast.visit, by=cast.ana, now=cast.visit.ends_at)
    assert cast.visit.missed_after < NOW
    do(cast, "reopen")

    assert cast.visit.missed_after == NOW + DAY


def test_the_page_offers_it_as_long_as_it_lasts(cast, client):
    signed(cast)
    client.force_login(cast.ana.user)
    address = f"/c/north/visits/{cast.visit.uid}/"
    assert "Open it again" in client.get(address).content.decode()

    client.post(f"{address}reopen/")

    assert cast.visit.status == Visit.Status.CHECKED_IN
    assert "Complete as Ana T." in client.get(address).content.decode()
    signed(cast)
    with time_machine.travel(NOW + DAY + timedelta(minutes=1)):
        assert "Open it again" not in client.get(address).content.decode()


def test_the_page_lets_a_stopped_visit_be_signed_without_a_set(cast, client):
    do(cast, "stop")
    client.force_login(cast.ana.user)
    page = client.get(f"/c/north/visits/{cast.visit.uid}/").content.decode()

    assert "Complete as Ana T." in page
    assert "Not here?" not in page


# --- what a tablet is told ------------------------------------------------------------------------
def lane(cast: Cast) -> dict[str, Any]:
    day = day_of_lanes(cast.ana, day=TODAY, now=NOW)
    json.dumps(day)
    lanes = [lane for slot in day["slots"] for lane in slot["lanes"]]
    return next(lane for lane in lanes if lane["visit"] == str(cast.visit.uid))


def test_a_lane_says_when_it_was_signed_and_until_when_it_can_be_opened(cast):
    keys = ("signed_at", "reopen_until", "note_due")
    assert [lane(cast)[key] for key in keys] == [None, None, False]

    signed(cast)
    told = lane(cast)
    assert told["signed_at"] == NOW.isoformat()
    assert told["reopen_until"] == (NOW + DAY).isoformat()
    assert told["note_due"] is True

    SessionNote.objects.create(clinic=cast.north, visit=cast.visit, version=1, signed_by=cast.ana)
    assert lane(cast)["note_due"] is False


def test_the_lanes_cost_no_query_for_their_signatures(cast, django_assert_num_queries):
    signed(cast)
    day_of_lanes(cast.ana, day=TODAY, now=NOW)
    with django_assert_num_queries(6):  # nothing for each lane
        day_of_lanes(cast.ana, day=TODAY, now=NOW)


# --- text that no table can keep ------------------------------------------------------------------
@pytest.mark.parametrize("text", ["a\x00b", "\ud800"])
def test_text_that_cannot_be_kept_is_refused_and_holds_up_no_other(cast, text):
    bad = sync.Op(uuid.uuid4(), "stop", cast.visit.uid, made_at=NOW, payload={"why": text})
    good = sync.Op(uuid.uuid4(), "stop", cast.visit.uid, made_at=NOW)

    results = sync.apply([bad, good], by=cast.ana, now=NOW)

    assert outcomes(results) == ["refused", "applied"]
    assert results[0].reason == "It has a character in it that cannot be kept."
