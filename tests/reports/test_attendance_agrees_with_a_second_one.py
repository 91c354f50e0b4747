"""Every number of the adherence report against plain Python, on invented clinics."""

from collections import defaultdict
from datetime import UTC, datetime, time, timedelta
from random import Random

import pytest

from sessions.reports.attendance_report import make
from sessions.reports.attendance_strips import strips_of
from sessions.reports.scope import By
from sessions.reports.table import shown
from tests.reports import second_attendance as second
from tests.reports.attendance_world import DAYS, FIRST, asked, invent

ZONES = ("Australia/Brisbane", "America/New_York", "Pacific/Chatham", "America/Havana")
NUMBERS = (
    "planned", "attended", "unrecorded", "no_show", "late_cancel", "cancelled_client", "excused",
    "clinic_cancelled", "closed", "offered", "counted", "prescribed", "make_up", "extra",
    "repaid", "credited", "flags", "events",
)  # fmt: skip
WHOLES = ("ever", "sessions", "due_4", "due_8")


def cells_of(table):
    """Printed cells by row and column; "total" is a row."""
    rows = [*table.rows, *([table.total] if table.total else [])]
    return {
        row.key: {
            column.key: shown(cell, column)
            for cell, column in zip(row.cells, table.columns, strict=True)
        }
        for row in rows
    }


def compare(cells, expected, by, phase):
    """Row by row, number by number."""
    assert set(cells) == {*expected, "total"}
    total = defaultdict(int)
    for numbers in expected.values():
        for name, number in numbers.items():
            total[name] += number
    for key, numbers in {**expected, "total": total}.items():
        row = cells[key]
        whole = by != By.PHASE and not phase
        for name in (*NUMBERS, *(WHOLES if whole else ())):
            if name in ("flags", "events") and by == By.PHASE:
                assert row[name] == ""
            elif by == By.PROGRAM and row[name] == "":
                assert numbers[name] == 0, (key, name)
            else:
                assert row[name] == str(numbers[name]), (key, name)
        for name, (hits, of) in second.SHARES.items():
            if name in ("a5", "a6_4", "a6_8") and not whole:
                assert row[name] == ""
            else:
                assert row[name] == second.percent(numbers[hits], numbers[of]), (key, name)
        credited = second.percent(numbers["credited"], numbers["counted"])
        assert row["a4"] == (credited if not credited or float(credited) < 100 else "100.0")
        if by == By.CLIENT and key != "total":
            assert row["longest"] == str(numbers["longest"]), key


@pytest.mark.parametrize("seed", range(6))
def test_both_agree_on_every_number(cast, seed):
    chance = Random(f"attendance {seed}")
    clinics = [cast.north, cast.harbor]
    for clinic in clinics:
        clinic.timezone = chance.choice(ZONES)
        clinic.save(update_fields=["timezone"])
    invent(cast.north, [cast.ana, cast.tess], chance)
    invent(cast.harbor, [cast.otto], chance)

    for _ in range(4):
        first = FIRST + timedelta(days=chance.randrange(-20, DAYS))
        last = first + timedelta(days=chance.choice([0, 6, 30, 90, 3650]))
        as_at = datetime.combine(
            FIRST + timedelta(days=chance.randrange(DAYS + 60)), time(chance.randrange(24)), UTC
        )
        chosen = chance.choice([clinics, clinics[:1], clinics[1:]])
        people = second.people_of(chosen, first, last, as_at)
        headline = chance.choice(["A1", "A2", "A3", "A5", "A6"])
        for by in By:
            phase = chance.choice(["", "", "LOAD"])
            expected = second.table(people, by.value, first, last, phase)
            report = make(
                asked(chosen, first, last, as_at=as_at, by=by, phase=phase, headline=headline)
            )

            if report.nothing:
                assert not expected or all(person.today < first for person in people)
                continue
            cells = cells_of(report.tables[0])
            compare(cells, expected, by, phase)
            _means(report, people, by, (first, last), phase, headline)
            _over_time(report, people, first, last, phase)


def _means(report, people, by, days, phase, headline):
    """Mean and median of the clients' own percentages: of each row, and of everybody."""
    code = {"A6": "a6_4"}.get(headline, headline.lower())
    if by == By.CLIENT or (phase and headline in ("A5", "A6")):
        return
    hits, of = second.SHARES[code]
    pairs = defaultdict(list)
    for person in people:
        for key, numbers in second.rows_of(person, by.value, *days, phase).items():
            pairs[key].append((numbers[hits], numbers[of]))
    cells = cells_of(report.tables[0])
    for key, found in pairs.items():
        assert (cells[key]["mean"], cells[key]["median"]) == second.mean_and_median(found), key


def _over_time(report, people, first, last, phase):
    """Months, weeks and phases add the same sessions up."""
    tables = {table.key: cells_of(table) for table in report.tables}
    expected = {"months": defaultdict(lambda: [0, 0, 0]), "weeks": defaultdict(lambda: [0, 0, 0])}
    expected["phases"] = defaultdict(lambda: [0, 0, 0])
    for person in people:
        for one in person.life:
            if one.purpose != "regular" or not first <= one.day <= last:
                continue
            if phase not in ("", one.phase):
                continue
            seen = (one.came, one.counts, one.counts or one.state == "excused")
            keys = {"months": f"{one.day:%Y-%m}", "phases": one.phase}
            if one.week >= 0:
                keys["weeks"] = str(one.week + 1)
            for table, key in keys.items():
                row = expected[table][key]
                row[:] = [a + b for a, b in zip(row, seen, strict=True)]
    for table, rows in expected.items():
        if table not in tables:
            continue
        for key, (attended, counted, offered) in rows.items():
            if not offered:
                continue
            row = tables[table][key]
            assert (row["attended"], row["counted"]) == (str(attended), str(counted)), (table, key)
            assert row["a3"] == second.percent(attended, counted)
        assert sum(int(row["attended"]) for row in tables[table].values()) == sum(
            row[0] for row in rows.values()
        )


@pytest.mark.parametrize("seed", range(2))
def test_the_months_prescribe_what_the_rows_do(cast, seed):
    chance = Random(f"months {seed}")
    invent(cast.north, [cast.ana, cast.tess], chance)
    for phase in ("", "LOAD"):
        for days in (10, 75, 300):
            first = FIRST + timedelta(days=chance.randrange(-20, 60))
            scope = asked([cast.north], first, first + timedelta(days=days), phase=phase)

            tables = {table.key: cells_of(table) for table in make(scope).tables}

            if not tables:
                continue  # nobody was in that phase
            by_month = sum(int(row["prescribed"]) for row in tables["months"].values())
            assert str(by_month) == tables["clients"]["total"]["prescribed"]


def test_the_pictures_show_every_session_of_the_rows(cast):
    chance = Random("strips")
    invent(cast.north, [cast.ana, cast.tess], chance)
    scope = asked([cast.north], FIRST, FIRST + timedelta(days=120))

    _, strips = strips_of(scope, [row.key for row in make(scope).tables[0].rows])

    for key, row in cells_of(make(scope).tables[0]).items():
        if key == "total":
            continue
        said = strips[key].label if key in strips else "no session"
        beside = int(row["make_up"]) + int(row["extra"])
        words = [
            (row["attended"], "attended"),
            (row["no_show"], "no-show"),
            (row["late_cancel"], "cancelled late"),
            (row["cancelled_client"], "cancelled in time"),
            (row["unrecorded"], "unrecorded"),
            (row["excused"], "excused"),
            (str(int(row["clinic_cancelled"]) + int(row["closed"])), "clinic"),
            (str(beside), "make-up or extra"),
        ]
        expected = ", ".join(f"{number} {word}" for number, word in words if number != "0")
        assert said == (expected or "no session"), row["name"]
