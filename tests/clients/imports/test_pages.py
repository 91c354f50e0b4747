"""The pages of an import: nothing is trusted before it was seen, and nothing said is lost."""

from __future__ import annotations

import pytest

from tests.cast import Cast
from tests.clients.imports.tables import (
    CLIENTS,
    HEAD,
    address,
    file_of,
    logged_in,
    read,
    uploaded,
    words,
)

AMBIGUOUS = f'{HEAD}\nP1,Joan A.,03/04/1951,f,"Ben",,,\n'


@pytest.fixture
def ada(cast: Cast):
    return logged_in(cast.ada)


def test_columns_are_asked_about_once_the_reading_was_seen(cast: Cast, ada):
    source = uploaded(ada, cast.ada, file_of(CLIENTS))
    page = words(ada.get(address(source)))
    assert "1. How it is read" in page
    assert "8 cells with it" in page
    assert "1951-03-04 is 4 March 1951" in page
    assert "2. What the columns are" not in page
    read(ada, source)
    assert "2. What the columns are" in words(ada.get(address(source)))


def test_an_ambiguous_date_must_be_chosen_and_is_shown_as_it_is_read(cast: Cast, ada):
    source = uploaded(ada, cast.ada, file_of(AMBIGUOUS))
    page = words(ada.get(address(source)))
    assert "03/04/1951 may have the day or the month first, and no date in the file tells." in page
    assert "03/04/1951 is not read yet: choose the order" in page
    said = {name: source.reading[name] for name in ("encoding", "separator", "decimal")}
    response = ada.post(address(source), {"step": "reading", **said})
    assert response.status_code == 422
    assert "Choose the order: the dates of the file do not tell." in words(response)
    read(ada, source, dates="mdy")
    assert "03/04/1951 is 4 March 1951" in words(ada.get(address(source)))
    read(ada, source, dates="dmy")
    assert "03/04/1951 is 3 April 1951" in words(ada.get(address(source)))


def test_another_separator_makes_another_table_which_is_shown_first(cast: Cast, ada):
    source = uploaded(ada, cast.ada, file_of(CLIENTS))
    read(ada, source, separator=";")
    assert source.reading["seen"] is False
    assert "2. What the columns are" not in words(ada.get(address(source)))
    read(ada, source, separator=",")
    assert source.mapping["1"] == "name"


def test_a_column_that_is_missing_or_chosen_twice_is_said_and_the_choice_is_kept(cast: Cast, ada):
    source = read(ada, uploaded(ada, cast.ada, file_of(CLIENTS)))
    mapping = {f"column_{at}": name for at, name in source.mapping.items()}
    twice = ada.post(address(source), {"step": "columns", **mapping, "column_7": "phone"})
    assert twice.status_code == 422
    assert "Telephone is this already. Choose one of the two." in words(twice)
    del mapping["column_4"]
    gone = ada.post(address(source), {"step": "columns", **mapping, "column_7": ""})
    assert gone.status_code == 422
    assert "No column is chosen for: Emergency contact." in words(gone)
    source.refresh_from_db()
    assert source.status == "uploaded"


def test_first_and_last_name_may_stand_in_two_columns(cast: Cast, ada):
    text = CLIENTS.replace("Name,", "First name,Last name,").replace("Joan A.", "Joan,A.")
    source = read(ada, uploaded(ada, cast.ada, file_of(text)))
    assert {"first_name", "last_name"} <= set(source.mapping.values())


def test_a_file_without_a_head_is_asked_about(cast: Cast, ada):
    source = uploaded(ada, cast.ada, file_of(CLIENTS.partition("\n")[2]))
    assert "The first row looks like data" in words(ada.get(address(source)))


def test_a_therapist_and_another_clinic_see_no_import(cast: Cast, ada):
    source = uploaded(ada, cast.ada, file_of(CLIENTS))
    assert logged_in(cast.ana).get(address(source)).status_code == 403
    assert logged_in(cast.otto).get(address(source)).status_code == 404


@pytest.mark.parametrize("rows", [3, 300])
def test_the_page_of_problems_costs_the_same_whatever_there_is(
    cast: Cast, ada, rows, django_assert_max_num_queries
):
    source = uploaded(ada, cast.ada, file_of(CLIENTS))
    source.problems.bulk_create(
        source.problems.model(
            clinic=cast.north, source=source, row=at, column="Name", said="", problem="Missing."
        )
        for at in range(2, rows + 2)
    )
    source.status, source.rows, source.bad = "checked", rows, rows
    source.save()
    ada.get(address(source))
    with django_assert_max_num_queries(11):
        page = words(ada.get(address(source)))
    assert page.count("Missing.") == min(rows, 50) + 1
