"""Whether sessions were delivered as designed: item by item, and a clinic by hand."""

from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal

import pytest

from programs.models import Enrollment, Track
from sessions.models import Visit
from sessions.reports.fidelity import KIND
from sessions.reports.scope import By, Filters, Scope
from tests.reports.floor import HERE, NO_SHOW, PARTIAL, another_program, someone, visit
from tests.reports.lifted import (
    asked,
    good,
    lift_all,
    lifted,
    named,
    noted,
    papers,
    session,
)
from tests.reports.test_retention import cells, table

FIRST, LAST = date(2025, 9, 1), date(2025, 10, 31)
DAY = date(2025, 9, 8)
NOW = datetime(2025, 10, 31, 2, tzinfo=UTC)
BEFORE = datetime(2025, 1, 1, tzinfo=UTC)
DAYS = timedelta(days=1)


def scope(cast, by=By.THERAPIST, first=FIRST, last=LAST, as_at=NOW, **more):
    clinics = more.pop("clinics", (cast.north,))
    return Scope(
        clinics=clinics,
        enrollments=Enrollment.objects.filter(clinic__in=clinics),
        filters=Filters(first, last, by=by),
        as_at=as_at,
        **more,
    )


def item(cast, code):
    return cells(KIND.make(scope(cast)), "items", code, "applies", "met")


@pytest.fixture
def jo(cast):
    return someone(cast.ana, "Jo", FIRST)


def test_a_session_delivered_as_designed_meets_every_item(cast, jo):
    papers(cast.ana, BEFORE)
    good(jo, DAY)
    report = KIND.make(scope(cast))
    assert [row.cells[1:5] for row in table(report, "items").rows] == [
        (1, 1, 0, Decimal("100.0"))
    ] * 7
    assert (report.lead.value, report.lead.sentence) == (
        "100.0",
        "of the items that apply were met, in the mean of 1 attended session.",
    )
    assert all(row.pale for row in table(report, "items").rows)


def test_what_cannot_be_known_does_not_apply(cast, jo):
    session(jo, DAY)  # imported: nothing asked, nothing logged, no papers on record
    report = KIND.make(scope(cast))
    applies = {row.key: row.cells[1] for row in table(report, "items").rows}
    assert applies == {
        **dict.fromkeys(("exercises", "technique", "load", "effort", "supervisor", "sets"), 0),
        "ratio": 1,
    }
    assert cells(report, "items", "effort", "share", "low", "high") == (None, None, None)


def test_every_set_is_of_the_exercise_that_was_asked_for(cast, jo):
    one = session(jo, DAY)
    asked(one)
    lifted(one, "hinge", "kettlebell-deadlift", 1, 40, kind="warm_up")
    assert item(cast, "exercises") == (0, 0), "a warm-up alone says nothing"
    lifted(one, "hinge", "deadlift", 1, 40)
    assert item(cast, "exercises") == (1, 1)
    wrong = lifted(one, "hinge", "kettlebell-deadlift", 2, 40)
    assert item(cast, "exercises") == (1, 0)
    type(wrong).objects.filter(pk=wrong.pk).update(voided=True)
    assert item(cast, "exercises") == (1, 1)
    lifted(one, "press", "overhead-press", 1, 20)
    assert item(cast, "exercises") == (1, 0), "nobody asked for a press"


@pytest.mark.parametrize(
    ("seen", "met"),
    [
        ((True, None), 1),
        ((None, True), 1),
        ((None, None), 0),
        ((True, False), 0),
    ],
)
def test_technique_is_noted_in_each_lift_and_never_as_not_clean(cast, jo, seen, met):
    one = session(jo, DAY)
    lifted(one, "impact", "heel-raise")
    assert item(cast, "technique") == (0, 0)
    for number, clean in enumerate(seen, 1):
        lifted(one, "hinge", "deadlift", number, 40, clean=clean)
    lifted(one, "squat", "back-squat", 1, 30)
    assert item(cast, "technique") == (1, met)


@pytest.mark.parametrize(("load", "met"), [("44", 1), ("36", 1), ("44.0001", 0), ("35.9", 0)])
def test_a_load_within_ten_per_cent_of_what_was_asked_is_in_band(cast, jo, load, met):
    one = session(jo, DAY)
    lifted(one, "squat", "back-squat", 1, None)
    assert item(cast, "load") == (0, 0)
    lifted(one, "hinge", "deadlift", 1, Decimal(40))
    lifted(one, "hinge", "deadlift", 2, Decimal(40), load=Decimal(load))
    assert item(cast, "load") == (1, met)


def test_an_effort_is_recorded_in_each_lift_that_asks_for_one(cast, jo):
    one = session(jo, DAY)
    lifted(one, "squat", "back-squat", 1, 30, effort_low=None, rpe=None)
    assert item(cast, "effort") == (0, 0)
    lifted(one, "hinge", "deadlift", 1, 40, rpe=None)
    assert item(cast, "effort") == (1, 0)
    lifted(one, "hinge", "deadlift", 2, 40)
    assert item(cast, "effort") == (1, 1)


def test_the_number_of_sets_is_the_one_that_was_asked_for(cast, jo):
    one = session(jo, DAY)
    asked(one, [("hinge", "deadlift", 2, 40), ("squat", "back-squat", 0, None)])
    assert item(cast, "sets") == (1, 0)
    lifted(one, "hinge", "deadlift", 1, 20, kind="warm_up")
    lifted(one, "hinge", "deadlift", 1, 40)
    assert item(cast, "sets") == (1, 0)
    lifted(one, "hinge", "deadlift", 2, 40)
    assert item(cast, "sets") == (1, 1)
    lifted(one, "squat", "back-squat", 1, 30)
    assert item(cast, "sets") == (1, 0), "a lift that was withheld was done"


def test_a_session_of_which_nothing_could_be_asked_has_no_number_of_sets(cast, jo):
    one = session(jo, DAY)
    asked(one, [("hinge", "deadlift", 0, None)])
    assert item(cast, "sets") == (0, 0)


def full_class(cast, people):
    first = None
    for number in range(people):
        one = session(someone(cast.ana, f"P {number}", FIRST), DAY, with_=first)
        first = first or one
    return first


def test_the_ratio_counts_who_is_named_until_the_end_else_who_signed(cast):
    one = full_class(cast, 9)
    report = KIND.make(scope(cast))
    assert cells(report, "items", "ratio", "applies", "met") == (9, 0)
    assert cells(report, "sizes", "9", "classes", "over_warn", "over_block") == (1, 1, 1)
    named(one, cast.ana)
    named(one, cast.tess, left=timedelta(minutes=5))
    assert item(cast, "ratio") == (9, 0), "she left before the end"
    one.slot.supervisions.filter(member=cast.tess).update(left_at=one.ends_at)
    report = KIND.make(scope(cast))
    assert cells(report, "items", "ratio", "applies", "met") == (9, 9)
    assert cells(report, "sizes", "total", "classes", "over_warn", "over_block") == (1, 0, 0)


def test_a_class_of_seven_is_over_the_warning_and_within_the_cap(cast):
    one = full_class(cast, 7)
    absent = someone(cast.ana, "Absent", FIRST)
    Visit.objects.filter(pk=visit(absent, DAY, NO_SHOW).pk).update(slot=one.slot)
    report = KIND.make(scope(cast))
    assert cells(report, "sizes", "7", "classes", "over_warn", "over_block") == (1, 1, 0)
    assert cells(report, "items", "ratio", "applies", "met") == (7, 7)
    here = visit(someone(cast.ana, "Here", FIRST), DAY, HERE)
    Visit.objects.filter(pk=here.pk).update(slot=one.slot)
    assert cells(KIND.make(scope(cast)), "sizes", "8", "classes") == (1,)


@pytest.mark.parametrize(
    ("more", "met"),
    [
        ({}, 1),
        ({"expires_on": DAY}, 1),
        ({"expires_on": DAY - DAYS}, 0),
        ({"first_aid_until": DAY - DAYS}, 0),
        ({"first_aid_until": None}, 1),
        ({"trained_on": None}, 0),
        ({"trained_on": DAY + DAYS}, 0),
        ({"insured_until": DAY - DAYS}, 1),
    ],
)
def test_a_supervisor_is_qualified_by_what_was_in_date_on_the_day(cast, jo, more, met):
    papers(cast.ana, BEFORE, **more)
    session(jo, DAY)
    assert item(cast, "supervisor") == (1, met)


def test_the_papers_of_a_day_are_those_recorded_by_its_end(cast, jo):
    session(jo, DAY, at=time(6))
    evening = datetime(2025, 9, 8, 13, 59, tzinfo=UTC)  # a minute before midnight in Brisbane
    papers(cast.ana, evening + timedelta(minutes=1))
    assert item(cast, "supervisor") == (0, 0)
    papers(cast.ana, evening, expires_on=DAY - DAYS)
    assert item(cast, "supervisor") == (1, 0)


def test_notes_in_time_are_counted_of_those_that_were_due(cast, jo):
    in_time, late, unsigned = (session(jo, DAY + number * DAYS) for number in range(3))
    noted(in_time, timedelta(hours=24))
    noted(in_time, timedelta(hours=90), version=2)
    noted(late, timedelta(hours=24, seconds=1))
    fresh = session(jo, date(2025, 10, 31), at=time(9))  # three hours ago: not late yet
    counted = ("notes", "in_time", "in_time_share")
    assert cells(KIND.make(scope(cast)), "groups", "total", *counted) == (3, 1, Decimal("33.3"))
    noted(fresh, timedelta(hours=1))
    assert cells(KIND.make(scope(cast)), "groups", "total", *counted) == (4, 2, Decimal("50.0"))
    assert unsigned.pk


def test_a_small_clinic_worked_out_by_hand(cast):
    """Three sessions: 7 of 7, 5 of 7, and one imported of which only the ratio is known."""
    papers(cast.ana, BEFORE)
    jo, bea = someone(cast.ana, "Jo", FIRST), someone(cast.tess, "Bea", FIRST)
    good(jo, DAY)
    second_one = session(jo, DAY + 3 * DAYS, status=PARTIAL)
    asked(second_one)
    for number in range(1, 4):
        lifted(second_one, "hinge", "deadlift", number, 40, rpe=None)
    session(bea, date(2025, 10, 2), by=cast.tess)
    report = KIND.make(scope(cast))
    # Jo's second one: no RPE, three sets of twelve; exercise, technique, load, ratio, papers met.
    assert cells(report, "groups", str(cast.ana.pk), "sessions", "mean", "median", "whole") == (
        *(2, Decimal("85.7"), Decimal("85.7"), 1),
    )
    assert cells(report, "groups", str(cast.tess.pk), "sessions", "mean", "whole", "classes") == (
        *(1, Decimal("100.0"), 1, 1),
    )
    # (1 + 5/7 + 1) / 3 = 90.476 %; Wilson of 2 in 3 is 20.8 to 93.9.
    assert cells(report, "groups", "total", "mean", "median", "whole_share", "low", "high") == (
        *(Decimal("90.5"), Decimal("100.0"), Decimal("66.7"), Decimal("20.8"), Decimal("93.9")),
    )
    assert cells(report, "months", "2025-09", "sessions", "mean") == (2, Decimal("85.7"))
    assert cells(report, "months", "2025-10", "sessions", "mean") == (1, Decimal("100.0"))
    assert cells(report, "sizes", "1", "classes", "share") == (3, Decimal("100.0"))
    spots = report.pictures["whole"].spots
    assert [(one.label, one.value, one.n) for one in spots] == [
        ("September 2025", 50.0, 2),
        ("October 2025", 100.0, 1),
    ]


def test_only_attended_sessions_within_the_dates_and_the_moment_count(cast, jo):
    visit(jo, DAY, NO_SHOW)
    session(jo, FIRST - DAYS, at=time(23))
    session(jo, LAST + DAYS)
    assert KIND.make(scope(cast)).nothing == (
        "No session was attended from 1 September 2025 to 31 October 2025."
    )
    session(jo, FIRST, at=time(0))
    assert cells(KIND.make(scope(cast)), "groups", "total", "sessions") == (1,)


def test_a_client_who_moved_is_in_the_program_of_the_day(cast, jo):
    other = another_program(cast.north, frequency=2, weeks=10, slug="arms")
    moved = DAY + 7 * DAYS
    jo.tracks.update(ends_on=moved - DAYS)
    Track.objects.create(clinic=cast.north, enrollment=jo, version=other, starts_on=moved)
    for number in (0, 6, 7, 8):
        session(jo, DAY + number * DAYS)
    rows = table(KIND.make(scope(cast, By.PROGRAM)), "groups").rows
    assert [(row.cells[0], row.cells[1]) for row in rows] == [
        ("Arms", 2),
        ("HiRIT, LIFTMOR-style, 8 months", 2),
    ]


def test_a_session_behind_a_figure_says_what_was_met(cast, jo):
    papers(cast.ana, BEFORE)
    noted(good(jo, DAY), timedelta(hours=1))
    full_class(cast, 9)
    lift_all(session(jo, date(2025, 10, 2), by=cast.tess))
    told = next(iter(KIND.behind(scope(cast), "items", "sets", "met").rows))
    assert told.cells[1:5] == ("Jo", "Northside", "Ana T.", "met")
    assert told.cells[11] == Decimal("100.0")
    nameless = KIND.behind(scope(cast, named=False), "items", "sets", "met").rows
    assert next(iter(nameless)).cells[1] == f"Enrollment {jo.pk}"
    assert KIND.behind(scope(cast), "items", "colour", "met") is None
    assert KIND.behind(scope(cast), "groups", "total", "low_mean") is None


def test_it_is_one_query_however_many_there_are(cast, jo, django_assert_num_queries):
    for days in (1, 20):
        for number in range(days):
            good(jo, DAY + number * DAYS, at=time(10 + days % 7))
        for by in KIND.bys:
            with django_assert_num_queries(1):
                KIND.make(scope(cast, by))
        with django_assert_num_queries(1):
            KIND.behind(scope(cast), "items", "sets", "met")
