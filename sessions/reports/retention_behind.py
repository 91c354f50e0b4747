"""The starts behind the figures of retention, one row each. Words: define_retention."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.urls import reverse

from programs.leaving import EndKind

from . import define_retention as words
from . import starts as source
from .scope import Scope
from .starts import LAPSED, OUTCOMES, RUNNING
from .table import Row, Table

NOT_SAID = "not_said"
LABELS = dict(EndKind.choices)
TOTAL = "total"

_COLUMNS = {
    "started": "true",
    LAPSED: "s.lapsed",
    "at_16": "s.week >= 16",
    "at_35": "s.week >= 35",
    **{outcome: f"s.outcome = '{outcome}'" for outcome in OUTCOMES if outcome != LAPSED},
}
_OF_WEEK = {
    "started": "true",
    "at_risk": "s.week >= %(week)s",
    "left": "s.outcome = 'left' AND s.week <= %(week)s",
}
_WITHDREW = "s.outcome IN ('left', 'elsewhere')"
_CURVE = dict.fromkeys(("share", "low", "high"), "started")
#: Of each table the figures that are made of those of another column: a share of the curve and its
#: interval are worked out from everybody who started, a share of the withdrawals from all of them.
MADE_OF: Mapping[str, Mapping[str, str]] = {
    "curve": {**_CURVE, "lapsed": "started"},
    "curves": _CURVE,
    "groups": dict.fromkeys(("share_16", "share_35", "low_35", "high_35"), "started"),
    "reasons": {"week": "number", **dict.fromkeys(("share", "low", "high"), "all")},
}


def behind(scope: Scope, table: str, row: str, column: str) -> Table | None:
    """The starts that a figure counts; None for a figure that has none."""
    asked = _asked(table, row, MADE_OF.get(table, {}).get(column, column))
    if asked is None:
        return None
    found = source.started(scope, **asked)
    return Table("behind", "Starts", words.BEHIND, [_told(one, scope.named) for one in found])


def _asked(table: str, row: str, column: str) -> dict[str, Any] | None:
    """What ``started`` is asked with; None for a table, a row or a column that there is not."""
    if table == "reasons" and column in ("number", "all"):
        if row == TOTAL or column == "all":
            return {"key": None, "which": _WITHDREW}
        kind = "" if row == NOT_SAID else row
        return {"key": None, "which": f"{_WITHDREW} AND s.end_kind = %(kind)s", "kind": kind}
    if table == "groups" and column in _COLUMNS:
        return {"key": None if row == TOTAL else row, "which": _COLUMNS[column]}
    key, _, week = row.rpartition(".") if table == "curves" else (None, "", row)
    if table not in ("curve", "curves") or column not in _OF_WEEK or not week.isdigit():
        return None
    return {"key": key, "which": _OF_WEEK[column], "week": min(int(week), 10_000)}


def _told(one: source.Start, named: bool) -> Row:
    gone = one.outcome != RUNNING
    reason = (LABELS.get(one.end_kind, ""), one.end_reason if named else "")
    cells = (
        one.name if named else f"Enrollment {one.enrollment}",
        one.clinic,
        one.program,
        one.therapist,
        one.starts_on,
        OUTCOMES[LAPSED if one.lapsed else one.outcome],
        (": ".join(part for part in reason if part) or None) if gone else None,
        one.ended_on if gone else None,
        one.came_on,
        one.week,
    )
    href = reverse("clients:client", args=[one.slug, one.client]) if named else ""
    return Row(str(one.enrollment), cells, href=href)
