"""The starter exercises and programs, as data with sources, and their way into the database."""

from __future__ import annotations

import hashlib
import json
from functools import cache
from pathlib import Path
from typing import Any

from django.db import transaction

from bonefit.clinics.models import Clinic
from programs.models import Exercise, Phase, Prescription, Program, ProgramVersion

HERE = Path(__file__).parent
PROGRAMS = ("hirit_liftmor",)


@cache
def read(name: str) -> Any:
    """One data file of this folder, parsed. Callers must not change what they get."""
    return json.loads((HERE / f"{name}.json").read_text(encoding="utf-8"))


def load_exercises() -> int:
    """Make the exercise ladders in the database equal to the data file; return how many."""
    rows = [
        Exercise(
            slug=item["slug"],
            name=item["name"],
            lift=item["pattern"],
            level=item["level"],
            load_type=item["load_type"],
            impact_level=item["impact_level"],
            base=item["base"],
            substitute_for=item["substitute_for"] or "",
            detail={
                key: item[key]
                for key in ("equipment", "spine_flexion_risk", "criteria", "tag", "source", "basis")
            },
        )
        for item in read("exercises")
    ]
    changing = [
        field.name for field in Exercise._meta.concrete_fields if field.name not in {"id", "slug"}
    ]
    Exercise.objects.bulk_create(
        rows, update_conflicts=True, unique_fields=["slug"], update_fields=changing
    )
    return len(rows)


@transaction.atomic
def publish_starters(clinic: Clinic) -> list[ProgramVersion]:
    """Publish each starter program of the catalogue in a clinic, where its data is new there.

    A version is immutable: changed data becomes the next version, and clients stay on theirs.
    """
    return [_publish(clinic, read(name)) for name in PROGRAMS]


def _publish(clinic: Clinic, data: dict[str, Any]) -> ProgramVersion:
    fingerprint = hashlib.sha256(json.dumps(data, sort_keys=True).encode()).hexdigest()
    program, _ = Program.objects.get_or_create(
        clinic=clinic, slug=data["slug"], defaults={"name": data["name"]}
    )
    newest = program.versions.order_by("-number").first()
    if newest and newest.fingerprint == fingerprint:
        return newest
    version = ProgramVersion.objects.create(
        clinic=clinic,
        program=program,
        number=newest.number + 1 if newest else 1,
        frequency=data["frequency"]["value"],
        weeks=data["weeks"]["value"],
        minutes=data["minutes"]["value"],
        detail={key: data[key] for key in ("summary", "frequency", "weeks", "minutes", "sessions")},
        fingerprint=fingerprint,
    )
    phases = Phase.objects.bulk_create(_phase(clinic, version, item) for item in data["phases"])
    Prescription.objects.bulk_create(
        _prescription(clinic, phase, position, line)
        for phase, item in zip(phases, data["phases"], strict=True)
        for position, line in enumerate(item["prescriptions"], start=1)
    )
    return version


def _phase(clinic: Clinic, version: ProgramVersion, item: dict[str, Any]) -> Phase:
    return Phase(
        clinic=clinic,
        version=version,
        code=item["code"],
        name=item["name"],
        summary=item.get("summary", ""),
        first_week=item["first_week"]["value"],
        last_week=_number(item["last_week"]),
        criteria=item["criteria"],
    )


def _prescription(
    clinic: Clinic, phase: Phase, position: int, line: dict[str, Any]
) -> Prescription:
    numbers = ("sets", "reps", "landings", "effort_low", "effort_high", "rest_seconds")
    return Prescription(
        clinic=clinic,
        phase=phase,
        position=position,
        lift=line["lift"],
        kind=line["kind"],
        detail={key: line.get(key) for key in numbers},
        **{key: _number(line.get(key)) for key in numbers},
    )


def _number(cell: dict[str, Any] | None) -> int | None:
    return None if cell is None else cell["value"]
