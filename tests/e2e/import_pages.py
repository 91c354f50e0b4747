"""Pages of an import: who opens each, and what is done to get there."""

from __future__ import annotations

from playwright.sync_api import Page

from tests.clients.imports.tables import CLIENTS
from tests.e2e.opening import Open, goes, sent_empty

IMPORTS = "/c/harbour/clients/imports/"


def uploaded(page: Page, text: str = CLIENTS) -> None:
    """A file whose guesses wait to be looked at."""
    page.goto(IMPORTS)
    page.locator('[name="kind"][value="clients"]').check()
    page.get_by_label("CSV file").set_input_files(
        {"name": "clients.csv", "mimeType": "text/csv", "buffer": text.encode()}
    )
    page.get_by_role("button", name="Upload").click()
    page.get_by_role("heading", name="1. How it is read").wait_for()


def its_columns(page: Page, text: str = CLIENTS) -> None:
    """The same file, once it is read right."""
    uploaded(page, text)
    page.get_by_role("button", name="Read it like this").click()
    page.get_by_role("heading", name="2. What the columns are").wait_for()


def at_work(page: Page) -> None:
    """A file that waits for a worker, which these tests do not have."""
    its_columns(page)
    page.get_by_role("button", name="Check every row").click()
    page.get_by_role("link", name="Look how far it is").wait_for()


def its_problems(page: Page) -> None:
    """The file of the demo, in which some rows are wrong."""
    page.goto(IMPORTS)
    page.get_by_role("link", name="from-the-old-system.csv").click()
    page.get_by_role("heading", name="rows with a problem").wait_for()


IMPORT_PAGES: dict[tuple[str, str], Open] = {
    ("Lea", "files to import, nothing chosen"): sent_empty(goes(IMPORTS), "Upload"),
    ("Lea", "an import, its columns"): its_columns,
    ("Lea", "an import, at work"): at_work,
    ("Lea", "an import, its problems"): its_problems,
}
