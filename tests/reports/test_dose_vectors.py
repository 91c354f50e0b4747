"""The dose as the protocol sheet works it out: 8.16 and 8.27, to the digit."""

from datetime import date, timedelta
from decimal import Decimal

from sessions.reports.dose import Dose
from sessions.reports.dose_report import make
from sessions.reports.table import share
from tests.reports.doses import asked, scope, sets, target
from tests.reports.floor import ATTENDED, NO_SHOW, moment, someone, visit

MONDAY = date(2025, 9, 1)
TARGETS = (
    target("hinge", 5, 5, "60"),
    target("squat", 5, 5, "45"),
    target("press", 5, 5, "20"),
)


def one_session(cast):
    """8.16: all of the deadlift, the squat short of 3 reps, four sets of the press."""
    jo = someone(cast.ana, "Jo", MONDAY)
    came = asked(visit(jo, MONDAY, ATTENDED), *TARGETS)
    sets(came, "hinge", 5, 5, 5, 5, 5, load="60")
    sets(came, "squat", 5, 5, 5, 4, 3, load="45")
    sets(came, "press", 5, 5, 5, 5, load="20")
    return jo


def asking(cast):
    last = MONDAY + timedelta(days=6)
    return scope(cast.north, first=MONDAY, last=last, as_at=moment(last))


def cells(report, table, key):
    found = next(one for one in report.tables if one.key == table)
    row = next(one for one in found.rows if one.key == key)
    return dict(zip([column.key for column in found.columns], row.cells, strict=True))


def test_8_16_one_attended_session(cast):
    jo = one_session(cast)

    report = make(asking(cast))

    row = cells(report, "lines", str(jo.pk))
    assert (row["asked"], row["asked_came"], row["done"]) == (3125, 3125, 2890)
    assert row["d2"] == row["d1"] == Decimal("92.48")
    lifts = {key: cells(report, "lifts", key)["d2"] for key in ("hinge", "squat", "press")}
    assert lifts == {"hinge": 100, "squat": 88, "press": 80}
    assert share(sum(lifts.values()), 300) == Decimal("89.3")
    assert share(sum(lifts.values()), 300, 2) == Decimal("89.33")


def test_8_16_with_an_equal_session_missed_the_dose_halves_as_attendance_does(cast):
    jo = one_session(cast)
    visit(jo, MONDAY + timedelta(days=3), NO_SHOW)

    row = cells(make(asking(cast)), "lines", str(jo.pk))

    assert (row["asked"], row["done"]) == (6250, 2890)
    assert (row["d1"], row["d2"]) == (Decimal("46.24"), Decimal("92.48"))
    assert share(row["came"], row["sessions"], 2) == 50


def test_8_27_totals_and_the_mean_of_individuals_are_two_figures(cast):
    """The published totals as two people: the totals' ratio is theirs, the mean is another one."""
    for name, prescribed, lifted in (("Jo", "100000", "90000"), ("Mo", "39886", "22835")):
        one = someone(cast.ana, name, MONDAY)
        # One rep of a thousandth of it, a thousand times less: a load has four digits in front.
        came = asked(visit(one, MONDAY, ATTENDED), target("hinge", 10, 10, _hundredth(prescribed)))
        sets(came, "hinge", 100, load=_hundredth(lifted))

    total = Dose(asking(cast)).total

    assert (total.sums.asked, total.sums.done) == (139_886 * 10_000, 112_835 * 10_000)
    assert share(total.sums.done, total.sums.asked, 2) == Decimal("80.66")
    assert share(112_835, 139_886, 2) == Decimal("80.66")
    mean = (Decimal(90) + Decimal(2283500) / Decimal(39886)) / 2
    assert total.d1.n == 2
    assert round(total.d1.mean, 6) == round(total.d1.median, 6) == round(mean, 6)
    lead, *beside = (make(asking(cast)).lead, *make(asking(cast)).beside)
    assert lead.value == "80.66"
    assert "Ratio of totals of 2 clients" in lead.sentence
    assert beside[0].value == "73.63"
    assert "mean of the clients’ own" in beside[0].sentence


def _hundredth(kilograms):
    return str(Decimal(kilograms) / 100)
