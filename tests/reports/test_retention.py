"""Who is still there: by hand on a small clinic, and against a second implementation."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from programs.models import Enrollment, RuleSet
from sessions.models import Pause
from sessions.reports.pictures import Survival
from sessions.reports.retention import KIND
from sessions.reports.scope import By, Filters, Scope
from tests.reports.floor import (
    ATTENDED,
    NO_SHOW,
    PARTIAL,
    PLANNED,
    another_program,
    someone,
    visit,
)

FIRST, LAST = date(2025, 1, 6), date(2025, 12, 31)
NOW = datetime(2025, 12, 31, 2, tzinfo=UTC)  # noon in Brisbane


def scope(cast, first=FIRST, last=LAST, by=By.COHORT, as_at=NOW, **more):
    clinics = more.pop("clinics", (cast.north,))
    return Scope(
        clinics=clinics,
        enrollments=Enrollment.objects.filter(clinic__in=clinics),
        filters=Filters(first, last, by=by),
        as_at=as_at,
        **more,
    )


def table(report, key):
    return next(one for one in report.tables if one.key == key)


def cells(report, key, row, *columns):
    found = table(report, key)
    every = [*found.rows, *([found.total] if found.total else [])]
    line = next(one for one in every if one.key == row)
    names = [column.key for column in found.columns]
    return tuple(line.cells[names.index(column)] for column in columns)


def left(cast, name, week, kind="time", starts_on=FIRST):
    """Somebody who came once, in that week, and whose end was written down much later."""
    day = starts_on + timedelta(weeks=week - 1)
    one = someone(
        cast.ana, name, starts_on, ended_on=day + timedelta(days=60), end_kind=kind, end_reason="x"
    )
    visit(one, day, ATTENDED)
    return one


@pytest.fixture
def sheet(cast):
    """The ten people of protocol sheet 8.19."""
    for number, week in enumerate((4, 9, 16, 26)):
        left(cast, f"Left {number}", week)
    left(cast, "Moved", 12, "transfer")
    left(cast, "Died", 20, "died")
    for number in range(4):
        someone(
            cast.ana,
            f"Done {number}",
            FIRST,
            ended_on=FIRST + timedelta(days=244),
            status="finished",
        )
    return cast


def test_the_vector_of_the_protocol_sheet_holds_from_rows_to_the_page(sheet):
    report = KIND.make(scope(sheet))
    assert [row.cells[:4] for row in table(report, "curve").rows] == [
        (0, 10, 0, Decimal("100.0")),
        (4, 10, 1, Decimal("90.0")),
        (8, 9, 1, Decimal("90.0")),
        (12, 8, 2, Decimal("80.0")),
        (16, 7, 3, Decimal("68.6")),
        (20, 6, 3, Decimal("68.6")),
        (24, 5, 3, Decimal("68.6")),
        (28, 4, 4, Decimal("54.9")),
        (32, 4, 4, Decimal("54.9")),
        (35, 4, 4, Decimal("54.9")),
    ]
    assert cells(report, "curve", "28", "low", "high") == (Decimal("18.7"), Decimal("80.6"))
    assert (report.lead.value, report.lead.interval) == ("54.9", ("18.7", "80.6"))
    assert "60.0" not in repr(report), "six of ten is wrong here, and stands nowhere"
    picture = report.pictures["retention"]
    assert isinstance(picture, Survival)
    assert [round(share, 4) for _, share in picture.steps] == [
        *(1.0, 0.9, 0.8, 0.6857, 0.5486, 0.5486)
    ]
    assert picture.at_risk[:3] == ((0, 10), (4, 10), (8, 9))


def test_a_small_clinic_worked_out_by_hand(cast):
    """Five started in January, one in March; it is Wednesday 31 December 2025."""
    left(cast, "Ada", 4, "cost")
    left(cast, "Bea", 9, "")  # nobody said why: a dropout
    left(cast, "Cid", 9, "closed")
    someone(cast.ana, "Dot", FIRST, ended_on=FIRST, end_kind="no_wish", end_reason="")
    runs = someone(cast.ana, "Eve", FIRST)
    visit(runs, date(2025, 12, 29), PARTIAL)
    lapsed = someone(cast.tess, "Fay", date(2025, 3, 3))
    visit(lapsed, date(2025, 3, 10), ATTENDED)
    visit(lapsed, date(2025, 3, 17), NO_SHOW)
    report = KIND.make(scope(cast))

    counted = ("started", "left", "elsewhere", "finished", "running", "lapsed")
    assert cells(report, "groups", "2025-01", *counted) == (5, 3, 1, 0, 1, 0)
    assert cells(report, "groups", "2025-03", *counted) == (1, 0, 0, 0, 1, 1)
    assert cells(report, "groups", "total", *counted) == (6, 3, 1, 0, 2, 1)
    # Week 1: Dot of 6. Week 4: Ada of 5. Week 9: Bea of 4, Cid is at risk and taken out.
    assert cells(report, "curve", "0", "at_risk", "share") == (6, Decimal("100.0"))
    assert cells(report, "curve", "4", "at_risk", "left", "share") == (5, 2, Decimal("66.7"))
    assert cells(report, "curve", "12", "at_risk", "left", "share") == (2, 3, Decimal("50.0"))
    # Fay came in week 2, week 43 is now; if she has left: 5/6 × 4/5 × 3/4 × 2/3.
    assert cells(report, "curve", "12", "lapsed") == (Decimal("33.3"),)
    assert cells(report, "curves", "2025-03.35", "at_risk", "share") == (1, Decimal("100.0"))
    reasons = [row.cells for row in table(report, "reasons").rows]
    assert [(one[0], one[1], one[2], one[3], one[6]) for one in reasons] == [
        ("Cost", "Dropped out", 1, Decimal("25.0"), Decimal("4.0")),
        ("Did not want to go on", "Dropped out", 1, Decimal("25.0"), Decimal("1.0")),
        ("The clinic closed", "Left otherwise", 1, Decimal("25.0"), Decimal("9.0")),
        ("Not said", "Dropped out", 1, Decimal("25.0"), Decimal("9.0")),
    ]
    assert cells(report, "reasons", "total", "number", "week") == (4, Decimal("6.5"))
    assert report.notes[0].startswith("Of 1 withdrawal nobody has said")
    assert all(row.pale for row in table(report, "groups").rows)


def test_who_is_still_running_is_never_complete(cast):
    someone(cast.ana, "Jo", FIRST)
    report = KIND.make(scope(cast))
    assert cells(report, "groups", "total", "finished", "running") == (0, 1)
    early = KIND.make(scope(cast, as_at=datetime(2025, 1, 20, 2, tzinfo=UTC)))
    assert cells(early, "curve", "4", "at_risk", "share") == (0, None), "week 3 is now"
    assert early.lead.value == "100.0"
    assert early.lead.sentence.startswith("of those who started are expected still to be there")


def test_an_end_after_the_moment_has_not_happened_yet(cast):
    left(cast, "Jo", 9)
    early = KIND.make(scope(cast, as_at=datetime(2025, 2, 3, 2, tzinfo=UTC)))
    assert cells(early, "groups", "total", "left", "running") == (0, 1)


def running_and_lapsed(cast):
    return cells(KIND.make(scope(cast)), "groups", "total", "running", "lapsed")


def test_lapsed_follows_the_rule_of_f04_and_the_clinics_number(cast):
    today = date(2025, 12, 31)
    gone = someone(cast.ana, "Gone", FIRST)
    visit(gone, today - timedelta(days=20), ATTENDED)
    booked = someone(cast.ana, "Booked", FIRST)
    visit(booked, today + timedelta(days=40), PLANNED)
    here = someone(cast.ana, "Here today", FIRST)
    visit(here, today, PLANNED)
    away = someone(cast.ana, "Away", FIRST)
    Pause.objects.create(
        clinic=cast.north,
        enrollment=away,
        starts_on=today - timedelta(days=50),
        ends_on=today,
        why="Travels",
        added_by=cast.ana,
    )
    assert running_and_lapsed(cast) == (4, 0)
    Pause.objects.update(resumed_on=today - timedelta(days=30))
    assert running_and_lapsed(cast) == (4, 1), "she came back early, and has not been seen since"
    first = RuleSet.objects.get(clinic=cast.north)
    for number, days, begins in ((2, "20", NOW), (3, "90", NOW + timedelta(hours=1))):
        RuleSet.objects.create(
            clinic=cast.north,
            number=number,
            effective_from=begins,
            values={**first.values, "lapsed_days": days},
            inventory=first.inventory,
        )
    assert running_and_lapsed(cast) == (4, 2), (
        "twenty days are enough by the rules of now, not by the next ones"
    )


def test_a_seat_of_today_that_is_past_its_grace_holds_nobody(cast):
    jo = someone(cast.ana, "Jo", FIRST)
    one = visit(jo, date(2025, 12, 31), PLANNED)
    assert running_and_lapsed(cast) == (1, 0)
    type(one).objects.update(missed_after=NOW)
    assert running_and_lapsed(cast) == (1, 1)


def test_only_those_who_started_within_the_dates_are_in_it(cast):
    someone(cast.ana, "Before", FIRST - timedelta(days=1))
    someone(cast.ana, "First", FIRST)
    someone(cast.ana, "Last", LAST)
    someone(cast.ana, "To come", LAST + timedelta(days=1))
    someone(cast.ana, "Never", FIRST + timedelta(days=9), ended_on=FIRST)
    report = KIND.make(scope(cast))
    assert cells(report, "groups", "total", "started") == (2,)


def test_nobody_is_a_sentence_and_not_a_row_of_noughts(cast):
    report = KIND.make(scope(cast, first=date(2019, 1, 1), last=date(2019, 12, 31)))
    assert report.nothing.startswith("Nobody started a program from 1 January 2019")
    assert (report.tables, report.lead) == ((), None)
    empty = KIND.make(scope(cast, first=LAST, last=FIRST))
    assert empty.nothing


def test_groups_are_named_in_the_order_of_time_or_of_names(cast):
    thrice = another_program(cast.north, frequency=3, weeks=6, slug="arms")
    left(cast, "Ada", 4, starts_on=date(2025, 11, 3))
    someone(cast.tess, "Bea", FIRST, version=thrice)

    def by(kind):
        report = KIND.make(scope(cast, by=kind))
        return [row.cells[0] for row in table(report, "groups").rows]

    assert by(By.COHORT) == ["January 2025", "November 2025"]
    assert by(By.THERAPIST) == ["Ana T.", "Tess T."]
    assert by(By.PROGRAM)[0] == "Arms"
    assert by(By.CLINIC) == ["Northside"]
    assert by(By.CLIENT) == by(By.COHORT), "a client is not a group"


def test_an_organisation_counts_each_clinic_by_its_own_days_and_names_nobody(cast):
    zone_now = datetime(2025, 12, 31, 3, tzinfo=UTC)  # the 30th in New York
    someone(cast.otto, "Olga Z.", date(2025, 12, 31))
    someone(cast.ana, "Ann Z.", date(2025, 12, 31))
    clinics = (cast.north, cast.harbor)
    asked = scope(cast, by=By.CLINIC, as_at=zone_now, clinics=clinics, named=False)
    report = KIND.make(asked)
    assert [row.cells[:2] for row in table(report, "groups").rows] == [("Northside", 1)]
    rows = list(KIND.behind(asked, "groups", str(cast.north.pk), "started").rows)
    assert rows[0].cells[0].startswith("Enrollment ")
    assert "Ann" not in repr(rows)
    assert rows[0].href == ""


def test_a_start_behind_a_figure_says_what_became_of_it(sheet):
    someone(sheet.tess, "Fay", date(2025, 3, 3))
    asked = scope(sheet)
    told = next(iter(KIND.behind(asked, "reasons", "transfer", "number").rows))
    assert told.cells[0] == "Moved"
    assert told.cells[5:] == (
        "Left otherwise",
        "Moved away, or to another clinic: x",
        date(2025, 5, 23),
        date(2025, 3, 24),
        12,
    )
    assert told.href.startswith("/c/north/clients/")


@pytest.mark.parametrize(
    ("name", "row", "column"),
    [
        ("curve", "35", "share_35"),
        ("curve", "x", "left"),
        ("groups", "total", "share"),
        ("reasons", "total", "left"),
        ("else", "total", "left"),
    ],
)
def test_what_has_no_rows_behind_it_opens_nothing(sheet, name, row, column):
    assert KIND.behind(scope(sheet), name, row, column) is None


def test_it_is_one_query_however_many_there_are(sheet, django_assert_num_queries):
    for people in (0, 30):
        for number in range(people):
            left(sheet, f"More {number}", 1 + number % 30)
        with django_assert_num_queries(1):
            KIND.make(scope(sheet))
        with django_assert_num_queries(1):
            KIND.behind(scope(sheet), "groups", "total", "started")
