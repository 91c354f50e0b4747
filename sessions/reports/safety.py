"""What happened to a clinic's clients, with what it is divided by. Words: define_safety."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal

from bonefit.clinics.dates import say_day
from bonefit.clinics.models import Clinic
from sessions.models import AdverseEvent

from . import define_safety as words
from . import harm, rates
from .harm import Event, Harm
from .kinds import ReportKind
from .rates import Rate
from .safety_behind import EVENT_ROWS, FALL_ROWS, MADE_OF, TOTAL, behind, happened
from .safety_few import few
from .safety_months import by_month, picture
from .scope import Scope
from .stats import wilson
from .table import Cell, Figure, Report, Row, Table, rounded, share

FEW = 20


def make(scope: Scope) -> Report:
    """The report: rates, shares of people, kinds of events, and the monthly question."""
    found = harm.harm(scope)
    first, last = say_day(scope.filters.first), say_day(scope.filters.last)
    if not (found.exposed.people or found.events or found.falls or found.months):
        return Report(None, (), (), nothing=f"Nobody was in training from {first} to {last}.")
    months = by_month(found, scope)
    tables = [_rates(found), _shares(found), months, _kinds(found.events), _months(found)]
    if len(scope.clinics) > 1:
        tables.insert(2, _clinics(found, scope.clinics))
    drawn = picture(months)
    return Report(
        lead=_lead(found),
        beside=tuple(_beside(found)),
        tables=tuple(tables),
        pictures={"events": drawn} if drawn else {},
    )


# --- in words -------------------------------------------------------------------------------------


def _years(found: Harm) -> Rate | None:
    return rates.per_person_year(len(found.events), days=found.exposed.days)


def _sessions(found: Harm) -> Rate | None:
    return rates.per_thousand_sessions(len(found.events), found.exposed.sessions)


def _fall_years(found: Harm) -> Rate | None:
    return rates.per_person_year(len(found.counted), months=found.asked.answered)


def _ends(one: Rate, places: int) -> tuple[str, str] | None:
    """The interval; without an event there is a bound on one side only, see ``_bound``."""
    if not one.events:
        return None
    return str(rounded(one.low, places)), str(rounded(one.high, places))


def _bound(one: Rate, places: int) -> str:
    if one.events:
        return ""
    return f"; none seen still allows up to {rounded(one.high, places)} (one-sided 95 % bound)"


def _lead(found: Harm) -> Figure:
    one = _sessions(found)
    of = f"{len(found.events)} in {found.exposed.sessions} attended sessions"
    if one is None:
        return Figure(
            str(len(found.events)),
            "",
            "adverse events, and no session was attended",
            "AE",
            opens=_behind_row("events", len(found.events)),
        )
    return Figure(
        str(rounded(one.value, 2)),
        "",
        f"adverse events per 1,000 attended sessions: {of}{_bound(one, 2)}.",
        words.EVENT_RATE.code,
        _ends(one, 2),
        _behind_row("events", len(found.events)),
    )


def _behind_row(row: str, number: int) -> tuple[str, str, str] | None:
    """The row of how often it happened that counts these; None where there are none."""
    return ("rates", row, "events") if number else None


def _beside(found: Harm) -> Iterator[Figure]:
    years = _years(found)
    if years is not None:
        yield Figure(
            str(rounded(years.value, 3)),
            "",
            f"adverse events per person-year: {years.events} in {rounded(years.time, 2)}"
            f"{_bound(years, 3)}",
            words.EVENT_RATE.code,
            _ends(years, 3),
            _behind_row("events", years.events),
        )
    falls = _fall_years(found)
    if falls is not None:
        yield Figure(
            str(rounded(falls.value, 3)),
            "",
            f"falls per person-year: {falls.events} in {rounded(falls.time, 2)} answered"
            f"{_bound(falls, 3)}",
            words.FALL_RATE.code,
            _ends(falls, 3),
            _behind_row("falls", falls.events),
        )
    people = found.exposed.people
    opens = ("clinics", TOTAL, "people") if people else None
    yield Figure(str(people), "", "people in training", opens=opens)


# --- tables ---------------------------------------------------------------------------------------


def _rate_cells(one: Rate | None, places: int) -> tuple[Cell, Cell, Cell]:
    if one is None:
        return None, None, None
    return rounded(one.value, places), rounded(one.low, places), rounded(one.high, places)


def _time(one: Rate | None) -> Decimal | None:
    return None if one is None else rounded(one.time, 2)


def _rates(found: Harm) -> Table:
    rows = []
    for key, name, which in EVENT_ROWS:
        events = sum(which(one) for one in found.events)
        sessions = rates.per_thousand_sessions(events, found.exposed.sessions)
        years = rates.per_person_year(events, days=found.exposed.days)
        cells = (
            name,
            events,
            found.exposed.sessions,
            *_rate_cells(sessions, 2),
            _time(years),
            *_rate_cells(years, 3),
        )
        rows.append(Row(key, cells))
    for key, name, counts in FALL_ROWS:
        falls = sum(counts(one) for one in found.counted)
        years = rates.per_person_year(falls, months=found.asked.answered)
        blank = (None, None, None, None)
        rows.append(Row(key, (name, falls, *blank, _time(years), *_rate_cells(years, 3))))
    opens = frozenset({"events", "sessions", *MADE_OF["rates"]})
    return Table("rates", "How often it happened", words.RATES, rows, opens=opens)


def _shares(found: Harm) -> Table:
    lines = (
        ("events", "With an adverse event", found.exposed.people),
        ("serious", "With a serious one", found.exposed.people),
        ("falls", "Fell", found.asked.people),
        ("often", "Fell more than once", found.asked.people),
        ("broke", "Broke a bone in a fall", found.asked.people),
    )
    rows = []
    for key, name, of in lines:
        number = len(happened(found, key))
        rows.append(Row(key, (name, *share_cells(number, of)), pale=of < FEW))
    return Table(
        "people",
        "How many people it happened to",
        words.SHARES,
        rows,
        notes=(words.SHARE_BOUND,),
        opens=frozenset({"people", "of", *MADE_OF["people"]}),
    )


def share_cells(number: int, of: int) -> tuple[Cell, ...]:
    """People, of how many, their share and its ends in per cent; of nobody the upper bounds."""
    if not of:
        return number, of, None, None, None, None
    if number == 0:
        upper, three = (
            rounded(one(of) * 100, 2) for one in (rates.upper_share, rates.rule_of_three)
        )
        return 0, of, share(0, of, 2), rounded(0, 2), upper, three
    low, high = wilson(number, of) or (0.0, 1.0)
    return number, of, share(number, of, 2), rounded(low * 100, 2), rounded(high * 100, 2), None


def _kind_cells(events: Sequence[Event]) -> tuple[int, ...]:
    severities = Counter(one.severity for one in events)
    return (
        *(severities[one.value] for one in AdverseEvent.Severity),
        len(events),
        sum(one.serious is True for one in events),
        sum(one.possibly_related for one in events),
        sum(one.lost for one in events),
    )


def _kinds(events: Sequence[Event]) -> Table:
    rows = []
    for what in AdverseEvent.What:
        those = [one for one in events if one.what == what]
        if those:
            rows.append(Row(what.value, (what.label, *_kind_cells(those))))
    return Table(
        "kinds",
        "Adverse events by kind and severity",
        words.KINDS,
        rows,
        total=Row(TOTAL, ("All", *_kind_cells(events))),
        notes=() if events else ("No adverse event was reported.",),
        opens=frozenset(column.key for column in words.KINDS if column.numeric),
    )


def _months(found: Harm) -> Table:
    asked = found.asked
    lines = (
        ("answered", "Answered: the person-years of falls", asked.answered),
        ("unanswered", "Asked and not answered", asked.unanswered),
        ("not_asked", "Not asked", asked.not_asked),
        ("outside", "Falls outside answered months: in no rate", _outside(found)),
    )
    return Table(
        "months",
        "The monthly question",
        words.MONTHS,
        [Row(key, (name, number)) for key, name, number in lines],
        opens=frozenset({"number"}),
    )


def _outside(found: Harm) -> int:
    return len(found.falls) - len(found.counted)


def _clinics(found: Harm, clinics: Iterable[Clinic]) -> Table:
    rows = []
    for clinic in sorted(clinics, key=lambda one: (one.name, one.pk)):
        row = _clinic(str(clinic.pk), clinic.name, found.of(clinic.pk))
        rows.append(row)
    return Table(
        "clinics",
        "By clinic",
        words.CLINICS,
        rows,
        total=_clinic(TOTAL, "All", found),
        opens=frozenset(column.key for column in words.CLINICS if column.numeric),
    )


def _clinic(key: str, name: str, found: Harm) -> Row:
    falls = _fall_years(found)
    cells = (
        name,
        found.exposed.people,
        found.exposed.sessions,
        len(found.events),
        _rate_cells(_sessions(found), 2)[0],
        _time(_years(found)),
        _rate_cells(_years(found), 3)[0],
        len(found.counted),
        _time(falls),
        _rate_cells(falls, 3)[0],
    )
    return Row(key, cells, pale=found.exposed.people < FEW)


KIND = ReportKind(
    slug="safety",
    title="Adverse events and falls",
    question="What happened to clients, and how often is that?",
    definitions=words.DEFINITIONS,
    columns=(
        ("How often it happened", words.RATES),
        ("How many people it happened to", words.SHARES),
        ("By clinic", words.CLINICS),
        ("Adverse events by month", words.BY_MONTH),
        ("Adverse events by kind and severity", words.KINDS),
        ("The monthly question", words.MONTHS),
        ("Behind a figure: adverse events", words.EVENTS_BEHIND),
        ("Behind a figure: falls", words.FALLS_BEHIND),
        ("Behind a figure: people and their days", words.DAYS_BEHIND),
        ("Behind a figure: people and their answers", words.ANSWERS_BEHIND),
        ("Behind a figure: people to whom it happened", words.TIMES_BEHIND),
        ("Behind a figure: sessions", words.SESSIONS_BEHIND),
        ("Behind a figure: months", words.MONTHS_BEHIND),
    ),
    make=make,
    behind=behind,
    few=few,
    rules=words.RULES,
)
