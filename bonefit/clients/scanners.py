"""Writes about how a clinic measures: its scanners, their precision, its numbers of a measure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal

from django.db import transaction

from bonefit.acting import because_of
from bonefit.clinics.models import Clinic, Membership

from .measures import RANGES, Measure
from .models import MeasureNumber, PrecisionStudy, ScanDevice
from .outcomes import precision

#: Numbers that any test may have besides its ranges.
BOUNDS = ("mdc", "mcid", "cut_off")


class CannotRecord(Exception):
    """Why something was not written: words, and the field they belong to."""

    def __init__(self, words: str, field: str = "") -> None:
        super().__init__(words)
        self.words, self.field = words, field


@transaction.atomic
def add_device(*, name: str, maker: str, place: str, by: Membership, now: datetime) -> ScanDevice:
    """A scanner under a name of its own; CannotRecord where the name is taken."""
    device, made = ScanDevice.objects.get_or_create(
        clinic=by.clinic,
        name=name,
        defaults={"maker": maker, "place": place, "added_by": by, "added_at": now},
    )
    if not made:
        raise CannotRecord("A scanner of that name is there already.", "name")
    return device


@transaction.atomic
def retire_device(*, device: ScanDevice, on: date, by: Membership) -> None:
    """The scanner is used no longer; what it measured stays. A second time changes nothing."""
    ScanDevice.objects.filter(pk=device.pk, clinic=by.clinic, retired_on=None).update(retired_on=on)


@transaction.atomic
def record_study(
    *,
    device: ScanDevice,
    site: str,
    done_on: date,
    repeats: Sequence[Sequence[int]],
    by: Membership,
    now: datetime,
) -> PrecisionStudy:
    """A precision study with its LSC; the same one sent twice is recorded once.

    ``repeats``: for each person her values in 0.0001 g/cm². CannotRecord where none follows.
    """
    ScanDevice.objects.select_for_update().get(pk=device.pk)
    try:
        found = precision(repeats)
    except ValueError as error:
        raise CannotRecord(str(error), "repeats") from None
    if found.lsc_micro == 0:
        raise CannotRecord("All scans are equal to the last digit. Check the values.", "repeats")
    values = [list(one) for one in repeats]
    newest = device.studies.filter(site=site, void_at=None).order_by("-pk").first()
    if newest is not None and (newest.done_on, newest.repeats) == (done_on, values):
        return newest
    return PrecisionStudy.objects.create(
        clinic=by.clinic,
        device=device,
        site=site,
        done_on=done_on,
        repeats=values,
        rms_micro=found.rms_micro,
        lsc_micro=found.lsc_micro,
        recorded_by=by,
        recorded_at=now,
    )


@because_of("why")
@transaction.atomic
def void_studies(*, device: ScanDevice, why: str, by: Membership, now: datetime) -> int:
    """The scanner was moved or repaired: its precision is not known any more (ISCD).

    Returns how many studies no longer hold; they stay readable.
    """
    ScanDevice.objects.select_for_update().get(pk=device.pk)
    return PrecisionStudy.objects.filter(device=device, void_at=None).update(
        void_at=now, void_by=by, void_why=why
    )


def keys_of(measure: Measure) -> tuple[str, ...]:
    """The numbers of a measure: its bounds, which a scan has none of, then its ranges."""
    return RANGES if measure.kind == "scan" else (*BOUNDS, *RANGES)


def own_numbers(clinic: Clinic, measure: Measure) -> dict[str, MeasureNumber]:
    """The clinic's newest word on each number of a measure; one query."""
    rows = MeasureNumber.objects.filter(clinic=clinic, measure=measure.slug).order_by("pk")
    return {row.key: row for row in rows}


def in_force(measure: Measure, own: Mapping[str, MeasureNumber]) -> dict[str, Decimal | None]:
    """Each number as it holds now: the clinic's, else the catalogue's, else None."""
    found: dict[str, Decimal | None] = {}
    for key in keys_of(measure):
        catalogue = measure.numbers.get(key)
        row = own.get(key)
        if row is not None and row.value is not None:
            found[key] = row.value
        else:
            found[key] = catalogue.value if catalogue else None
    return found


@transaction.atomic
def set_numbers(
    *,
    measure: Measure,
    values: Mapping[str, Decimal | None],
    seen: int,
    basis: str,
    by: Membership,
    now: datetime,
) -> int:
    """The clinic's own numbers; None is the catalogue's again. Returns how many have changed.

    ``seen``: the newest row that the editor had before her; CannotRecord where a newer one is
    there, or where the ranges do not lie within one another.
    """
    Clinic.objects.select_for_update(no_key=True).get(pk=by.clinic_id)
    own = own_numbers(by.clinic, measure)
    if seen != newest_of(own):
        raise CannotRecord("Somebody else has changed these numbers meanwhile. Look again.")
    before = {key: row.value for key, row in own.items()}
    changes = {
        key: MeasureNumber(
            clinic=by.clinic,
            measure=measure.slug,
            key=key,
            value=values[key],
            basis=basis,
            recorded_by=by,
            recorded_at=now,
        )
        for key in keys_of(measure)
        if values[key] != before.get(key) and not _is_catalogue(measure, key, values, before)
    }
    _check(in_force(measure, {**own, **changes}))
    MeasureNumber.objects.bulk_create(changes.values())
    return len(changes)


def newest_of(own: Mapping[str, MeasureNumber]) -> int:
    """The newest of some rows by its number, 0 where there is none."""
    return max((row.pk for row in own.values()), default=0)


def _is_catalogue(
    measure: Measure,
    key: str,
    values: Mapping[str, Decimal | None],
    before: Mapping[str, Decimal | None],
) -> bool:
    """Whether what was typed is the catalogue's own number, which holds already."""
    catalogue = measure.numbers.get(key)
    return before.get(key) is None and catalogue is not None and values[key] == catalogue.value


def _check(numbers: Mapping[str, Decimal | None]) -> None:
    for key in BOUNDS:
        value = numbers.get(key)
        if value is not None and value <= 0:
            raise CannotRecord("Write a number above 0, or leave it blank.", key)
    low, high, hard_low, hard_high = (numbers[key] or Decimal(0) for key in RANGES)
    if low >= high:
        raise CannotRecord("The upper end of the usual range lies above the lower.", RANGES[1])
    if hard_low > low:
        raise CannotRecord("What is refused lies below what is unusual.", RANGES[2])
    if hard_high < high:
        raise CannotRecord("What is refused lies above what is unusual.", RANGES[3])
