"""What was measured of a client, measure by measure, with what may be said of each change."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Protocol

from bonefit.clinics.models import Clinic

from .measures import MEASURES, Measure
from .models import Client, Measurement, MeasureNumber, PrecisionStudy
from .outcomes import ENOUGH, Change, Scan, bone_change, test_change
from .trial_means import TrialMean, means_of

#: (scanner, site) → its least significant change in 0.000001 g/cm².
Lscs = Mapping[tuple[int, str], int]
#: measure → key → number.
Numbers = Mapping[str, Mapping[str, Decimal]]


class Taken(Protocol):
    """What a change is made of: a measurement, or as much of one."""

    @property
    def amount(self) -> int | None: ...
    @property
    def side(self) -> str: ...
    @property
    def region(self) -> str: ...
    @property
    def site(self) -> str: ...
    @property
    def device_id(self) -> int | None: ...


@dataclass(frozen=True, slots=True)
class Point:
    """One value, and how it differs from the first and from the one before, where there is one."""

    row: Measurement
    shown: str
    from_first: Change | None
    from_last: Change | None


@dataclass(frozen=True, slots=True)
class Series:
    """One measure of one client, of one side where it has sides, oldest first."""

    measure: Measure
    side: str
    points: tuple[Point, ...]
    not_done: tuple[Measurement, ...]

    @property
    def key(self) -> str:
        """Its name in an address: the measure, and the side where there is one."""
        return f"{self.measure.slug}-{self.side}" if self.side else self.measure.slug

    @property
    def label(self) -> str:
        return f"{self.measure.label}, {self.side}" if self.side else self.measure.label

    @property
    def group_means(self) -> tuple[TrialMean, ...]:
        """What trained groups changed by in trials: shown as that, never as a promise."""
        return means_of(self.measure.slug)

    @property
    def latest(self) -> Point | None:
        return self.points[-1] if self.points else None


def history_of(client: Client) -> list[Measurement]:
    """Everything measured that stands, oldest first; one query."""
    rows = Measurement.objects.standing().filter(client=client)
    return list(rows.select_related("device", "assessor__user").order_by("taken_on", "pk"))


def lsc_of(clinic: Clinic) -> Lscs:
    """The least significant change of each scanner and site: its newest study that is not void.

    A study of too few people gives none (ISCD asks for 15 × 3 or 30 × 2). One query.
    """
    studies = PrecisionStudy.objects.filter(clinic=clinic, void_at=None).order_by("pk")
    return {(one.device_id, one.site): one.lsc_micro for one in studies if is_enough(one.repeats)}


def is_enough(repeats: Sequence[Sequence[int]]) -> bool:
    """Whether a precision study had as many people and scans as the ISCD asks for."""
    scans = min((len(values) for values in repeats), default=0)
    return scans >= 2 and len(repeats) >= ENOUGH[min(scans, 3)]


def numbers_of(clinic: Clinic) -> Numbers:
    """The numbers of each measure: the clinic's own where it has one, else the catalogue's."""
    found: dict[str, dict[str, Decimal]] = {
        slug: {key: number.value for key, number in measure.numbers.items()}
        for slug, measure in MEASURES.items()
    }
    for row in MeasureNumber.objects.filter(clinic=clinic).order_by("pk"):
        if row.measure not in found:
            continue
        catalogue = MEASURES[row.measure].numbers.get(row.key)
        if row.value is not None:
            found[row.measure][row.key] = row.value
        elif catalogue is not None:
            found[row.measure][row.key] = catalogue.value
        else:
            found[row.measure].pop(row.key, None)
    return found


def series_of(client: Client, *, lscs: Lscs, numbers: Numbers) -> list[Series]:
    """All measures of a client in the order of the catalogue; one query."""
    return series_from(history_of(client), lscs=lscs, numbers=numbers)


def series_from(rows: Iterable[Measurement], *, lscs: Lscs, numbers: Numbers) -> list[Series]:
    """The same from rows that are there already, oldest first."""
    grouped: dict[tuple[str, str], list[Measurement]] = defaultdict(list)
    for row in rows:
        if row.measure in MEASURES:
            grouped[row.measure, row.side].append(row)
    order = list(MEASURES)
    keys = sorted(grouped, key=lambda key: (order.index(key[0]), key[1]))
    return [
        Series(
            MEASURES[slug],
            side,
            _points(MEASURES[slug], grouped[slug, side], lscs, numbers[slug]),
            tuple(row for row in grouped[slug, side] if row.amount is None),
        )
        for slug, side in keys
    ]


def _points(
    measure: Measure, rows: Iterable[Measurement], lscs: Lscs, numbers: Mapping[str, Decimal]
) -> tuple[Point, ...]:
    points: list[Point] = []
    for row in rows:
        if row.amount is None:
            continue
        first = points[0].row if points else None
        last = points[-1].row if points else None
        points.append(
            Point(
                row,
                measure.shown(row.amount),
                change_between(measure, first, row, lscs, numbers),
                change_between(measure, last, row, lscs, numbers),
            )
        )
    return tuple(points)


def change_between(
    measure: Measure,
    before: Taken | None,
    after: Taken,
    lscs: Lscs,
    numbers: Mapping[str, Decimal],
) -> Change | None:
    """What may be said of the change between two measurements; None without a first one."""
    if before is None or before.amount is None or after.amount is None:
        return None
    if measure.kind != "scan":
        return test_change(measure, before.amount, after.amount, numbers)
    lsc = lscs.get((after.device_id, measure.site)) if after.device_id is not None else None
    return bone_change(_scan(measure, before), _scan(measure, after), lsc_micro=lsc)


def _scan(measure: Measure, row: Taken) -> Scan:
    assert row.amount is not None
    return Scan(row.amount, measure.site, row.side, row.region, row.device_id)
