"""What the figures mean is written once, and printed where they are."""

from io import StringIO
from pathlib import Path

from django.conf import settings
from django.core.management import call_command

from sessions.management.commands import write_definitions
from sessions.reports.definitions import as_markdown
from sessions.reports.registry import KINDS

DOCUMENT = Path(settings.BASE_DIR) / "docs" / "definitions.md"


def test_the_document_says_what_the_report_says():
    """If this fails: python manage.py write_definitions, and think of VERSION."""
    assert DOCUMENT.read_text(encoding="utf-8") == as_markdown()


def test_the_command_writes_the_document(monkeypatch, tmp_path):
    monkeypatch.setattr(write_definitions, "DOCUMENT", tmp_path / "definitions.md")

    call_command("write_definitions", stdout=StringIO())

    assert (tmp_path / "definitions.md").read_text(encoding="utf-8") == as_markdown()


def test_every_figure_of_every_report_has_a_meaning():
    document = as_markdown()

    for kind in KINDS:
        for one in kind.definitions:
            assert f"{one.code} = {one.formula}" in document
        for _title, columns in kind.columns:
            for column in columns:
                assert column.meaning.endswith((".", "?")), (kind.slug, column.key)
                assert f"| {column.meaning} |" in document
        for word, rule in kind.rules:
            assert f"| {word} | {rule} |" in document


def test_a_code_means_one_thing_in_all_reports():
    """CERT quotes others' figures, with their very definitions."""
    meanings: dict[str, set[str]] = {}
    for kind in KINDS:
        for one in kind.definitions:
            meanings.setdefault(one.code, set()).add(one.formula)

    assert {code for code, formulas in meanings.items() if len(formulas) > 1} == set()
