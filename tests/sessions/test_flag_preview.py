"""A preview skips most days and shares what it reads, and counts as if asked about each day."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import datetime, time, timedelta
from decimal import Decimal
from random import Random
from typing import Any

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from programs.calendar import wall_time
from programs.rules import DEFAULT_RULES, Rules
from sessions import flag_preview
from sessions.flag_facts import FAMILIES, Scope
from sessions.flag_preview import DAYS, PreviewCount
from sessions.flags import Rule
from sessions.models import SessionNote, Visit
from tests.cast import NOW, Cast
from tests.sessions.test_flag_facts_attendance import many
from tests.sessions.test_flag_facts_lifts import Undo, months

#: The first changes something of nearly every rule of lifts, the others what is seldom reached.
LIFTS = [
    {
        "stall_sessions": 4,
        "hold_limit_days": 21,
        "regression_percent": Decimal(8),
        "low_intensity_percent": Decimal(90),
        "effort_too_high": 17,
        "estimate_stale_days": 40,
        "clean_weeks": 4,
    },
    {"stall_days": 21, "hold_limit_days": 90, "estimate_gap_days": 12},
    {"estimate_from_effort": 16, "stall_sessions": 9, "intensity_sets_percent": Decimal(20)},
]
ATTENDANCE = [
    {"attendance_low_percent": Decimal(70), "lapsed_days": 14},
    {"attendance_weeks": 6, "no_show_days": 21},
    {"interrupted_after": 2, "makeup_days": 5},
    {"gap_short_days": 5, "attendance_run": 5},
]


def moments(cast: Cast, now: datetime) -> Iterator[datetime]:
    """The end of each of the days, and now."""
    today = now.astimezone(cast.north.tz).date()
    for back in range(DAYS, 0, -1):
        end = wall_time(today - timedelta(days=back - 1), time.min, cast.north.tz)
        yield end - timedelta(microseconds=1)
    yield now


#: The facts of a moment, under the numbers of a scope.
Asking = Callable[[str, Scope], Mapping[int, Any]]


def on_each_day() -> Asking:
    """As a review on that day would have read them; once for all rules."""
    known: dict[tuple[str, datetime, Rules], Mapping[int, Any]] = {}

    def asking(family: str, scope: Scope) -> Mapping[int, Any]:
        key = family, scope.asked.now, scope.asked.rules
        if key not in known:
            known[key] = FAMILIES[family](scope)
        return known[key]

    return asking


def counted(
    cast: Cast, ids: tuple[int, ...], rule: Rule, rules: Rules, asking: Asking, now: datetime
) -> tuple[int, int]:
    """What one rule raised and resolved, asked about everybody on each day."""
    open_: dict[tuple[int, str], bool] = {}
    seen: set[tuple[int, str]] = set()
    raised = resolved = 0
    for number, moment in enumerate(moments(cast, now)):
        scope = Scope.of(cast.north, ids, moment, rules=rules)
        found = {
            (pk, one.subject): one.key
            for pk, facts in asking(rule.family, scope).items()
            for one in rule.judge(facts, scope.asked)
        }
        for gone in open_.keys() - found.keys():
            resolved += open_.pop(gone) and not rule.once
        for subject, key in found.items():
            if subject not in open_:
                open_[subject] = number > 0 and (subject[0], key) not in seen
                raised += open_[subject]
            seen.add((subject[0], key))
    return raised, resolved


def compare(
    cast: Cast,
    ids: tuple[int, ...],
    changed: Mapping[str, Any],
    *,
    asking: Asking | None = None,
    now: datetime = NOW,
) -> dict[str, PreviewCount]:
    """The counts of a preview, after they were found to be those of asking about each day."""
    before, after = DEFAULT_RULES, replace(DEFAULT_RULES, **changed)
    counts = flag_preview.part(cast.north, ids, before, after, now)
    for rule in flag_preview.changed_rules(before, after):
        ask = asking or a_long_history(cast, ids, rule.family, after, now)
        was = counted(cast, ids, rule, before, ask, now)
        will = counted(cast, ids, rule, after, ask, now)
        assert counts[rule.id] == PreviewCount(was[0], will[0], was[1], will[1]), rule.id
    return counts


def a_long_history(
    cast: Cast, ids: tuple[int, ...], family: str, after: Rules, now: datetime
) -> Asking:
    """One history that is asked about each day, none left out."""
    scope = Scope.of(cast.north, ids, now, rules=DEFAULT_RULES, back=DAYS, also=after)
    history = FAMILIES[family](scope)
    return lambda _, then: {pk: facts.at(then.asked) for pk, facts in history.items()}


@pytest.mark.parametrize("changed", LIFTS, ids=lambda one: next(iter(one)))
def test_lifts_are_counted_as_reviews_on_each_day_would_have(cast: Cast, changed: dict[str, Any]):
    both = (cast.enrollment.pk, cast.cam_enrollment.pk)
    sums: dict[str, PreviewCount] = {}
    for seed in range(2):
        try:
            with transaction.atomic():
                months(cast, 40 * len(changed) + seed)
                for key, one in compare(cast, both, changed, asking=on_each_day()).items():
                    sums[key] = sums.get(key, PreviewCount()) + one
                raise Undo
        except Undo:
            pass
    assert any(one.before + one.after for one in sums.values())


@pytest.mark.parametrize("changed", ATTENDANCE, ids=lambda one: next(iter(one)))
def test_attendance_is_counted_as_if_asked_about_each_day(cast: Cast, changed: dict[str, Any]):
    people = many(cast, 12, Random(len(str(changed))))
    counts = compare(cast, tuple(one.pk for one in people), changed, now=NOW + timedelta(days=40))
    assert any(one.before + one.after for one in counts.values())


@pytest.mark.parametrize("hours", [6, 20, 100])
def test_notes_are_counted_as_if_asked_about_each_day(cast: Cast, hours: int):
    people = many(cast, 6, Random(hours))
    chance = Random(hours)
    ids = tuple(one.pk for one in people)
    for visit in Visit.objects.filter(enrollment__in=ids).exclude(completed_at=None):
        if chance.random() < 0.95:
            signed = visit.ends_at + timedelta(hours=chance.choice([1, 10, 23, 30, 60, 400]))
            SessionNote.objects.create(
                clinic=cast.north, visit=visit, version=1, signed_by=cast.ana, signed_at=signed
            )
    counts = compare(cast, ids, {"note_hours": hours}, now=NOW + timedelta(days=40))
    assert counts["F21"].before
    assert counts["F21"].after


def test_two_sets_of_numbers_share_one_history(cast: Cast):
    """So that a change costs little more than one look: the same queries as for one set."""
    months(cast, 7)
    ids = (cast.enrollment.pk, cast.cam_enrollment.pk)
    one = Scope.of(cast.north, ids, NOW, rules=DEFAULT_RULES, back=DAYS)
    FAMILIES["lifts"](one)  # what is read once a process
    with CaptureQueriesContext(connection) as of_one:
        FAMILIES["lifts"](one)
    after = replace(DEFAULT_RULES, stall_sessions=4)
    with CaptureQueriesContext(connection) as of_both:
        flag_preview.part(cast.north, ids, DEFAULT_RULES, after, NOW)
    assert len(of_both) == len(of_one)


def test_a_past_is_read_once_too_where_the_estimates_are_other_ones(cast: Cast):
    months(cast, 7)
    ids = (cast.enrollment.pk, cast.cam_enrollment.pk)

    def read(after: Rules) -> int:
        with CaptureQueriesContext(connection) as asked:
            flag_preview.part(cast.north, ids, DEFAULT_RULES, after, NOW)
        return sum("training_setentry" in one["sql"] for one in asked if "WITH" in one["sql"])

    read(DEFAULT_RULES)
    same = read(replace(DEFAULT_RULES, estimate_stale_days=40))
    assert same == read(replace(DEFAULT_RULES, estimate_from_effort=16)) >= 1


@pytest.mark.parametrize(
    "changed",
    [
        {"formula": "epley"},
        {"estimate_from_effort": 16},
        {"estimate_window_days": 20},
        {"estimate_stale_days": 30},
        {"estimate_gap_days": 10},
    ],
)
def test_what_an_estimate_goes_by_is_previewed_for_low_intensity_too(changed: dict[str, Any]):
    """A set is light or heavy beside the estimate: with another one it may be the other."""
    rules = flag_preview.changed_rules(DEFAULT_RULES, replace(DEFAULT_RULES, **changed))

    assert "F09" in {rule.id for rule in rules}
