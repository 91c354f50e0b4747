"""The worked cases of the protocol sheet, to the digit, and what is and is not counted."""

from datetime import date, time, timedelta

import pytest

from programs.models import Track
from sessions.models import Visit
from sessions.reports.adherence import Filters, adherence
from sessions.reports.stats import percent
from tests.cast import Cast
from tests.reports.floor import (
    ATTENDED,
    BY_CLIENT,
    CLINIC,
    CLOSED,
    EXCUSED,
    EXTRA,
    HERE,
    LATE,
    MAKE_UP,
    NO_SHOW,
    PARTIAL,
    PLANNED,
    RELEASED,
    UNRECORDED,
    another_program,
    moment,
    someone,
    twice_a_week,
    visit,
)

MONDAY = date(2025, 3, 3)
WEEKS_20 = MONDAY + timedelta(days=139)


@pytest.fixture
def report(cast: Cast):
    """The row of one client, by name."""

    def ask(name: str, first: date, last: date, *, as_at=None, **filters):
        found = adherence(
            cast.ada,
            Filters(first, last, **filters),
            as_at=as_at or moment(last),
        )
        return next((row for row in found.rows if row.name == name), None)

    return ask


def test_forty_scheduled_sessions_give_the_figures_of_the_sheet(cast, report):
    jo = someone(cast.ana, "Jo P.", MONDAY)
    pattern = [ATTENDED] * 31 + [EXCUSED] * 3 + [NO_SHOW] * 2 + [LATE] * 2 + [CLINIC] * 2
    twice_a_week(jo, pattern)
    for week in (3, 9):
        visit(jo, MONDAY + timedelta(days=7 * week + 5), ATTENDED, MAKE_UP)

    row = report("Jo P.", MONDAY, WEEKS_20)

    counts = row.counts
    assert (counts.planned, counts.counted, counts.prescribed) == (40, 35, 40)
    assert (counts.attended, counts.missed, counts.excused, counts.clinic) == (31, 4, 3, 2)
    assert counts.make_up == 2
    assert (counts.a1, counts.a3) == ("77.5", "88.6")
    assert percent(counts.attended, counts.counted, places=2) == "88.57"


def test_thirty_one_of_forty_has_the_interval_of_the_sheet(cast, report):
    jo = someone(cast.ana, "Jo P.", MONDAY)
    twice_a_week(jo, [ATTENDED] * 31 + [NO_SHOW] * 9)

    counts = report("Jo P.", MONDAY, WEEKS_20).counts

    assert counts.a3 == "77.5"
    assert counts.interval == ("62.5", "87.7")


def test_who_withdrew_in_week_twelve_is_measured_until_then(cast, report):
    last_day = MONDAY + timedelta(days=83)
    wanda = someone(cast.ana, "Wanda P.", MONDAY, ended_on=last_day)
    twice_a_week(wanda, [ATTENDED] * 20 + [NO_SHOW] * 4 + [RELEASED] * 4)

    counts = report("Wanda P.", MONDAY, MONDAY + timedelta(days=300)).counts

    assert (counts.planned, counts.prescribed) == (24, 24)
    assert (counts.a1, counts.a3) == ("83.3", "83.3")
    # The whole program is the denominator of the intention to treat: 20 of 70.
    assert percent(counts.attended, wanda.tracks.get().version.sessions) == "28.6"


def test_unrecorded_sessions_are_in_the_denominator_and_not_in_the_numerator(cast, report):
    jo = someone(cast.ana, "Jo P.", MONDAY)
    twice_a_week(jo, [ATTENDED, UNRECORDED, ATTENDED, UNRECORDED])

    counts = report("Jo P.", MONDAY, MONDAY + timedelta(days=13)).counts

    assert (counts.attended, counts.unrecorded, counts.missed) == (2, 2, 0)
    assert (counts.counted, counts.a3) == (4, "50.0")


def test_silence_past_its_grace_is_unrecorded_before_the_sweep_says_so(cast, report):
    jo = someone(cast.ana, "Jo P.", MONDAY)
    planned = visit(jo, MONDAY, PLANNED)
    checked_in = visit(jo, MONDAY + timedelta(days=3), HERE)
    days = MONDAY, MONDAY + timedelta(days=6)

    def unrecorded(as_at):
        return report("Jo P.", *days, as_at=as_at).counts.unrecorded

    second = timedelta(seconds=1)
    assert unrecorded(planned.missed_after - second) == 0
    assert unrecorded(planned.missed_after) == 1
    assert unrecorded(checked_in.missed_after - second) == 1
    assert unrecorded(checked_in.missed_after) == 2


def test_what_is_still_to_come_or_was_released_is_in_no_figure(cast, report):
    jo = someone(cast.ana, "Jo P.", MONDAY)
    visit(jo, MONDAY, ATTENDED)
    visit(jo, MONDAY + timedelta(days=3), RELEASED)
    # Cancelled ahead of its time: it is not due, so it is not missed yet.
    visit(jo, MONDAY + timedelta(days=7), BY_CLIENT)
    visit(jo, MONDAY + timedelta(days=10), PLANNED)

    now = moment(MONDAY + timedelta(days=5))
    row = report("Jo P.", MONDAY, MONDAY + timedelta(days=20), as_at=now)

    assert (row.counts.planned, row.counts.counted, row.counts.a3) == (1, 1, "100.0")
    assert row.last_attended == MONDAY
    assert row.next_booked == MONDAY + timedelta(days=10)


def test_every_state_lands_in_its_own_column(cast, report):
    jo = someone(cast.ana, "Jo P.", MONDAY)
    statuses = [ATTENDED, PARTIAL, UNRECORDED, NO_SHOW, LATE, BY_CLIENT, EXCUSED, CLINIC, CLOSED]
    twice_a_week(jo, statuses)

    counts = report("Jo P.", MONDAY, MONDAY + timedelta(days=60)).counts

    assert (counts.attended, counts.unrecorded, counts.excused, counts.clinic) == (2, 1, 1, 2)
    assert (counts.no_show, counts.late_cancel, counts.cancelled_client) == (1, 1, 1)
    assert counts.planned == len(statuses)


def test_no_state_is_forgotten_by_the_report(cast, report):
    jo = someone(cast.ana, "Jo P.", MONDAY)
    never = {PLANNED, HERE, RELEASED}
    for number, status in enumerate(set(Visit.Status) - never):
        visit(jo, MONDAY + timedelta(days=number), status)

    counts = report("Jo P.", MONDAY, MONDAY + timedelta(days=60)).counts

    assert counts.planned == len(Visit.Status) - len(never)


def test_make_ups_and_extras_stand_apart_and_are_never_missed(cast, report):
    jo = someone(cast.ana, "Jo P.", MONDAY)
    visit(jo, MONDAY, NO_SHOW)
    visit(jo, MONDAY + timedelta(days=1), ATTENDED, MAKE_UP)
    visit(jo, MONDAY + timedelta(days=2), NO_SHOW, MAKE_UP)
    visit(jo, MONDAY + timedelta(days=3), PARTIAL, EXTRA)
    visit(jo, MONDAY + timedelta(days=4), UNRECORDED, EXTRA)

    row = report("Jo P.", MONDAY, MONDAY + timedelta(days=6))

    assert (row.counts.planned, row.counts.attended, row.counts.a3) == (1, 0, "0.0")
    assert (row.counts.make_up, row.counts.extra, row.counts.unrecorded) == (1, 1, 0)
    assert row.last_attended == MONDAY + timedelta(days=3)


def test_who_never_came_has_a_row_with_nought(cast, report):
    someone(cast.ana, "Nell P.", MONDAY)

    row = report("Nell P.", MONDAY, MONDAY + timedelta(days=27))

    assert (row.counts.planned, row.counts.a3) == (0, "")
    assert (row.counts.prescribed, row.counts.a1) == (8, "0.0")
    assert row.last_attended is None


def test_frequency_and_length_come_from_the_clients_own_program(cast, report):
    thrice = another_program(cast.north, frequency=3, weeks=4)
    someone(cast.ana, "Tri P.", MONDAY, version=thrice)
    someone(cast.ana, "Duo P.", MONDAY)

    def prescribed(name, days):
        return report(name, MONDAY, MONDAY + timedelta(days=days - 1)).counts.prescribed

    assert [prescribed("Tri P.", days) for days in (1, 3, 7, 28, 35)] == [0, 1, 3, 12, 12]
    assert [prescribed("Duo P.", days) for days in (1, 4, 7, 28, 245, 400)] == [0, 1, 2, 8, 70, 70]


def test_the_weeks_of_a_year_add_up_to_the_year(cast, report):
    someone(cast.ana, "Jo P.", MONDAY + timedelta(days=2))
    year = [MONDAY + timedelta(days=5 * number) for number in range(60)]

    parts = [report("Jo P.", day, day + timedelta(days=4)) for day in year]
    whole = report("Jo P.", year[0], year[-1] + timedelta(days=4))

    assert sum(row.counts.prescribed for row in parts if row) == whole.counts.prescribed == 70


def test_a_second_track_begins_to_count_where_the_first_one_ends(cast, report):
    jo = someone(cast.ana, "Jo P.", MONDAY)
    jo.tracks.update(ends_on=MONDAY + timedelta(days=27))
    version = another_program(cast.north, frequency=3, weeks=10)
    Track.objects.create(
        clinic=cast.north,
        enrollment=jo,
        version=version,
        starts_on=MONDAY + timedelta(days=28),
    )

    counts = report("Jo P.", MONDAY, MONDAY + timedelta(days=41)).counts

    assert counts.prescribed == 4 * 2 + 2 * 3


def test_who_was_enrolled_outside_the_days_has_no_row(cast, report):
    someone(cast.ana, "Past P.", MONDAY, ended_on=MONDAY + timedelta(days=30))
    someone(cast.ana, "Later P.", MONDAY + timedelta(days=90))
    days = MONDAY + timedelta(days=31), MONDAY + timedelta(days=89)

    assert report("Past P.", *days) is None
    assert report("Later P.", *days) is None
    assert report("Past P.", days[0] - timedelta(days=1), days[1]) is not None
    assert report("Later P.", days[0], days[1] + timedelta(days=1)) is not None


def test_a_session_after_the_recorded_end_does_not_vanish(cast, report):
    wanda = someone(cast.ana, "Wanda P.", MONDAY, ended_on=MONDAY + timedelta(days=10))
    visit(wanda, MONDAY + timedelta(days=14), ATTENDED)

    row = report("Wanda P.", MONDAY + timedelta(days=11), MONDAY + timedelta(days=20))

    assert (row.counts.attended, row.counts.prescribed) == (1, 0)


def test_who_left_and_came_back_is_one_client_in_two_rows(cast):
    first = someone(cast.ana, "Ines P.", MONDAY, ended_on=MONDAY + timedelta(days=10))
    again = someone(
        cast.ana, "Ines P.", MONDAY + timedelta(days=20), client=first.client, therapist=cast.tess
    )
    visit(first, MONDAY, ATTENDED)
    visit(again, MONDAY + timedelta(days=21), NO_SHOW)

    days = Filters(MONDAY, MONDAY + timedelta(days=40))
    found = adherence(cast.ada, days, as_at=moment(days.last))

    assert [row.name for row in found.rows] == [
        "Ines P., from 3 March 2025",
        "Ines P., from 23 March 2025",
    ]
    assert found.clients == 1
    assert found.total.counts.a3 == "50.0"


def test_the_total_is_the_ratio_of_totals_not_the_mean(cast):
    often = someone(cast.ana, "Often P.", MONDAY)
    rarely = someone(cast.ana, "Rarely P.", MONDAY)
    twice_a_week(often, [ATTENDED] * 9)
    visit(rarely, MONDAY, NO_SHOW)

    days = Filters(MONDAY, MONDAY + timedelta(days=60))
    total = adherence(cast.ada, days, as_at=moment(days.last)).total

    assert total.name == "All 2 clients"
    assert total.counts.a3 == "90.0"  # 9 of 10; the mean of 100 and 0 would be 50


def test_a_visit_belongs_to_the_clinics_own_day_also_late_at_night(cast):
    jo = someone(cast.ana, "Jo P.", MONDAY)
    visit(jo, MONDAY + timedelta(days=1), ATTENDED, at=time(23, 30))
    visit(jo, MONDAY + timedelta(days=2), NO_SHOW, at=time(0, 0))

    def counts(day):
        days = Filters(day, day)
        return adherence(cast.ada, days, as_at=moment(MONDAY + timedelta(days=30))).total.counts

    tuesday, wednesday = (counts(MONDAY + timedelta(days=number)) for number in (1, 2))
    assert (tuesday.attended, tuesday.missed) == (1, 0)
    assert (wednesday.attended, wednesday.missed) == (0, 1)


@pytest.mark.parametrize("change", [date(2026, 3, 8), date(2026, 11, 1)])
def test_days_on_which_the_clocks_change_are_whole_days(cast, change):
    """New York has a day of 23 hours in March and one of 25 in November."""
    boss = cast.otto
    jo = someone(boss, "Jo P.", change - timedelta(days=30))
    for number, at in ((-1, time(23, 30)), (0, time(0)), (0, time(23, 30)), (1, time(0))):
        visit(jo, change + timedelta(days=number), ATTENDED, at=at)

    def attended(day):
        found = adherence(boss, Filters(day, day), as_at=moment(change + timedelta(days=9)))
        return next(row for row in found.rows if row.name == "Jo P.").counts.attended

    assert [attended(change + timedelta(days=n)) for n in (-2, -1, 0, 1, 2)] == [0, 1, 2, 1, 0]
