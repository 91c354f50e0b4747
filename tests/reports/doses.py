"""Rows for the tests of the dose report: what a session asked for, and the sets that were done."""

from __future__ import annotations

import uuid
from decimal import Decimal
from typing import Any

from bonefit.clinics.models import Clinic
from programs.models import Exercise
from programs.plans import rules_at
from sessions.models import SetEntry, Visit
from sessions.reports.scope import By, Filters, Scope

RUNGS = {
    "hinge": "deadlift",
    "squat": "back-squat",
    "press": "overhead-press",
    "impact": "heel-raise",
}
LOAD, BUILD = "LOAD", "BUILD"


def target(
    lift: str, sets: int, reps: int | None = None, load: str | None = None, **more: Any
) -> dict[str, Any]:
    """One lift as a visit keeps what it asked for: 5 × 5 × 60 kg; ``landings``, ``level``."""
    return {
        "lift": lift,
        "exercise": RUNGS[lift],
        "kind": "impact" if lift == "impact" else "working",
        "load": load,
        "sets": sets,
        "reps": reps,
        "effort_low": 16,
        "effort_high": 18,
        "landings": None,
        "level": None,
        "available": True,
        "reason": ["in_band", []],
        "last": "",
        **more,
    }


def asked(visit: Visit, *targets: dict[str, Any], phase: str = LOAD) -> Visit:
    """Keep with the visit what it asked for."""
    visit.prescription = {
        "rule_set": rules_at(visit.clinic, visit.slot.starts_at).id,
        "versions": [],
        "cleared": 5,
        "phase": phase,
        "targets": list(targets),
    }
    visit.save(update_fields=["prescription"])
    return visit


def sets(
    visit: Visit, lift: str, *reps: int | None, load: str | None = None, **more: Any
) -> list[SetEntry]:
    """Working sets with these reps; ``more``: rpe, clean, kind, exercise and whatever a set has."""
    kind = more.pop("kind", "impact" if lift == "impact" else "working")
    exercise = Exercise.objects.get(slug=more.pop("exercise", RUNGS[lift]))
    first = more.pop("first", 1)
    told = {"prescribed_load": load, "prescribed_reps": 5} if kind != "impact" else {}
    return SetEntry.objects.bulk_create(
        SetEntry(
            **{
                "uid": uuid.uuid4(),
                "clinic": visit.clinic,
                "visit": visit,
                "enrollment_id": visit.enrollment_id,
                "lift": lift,
                "exercise": exercise,
                "kind": kind,
                "number": number,
                "rule_set_id": rules_at(visit.clinic, visit.slot.starts_at).id,
                "load": None if load is None else Decimal(load),
                "reps": done,
                "supervisor": visit.enrollment.therapist,
                "logged_at": visit.slot.ends_at,
                **told,
                **more,
            }
        )
        for number, done in enumerate(reps, first)
    )


def landed(visit: Visit, *landings: int, level: int, asked_level: int | None = None) -> None:
    """Impact sets with these landings."""
    for number, done in enumerate(landings, 1):
        sets(
            visit,
            "impact",
            None,
            first=number,
            landings=done,
            landing_level=level,
            prescribed_landings=10,
            prescribed_level=level if asked_level is None else asked_level,
        )


def scope(
    *clinics: Clinic, first: Any, last: Any, as_at: Any, by: By = By.CLIENT, **more: Any
) -> Scope:
    """The question of these days, to everything of these clinics."""
    from programs.models import Enrollment

    return Scope(
        clinics=clinics,
        enrollments=Enrollment.objects.filter(clinic__in=clinics),
        filters=Filters(first, last, by=by, **more),
        as_at=as_at,
    )
