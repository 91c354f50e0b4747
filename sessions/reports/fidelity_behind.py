"""What a figure of fidelity opens that counts no rows itself: what it is of, or divided by."""

from __future__ import annotations

from collections.abc import Mapping

TOTAL = "total"
_OF_SESSIONS = {
    **dict.fromkeys(("mean", "median", "whole_share", "low", "high"), "sessions"),
    "in_time_share": "notes",
}
#: Of each table the figures that are made of those of another column.
MADE_OF: Mapping[str, Mapping[str, str]] = {
    "items": dict.fromkeys(("share", "low", "high"), "applies"),
    "groups": _OF_SESSIONS,
    "months": _OF_SESSIONS,
    "sizes": {"share": "classes"},
}


def made_of(table: str, row: str, column: str) -> tuple[str, str]:
    """The row and the column whose rows are behind a figure; itself where it counts rows."""
    if table == "sizes" and column in MADE_OF["sizes"]:
        row = TOTAL  # of all classes
    return row, MADE_OF.get(table, {}).get(column, column)
