"""What was measured of invented clients: tests and scans at the start, and again later."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
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
#: Of one in so many no scan has been seen.
WITHOUT_A_SCAN = 12


def outcomes(clinic: Clinic, *, until: datetime, now: datetime) -> None:
    """Batteries and scans of who trains there and has none yet, and the scanner's precision.

    Those who have begun by ``now``; what is measured of them ``until`` is written at once, each
    round with its day.
    """
    today = now.astimezone(clinic.tz).date()
    enrolled = list(
        Enrollment.objects.active()
        .filter(clinic=clinic, starts_on__lte=today)
        .exclude(client__in=Battery.objects.filter(clinic=clinic).values("client"))
        .select_related("client", "therapist")
        .order_by("pk")
    )
    if not enrolled:
        return
    device = _scanner(enrolled[0], now=now)
    before = Battery.objects.filter(clinic=clinic).values("client").distinct().count()
    batteries: list[Battery] = []
    rows: list[Measurement] = []
    for number, enrollment in enumerate(enrolled, start=before):
        rng = Random(f"{SEED} {enrollment.client.name}")
        for battery, values in _days(enrollment, rng, until.astimezone(clinic.tz).date(), until):
            batteries.append(battery)
            rows += _rows(battery, values)
        if number % WITHOUT_A_SCAN != 3:
            rows += _scans(enrollment, device, rng, now=now)
    Battery.objects.bulk_create(batteries)
    Measurement.objects.bulk_create(rows)


def _scanner(enrollment: Enrollment, *, now: datetime) -> ScanDevice:
    by = enrollment.therapist
    known = ScanDevice.objects.filter(clinic_id=enrollment.clinic_id).first()
    if known is not None:
        return known
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
    enrollment: Enrollment, rng: Random, last: date, now: datetime
) -> Iterator[tuple[Battery, dict[str, float]]]:
    """A battery in the first week, and one every four months."""
    values = {slug: rng.gauss(mean, spread) for slug, (mean, spread, _) in USUAL.items()}
    day = enrollment.starts_on + timedelta(days=2)
    while day <= last:
        yield (
            Battery(
                clinic_id=enrollment.clinic_id,
                client_id=enrollment.client_id,
                uid=uuid.UUID(int=rng.getrandbits(128), version=4),
                taken_on=day,
                assessor_id=enrollment.therapist_id,
                treating=True,
                recorded_at=min(now, datetime.combine(day, time(6), UTC)),
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


def being_screened(clinic: Clinic, *, now: datetime) -> None:
    """Somebody without a program yet is being screened, as far as her medicines."""
    enrolled = Enrollment.objects.active().filter(clinic=clinic).select_related("therapist")
    waiting = Client.objects.filter(clinic=clinic).exclude(pk__in=enrolled.values("client"))
    client, first = waiting.order_by("pk").first(), enrolled.order_by("pk").first()
    if client is None or first is None:
        return
    by = first.therapist
    draft = screening.start(client=client, by=by, now=now)
    typed = {"fracture_ever": "no", "fracture_spine": "unsure", "falls_year": "1", "steroid": "no"}
    screening.save(screening=draft, typed=typed, revision=0, by=by, now=now)
