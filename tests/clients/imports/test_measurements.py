"""Past measurements from a file: whose, what, in which unit, and that the same is known."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from bonefit.clients.models import Measurement, ScanDevice
from tests.cast import Cast
from tests.clients.imports.tables import checked, file_of, logged_in, problems, taken_in

HEAD = "Result ID;Patient ID;Full name;DOB;Test;Date;Result;Unit;Side;Region;Scanner;T-score"
GOOD = f"""{HEAD}
M1;C1;;;tug;25.2.2025;11,4;s;;;;
M2;C1;;;Timed up and go;26.2.2026;10,9;;;;;
M3;C1;;;lumbar_bmd;25.2.2025;0,8123;g/cm2;;L1-L4;horizon;-2,4
M4;;Cal P.;BORN;total_hip_bmd;25.2.2025;0,801;g/cm²;left;;Horizon;
"""


@pytest.fixture
def ada(cast: Cast):
    ScanDevice.objects.create(clinic=cast.north, name="Horizon", added_by=cast.ada)
    cast.cal_client.external_id = "C1"
    cast.cal_client.save()
    return logged_in(cast.ada)


@pytest.fixture
def good(cast: Cast) -> str:
    cal = cast.cal_client
    return GOOD.replace("Cal P.", cal.name).replace("BORN", f"{cal.born_on:%d.%m.%Y}")


def test_values_are_kept_as_written_and_in_whole_parts(cast: Cast, ada, good):
    source = checked(ada, cast.ada, file_of(good), "measurements")
    assert problems(source) == []
    assert (source.status, source.made) == ("checked", 4)
    assert not Measurement.objects.exists(), "the check wrote"
    taken_in(ada, source)

    rows = {row.external_id: row for row in Measurement.objects.all()}
    assert all(row.client == cast.cal_client and row.imported == source for row in rows.values())
    assert (rows["M1"].measure, rows["M1"].amount, rows["M1"].entered) == ("tug", 114_000, "11,4")
    assert (rows["M2"].measure, rows["M2"].taken_on) == ("tug", date(2026, 2, 26))
    spine = rows["M3"]
    assert (spine.amount, spine.site, spine.side, spine.region) == (8123, "lumbar", "", "L1-L4")
    assert (spine.device.name, spine.t_score) == ("Horizon", Decimal("-2.4"))
    assert (rows["M4"].site, rows["M4"].side, rows["M4"].entered_unit) == (
        *("total_hip", "left"),
        "g/cm²",
    )


def test_the_same_file_again_is_known_also_without_numbers(cast: Cast, ada, good):
    taken_in(ada, checked(ada, cast.ada, file_of(good), "measurements"))
    source = checked(ada, cast.ada, file_of(good), "measurements")
    assert (source.made, source.known, source.bad) == (0, 4, 0)
    bare = good
    for number in range(1, 5):
        bare = bare.replace(f"M{number};", ";")
    source = checked(ada, cast.ada, file_of(bare), "measurements")
    assert (source.made, source.known, source.bad) == (0, 4, 0)
    taken_in(ada, source)
    assert Measurement.objects.count() == 4


def test_a_known_number_with_another_value_is_a_problem(cast: Cast, ada, good):
    taken_in(ada, checked(ada, cast.ada, file_of(good), "measurements"))
    source = checked(ada, cast.ada, file_of(good.replace("11,4", "12,4")), "measurements")
    (problem,) = problems(source)
    assert problem[:3] == (2, "Result ID", "M1")
    assert problem[3].startswith("This number is here already with another measurement:")
    assert "25 February 2025, 11.4 s" in problem[3]


@pytest.mark.parametrize(
    ("row", "column", "said"),
    [
        ("X;C9;;;tug;25.2.2025;11,4;;;;;", "Patient ID", "Nobody here has this number."),
        ("X;;Nobody;1.2.1950;tug;25.2.2025;11;;;;;", "Full name", "Nobody here has this name"),
        ("X;C1;Somebody;;tug;25.2.2025;11,4;;;;;", "Full name", "The client with this number is"),
        ("X;;;;tug;25.2.2025;11,4;;;;;", "Patient ID", "Whose it is does not stand here"),
        ("X;C1;;;yoga;25.2.2025;11,4;;;;;", "Test", "No measure has this name."),
        ("X;C1;;;tug;25.2.2027;11,4;;;;;", "Date", "still to come"),
        ("X;C1;;;tug;25.2.2025;11.4;;;;;", "Result", "The decimal sign of this file is the comma"),
        ("X;C1;;;tug;25.2.2025;500;;;;;", "Result", "cannot be"),
        ("X;C1;;;tug;25.2.2025;11,4;kg;;;;", "Unit", "is measured in s, not in kg."),
        ("X;C1;;;tug;25.2.2025;11,4;;left;;;", "Side", "is no bone scan"),
        ("X;C1;;;total_hip_bmd;25.2.2025;0,8;;;;;", "Side", "left or right"),
        ("X;C1;;;total_hip_bmd;25.2.2025;0,8;;up;;;", "Side", "Write left or right."),
        ("X;C1;;;lumbar_bmd;25.2.2025;0,8;;;;Lunar;", "Scanner", "There are: Horizon."),
        ("X;C1;;;lumbar_bmd;25.2.2025;0,8;;;;;-24", "T-score", "between −8.0 and 5.0"),
        ("X;C1;;;lumbar_bmd;25.2.2025;801;;;;;", "Result", "cannot be"),
        ("M1;C1;;;tug;1.2.2025;11,4;;;;;", "Result ID", "Row 2 has the same number."),
        (";C1;;;tug;25.2.2025;11,4;;;;;", "", "Row 2 says the same."),
    ],
)
def test_what_is_wrong_is_said_with_its_cell(cast: Cast, ada, good, row, column, said):
    source = checked(ada, cast.ada, file_of(f"{good}{row}\n"), "measurements", decimal=",")
    (problem,) = problems(source)
    assert problem[:2] == (6, column)
    assert said in problem[3]


def test_a_value_that_was_corrected_since_counts_as_known(cast: Cast, ada, good):
    taken_in(ada, checked(ada, cast.ada, file_of(good), "measurements"))
    first = Measurement.objects.get(external_id="M1")
    Measurement.objects.create(
        clinic=cast.north,
        client=first.client,
        measure="tug",
        taken_on=first.taken_on,
        amount=100_000,
        recorded_by=cast.ada,
        replaces=first,
        replaced_why="Typed wrong",
    )
    source = checked(ada, cast.ada, file_of(good), "measurements")
    assert (source.made, source.known, source.bad) == (0, 4, 0)
