"""Who is still there: retention of those who started within the dates. Words: define_retention."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import chain, repeat
from statistics import median

from bonefit.clinics.dates import say_day

from . import define_retention as words
from . import starts as source
from .kinds import ReportKind
from .pictures import Survival
from .retention_behind import LABELS, MADE_OF, NOT_SAID, TOTAL, behind
from .scope import By, Scope
from .small_counts import SMALL
from .small_counts import few as is_few
from .starts import ELSEWHERE, FINISHED, LAPSED, LEFT, OUTCOMES, RUNNING, Starts, count
from .stats import wilson
from .survival import MARKS, Curve, curve, in_percent
from .table import Cell, Figure, Report, Row, Table, rounded, share

#: Fewer starts are not to be compared with others.
FEW = 20


def make(scope: Scope) -> Report:
    """The report: the curve, the groups, their curves, and why people left."""
    found = source.starts(scope)
    if not found:
        first, last = scope.filters.first, scope.filters.last
        return Report(
            None,
            (),
            (),
            nothing=f"Nobody started a program from {say_day(first)} "
            f"to {say_day(last)}. Choose the days on which people started.",
        )
    everybody = curve(source.each(found))
    provisional = curve(source.each_if_left(found))
    groups, told = _grouped(found, scope), _Told(None if scope.named else scope.once(few))
    tables = [_curve(everybody, provisional), _groups(found, groups, scope, told.everybody)]
    if len(groups) > 1:
        tables.append(_curves(groups))
    return Report(
        lead=_lead(everybody, told),
        beside=tuple(_beside(found, provisional, told)),
        tables=(*tables, _reasons(found)),
        pictures={"retention": _picture(everybody)},
        notes=tuple(_notes(found, told)),
    )


# --- in words -------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Told:
    """What may be told in words. ``people``: of how many the tables are, where the reader may read
    no names: what they keep back no sentence says.
    """

    people: Mapping[str, Mapping[str, int]] | None

    @property
    def everybody(self) -> int | None:
        return None if self.people is None else self.people["groups"][TOTAL]

    def week(self, week: int) -> bool:
        """Whether enough are watched in it."""
        return self.people is None or self.people["curve"][str(week)] >= SMALL

    def left_by(self, week: int) -> bool:
        """Whether it is told how many have dropped out by then."""
        if self.people is None:
            return True
        of_all = [self.people[f"groups.{outcome}"][TOTAL] for outcome in OUTCOMES]
        return not any(map(is_few, [*of_all, self.people["curve.left"][str(week)]]))


def _last_known(one: Curve, told: _Told) -> int:
    """The last of the marks after which the share is known, and may be told."""
    known = (week for week in MARKS if one.share(week) is not None and told.week(week))
    return max(known, default=0)


def _lead(one: Curve, told: _Told) -> Figure:
    week = _last_known(one, told)
    ends = one.interval(week)
    said = [_many(one.started, "start")]
    said += [f"{_many(one.left_by(week), 'dropout')} by then"] if told.left_by(week) else []
    said += [f"{one.at_risk(week)} watched until then or longer"]
    return Figure(
        value=str(in_percent(one.share(week))),
        unit="%",
        sentence=f"of those who started are expected still to be there after week {week}: "
        f"{', '.join(said)}.",
        code=words.RETENTION.code,
        interval=(str(in_percent(ends[0])), str(in_percent(ends[1]))) if ends else None,
        opens=_behind_all("started", one.started),
    )


def _behind_all(column: str, number: int) -> tuple[str, str, str] | None:
    """What the total of a column counts; None where it counts nobody."""
    return ("groups", TOTAL, column) if number else None


def _of(found: Iterable[Starts], outcome: str) -> int:
    """How many of that outcome; the lapsed are among those who run."""
    if outcome == LAPSED:
        return count(one for one in found if one.lapsed)
    return count(one for one in found if one.outcome == outcome)


def _many(number: int, word: str) -> str:
    return f"{number} {word}" if number == 1 else f"{number} {word}s"


def _beside(found: Sequence[Starts], provisional: Curve, told: _Told) -> Iterator[Figure]:
    started = count(found)
    yield Figure(str(started), "", "started", opens=_behind_all("started", started))
    for outcome, sentence in (
        (LEFT, "dropped out"),
        (ELSEWHERE, "left otherwise"),
        (FINISHED, "finished"),
        (RUNNING, "running"),
    ):
        number = _of(found, outcome)
        yield Figure(str(number), "", sentence, opens=_behind_all(outcome, number))
    lapsed = _of(found, LAPSED)
    yield Figure(str(lapsed), "", "of them lapsed", opens=_behind_all(LAPSED, lapsed))
    if lapsed:
        week = _last_known(provisional, told)
        yield Figure(
            str(in_percent(provisional.share(week))),
            "%",
            f"after week {week}, if the lapsed have left",
            words.IF_LAPSED_LEFT.code,
            opens=_behind_all("started", started),
        )


def _notes(found: Sequence[Starts], told: _Told) -> Iterator[str]:
    unsaid = count(one for one in found if one.outcome == LEFT and not one.end_kind)
    if unsaid and told.people is not None:
        yield "A withdrawal of which nobody has said which kind it was is counted as a dropout."
    elif unsaid:
        yield (
            f"Of {_many(unsaid, 'withdrawal')} nobody has said which kind it was: counted as "
            f"{'a dropout' if unsaid == 1 else 'dropouts'}."
        )
    yield (
        "Kaplan–Meier; 95 % interval by Greenwood, log-log. Leaving may have to do with what is "
        "not measured here; the curve takes for granted that who was taken out would have gone on "
        "as the others did."
    )


def _picture(one: Curve) -> Survival:
    known = [week for week in MARKS if week and one.share(week) is not None]
    said = "; ".join(f"week {week} {in_percent(one.share(week))} %" for week in known)
    return Survival(
        title="Still there",
        words=f"Share of {_many(one.started, 'start')} still there after each programme week: "
        f"{said or 'nobody was watched for four weeks yet'}.",
        steps=one.drawn(),
        at_risk=one.marked(),
        band=one.around(),
    )


# --- tables ---------------------------------------------------------------------------------------


def _ends(one: Curve, week: int) -> tuple[Cell, Cell]:
    low, high = one.interval(week) or (None, None)
    return in_percent(low), in_percent(high)


def _curve(one: Curve, provisional: Curve) -> Table:
    return Table(
        "curve",
        "Still there, by week",
        words.CURVE,
        [
            Row(
                str(week),
                (
                    week,
                    one.at_risk(week),
                    one.left_by(week),
                    in_percent(one.share(week)),
                    *_ends(one, week),
                    in_percent(provisional.share(week)),
                ),
                pale=one.at_risk(week) < FEW,
            )
            for week in MARKS
        ],
        opens=frozenset({"at_risk", "left", *MADE_OF["curve"]}),
    )


@dataclass(frozen=True)
class Group:
    """Starts that have a month, a program, a therapist or a clinic in common."""

    key: str
    name: str
    starts: Sequence[Starts]


def _grouped(found: Iterable[Starts], scope: Scope) -> list[Group]:
    """By what was asked for, in the order of time or of names: never of a figure."""
    groups: dict[tuple[str, str], list[Starts]] = {}
    for one in found:
        groups.setdefault((one.key, one.name), []).append(one)
    made = [Group(key, name, members) for (key, name), members in groups.items()]
    in_time = source.grouping(scope) == By.COHORT
    return sorted(made, key=lambda one: one.key if in_time else (one.name, one.key))


def _group(key: str, name: str, found: Sequence[Starts]) -> Row:
    one = curve(source.each(found))
    cells = (
        name,
        one.started,
        *(_of(found, outcome) for outcome in OUTCOMES),
        one.at_risk(16),
        in_percent(one.share(16)),
        one.at_risk(35),
        in_percent(one.share(35)),
        *_ends(one, 35),
    )
    return Row(key, cells, pale=one.started < FEW)


def _groups(
    found: Sequence[Starts], groups: Sequence[Group], scope: Scope, everybody: int | None
) -> Table:
    """``everybody``: how many people these are, where that has to be known."""
    by = source.grouping(scope)
    return Table(
        "groups",
        "By month of the start" if by == By.COHORT else f"By {by.value}",
        words.GROUPS,
        [_group(one.key, one.name, one.starts) for one in groups],
        total=replace(_group(TOTAL, "All", found), people=everybody),
        opens=frozenset({"started", *OUTCOMES, "at_16", "at_35", *MADE_OF["groups"]}),
    )


def _curves(groups: Sequence[Group]) -> Table:
    rows = []
    for group in groups:
        one = curve(source.each(group.starts))
        rows += [
            Row(
                f"{group.key}.{week}",
                (
                    group.name,
                    week,
                    one.at_risk(week),
                    one.left_by(week),
                    in_percent(one.share(week)),
                    *_ends(one, week),
                ),
                pale=one.started < FEW,
            )
            for week in MARKS
        ]
    opens = frozenset({"at_risk", "left", *MADE_OF["curves"]})
    return Table("curves", "Still there, by group and week", words.CURVES, rows, opens=opens)


def _reasons(found: Sequence[Starts]) -> Table:
    gone = [one for one in found if one.withdrew]
    rows = []
    for kind, label in {**LABELS, "": "Not said"}.items():
        those = [one for one in gone if one.end_kind == kind]
        if those:
            counts = OUTCOMES[those[0].outcome]
            rows.append(_reason(kind or NOT_SAID, label, counts, those, count(gone)))
    total = _reason(TOTAL, "All who withdrew", None, gone, count(gone)) if gone else None
    return Table(
        "reasons",
        "Why people left",
        words.REASONS,
        rows,
        total=total,
        notes=() if gone else ("Nobody has withdrawn.",),
        opens=frozenset({"number", *MADE_OF["reasons"]}),
    )


def _reason(key: str, label: str, counts: str | None, those: Sequence[Starts], total: int) -> Row:
    ends = wilson(count(those), total)
    weeks = chain.from_iterable(repeat(one.came_week, one.count) for one in those)
    cells = (
        label,
        counts,
        count(those),
        share(count(those), total),
        *(rounded(end * 100) for end in ends or ()),
        rounded(median(weeks)),
    )
    return Row(key, cells, pale=total < FEW)


def few(scope: Scope) -> Mapping[str, Mapping[str, int]]:
    """People by table and row, and by table, column and row: the tables count starts."""
    found: dict[str, dict[str, int]] = defaultdict(dict)
    for table, key, number in source.people(scope, MARKS):
        found[table][TOTAL if key is None else key or NOT_SAID] = number
    return found


KIND = ReportKind(
    slug="retention",
    title="Retention",
    question="Who is still there, after how many weeks, and why did the others leave?",
    definitions=words.DEFINITIONS,
    columns=(
        ("Still there, by week", words.CURVE),
        ("By group", words.GROUPS),
        ("Still there, by group and week", words.CURVES),
        ("Why people left", words.REASONS),
        ("Behind a figure", words.BEHIND),
    ),
    make=make,
    behind=behind,
    few=few,
    bys=source.BYS,
    months=24,  # a curve of 35 weeks needs people who started so long ago
    rules=words.RULES,
)
