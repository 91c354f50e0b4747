"""Working flags: what is written, who may, and that twice or two at once is as good as once."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection

from bonefit.clinics.models import Membership
from sessions import alarms, flag_work, unrecorded
from sessions.answers import answer_missed
from sessions.models import Flag, FlagStep
from tests.cast import NOW, TODAY, Cast
from tests.sessions.flagged import raise_flag

REASON = Flag.Resolution
NEXT_WEEK = TODAY + timedelta(days=7)


def steps(flag: Flag) -> list[tuple[str, str, str]]:
    """What the history says: what, by whom, why."""
    rows = FlagStep.objects.filter(flag=flag).order_by("pk")
    return [(step.kind, step.by.user.name, step.why) for step in rows]


def missed(cast: Cast) -> Flag:
    unrecorded.flag_missed(NOW)
    return Flag.objects.get(visit=cast.visit)


# --- closing -------------------------------------------------------------------------------------


def test_closing_writes_who_when_why_and_a_step_and_counts_as_reading(cast: Cast):
    flag = raise_flag(cast.enrollment)

    flag_work.resolve_flag(flag=flag, by=cast.ana, resolution="called", note="Flu.", now=NOW)

    flag.refresh_from_db()
    assert (flag.resolution, flag.note, flag.resolved_by) == ("called", "Flu.", cast.ana)
    assert (flag.seen_at, flag.seen_by) == (NOW, cast.ana)
    assert steps(flag) == [("closed", "Ana T.", "Flu.")]


def test_good_news_is_closed_by_having_been_seen_and_by_nothing_else(cast: Cast):
    flag = raise_flag(cast.enrollment, "clean_weeks", "good")
    with pytest.raises(flag_work.Cannot):
        flag_work.resolve_flag(flag=flag, by=cast.ana, resolution="called", now=NOW)

    flag_work.resolve_flag(flag=flag, by=cast.ana, resolution=REASON.SEEN, now=NOW)

    flag.refresh_from_db()
    assert flag.resolution == "seen"


def test_what_asks_for_something_is_not_closed_by_having_been_seen(cast: Cast):
    flag = raise_flag(cast.enrollment)
    with pytest.raises(flag_work.Cannot):
        flag_work.resolve_flag(flag=flag, by=cast.ana, resolution=REASON.SEEN, now=NOW)


def test_a_lock_is_closed_by_a_release_only_and_its_history_says_by_whom(cast: Cast):
    alarms.lock_outside(cast.cal_client, "told", "a fall", by=cast.ana, now=NOW, kind="pain")
    flag = Flag.objects.get(kind=Flag.Kind.LOCKED)
    with pytest.raises(flag_work.Cannot, match="named clinician"):
        flag_work.resolve_flag(flag=flag, by=cast.ana, resolution="expected", now=NOW)
    assert Flag.objects.open().filter(pk=flag.pk).exists()

    said = {"clinician": "Dr L. H.", "finding": "Bruised only", "now": NOW}
    assert alarms.release(cast.cal_client, by=cast.tess, **said) == 1
    assert not Flag.objects.open().filter(pk=flag.pk).exists()
    assert steps(flag) == [("closed", "Tess T.", "")]


@pytest.mark.parametrize("who", ["ada", "dee", "cal", "lea", "otto"])
def test_only_a_role_that_may_records_a_release(cast: Cast, who: str):
    alarms.lock_outside(cast.cal_client, "told", "a fall", by=cast.ana, now=NOW, kind="pain")
    with pytest.raises(PermissionDenied):
        alarms.release(cast.cal_client, clinician="Me", finding="Well", by=getattr(cast, who))
    assert Flag.objects.open().filter(kind=Flag.Kind.LOCKED).exists()


def test_an_answer_for_a_missed_session_stands_in_the_flags_history(cast: Cast):
    flag = missed(cast)
    answer_missed(flag=flag, status="excused", by=cast.tess, now=NOW)
    assert steps(flag) == [("closed", "Tess T.", "")]


# --- putting off ---------------------------------------------------------------------------------


def test_putting_off_needs_a_day_ahead_and_a_reason(cast: Cast):
    flag = raise_flag(cast.enrollment)

    assert flag_work.put_off(flag=flag, by=cast.ana, until=NEXT_WEEK, why="Holiday", now=NOW)

    flag.refresh_from_db()
    assert flag.snoozed_until == NEXT_WEEK
    assert steps(flag) == [("snoozed", "Ana T.", "Holiday")]


@pytest.mark.parametrize(
    ("days", "why", "field"),
    [(0, "Holiday", "until"), (29, "Holiday", "until"), (7, "  ", "why")],
    ids=["not ahead", "more than four weeks", "no reason"],
)
def test_a_day_or_a_reason_that_is_none_changes_nothing(
    cast: Cast, days: int, why: str, field: str
):
    flag = raise_flag(cast.enrollment)
    with pytest.raises(flag_work.Cannot) as refused:
        flag_work.put_off(
            flag=flag, by=cast.ana, until=TODAY + timedelta(days=days), why=why, now=NOW
        )
    assert refused.value.field == field
    assert steps(flag) == []


def test_the_last_day_allowed_is_allowed(cast: Cast):
    flag = raise_flag(cast.enrollment)
    last = TODAY + timedelta(days=28)
    assert flag_work.put_off(flag=flag, by=cast.ana, until=last, why="Holiday", now=NOW)


@pytest.mark.parametrize(("kind", "severity"), [("locked", "red"), ("clean_weeks", "good")])
def test_a_lock_and_good_news_cannot_be_put_off(cast: Cast, kind: str, severity: str):
    flag = raise_flag(cast.enrollment, kind, severity)
    with pytest.raises(flag_work.Cannot):
        flag_work.put_off(flag=flag, by=cast.ana, until=NEXT_WEEK, why="Later", now=NOW)


def test_put_off_until_the_same_day_again_is_one_step(cast: Cast):
    flag = raise_flag(cast.enrollment)
    flag_work.put_off(flag=flag, by=cast.ana, until=NEXT_WEEK, why="Holiday", now=NOW)
    assert not flag_work.put_off(flag=flag, by=cast.ana, until=NEXT_WEEK, why="Holiday", now=NOW)
    assert len(steps(flag)) == 1


def test_what_was_put_off_can_be_taken_up_again_once(cast: Cast):
    flag = raise_flag(cast.enrollment)
    flag_work.put_off(flag=flag, by=cast.ana, until=NEXT_WEEK, why="Holiday", now=NOW)

    assert flag_work.take_up(flag=flag, by=cast.tess, now=NOW)
    assert not flag_work.take_up(flag=flag, by=cast.tess, now=NOW)

    flag.refresh_from_db()
    assert flag.snoozed_until is None
    assert [kind for kind, *_ in steps(flag)] == ["snoozed", "woken"]


# --- handing over --------------------------------------------------------------------------------


def test_handing_over_makes_it_a_colleagues_with_a_word_to_her(cast: Cast):
    flag = raise_flag(cast.enrollment)

    assert flag_work.hand_over(flag=flag, by=cast.ana, to=cast.tess, why="On leave", now=NOW)
    assert not flag_work.hand_over(flag=flag, by=cast.ana, to=cast.tess, why="On leave", now=NOW)

    flag.refresh_from_db()
    assert flag.owner == cast.tess
    assert steps(flag) == [("handed_over", "Ana T.", "On leave")]


@pytest.mark.parametrize("who", ["ada", "lea", "cal", "otto"])
def test_it_is_handed_only_to_somebody_who_may_work_it(cast: Cast, who: str):
    flag = raise_flag(cast.enrollment)
    with pytest.raises(flag_work.Cannot) as refused:
        flag_work.hand_over(flag=flag, by=cast.ana, to=getattr(cast, who), why="Yours", now=NOW)
    assert refused.value.field == "to"


def test_only_those_who_may_work_flags_are_offered_as_colleagues(cast: Cast):
    assert flag_work.colleagues(cast.ana) == [cast.ana, cast.tess]


# --- reading -------------------------------------------------------------------------------------


def test_what_was_on_a_screen_is_read_once_by_whoever_was_first(cast: Cast):
    flag = raise_flag(cast.enrollment, severity="red")

    assert flag_work.mark_read(flags=[flag.pk], by=cast.tess, now=NOW) == 1
    later = NOW + timedelta(hours=1)
    assert flag_work.mark_read(flags=[flag.pk], by=cast.ana, now=later) == 0

    flag.refresh_from_db()
    assert (flag.seen_at, flag.seen_by) == (NOW, cast.tess)
    assert steps(flag) == [("seen", "Tess T.", "")]


def test_another_clinics_flags_are_not_read(cast: Cast):
    flag = raise_flag(cast.olga_enrollment, severity="red")
    assert flag_work.mark_read(flags=[flag.pk], by=cast.ana, now=NOW) == 0


# --- who may, and when it is too late ------------------------------------------------------------

Act = Callable[[Flag, Membership], Any]
ACTS: dict[str, Act] = {
    "close": lambda flag, by: flag_work.resolve_flag(
        flag=flag, by=by, resolution="called", now=NOW
    ),
    "put off": lambda flag, by: flag_work.put_off(
        flag=flag, by=by, until=NEXT_WEEK, why="Holiday", now=NOW
    ),
    "take up": lambda flag, by: flag_work.take_up(flag=flag, by=by, now=NOW),
    "hand over": lambda flag, by: flag_work.hand_over(
        flag=flag, by=by, to=Membership.objects.get(user__name="Tess T."), why="Yours", now=NOW
    ),
}


@pytest.mark.parametrize("who", ["ada", "dee", "cal", "lea", "otto"])
@pytest.mark.parametrize("act", ACTS)
def test_nobody_else_works_a_flag(cast: Cast, act: str, who: str):
    flag = raise_flag(cast.enrollment)
    with pytest.raises(PermissionDenied):
        ACTS[act](flag, getattr(cast, who))
    assert steps(flag) == []


@pytest.mark.parametrize("act", ACTS)
def test_a_closed_flag_is_not_worked_any_more(cast: Cast, act: str):
    flag = raise_flag(cast.enrollment)
    flag_work.resolve_flag(flag=flag, by=cast.ana, resolution="called", now=NOW)
    with pytest.raises(flag_work.AlreadyResolved):
        ACTS[act](flag, cast.tess)
    assert len(steps(flag)) == 1


@pytest.mark.django_db(transaction=True)
def test_of_two_who_close_it_at_once_one_does_and_the_other_is_told(cast: Cast):
    flag = raise_flag(cast.enrollment)
    start = threading.Barrier(2)
    said: list[str] = []

    def close(by: Membership, reason: str) -> None:
        try:
            start.wait()
            flag_work.resolve_flag(flag=flag, by=by, resolution=reason, now=NOW)
            said.append("closed")
        except flag_work.AlreadyResolved:
            said.append("too late")
        finally:
            connection.close()

    both = [
        threading.Thread(target=close, args=(cast.ana, "called")),
        threading.Thread(target=close, args=(cast.tess, "expected")),
    ]
    for thread in both:
        thread.start()
    for thread in both:
        thread.join()

    assert sorted(said) == ["closed", "too late"]
    assert len(steps(flag)) == 1


def test_the_day_is_the_clinics(cast: Cast):
    """It is still 4 March in New York when it is noon of the 5th in Brisbane."""
    assert flag_work.days_to_put_off(cast.otto, NOW)[0] == date(2026, 3, 4)
    assert flag_work.days_to_put_off(cast.ana, NOW)[0] == TODAY
