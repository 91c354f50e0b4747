"""A review: what is open becomes what is true, for whoever's facts have changed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from programs.models import Enrollment
from sessions import actions, flag_facts, flag_work, moving, reviewing, unrecorded
from sessions.contained import SweepIncomplete
from sessions.flag_facts import Scope
from sessions.flags import Action, Asked, Finding, Rule, Severity
from sessions.models import Changed, Flag, Review
from tests.cast import NOW, Cast, assign, enroll

LATER = NOW + timedelta(minutes=5)


@dataclass(frozen=True)
class Told:
    """Facts of a made-up family: what is found, and the day on which it is asked again."""

    found: tuple[Finding, ...] = ()
    day: date | None = None

    def at(self, asked: Asked) -> Told:
        return self

    def again(self, asked: Asked) -> date | None:
        return self.day


@dataclass
class Oracle:
    """What the made-up family says, and what happens when it is asked."""

    says: dict[int, Told] = field(default_factory=dict)
    asked: list[Scope] = field(default_factory=list)
    meanwhile: Callable[[], object] = lambda: None
    breaks_at: int | None = None

    def fetch(self, scope: Scope) -> dict[int, Told]:
        self.asked.append(scope)
        self.meanwhile()
        if self.breaks_at in scope.enrollments:
            raise ValueError("Mrs Somebody, 4 High Street")
        return {pk: told for pk, told in self.says.items() if pk in scope.enrollments}


RULE = Rule(
    "F99",
    1,
    Flag.Kind.NO_SHOW,
    "Made up",
    "Is made up.",
    (Severity.AMBER, Severity.RED),
    "hold",
    "made up",
    lambda told, asked: told.found,
    (Action.CALL,),
)


@pytest.fixture
def oracle(monkeypatch: pytest.MonkeyPatch) -> Iterator[Oracle]:
    """One rule that says what a test tells it to say, and no other."""
    one = Oracle()
    only(monkeypatch, RULE)
    monkeypatch.setitem(flag_facts.FAMILIES, "made up", one.fetch)
    return one


def only(monkeypatch: pytest.MonkeyPatch, rule: Rule) -> None:
    monkeypatch.setattr(reviewing, "ASKED", (rule,))
    monkeypatch.setitem(reviewing.BY_KIND, rule.kind, rule)


def finding(key: str = "F99.1|a", severity: str = Severity.AMBER, **more: Any) -> Finding:
    words = {"headline": "is made up", "detail": "As told.", "lines": []}
    return Finding("", words, key, severity, **more)


def look(cast: Cast, now: datetime = NOW) -> tuple[int, int]:
    done = reviewing.review(cast.north, [cast.enrollment.pk], now)
    return done.opened, done.resolved


def flags(**which: Any) -> list[Flag]:
    return list(Flag.objects.filter(kind=Flag.Kind.NO_SHOW, **which).order_by("pk"))


def test_what_is_true_opens_stays_open_and_resolves_by_itself(cast: Cast, oracle: Oracle):
    oracle.says[cast.enrollment.pk] = Told((finding(),))
    assert look(cast) == (1, 0)
    flag = flags()[0]
    assert (flag.rule, flag.severity, flag.evidence["headline"]) == ("F99.1", "amber", "is made up")
    assert (flag.clinic, flag.opened_at) == (cast.north, NOW)

    assert look(cast) == (0, 0)  # once more is the same

    oracle.says.clear()
    assert look(cast, LATER) == (0, 1)
    flag.refresh_from_db()
    assert (flag.resolution, flag.resolved_by, flag.resolved_at) == ("by_itself", None, LATER)
    assert look(cast) == (0, 0)


def test_what_resolved_by_itself_may_come_back_by_itself(cast: Cast, oracle: Oracle):
    oracle.says[cast.enrollment.pk] = Told((finding(),))
    look(cast)
    oracle.says.clear()
    look(cast)
    oracle.says[cast.enrollment.pk] = Told((finding(),))
    assert look(cast) == (1, 0)


def test_what_became_worse_closes_and_opens_again_in_the_other_severity(cast: Cast, oracle: Oracle):
    oracle.says[cast.enrollment.pk] = Told((finding("F99.1|a|amber"),))
    look(cast)
    oracle.says[cast.enrollment.pk] = Told((finding("F99.1|a|red", Severity.RED),))

    assert look(cast) == (1, 1)
    assert [(one.severity, one.resolution) for one in flags()] == [
        ("amber", "by_itself"),
        ("red", ""),
    ]


def answer(cast: Cast, now: datetime = NOW) -> None:
    flag_work.resolve_flag(
        flag=flags(resolved_at=None)[0], by=cast.ana, resolution="expected", now=now
    )


def test_what_a_person_answered_comes_back_only_with_new_evidence(cast: Cast, oracle: Oracle):
    oracle.says[cast.enrollment.pk] = Told((finding("F99.1|a"),))
    look(cast)
    answer(cast)
    assert look(cast) == (0, 0)
    oracle.says[cast.enrollment.pk] = Told((finding("F99.1|b"),))
    assert look(cast) == (1, 0)


def test_the_same_evidence_counts_as_new_once_enough_of_it_is_younger_than_the_answer(
    cast: Cast, oracle: Oracle
):
    pk = cast.enrollment.pk
    oracle.says[pk] = Told((finding(since=NOW - timedelta(days=20)),))
    look(cast)
    answer(cast)
    oracle.says[pk] = Told((finding(since=NOW),))
    assert look(cast) == (0, 0)
    oracle.says[pk] = Told((finding(since=NOW + timedelta(seconds=1)),))
    assert look(cast) == (1, 0)


def test_an_event_opens_its_flag_once_and_only_a_person_closes_it(
    cast: Cast, oracle: Oracle, monkeypatch: pytest.MonkeyPatch
):
    only(monkeypatch, replace(RULE, once=True))
    oracle.says[cast.enrollment.pk] = Told((finding(),))
    assert look(cast) == (1, 0)
    oracle.says.clear()
    assert look(cast) == (0, 0)
    assert flags()[0].resolved_at is None
    answer(cast)
    oracle.says[cast.enrollment.pk] = Told((finding(),))
    assert look(cast) == (0, 0)


def test_an_ended_enrollment_has_nothing_open_but_what_somebody_still_has_to_say(
    cast: Cast, oracle: Oracle
):
    unrecorded.flag_missed(NOW)
    oracle.says[cast.enrollment.pk] = Told((finding(),))
    look(cast)
    moving.end_enrollment(
        enrollment=cast.enrollment,
        status="withdrawn",
        reason="Moved away.",
        on=NOW.date(),
        by=cast.ana,
        now=NOW,
    )

    assert look(cast, LATER) == (0, 1)
    assert [one.kind for one in Flag.objects.filter(resolved_at=None)] == ["missed"]
    assert not Review.objects.filter(enrollment=cast.enrollment).exists()
    assert not Changed.objects.filter(enrollment=cast.enrollment).exists()


# --- who is due -----------------------------------------------------------------------------------


def test_whose_facts_changed_is_due_until_somebody_has_looked(cast: Cast, oracle: Oracle):
    reviewing.sweep(NOW)
    assert (reviewing.due_clinics(NOW), reviewing.how_many_due(NOW)) == ([], 0)

    actions.decide(
        enrollment=cast.enrollment, kind="hold", lift="hinge", by=cast.ana, reason="Sore", now=NOW
    )
    assert reviewing.due_clinics(NOW) == [cast.north.pk]
    assert reviewing.due_in(cast.north.pk, NOW, most=10) == [cast.enrollment.pk]
    assert reviewing.oldest_due(NOW) is not None

    oracle.asked.clear()
    assert reviewing.sweep(NOW).seen == 1
    assert [scope.enrollments for scope in oracle.asked] == [(cast.enrollment.pk,)]
    assert (reviewing.how_many_due(NOW), reviewing.oldest_due(NOW)) == (0, None)


def test_what_changes_while_it_is_looked_at_is_left_for_the_next_review(cast: Cast, oracle: Oracle):
    reviewing.sweep(NOW)
    Changed.objects.create(clinic=cast.north, enrollment=cast.enrollment)

    def once_more() -> None:
        oracle.meanwhile = lambda: None
        Changed.objects.create(clinic=cast.north, enrollment=cast.enrollment)

    oracle.meanwhile = once_more
    look(cast)
    assert Changed.objects.filter(enrollment=cast.enrollment).count() == 1


def test_time_alone_makes_somebody_due_on_the_morning_of_the_day_that_a_rule_names(
    cast: Cast, oracle: Oracle
):
    oracle.says[cast.enrollment.pk] = Told(day=date(2026, 3, 8))
    reviewing.sweep(NOW)
    brisbane = datetime(2026, 3, 8, tzinfo=cast.north.tz)
    assert Review.objects.get(enrollment=cast.enrollment).next_at == brisbane
    assert reviewing.due_clinics(brisbane - timedelta(seconds=1)) == []
    assert reviewing.due_clinics(brisbane) == [cast.north.pk]


def test_nobody_is_left_alone_for_more_than_a_week(cast: Cast, oracle: Oracle):
    oracle.says[cast.enrollment.pk] = Told(day=date(2026, 5, 1))
    reviewing.sweep(NOW)
    moments = set(Review.objects.values_list("next_at", flat=True))
    assert moments == {NOW + timedelta(days=7)}
    assert reviewing.sweep(NOW + timedelta(days=7)).seen == Enrollment.objects.count()


def test_a_day_that_has_begun_already_is_asked_again_tomorrow_and_not_at_once(
    cast: Cast, oracle: Oracle
):
    oracle.says[cast.enrollment.pk] = Told(day=date(2026, 3, 1))
    reviewing.sweep(NOW)
    tomorrow = datetime(2026, 3, 6, tzinfo=cast.north.tz)
    assert Review.objects.get(enrollment=cast.enrollment).next_at == tomorrow


def test_more_than_a_chunk_is_looked_at_in_parts_and_handed_on(
    cast: Cast, oracle: Oracle, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(reviewing, "CHUNK", 2)
    for number in range(3):
        assign(enroll(cast.ana, f"Client {number}"), cast.ana, starts_on=date(2026, 3, 9), now=NOW)
    done, more = reviewing.review_due(cast.north.pk, NOW, chunks=1)
    assert (done.seen, more) == (2, True)
    done, more = reviewing.review_due(cast.north.pk, NOW, chunks=9)
    assert (done.seen, more) == (3, False)
    assert all(len(scope.enrollments) <= 2 for scope in oracle.asked)


def test_the_number_of_queries_does_not_grow_with_the_enrollments(cast: Cast, oracle: Oracle):
    ids = [cast.enrollment.pk, cast.cam_enrollment.pk]
    for number in range(6):
        client = enroll(cast.ana, f"Client {number}")
        ids.append(assign(client, cast.ana, starts_on=date(2026, 3, 9), now=NOW).pk)
    oracle.says = {pk: Told((finding(f"F99.1|{pk}"),)) for pk in ids}

    def queries(some: list[int]) -> int:
        with CaptureQueriesContext(connection) as asked:
            reviewing.review(cast.north, some, NOW)
        return len(asked)

    reviewing.review(cast.north, ids[:1], NOW)  # rules and plans are read once a process
    assert queries(ids[1:3]) == queries(ids[3:]) <= 14


# --- what goes wrong ------------------------------------------------------------------------------


def test_one_that_cannot_be_looked_at_stays_due_and_stops_no_other(
    cast: Cast, oracle: Oracle, caplog: pytest.LogCaptureFixture
):
    oracle.says = {pk: Told((finding(),)) for pk in (cast.enrollment.pk, cast.cam_enrollment.pk)}
    oracle.breaks_at = cast.cam_enrollment.pk

    with pytest.raises(SweepIncomplete, match="1 enrollments"):
        reviewing.sweep(NOW)

    assert [one.enrollment for one in flags()] == [cast.enrollment]
    assert reviewing.due_in(cast.north.pk, NOW, most=10) == [cast.cam_enrollment.pk]
    assert "ValueError" in caplog.text
    assert "Somebody" not in caplog.text

    oracle.breaks_at = None
    reviewing.sweep(NOW)
    assert len(flags()) == 2


def test_of_two_that_look_at_once_the_second_leaves_it_to_the_first(
    cast: Cast, oracle: Oracle, django_assert_num_queries: Any
):
    looked: list[int] = []

    def another() -> None:
        if not looked:
            looked.append(1)
            # The same connection holds the lock, so it does not wait for itself: it finds the
            # review done and nothing to open.
            assert reviewing.review(cast.north, [cast.enrollment.pk], NOW).opened == 1

    oracle.says[cast.enrollment.pk] = Told((finding(),))
    oracle.meanwhile = another
    look(cast)
    assert len(flags()) == 1


def test_another_clinics_enrollment_is_not_looked_at_for_this_one(cast: Cast, oracle: Oracle):
    oracle.says[cast.olga_enrollment.pk] = Told((finding(),))
    reviewing.review(cast.north, [cast.olga_enrollment.pk], NOW)
    assert flags() == []


# --- at once --------------------------------------------------------------------------------------


def test_completing_a_visit_looks_at_that_client_as_soon_as_it_is_committed(
    cast: Cast, oracle: Oracle, django_capture_on_commit_callbacks: Any
):
    reviewing.sweep(NOW)
    oracle.says[cast.enrollment.pk] = Told((finding(),))
    cast.log_all(cast.visit, now=NOW)
    assert flags() == []

    with django_capture_on_commit_callbacks(execute=True):
        actions.complete_visit(visit=cast.visit, by=cast.ana, now=NOW)

    assert [one.enrollment for one in flags()] == [cast.enrollment]
    assert reviewing.due_in(cast.north.pk, NOW, most=10) == []


def test_a_tap_in_a_visit_that_goes_on_is_no_reason_to_look(
    cast: Cast, oracle: Oracle, django_capture_on_commit_callbacks: Any
):
    reviewing.sweep(NOW)
    oracle.asked.clear()
    with django_capture_on_commit_callbacks(execute=True):
        cast.log(cast.visit, now=NOW)
    assert oracle.asked == []


def test_a_review_that_fails_after_a_tap_fails_nobody_and_is_made_up_for(
    cast: Cast, oracle: Oracle, django_capture_on_commit_callbacks: Any
):
    reviewing.sweep(NOW)
    oracle.says[cast.enrollment.pk] = Told((finding(),))
    oracle.breaks_at = cast.enrollment.pk
    cast.log_all(cast.visit, now=NOW)
    with django_capture_on_commit_callbacks(execute=True):
        actions.complete_visit(visit=cast.visit, by=cast.ana, now=NOW)
    cast.visit.refresh_from_db()
    assert cast.visit.took_place

    oracle.breaks_at = None
    reviewing.sweep(NOW)
    assert len(flags()) == 1


def test_a_key_that_is_longer_than_its_column_is_known_again(cast: Cast, oracle: Oracle):
    pk = cast.enrollment.pk
    oracle.says[pk] = Told((finding("F99.1|" + "a" * 300),))
    look(cast)
    answer(cast)
    assert look(cast) == (0, 0)
    oracle.says[pk] = Told((finding("F99.1|" + "a" * 301),))
    assert look(cast) == (1, 0)
