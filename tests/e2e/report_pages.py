"""Pages of reports: who opens each, and what is done to get there."""

from __future__ import annotations

from playwright.sync_api import Page

from tests.e2e.opening import Open, goes, sent_empty

REPORTS = "/c/harbour/reports/"
ACROSS = "/o/strong-bones-group/reports/"


def rows_behind(page: Page) -> None:
    """A figure of the first row opens what it counts."""
    page.goto(f"{REPORTS}adherence/")
    page.locator("table.figures td a").first.click()
    page.get_by_role("link", name="Back to adherence").wait_for()


def a_picture(page: Page) -> None:
    """As it opens where there is no script."""
    page.goto(f"{REPORTS}adherence/picture/trend/")
    page.locator("figure svg").wait_for()


def a_question_to_save(page: Page) -> None:
    page.goto(f"{REPORTS}dose/")
    page.get_by_role("button", name="Save this question").click()
    page.get_by_role("heading", name="Save this question").wait_for()


def report(slug: str) -> Open:
    return goes(f"{REPORTS}{slug}/")


REPORT_PAGES: dict[tuple[str, str], Open] = {
    ("Lea", "the reports"): goes(REPORTS),
    ("Lea", "the rows behind a figure"): rows_behind,
    ("Lea", "a picture of a report"): a_picture,
    ("Lea", "a table of a report"): goes(f"{REPORTS}adherence/table/months/"),
    ("Lea", "the dose"): report("dose"),
    ("Lea", "what changed"): report("change"),
    ("Lea", "who stays"): report("retention"),
    ("Lea", "as it was designed"): report("fidelity"),
    ("Lea", "how often something happens"): report("safety"),
    ("Lea", "the program in CERT’s words"): report("cert"),
    ("Lea", "what a study gets"): report("research"),
    ("Lea", "a question to save, nothing typed"): sent_empty(a_question_to_save, "Save"),
    ("Lea", "the files that were taken"): goes(f"{REPORTS}files/"),
    ("Lea", "what is used, cancelled and seen to"): report("operations"),
    ("Lea", "adherence by therapist"): goes(f"{REPORTS}adherence/?by=therapist"),
    ("Mira", "her own clients’ adherence"): report("adherence"),
    ("Gwen O.", "adherence across clinics"): goes(ACROSS),
    ("Gwen O.", "what an organisation keeps"): goes(f"{ACROSS}all/"),
    ("Gwen O.", "the files of an organisation"): goes(f"{ACROSS}files/"),
}
