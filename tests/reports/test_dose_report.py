"""The dose report of small clinics, worked out by hand, and what it says of odd ones."""

from dataclasses import replace
from datetime import date, time, timedelta
from decimal import Decimal

import pytest

from sessions.models import DoseReady, Visit
from sessions.reports import rollups
from sessions.reports.dose_report import KIND, make
from sessions.reports.pictures import Bars
from sessions.reports.scope import By
from tests.reports.doses import asked, landed, scope, sets, target
from tests.reports.floor import (
    ATTENDED,
    CLINIC,
    EXCUSED,
    EXTRA,
    MAKE_UP,
    NO_SHOW,
    PLANNED,
    moment,
    someone,
    visit,
)

MONDAY = date(2025, 9, 1)
LAST = date(2025, 9, 28)
SIXTY = target("hinge", 5, 5, "60")


def day(number):
    return MONDAY + timedelta(days=number)


def asking(cast, **more):
    more = {"first": MONDAY, "last": LAST, "as_at": moment(LAST), **more}
    return scope(cast.north, **more)


def table(report, key):
    return next(one for one in report.tables if one.key == key)


def cells(report, key, row):
    found = table(report, key)
    rows = {one.key: one for one in found.rows} | {"total": found.total}
    return dict(zip([column.key for column in found.columns], rows[row].cells, strict=True))


@pytest.fixture
def clinic(cast):
    """Jo comes, misses, makes up and comes for more; Mo is missed before anything is known."""
    jo = someone(cast.ana, "Jo", MONDAY)
    came = asked(visit(jo, day(0), ATTENDED), SIXTY, target("impact", 3, landings=10, level=1))
    sets(came, "hinge", 5, 5, 5, 5, 5, load="60", rpe=17)
    sets(came, "hinge", 5, 5, load="30", kind="warm_up")
    landed(came, 10, 10, level=1)
    landed_low = sets(
        came, "impact", None, first=3, landings=5, landing_level=0, prescribed_landings=10
    )
    assert landed_low
    missed = visit(jo, day(3), NO_SHOW)
    again = asked(visit(jo, day(5), ATTENDED, MAKE_UP), target("hinge", 5, 5, "62"))
    again.makes_up = missed
    again.save(update_fields=["makes_up"])
    sets(again, "hinge", 5, 5, 5, 5, load="62", rpe=16)
    visit(jo, day(7), EXCUSED)
    visit(jo, day(10), CLINIC)
    more = asked(visit(jo, day(12), ATTENDED, EXTRA), SIXTY)
    sets(more, "hinge", 5, load="60", rpe=None)
    visit(jo, day(60), PLANNED)
    mo = someone(cast.ana, "Mo", MONDAY, therapist=cast.tess)
    visit(mo, day(1), NO_SHOW)
    came = asked(visit(mo, day(8), ATTENDED), target("squat", 5, 5, "40"), phase="BUILD")
    sets(came, "squat", 5, 5, 5, load="40", rpe=18)
    sets(came, "press", 5, load="20", prescribed_load=None)
    return jo, mo


@pytest.mark.parametrize("kept", [False, True])
def test_a_small_clinic_worked_out_by_hand(cast, clinic, kept):
    jo, mo = clinic
    if kept:
        rollups.keep(rollups.waiting(moment(LAST)), moment(LAST))
    report = make(asking(cast))

    hers = cells(report, "lines", str(jo.pk))
    # Two came, two missed whose prescription is the last one before: 62. The no-show was made up.
    assert [hers[name] for name in ("sessions", "came", "missed", "excused", "unknown")] == [
        *(4, 2, 2, 2, 0)
    ]
    assert (hers["asked"], hers["asked_came"]) == (1500 + 3 * 1550, 3050)
    assert (hers["done"], hers["beside"]) == (1500 + 1240, 300)
    assert (hers["d1"], hers["d2"]) == (Decimal("44.55"), Decimal("89.84"))
    # Nothing was known before the first session: its 5 sets. Then 4 of 62 beside 60 × 1.08… : hits.
    assert [hers[name] for name in ("rated", "hits", "not_rated", "no_effort")] == [5, 4, 5, 1]
    assert (hers["landings_asked"], hers["landings"], hers["d4"]) == (30, 25, Decimal("83.33"))

    other = cells(report, "lines", str(mo.pk))
    assert [other[name] for name in ("sessions", "missed", "unknown")] == [2, 1, 1]
    assert (other["asked"], other["done"], other["beside"]) == (1000, 600, 100)
    assert other["rated"] == other["not_rated"] == 0, "she was not in the LOAD phase"

    whole = cells(report, "lines", "total")
    assert (whole["asked"], whole["done"]) == (7150, 3340)
    assert whole["d1"] == Decimal("46.71")
    assert (whole["d1_mean"], whole["d1_median"]) == (Decimal("52.28"), Decimal("52.28"))
    assert report.lead.value == "46.71"

    assert cells(report, "levels", "1")["landings_asked"] == 30
    assert cells(report, "levels", "1")["landings"] == 20
    assert cells(report, "levels", "0")["landings"] == 5
    assert cells(report, "levels", "0")["d4"] is None
    assert [row.key for row in table(report, "lifts").rows] == ["hinge", "press", "squat"]
    assert [row.key for row in table(report, "months").rows] == [
        *("2025-09.hinge", "2025-09.press", "2025-09.squat")
    ]
    bars = report.pictures["lifts"]
    assert isinstance(bars, Bars)
    assert bars.groups == (("2025-09", {"Deadlift": 2740.0, "Back squat": 600.0}),)


@pytest.mark.parametrize("by", [By.THERAPIST, By.PROGRAM, By.PHASE, By.COHORT, By.CLINIC])
def test_the_rows_add_up_to_the_total_whatever_a_row_is(cast, clinic, by):
    report = make(asking(cast, by=by))

    whole = cells(report, "lines", "total")
    rows = [cells(report, "lines", row.key) for row in table(report, "lines").rows]
    for name in ("sessions", "missed", "asked", "done", "beside", "hits", "landings"):
        assert sum(row[name] for row in rows) == whole[name], name
    assert all(row.pale for row in table(report, "lines").rows), "two clients are too few"
    if by == By.THERAPIST:
        assert [row["name"] for row in rows] == ["Ana T.", "Tess T."]


def test_filters_compose(cast, clinic):
    whole = cells(make(asking(cast)), "lines", "total")["asked"]
    weeks = [(day(0), day(6)), (day(7), day(13)), (day(14), LAST)]
    parts = [make(asking(cast, first=first, last=last)) for first, last in weeks]
    found = [cells(one, "lines", "total")["asked"] for one in parts if not one.nothing]
    assert sum(found) == whole
    assert parts[2].nothing.startswith("In these days")
    phases = [make(asking(cast, phase=code)) for code in ("INTRO", "BUILD", "LOAD")]
    assert sum(cells(one, "lines", "total")["asked"] for one in phases if not one.nothing) == whole
    assert make(asking(cast, phase="LOAD")).nothing


def test_an_empty_clinic_and_one_whose_clients_never_came_say_so(cast):
    assert make(asking(cast)).nothing
    someone(cast.ana, "Jo", MONDAY)
    assert make(asking(cast)).nothing


def test_zero_days_ten_years_and_from_after_to(cast, clinic):
    assert cells(make(asking(cast, last=MONDAY)), "lines", "total")["done"] == 1500
    ten = asking(cast, first=date(2020, 1, 1), last=date(2029, 12, 31))
    assert cells(make(ten), "lines", "total")["done"] == 3340
    assert make(asking(cast, first=LAST, last=MONDAY)).nothing


def test_a_session_at_midnight_belongs_to_the_day_of_its_own_clinic_over_a_clock_change(cast):
    cast.north.timezone = "America/New_York"
    cast.north.save(update_fields=["timezone"])
    jo = someone(cast.ana, "Jo", date(2025, 11, 1))
    for when in (date(2025, 11, 1), date(2025, 11, 2), date(2025, 11, 3)):
        came = asked(visit(jo, when, ATTENDED, at=time(23, 59)), SIXTY)
        sets(came, "hinge", 5, load="60")
    sunday = date(2025, 11, 2)

    report = make(asking(cast, first=sunday, last=sunday, as_at=moment(date(2025, 12, 1))))

    assert cells(report, "lines", str(jo.pk))["done"] == 300


def test_silence_past_its_grace_is_missed_whether_or_not_a_sweep_has_come_by(cast):
    jo = someone(cast.ana, "Jo", MONDAY)
    came = asked(visit(jo, day(0), ATTENDED), SIXTY)
    sets(came, "hinge", 5, load="60")
    visit(jo, day(3), PLANNED)
    rollups.keep(rollups.waiting(moment(day(2))), moment(day(2)))
    early = asking(cast, as_at=moment(day(3), time(1)))
    late = asking(cast, as_at=moment(day(4)))

    assert cells(make(early), "lines", "total")["missed"] == 0
    assert cells(make(late), "lines", "total")["missed"] == 1
    assert cells(make(late), "lines", "total")["asked"] == 3000
    Visit.objects.filter(status=PLANNED).update(status="unrecorded")
    assert cells(make(late), "lines", "total")["missed"] == 1


def test_what_is_behind_a_figure(cast, clinic):
    jo, _ = clinic
    question = asking(cast)
    for column, number in (
        ("missed", 2),
        ("excused", 2),
        ("hits", 4),
        ("not_rated", 5),
        ("done", 2),
    ):
        found = KIND.behind(question, "lines", str(jo.pk), column)
        assert len(found.rows) == number, column
    sets_behind = KIND.behind(question, "lines", str(jo.pk), "no_effort")
    assert [row.cells[-1] for row in sets_behind.rows] == ["no"]
    assert KIND.behind(question, "lines", "total", "unknown").rows[0].cells[:3] == (
        day(1),
        "Mo",
        "No-show",
    )
    assert len(KIND.behind(question, "lifts", "squat", "done").rows) == 1
    assert len(KIND.behind(question, "months", "2025-09.hinge", "d1").rows) == 4
    assert len(KIND.behind(question, "phases", "INTRO.hinge", "asked_came").rows) == 2
    assert len(KIND.behind(question, "levels", "0", "landings").rows) == 1
    assert len(KIND.behind(question, "levels", "total", "d4").rows) == 2
    assert [row.cells[1:] for row in KIND.behind(question, "lines", "total", "people").rows]
    assert KIND.behind(question, "months", "2025-09.hinge", "people") is None
    assert KIND.behind(question, "nothing", "total", "done") is None


def test_names_are_for_those_who_may_read_them(cast, clinic):
    jo, _ = clinic
    question = asking(cast)
    hidden = replace(question, named=False)

    assert cells(make(hidden), "lines", str(jo.pk))["name"] == f"Enrollment {jo.pk}"
    rows = KIND.behind(hidden, "lines", str(jo.pk), "missed").rows
    assert {row.cells[1] for row in rows} == {f"Enrollment {jo.pk}"}


@pytest.mark.parametrize("people", [1, 12])
def test_a_report_is_as_many_queries_for_many_as_for_one(cast, people, django_assert_num_queries):
    for number in range(people):
        one = someone(cast.ana, f"Jo {number}", MONDAY)
        came = asked(visit(one, day(0), ATTENDED), SIXTY)
        sets(came, "hinge", 5, load="60")
    rollups.keep(rollups.waiting(moment(LAST))[: people // 2], moment(LAST))
    assert DoseReady.objects.count() == people // 2
    question = asking(cast)
    make(question)  # the clinic's rules are read once a process

    with django_assert_num_queries(2):
        make(question)


def test_the_cells_fit_the_columns_and_the_columns_are_named_once(cast, clinic):
    for one in make(asking(cast)).tables:
        keys = [column.key for column in one.columns]
        assert len(keys) == len(set(keys))
        assert all(len(row.cells) == len(keys) for row in one.rows)
        assert one.opens <= set(keys)
        known = [columns for title, columns in KIND.columns if title == one.title]
        assert known == [one.columns]
