"""Months of training of the cast, invented at random and written at once."""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta
from decimal import Decimal
from random import Random

from django.db.backends.postgresql.psycopg_any import DateTimeTZRange

from bonefit.clinics.models import Membership
from programs.models import Enrollment, Exercise
from programs.plans import rules_at
from sessions.models import SetEntry, Slot, Visit

RUNGS = {"hinge": ("kettlebell-deadlift", "deadlift"), "squat": ("goblet-squat", "back-squat")}
REASONS = [
    "raised",
    "in_band",
    "held_technique",
    "held_pain",
    "held_top",
    "reps_first",
    "climbing",
    "away_down",
    "set_load",
    "held_rpe_blank",
]


def trained(
    enrollment: Enrollment, by: Membership, rng: Random, *, until: datetime, days: int = 200
) -> list[Visit]:
    """Attended visits over so many days until a moment, with absences, and the sets of two lifts.

    Written without ``sync``: what is asked about it is what it says, not how it came to be.
    """
    visits = _visits(enrollment, by, rng, until, days)
    rows: list[SetEntry] = []
    for lift, rungs in RUNGS.items():
        rows += _sets(visits, lift, rungs, enrollment, by, rng)
    SetEntry.objects.bulk_create(rows)
    return visits


def _visits(
    enrollment: Enrollment, by: Membership, rng: Random, until: datetime, days: int
) -> list[Visit]:
    at, visits = until - timedelta(days=days), []
    while at < until:
        slot = Slot.objects.create(
            clinic=by.clinic,
            room=f"Room {uuid.uuid4().hex[:8]}",
            starts_at=at,
            ends_at=at + timedelta(minutes=30),
        )
        visits.append(
            Visit(
                clinic=by.clinic,
                enrollment=enrollment,
                client=enrollment.client,
                slot=slot,
                during=DateTimeTZRange(slot.starts_at, slot.ends_at),
                missed_after=slot.ends_at,
                status=Visit.Status.ATTENDED,
                completed_at=slot.ends_at,
                completed_by=by,
            )
        )
        away = rng.choice([3, 3, 4, 4, 4, 7, 9, 16, 23]) if rng.random() < 0.3 else 4
        at += timedelta(days=away, hours=rng.choice([-2, 0, 3]))
    return Visit.objects.bulk_create(visits)


def _sets(
    visits: list[Visit],
    lift: str,
    rungs: tuple[str, ...],
    enrollment: Enrollment,
    by: Membership,
    rng: Random,
) -> list[SetEntry]:
    exercises = {one.slug: one for one in Exercise.objects.filter(slug__in=rungs)}
    rule_set = rules_at(by.clinic, visits[0].starts_at).id
    changes = rng.randint(0, len(visits) * 2)  # often after the last one: never
    load, rpe = Decimal(40), rng.choice([13, 15, 16, 17, 18])
    reason = rng.choice(REASONS)
    rows = []
    for number, visit in enumerate(visits):
        if rng.random() < 0.08:
            continue
        if rng.random() < 0.12:
            load = load + rng.choice([Decimal("2.5"), Decimal("-7.5"), Decimal(5)])
            load = max(load, Decimal(10))
        if rng.random() < 0.12:
            reason, rpe = rng.choice(REASONS), rng.choice([13, 15, 16, 17, 19])
        clean = rng.choices([True, None, False], [30, 4, 1])[0]
        for one in range(1, rng.choice([3, 5, 5]) + 1):
            rows.append(
                SetEntry(
                    uid=uuid.uuid4(),
                    clinic=by.clinic,
                    visit=visit,
                    enrollment=enrollment,
                    lift=lift,
                    exercise=exercises[rungs[1] if number >= changes else rungs[0]],
                    kind=SetEntry.Kind.WORKING,
                    number=one,
                    rule_set_id=rule_set,
                    prescribed_load=load,
                    prescribed_reps=5,
                    prescribed_reason=reason,
                    effort_low=16,
                    load=load,
                    reps=5 if rng.random() < 0.99 else 4,
                    rpe=rpe if rng.random() < 0.9 else None,
                    clean=clean,
                    supervisor=by,
                    logged_at=visit.ends_at,
                )
            )
    return rows
