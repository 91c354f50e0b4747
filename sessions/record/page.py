"""docs/record.md: the form of a client's record, written from its tables."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from string import Template

from . import schema
from .copies import KEPT
from .reading import columns
from .tables import TABLES

INTRODUCTION = Path(__file__).with_name("introduction.md")


def as_markdown() -> str:
    """The document. ``manage.py write_record_page`` writes it; a test compares."""
    words = Template(INTRODUCTION.read_text(encoding="utf-8"))
    introduction = words.substitute(days=KEPT.days, version=schema.VERSION)
    return "\n".join([introduction, *_kinds(), *_tables(), *_left_out()]) + "\n"


def _kinds() -> Iterator[str]:
    yield from ("| Kind | What stands there |", "| --- | --- |")
    yield from (f"| {kind} | {words} |" for kind, words in schema.KINDS.items())


def _tables() -> Iterator[str]:
    for table in TABLES:
        yield from ("", f"## {table.name}", "", f"{table.title}. {table.about}", "")
        yield from ("| Column | Kind | Means |", "| --- | --- | --- |")
        for _, one in columns(table):
            kind = f"{one.kind} of {one.table}" if one.table else one.kind
            codes = ", ".join(f"`{code}` {words}" for code, words in one.codes)
            yield f"| {one.name} | {kind} | {one.meaning}{f' {codes}' if codes else ''} |"


def _left_out() -> Iterator[str]:
    yield from ("", "## Left out", "", "| Table | Column | Why |", "| --- | --- | --- |")
    for table, column, reason in schema.left_out():
        yield f"| {table} | {column or 'all of it'} | {reason} |"
