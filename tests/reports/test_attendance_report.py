"""The adherence report as it is asked: empty, over nothing, over ten years, by each definition."""

from datetime import date, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from sessions.reports import define_attendance as define
from sessions.reports.attendance_report import KIND, make
from sessions.reports.attendance_strips import strips_of
from sessions.reports.scope import By
from tests.programs.test_catalogue_data import SOURCES
from tests.reports.attendance_world import asked
from tests.reports.floor import ATTENDED, NO_SHOW, make_up, moment, someone, twice_a_week, visit
from tests.reports.test_attendance_agrees_with_a_second_one import cells_of
from tests.sessions.timetabled import rules

MONDAY = date(2025, 3, 3)
DAY = timedelta(days=1)


def test_an_empty_clinic_says_so(cast):
    report = make(asked([cast.north], MONDAY, MONDAY + 30 * DAY))

    assert report.nothing == "Nobody who fits the filters was in training on these days."
    assert (report.lead, report.tables) == (None, ())


@pytest.mark.parametrize("by", list(By))
def test_days_to_come_and_days_the_wrong_way_round_say_so(cast, by):
    someone(cast.ana, "Jo P.", MONDAY)
    ahead = asked([cast.north], MONDAY + 9 * DAY, MONDAY + 12 * DAY, as_at=moment(MONDAY), by=by)
    wrong = asked([cast.north], MONDAY, MONDAY - DAY, by=by)

    assert make(ahead).nothing == "These days have not come yet."
    assert make(wrong).nothing == "The first day is after the last one."


def test_who_never_came_has_a_row_of_noughts_and_blanks(cast):
    nell = someone(cast.ana, "Nell P.", MONDAY)

    report = make(asked([cast.north], MONDAY, MONDAY + 27 * DAY))

    row = cells_of(report.tables[0])[str(nell.pk)]
    assert (row["planned"], row["a3"], row["band"], row["last"]) == ("0", "", "", "")
    assert (row["prescribed"], row["a1"], row["a5"]) == ("8", "0.0", "0.0")
    assert report.lead is None  # nothing to divide by
    assert "1 client" in {f"{figure.value} {figure.sentence}" for figure in report.beside}


def test_a_single_day_and_ten_years_are_days_like_any_other(cast):
    jo = someone(cast.ana, "Jo P.", MONDAY)
    twice_a_week(jo, [ATTENDED, NO_SHOW] * 10)

    def row(first, last):
        report = make(asked([cast.north], first, last, as_at=moment(MONDAY + 400 * DAY)))
        return cells_of(report.tables[0])[str(jo.pk)]

    one, ten = row(MONDAY, MONDAY), row(MONDAY - 365 * DAY, MONDAY + 3650 * DAY)
    assert (one["planned"], one["attended"], one["prescribed"]) == ("1", "1", "0")
    assert (ten["planned"], ten["attended"], ten["prescribed"]) == ("20", "10", "70")


@pytest.mark.parametrize(
    ("headline", "value", "sentence"),
    [
        ("A1", "60.0", "3 of 5"),
        ("A2", "60.0", "3 of 5"),
        ("A3", "75.0", "3 of 4"),
        ("A4", "100.0", "4 of 4"),
        ("A5", "4.3", "3 of 70"),
        ("A6", "50.0", "1 of 2"),
    ],
)
def test_the_clinic_chooses_what_leads_and_the_others_stand_beside(cast, headline, value, sentence):
    jo = someone(cast.ana, "Jo P.", MONDAY)
    made = twice_a_week(jo, [ATTENDED, NO_SHOW, ATTENDED, ATTENDED])
    make_up(made[1], after=1)
    visit(jo, MONDAY + 15 * DAY, "excused")

    scope = asked([cast.north], MONDAY, MONDAY + 18 * DAY, headline=headline)
    report = make(scope)
    if headline == "A6":  # of the two whole weeks
        value, sentence = "75.0", "3 of 4"

    assert (report.lead.code, report.lead.value) == (headline, value)
    assert report.lead.words.endswith(sentence)
    codes = {figure.code for figure in report.beside}
    assert {"A1", "A2", "A3", "A4", "A5", "A6"} <= codes | {headline}
    trend = report.pictures["trend"]
    assert trend.title.startswith(
        {"A1": "Strict", "A2": "Offered"}.get(headline, "Accountable") + " attendance"
    )


def test_the_trend_has_an_interval_and_published_values_with_their_source(cast):
    jo = someone(cast.ana, "Jo P.", MONDAY)
    twice_a_week(jo, [ATTENDED] * 31 + [NO_SHOW] * 9)

    report = make(asked([cast.north], MONDAY, MONDAY + 139 * DAY))

    trend = report.pictures["trend"]
    assert [spot.label for spot in trend.spots][:2] == ["Mar 2025", "Apr 2025"]
    assert sum(spot.n for spot in trend.spots) == 40
    assert all(spot.low <= spot.value <= spot.high for spot in trend.spots)
    assert [(one.low, one.high) for one in trend.benchmarks] == [
        (92, 92), (83, 83), (78, 78), (60, 69),
    ]  # fmt: skip
    assert define.BENCHMARK_NOTE in report.notes
    for code in define.BENCHMARK_SOURCES:
        assert code in SOURCES


def test_the_funnel_goes_from_enrolled_to_the_whole_program(cast):
    whole = someone(cast.ana, "Ana P.", MONDAY)
    half = someone(cast.ana, "Bea P.", MONDAY)
    left = someone(cast.ana, "Cleo P.", MONDAY, ended_on=MONDAY + 40 * DAY)
    someone(cast.ana, "Dee P.", MONDAY)
    twice_a_week(whole, [ATTENDED] * 69 + [NO_SHOW])
    make_up(whole.visits.get(status=NO_SHOW), after=1)
    twice_a_week(half, [ATTENDED] * 35)
    twice_a_week(left, [ATTENDED] * 4)

    for by in (By.CLIENT, By.CLINIC):
        report = make(asked([cast.north], MONDAY + 100 * DAY, MONDAY + 300 * DAY, by=by))
        assert [number for _, number in report.pictures["funnel"].steps] == [3, 2, 2, 2, 1]
    report = make(asked([cast.north], MONDAY, MONDAY + 300 * DAY))
    assert [number for _, number in report.pictures["funnel"].steps] == [4, 3, 2, 2, 1]


def test_few_sessions_are_pale_and_nothing_is_ordered_by_value(cast):
    for name, count in (("Zoe P.", 25), ("Amy P.", 3), ("Mia P.", 20)):
        jo = someone(cast.ana, name, MONDAY)
        twice_a_week(jo, [ATTENDED] * count)

    rows = list(make(asked([cast.north], MONDAY, MONDAY + 200 * DAY)).tables[0].rows)

    assert [(row.cells[0], row.pale) for row in rows] == [
        ("Amy P.", True), ("Mia P.", False), ("Zoe P.", False),
    ]  # fmt: skip


def test_the_band_follows_the_clinics_own_limits_before_rounding(cast):
    jo = someone(cast.ana, "Jo P.", MONDAY)
    twice_a_week(jo, [ATTENDED] * 3 + [NO_SHOW])

    def band():
        report = make(
            asked([cast.north], MONDAY, MONDAY + 20 * DAY, as_at=moment(date(2026, 3, 9)))
        )
        return cells_of(report.tables[0])[str(jo.pk)]["band"]

    assert band() == "Yellow"
    rules(cast, attendance_good_percent=75)
    assert band() == "Green"
    rules(cast, attendance_good_percent=76)
    assert band() == "Yellow"


def test_the_queries_are_as_many_for_one_client_as_for_thirty(cast):
    def count(by):
        scope = asked([cast.north], MONDAY, MONDAY + 60 * DAY, by=by)
        with CaptureQueriesContext(connection) as found:
            report = make(scope)
            for table in report.tables:
                list(table.rows)
            dict(report.pictures)
            strips_of(scope, [row.key for row in report.tables[0].rows])
        return len(found)

    twice_a_week(someone(cast.ana, "Jo P.", MONDAY), [ATTENDED, NO_SHOW])
    for by in By:
        count(by)  # what a process reads once
    one = {by: count(by) for by in By}
    for number in range(30):
        twice_a_week(someone(cast.tess, f"Jo {number}", MONDAY), [ATTENDED, NO_SHOW])
    assert {by: count(by) for by in By} == one
    assert max(one.values()) <= 9


def test_every_column_has_a_meaning_and_every_cell_its_column(cast):
    someone(cast.ana, "Jo P.", MONDAY)
    known = {column.key for _, columns in KIND.columns for column in columns}

    for by in KIND.bys:
        for table in make(asked([cast.north], MONDAY, MONDAY + 60 * DAY, by=by)).tables:
            assert {column.key for column in table.columns} <= known
            assert all(column.meaning for column in table.columns)
            assert table.opens <= {column.key for column in table.columns}
            for row in table.rows:
                assert len(row.cells) == len(table.columns)
