"""How a clinic runs: the operations report. Words: define_operations; queries: running, retests."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from decimal import Decimal
from fractions import Fraction
from typing import Any

from bonefit.clinics.dates import say_day
from sessions.due_list import WORDS as CHECKS
from sessions.makeups import OWED
from sessions.models import Flag, Visit

from . import define_operations as words
from . import retests
from .kinds import ReportKind
from .lazily import Parts, Pictures, Tables
from .operations_behind import MADE_OF, TOTAL, behind
from .operations_counted import Running
from .operations_few import few
from .operations_places import FEW, lead, makers_of
from .pictures import Benchmark, Spot, Trend
from .retests import CameDue
from .scope import By, Scope
from .stats import wilson
from .table import Cell, Figure, Report, Row, Table, rounded, share

SECONDS_A_DAY = 86_400
UNRECORDED = Visit.Status.UNRECORDED
#: How a session ended, as the rows stand; an attended one in part is attended.
STATES = tuple(
    str(status)
    for status in Visit.Status
    if status
    not in (
        Visit.Status.PLANNED,
        Visit.Status.CHECKED_IN,
        Visit.Status.ATTENDED_PARTIAL,
        Visit.Status.RELEASED,
    )
)
CLIENTS_CAUSES = (*Visit.MISSED, Visit.Status.EXCUSED)
CLINICS_CAUSES = (Visit.Status.CLINIC_CANCELLED, Visit.Status.HOLIDAY_CLOSED)
BECAME = ("taken", "booked", "open", "lapsed")
#: Key and title of each table.
_CAUSES = ("causes", "How sessions ended")
_BY_MONTH = ("causes_by_month", "Cancellations by month")
_CREDITS = ("credits", "Make-ups")
_FLAGS = ("flags", "Flags")
_NO_SHOWS = "No-shows"
_CHECKS = ("checks", "Scans and tests")
#: A published mean and its standard deviation: UNLV thesis 2323, 634 respondents.
OF_THE_CLINIC = (
    "Places, rooms and classes are those of the whole clinic. In this clinic therapists see the "
    "figures of their own clients, so they are left out here; the clinic’s admins see them."
)
NO_SHOWS_ELSEWHERE = Benchmark("US outpatient physiotherapy 10.4 ± 7.4", 10.4, 10.4)


def make(scope: Scope) -> Report:
    """The report: places, how sessions ended, make-ups, flags, scans and tests."""
    found = Running(scope)
    everything = found.everything
    classes = everything.classes + everything.alone if everything else 0
    opened = sum(one[2] + one[4] for one in found.flags)
    if not (classes or found.scheduled or opened or found.checks):
        first, last = say_day(scope.filters.first), say_day(scope.filters.last)
        return Report(None, (), (), nothing=f"Nothing took place from {first} to {last}.")
    beside = tuple(_beside(found))
    shown = _parts(found)
    return Report(
        lead=lead(everything) if everything else next(iter(beside), None),
        beside=beside if everything else beside[1:],
        tables=shown.tables,
        pictures=shown.pictures,
        notes=() if everything else (OF_THE_CLINIC,),
    )


def parts(scope: Scope) -> Parts:
    """Its tables and pictures alone."""
    return _parts(Running(scope))


def _parts(found: Running) -> Parts:
    makers: list[tuple[str, str, Callable[[], Table]]] = []
    if found.scope.whole:
        makers += makers_of(lambda: found.places, found.scope)
    makers += [
        (*_CAUSES, lambda: _causes(found)),
        (*_BY_MONTH, lambda: _causes_by_month(found)),
        (*_CREDITS, lambda: _credits(found.credits)),
        (*_FLAGS, lambda: _flags(found)),
        (*_CHECKS, lambda: _checks(found.checks)),
    ]
    return Parts(Tables(makers), Pictures({"no_shows": (_NO_SHOWS, lambda: _trend(found))}))


# --- in words -------------------------------------------------------------------------------------


def _said(
    hits: int, total: int, sentence: str, code: str, opens: tuple[str, str, str] | None = None
) -> Iterator[Figure]:
    """A share with Wilson's interval, and what it was counted from; nothing where there is none.

    ``opens``: where the hits are counted, if there is one place for all.
    """
    ends = wilson(hits, total)
    if ends is None:
        return
    printed = (str(rounded(100 * ends[0])), str(rounded(100 * ends[1])))
    said = f"{sentence}: {hits} of {total}"
    yield Figure(str(share(hits, total)), "%", said, code, printed, opens if hits else None)


def _of(states: Counter[str], which: Sequence[str]) -> int:
    return sum(states[state] for state in which)


def _beside(found: Running) -> Iterator[Figure]:
    states, scheduled = found.states, found.scheduled
    no_shows, client = states[Visit.Status.NO_SHOW], _of(states, CLIENTS_CAUSES)
    both = client + _of(states, CLINICS_CAUSES)
    yield from _said(
        no_shows,
        scheduled,
        "of the sessions were no-shows",
        words.NO_SHOW.code,
        ("causes_by_month", TOTAL, "no_show"),
    )
    yield from _said(
        client,
        scheduled,
        "cancelled or not come, client’s causes",
        "NC",
        ("causes_by_month", TOTAL, "client"),
    )
    yield from _said(
        both,
        scheduled,
        "the same with the clinic’s causes",
        "NC",
        ("causes_by_month", TOTAL, "both"),
    )
    taken, lapsed = (sum(_became(found.credits, one).values()) for one in ("taken", "lapsed"))
    yield from _said(
        taken,
        taken + lapsed,
        "of make-ups that are decided were taken",
        "MU",
        ("credits", TOTAL, "taken"),
    )
    every = next((one for one in found.flags if one[0] is None), None)
    if every is not None and every[7] is not None:
        days = str(_days(every[7]))
        said = f"median until a person closed a flag, of {every[5]}"
        yield Figure(days, "days", said, "FL", opens=("flags", TOTAL, "days"))
    due, in_time, _ = retests.counted(found.checks)
    yield from _said(
        in_time,
        due,
        "of the scans and tests due were done in time",
        "RT",
        ("checks", TOTAL, "in_time"),
    )


def _days(seconds: Decimal | None) -> Decimal | None:
    return None if seconds is None else rounded(Fraction(seconds) / SECONDS_A_DAY)


def _trend(found: Running) -> Trend:
    spots = []
    for month, states in found.by_month.items():
        hits, total = states[Visit.Status.NO_SHOW], states.total()
        low, high = wilson(hits, total) or (0.0, 0.0)
        spots.append(Spot(f"{month:%B %Y}", 100 * hits / total, 100 * low, 100 * high, total))
    said = "; ".join(
        f"{month:%B %Y} {share(states[Visit.Status.NO_SHOW], states.total())} %"
        for month, states in found.by_month.items()
    )
    return Trend(
        title=_NO_SHOWS,
        words=f"No-shows of all scheduled sessions by month: {said or 'none were scheduled'}.",
        spots=tuple(spots),
        benchmarks=(NO_SHOWS_ELSEWHERE,),
    )


# --- tables ---------------------------------------------------------------------------------------


def _causes(found: Running) -> Table:
    rows = []
    for state in STATES:
        number = found.states[state]
        if number:
            cells = (_state(state), number, *_shares(number, found.scheduled))
            rows.append(Row(state, cells, pale=found.scheduled < FEW))
    every = ("All scheduled", found.scheduled, share(found.scheduled, found.scheduled), None, None)
    return Table(
        *_CAUSES,
        words.CAUSES,
        rows,
        total=Row(TOTAL, every),
        opens=frozenset({"number", *MADE_OF["causes"]}),
    )


def _state(state: str) -> str:
    return str(Visit.Status(state).label)


def _shares(hits: int, total: int) -> tuple[Cell, Cell, Cell]:
    low, high = wilson(hits, total) or (None, None)
    return (
        share(hits, total),
        None if low is None else rounded(100 * low),
        None if high is None else rounded(100 * high),
    )


def _month_cells(name: str, states: Counter[str]) -> tuple[Cell, ...]:
    scheduled = states.total()
    counts = (
        states[Visit.Status.NO_SHOW],
        _of(states, CLIENTS_CAUSES),
        _of(states, CLINICS_CAUSES),
    )
    pairs = ((number, share(number, scheduled)) for number in counts)
    return name, scheduled, *(cell for pair in pairs for cell in pair)


def _causes_by_month(found: Running) -> Table:
    rows = [
        Row(f"{month:%Y-%m}", _month_cells(f"{month:%B %Y}", states), pale=states.total() < FEW)
        for month, states in found.by_month.items()
    ]
    return Table(
        *_BY_MONTH,
        words.CAUSES_BY_MONTH,
        rows,
        total=Row(TOTAL, _month_cells("All", found.states)),
        opens=frozenset({"scheduled", "no_show", "client", "clinic", *MADE_OF["causes_by_month"]}),
    )


def _became(found: Counter[tuple[str, str]], became: str) -> Counter[str]:
    return Counter({state: number for (state, one), number in found.items() if one == became})


def _credits(found: Counter[tuple[str, str]]) -> Table:
    def row(key: str, name: str, counts: Sequence[int]) -> Row:
        taken, _, _, lapsed = counts
        cells = (name, sum(counts), *counts, share(taken, taken + lapsed))
        return Row(key, cells, pale=sum(counts) < FEW)

    rows = []
    for state in OWED:
        counts = [found[state, became] for became in BECAME]
        if sum(counts):
            rows.append(row(str(state), _state(state), counts))
    total = [sum(_became(found, became).values()) for became in BECAME]
    return Table(
        *_CREDITS,
        words.CREDITS,
        rows,
        total=row(TOTAL, "All", total),
        opens=frozenset({"owed", *BECAME, *MADE_OF["credits"]}),
    )


def _flags(found: Running) -> Table:
    kinds, severities = dict(Flag.Kind.choices), dict(Flag.Severity.choices)
    order = list(severities)
    rows, total = [], None
    for kind, severity, *numbers in found.flags:
        if kind is None or severity is None:
            total = Row(TOTAL, ("All", None, *_flag_cells(numbers)))
            continue
        cells = (kinds[kind], severities[severity], *_flag_cells(numbers))
        rows.append((order.index(severity), Row(f"{kind}.{severity}", cells, numbers[0] < FEW)))
    rows.sort(key=lambda pair: (pair[0], str(pair[1].cells[0])))
    return Table(
        *_FLAGS,
        words.BY_FLAG,
        [row for _, row in rows],
        total=total if rows else None,
        notes=() if rows else ("No flag was opened or closed.",),
        opens=frozenset({"opened", "waits", "closed", "person", "useless", *MADE_OF["flags"]}),
    )


def _flag_cells(numbers: Sequence[Any]) -> tuple[Cell, ...]:
    opened, waits, closed, person, useless, seconds = numbers
    return opened, waits, closed, person, _days(seconds), useless, share(useless, person)


def _checks(found: Sequence[CameDue]) -> Table:
    def row(key: str, name: str, those: Sequence[CameDue]) -> Row:
        due, in_time, late = retests.counted(those)
        cells = (name, due, in_time, late, due - in_time - late, *_shares(in_time, due))
        return Row(key, cells, pale=due < FEW)

    rows = []
    for (check, first), name in CHECKS.items():
        those = [one for one in found if (one.due.check, one.due.first) == (check, first)]
        if those:
            rows.append(row(f"{check}.{int(first)}", name, those))
    return Table(
        *_CHECKS,
        words.BY_CHECK,
        rows,
        total=row(TOTAL, "All", found) if rows else None,
        notes=() if rows else ("Nothing came due.",),
        opens=frozenset({"due", "in_time", "late", "missing", *MADE_OF["checks"]}),
    )


KIND = ReportKind(
    slug="operations",
    title="Operations",
    question="Are the places used, what is cancelled, and what is seen to in time?",
    definitions=words.DEFINITIONS,
    columns=(
        ("Places by month", words.MONTHS),
        ("Places by room", words.ROOMS),
        ("Places by therapist", words.THERAPISTS),
        ("How sessions ended", words.CAUSES),
        ("Cancellations by month", words.CAUSES_BY_MONTH),
        ("Make-ups", words.CREDITS),
        ("Flags", words.BY_FLAG),
        ("Scans and tests", words.BY_CHECK),
        ("Behind a figure: classes", words.CLASSES_BEHIND),
        ("Behind a figure: sessions", words.SESSIONS_BEHIND),
        ("Behind a figure: make-ups", words.CREDITS_BEHIND),
        ("Behind a figure: flags", words.FLAGS_BEHIND),
        ("Behind a figure: scans and tests", words.CHECKS_BEHIND),
    ),
    make=make,
    behind=behind,
    parts=parts,
    few=few,
    bys=(By.CLINIC,),
    rules=words.RULES,
)
