"""What must stand behind each figure of each report, column by column.

A rule says of a cell, of its row's other cells, and of the rows that it opens whether they fit: as
many, summed, in the mean or the middle, or divided by. Written from the columns' own meanings.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal
from fractions import Fraction
from statistics import mean, median
from typing import Any

from sessions.models import Visit

Cells = Mapping[str, Any]
Rule = Callable[[Any, Cells, list[Cells]], bool]

HERE = {Visit.Status.ATTENDED.label, Visit.Status.ATTENDED_PARTIAL.label}
#: Digits that are lost where the rows' own numbers are rounded before they are put together.
LOST = Fraction(11, 100)


def near(value: Any, exact: Any, lost: Fraction = LOST) -> bool:
    return exact is not None and abs(Fraction(value) - Fraction(exact)) <= lost


def known(rows: list[Cells], column: str) -> list[Fraction]:
    return [Fraction(one[column]) for one in rows if one[column] is not None]


def as_many(value: Any, row: Cells, rows: list[Cells]) -> bool:
    return len(rows) == value


def total(column: str, *, per: Any = 1) -> Rule:
    """The rows' numbers add up to the figure; each may have lost half a digit."""

    def fits(value: Any, row: Cells, rows: list[Cells]) -> bool:
        lost = 0 if isinstance(value, int) else Fraction(len(rows) + 1, 20)
        return near(value, sum(known(rows, column)) / Fraction(per), lost)

    return fits


def middle_of(what: Callable[[list[Fraction]], Fraction], column: str) -> Rule:
    def fits(value: Any, row: Cells, rows: list[Cells]) -> bool:
        found = known(rows, column)
        return len(found) == len(rows) > 0 and near(value, what(found))

    return fits


def mean_of(column: str) -> Rule:
    return middle_of(mean, column)


def median_of(column: str) -> Rule:
    return middle_of(median, column)


def share_where(which: Callable[[Cells], bool]) -> Rule:
    """So many of the rows, in per cent of them all."""

    def fits(value: Any, row: Cells, rows: list[Cells]) -> bool:
        return bool(rows) and near(value, Fraction(100 * sum(map(which, rows)), len(rows)))

    return fits


def divided(*above: str, capped: bool = False, per: int = 100) -> Rule:
    """The row's own counts are divided by as many as there are rows."""

    def fits(value: Any, row: Cells, rows: list[Cells]) -> bool:
        exact = Fraction(per * sum(row[one] or 0 for one in above), len(rows) or 1)
        return bool(rows) and near(value, min(exact, 100) if capped else exact)

    return fits


def of(below: str, *, capped: bool = False) -> Rule:
    """There are as many rows as the figure has above; it is divided by a count of its own row."""

    def fits(value: Any, row: Cells, rows: list[Cells]) -> bool:
        exact = Fraction(100 * len(rows), row[below])
        return near(value, min(exact, 100) if capped else exact)

    return fits


def ratio(above: str, below: str) -> Rule:
    """Both numbers stand in the rows."""

    def fits(value: Any, row: Cells, rows: list[Cells]) -> bool:
        by = sum(known(rows, below))
        lost = Fraction(len(rows) * 10 + 2, 1) / by if by else LOST
        return bool(by) and near(value, 100 * sum(known(rows, above)) / by, max(lost, LOST))

    return fits


class Like(str):
    """An interval, or a bound: it opens what the figure of this column opens."""


def still_there(week: int | None, *, lapsed: bool = False) -> Rule:
    """Kaplan and Meier over the rows: of those still here in a week, who leaves in it."""

    def fits(value: Any, row: Cells, rows: list[Cells]) -> bool:
        until = row["week"] if week is None else week
        pairs = []
        for one in rows:
            gone = lapsed and one["outcome"] == "Lapsed"
            came = one["came"] or one["starts"]
            last = max(1, (came - one["starts"]).days // 7 + 1) if gone else one["week"]
            pairs.append((last, gone or one["outcome"] == "Dropped out"))
        share = Fraction(1)
        for number in range(1, until + 1):
            here = [pair for pair in pairs if pair[0] >= number]
            if here:
                share *= 1 - Fraction(
                    sum(when == number and left for when, left in here), len(here)
                )
        return near(value, 100 * share)

    return fits


def a_year(above: str) -> Rule:
    """Events of the row in the years that the rows' days, or answered months, make."""

    def fits(value: Any, row: Cells, rows: list[Cells]) -> bool:
        years = in_years(rows)
        return bool(years) and near(value, Fraction(row[above]) / years, Fraction(6, 10_000))

    return fits


def years(value: Any, row: Cells, rows: list[Cells]) -> bool:
    return near(value, in_years(rows), Fraction(6, 1000))


def in_years(rows: list[Cells]) -> Fraction:
    if "days" in rows[0]:
        return sum(known(rows, "days")) / Fraction(Decimal("365.25"))
    return sum(known(rows, "months")) / Fraction(12)


def days_until(value: Any, row: Cells, rows: list[Cells]) -> bool:
    waited = [Fraction((one["closed"] - one["opened"]).total_seconds()) / 86_400 for one in rows]
    return near(value, median(waited))


def came(one: Cells) -> bool:
    return one["state"] in HERE


PLACES = {
    "offered": total("offered"),
    "held": total("held"),
    "came": total("came"),
    "used": ratio("held", "offered"),
    "came_share": ratio("came", "offered"),
}
INTERVAL = {"low": Like("share"), "high": Like("share")}
SEEN = {"low": Like("a3"), "high": Like("a3")}
DELIVERED = {
    "mean": mean_of("score"),
    "median": median_of("score"),
    "whole_share": divided("whole"),
    "low": Like("whole_share"),
    "high": Like("whole_share"),
    "in_time_share": divided("in_time"),
}
#: Of each report and column (or table and column) its rule; where there is none, as many rows as
#: the figure says.
RULES: Mapping[str, Mapping[str, Rule | Like]] = {
    "adherence": {
        "prescribed": total("prescribed"),
        "sessions": total("sessions"),
        "mean": mean_of("own"),
        "median": median_of("own"),
        "a1": of("prescribed"),
        "a2": share_where(came),
        "a3": share_where(came),
        "a4": divided("credited", capped=True),
        "a4_raw": divided("credited"),
        "a1_made_up": of("prescribed", capped=True),
        "a2_made_up": of("offered", capped=True),
        "a5": of("sessions"),
        "a6_4": share_where(came),
        "a6_8": share_where(came),
        "kpi": of("planned"),
        "kpi_all": of("planned"),
        "a3_so_far": share_where(came),
        "funnel.share": divided("reached"),
        **SEEN,
    },
    "dose": {
        **{name: total(name) for name in ("asked", "done", "beside", "landings_asked", "landings")},
        "asked_came": total("asked"),
        "d1": ratio("done", "asked"),
        "d2": ratio("done", "asked"),
        "d1_mean": mean_of("d1"),
        "d1_median": median_of("d1"),
        "d2_mean": mean_of("d2"),
        "d2_median": median_of("d2"),
        "d3": share_where(lambda one: one["hit"] == "yes"),
        "d3_low": Like("d3"),
        "d3_high": Like("d3"),
        "d4": ratio("landings", "landings_asked"),
    },
    "retention": {
        "curve.share": still_there(None),
        "curves.share": still_there(None),
        "curve.lapsed": still_there(None, lapsed=True),
        "share_16": still_there(16),
        "share_35": still_there(35),
        "low_35": Like("share_35"),
        "high_35": Like("share_35"),
        "reasons.share": divided("number"),
        "reasons.week": median_of("week"),
        **INTERVAL,
    },
    "fidelity": {
        **{f"groups.{name}": rule for name, rule in DELIVERED.items()},
        **{f"months.{name}": rule for name, rule in DELIVERED.items()},
        "items.share": divided("met"),
        "sizes.share": divided("classes"),
        **INTERVAL,
    },
    "change": {
        "mean": mean_of("change"),
        "low": Like("mean"),
        "high": Like("mean"),
        "median": median_of("change"),
        "percent": mean_of("percent"),
        "percent_low": Like("percent"),
        "percent_high": Like("percent"),
        "percent_median": median_of("percent"),
        "better_share": divided("better"),
        "better_low": Like("better_share"),
        "better_high": Like("better_share"),
        "beyond_share": divided("better", "worse", "changed"),
        "not_done": total("not_done"),
    },
    "safety": {
        "per_session": divided("events", per=1000),
        "session_low": Like("per_session"),
        "session_high": Like("per_session"),
        "years": years,
        "per_year": a_year("events"),
        "year_low": Like("per_year"),
        "year_high": Like("per_year"),
        "by_month.low": Like("per_session"),
        "by_month.high": Like("per_session"),
        "people.share": divided("people"),
        "three": Like("share"),
        "lost": total("lost"),
        "fall_years": years,
        "falls_a_year": a_year("falls"),
        **INTERVAL,
    },
    "operations": {
        **PLACES,
        "causes.share": divided("number"),
        "no_show_share": divided("no_show"),
        "client_share": divided("client"),
        "clinic_share": divided("clinic"),
        "credits.share": divided("taken"),
        "days": days_until,
        "useless_share": divided("useless"),
        "checks.share": divided("in_time"),
        **INTERVAL,
    },
}
#: Figures that open nothing, and why.
CLOSED: Mapping[tuple[str, str, str], str] = {
    ("adherence", "clients", "week"): "Where the client stands in her own program: one row's own.",
    ("retention", "curves", "week"): "It names the row, with the group.",
    ("change", "trials", "mean"): "Published; its source stands beside it.",
    ("change", "trials", "spread"): "Published; its source stands beside it.",
}


def rule_of(report: str, table: str, column: str) -> Rule | Like:
    """The rule of a column: that of the table's own, else the report's."""
    rules = RULES[report]
    return rules.get(f"{table}.{column}", rules.get(column, as_many))
