"""The CERT report of a program and a cohort: 16 items on 19 lines, gaps shown as gaps.

Consensus on Exercise Reporting Template (Slade 2016, Br J Sports Med 50:1428). Each line says what
the program's version, the clinic's settings or the logs say; what is not known stays a gap.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cached_property
from typing import Any

from django.db.models import F, Q

from programs.catalogue import content_of
from programs.models import Decision, Exercise, Lift, Program, ProgramVersion, Track
from programs.plans import RulesInForce, exercise, rules_at
from programs.reading import ReadVersion, read_version
from programs.setting import plain
from sessions.models import AdverseEvent

from . import attendance_report, dose_report, fidelity
from .cert_behind import BEHIND, COUNTED, behind, counted_from
from .cert_facts import Logged, logged, score
from .define import Definition
from .kinds import ReportKind
from .lazily import Parts, Tables
from .scope import Scope
from .small_counts import FEW, SMALL, few
from .table import Column, Figure, Kind, Report, Row, Table

#: In place of a count that would say another one.
ANOTHER = "kept back with another"
GAP = "Not recorded in bonefit."
#: Of its 16 items.
LINES = 19
NOTHING = (
    "A CERT report describes one program. Choose a program that somebody followed within these "
    "days."
)
ONE_CLINIC = (
    "A CERT report describes one clinic: its equipment, its rules and its edition of the program. "
    "Choose a clinic."
)
COLUMNS = (
    Column("item", "Item", Kind.TEXT, "Number of the line in the template."),
    Column("asks", "Asks for", Kind.TEXT, "What the template wants to know, in short."),
    Column("says", "This program", Kind.TEXT, "What is known here; a gap is called a gap."),
    COUNTED,
    Column("from", "From", Kind.TEXT, "Program version, settings, logs, or a gap."),
)
CERT = Definition(
    "CERT",
    "Consensus on Exercise Reporting Template",
    "16 items on 19 lines in seven sections",
    (
        "Lines are written from the newest version that somebody of the cohort followed, from the "
        "clinic's settings as they are now, and from what was logged within the days.",
        "Who delivered it are those named on the floor; of a class in which nobody was named, "
        "those who were planned. Exercises are counted by people, the loads by enrollment.",
        "Adverse events are those of the cohort: the report of adverse events and falls counts one "
        "of somebody who had left, or was to start, as well.",
        "“Not recorded in bonefit” is a gap: somebody has to add it by hand before this is "
        "published.",
    ),
    "Slade and others 2016, Br J Sports Med 50:1428.",
)


#: Key and title of each table, and the only line of the second one that is looked up by itself: it
#: quotes three reports, so it comes later to a page that stands already.
_BEFORE = ("cert", "CERT, items 1 to 15")
_HOW_WELL = ("how_well", "CERT, item 16: how well it was delivered")
_QUOTED = "16b"


class _Known:
    """What is known of a version and its cohort, each asked when it is looked at."""

    def __init__(self, scope: Scope, version: ProgramVersion) -> None:
        self.scope, self.version = scope, version

    @cached_property
    def content(self) -> dict[str, Any]:
        return content_of(self.version)

    @cached_property
    def read(self) -> ReadVersion:
        return read_version(self.content)

    @cached_property
    def rules(self) -> RulesInForce:
        return rules_at(self.scope.clinics[0], self.scope.as_at)

    @cached_property
    def logs(self) -> Logged:
        return logged(self.scope)

    @cached_property
    def exercises(self) -> Sequence[Exercise]:
        return [exercise(str(one["exercise"])) for one in self.content["lifts"]]

    @cached_property
    def quoted(self) -> str:
        return _delivered(self.scope)

    @property
    def anything_quoted(self) -> bool:
        """Whether something is quoted. Fidelity says something wherever somebody came."""
        return bool(self.logs.attended or self.quoted)


def make(scope: Scope) -> Report:
    """The 19 lines of the program that the filters name, or of the only one there is."""
    if len(scope.clinics) > 1:
        return Report(None, (), (), nothing=ONE_CLINIC)
    version = _version(scope)
    if version is None:
        return Report(None, (), (), nothing=NOTHING)
    known = _Known(scope, version)
    before = _before(known)
    # Of those behind item 15 one line alone can be a gap.
    gaps = sum(row.cells[-1] == "gap" for row in before.rows) + (not known.anything_quoted)
    known_ones = f"are known: {version}. {gaps} are gaps."
    lead = Figure(f"{LINES - gaps}", f"of {LINES} lines", known_ones, CERT.code)
    return Report(lead, (), _tables(known, lambda: before))


def parts(scope: Scope) -> Parts:
    """Its tables alone."""
    version = None if len(scope.clinics) > 1 else _version(scope)
    if version is None:
        return Parts(())
    known = _Known(scope, version)
    return Parts(_tables(known, lambda: _before(known)))


def _tables(known: _Known, before: Callable[[], Table]) -> Tables:
    return Tables(
        [(*_BEFORE, before), (*_HOW_WELL, lambda: _table(known, _HOW_WELL, _how_well(known)))]
    )


def _before(known: _Known) -> Table:
    return _table(known, _BEFORE, _lines(known))


def _table(
    known: _Known, named: tuple[str, str], lines: Iterable[tuple[str, str, str, str]]
) -> Table:
    rows = tuple(
        Row(number, (number, asks, says or GAP, counted, came_from if says else "gap"))
        for number, asks, says, came_from in lines
        for counted in [counted_from(number, lambda: known.logs) if says else None]
    )
    return Table(*named, COLUMNS, rows, opens=frozenset({COUNTED.key}))


def _version(scope: Scope) -> ProgramVersion | None:
    """The newest version that somebody of the cohort followed within the days; None where it is not
    one program.
    """
    followed = Track.objects.filter(
        Q(ends_on=None) | Q(ends_on__gte=scope.filters.first),
        starts_on__lte=min(scope.filters.last, *map(scope.today, scope.clinics)),
        enrollment__in=scope.enrollments,
        version__program__kind=Program.Kind.MAIN,
    ).exclude(enrollment__ended_on__lt=F("starts_on"))  # withdrew before it began
    if program := scope.filters.program:
        # The clinic's own row of it: an organisation may have chosen that of another clinic.
        followed = followed.filter(
            version__program__slug=program.slug, version__program__name=program.name
        )
    rows = ProgramVersion.objects.filter(pk__in=followed.values("version")).select_related(
        "program"
    )
    found = list(rows.order_by("-number", "-pk"))
    return found[0] if found and len({one.program_id for one in found}) == 1 else None


def _lines(known: _Known) -> Iterator[tuple[str, str, str, str]]:
    """Number, what is asked, what is known ("" for a gap), and where from."""
    logs, read, scope = known.logs, known.read, known.scope
    yield "1", "Type of equipment", _equipment(known), "settings, version"
    yield "2", "Who delivers it: qualification and training", _providers(logs), "logs"
    yield "3", "One to one, or in a group", _groups(logs), "logs"
    yield "4", "Supervised or not, and how", _supervised(logs), "logs"
    yield (
        "5",
        "How adherence is measured and reported",
        f"By session, from what a therapist recorded. Headline: {scope.headline}; A1 to A6 and D1 "
        "to D4 beside it, each with its definition (reports of adherence and dose).",
        "settings",
    )
    yield "6", "Strategies of motivation", "", ""
    yield "7a", "Rule for deciding to progress", _progression(known), "version, settings"
    yield "7b", "How the program progressed", _progressed(known), "logs"
    yield "8", "Each exercise, well enough to repeat it", _described(known), "version"
    yield (
        "9",
        "Part done at home",
        "None. Lifts are logged by a supervising therapist only.",
        "version",
    )
    yield "10", "Parts other than exercise", "", ""
    yield "11", "Adverse events: kind and number", _events(known), "logs"
    yield "12", "Setting", _setting(scope), "settings"
    yield "13", "Dose", _dose(read, known.version), "version"
    yield (
        "14a",
        "Generic or tailored",
        "Tailored: each load follows the client's own log.",
        "version",
    )
    yield "14b", "How it is tailored", _tailored(known), "logs"
    yield "15", "Rule for the starting level", _start(known), "version, settings"


def _how_well(known: _Known) -> Iterator[tuple[str, str, str, str]]:
    """The same of the last item."""
    yield (
        "16a",
        "How fidelity is assessed",
        "By session, as the share of applicable items that were met, each item also by itself "
        "(report of fidelity).",
        "settings",
    )
    yield _QUOTED, "How far it was delivered as planned", known.quoted, "logs"


def _equipment(known: _Known) -> str:
    have = known.rules.inventory
    plates = ", ".join(
        f"{pairs} pair{'' if pairs == 1 else 's'} of {plain(kg)} kg" for kg, pairs in have.plates
    )
    parts = [
        "Bars: " + ", ".join(f"{bar.name}, {plain(bar.kg)} kg" for bar in have.bars),
        f"Plates: {plates}",
        *sorted({str(one.detail.get("equipment", "")) for one in known.exercises}),
    ]
    return ". ".join(part for part in parts if part) + "."


def _providers(logs: Logged) -> str:
    said = [
        f"{profession}: {number}, {trained} with HiRIT training recorded"
        for profession, number, trained in logs.providers
    ]
    return "; ".join(said) + "." if said else ""


def _groups(logs: Logged) -> str:
    if logs.group is None:
        return ""
    return (
        f"In groups: {plain(logs.group)} clients at a time on average, {logs.largest} at most, of "
        f"{logs.attended:,} attended sessions."
    )


def _supervised(logs: Logged) -> str:
    if not logs.attended:
        return ""
    return (
        f"Every session is supervised in person. In {logs.named:,} of {logs.attended:,} attended "
        "sessions the supervisors on the floor were named."
    )


def _progression(known: _Known) -> str:
    said = [
        f"{phase.name}, {line.name}: {line.rule}"
        + (f", effort {line.effort} (Borg 6 to 20)" if line.effort else "")
        for phase in known.read.phases
        for line in phase.lines
    ]
    gate = known.rules.rules.gate_sessions
    return (
        f"{'; '.join(said)}. No load rises before {gate} clean session{'' if gate == 1 else 's'} "
        "in a row, and none past pain or a lock."
    )


def _progressed(known: _Known) -> str:
    said = [
        f"{Lift(lift).label}: median first load {plain(first)} kg, last {plain(last)} kg (n = {n})"
        if known.scope.named or people >= SMALL
        else f"{Lift(lift).label}: {FEW}"
        for lift, n, people, first, last in known.logs.lifts
    ]
    return "; ".join(said) + "." if said else ""


def _described(known: _Known) -> str:
    return " ".join(
        f"{one.name}: {'; '.join(str(item['text']) for item in one.detail.get('criteria', []))}."
        for one in known.exercises
    )


def _said(number: int, people: int, named: bool) -> str:
    """A count, of so many people, as whoever may, or may not, read names reads it."""
    return f"fewer than {SMALL}" if few(people) and not named else str(number)


def _events(known: _Known) -> str:
    logs, named = known.logs, known.scope.named
    said = {what: _said(number, of, named) for what, number, of in logs.kinds}
    told = [(number, what) for what, number, of in logs.kinds if not few(of)]
    if not named and told and len(told) < len(said):  # the few would follow from all
        said[min(told)[1]] = ANOTHER
    kinds = ", ".join(
        f"{AdverseEvent.What(what).label.lower()} {one}" for what, one in said.items()
    )
    return (
        f"{_said(*logs.events, named)} reported of {logs.clients:,} people in {logs.attended:,} "
        f"attended sessions, {_said(*logs.serious, named)} of them serious (report of safety)."
        + (f" Kinds: {kinds}." if kinds else "")
    )


def _setting(scope: Scope) -> str:
    return "; ".join(
        ", ".join(part for part in (clinic.name, clinic.address) if part)
        for clinic in scope.clinics
    )


def _dose(read: ReadVersion, version: ProgramVersion) -> str:
    phases = [
        f"{phase.name}, {phase.weeks}: "
        + ", ".join(f"{line.name} {line.dose}" for line in phase.lines)
        for phase in read.phases
    ]
    return (
        f"{version.frequency} sessions a week of {version.minutes} minutes for {version.weeks} "
        f"weeks, {version.sessions} in all. {'. '.join(phases)}."
    )


def _tailored(known: _Known) -> str:
    logs, named = known.logs, known.scope.named
    rungs = ", ".join(f"{name} ({_said(people, people, named)})" for name, people in logs.rungs)
    words = ", ".join(
        f"{Decision.Kind(kind).label.lower()} {_said(n, of, named)}"
        for kind, n, of in logs.decisions
    )
    parts = [f"Exercises used, with people: {rungs}" if rungs else ""]
    parts.append(f"Therapists' decisions: {words}" if words else "")
    return ". ".join(part for part in parts if part) + "." if any(parts) else ""


def _start(known: _Known) -> str:
    first = known.read.phases[0] if known.read.phases else None
    if first is None:
        return ""
    return (
        "A therapist sets exercise and load of each lift before the first session"
        f"; {first.name.lower()} ({first.weeks}): {first.summary}"
    )


def _delivered(scope: Scope) -> str:
    """What those reports lead with, each figure asked for alone."""
    leads = {
        "Adherence": attendance_report.lead(scope),
        "Dose": dose_report.lead(scope),
        "Fidelity": fidelity.mean_of(*score(scope)),
    }
    return " ".join(
        f"{title}: {lead.value} {lead.unit} {lead.sentence}"
        for title, lead in leads.items()
        if lead
    )


KIND = ReportKind(
    slug="cert",
    title="CERT",
    question="How would this program be described in a paper?",
    definitions=(CERT,),
    columns=((_BEFORE[1], COLUMNS), (_HOW_WELL[1], COLUMNS), *BEHIND),
    make=make,
    behind=behind,
    parts=parts,
)
