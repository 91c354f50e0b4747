"""How much was lifted of what was prescribed: the counts of the dose report.

Whole numbers throughout: volumes are in 0.0001 kg × reps, shares are exact until they are printed.
What the figures mean stands in ``define_dose``, the SQL in ``dose_sql``.
Across many clinics the question is put in shares: of each come sums, and the percentages of its
people, for the mean and the median are of all of them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields
from decimal import Decimal
from functools import cached_property
from typing import Any, NamedTuple

from . import dose_sql as sql
from .dose_rows import HERS, MONTHS, PACKED, Standing, parameters, standing
from .scope import By, Scope
from .shares import Question, ask_in_shares

#: A row's key in SQL, over one dose row ``d`` of an enrollment ``c``.
KEYS: Mapping[By, str] = {
    By.CLIENT: "c.enrollment_id::text",
    By.THERAPIST: "c.therapist_id::text",
    By.PROGRAM: "coalesce(d.program_id::text, '')",
    By.PHASE: "d.phase",
    By.COHORT: "to_char(c.cohort, 'YYYY-MM')",
    By.CLINIC: "c.clinic_id::text",
}
#: Where a row is of whole enrollments, those without a session have one too.
WHOLE = (By.CLIENT, By.THERAPIST, By.COHORT, By.CLINIC)


@dataclass(frozen=True, slots=True)
class Sums:
    """Sums of one row. The names are the keys of the columns; a volume is in 0.0001 kg × reps.

    Extra sessions are in ``beside``, and in the sets from ``load_sets`` on, in nothing else.
    """

    sessions: int = 0
    came: int = 0
    excused: int = 0
    unknown: int = 0
    asked: int = 0
    asked_came: int = 0
    done: int = 0
    beside: int = 0
    landings_asked: int = 0
    landings: int = 0
    load_sets: int = 0
    rated: int = 0
    hits: int = 0
    no_effort: int = 0

    @property
    def missed(self) -> int:
        return self.sessions - self.came

    @property
    def not_rated(self) -> int:
        return self.load_sets - self.rated


_NAMES = tuple(each.name for each in fields(Sums))
#: Sums of sums, which the database calls numeric: whole numbers again.
_ADDED = ", ".join(f"coalesce(sum(b.{name}), 0)::bigint" for name in _NAMES)
_ADDED_NAMED = ", ".join(f"coalesce(sum(b.{name}), 0)::bigint AS {name}" for name in _NAMES)


@dataclass(frozen=True, slots=True)
class Spread:
    """Percentages of clients: how many have one, their mean and their median."""

    n: int = 0
    mean: Decimal | None = None
    median: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Line:
    """One row of figures. ``enrollments`` in it, 0 where that is not told; ``d1`` to ``d3`` theirs.
    ``people``: of how many it is at least, ``measured``: of how many those with a D1 are.
    """

    kind: str
    key: str
    lift: str
    enrollments: int
    sums: Sums
    d1: Spread
    d2: Spread
    d3: Spread
    people: int = 0
    measured: int = 0


class Dose:
    """All lines of a report: by what was asked for, by lift, phase, level and month.

    Those of clients, those of lifts and the others are asked for in a query each, when one of them
    is looked at; for whoever may read no names the last two are one, since what one of these tables
    keeps back the other must not say.
    """

    def __init__(self, scope: Scope) -> None:
        self.scope = scope
        self._found: dict[_Wanted, Mapping[str, Sequence[Line]]] = {}

    @property
    def total(self) -> Line:
        return self._of(_BY_CLIENT)["total"][0]

    @property
    def lines(self) -> Sequence[Line]:
        return self._of(_BY_CLIENT).get("line", ())

    @property
    def lifts(self) -> Sequence[Line]:
        return self._of(_BY_LIFT).get("lift", ())

    @property
    def phases(self) -> Sequence[Line]:
        return self._of(_BY_CELL).get("phase", ())

    @property
    def levels(self) -> Sequence[Line]:
        return self._of(_BY_CELL).get("level", ())

    @property
    def months(self) -> Sequence[Line]:
        return sorted(self._of(_BY_CELL).get("month", ()), key=lambda one: one.key)

    @cached_property
    def _standing(self) -> Callable[[Scope], Standing]:
        return standing(self.scope)

    def _of(self, wanted: _Wanted) -> Mapping[str, Sequence[Line]]:
        if not self.scope.named and wanted is not _BY_CLIENT:
            wanted = _BY_PART
        if wanted not in self._found:
            self._found[wanted] = self._asked(wanted)
        return self._found[wanted]

    def _asked(self, wanted: _Wanted) -> Mapping[str, Sequence[Line]]:
        by = self.scope.filters.by
        question = _question(self._standing, lambda rows: _lines(by, rows, wanted))
        found: dict[str, list[Line]] = {}
        for kind, key, lift, enrollments, people, measured, *rest in ask_in_shares(
            self.scope, question, _ANSWERS, _TOGETHER, memory=_MEMORY
        ):
            d1, d2, d3 = (Spread(*rest[at : at + 3]) for at in (0, 3, 6))
            sums = Sums(*rest[9:])
            line = Line(kind, key, lift, enrollments, sums, d1, d2, d3, people, measured)
            found.setdefault(kind, []).append(line)
        return found


#: The percentages of one client, worked out once.
_SHARES = ", ".join(
    f"100.0 * b.{hits} / nullif(b.{total}, 0) AS {name}"
    for name, hits, total in (
        ("s1", "done", "asked"),
        ("s2", "done", "asked_came"),
        ("s3", "hits", "rated"),
    )
)


def _spread(share: str) -> str:
    """n, mean and median of percentages; the median is exact: the middle one, or between two."""
    middle = f"(percentile_disc(ARRAY[0.5, 0.500000001]) WITHIN GROUP (ORDER BY p.{share}))"
    return f"count(p.{share}), avg(p.{share}), ({middle}[1] + {middle}[2]) / 2"


_SPREADS = ", ".join(map(_spread, ("s1", "s2", "s3")))
_OF_PEOPLE = ", ".join(f"coalesce(sum(p.{name}), 0)::bigint" for name in _NAMES)
_NO_SUMS = ", ".join(["NULL::bigint"] * len(_NAMES))
_NO_SHARES = ", ".join(["NULL::numeric"] * 3)

#: Rows of a person by what they are told apart, and those of the tables of lifts, phases, levels
#: and months.
_PERSON, _CELL = "d.enrollment_id, d.mine, d.lift, d.level", "d.phase, d.month, d.lift, d.level"
#: Of how many people a row is at least: a mark for each, as ``small_cells.at_least`` has it. Marks
#: of two rows put together are those of both, however many enrollments a person has.
_MARK = "1::bigint << mod({whose}.client_id, 63)::int"
_MARKS = f"bit_or({_MARK.format(whose='d')}) AS marks"
_MARKED = "bit_or(b.marks) AS marks"


def _each(rows: str) -> str:
    """SQL of a grouping of whole months, which several processes share, and of all else."""
    return f"""AS MATERIALIZED (
    SELECT * FROM ({rows.format(sums="{added}", rows="{months}")}) w
    UNION ALL
    {rows.format(sums="{sums}", rows="{loose}")}
)"""


#: Of a client by herself: nothing is put in order for it, and her lifts are not told apart.
_HELD_ALONE = f"""AS MATERIALIZED (
    SELECT c.enrollment_id, w.* FROM {PACKED.format(each="{each}")}
    UNION ALL
    SELECT d.enrollment_id, d.mine, {{sums}} FROM {{loose}} GROUP BY 1, 2
)"""
_HELD = _each(f"SELECT {_PERSON}, {_MARKS}, {{sums}} FROM {{rows}} GROUP BY {_PERSON}")
_CELLS = _each(f"SELECT {_CELL}, {_MARKS}, {{sums}} FROM {{rows}} GROUP BY {_CELL}")
#: Both of the same rows, in one reading.
_SUMMED = _each(
    f"""SELECT grouping(d.enrollment_id) = 0 AS of_person, d.enrollment_id, d.mine, d.lift,
        d.level, d.phase, d.month, {_MARKS}, {{sums}}
    FROM {{rows}} GROUP BY GROUPING SETS (({_PERSON}), ({_CELL}))"""
)
_BOTH = f""", summed {_SUMMED}
, held AS (SELECT * FROM summed WHERE of_person)
, cells AS (SELECT * FROM summed WHERE NOT of_person)"""
#: Memory for the groups of one query, of which there are as many as clients and lifts.
_MEMORY = 64

#: A row of what a share answers: sums, or the percentages of one person.
_ANSWERS = {
    "kind": "text",
    "key": "text",
    "lift": "text",
    "enrollments": "int",
    "marks": "bigint",
    **dict.fromkeys(("s1", "s2", "s3"), "numeric"),
    **dict.fromkeys(_NAMES, "bigint"),
}
#: The same of all shares together.
_TOGETHER = f"""
SELECT p.kind, p.key, p.lift, sum(p.enrollments), coalesce(bit_count(bit_or(p.marks)::bit(64)), 0),
    coalesce(bit_count((bit_or(p.marks) FILTER (WHERE p.s1 IS NOT NULL))::bit(64)), 0),
    {_SPREADS}, {_OF_PEOPLE}
FROM answers p GROUP BY p.kind, p.key, p.lift"""


def _told(kind: str, key: str, lift: str, rows: str) -> str:
    """Two answers of rows of people: what each comes to, and their sums, also of nobody."""
    group = f"GROUP BY {key}" if key != "''" else ""
    return f"""
SELECT '{kind}', {key}, {lift}, 1, b.marks, b.s1, b.s2, b.s3, {_NO_SUMS} FROM {rows} b
UNION ALL
SELECT '{kind}', {key}, {lift}, 0, NULL::bigint, {_NO_SHARES}, {_ADDED} FROM {rows} b {group}"""


def _summed(kind: str, key: str, lift: str, where: str) -> str:
    """The sums of one table, from those that need no person."""
    return f"""
SELECT '{kind}', {key}, {lift}, 0, bit_or(b.marks), {_NO_SHARES}, {_ADDED} FROM cells b
WHERE {where} GROUP BY 2, 3"""


_OF_LIFT = "b.lift <> '' AND b.level IS NULL"


class _Wanted(NamedTuple):
    """Lines that are asked for together: what they are told from, and themselves as SQL."""

    groups: str
    lines: tuple[str, ...]
    of_people: bool = False
    of_lifts: bool = False


_CLIENT_LINES = (
    _told("line", "b.key", "''", "people"),
    _told("total", "''", "''", "whole"),
)
_LIFT_LINES = (_told("lift", "b.lift", "b.lift", "lifts"),)
_CELL_LINES = (
    _summed("phase", "b.phase::text", "b.lift::text", _OF_LIFT),
    _summed("level", "b.level::text", "''", "b.level IS NOT NULL"),
    _summed("month", "to_char(b.month, 'YYYY-MM')", "b.lift::text", _OF_LIFT),
)
_BY_CLIENT = _Wanted(f", held {_HELD_ALONE}", _CLIENT_LINES, of_people=True)
_BY_LIFT = _Wanted(f", held {_HELD}", _LIFT_LINES, of_lifts=True)
_BY_CELL = _Wanted(f", cells {_CELLS}", _CELL_LINES)
_BY_PART = _Wanted(_BOTH, (*_LIFT_LINES, *_CELL_LINES), of_lifts=True)


def _lines(by: By, rows: str, wanted: _Wanted) -> str:
    """The lines that are wanted, from the dose rows and months that ``rows`` is the SQL of."""
    mine = {By.PROGRAM: "d.program_id::text", By.PHASE: "d.phase::text"}.get(by, "NULL::text")
    added = ", ".join(f"sum(d.{name})::bigint AS {name}" for name in _NAMES)
    grouped = wanted.groups.format(
        added=added,
        sums=", ".join(f"({what})::bigint AS {name}" for name, what in sql.SUMS.items()),
        months=f"(SELECT d.*, c.client_id, {mine} AS mine FROM {MONTHS}) d",
        loose=f"(SELECT d.*, {mine} AS mine FROM dose d) d",
        each=f"SELECT {mine} AS mine, {added} FROM {HERS} GROUP BY 1",
    )
    people = _people(by) if wanted.of_people else ""
    lifts = _LIFTS if wanted.of_lifts else ""
    return f"{rows}{grouped}{people}{lifts}{' UNION ALL '.join(wanted.lines)}"


def _people(by: By) -> str:
    """``people``: the sums of each person in each row; ``whole``: of each person."""
    if by in WHOLE:
        key, people = KEYS[by], "chosen c LEFT JOIN held b ON b.enrollment_id = c.enrollment_id"
        each = "SELECT * FROM people"
    else:
        key, people = "coalesce(b.mine, '')", "held b JOIN chosen c USING (enrollment_id)"
        each = f"""SELECT b.*, {_SHARES} FROM (
            SELECT b.enrollment_id, {_MARKED}, {_ADDED_NAMED} FROM people b GROUP BY 1
        ) b"""
    marks = f"bit_or({_MARK.format(whose='c')}) AS marks"
    return f"""
, people AS MATERIALIZED (
    SELECT b.*, {_SHARES} FROM (
        SELECT {key} AS key, c.enrollment_id, {marks}, {_ADDED_NAMED} FROM {people} GROUP BY 1, 2
    ) b
), whole AS ({each}
)"""


_LIFTS = f"""
, lifts AS (
    SELECT b.*, {_SHARES} FROM (
        SELECT b.lift::text, b.enrollment_id, {_MARKED}, {_ADDED_NAMED} FROM held b
        WHERE {_OF_LIFT} GROUP BY 1, 2
    ) b
)"""


def _question(stands: Callable[[Scope], Standing], body: Callable[[str], str]) -> Question:
    """What each share is asked: ``body`` over the rows of its own enrollments."""

    def each(share: Scope) -> tuple[str, dict[str, Any]]:
        params, mine = parameters(share), stands(share)
        return body(mine.rows(by_month=True, params=params)), {**params, **mine.params}

    return each


@dataclass(frozen=True, slots=True)
class Totals:
    """Of all together; ``people``: enrollments of whom something was asked."""

    sessions: int
    beside: int
    asked: int
    done: int
    people: int


def totals(scope: Scope) -> Totals:
    """What the report leads with, and what tells whether it says anything; two queries."""
    names = tuple(each.name for each in fields(Totals))
    sums = ", ".join(f"({sql.SUMS[name]})::bigint AS {name}" for name in names[:-1])
    added = ", ".join(f"sum(d.{name})::bigint AS {name}" for name in names[:-1])
    all_ = ", ".join(f"coalesce(sum(p.{name}), 0)::bigint" for name in names)

    def body(rows: str) -> str:
        return f"""{rows}
, parts AS (
    SELECT c.enrollment_id, w.* FROM {PACKED.format(each=f"SELECT {added} FROM {HERS}")}
    UNION ALL
    SELECT d.enrollment_id, {sums} FROM dose d GROUP BY 1
), people AS (SELECT enrollment_id, {added} FROM parts d GROUP BY 1)
SELECT p.sessions, p.beside, p.asked, p.done, (p.asked > 0)::int::bigint FROM people p"""

    [found] = ask_in_shares(
        scope,
        _question(standing(scope), body),
        dict.fromkeys(names, "bigint"),
        f"SELECT {all_} FROM answers p",
        memory=_MEMORY,
    )
    return Totals(*found)


def few(scope: Scope) -> Mapping[str, Mapping[str, int]]:
    """People in the rows of whole enrollments, which count enrollments, and in all; one query."""
    by = scope.filters.by
    if by not in WHOLE:
        return {}
    body = f"""SELECT coalesce({KEYS[by]}, 'total'), count(DISTINCT c.client_id)
    FROM chosen c GROUP BY GROUPING SETS (({KEYS[by]}), ())"""
    return {"lines": dict(scope.ask(body, once=True))}
