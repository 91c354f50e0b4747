"""The worked cases of the protocol sheet to the digit, and three small clinics by hand."""

from datetime import date, time, timedelta

import pytest

from bonefit.clinics.models import Clinic
from programs.models import Decision, Track
from sessions.models import Pause, Visit
from sessions.reports.attendance_report import make
from sessions.reports.scope import By
from sessions.reports.table import share
from tests.reports.attendance_world import asked, with_phases
from tests.reports.floor import (
    ATTENDED,
    BY_CLIENT,
    CLINIC,
    CLOSED,
    EXCUSED,
    EXTRA,
    HERE,
    LATE,
    NO_SHOW,
    PARTIAL,
    PLANNED,
    RELEASED,
    UNRECORDED,
    another_program,
    make_up,
    moment,
    someone,
    twice_a_week,
    visit,
)
from tests.reports.test_attendance_agrees_with_a_second_one import cells_of

MONDAY = date(2025, 3, 3)
WEEK = timedelta(days=7)


def rows(clinic, first, last, **more):
    """The printed cells of the first table, by the rows' names."""
    found = cells_of(make(asked([clinic], first, last, **more)).tables[0])
    return {row["name"]: row for row in found.values()}


def forty(cast, **more):
    """The forty sessions of 8.14; two of those that were owed are made up."""
    jo = someone(cast.ana, "Jo P.", MONDAY, **more)
    pattern = [ATTENDED] * 31 + [EXCUSED] * 3 + [NO_SHOW] * 2 + [LATE] * 2 + [CLINIC] * 2
    made = twice_a_week(jo, pattern)
    make_up(made[34], after=6)
    make_up(made[36], after=9)
    return made


def test_forty_sessions_have_every_figure_of_the_sheet(cast):
    forty(cast)

    report = make(asked([cast.north], MONDAY, MONDAY + timedelta(days=139)))

    (row,) = report.tables[0].rows
    figure = dict(zip((c.key for c in report.tables[0].columns), row.cells, strict=True))
    two_places = {
        "A1": (figure["attended"], figure["prescribed"], "77.50"),
        "A1 with make-ups": (figure["credited"], figure["prescribed"], "82.50"),
        "A2": (figure["attended"], figure["offered"], "81.58"),
        "A2 with make-ups": (figure["credited"], figure["offered"], "86.84"),
        "A3": (figure["attended"], figure["counted"], "88.57"),
        "A4": (figure["credited"], figure["counted"], "94.29"),
    }
    for name, (hits, total, expected) in two_places.items():
        assert str(share(hits, total, 2)) == expected, name
    printed = {key: str(figure[key]) for key in ("a1", "a1_made_up", "a2", "a2_made_up")}
    assert printed == {"a1": "77.5", "a1_made_up": "82.5", "a2": "81.6", "a2_made_up": "86.8"}
    assert (str(figure["a3"]), str(figure["a4"]), str(figure["a4_raw"])) == ("88.6", "94.3", "94.3")
    assert (str(figure["kpi"]), str(figure["kpi_all"])) == ("17.5", "22.5")
    assert figure["band"] == "Green"


def test_thirty_one_of_forty_has_the_interval_of_the_sheet(cast):
    jo = someone(cast.ana, "Jo P.", MONDAY)
    twice_a_week(jo, [ATTENDED] * 31 + [NO_SHOW] * 9)

    lead = make(asked([cast.north], MONDAY, MONDAY + timedelta(days=139))).lead

    assert (lead.value, lead.interval) == ("77.5", ("62.5", "87.7"))
    assert lead.sentence.endswith("31 of 40.")


def test_who_withdrew_in_week_twelve_is_in_the_completion(cast):
    wanda = someone(cast.ana, "Wanda P.", MONDAY, ended_on=MONDAY + timedelta(days=83))
    twice_a_week(wanda, [ATTENDED] * 20 + [NO_SHOW] * 4 + [RELEASED] * 4)

    row = rows(cast.north, MONDAY, MONDAY + timedelta(days=300))["Wanda P."]

    assert (row["a3"], row["a1"]) == ("83.3", "83.3")  # on treatment: 20 of 24
    assert (row["a5"], row["ever"], row["sessions"]) == ("28.6", "20", "70")


def test_completion_looks_at_the_whole_program_whatever_the_first_day(cast):
    jo = someone(cast.ana, "Jo P.", MONDAY)
    twice_a_week(jo, [ATTENDED] * 14)

    row = rows(cast.north, MONDAY + 4 * WEEK, MONDAY + 5 * WEEK - timedelta(days=1))["Jo P."]

    assert (row["attended"], row["ever"], row["a5"]) == ("2", "10", "14.3")


def test_the_ratio_of_totals_and_the_mean_are_two_figures_and_both_are_said(cast):
    often = someone(cast.ana, "Often P.", MONDAY)
    rarely = someone(cast.ana, "Rarely P.", MONDAY)
    twice_a_week(often, [ATTENDED] * 9)
    visit(rarely, MONDAY, NO_SHOW)
    scope = asked([cast.north], MONDAY, MONDAY + timedelta(days=60))

    report = make(scope)

    assert report.lead.value == "90.0"
    assert ("50.0", "mean of the clients' own A3, of 2 enrollments") in {
        (figure.value, figure.sentence) for figure in report.beside
    }
    assert "Mean of the clients' own percentages 50.0 %" in report.tables[0].notes[0]


# --- make-ups ------------------------------------------------------------------------------------


@pytest.mark.parametrize(("after", "credited"), [(-1, "1"), (14, "1"), (15, "0")])
def test_a_make_up_repays_within_the_clinics_days(cast, after, credited):
    jo = someone(cast.ana, "Jo P.", MONDAY)
    make_up(visit(jo, MONDAY + timedelta(days=3), NO_SHOW), after=after)

    row = rows(cast.north, MONDAY, MONDAY + timedelta(days=60))["Jo P."]

    assert (row["repaid"], row["credited"], row["make_up"]) == (credited, credited, "1")


def test_a_make_up_counts_on_the_day_of_the_session_that_was_owed(cast):
    jo = someone(cast.ana, "Jo P.", MONDAY)
    make_up(visit(jo, MONDAY + timedelta(days=27), NO_SHOW), after=4)  # 30 March, made up in April
    march = MONDAY, date(2025, 3, 31)
    april = date(2025, 4, 1), date(2025, 4, 30)

    def credit(days, **more):
        row = rows(cast.north, *days, **more)["Jo P."]
        return row["credited"], row["counted"], row["make_up"]

    assert credit(march) == ("0", "1", "0")  # as it stood at the end of March
    assert credit(march, as_at=moment(april[1])) == ("1", "1", "0")
    assert credit(april) == ("0", "0", "1")


def test_only_a_session_that_was_owed_is_made_up_and_only_by_one_that_was_attended(cast):
    jo = someone(cast.ana, "Jo P.", MONDAY)
    make_up(visit(jo, MONDAY, ATTENDED), after=1)
    make_up(visit(jo, MONDAY + 2 * WEEK, UNRECORDED), after=1)
    make_up(visit(jo, MONDAY + 4 * WEEK, NO_SHOW), after=1, status=NO_SHOW)
    visit(jo, MONDAY + 6 * WEEK, NO_SHOW)
    visit(jo, MONDAY + 6 * WEEK + timedelta(days=1), ATTENDED, EXTRA)

    row = rows(cast.north, MONDAY, MONDAY + 8 * WEEK)["Jo P."]

    assert (row["attended"], row["repaid"], row["credited"]) == ("1", "0", "1")
    assert (row["make_up"], row["extra"]) == ("2", "1")


def test_a_week_is_credited_with_no_more_than_the_program_has(cast):
    jo = someone(cast.ana, "Jo P.", MONDAY)
    for day in (0, 2, 4, 7):
        visit(jo, MONDAY + timedelta(days=day), ATTENDED)
    make_up(visit(jo, MONDAY + timedelta(days=9), NO_SHOW), after=1)

    row = rows(cast.north, MONDAY, MONDAY + 2 * WEEK)["Jo P."]

    # Three in the first week count as two; one and one made up in the second.
    assert (row["attended"], row["repaid"], row["credited"], row["counted"]) == ("4", "1", "4", "5")


def test_a_ratio_above_a_hundred_is_shown_as_a_hundred_and_kept_beside_it(cast):
    jo = someone(cast.ana, "Jo P.", MONDAY)
    visit(jo, MONDAY, ATTENDED)
    make_up(visit(jo, MONDAY + timedelta(days=3), CLINIC), after=1)

    row = rows(cast.north, MONDAY, MONDAY + WEEK)["Jo P."]

    assert (row["a4"], row["a4_raw"], row["a3"]) == ("100.0", "200.0", "100.0")


# --- weeks, runs, phases -------------------------------------------------------------------------


def test_the_last_weeks_are_whole_weeks_of_the_program(cast):
    jo = someone(cast.ana, "Jo P.", MONDAY)
    twice_a_week(jo, [NO_SHOW] * 4 + [ATTENDED] * 12 + [NO_SHOW] * 4)  # weeks 1-2, 3-8, 9-10

    def lately(day):
        row = rows(cast.north, day, day, as_at=moment(day + 2 * WEEK))["Jo P."]
        return row["a6_4"], row["due_4"], row["a6_8"], row["due_8"]

    eighth_sunday = MONDAY + 8 * WEEK - timedelta(days=1)
    assert lately(eighth_sunday) == ("100.0", "8", "75.0", "16")
    assert lately(eighth_sunday + timedelta(days=6)) == ("100.0", "8", "75.0", "16")
    assert lately(eighth_sunday + WEEK) == ("75.0", "8", "75.0", "16")
    assert lately(MONDAY + timedelta(days=5)) == ("", "0", "", "0")
    assert lately(MONDAY + WEEK) == ("0.0", "2", "0.0", "2")


def test_the_longest_run_missed_is_the_one_of_the_flag(cast):
    def longest(*states):
        jo = someone(cast.ana, f"Jo {len(rows_)}", MONDAY)
        rows_.append(jo)
        return twice_a_week(jo, list(states))

    rows_ = []
    longest(ATTENDED, NO_SHOW, NO_SHOW, ATTENDED, NO_SHOW, LATE, BY_CLIENT, ATTENDED)  # 3
    longest(ATTENDED, NO_SHOW, EXCUSED, NO_SHOW, ATTENDED)  # 1
    longest(NO_SHOW, CLINIC, NO_SHOW, NO_SHOW, CLOSED, NO_SHOW)  # 2
    longest(NO_SHOW, NO_SHOW, UNRECORDED, NO_SHOW)  # 2
    make_up(longest(NO_SHOW, NO_SHOW, NO_SHOW, NO_SHOW)[1], after=14)  # 2
    visit(longest(NO_SHOW, NO_SHOW, NO_SHOW)[0].enrollment, MONDAY + timedelta(1), PARTIAL, EXTRA)
    paused = longest(NO_SHOW, NO_SHOW, NO_SHOW)[0].enrollment  # 1 and 1
    day = MONDAY + timedelta(days=3)
    Pause.objects.create(
        clinic=cast.north, enrollment=paused, starts_on=day, ends_on=day, why="x", added_by=cast.ana
    )

    found = rows(cast.north, MONDAY, MONDAY + 8 * WEEK)

    runs = [found[f"Jo {number}"]["longest"] for number in range(7)]
    assert runs == ["3", "1", "2", "2", "2", "2", "1"]


def test_week_and_phases_are_those_of_today(cast):
    jo = someone(cast.ana, "Jo P.", MONDAY)
    gone = someone(cast.ana, "Wanda P.", MONDAY, ended_on=MONDAY + timedelta(days=34))
    at = moment(MONDAY + 5 * WEEK)
    word = {"clinic": cast.north, "enrollment": jo, "by": cast.ana, "kind": "promote"}
    Decision.objects.create(**word, at=at, phase="BUILD")
    later = Decision.objects.create(**word, at=at + timedelta(days=1), phase="LOAD")
    day = MONDAY + timedelta(days=60)

    def stage(row):
        return row["week"], row["planned_phase"], row["phase"], row["status"]

    found = rows(cast.north, MONDAY, day)
    assert stage(found["Jo P."]) == ("9", "Lift heavy", "Lift heavy", "Active")
    assert stage(found[gone.client.name]) == ("5", "Build", "Learn", "Withdrawn")

    word |= {"kind": "revoke", "revokes": later}
    Decision.objects.create(**word, at=at + timedelta(days=2))
    assert stage(rows(cast.north, MONDAY, day)["Jo P."])[2] == "Build"


def test_a_session_lies_in_the_phase_that_the_plan_has_in_its_week(cast):
    jo = someone(cast.ana, "Jo P.", MONDAY)
    twice_a_week(jo, [ATTENDED] * 8 + [NO_SHOW] * 8 + [ATTENDED, NO_SHOW])

    by_phase = rows(cast.north, MONDAY, MONDAY + 9 * WEEK - timedelta(days=1), by=By.PHASE)

    figures = {name: (row["attended"], row["counted"], row["a1"]) for name, row in by_phase.items()}
    assert list(figures.items()) == [
        ("Learn", ("8", "8", "100.0")),
        ("Build", ("0", "8", "0.0")),
        ("Lift heavy", ("1", "2", "50.0")),
        ("1 client", ("9", "18", "50.0")),
    ]


def test_who_moved_has_sessions_in_both_programs(cast):
    other = with_phases(another_program(cast.north, frequency=3, weeks=10), ("INTRO", 1, None))
    jo = someone(cast.ana, "Jo P.", MONDAY)
    Track.objects.filter(enrollment=jo).update(ends_on=MONDAY + timedelta(days=13))
    Track.objects.create(
        clinic=cast.north, enrollment=jo, version=other, starts_on=MONDAY + 2 * WEEK
    )
    twice_a_week(jo, [ATTENDED] * 4 + [NO_SHOW] * 2)

    found = rows(cast.north, MONDAY, MONDAY + 3 * WEEK - timedelta(days=1), by=By.PROGRAM)

    hirit, followed, _total = found.values()
    assert (hirit["attended"], hirit["prescribed"], hirit["ever"]) == ("4", "4", "")
    assert (followed["name"], followed["attended"], followed["prescribed"]) == ("Other", "0", "3")
    assert (followed["ever"], followed["sessions"]) == ("4", "30")


# --- three small clinics -------------------------------------------------------------------------


@pytest.fixture
def brisbane(cast) -> Clinic:
    """Two weeks of three: one who came, one who did not, one who left in her first week."""
    ada = someone(cast.ana, "Ada P.", MONDAY)
    bea = someone(cast.tess, "Bea P.", MONDAY, therapist=cast.tess)
    cleo = someone(cast.ana, "Cleo P.", MONDAY, ended_on=MONDAY + timedelta(days=3))
    twice_a_week(ada, [ATTENDED, PARTIAL, ATTENDED, EXCUSED])
    twice_a_week(bea, [NO_SHOW, UNRECORDED, LATE, CLOSED])
    twice_a_week(cleo, [ATTENDED, RELEASED])
    return cast.north


def test_a_fortnight_of_three_by_hand(cast, brisbane):
    last = MONDAY + timedelta(days=13)
    found = rows(brisbane, MONDAY, last)

    names = ("planned", "attended", "counted", "prescribed", "a3", "a1", "a2", "a5", "band")
    assert {name: tuple(row[key] for key in names) for name, row in found.items()} == {
        "Ada P.": ("4", "3", "3", "4", "100.0", "75.0", "75.0", "4.3", "Green"),
        "Bea P.": ("4", "0", "3", "4", "0.0", "0.0", "0.0", "0.0", "Red"),
        "Cleo P.": ("1", "1", "1", "1", "100.0", "100.0", "100.0", "1.4", "Green"),
        "All 3 clients": ("9", "4", "7", "9", "57.1", "44.4", "50.0", "1.9", "Amber"),
    }


def test_the_same_fortnight_by_therapist(cast, brisbane):
    found = rows(brisbane, MONDAY, MONDAY + timedelta(days=13), by=By.THERAPIST)

    names = ("clients", "attended", "counted", "a3", "mean", "median", "measured")
    assert {name: tuple(row[key] for key in names) for name, row in found.items()} == {
        "Ana T.": ("2", "4", "4", "100.0", "100.0", "100.0", "2"),
        "Tess T.": ("1", "0", "3", "0.0", "0.0", "0.0", "1"),
        "All 3 clients": ("3", "4", "7", "57.1", "66.7", "100.0", "3"),
    }


def test_a_clinic_in_another_zone_over_the_change_of_its_clocks(cast):
    """New York: the clocks go forward on Sunday 9 March 2025."""
    jo = someone(cast.otto, "Jo P.", MONDAY)
    for day, at in ((5, time(23, 30)), (6, time(0, 30)), (6, time(23, 30)), (7, time(0, 30))):
        visit(jo, MONDAY + timedelta(days=day), ATTENDED, at=at)
    sunday = MONDAY + timedelta(days=6)

    def attended(first, last):
        report = make(asked([cast.harbor], first, last, as_at=moment(sunday + WEEK)))
        return {
            table.key: [row["attended"] for row in cells_of(table).values()]
            for table in report.tables
            if table.key in ("clients", "weeks")
        }

    assert attended(sunday, sunday) == {"clients": ["2", "2"], "weeks": ["2"]}
    assert attended(MONDAY, sunday + WEEK) == {"clients": ["4", "4"], "weeks": ["3", "1"]}
    row = rows(cast.harbor, MONDAY, sunday + WEEK, as_at=moment(sunday + WEEK))["Jo P."]
    assert row["credited"] == "3"  # three in the first week count as two


def test_two_clinics_together_are_the_sum_of_both_each_in_its_zone(cast, brisbane):
    jo = someone(cast.otto, "Jo P.", MONDAY)
    twice_a_week(jo, [ATTENDED, NO_SHOW])
    report = make(
        asked([cast.north, cast.harbor], MONDAY, MONDAY + timedelta(days=13), by=By.CLINIC)
    )

    found = {row["name"]: row for row in cells_of(report.tables[0]).values()}

    names = ("clients", "attended", "counted", "a3", "band")
    assert {name: tuple(row[key] for key in names) for name, row in found.items()} == {
        "Harbor": ("1", "1", "2", "50.0", "Amber"),
        "Northside": ("3", "4", "7", "57.1", "Amber"),
        "All 4 clients": ("4", "5", "9", "55.6", "Amber"),
    }


# --- what is and is not counted ------------------------------------------------------------------


def test_silence_past_its_grace_is_unrecorded_before_the_sweep_says_so(cast):
    jo = someone(cast.ana, "Jo P.", MONDAY)
    planned = visit(jo, MONDAY, PLANNED)
    here = visit(jo, MONDAY + timedelta(days=3), HERE)

    def unrecorded(as_at):
        row = rows(cast.north, MONDAY, MONDAY + timedelta(days=6), as_at=as_at)["Jo P."]
        return row["unrecorded"], row["counted"], row["a3"]

    second = timedelta(seconds=1)
    assert unrecorded(planned.missed_after - second) == ("0", "0", "")
    assert unrecorded(planned.missed_after) == ("1", "1", "0.0")
    assert unrecorded(here.missed_after - second) == ("1", "1", "0.0")
    assert unrecorded(here.missed_after) == ("2", "2", "0.0")


def test_no_state_is_forgotten_by_the_report(cast):
    jo = someone(cast.ana, "Jo P.", MONDAY)
    never = {PLANNED, HERE, RELEASED}
    for number, status in enumerate(sorted(set(Visit.Status) - never)):
        visit(jo, MONDAY + timedelta(days=number), status)

    row = rows(cast.north, MONDAY, MONDAY + timedelta(days=60))["Jo P."]

    assert row["planned"] == str(len(Visit.Status) - len(never))
    states = ("no_show", "late_cancel", "cancelled_client", "unrecorded", "excused")
    assert {row[key] for key in (*states, "clinic_cancelled", "closed")} == {"1"}
    assert row["attended"] == "2"
