"""Lea asks for this month's adherence: few taps, the rows behind a figure, and a spreadsheet."""

from __future__ import annotations

import io
from pathlib import Path

import openpyxl
import pytest
from playwright.sync_api import Locator, Page

from tests.e2e.conftest import PHONE, TABLET

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("e2e")]


class Finger:
    """Taps, and counts them."""

    def __init__(self) -> None:
        self.taps = 0

    def on(self, what: Locator) -> None:
        what.click()
        self.taps += 1


def this_month(page: Page) -> Finger:
    """From the page that she sees when she has logged in to this month's adherence."""
    finger = Finger()
    page.goto("/")
    menu = page.get_by_role("navigation", name="Main")
    finger.on(menu.get_by_role("link", name="Reports"))
    page.get_by_role("heading", name="Adherence, ").wait_for()
    finger.on(page.get_by_role("link", name="This month"))
    page.locator('[aria-label="Quick ranges"] a[aria-current]').filter(
        has_text="This month"
    ).wait_for()
    page.locator(".figure-head .big").wait_for()
    return finger


@pytest.mark.parametrize("size", [TABLET, PHONE], ids=["tablet", "telephone"])
def test_this_months_adherence_is_at_most_three_taps_away(demo_site, enter, size):
    page = enter(demo_site, "Lea", viewport=size)
    assert this_month(page).taps <= 3
    assert page.locator(".figure-head .big").inner_text().strip()


def test_a_figure_opens_as_many_rows_as_it_says(demo_site, enter):
    page = enter(demo_site, "Lea")
    page.goto("/c/harbour/reports/adherence/")
    figure = page.locator('table.figures tbody td a[href*="column=counted"]').first
    said = int(figure.inner_text().replace(",", ""))
    figure.click()
    page.get_by_role("link", name="Back to adherence").wait_for()
    assert page.locator("#rows table tbody tr").count() == said
    page.get_by_role("link", name="Back to adherence").click()
    page.get_by_role("heading", name="Adherence, ").wait_for()


def test_the_spreadsheet_has_the_rows_and_figures_of_the_page(demo_site, enter):
    page = enter(demo_site, "Lea")
    page.goto("/c/harbour/reports/adherence/")
    table = page.locator("table.figures").first
    names = [one.split("\n")[0].strip() for one in table.locator("tbody th").all_inner_texts()]
    with page.expect_download() as download:
        page.get_by_role("link", name="Excel", exact=True).click()
    assert download.value.suggested_filename.startswith("adherence-")
    book = openpyxl.load_workbook(io.BytesIO(Path(download.value.path()).read_bytes()))
    sheet = book.worksheets[0]
    rows = [[cell.value for cell in row] for row in sheet.iter_rows()]
    assert {str(row[0]) for row in rows} >= set(names) - {"Total", "All"}
    assert any(isinstance(cell, (int, float)) for row in rows[1:] for cell in row)
    assert "Definitions" in book.sheetnames
    page.goto("/c/harbour/reports/files/")
    assert page.locator("table.figures tbody tr").first.get_by_text("Excel").is_visible()
