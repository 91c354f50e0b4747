"""Who came to what was planned: the counts of the adherence report, one query a question.

What the figures mean stands in ``define_attendance``, the SQL in ``attendance_sql``.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import date
from decimal import Decimal
from fractions import Fraction
from operator import attrgetter

from programs.models import Enrollment

from . import attendance_counts as counts
from . import attendance_one
from . import attendance_sql as sql
from .attendance_asked import enrolled, parameters, phased, words
from .scope import By, Scope
from .table import rounded

#: A row's key in SQL, over one part ``c`` of an enrollment.
KEYS: Mapping[By, str] = {
    By.CLIENT: "c.enrollment_id::text",
    By.THERAPIST: "c.therapist_id::text",
    By.PROGRAM: "coalesce(p.program_id::text, '')",
    By.PHASE: "p.phase",
    By.COHORT: "to_char(c.cohort, 'YYYY-MM')",
    By.CLINIC: "c.clinic_id::text",
}


@dataclass(frozen=True, slots=True)
class Counts:
    """Whole numbers of one row, or of several added up. The names are the keys of the columns.

    From ``ever`` on they are of the enrollments as wholes, and None where a row is less than that.
    """

    attended: int = 0
    unrecorded: int = 0
    no_show: int = 0
    late_cancel: int = 0
    cancelled_client: int = 0
    excused: int = 0
    clinic_cancelled: int = 0
    closed: int = 0
    make_up: int = 0
    extra: int = 0
    repaid: int = 0
    credited: int = 0
    prescribed: int = 0
    ever: int | None = 0
    sessions: int | None = 0
    came_4: int | None = 0
    due_4: int | None = 0
    came_8: int | None = 0
    due_8: int | None = 0
    flags: int | None = 0
    events: int | None = 0

    def __add__(self, other: Counts) -> Counts:
        return Counts(
            *(
                None if one is None or more is None else one + more
                for one, more in zip(self.numbers(), other.numbers(), strict=True)
            )  # type: ignore[arg-type]  # None only where a field may be
        )

    def numbers(self) -> tuple[int | None, ...]:
        """The numbers in the order of the fields."""
        return _numbers(self)

    @staticmethod
    def names() -> tuple[str, ...]:
        """The keys of the numbers, in the order of the fields."""
        return NUMBERS

    @classmethod
    def none(cls, *, phased: bool) -> Counts:
        """Nothing counted yet; of one phase nothing is said of enrollments as wholes."""
        if not phased:
            return cls()
        return cls(ever=None, sessions=None, came_4=None, due_4=None, came_8=None, due_8=None)

    @classmethod
    def added(cls, every: Iterable[Counts], *, phased: bool) -> Counts:
        """All of them added up; None stays None."""
        rows = [cls.none(phased=phased).numbers(), *(one.numbers() for one in every)]
        return cls(
            *(None if None in column else sum(column) for column in zip(*rows, strict=True))  # type: ignore[arg-type]
        )

    @property
    def missed(self) -> int:
        return self.no_show + self.late_cancel + self.cancelled_client

    @property
    def counted(self) -> int:
        """The sessions that could be attended: the denominator of A3."""
        return self.attended + self.unrecorded + self.missed

    @property
    def offered(self) -> int:
        """The sessions that took place: the denominator of A2."""
        return self.counted + self.excused

    @property
    def planned(self) -> int:
        return self.offered + self.clinic_cancelled + self.closed

    @property
    def client_causes(self) -> int:
        return self.missed + self.excused


NUMBERS = tuple(each.name for each in fields(Counts))
_numbers = attrgetter(*NUMBERS)
_SUMS, _WHOLES = NUMBERS[:13], NUMBERS[13:]
_LIVES, _BESIDE = _WHOLES[:-2], _WHOLES[-2:]
#: Where in the SQL the numbers of an enrollment as a whole stand.
_OF = {name: {"flags": "g", "events": "a"}.get(name, "h") for name in _WHOLES}

#: Numerator and denominator of each measure.
Ratio = Callable[[Counts], tuple[int, int] | None]
MEASURES: Mapping[str, Ratio] = {
    "a1": lambda one: (one.attended, one.prescribed),
    "a2": lambda one: (one.attended, one.offered),
    "a3": lambda one: (one.attended, one.counted),
    "a4": lambda one: (one.credited, one.counted),
    "a1_made_up": lambda one: (one.credited, one.prescribed),
    "a2_made_up": lambda one: (one.credited, one.offered),
    "a5": lambda one: _pair(one.ever, one.sessions),
    "a6_4": lambda one: _pair(one.came_4, one.due_4),
    "a6_8": lambda one: _pair(one.came_8, one.due_8),
    "kpi": lambda one: (one.client_causes, one.planned),
    "kpi_all": lambda one: (one.planned - one.attended - one.unrecorded, one.planned),
}

#: The measure of each leading definition.
OF_HEADLINE = {"A1": "a1", "A2": "a2", "A3": "a3", "A4": "a4", "A5": "a5", "A6": "a6_4"}


def _pair(hits: int | None, total: int | None) -> tuple[int, int] | None:
    return None if hits is None or total is None else (hits, total)


#: The steps of the funnel: days since the start, and sessions attended or made up.
EIGHT_WEEKS, HALF, ALL_SESSIONS = 56, 35, 70


@dataclass(frozen=True, slots=True)
class Reached:
    """How many enrollments came how far since their start, each step among those before it."""

    enrolled: int = 0
    came: int = 0
    eight_weeks: int = 0
    half: int = 0
    whole: int = 0

    @classmethod
    def keys(cls) -> tuple[str, ...]:
        """The keys of the steps, in their order."""
        return tuple(each.name for each in fields(cls))

    @classmethod
    def of(cls, people: Sequence[Person]) -> Reached:
        """Of enrollments one by one."""
        stayed = [one.came for one in people if one.days >= EIGHT_WEEKS]
        return cls(
            len(people),
            sum(one.came > 0 for one in people),
            *(sum(came >= sessions for came in stayed) for sessions in (1, HALF, ALL_SESSIONS)),
        )

    @classmethod
    def who(cls, people: Sequence[Person], step: str) -> list[Person]:
        """The enrollments that reached a step."""
        return [one for one in people if getattr(cls.of([one]), step)]

    def steps(self) -> tuple[tuple[str, str, int], ...]:
        """Key, words and number of each step."""
        return (
            ("enrolled", "Enrolled", self.enrolled),
            ("came", "First session", self.came),
            ("eight_weeks", "Eight weeks", self.eight_weeks),
            ("half", f"{HALF} sessions", self.half),
            ("whole", f"{ALL_SESSIONS} sessions", self.whole),
        )


@dataclass(frozen=True, slots=True)
class Person:
    """One enrollment; what a row says of it besides is in ``attendance_along``."""

    enrollment: int
    client: int
    clinic: int
    name: str
    starts_on: date
    ended_on: date | None
    status: str
    therapist: int
    program: int | None
    counts: Counts
    days: int
    came: int

    @property
    def status_word(self) -> str:
        return str(Enrollment.Status(self.status).label)


#: The columns of ``Counts`` that are not of ``counts``, over a part p and what is credited.
_OF_PARTS = {
    "prescribed": "p.prescribed",
    "repaid": counts.REPAID,
    "credited": counts.CREDITED,
}


def facts(scope: Scope, several: Sequence[int] | None = None) -> str:
    """The SQL of one row for each enrollment c and key, with the numbers of Counts.

    ``several``: the enrollments that followed several main programs, a parameter of this name, too;
    all others are told by a shorter way. None: nobody is, which is sooner planned.
    """
    if several is None or phased(scope):
        return _rows(scope, _added_up(scope))
    if not several:
        return _rows(scope, _of_one(scope), followed=attendance_one.FOLLOWED)
    them = "c.enrollment_id {} (%(several)s::bigint[])".format
    return f"""{_rows(scope, _of_one(scope), them("<> ALL"), attendance_one.FOLLOWED)}
UNION ALL {_rows(scope, _added_up(scope), them("= ANY"))}"""


def _rows(scope: Scope, numbers: str, which: str = "true", followed: str = "") -> str:
    by, whole = scope.filters.by, not phased(scope)
    # Who followed several programs is a whole in the row of the one on the last day.
    home = {By.PROGRAM: "h.key = coalesce(h.home::text, '')", By.PHASE: "false"}.get(by, "true")
    shown = ", ".join(
        f"CASE WHEN {home} THEN {_OF[name]}.{name}::int END AS {name}"
        if whole or name in _BESIDE
        else f"NULL::int AS {name}"
        for name in _WHOLES
    )
    summed = ", ".join(f"h.{name}" for name in _SUMS)
    kept = f"h.here OR h.sat OR ({home})" if whole else "h.here OR h.sat"
    key = "h.key" if by in _BY_PART else f"{KEYS[by]} AS key"
    return f"""
SELECT c.*, {key}, {summed}, {shown}, h.home AS program_id,
    CASE WHEN {home} THEN c.until - c.starts_on END AS days, h.made,
    h.ever + h.made AS came
FROM {enrolled(scope, which)}
{followed}CROSS JOIN LATERAL {sql.FLAGS} g
CROSS JOIN LATERAL {sql.EVENTS} a
CROSS JOIN LATERAL ({numbers}) h
WHERE {kept}"""


#: A row of a whole enrollment is one sum; where parts have rows of their own they are grouped.
_BY_PART = (By.PROGRAM, By.PHASE)
_SAT = " + ".join(f"x.{name}" for name in sql.COUNTED)


def _of_one(scope: Scope) -> str:
    """Of who followed one program or none: nothing is added to the one part."""
    by = scope.filters.by
    key = f"{KEYS[by]} AS key, " if by == By.PROGRAM else ""
    sums = ", ".join(f"{_OF_PARTS.get(name, f'x.{name}')}::int AS {name}" for name in _SUMS)
    of_wholes = {"sessions": "p.home_sessions"}
    wholes = ", ".join(
        f"{of_wholes.get(name, f'x.{name}')}::int AS {name}" for name in (*_LIVES, "made")
    )
    return f"""
    SELECT {key}{sums}, {wholes}, p.home_program AS home, p.here, {_SAT} > 0 AS sat
    FROM {attendance_one.part()} p
    CROSS JOIN LATERAL {counts.counts(words(scope))} x
    CROSS JOIN LATERAL {counts.CREDIT} y"""


def _added_up(scope: Scope) -> str:
    """Of an enrollment whose parts are added up, or, by program and phase, have rows each."""
    by = scope.filters.by
    sums = ", ".join(f"sum({_OF_PARTS.get(name, f'x.{name}')})::int AS {name}" for name in _SUMS)
    over = " OVER ()" if by == By.PROGRAM else ""
    key, group = (f"{KEYS[by]} AS key, ", "GROUP BY 1") if by in _BY_PART else ("", "")
    of_wholes = {"sessions": "max(p.home_sessions)"}
    wholes = ", ".join(
        f"{of_wholes.get(name, f'sum(sum(x.{name})){over}' if over else f'sum(x.{name})')}::int"
        f" AS {name}"
        for name in (*_LIVES, "made")
    )
    return f"""
    SELECT {key}{sums}, {wholes}, max(p.home_program) AS home,
        bool_or(p.here) AS here, sum({_SAT}) > 0 AS sat
    FROM {sql.parts(phased(scope))} p
    CROSS JOIN LATERAL {counts.counts(words(scope))} x
    CROSS JOIN LATERAL {counts.CREDIT} y
    {group}
"""


def people(scope: Scope) -> Sequence[Person]:
    """One row an enrollment, by the clients' names; one query."""
    numbers = ", ".join(f"c.{name}" for name in NUMBERS)
    found = scope.ask(
        f"""
SELECT c.enrollment_id, c.client_id, c.clinic_id, n.name, c.starts_on, c.ended_on, c.status,
    c.therapist_id, c.program_id, c.days, c.came, {numbers}
FROM ({facts(scope)}) c
JOIN clients_client n ON n.id = c.client_id
ORDER BY n.name, c.client_id, c.starts_on, c.enrollment_id""",
        once=True,
        **parameters(scope),
    )
    return [
        Person(
            enrollment=row[0],
            client=row[1],
            clinic=row[2],
            name=row[3],
            starts_on=row[4],
            ended_on=row[5],
            status=row[6],
            therapist=row[7],
            program=row[8],
            days=row[9],
            came=row[10],
            counts=Counts(*row[11:]),
        )
        for row in found
    ]


def spread(people: Sequence[Person], headline: str) -> tuple[Decimal | None, Decimal | None, int]:
    """Mean and median of the enrollments' own percentages, as they are shown, and of how many."""
    ratio = MEASURES[OF_HEADLINE.get(headline, "a3")]
    pairs = [pair for one in people if (pair := ratio(one.counts)) and pair[1]]
    if not pairs:
        return None, None, 0
    by_total: dict[int, int] = defaultdict(int)
    for hits, total in pairs:
        by_total[total] += hits
    mean = sum((Fraction(hits, total) for total, hits in by_total.items()), Fraction(0))
    return rounded(100 * mean / len(pairs)), rounded(100 * _middle(pairs)), len(pairs)


def _middle(pairs: Sequence[tuple[int, int]]) -> Fraction:
    """The median, exactly. Two ratios of sessions differ by more than a float can hide, and floats
    are put into order ten times as fast as fractions."""
    ordered = sorted(pairs, key=lambda pair: pair[0] / pair[1])
    half, odd = divmod(len(ordered), 2)
    if odd:
        return Fraction(*ordered[half])
    return (Fraction(*ordered[half - 1]) + Fraction(*ordered[half])) / 2
