"""Files that are no table, too large, or oddly named: a clear message beside the field."""

from __future__ import annotations

import re

import pytest
from django.core.files.storage import storages

from bonefit.clients.importing.files import said_name
from bonefit.clients.models import Client, Import
from tests.cast import Cast
from tests.clients.imports.tables import (
    CLIENTS,
    HEAD,
    address,
    checked,
    file_of,
    logged_in,
    problems,
    taken_in,
    upload,
    uploaded,
    words,
)

ROW = 'P1,{},1951-03-04,f,"Ben",,,{}'


@pytest.fixture
def ada(cast: Cast):
    return logged_in(cast.ada)


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "The file is empty. Choose it again."),
        (b"PK\x03\x04rest of a workbook", "This is an Excel workbook, not a CSV file."),
        (b"\xd0\xcf\x11\xe0old workbook", "choose File, Save as, and there CSV UTF-8"),
        (b"%PDF-1.7 ...", "This is no table in a text file, whatever its name says."),
        (b"MZ\x90\x00" + bytes(200), "This is no table in a text file, whatever its name says."),
        (bytes(range(256)) * 20, "This is no table in a text file, whatever its name says."),
        (b"\n\n  \n", "There is nothing in the file but blank lines."),
        (b"Name,Born\n", "The file has one row only."),
        (b",".join([b"a"] * 101) + b"\nx\n", "more than 100 columns"),
    ],
)
def test_what_is_no_table_is_said_beside_the_field(cast: Cast, ada, data, said):
    response = upload(ada, cast.ada, file_of(data, "clients.csv"))
    assert response.status_code == 422
    assert said in words(response)
    assert not Import.objects.exists()


def test_forty_megabytes_are_refused_beside_the_field_and_nothing_is_kept(cast: Cast, ada):
    row = ROW.format("Joan A.", "x" * 900).encode() + b"\n"
    data = HEAD.encode() + b"\n" + row * (40 * 1024 * 1024 // len(row))
    response = upload(ada, cast.ada, file_of(data))
    assert response.status_code == 422
    page = words(response)
    assert "The file is larger than 10 MB." in page
    assert "part it into several files" in page
    chosen = re.search(r'<input[^>]*value="clients"[^>]*>', response.content.decode())
    assert chosen is not None
    assert "checked" in chosen.group()
    assert not Import.objects.exists()


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("../../etc/passwd.csv", "passwd.csv"),
        ("C:\\Users\\Ada\\clients.csv", "clients.csv"),
        ("a\u202evsc.exe\x00.csv", "avsc.exe.csv"),
        ("...", "table.csv"),
        ("x" * 300 + ".csv", "x" * 156 + ".csv"),
    ],
)
def test_a_name_with_slashes_is_its_last_part(name, said):
    assert said_name(name) == said


def test_where_a_file_is_kept_has_nothing_of_its_name(cast: Cast, ada):
    source = uploaded(ada, cast.ada, file_of(CLIENTS, "../../clients/../x.csv"))
    assert source.name == "x.csv"
    assert str(source.file.name).startswith("imports/")
    assert "x.csv" not in str(source.file.name)
    assert storages["private"].exists(str(source.file.name))


def test_a_formula_is_text_when_it_comes_in_and_harmless_when_it_goes_out(cast: Cast, ada):
    formula = "=HYPERLINK(1)"
    source = checked(ada, cast.ada, file_of(f"{HEAD}\n{ROW.format(formula, '@SUM(A1)')}\n"))
    taken_in(ada, source)
    client = Client.objects.get(external_id="P1")
    assert (client.name, client.notes) == (formula, "@SUM(A1)")

    bad = f"{HEAD}\n" + "\n".join(
        f'P{at},B,{cell},f,"Kin",,,' for at, cell in enumerate(("=1+1", "+1", "-1", "@A1"), 2)
    )
    source = checked(ada, cast.ada, file_of(bad))
    response = ada.get(address(source, "import-problems"))
    text = b"".join(response.streaming_content).decode("utf-8-sig")
    head, *lines = text.splitlines()
    assert head == "Row,Column,What stands there,What is wrong"
    assert [line.split(",")[2] for line in lines] == ["'=1+1", "'+1", "'-1", "'@A1"]
    assert "attachment" in response["Content-Disposition"]
    assert "=1+1" in words(ada.get(address(source)))


def test_each_odd_row_is_said_with_its_number_and_the_others_are_counted(cast: Cast, ada):
    good = ROW.format("Ann", "")
    rows = [
        good,
        "",
        "P2,Short,1951-03-04,f",
        'P3,Long,1951-03-04,f,"Ben",,,,more',
        'P4,"Broken" quote,1951-03-04,f,"Ben",,,',
        'P5,N\x00l,1951-03-04,f,"Ben",,,',
        "P6,,soon,maybe,,nobody,,",
    ]
    source = checked(ada, cast.ada, file_of("\n".join([HEAD, *rows]) + "\n"))
    assert (source.rows, source.made, source.bad) == (6, 1, 5)
    found = problems(source)
    assert [(row, column) for row, column, *_ in found] == [
        (4, ""),
        (5, ""),
        (6, ""),
        (7, "Name"),
        *[
            (8, column)
            for column in ("Emergency contact", "Name", "Date of birth", "Sex", "E-mail")
        ],
    ]
    assert found[0][3].startswith("This row has 4 cells, the head has 8.")
    page = words(ada.get(address(source)))
    for _, _, _, problem in found:
        assert problem.replace("’", "") in page.replace("’", "").replace("&#x27;", "'")


def test_a_head_that_stands_there_twice_is_told_apart_by_its_letter(cast: Cast, ada):
    text = f"Telephone,{HEAD}\n07,{ROW.format('Joan', '')}\n"
    source = uploaded(ada, cast.ada, file_of(text))
    page = words(ada.get(address(source)))
    assert "Telephone (column A)" in page
    assert "Telephone (column H)" in page


def test_more_than_five_thousand_bad_rows_end_the_check(cast: Cast, ada):
    rows = "\n".join(f"P{at},A{at},1951-13-04,f,Ben,,," for at in range(6_000))
    source = checked(ada, cast.ada, file_of(f"{HEAD}\n{rows}\n"))
    assert source.bad == 5_500
    assert "so the check stopped at row 5,501" in source.failure
    assert "5,500 rows with a problem" in words(ada.get(address(source)))
