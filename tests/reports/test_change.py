"""What changed in those who were measured again: by hand, by a second implementation, and oddly."""

import random
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from fractions import Fraction
from statistics import median

import pytest

from bonefit.clients.measured import numbers_of
from bonefit.clients.models import Measurement, PrecisionStudy, ScanDevice
from sessions.reports.change import changes
from sessions.reports.change_report import KIND, make
from sessions.reports.stats import middle, student_t
from tests.reports.doses import scope, sets
from tests.reports.floor import ATTENDED, someone, visit
from tests.reports.second_change import T, lifts, measures, summary

FIRST = date(2025, 9, 1)
LAST = date(2026, 3, 1)
AS_AT = datetime.combine(LAST, time(12), UTC)
LSC = 277  # in 0.0001 g/cm²


def asking(cast, **more):
    return scope(cast.north, **{"first": FIRST, "last": LAST, "as_at": AS_AT, **more})


@pytest.fixture
def scanner(cast):
    """A scanner with a precision study of 15 people: an LSC of 0.0277 g/cm² at the spine."""
    device = ScanDevice.objects.create(clinic=cast.north, name="Room 1", added_by=cast.ada)
    PrecisionStudy.objects.create(
        clinic=cast.north,
        device=device,
        site="lumbar",
        done_on=FIRST,
        repeats=[[8000, 8100, 8200]] * 15,
        rms_micro=10_000,
        lsc_micro=LSC * 100,
        recorded_by=cast.ada,
    )
    return device


def measured(person, slug, days, value, **more):
    """One value so many days after the first one; None: not done."""
    if value is None:
        more["not_done"] = "Pain"
    if slug.endswith("_bmd"):
        more = {"site": slug.removesuffix("_bmd"), "region": "L1-L4", **more}
    return Measurement.objects.create(
        clinic=person.clinic,
        client_id=person.client_id,
        measure=slug,
        taken_on=FIRST + timedelta(days=days),
        amount=None if value is None else int(Decimal(str(value)) * 10_000),
        recorded_by=person.therapist,
        **more,
    )


def cells(report, table, key):
    found = next(one for one in report.tables if one.key == table)
    row = next(one for one in found.rows if one.key == key)
    return dict(zip([column.key for column in found.columns], row.cells, strict=True))


@pytest.fixture
def five(cast, scanner):
    """Five rise faster from a chair; one of six was not measured again, one never."""
    people = [someone(cast.ana, f"Jo {number}", FIRST) for number in range(7)]
    for person, (before, after) in zip(
        people, [(12, 9), (14, 11), (13, 11), (15, 12), (16, 12)], strict=False
    ):
        measured(person, "sts5", 1, before)
        measured(person, "sts5", 100, after + 1)
        measured(person, "sts5", 170, after)
    measured(people[5], "sts5", 1, 13)
    measured(people[5], "sts5", 90, None)
    for person, after in zip(people, [0.83, 0.8277, 0.8276, 0.77], strict=False):
        measured(person, "lumbar_bmd", 0, 0.8, device=scanner)
        measured(person, "lumbar_bmd", 170, after, device=scanner)
    measured(people[4], "lumbar_bmd", 0, 0.8, device=scanner)
    measured(people[4], "lumbar_bmd", 170, 0.9, device=scanner, region="L2-L4")
    return people


def test_a_small_clinic_worked_out_by_hand(cast, five):
    report = make(asking(cast))

    rise = cells(report, "measures", "sts5")
    assert [rise[name] for name in ("enrolled", "both", "once", "never", "not_done")] == [
        *(7, 5, 1, 1, 1)
    ]
    # −3, −3, −2, −3, −4: mean −3, SD √0.5, and t of 4 degrees of freedom is 2.776.
    assert [rise[name] for name in ("mean", "low", "high", "median")] == [
        *(Decimal("-3.00"), Decimal("-3.88"), Decimal("-2.12"), Decimal("-3.00"))
    ]
    assert rise["percent"] == Decimal("-21.4")  # −25, −21.43, −15.38, −20, −25
    assert [rise[name] for name in ("judged", "better", "worse", "better_share")] == [
        *(5, 4, 0, Decimal("80.0"))
    ]

    bone = cells(report, "measures", "lumbar_bmd")
    assert [bone[name] for name in ("both", "incomparable", "once", "never")] == [4, 1, 0, 2]
    assert [bone[name] for name in ("judged", "better", "worse")] == [4, 2, 1]
    assert bone["mean"] == Decimal("0.0138")  # 300, 277, 276 and −300 of 0.0001
    assert (bone["low"], bone["high"]) == (None, None), "four are too few for an interval"
    assert bone["beyond_share"] == Decimal("75.0")

    assert report.lead.value == "5"
    assert "of 7 clients" in report.lead.sentence
    assert "2.9" in str([row.cells for row in report.tables[-1].rows])
    assert any("1 retests are missing" in note for note in report.notes)
    assert all(row.pale for row in report.tables[0].rows)


def test_nothing_is_promised_and_survivors_are_called_so(cast, five):
    report = make(asking(cast))

    said = " ".join([*report.notes, *(rule for _, rule in KIND.rules), report.lead.sentence])
    assert "A mean of a group. What one person can expect does not follow from it." in said
    assert "those who stayed" in said
    assert "Nobody is promised bone" in said
    for picture in report.pictures.values():
        assert "What one person can expect" in picture.words
    assert set(report.pictures) == {"change"}


def test_what_is_behind_a_figure_is_as_many_as_it_says(cast, five):
    question = asking(cast)
    report = make(question)
    for table in report.tables[:1]:
        for row in table.rows:
            figures = dict(zip([c.key for c in table.columns], row.cells, strict=True))
            for column in ("enrolled", "both", "once", "never", "incomparable", "judged", "better"):
                rows = KIND.behind(question, table.key, row.key, column).rows
                assert len(rows) == figures[column], (row.key, column)
    rows = KIND.behind(question, "measures", "sts5", "mean").rows
    assert rows[0].cells[:1] + rows[0].cells[3:] == (
        "Jo 0",
        Decimal("12.0000"),
        FIRST + timedelta(days=170),
        Decimal("9.0000"),
        Decimal("-3.0000"),
        Decimal("-25.0"),
        "better, beyond measurement error",
        "MDC 2.5 s",
        None,
    )
    (once,) = KIND.behind(question, "measures", "sts5", "once").rows
    assert once.cells[-3] == "not measured again"
    (other,) = KIND.behind(question, "measures", "lumbar_bmd", "incomparable").rows
    assert other.cells[-3:-1] == ("not comparable", "another region")
    assert KIND.behind(question, "measures", "tug", "both") is None
    assert KIND.behind(question, "measures", "sts5", "unit") is None


def test_an_empty_clinic_and_one_in_which_nobody_was_measured_say_so(cast):
    assert make(asking(cast)).nothing
    someone(cast.ana, "Jo", FIRST)
    assert make(asking(cast)).nothing


def test_a_corrected_value_counts_as_corrected_and_one_of_another_day_does_not(cast, five):
    wrong = Measurement.objects.filter(measure="sts5", amount=90_000).get()
    again = measured(five[0], "sts5", 170, 10, replaces=wrong, replaced_why="Typed wrong")
    measured(five[0], "sts5", 400, 5)
    measured(five[0], "sts5", -1, 50)

    rise = cells(make(asking(cast)), "measures", "sts5")

    assert again.value == 10
    assert rise["mean"] == Decimal("-2.80")


def test_a_scanner_without_a_study_says_nothing_of_a_change(cast, five):
    PrecisionStudy.objects.all().delete()

    bone = cells(make(asking(cast)), "measures", "lumbar_bmd")

    assert (bone["both"], bone["judged"], bone["better"]) == (4, 0, 0)
    assert bone["better_share"] is None


def test_who_left_and_came_back_counts_once(cast):
    jo = someone(cast.ana, "Jo", FIRST, ended_on=FIRST + timedelta(days=50))
    back = someone(cast.ana, "Jo", FIRST + timedelta(days=80), client=jo.client)
    measured(jo, "tug", 1, 12)
    measured(back, "tug", 90, 9)

    told = cells(make(asking(cast)), "measures", "tug")

    assert (told["enrolled"], told["both"], told["mean"]) == (1, 1, -3)


@pytest.mark.parametrize("freedom", sorted(T))
def test_students_t_is_that_of_a_printed_table(freedom):
    assert round(student_t(freedom), 3) == T[freedom]


def test_student_t_of_one_and_of_many():
    assert round(student_t(1), 3) == 12.706
    assert round(student_t(1000), 3) == 1.962
    with pytest.raises(ValueError):
        student_t(0)
    assert middle([]).mean is None


@pytest.mark.parametrize("people", [1, 9])
def test_a_report_is_as_many_queries_for_many_as_for_one(cast, people, django_assert_num_queries):
    for number in range(people):
        measured(someone(cast.ana, f"Jo {number}", FIRST), "tug", 1, 12)
    make(asking(cast))
    with django_assert_num_queries(2):
        report = make(asking(cast))
    with django_assert_num_queries(3):
        assert [len(list(table.rows)) for table in report.tables] == [0, 1, 0]


@pytest.mark.parametrize("seed", range(4))
def test_a_second_implementation_agrees(cast, scanner, seed):
    chance = random.Random(f"change {seed}")
    for number in range(13):
        _invent(someone(cast.ana, f"Jo {number:02}", FIRST), scanner, chance)
    first = FIRST + timedelta(days=chance.choice([0, 30]))
    last = FIRST + timedelta(days=chance.choice([100, 180]))
    numbers = numbers_of(cast.north)

    def bound(slug):
        return Decimal(LSC) / 10_000 if slug == "lumbar_bmd" else numbers[slug].get("mdc")

    report = make(asking(cast, first=first, last=last))

    theirs = measures(first, last, LAST, bound)
    assert theirs
    for (slug, side), told in theirs.items():
        ours = cells(report, "measures", f"{slug}-{side}" if side else slug)
        assert ours["once"] == told["once"]
        if "incomparable" in ours:
            assert ours["incomparable"] == told["incomparable"]
        falls = slug in ("tug", "sts5")
        assert ours["better"] == told["down" if falls else "up"]
        assert ours["worse"] == told["up" if falls else "down"]
        agree(ours, summary(told["changes"]), 4 if slug.endswith("_bmd") else 2)
    for lift, told in lifts(cast.north, first, last, AS_AT).items():
        ours = cells(report, "lifts", lift)
        assert ours["once"] == told["once"]
        agree(ours, summary(told["changes"]), 2)


@pytest.mark.parametrize("seed", range(4))
def test_what_the_page_leads_with_is_counted_as_the_pairs_are(cast, scanner, seed):
    chance = random.Random(f"told {seed}")
    people = [someone(cast.ana, f"Jo {number:02}", FIRST) for number in range(13)]
    for person in people:
        _invent(person, scanner, chance)
    for one in list(Measurement.objects.order_by("pk"))[::7]:
        same = {name: getattr(one, name) for name in ("device", "region") if one.site}
        days = (one.taken_on - FIRST).days + chance.choice([0, 200])
        of = next(person for person in people if person.client_id == one.client_id)
        value = chance.choice([None, chance.randrange(1, 20)])
        measured(of, one.measure, days, value, replaces=one, replaced_why="Wrong", **same)
    found = changes(asking(cast))

    assert set(found.told.both) == set(found.measures)
    for key, pairs in found.measures.items():
        assert sorted(found.told.both[key]) == sorted(one.client for one in pairs if one.both)
    every = [one for pairs in found.measures.values() for one in pairs]
    assert found.told.once == sum(one.first is not None and one.last is None for one in every)
    assert found.told.people == len(found.people) == 13


def test_a_mean_and_a_median_are_exact_where_floats_are_alike():
    near = [Fraction(10**20 + more, 10**20) for more in (2, 0, 1, 3)]
    assert middle(near[:3]).median == near[2]
    assert middle(near).median == (near[0] + near[2]) / 2
    chance = random.Random("middle")
    for n in (1, 2, 5, 40):
        some = [Fraction(chance.randrange(-50, 50), chance.randrange(1, 9)) for _ in range(n)]
        assert middle(some).median == median(some)
        assert middle(some).mean == sum(some, Fraction(0)) / n


def agree(ours, theirs, places):
    assert ours["both"] == theirs["both"]
    for name in ("mean", "median", "low", "high"):
        near(ours[name], theirs.get(name), places)
        key = "percent" if name == "mean" else f"percent_{name}"
        near(ours[key], theirs.get(f"percent_{name}"), 1)


def near(ours, theirs, places):
    """Rounded as it is printed; the printed t has three digits."""
    assert (ours is None) == (theirs is None)
    if ours is not None:
        wide = 0.51 * 10**-places + 0.001 * abs(float(theirs)) + 0.001
        assert abs(float(ours) - float(theirs)) <= wide


def _invent(person, scanner, chance):
    for slug, usual in (("tug", 12), ("sts5", 14), ("lumbar_bmd", 0.8)):
        for _ in range(chance.randrange(4)):
            value = round(usual * chance.uniform(0.7, 1.3), 4)
            more = {}
            if slug == "lumbar_bmd":
                more = {"device": scanner, "region": chance.choice(["L1-L4", "L1-L4", "L2-L4"])}
            done = None if chance.random() < 0.1 else value
            measured(person, slug, chance.randrange(190), done, **more)
    for number in range(chance.randrange(6)):
        when = FIRST + timedelta(days=chance.randrange(20) + 30 * number)
        came = visit(person, when, ATTENDED, at=time(chance.choice([0, 23])))
        for lift, rungs in {
            "hinge": ("kettlebell-deadlift", "deadlift"),
            "squat": ("back-squat",),
        }.items():
            sets(
                came,
                lift,
                *(chance.choice([3, 5, 12]) for _ in range(3)),
                load=str(chance.randrange(30, 90)),
                exercise=chance.choice(rungs),
                rpe=chance.choice([None, 16, 17, 18]),
                clean=chance.choice([True, None, False]),
            )
