"""Who comes and who does not, through what people really do; seen as the flags of a review."""

from __future__ import annotations

import random
from datetime import date, datetime, time, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from programs.models import Enrollment
from programs.rules import Rules
from sessions import actions, booking, closures, flag_work, reviewing, series, unrecorded
from sessions.flag_facts import FAMILIES, Scope
from sessions.flags import Asked
from sessions.flags.registry import rules_of
from sessions.models import Flag, Visit
from tests.cast import NOW, Cast, assign, enroll
from tests.sessions.timetabled import class_at

pytestmark = pytest.mark.django_db

#: What is asked here: the other families have tests of their own.
KINDS = {rule.kind for rule in (*rules_of("attendance"), *rules_of("phases"))} - {"missed"}


def came(cast: Cast, *visits: Visit) -> None:
    for visit in visits:
        cast.log(visit, now=visit.ends_at)
        actions.complete_visit(visit=visit, by=cast.ana, now=visit.ends_at)


def said(cast: Cast, status: str, *visits: Visit) -> None:
    for visit in visits:
        actions.say(visit=visit, status=status, by=cast.ana, now=visit.ends_at)


def reviewed(cast: Cast, now: datetime) -> dict[str, str]:
    """The open flags of Cal after a review: their severity by their kind."""
    reviewing.review_all(cast.north, now)
    flags = Flag.objects.filter(enrollment=cast.enrollment, resolved_at=None)
    return {flag.kind: flag.severity for flag in flags.filter(kind__in=KINDS)}


def after(visit: Visit) -> datetime:
    return visit.ends_at + timedelta(minutes=5)


def open_flag(cast: Cast, kind: str) -> Flag:
    return Flag.objects.get(enrollment=cast.enrollment, kind=kind, resolved_at=None)


def test_three_no_shows_in_a_row_are_an_interruption_until_she_is_here_again(cast: Cast):
    first, second, third, fourth, fifth = cast.visits[:5]
    came(cast, first)
    said(cast, "no_show", second, third)
    assert reviewed(cast, after(third)) == {"no_show": "amber"}
    said(cast, "no_show", fourth)

    assert reviewed(cast, after(fourth)) == {
        "no_show": "amber",
        "interrupted": "red",
        "low_attendance": "red",
        "away": "info",
    }
    flag = open_flag(cast, "interrupted")
    assert (flag.rule, flag.visit) == ("F02.1", fourth)
    assert flag.evidence["headline"] == "missed 3 in a row"
    assert flag.evidence["detail"] == (
        "No-show on 9, 12 and 16 March. Last here 5 March. Next booked Thursday 19 March."
    )

    came(cast, fifth)
    assert reviewed(cast, after(fifth)) == {"no_show": "amber", "low_attendance": "amber"}
    flag.refresh_from_db()
    assert flag.resolution == Flag.Resolution.BY_ITSELF


def test_excused_closed_and_paused_sessions_fire_nothing_but_their_days_count(cast: Cast):
    first, second, third, fourth, fifth, sixth = cast.visits[:6]
    came(cast, first)
    booking.cancel(visit=second, cause="excused", why="Surgery", by=cast.dee, now=NOW)
    day = third.starts_at.astimezone(cast.north.tz).date()
    closures.close(name="Show Day", starts_on=day, ends_on=day, by=cast.ada, now=NOW)
    pause = {"starts_on": fourth.place_on, "ends_on": fifth.place_on}
    series.pause(enrollment=cast.enrollment, why="Away", by=cast.dee, now=NOW, **pause)

    assert reviewed(cast, after(third)) == {}
    assert reviewed(cast, after(fifth)) == {}  # 14 days, and a pause covers this one
    assert reviewed(cast, after(fifth) + timedelta(days=1)) == {"away": "amber"}
    assert open_flag(cast, "away").evidence["days"] == 15
    came(cast, sixth)
    assert reviewed(cast, after(sixth)) == {}


def test_a_make_up_that_was_attended_in_time_pays_for_the_miss(cast: Cast):
    first, second, third, fourth = cast.visits[:4]
    came(cast, first)
    said(cast, "no_show", second, third, fourth)
    assert "interrupted" in reviewed(cast, after(fourth))
    made = booking.book(
        enrollment=cast.enrollment,
        slot=class_at(cast, date(2026, 3, 21)),
        purpose="make_up",
        makes_up=third,
        by=cast.dee,
        now=after(fourth),
    )
    assert "interrupted" in reviewed(cast, after(fourth) + timedelta(hours=1))

    Visit.objects.filter(pk=cast.visits[4].pk).update(status="excused")
    came(cast, made)
    flags = reviewed(cast, after(made))
    assert "interrupted" not in flags
    assert "away" not in flags


def test_correcting_a_word_of_last_week_opens_and_resolves_what_follows_from_it(cast: Cast):
    first, second, third, fourth, fifth = cast.visits[:5]
    came(cast, first)
    said(cast, "no_show", second, third, fourth)
    assert "interrupted" in reviewed(cast, after(fourth))

    actions.say(visit=third, status="excused", why="Flu", by=cast.ana, now=after(fourth))
    assert "interrupted" not in reviewed(cast, after(fourth))
    actions.say(visit=third, status="late_cancel", by=cast.ana, now=after(fifth))
    assert "interrupted" in reviewed(cast, after(fourth))


def test_cancelled_ahead_it_counts_when_its_day_comes_and_the_review_is_there_then(cast: Cast):
    first, second, third, fourth = cast.visits[:4]
    came(cast, first)
    for visit in (second, third, fourth):
        booking.cancel(visit=visit, cause="client", why="", by=cast.cal, now=first.ends_at)
    assert reviewed(cast, after(first)) == {}

    opened: dict[str, date] = {}
    for number in range(14):
        now = after(first) + timedelta(days=number)
        reviewing.sweep(now)
        for flag in Flag.objects.filter(enrollment=cast.enrollment, resolved_at=None):
            opened.setdefault(flag.kind, now.astimezone(cast.north.tz).date())
    assert opened["interrupted"] == fourth.place_on
    assert opened["away"] == date(2026, 3, 13)
    assert "no_show" not in opened


def test_who_has_nothing_booked_lapses_after_three_weeks(cast: Cast):
    first = cast.visit
    came(cast, first)
    for place in cast.enrollment.places.all():
        place.ends_on = first.place_on
        place.save(update_fields=["ends_on"])
    for visit in cast.visits[1:]:
        booking.cancel(visit=visit, cause="clinic", why="Moved", by=cast.ada, now=after(first))

    assert reviewed(cast, after(first) + timedelta(days=20)) == {"away": "amber"}
    assert reviewed(cast, after(first) + timedelta(days=21)) == {"away": "amber", "lapsed": "red"}
    assert open_flag(cast, "lapsed").evidence["detail"] == "Last here 5 March. Nothing booked."
    assert open_flag(cast, "away").evidence["asks"] == "20 % less, two gentle visits"


def test_answered_it_stays_closed_until_there_is_more_to_it(cast: Cast):
    came(cast, cast.visit)
    missed = cast.visits[1:8]
    for number, visit in enumerate(missed, 1):
        said(cast, "no_show", visit)
        flags = reviewed(cast, after(visit))
        assert ("interrupted" in flags) == (number in (3, 6, 7))
        if number == 3:
            flag = open_flag(cast, "interrupted")
            flag_work.resolve_flag(flag=flag, by=cast.ana, resolution="called", now=after(visit))


def test_a_silent_visit_without_a_flag_gets_one_and_an_answered_one_loses_it(cast: Cast):
    unrecorded.flag_missed(NOW)
    swept = Flag.objects.get(kind="missed")
    reviewing.review_all(cast.north, NOW)
    assert Flag.objects.filter(kind="missed").count() == 1
    Flag.objects.filter(pk=swept.pk).delete()

    reviewing.review_all(cast.north, NOW)

    healed = Flag.objects.get(kind="missed")
    for name in ("subject", "rule", "evidence", "evidence_key", "visit", "severity"):
        assert getattr(healed, name) == getattr(swept, name), name
    # As if the answer had been written without its flag.
    Visit.objects.filter(pk=cast.visit.pk).update(status="excused")
    reviewing.review_all(cast.north, NOW)
    healed.refresh_from_db()
    assert healed.resolution == Flag.Resolution.BY_ITSELF


def test_a_word_that_is_committed_late_does_not_undo_what_was_seen_since(cast: Cast):
    unrecorded.flag_missed(NOW)
    reviewing.review_all(cast.north, NOW)
    earlier = NOW - timedelta(days=3)  # before the visit: then it was not silent

    reviewing.review(cast.north, [cast.enrollment.pk], earlier, wait=True)

    assert Flag.objects.get(kind="missed").resolved_at is None


def test_eight_in_a_row_are_good_news_once(cast: Cast):
    for visit in cast.visits[:8]:
        came(cast, visit)
        flags = reviewed(cast, after(visit))
    assert flags == {"attendance_run": "good"}
    came(cast, cast.visits[8])
    reviewed(cast, after(cast.visits[8]))
    assert Flag.objects.filter(kind="attendance_run").count() == 1


def test_a_phase_that_goes_on_four_weeks_too_long_is_said_until_somebody_promotes(cast: Cast):
    tz = cast.north.tz
    due = datetime.combine(cast.enrollment.starts_on + timedelta(weeks=4), time(12), tzinfo=tz)

    def phase_lag(days: int) -> Flag | None:
        reviewing.review_all(cast.north, due + timedelta(days=days))
        flags = Flag.objects.filter(enrollment=cast.enrollment, kind="phase_lag", resolved_at=None)
        return flags.first()

    assert phase_lag(28) is None
    flag = phase_lag(29)
    assert flag is not None
    assert (flag.severity, flag.rule) == ("info", "F24.1")
    assert flag.evidence["since"] == "2026-04-02"
    cast.promote("BUILD")
    assert phase_lag(30) is None
    promotion = cast.enrollment.decisions.get(kind="promote")
    actions.decide(
        enrollment=cast.enrollment,
        kind="revoke",
        revokes=promotion,
        reason="Too early.",
        by=cast.ana,
        now=due,
    )
    assert phase_lag(31) is not None


# --- many of them --------------------------------------------------------------------------------


def many(cast: Cast, number: int, chance: random.Random) -> list[Enrollment]:
    """Clients of Ana with eight weeks of sessions that ended in every way."""
    endings = ("attended",) * 9 + (
        "no_show",
        "late_cancel",
        "cancelled_client",
        "excused",
        "clinic_cancelled",
        "unrecorded",
    )
    made = []
    for index in range(number):
        client = enroll(cast.ana, f"Client {number} {index}")
        one = assign(client, cast.tess, weekdays=(1, 4), at=time(10 + index % 8, index % 60))
        habits = (endings, ("attended",), endings[8:], endings[9:12], ("unrecorded",))
        likely = habits[index] if index < 5 else chance.choice(habits[:4])
        rows = []
        for visit in one.visits.filter(during__startswith__lt=NOW + timedelta(days=21)):
            visit.status = chance.choice(likely)
            if visit.took_place:
                visit.completed_at, visit.completed_by = visit.ends_at, cast.ana
            else:
                visit.said_at, visit.said_by = visit.starts_at, cast.ana
            rows.append(visit)
        fields = ["status", "completed_at", "completed_by", "said_at", "said_by"]
        Visit.objects.bulk_update(rows, fields)
        made.append(one)
    return made


def judged(family: str, facts: Any, asked: Asked) -> list[Any]:
    return [(rule.id, one) for rule in rules_of(family) for one in rule.judge(facts, asked)]


def new_fact(facts: Any) -> date:
    """The next day on which something is written: what becomes of a seat."""
    history = facts.history
    coming = (history.session(number) for number in range(facts.due, len(history)))
    days = [one.day for one in coming if one.state in ("attended", "no_show", "unrecorded")]
    seat = facts.booked()
    return min([*days, *([seat.day + timedelta(days=1)] if seat else [])], default=date.max)


@pytest.mark.parametrize("rules", [None, Rules(attendance_run=4, interrupted_after=2)])
def test_who_is_left_out_of_a_review_concerns_no_rule_within_a_week(cast: Cast, rules):
    people = many(cast, 24, random.Random(7))
    ids = tuple(one.pk for one in people)
    left_out = 0
    for number in range(0, 70, 3):
        now = NOW + timedelta(days=number)
        whole = Scope.of(cast.north, ids, now, rules=rules, back=1)
        narrow = Scope.of(cast.north, ids, now, rules=rules)
        for family in ("attendance", "phases"):
            everybody, some = FAMILIES[family](whole), FAMILIES[family](narrow)
            for pk, facts in everybody.items():
                found = judged(family, facts, whole.asked)
                if pk in some:
                    assert judged(family, some[pk], narrow.asked) == found
                    assert some[pk].again(narrow.asked) == facts.again(whole.asked)
                else:
                    left_out += 1
                    assert found == []
                    fact = new_fact(facts) if family == "attendance" else date.max
                    for moment in (now + timedelta(days=days) for days in range(1, 7)):
                        day = moment.astimezone(cast.north.tz).date()
                        if day >= fact:
                            break
                        later = Asked(moment, day, whole.asked.rules)
                        assert judged(family, facts.at(later), later) == []
    assert left_out > 100


def test_one_long_history_answers_for_each_day_as_if_asked_on_it(cast: Cast):
    people = many(cast, 12, random.Random(3))
    ids = tuple(one.pk for one in people)
    end = NOW + timedelta(days=40)
    for family in ("attendance", "phases"):
        long = FAMILIES[family](Scope.of(cast.north, ids, end, back=60))
        findings = 0
        for number in range(0, 41, 2):
            then = Scope.of(cast.north, ids, NOW + timedelta(days=number), back=1)
            fresh = FAMILIES[family](then)
            for pk, facts in long.items():
                answer = judged(family, facts.at(then.asked), then.asked)
                assert answer == judged(family, fresh[pk], then.asked)
                findings += len(answer)
        assert findings or family == "phases"


def test_between_what_was_recorded_and_the_next_limit_nothing_changes(cast: Cast):
    """What a preview rests on, which skips all other days."""
    people = many(cast, 12, random.Random(5))
    ids = tuple(one.pk for one in people)
    scope = Scope.of(cast.north, ids, NOW + timedelta(days=60), back=60)
    skipped = 0
    for family in ("attendance", "phases"):
        for facts in FAMILIES[family](scope).values():
            recorded, held, again = facts.recorded_on(), None, None
            for number in range(61):
                moment = NOW + timedelta(days=number)
                day = moment.astimezone(cast.north.tz).date()
                asked = Asked(moment, day, scope.asked.rules)
                then = facts.at(asked)
                found = [(rule, one.key) for rule, one in judged(family, then, asked)]
                if held is None or day in recorded or (again is not None and day >= again):
                    held, again = found, then.again(asked)
                else:
                    skipped += 1
                told_once = [one for one in held if one[0] != "G03"]
                assert [one for one in found if one[0] != "G03"] == told_once
    assert skipped > 500


def test_two_queries_serve_however_many(cast: Cast):
    few = many(cast, 5, random.Random(1))
    more = [*few, *many(cast, 9, random.Random(2))]
    for people in (few, more):
        ids = tuple(one.pk for one in people)
        scope = Scope.of(cast.north, ids, NOW + timedelta(days=30))
        with CaptureQueriesContext(
            connection,
        ) as sent:
            assert len(FAMILIES["attendance"](scope)) > 0
        assert len(sent) == 2
        with CaptureQueriesContext(connection) as sent:
            FAMILIES["phases"](scope)
        assert len(sent) == 1
