"""Clients from a file: what is written, what is known, and that no door opens by it."""

from __future__ import annotations

from datetime import date

import pytest
from django.db import transaction

from bonefit.clients.importing import running, steps
from bonefit.clients.intake import barred, refresh
from bonefit.clients.models import Client, Consent, Import
from tests.cast import NOW, TODAY, Cast
from tests.clients.imports.tables import (
    CLIENTS,
    HEAD,
    address,
    checked,
    file_of,
    logged_in,
    problems,
    taken_in,
    words,
)


@pytest.fixture
def ada(cast: Cast):
    return logged_in(cast.ada)


def test_a_good_file_is_checked_then_taken_in(cast: Cast, ada):
    source = checked(ada, cast.ada, file_of(CLIENTS))
    assert (source.status, source.rows, source.made, source.bad) == ("checked", 3, 3, 0)
    assert not Client.objects.exclude(external_id="").exists(), "the check wrote"

    source = taken_in(ada, source)
    assert (source.status, source.made, source.known) == ("done", 3, 0)
    joan = Client.objects.get(clinic=cast.north, external_id="P1")
    assert (joan.name, joan.born_on, joan.sex) == ("Joan A.", date(1951, 3, 4), "female")
    assert (joan.email, joan.notes) == ("joan@example.org", "Likes tea")
    assert joan.emergency_contact == "Ben A., son, 0400 000 001"
    assert joan.created_by == cast.ada


def test_who_comes_by_a_file_is_barred_and_her_page_can_be_read(cast: Cast, ada):
    taken_in(ada, checked(ada, cast.ada, file_of(CLIENTS)))
    for client in Client.objects.filter(clinic=cast.north).exclude(external_id=""):
        assert (client.may_start_until, client.impact_cleared) == (None, 0)
        gone = barred(client, TODAY)
        assert gone is not None
        assert {"screening", "clearance"} <= set(gone.codes)
        assert not client.clearances.exists()
        assert not client.screenings.exists()
        assert not Consent.objects.filter(client=client).exists()
        page = ada.get(f"/c/{cast.north.slug}/clients/{client.pk}/")
        assert page.status_code == 200


def test_what_the_import_says_of_an_intake_is_what_it_is_found_to_be(cast: Cast, ada):
    taken_in(ada, checked(ada, cast.ada, file_of(CLIENTS)))
    made = list(Client.objects.exclude(external_id=""))
    assert all(client.intake_missing for client in made)
    assert refresh(made, now=NOW) == 0


def test_the_same_file_again_writes_nothing_and_says_so(cast: Cast, ada):
    taken_in(ada, checked(ada, cast.ada, file_of(CLIENTS)))
    before = list(Client.objects.order_by("pk").values())
    source = checked(ada, cast.ada, file_of(CLIENTS))
    assert (source.made, source.known, source.bad) == (0, 3, 0)
    assert "The same file came before" in words(ada.get(address(source)))
    source = taken_in(ada, source)
    assert (source.status, source.made, source.known) == ("done", 0, 3)
    assert list(Client.objects.order_by("pk").values()) == before


def test_without_a_number_the_same_name_and_birth_count_as_known(cast: Cast, ada):
    text = CLIENTS.replace("P1", "").replace("P2", "").replace("P3", "")
    taken_in(ada, checked(ada, cast.ada, file_of(text)))
    source = checked(ada, cast.ada, file_of(text.replace("Joan A.", "joan  a.")))
    assert (source.made, source.known, source.bad) == (0, 3, 0)


def test_a_known_number_with_other_data_is_a_problem_and_nothing_is_written_over(cast: Cast, ada):
    taken_in(ada, checked(ada, cast.ada, file_of(CLIENTS)))
    other = CLIENTS.replace("07 5550 0001", "07 5550 9999").replace("1948-12-31", "1948-12-30")
    source = checked(ada, cast.ada, file_of(other))
    assert problems(source) == [
        (
            2,
            "Telephone",
            "07 5550 9999",
            "This client is here already with another telephone: 07 5550 0001.",
        ),
        (
            3,
            "Date of birth",
            "1948-12-30",
            "This client is here already with another date of birth: 31 December 1948.",
        ),
    ]
    assert Client.objects.get(external_id="P1").phone == "07 5550 0001"


def test_somebody_who_was_enrolled_by_hand_is_not_made_twice(cast: Cast, ada):
    cal = cast.cal_client
    row = f'P9,{cal.name},{cal.born_on},{cal.sex},"{cal.emergency_contact}",,,'
    source = checked(ada, cast.ada, file_of(f"{HEAD}\n{row}\n"))
    (problem,) = problems(source)
    assert problem[1] == "Name"
    assert "is here already, without a number. Leave this row out." in problem[3]


def test_two_rows_of_one_person_are_a_problem_of_the_second(cast: Cast, ada):
    text = CLIENTS + 'P1,Joan X.,1951-03-05,f,"Ben"\n'.replace('"Ben"', '"Ben",,,')
    text += 'P7,IDA B.,1948-12-31,f,"Ole",,,\n'
    found = problems(checked(ada, cast.ada, file_of(text)))
    assert [(row, column) for row, column, *_ in found] == [(5, "Client ID"), (6, "Name")]
    assert found[0][3] == "Row 2 has the same number."
    assert found[1][3] == "Row 3 has the same name and date of birth."


def test_another_clinics_numbers_are_no_matter(cast: Cast, ada):
    taken_in(ada, checked(ada, cast.ada, file_of(CLIENTS)))
    cast.otto.roles = ["admin"]
    cast.otto.save()
    source = checked(logged_in(cast.otto), cast.otto, file_of(CLIENTS))
    assert (source.made, source.known, source.bad) == (3, 0, 0)


def test_one_bad_row_of_ten_thousand_and_nothing_is_taken_in(cast: Cast, ada):
    lines = [f'N{at},Person {at},1950-01-{at % 28 + 1:02},f,"Kin {at}",,,' for at in range(10_000)]
    lines[7_776] = lines[7_776].replace("1950-01-", "1950-13-")
    before = Client.objects.count()
    source = checked(ada, cast.ada, file_of("\n".join([HEAD, *lines])))
    assert (source.rows, source.made, source.bad) == (10_000, 9_999, 1)
    assert problems(source) == [
        (
            7_778,
            "Date of birth",
            lines[7_776].split(",")[2],
            "There is no month 13. Is the order of dates right?",
        )
    ]
    page = words(ada.get(address(source)))
    assert "1 row with a problem" in page
    assert "7778" in page
    assert "Take in" not in page
    taken_in(ada, source)
    assert (source.status, Client.objects.count()) == ("checked", before)


def test_a_row_that_became_wrong_since_the_check_stops_the_whole_file(cast: Cast, ada):
    source = checked(ada, cast.ada, file_of(CLIENTS))
    Client.objects.filter(pk=cast.cal_client.pk).update(external_id="P3")
    source = taken_in(ada, source)
    assert source.status == "failed"
    assert "Nothing was taken in. Since the check row 4 has become wrong" in source.failure
    assert not Client.objects.filter(external_id__in=["P1", "P2"]).exists()
    assert "Nothing was taken in" in words(ada.get(address(source)))


def test_taken_in_twice_at_once_it_is_there_once(cast: Cast, ada):
    source = checked(ada, cast.ada, file_of(CLIENTS))
    ada.post(address(source, "import-take-in"))
    assert running.run(source.pk)
    assert not running.run(source.pk)
    response = ada.post(address(source, "import-take-in"), follow=True)
    assert "This file is taken in by now. Nothing changed." in words(response)
    assert Client.objects.filter(external_id="P1").count() == 1


def test_nobody_takes_in_a_file_that_was_not_checked(cast: Cast, ada):
    source = checked(ada, cast.ada, file_of(CLIENTS))
    with transaction.atomic():
        steps.change(source=source, by=cast.ada, now=NOW)
    with pytest.raises(steps.NotNow):
        steps.take_in(source=source, by=cast.ada, now=NOW)
    assert Import.objects.get(pk=source.pk).status == "uploaded"
