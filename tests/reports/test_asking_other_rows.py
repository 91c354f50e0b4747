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


def test_the_page_says_that_other_rows_are_shown(cast: Cast) -> None:
    admin = Browser()
    admin.force_login(cast.ada.user)
    page = admin.get("/c/north/reports/retention/?by=phase")
    assert page.status_code == 200
    assert "This report has no rows of phases" in page.text
