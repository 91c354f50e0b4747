"""What the figures mean is written once, and printed where they are."""

from io import StringIO
from pathlib import Path

from django.conf import settings
from django.core.management import call_command

from sessions.management.commands import write_definitions
from sessions.reports.adherence import Counts, Row
from sessions.reports.definitions import COLUMNS, HEADLINE, RULES, as_markdown

DOCUMENT = Path(settings.BASE_DIR) / "docs" / "definitions.md"


def test_the_document_says_what_the_report_says():
    """If this fails: python manage.py write_definitions, and think of VERSION."""
    assert DOCUMENT.read_text(encoding="utf-8") == as_markdown()


def test_the_command_writes_the_document(monkeypatch, tmp_path):
    monkeypatch.setattr(write_definitions, "DOCUMENT", tmp_path / "definitions.md")

    call_command("write_definitions", stdout=StringIO())

    assert (tmp_path / "definitions.md").read_text(encoding="utf-8") == as_markdown()


def test_every_figure_of_a_row_has_a_meaning():
    assert len(Row("Jo P.", Counts()).cells()) == 1 + len(COLUMNS)
    for name, meaning in (*COLUMNS, *RULES):
        assert f"| {name} | {meaning} |" in as_markdown()
    for definition in HEADLINE:
        assert f"{definition.code} = {definition.formula}" in as_markdown()
