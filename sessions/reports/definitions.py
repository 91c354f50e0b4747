"""docs/definitions.md, whole, from the reports themselves.

What a figure means is written once, beside the query that counts it, and printed wherever the
figure is: on the page, on paper, on the sheet of definitions of a download, and here.
"""

from __future__ import annotations

from collections.abc import Iterator

from .define import VERSION, within_a_line
from .kinds import ReportKind
from .registry import KINDS

HEAD = (
    "# Definitions",
    "",
    f"Version {VERSION}. Written from the reports in `sessions/reports/` by `python manage.py "
    "write_definitions`; change it there.",
    "",
    "A percentage is rounded once, half up. A blank is nothing to divide by, or not known; it is "
    "never a nought. Days are those of the clinic's own calendar, first and last included; a "
    "session belongs to the day on which it starts there.",
    "",
)
DOWNLOADS = (
    "## Downloads",
    "",
    "Each download has the rows of the page in their order and with their rounding, the total "
    "last, and says the clinic, the filters, the moment, who asked, the version of bonefit and "
    "these definitions. The CSV is UTF-8 with a byte order mark, so that spreadsheets read names "
    "rightly. Text that begins like a formula (=, +, -, @) gets an apostrophe in front; figures "
    "never do. The spreadsheet has typed cells and a sheet *Definitions*. Each download is written "
    "down before its first row leaves.",
    "",
)


def as_markdown() -> str:
    """The document. ``manage.py write_definitions`` writes it; a test compares."""
    lines = [*HEAD]
    for kind in KINDS:
        lines += _report(kind)
    return "\n".join([*lines, *DOWNLOADS])


def _report(kind: ReportKind) -> Iterator[str]:
    yield from (f"## {kind.title}", "", kind.question, "")
    for one in kind.definitions:
        yield from (f"### {one.code}, {one.within}", "", f"{one.code} = {one.formula}", "")
        for note in one.notes:
            yield from (note, "")
        yield from (f"*{one.source}*", "")
    for title, columns in kind.columns:
        yield from (
            f"### {kind.title}: {within_a_line(title)}",
            "",
            "| Column | Meaning |",
            "| --- | --- |",
        )
        for column in columns:
            unit = f" ({column.unit})" if column.unit else ""
            yield f"| {column.name}{unit} | {column.meaning} |"
        yield ""
    if kind.rules:
        yield from (f"### {kind.title}: rules", "", "| Word | Rule |", "| --- | --- |")
        yield from (f"| {word} | {rule} |" for word, rule in kind.rules)
        yield ""
