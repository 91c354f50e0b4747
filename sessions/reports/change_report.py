"""The report on strength and function: what changed, for how many, and what may be said of it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from decimal import Decimal
from fractions import Fraction

from bonefit.clients.measures import MEASURES, PARTS
from bonefit.clients.outcomes import WORDS, Label
from bonefit.clients.trial_means import NO_PROMISE, means_of
from programs.models import Lift

from . import define_change as words
from .change import Changes, Pair, changes
from .kinds import ReportKind
from .lazily import Parts, Pictures, Tables
from .pictures import Forest, Spot
from .scope import Scope
from .small_counts import SMALL
from .stats import INTERVAL_FROM, Middle, middle_of, wilson
from .table import Cell, Column, Figure, Report, Row, Table, rounded, share

NOTHING = (
    "In these days nobody of these clients lifted or was measured, so there is no change to speak "
    "of."
)
#: Key and title of each table, and the title of the picture.
_LIFTS = ("lifts", "Estimated best single, by lift")
_MEASURES = ("measures", "By measure")
_TRIALS = ("trials", "Published means of groups")
_MEAN = "Mean change"
#: Fewer clients than this are not compared with others (protocol sheet 5.8).
COMPARED_FROM = 20
UNKNOWN = frozenset({Label.LSC_UNKNOWN, Label.ERROR_UNKNOWN})
BETTER = frozenset({Label.UP, Label.BETTER})
WORSE = frozenset({Label.DOWN, Label.WORSE})
BEYOND = BETTER | WORSE | {Label.CHANGED}

#: Not a table: whom the report's first figure counts.
AGAIN = "again"

Which = Callable[[Pair], bool]
#: Which pairs a figure counts, by its column.
COUNTED: Mapping[str, Which] = {
    "both": lambda one: one.both,
    "once": lambda one: one.first is not None and one.last is None,
    "incomparable": lambda one: one.label == Label.NOT_COMPARABLE,
    "judged": lambda one: one.both and one.label not in UNKNOWN,
    "better": lambda one: one.label in BETTER,
    "worse": lambda one: one.label in WORSE,
    "changed": lambda one: one.label == Label.CHANGED,
}
#: The figures that are made of the pairs of another one.
MADE_OF: Mapping[str, str] = {
    **dict.fromkeys(("mean", "low", "high", "median"), "both"),
    **dict.fromkeys(("percent", "percent_low", "percent_high", "percent_median"), "both"),
    **dict.fromkeys(("better_share", "better_low", "better_high", "beyond_share"), "judged"),
}


def make(scope: Scope) -> Report:
    """The report of one question."""
    found = changes(scope)
    if not found.lifts and not found.told.both:
        return Report(None, (), (), nothing=NOTHING)
    shown = _parts(found)
    return Report(
        lead=_lead(found),
        beside=(),
        tables=shown.tables,
        pictures=shown.pictures,
        notes=tuple(_notes(found, least=1 if scope.named else SMALL)),
    )


def parts(scope: Scope) -> Parts:
    """Its tables and pictures alone."""
    return _parts(changes(scope))


def _parts(found: Changes) -> Parts:
    tables = (
        (*_LIFTS, lambda: _lifts(found)),
        (*_MEASURES, lambda: _measures(found)),
        (*_TRIALS, lambda: _trials(found)),
    )
    return Parts(Tables(tables), Pictures({"change": (_MEAN, lambda: _picture(found))}))


def _lead(found: Changes) -> Figure:
    again = found.again
    sentence = (
        f"of {found.number} clients have a first and a last value of something within the "
        "days. All that follows is about them: those who stayed and were measured again."
    )
    opens = (AGAIN, "total", "both") if again else None
    return Figure(str(len(again)), "clients", sentence, "S2", opens=opens)


def _notes(found: Changes, *, least: int) -> Iterable[str]:
    yield NO_PROMISE
    once = found.told.once
    if once >= least:
        yield (
            f"{once} retests are missing: a first value within the days, and none on a later day. "
            "They are in no mean."
        )
    if any(0 < len(clients) < INTERVAL_FROM for clients in found.both):
        yield f"Below {INTERVAL_FROM} clients no interval is given."


# --- tables ---------------------------------------------------------------------------------------


def _lifts(found: Changes) -> Table:
    order = list(Lift)
    rows = tuple(
        _row(found, lift, Lift(lift).label, "kg", found.lifts[lift], words.LIFTS, places=2)
        for lift in sorted(found.lifts, key=lambda lift: order.index(Lift(lift)))
    )
    return Table(*_LIFTS, words.LIFTS, rows, opens=_opens(words.LIFTS))


def _measures(found: Changes) -> Table:
    rows = tuple(
        _row(
            found,
            f"{slug}-{side}" if side else slug,
            _name(slug, side),
            MEASURES[slug].unit,
            pairs,
            words.MEASURES,
            places=4 if MEASURES[slug].kind == "scan" else 2,
        )
        for (slug, side), pairs in found.measures.items()
    )
    return Table(*_MEASURES, words.MEASURES, rows, opens=_opens(words.MEASURES))


def _name(slug: str, side: str) -> str:
    label = str(MEASURES[slug].label)
    return f"{label}, {side}" if side else label


def _opens(columns: Iterable[Column]) -> frozenset[str]:
    known = {*COUNTED, *MADE_OF, "never", "enrolled", "not_done"}
    return frozenset(column.key for column in columns if column.key in known)


def _row(
    found: Changes,
    key: str,
    name: str,
    unit: str,
    pairs: Sequence[Pair],
    columns: Sequence[Column],
    *,
    places: int,
) -> Row:
    cells = _cells(found, pairs, places)
    both = cells["both"]
    assert isinstance(both, int)
    picked = tuple(cells[column.key] for column in columns[2:])
    return Row(key, (name, unit, *picked), pale=both < COMPARED_FROM)


def _cells(found: Changes, pairs: Sequence[Pair], places: int) -> Mapping[str, Cell]:
    counts = {name: sum(map(which, pairs)) for name, which in COUNTED.items()}
    both = [one for one in pairs if one.both]
    absolute = middle_of([one.parts for one in both], [PARTS] * len(both))
    percent = _percent(both)
    ends = wilson(counts["better"], counts["judged"])
    beyond = counts["better"] + counts["worse"] + counts["changed"]
    return {
        **counts,
        "enrolled": found.number,
        "never": found.number - sum(one.first is not None for one in pairs),
        "not_done": sum(one.not_done for one in pairs),
        **_middle(absolute, ("mean", "low", "high", "median"), places),
        **_middle(percent, ("percent", "percent_low", "percent_high", "percent_median"), 1),
        "better_share": share(counts["better"], counts["judged"]),
        "better_low": None if ends is None else rounded(100 * ends[0]),
        "better_high": None if ends is None else rounded(100 * ends[1]),
        "beyond_share": share(beyond, counts["judged"]),
    }


def _percent(both: Sequence[Pair]) -> Middle:
    """Of changes in per cent of the first value, of those that were not zero."""
    firsts = [(one.parts, one.first) for one in both if one.first]
    return middle_of([100 * change for change, _ in firsts], [abs(first) for _, first in firsts])


def _middle(one: Middle, names: Sequence[str], places: int) -> dict[str, Cell]:
    values = (one.mean, one.low, one.high, one.median)
    return {
        name: None if value is None else _rounded(value, places)
        for name, value in zip(names, values, strict=True)
    }


def _rounded(value: Fraction | float, places: int) -> Decimal:
    """Half away from zero, and never “−0”."""
    return rounded(value, places) + Decimal(0)


def _trials(found: Changes) -> Table:
    measured = {slug for slug, _ in found.told.both}
    slugs = [slug for slug in MEASURES if slug in measured]
    rows = tuple(
        Row(
            f"{slug}.{number}",
            (
                one.what,
                one.group,
                one.mean,
                one.spread,
                "standard error" if one.spread_is == "SE" else one.spread_is,
                one.unit,
                one.source,
            ),
        )
        for slug in slugs
        for number, one in enumerate(means_of(slug))
    )
    return Table(*_TRIALS, words.TRIALS, rows, notes=(NO_PROMISE,))


def _picture(found: Changes) -> Forest:
    """Mean changes in per cent below each other, with the published ones that are in per cent."""
    spots = [*_spots(found)]
    drawn = {spot.label for spot in spots}
    marks = tuple(
        (_name(slug, side), mean.group.split(",")[0], float(mean.mean))
        for slug, side in found.measures
        if _name(slug, side) in drawn
        for mean in means_of(slug)
        if mean.unit == "%"
    )
    spoken = "; ".join(
        f"{spot.label} {rounded(spot.value or 0)} %{_between(spot)}" for spot in spots
    )
    published = "; ".join(f"{label}, {group} {value} %" for label, group, value in marks)
    said = spoken or "nobody has two yet"
    return Forest(
        _MEAN,
        f"Mean change in per cent of the first value, of those with two values: {said}. "
        f"Published means of groups: {published or 'none in per cent'}. {NO_PROMISE}",
        "mean change, per cent of the first value",
        tuple(spots),
        marks,
    )


def _spots(found: Changes) -> Iterable[Spot]:
    """One row for each lift and measure of which a mean in per cent is known."""
    order = list(Lift)
    lifts = sorted(found.lifts, key=lambda lift: order.index(Lift(lift)))
    named = [(str(Lift(lift).label), found.lifts[lift]) for lift in lifts]
    named += [(_name(*key), pairs) for key, pairs in found.measures.items()]
    for label, pairs in named:
        one = _percent([pair for pair in pairs if pair.both])
        if one.mean is not None:
            yield Spot(label, float(one.mean), one.low, one.high, one.n)


def _between(spot: Spot) -> str:
    if spot.low is None or spot.high is None:
        return f" (n = {spot.n})"
    return f" ({rounded(spot.low)} to {rounded(spot.high)}, n = {spot.n})"


# --- what is behind a figure ----------------------------------------------------------------------


def behind(scope: Scope, table: str, row: str, column: str) -> Table | None:
    """The clients behind one figure with their two values; None where there is no such figure."""
    found = changes(scope)
    if table == AGAIN and column == "both":
        return _people(found)
    pairs = _pairs_of(found, table, row)
    if pairs is None:
        return None
    column = MADE_OF.get(column, column)
    if column == "enrolled":
        kept = [*(one for one in pairs if one.first is not None), *_never(found, pairs)]
    elif column == "never":
        kept = list(_never(found, pairs))
    elif column == "not_done":
        kept = [one for one in pairs if one.not_done]
    elif column in COUNTED:
        kept = list(filter(COUNTED[column], pairs))
    else:
        return None
    rows = tuple(Row(str(one.client), _pair_cells(one)) for one in kept)
    return Table("behind", "First and last values", words.PAIRS, rows)


def _people(found: Changes) -> Table:
    again = found.again
    rows = [
        Row(str(client), (name, again[client]))
        for client, name in found.people.items()
        if client in again
    ]
    return Table("behind", "Clients with a first and a last value", words.AGAIN, rows)


def _pairs_of(found: Changes, table: str, row: str) -> Sequence[Pair] | None:
    if table == "lifts":
        return found.lifts.get(row)
    if table != "measures":
        return None
    slug, _, side = row.partition("-")
    return found.measures.get((slug, side))


def _never(found: Changes, pairs: Sequence[Pair]) -> Iterable[Pair]:
    """Everybody without a value, those included of whom it is written that it was not done."""
    known = {one.client: one for one in pairs}
    what = pairs[0].what if pairs else ""
    for client, name in found.people.items():
        one = known.get(client, Pair(client, name, what))
        if one.first is None:
            yield one


def _pair_cells(one: Pair) -> tuple[Cell, ...]:
    twice = one.last is not None
    percent = one.percent if twice else None
    return (
        one.name,
        one.what,
        one.first_day,
        _value(one.first),
        one.last_day,
        _value(one.last),
        _rounded(one.change, 4) if twice else None,
        None if percent is None else _rounded(percent, 1),
        _said(one),
        one.because,
        one.not_done or None,
    )


def _value(parts: int | None) -> Decimal | None:
    return None if parts is None else rounded(Fraction(parts, PARTS), 4)


def _said(one: Pair) -> str:
    if one.first is None:
        return "not measured"
    if one.last is None:
        return "not measured again"
    return "" if one.label is None else WORDS[one.label]


KIND = ReportKind(
    slug="change",
    title="Strength and function",
    question="What has changed in those who were measured again?",
    definitions=words.DEFINITIONS,
    columns=(
        ("Estimated best single, by lift", words.LIFTS),
        ("By measure", words.MEASURES),
        ("Published means of groups", words.TRIALS),
        ("First and last values", words.PAIRS),
        ("Clients with a first and a last value", words.AGAIN),
    ),
    make=make,
    behind=behind,
    parts=parts,
    rules=words.RULES,
)
