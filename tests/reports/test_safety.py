"""Adverse events and falls as a report: vectors to the digit, and a clinic by hand."""

import uuid
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from bonefit.clients.models import Fall, FallsMonth, Told
from programs.models import Enrollment
from sessions.models import AdverseEvent, Visit
from sessions.reports.safety import KIND, share_cells
from sessions.reports.scope import By, Filters, Scope
from tests.reports.floor import ATTENDED, CLINIC, EXCUSED, MAKE_UP, NO_SHOW, someone, visit
from tests.reports.test_retention import cells, table

FIRST, LAST = date(2025, 1, 1), date(2025, 8, 31)
NOW = datetime(2025, 9, 10, 2, tzinfo=UTC)
DAYS = timedelta(days=1)


def scope(cast, first=FIRST, last=LAST, as_at=NOW, clinics=None, **more):
    clinics = clinics or (cast.north,)
    return Scope(
        clinics=clinics,
        enrollments=Enrollment.objects.filter(clinic__in=clinics),
        filters=Filters(first, last, by=By.CLINIC),
        as_at=as_at,
        **more,
    )


def event(enrollment, at, *, what="sharp", severity="mild", **more):
    return AdverseEvent.objects.create(
        clinic=enrollment.clinic,
        uid=uuid.uuid4(),
        client=enrollment.client,
        what=what,
        severity=severity,
        onset_at=at,
        serious=more.pop("serious", None),
        reported_by=enrollment.therapist,
        **more,
    )


def month(enrollment, number, *, asked=True, answered=True):
    return FallsMonth.objects.create(
        clinic=enrollment.clinic,
        client=enrollment.client,
        month=date(2025, number, 1),
        asked_at=NOW if asked else None,
        answered_at=NOW if answered else None,
        how_many=0 if answered else None,
    )


def fall(enrollment, day, **more):
    return Fall.objects.create(
        clinic=enrollment.clinic,
        client=enrollment.client,
        key=str(uuid.uuid4()),
        fell_on=day,
        told=Told.STAFF,
        **more,
    )


def noon(day):
    return datetime(day.year, day.month, day.day, 2, tzinfo=UTC)


def test_three_falls_in_twelve_times_eight_months_are_0_375_a_year(cast):
    people = [someone(cast.ana, f"P {number}", FIRST) for number in range(12)]
    for one in people:
        for number in range(1, 9):
            month(one, number)
    fall(people[0], date(2025, 3, 7), injured=True)
    fall(people[0], date(2025, 5, 7), fracture=True, confirmed=True)
    fall(people[1], date(2025, 3, 8))
    report = KIND.make(scope(cast))
    # Exact Poisson limits of 3: 0.6187 and 8.7673, over 8.0 person-years.
    assert cells(report, "rates", "falls", "events", "years", "per_year", "year_low") == (
        *(3, Decimal("8.00"), Decimal("0.375"), Decimal("0.077")),
    )
    assert cells(report, "rates", "falls", "year_high", "sessions") == (Decimal("1.096"), None)
    assert cells(report, "rates", "hurt", "events") == (2,)
    assert cells(report, "rates", "broke", "events", "per_year") == (1, Decimal("0.125"))
    assert cells(report, "people", "falls", "people", "of", "share") == (2, 12, Decimal("16.67"))
    assert cells(report, "people", "often", "people", "of") == (1, 12)
    assert report.beside[1].value == "0.375"


def test_none_of_forty_nine_still_allows_5_93_per_cent():
    assert share_cells(0, 49) == (
        *(0, 49, Decimal("0.00"), Decimal("0.00"), Decimal("5.93"), Decimal("6.12")),
    )


def test_a_share_has_wilsons_interval():
    number, of, share, low, high, three = share_cells(31, 40)
    assert (number, of, share, three) == (31, 40, Decimal("77.50"), None)
    assert (round(low, 1), round(high, 1)) == (Decimal("62.5"), Decimal("87.7"))
    assert share_cells(0, 0) == (0, 0, None, None, None, None)


def test_no_event_stands_with_its_upper_bound(cast):
    jo = someone(cast.ana, "Jo", FIRST)
    for number in range(10):
        visit(jo, FIRST + number * DAYS, ATTENDED)
    report = KIND.make(scope(cast))
    # −ln 0.05 = 2.9957 in 10 sessions, and in 243 days.
    assert cells(report, "rates", "events", "events", "sessions", "per_session") == (
        *(0, 10, Decimal("0.00")),
    )
    assert cells(report, "rates", "events", "session_low", "session_high") == (
        *(Decimal("0.00"), Decimal("299.57")),
    )
    assert cells(report, "rates", "events", "years", "year_high") == (
        *(Decimal("0.67"), Decimal("4.503")),
    )
    assert cells(report, "people", "events", "people", "of", "high") == (0, 1, Decimal("95.00"))


def test_a_bound_on_one_side_is_not_called_an_interval(cast):
    one = someone(cast.ana, "Ruth K.", FIRST)
    for number in range(10):
        visit(one, FIRST + number * DAYS, ATTENDED)
    lead = KIND.make(scope(cast)).lead
    # -ln 0.05 = 2.9957 events in 10 sessions
    assert (lead.value, lead.interval) == ("0.00", None)
    assert "none seen still allows up to 299.57 (one-sided 95 % bound)" in lead.sentence

    event(one, noon(FIRST))
    lead = KIND.make(scope(cast)).lead
    assert lead.interval == ("2.53", "557.16")
    assert "bound" not in lead.sentence


def test_a_small_clinic_worked_out_by_hand(cast):
    jo = someone(cast.ana, "Jo", FIRST)
    bea = someone(cast.ana, "Bea", date(2025, 8, 1), ended_on=date(2025, 8, 10))
    for number in range(8):
        visit(jo, date(2025, 2, 1) + 7 * number * DAYS, ATTENDED)
    event(jo, noon(date(2025, 2, 2)), what="back", severity="severe", serious=True)
    event(bea, noon(date(2025, 8, 3)), related="possible")
    wrong = event(bea, noon(date(2025, 8, 4)))
    event(bea, noon(date(2025, 8, 4)), severity="moderate", replaces=wrong)
    event(bea, noon(date(2025, 9, 1)))  # after the last day
    report = KIND.make(scope(cast))
    assert cells(report, "rates", "events", "events", "per_session") == (3, Decimal("375.00"))
    # 243 and 10 days are 0.69 years.
    assert cells(report, "rates", "events", "years", "per_year") == (
        *(Decimal("0.69"), Decimal("4.331")),
    )
    assert cells(report, "rates", "related", "events") == (1,)
    assert cells(report, "rates", "serious", "events", "per_year") == (1, Decimal("1.444"))
    assert [row.cells for row in table(report, "kinds").rows] == [
        ("Sharp pain", 1, 1, 0, 2, 0, 1, 0),
        ("Sudden back or rib pain", 0, 0, 1, 1, 1, 0, 0),
    ]
    assert cells(report, "kinds", "total", "all", "severe") == (3, 1)
    assert cells(report, "people", "events", "people", "of") == (2, 2)
    assert (report.lead.value, report.lead.code) == ("375.00", "AE")


def test_sessions_lost_after_an_event_end_with_the_next_one_attended(cast):
    jo = someone(cast.ana, "Jo", FIRST)
    day = date(2025, 3, 3)
    happened = visit(jo, day, ATTENDED)
    visit(jo, day - DAYS, EXCUSED)  # before it
    for number, status in enumerate((EXCUSED, CLINIC, NO_SHOW, ATTENDED, EXCUSED), 1):
        visit(jo, day + number * DAYS, status)
    visit(jo, day + 2 * DAYS, NO_SHOW, MAKE_UP, at=datetime(2025, 1, 1, 15, tzinfo=UTC).time())
    event(jo, Visit.objects.get(pk=happened.pk).starts_at, visit=happened)
    asked = scope(cast)
    assert cells(KIND.make(asked), "kinds", "sharp", "lost") == (2,)
    row = next(iter(KIND.behind(asked, "kinds", "sharp", "all").rows))
    assert row.cells[-2] == 2


def test_what_is_not_in_a_rate_stands_beside_it(cast):
    jo = someone(cast.ana, "Jo", FIRST)
    month(jo, 1)
    month(jo, 2, answered=False)
    month(jo, 3, asked=False, answered=False)
    fall(jo, date(2025, 1, 9))
    fall(jo, date(2025, 2, 9))
    taken = fall(jo, date(2025, 1, 10))
    fall(jo, date(2025, 1, 10), replaces=taken, taken_back_why="Sat down")
    report = KIND.make(scope(cast))
    assert [row.cells[1] for row in table(report, "months").rows] == [1, 1, 1, 1]
    # A month that is only in part within the dates is in no rate.
    assert cells(
        KIND.make(scope(cast, first=date(2025, 1, 2))), "months", "answered", "number"
    ) == (0,)


def test_a_share_is_one_of_those_in_training(cast):
    """An event of somebody who left before counts, but she is none of the people."""
    for number in range(3):
        someone(cast.ana, f"P {number}", FIRST)
    gone = someone(cast.ana, "Gone", date(2024, 1, 1), ended_on=date(2024, 6, 1))
    event(gone, noon(date(2025, 2, 2)))
    asked = scope(cast)
    report = KIND.make(asked)
    assert cells(report, "rates", "events", "events") == (1,)
    assert cells(report, "people", "events", "people", "of", "share") == (0, 3, Decimal("0.00"))
    assert len(list(KIND.behind(asked, "people", "events", "of").rows)) == 3
    assert list(KIND.behind(asked, "people", "events", "people").rows) == []


def test_a_day_of_two_enrollments_is_one_day(cast):
    """She left, and was taken in again as if she never had."""
    first = someone(cast.ana, "Jo", date(2025, 3, 1), ended_on=date(2025, 3, 10))
    again = {"client": first.client, "ended_on": date(2025, 3, 20)}
    someone(cast.ana, "Jo", date(2025, 3, 10), **again)
    event(first, noon(date(2025, 3, 3)))
    asked = scope(cast)
    # 1 to 20 March: 1 event in 20 days, ÷ 365.25.
    assert cells(KIND.make(asked), "rates", "events", "per_year") == (Decimal("18.263"),)
    [row] = KIND.behind(asked, "rates", "events", "years").rows
    assert row.cells[2] == 20


def test_nobody_is_a_sentence(cast):
    report = KIND.make(scope(cast, first=date(2019, 1, 1), last=date(2019, 2, 1)))
    assert report.nothing == "Nobody was in training from 1 January 2019 to 1 February 2019."


def test_an_organisation_counts_each_clinics_own_days_and_names_nobody(cast):
    late = datetime(2025, 9, 1, 3, tzinfo=UTC)  # 1 September in Brisbane, 31 August in New York
    event(someone(cast.ana, "Jo", FIRST), late)
    event(someone(cast.otto, "Olga", FIRST), late)
    asked = scope(cast, clinics=(cast.north, cast.harbor), named=False)
    report = KIND.make(asked)
    assert cells(report, "clinics", str(cast.north.pk), "events", "people") == (0, 1)
    assert cells(report, "clinics", str(cast.harbor.pk), "events", "people") == (1, 1)
    rows = list(KIND.behind(asked, "clinics", "total", "events").rows)
    assert len(rows) == 1
    assert "Olga" not in repr(rows)
    assert rows[0].href == ""


def test_what_is_of_somebody_else_is_in_no_figure(cast):
    jo = someone(cast.ana, "Jo", FIRST)
    event(jo, noon(date(2025, 2, 2)))
    month(jo, 1)
    fall(jo, date(2025, 1, 9))
    someone(cast.tess, "Bea", FIRST)
    asked = scope(cast)
    hers = Scope(
        asked.clinics, asked.enrollments.filter(therapist=cast.tess), asked.filters, asked.as_at
    )
    report = KIND.make(hers)
    assert cells(report, "rates", "events", "events") == (0,)
    assert cells(report, "rates", "falls", "events", "years") == (0, None)
    assert cells(report, "people", "events", "of") == (1,)


def test_a_figure_that_there_is_not_opens_nothing(cast):
    jo = someone(cast.ana, "Jo", FIRST)
    event(jo, noon(date(2025, 2, 2)))
    month(jo, 1)
    fall(jo, date(2025, 1, 9))
    asked = scope(cast, clinics=(cast.north, cast.harbor))
    for figure in (
        ("people", "events", "colour"),
        ("people", "colour", "of"),
        ("rates", "colour", "events"),
        ("rates", "falls", "sessions"),
        ("months", "colour", "number"),
        ("clinics", "x", "people"),
        ("kinds", "total", "colour"),
    ):
        assert KIND.behind(asked, *figure) is None, figure


def test_it_takes_six_queries_however_many_there_are(cast, django_assert_num_queries):
    for people in (1, 20):
        for number in range(people):
            jo = someone(cast.ana, f"Jo {people} {number}", FIRST)
            event(jo, noon(date(2025, 2, 2)))
            month(jo, 1)
            fall(jo, date(2025, 1, 9))
        with django_assert_num_queries(6):
            KIND.make(scope(cast))
        with django_assert_num_queries(1):
            KIND.behind(scope(cast), "rates", "events", "years")
        with django_assert_num_queries(1):
            KIND.behind(scope(cast), "months", "answered", "number")
