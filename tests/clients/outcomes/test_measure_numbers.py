"""A clinic may set its own numbers of a measure, each with its basis, and go back."""

from decimal import Decimal

import pytest

from bonefit.clients import scanners
from bonefit.clients.measures import MEASURES
from bonefit.clients.models import MeasureNumber

PAGE = "/c/north/clients/measures/tug/"
TUG = MEASURES["tug"]


def said(**more):
    return {"seen": "0", "basis": "Read in the article."} | more


def held(cast):
    return scanners.in_force(TUG, scanners.own_numbers(cast.north, TUG))


def test_each_number_stands_beside_its_default_and_basis(cast, enter):
    page = enter(cast.ada).get(PAGE).text
    assert "Default 1.14 s." in page
    assert TUG.numbers["mdc"].basis in page
    assert "No published number was found." in page


def test_a_number_of_the_clinics_own_holds_and_blank_is_the_catalogues_again(cast, enter):
    ada = enter(cast.ada)
    assert ada.post(PAGE, said(mdc="1,2")).status_code == 302
    assert held(cast)["mdc"] == Decimal("1.2")
    assert "Own numbers" in ada.get("/c/north/clients/measures/").text
    row = MeasureNumber.objects.get()
    assert (row.key, row.basis, row.recorded_by) == ("mdc", "Read in the article.", cast.ada)
    assert ada.post(PAGE, said(seen=str(row.pk), basis="Back")).status_code == 302
    assert held(cast)["mdc"] == Decimal("1.14")
    assert "the catalogue’s again" in ada.get(PAGE).text
    assert MeasureNumber.objects.count() == 2


def test_what_has_not_changed_is_not_written(cast, enter):
    enter(cast.ada).post(PAGE, said(mdc="1.14"))
    assert not MeasureNumber.objects.exists()


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"mdc": "0"}, "Write a number above 0"),
        ({"mdc": "-1"}, "Write a number above 0"),
        ({"mdc": "abc"}, "Enter a number."),
        ({"mdc": "1", "basis": ""}, "Write where they are from"),
        ({"plausible_low": "40"}, "The upper end of the usual range lies above the lower."),
        ({"hard_low": "5"}, "What is refused lies below what is unusual."),
        ({"hard_high": "20"}, "What is refused lies above what is unusual."),
    ],
)
def test_a_number_that_cannot_be_is_refused_beside_the_field(cast, enter, wrong, words):
    answer = enter(cast.ada).post(PAGE, said(cut_off="13,7") | wrong)
    assert answer.status_code == 422
    assert words in answer.text
    assert "13,7" in answer.text, "what was typed is kept"
    assert not MeasureNumber.objects.exists()


def test_of_two_who_edit_at_once_the_second_is_told(cast, enter):
    ada = enter(cast.ada)
    ada.post(PAGE, said(mdc="1.2"))
    late = ada.post(PAGE, said(mdc="1.3"))
    assert late.status_code == 422
    assert "Somebody else has changed these numbers meanwhile." in late.text
    assert held(cast)["mdc"] == Decimal("1.2")


def test_a_scan_has_no_bounds_but_its_precision_study(cast, enter):
    assert scanners.keys_of(MEASURES["lumbar_bmd"]) == scanners.RANGES
    assert enter(cast.ada).get("/c/north/clients/measures/lumbar_bmd/").status_code == 200
    assert enter(cast.ada).get("/c/north/clients/measures/none/").status_code == 404
