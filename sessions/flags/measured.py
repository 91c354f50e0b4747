"""Rules about what was measured: scans and tests that are due, height and bone that were lost.

Standard library only, and no clock. Protocol sheet 6.2, F12, F13, F17 and F18.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Self

from bonefit.clients.measures import PARTS
from bonefit.clients.outcomes import Change, Label, Scan, bone_change
from programs.checks_due import CheckDue, battery_due, scan_due

from .finding import Asked, Finding, Severity
from .rule import Action, Rule
from .said import dated

SCAN_RULE = "F12.1"
TESTS_RULE = "F13.1"
HEIGHT_RULE = "F17.1"
BONE_RULE = "F18.1"


def next_of(days: Iterable[date], asked: Asked) -> date | None:
    """The next of some days after the one that is asked about."""
    return min((day for day in days if day > asked.today), default=None)


# --- what is due: F12, F13 ------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class ChecksFacts:
    """The start of training, and the days of scans and of rounds of tests, in any order."""

    start: date
    scans: tuple[date, ...] = ()
    tests: tuple[date, ...] = ()

    def at(self, asked: Asked) -> Self:
        """The same, as far as it was so at an earlier moment."""
        return replace(
            self,
            scans=tuple(day for day in self.scans if day <= asked.today),
            tests=tuple(day for day in self.tests if day <= asked.today),
        )

    def again(self, asked: Asked) -> date | None:
        """The next day on which one of them is due or overdue."""
        due = (
            scan_due(self.start, self.scans, asked.rules),
            battery_due(self.start, self.tests, asked.rules),
        )
        return next_of((day for one in due for day in (one.on, one.overdue_from)), asked)

    def recorded_on(self) -> frozenset[date]:
        """The days on which something of it was measured."""
        return frozenset((self.start, *self.scans, *self.tests))


def scans(facts: ChecksFacts, asked: Asked) -> Iterable[Finding]:
    """F12: a first scan that is missing (amber); a scan that is due (info) or overdue (amber)."""
    due = scan_due(facts.start, facts.scans, asked.rules)
    if due.overdue(asked.today):
        severity = Severity.AMBER
    elif due.first or asked.today < due.on:
        return
    else:
        severity = Severity.INFO
    if due.first:
        headline = "has no bone scan on record"
        detail = (
            f"Training began on {dated(facts.start)}; a first scan was to be seen by "
            f"{dated(due.on)}. Without one a later scan has nothing to be compared with."
        )
    else:
        word = "overdue" if severity == Severity.AMBER else "due"
        headline = f"is {word} for a bone scan"
        last = max(facts.scans)
        detail = f"Due on {dated(due.on)}. The last scan is of {dated(last)}."
    yield _due(SCAN_RULE, due, severity, headline, detail)


def tests(facts: ChecksFacts, asked: Asked) -> Iterable[Finding]:
    """F13: a round of tests that is due (info), or a first one that was never done."""
    due = battery_due(facts.start, facts.tests, asked.rules)
    if asked.today < (due.overdue_from if due.first else due.on):
        return
    if due.first:
        headline = "has no first tests of strength and balance"
        detail = f"They were to be done by {dated(due.on)}. What she gains is measured from them."
    else:
        headline = "is due for tests of strength and balance"
        detail = f"Due on {dated(due.on)}. The last ones are of {dated(max(facts.tests))}."
    yield _due(TESTS_RULE, due, Severity.INFO, headline, detail)


def _due(rule: str, due: CheckDue, severity: Severity, headline: str, detail: str) -> Finding:
    evidence: dict[str, object] = {
        "due_on": due.on.isoformat(),
        "first": due.first,
        "headline": headline,
        "detail": detail,
        "lines": [],
    }
    which = "first" if due.first else "next"
    return Finding("", evidence, f"{rule}|{severity}|{which}|{due.on}", severity)


# --- height: F17 ----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class HeightFacts:
    """Heights as measured, in ten-thousandths of a centimetre, oldest first.

    ``recalled``: centimetres lost since youth by the newest confirmed screening, and its day.
    """

    heights: tuple[tuple[date, int], ...] = ()
    recalled: tuple[date, Decimal] | None = None

    def at(self, asked: Asked) -> Self:
        """The same, as far as it was so at an earlier moment."""
        recalled = self.recalled
        if recalled is not None and recalled[0] > asked.today:
            recalled = None
        heights = tuple(one for one in self.heights if one[0] <= asked.today)
        return type(self)(heights, recalled)

    def again(self, asked: Asked) -> date | None:
        """Only a measurement changes it."""
        return None

    def recorded_on(self) -> frozenset[date]:
        """The days on which something of it was measured or said."""
        said = () if self.recalled is None else (self.recalled[0],)
        return frozenset((*said, *(day for day, _ in self.heights)))


def height(facts: HeightFacts, asked: Asked) -> Iterable[Finding]:
    """F17: so much shorter than at an earlier visit, or than in youth. One at a time.

    From the height of youth: what she recalled at the screening, and what was lost since then.
    """
    limit = asked.rules.height_loss_cm
    peak = max(facts.heights, key=lambda one: one[1], default=None)
    last = facts.heights[-1] if facts.heights else None
    if peak and last and peak[1] - last[1] >= limit * PARTS:
        lost = Decimal(peak[1] - last[1]) / PARTS
        since = f"between {dated(peak[0])} and {dated(last[0])}"
        yield _height(lost, since, f"{peak[0]}", facts)
        return
    if facts.recalled is None:
        return
    said_on, said = facts.recalled
    then = [amount for day, amount in facts.heights if day >= said_on]
    lost = said + (Decimal(max(then) - then[-1]) / PARTS if then else Decimal(0))
    if lost >= asked.rules.height_loss_recalled_cm:
        yield _height(lost, "since youth, as she recalls it", "youth", facts)


def _height(lost: Decimal, since: str, key: str, facts: HeightFacts) -> Finding:
    evidence: dict[str, object] = {
        "lost_cm": f"{lost:.1f}",
        "headline": f"has lost {lost:.1f} cm of height {since}",
        "detail": "Ask for an image of the spine: a vertebra may have broken without pain.",
        "lines": [f"{dated(on)}: {Decimal(amount) / PARTS:.1f} cm" for on, amount in facts.heights],
    }
    # Another whole centimetre is new evidence; the same height measured again is not.
    return Finding("", evidence, f"{HEIGHT_RULE}|{key}|{int(lost)}")


# --- bone: F18 ------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class ScanSeries:
    """The scans of one site and side, oldest first, and what a change is held against.

    ``lscs``: scanner → least significant change in 0.000001 g/cm², where it is known.
    """

    key: str
    label: str
    scans: tuple[tuple[date, Scan], ...]
    lscs: tuple[tuple[int, int], ...] = ()

    def lsc_of(self, scan: Scan) -> int | None:
        """The least significant change of a scan's device; None where it is not known."""
        return dict(self.lscs).get(scan.device) if scan.device is not None else None


@dataclass(frozen=True, slots=True)
class BoneFacts:
    """What was scanned of a client, site by site."""

    series: tuple[ScanSeries, ...] = ()

    def at(self, asked: Asked) -> Self:
        """The same, as far as it was so at an earlier moment."""
        return type(self)(
            tuple(
                replace(one, scans=tuple(each for each in one.scans if each[0] <= asked.today))
                for one in self.series
            )
        )

    def again(self, asked: Asked) -> date | None:
        """Only a scan changes it."""
        return None

    def recorded_on(self) -> frozenset[date]:
        """The days on which something of it was measured."""
        return frozenset(day for one in self.series for day, _ in one.scans)


def bone(facts: BoneFacts, asked: Asked) -> Iterable[Finding]:
    """F18: a decrease beyond the LSC of a site, from the first scan or the one before.

    Scans of two scanners, sides or regions are not compared, and where the LSC is not known
    nothing is said.
    """
    for series in facts.series:
        if len(series.scans) < 2:
            continue
        taken, last = series.scans[-1]
        for before_on, before in (series.scans[0], series.scans[-2]):
            change = bone_change(before, last, lsc_micro=series.lsc_of(last))
            if change.label is Label.DOWN:
                yield _bone(series, change, before_on, taken)
                break


def _bone(series: ScanSeries, change: Change, before_on: date, taken: date) -> Finding:
    lost = Decimal(-change.parts) / PARTS
    share = "" if change.percent is None else f" ({abs(change.percent):.1f} %)"
    evidence: dict[str, object] = {
        "site": series.key,
        "lost": f"{lost:.4f}",
        "bound": change.because,
        "headline": f"has lost bone at the {series.label.lower()}, beyond the LSC",
        "detail": f"{lost:.3f} g/cm²{share} less on {dated(taken)} than on {dated(before_on)}, on "
        f"the same scanner ({change.because}). Tell the doctor who referred her.",
        "lines": [
            f"{dated(on)}: {Decimal(scan.parts) / PARTS:.3f} g/cm²" for on, scan in series.scans
        ],
    }
    last = series.scans[-1][1]
    return Finding(series.key, evidence, f"{BONE_RULE}|{series.key}|{taken}|{last.parts}")


RULES: tuple[Rule, ...] = (
    Rule(
        id="F12",
        version=1,
        kind="scan_due",
        name="Bone scan due",
        says="Info when a scan is due, {scan_after_months} months after the last; amber from "
        "{scan_overdue_months} months on. Amber where no scan was seen in the first "
        "{baseline_by_weeks} weeks; one of up to {scan_baseline_months} months before counts.",
        severities=(Severity.AMBER, Severity.INFO),
        mark="late",
        family="checks",
        judge=scans,
        actions=(Action.MEASURE, Action.REFER, Action.CALL),
        settings=(
            "baseline_by_weeks",
            "scan_after_months",
            "scan_baseline_months",
            "scan_overdue_months",
        ),
        basis="A large clinic scans at entry and every year; the days are design defaults.",
        tag="V",
        source="BC4",
    ),
    Rule(
        id="F13",
        version=1,
        kind="tests_due",
        name="Tests due",
        says="Tests of strength and balance are due every {test_every_months} months from the "
        "start, the first ones within {baseline_by_weeks} weeks.",
        severities=(Severity.INFO,),
        mark="late",
        family="checks",
        judge=tests,
        actions=(Action.MEASURE, Action.CALL),
        settings=("baseline_by_weeks", "test_every_months"),
        basis="A large clinic tests at entry and every year; a shorter round is a design default.",
    ),
    Rule(
        id="F17",
        version=1,
        kind="height_loss",
        name="Height lost",
        says="{height_loss_cm} cm or more between two visits, or {height_loss_recalled_cm} cm or "
        "more since youth as she recalled it.",
        severities=(Severity.AMBER,),
        mark="hold",
        family="height",
        judge=height,
        actions=(Action.REFER, Action.CALL, Action.ADJUST),
        settings=("height_loss_cm", "height_loss_recalled_cm"),
        basis="From memory of imaging guidance; to be confirmed.",
        tag="K",
    ),
    Rule(
        id="F18",
        version=1,
        kind="bone_loss",
        name="Bone lost",
        says="A decrease that equals or exceeds the least significant change, at any site, on the "
        "same scanner. Where that is not known nothing is said.",
        severities=(Severity.AMBER,),
        mark="hold",
        family="bone",
        judge=bone,
        actions=(Action.REFER, Action.CALL, Action.ADJUST),
        basis="ISCD: a change counts when it equals or exceeds the LSC.",
        tag="V",
        source="ISCDG",
    ),
)
