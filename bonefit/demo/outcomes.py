"""What was measured of invented clients: tests and scans at the start, and again later."""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta
from random import Random

from bonefit.clients import screening
from bonefit.clients.measures import MEASURES, PARTS
from bonefit.clients.models import (
    Battery,
    Client,
    Measurement,
    PrecisionStudy,
    ScanDevice,
)
from bonefit.clients.outcomes import precision
from bonefit.clinics.models import Clinic
from programs.models import Enrollment

SEED = "outcomes"
#: Measure → value at the start, how far people differ, and the usual change in four months.
USUAL: dict[str, tuple[float, float, float]] = {
    "tug": (9.4, 1.2, -0.7),
    "sts5": (13.0, 1.8, -1.4),
    "functional_reach": (29.0, 3.0, 1.2),
    "back_strength": (34.0, 6.0, 5.5),
    "single_leg_stance": (18.0, 6.0, 3.0),
    "height": (161.0, 5.0, 0.0),
    "weight": (64.0, 7.0, 0.3),
}
#: Site → density at the start and how far people differ, in g/cm².
SCANNED: dict[str, tuple[float, float]] = {
    "lumbar_bmd": (0.832, 0.04),
    "femoral_neck_bmd": (0.671, 0.04),
}
AGAIN = timedelta(weeks=17)


def outcomes(clinic: Clinic, *, now: datetime) -> None:
    """Batteries and scans of who trains there, the scanner's precision, a draft of a screening."""
    today = now.astimezone(clinic.tz).date()
    enrolled = list(
        Enrollment.objects.active()
        .filter(clinic=clinic, starts_on__lte=today)
        .select_related("client", "therapist")
        .order_by("pk")
    )
    if not enrolled:
        return
    device = _scanner(enrolled[0], now=now)
    batteries: list[Battery] = []
    rows: list[Measurement] = []
    for number, enrollment in enumerate(enrolled):
        rng = Random(f"{SEED} {enrollment.client.name}")
        for battery, values in _days(enrollment, rng, today, now):
            batteries.append(battery)
            rows += _rows(battery, values)
        if number % 4 != 3:  # of some no scan has been seen yet
            rows += _scans(enrollment, device, rng, now=now)
    Battery.objects.bulk_create(batteries)
    Measurement.objects.bulk_create(rows)
    _going_on(clinic, enrolled, now=now)


def _scanner(enrollment: Enrollment, *, now: datetime) -> ScanDevice:
    by = enrollment.therapist
    device = ScanDevice.objects.create(
        clinic_id=enrollment.clinic_id,
        name="Imaging on Main Street",
        maker="Hologic",
        added_at=now - timedelta(days=400),
        added_by=by,
    )
    rng = Random(SEED)
    repeats = [
        [value, value + round(rng.gauss(0, 120))]
        for value in (round(rng.gauss(8300, 700)) for _ in range(30))
    ]
    found = precision(repeats)
    PrecisionStudy.objects.bulk_create(
        PrecisionStudy(
            clinic_id=enrollment.clinic_id,
            device=device,
            site=site,
            done_on=(now - timedelta(days=390)).date(),
            repeats=repeats,
            rms_micro=found.rms_micro,
            lsc_micro=found.lsc_micro,
            recorded_at=now - timedelta(days=380),
            recorded_by=by,
        )
        for site in ("lumbar", "femoral_neck")
    )
    return device


def _days(
    enrollment: Enrollment, rng: Random, today: date, now: datetime
) -> Iterator[tuple[Battery, dict[str, float]]]:
    """A battery in the first week, and one every four months."""
    values = {slug: rng.gauss(mean, spread) for slug, (mean, spread, _) in USUAL.items()}
    day = enrollment.starts_on + timedelta(days=2)
    while day <= today:
        yield (
            Battery(
                clinic_id=enrollment.clinic_id,
                client_id=enrollment.client_id,
                uid=uuid.UUID(int=rng.getrandbits(128), version=4),
                taken_on=day,
                assessor_id=enrollment.therapist_id,
                treating=True,
                recorded_at=now,
                recorded_by_id=enrollment.therapist_id,
            ),
            dict(values),
        )
        for slug, (_, spread, change) in USUAL.items():
            values[slug] += change + rng.gauss(0, spread / 10)
        day += AGAIN


def _rows(battery: Battery, values: dict[str, float]) -> Iterator[Measurement]:
    for slug, value in values.items():
        measure = MEASURES[slug]
        step = PARTS // 10**measure.decimals
        amount = max(round(value * PARTS / step), 10) * step
        yield Measurement(
            clinic_id=battery.clinic_id,
            client_id=battery.client_id,
            battery=battery,
            measure=slug,
            taken_on=battery.taken_on,
            amount=amount,
            entered=measure.shown(amount),
            entered_unit=measure.unit,
            trials=[measure.shown(amount)],
            assessor_id=battery.assessor_id,
            recorded_at=battery.recorded_at,
            recorded_by_id=battery.recorded_by_id,
        )


def _scans(
    enrollment: Enrollment, device: ScanDevice, rng: Random, *, now: datetime
) -> Iterator[Measurement]:
    day = enrollment.starts_on - timedelta(days=rng.randint(20, 120))
    for slug, (mean, spread) in SCANNED.items():
        measure = MEASURES[slug]
        amount = round(rng.gauss(mean, spread) * PARTS)
        yield Measurement(
            clinic_id=enrollment.clinic_id,
            client_id=enrollment.client_id,
            measure=slug,
            taken_on=day,
            amount=amount,
            entered=measure.shown(amount),
            entered_unit=measure.unit,
            trials=[measure.shown(amount)],
            site=measure.site,
            side="left" if slug == "femoral_neck_bmd" else "",
            region="L1-L4" if slug == "lumbar_bmd" else "",
            device=device,
            t_score=round(rng.uniform(-3.0, -1.3), 1),
            recorded_at=now,
            recorded_by_id=enrollment.therapist_id,
        )


def _going_on(clinic: Clinic, enrolled: Sequence[Enrollment], *, now: datetime) -> None:
    """Somebody without a program yet is being screened, as far as her medicines."""
    waiting = Client.objects.filter(clinic=clinic).exclude(
        pk__in=[one.client_id for one in enrolled]
    )
    client = waiting.order_by("pk").first()
    if client is None:
        return
    by = enrolled[0].therapist
    draft = screening.start(client=client, by=by, now=now)
    typed = {"fracture_ever": "no", "fracture_spine": "unsure", "falls_year": "1", "steroid": "no"}
    screening.save(screening=draft, typed=typed, revision=0, by=by, now=now)
