"""How a clinic's reports are made is changed by its admin, and the page says what was changed."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.db import IntegrityError, transaction
from django.test import Client as Browser

from bonefit.clinics.actions import write_report_settings
from bonefit.clinics.models import Clinic, Membership, ReportSettingsChange
from tests.cast import NOW, Cast

pytestmark = pytest.mark.django_db

PAGE = "/c/north/settings/"
SAVE = f"{PAGE}reports/"


def browser(member: Membership) -> Browser:
    made = Browser()
    made.force_login(member.user)
    return made


def change(cast: Cast, **to: Any) -> None:
    write_report_settings(clinic=cast.north, **to, by=cast.ada, now=NOW)


def rows() -> list[tuple[Any, ...]]:
    kept = ReportSettingsChange.objects.order_by("pk")
    names = ("headline_before", "headline", "therapists_saw", "therapists_see")
    return [(one.by, one.at, *(getattr(one, name) for name in names)) for one in kept]


def test_who_when_and_from_what_to_what_stands_on_the_page(cast: Cast):
    ada = browser(cast.ada)
    assert "Nothing has been changed here yet." in ada.get(PAGE).text
    with time_machine.travel(NOW, tick=False):
        assert ada.post(SAVE, {"headline": "A1", "therapists_see": "own"}).status_code == 302
    with time_machine.travel(NOW + timedelta(hours=1), tick=False):
        ada.post(SAVE, {"headline": "A2", "therapists_see": "clinic"})
    assert rows() == [
        (cast.ada, NOW, "A3", "A1", "own", "own"),
        (cast.ada, NOW + timedelta(hours=1), "A1", "A2", "own", "clinic"),
    ]
    text = ada.get(PAGE).text
    later, earlier = text.index("5 March 2026, 13:00"), text.index("5 March 2026, 12:00")
    assert later < earlier, "the newest first, by the clinic's clock"
    assert "Ada" in text[later:earlier]
    first = "Adherence that the report leads with: from “A3, accountable” to “A1, strict”"
    assert first in text[earlier:]
    second = text[later:earlier]
    assert "from “A1, strict” to “A2, offered”" in second
    assert "from “Those of their own clients” to “Those of the whole clinic”" in second
    assert (
        "Figures that therapists see" not in text[earlier : earlier + text[earlier:].index("</ol>")]
    )


def test_what_is_saved_as_it_was_is_no_change(cast: Cast):
    browser(cast.ada).post(SAVE, {"headline": "A3", "therapists_see": "own"})
    assert rows() == []
    with pytest.raises(IntegrityError), transaction.atomic():
        ReportSettingsChange.objects.create(
            clinic=cast.north, by=cast.ada, at=NOW, headline_before="A3", headline="A3",
            therapists_saw="own", therapists_see="own",
        )  # fmt: skip


def test_a_wrong_choice_changes_nothing_and_is_no_row(cast: Cast):
    answer = browser(cast.ada).post(SAVE, {"headline": "A9", "therapists_see": "own"})
    assert answer.status_code == 422
    assert "There is no such definition" in answer.text
    assert rows() == []
    assert Clinic.objects.get(pk=cast.north.pk).headline == "A3"


def test_a_later_change_leaves_the_earlier_rows_as_they_were(cast: Cast):
    change(cast, headline="A1", therapists_see="own")
    before = rows()
    change(cast, headline="A3", therapists_see="own")
    assert rows()[:1] == before
    assert [row[2:4] for row in rows()] == [("A3", "A1"), ("A1", "A3")]


def test_what_was_stands_as_it_was_in_the_database_and_not_in_an_older_copy(cast: Cast):
    old = Clinic.objects.get(pk=cast.north.pk)
    change(cast, headline="A1", therapists_see="own")
    write_report_settings(clinic=old, headline="A2", therapists_see="own", by=cast.ada, now=NOW)
    assert [row[2:4] for row in rows()] == [("A3", "A1"), ("A1", "A2")]


def test_another_clinic_s_changes_are_not_on_the_page(cast: Cast):
    write_report_settings(
        clinic=cast.harbor, headline="A4", therapists_see="own", by=cast.otto, now=NOW
    )
    text = browser(cast.ada).get(PAGE).text
    assert "Nothing has been changed here yet." in text
    assert "Otto" not in text


def test_the_page_asks_as_many_questions_for_many_changes_as_for_few(
    cast: Cast, django_assert_max_num_queries: Any
):
    change(cast, headline="A1", therapists_see="own")
    ada = browser(cast.ada)
    ada.get(PAGE)
    with django_assert_max_num_queries(100) as few:
        ada.get(PAGE)
    for number in range(20):
        change(cast, headline=("A2", "A1")[number % 2], therapists_see="own")
    with django_assert_max_num_queries(100) as many:
        ada.get(PAGE)
    assert len(many) == len(few)
