"""Rows that a report does not have are answered by its usual ones, and a word says so."""

from __future__ import annotations

import pytest
from django.test import Client as Browser

from sessions.reports.scope import By
from tests.cast import Cast
from tests.reports.test_asking import form, kind, right

pytestmark = pytest.mark.django_db


def test_rows_that_another_report_has_become_the_usual_ones_and_it_is_said(cast: Cast) -> None:
    asked = right(form(cast.ada, kind(By.COHORT, By.CLIENT), by="phase"))
    assert asked.filters().by == By.COHORT
    assert asked.fields["by"].help_text == (
        "This report has no rows of phases: these are months of start."
    )
    assert "by=cohort" in asked.query()
    assert right(form(cast.ada, kind(By.COHORT), by="cohort")).fields["by"].help_text == ""


def test_rows_that_there_are_nowhere_are_refused_beside_the_field(cast: Cast) -> None:
    asked = form(cast.ada, kind(By.COHORT, By.CLIENT), by="colour")
    assert asked.errors["by"] == ["This report has no such rows. Choose others."]


def test_a_report_without_rows_of_phases_offers_none_and_does_not_say_that_it_asked_for_one(
    cast: Cast,
) -> None:
    counts_all = kind(By.COHORT, By.CLIENT)
    asked = right(form(cast.ada, counts_all, phase="LOAD"))
    assert "phase" not in [bound.name for bound in asked.more_fields]
    assert asked.filters().phase == ""
    assert "Phase" not in dict(asked.describe())
    assert "phase" not in asked.query()
    assert asked.fields["program"].help_text == "This report counts all phases together."
    # Another report that knows phases is asked for it again.
    assert "phase=LOAD" in asked.without_rows()
    assert right(form(cast.ada, counts_all)).fields["program"].help_text == ""


def test_the_page_says_that_all_phases_are_counted(cast: Cast) -> None:
    admin = Browser()
    admin.force_login(cast.ada.user)
    for report, said in (("safety", True), ("research", True), ("dose", False)):
        page = admin.get(f"/c/north/reports/{report}/?phase=LOAD")
        assert ("This report counts all phases together" in page.text) == said, report
        assert ('name="phase"' in page.text) != said, report


def test_the_page_says_that_other_rows_are_shown(cast: Cast) -> None:
    admin = Browser()
    admin.force_login(cast.ada.user)
    page = admin.get("/c/north/reports/retention/?by=phase")
    assert page.status_code == 200
    assert "This report has no rows of phases" in page.text
