"""The starter exercises and programs, as data with sources, and their way into the database.

A program's content is one document, the same here, in a draft and in a published version: phases,
in each its prescriptions, each number a cell with its value, source, tag and basis.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

from django.db import transaction
from django.utils import timezone

from bonefit.clinics.models import Clinic, Membership
from programs.models import Exercise, Phase, Prescription, Program, ProgramVersion

HERE = Path(__file__).parent
PROGRAMS = ("hirit_liftmor", "graduated_strength", "general_strength", "balance_falls")
#: The program that is offered first.
FIRST_PROGRAM = "hirit-liftmor"

Content = dict[str, Any]
Cell = dict[str, Any]

VERSION_CELLS = ("frequency", "minutes", "weeks", "sessions")
#: Cells of a prescription that have a column of their own, in the order of the document.
LINE_CELLS = (
    "sets",
    "reps",
    "reps_top",
    "seconds",
    "landings",
    "drop_cm",
    "effort_low",
    "effort_high",
    "tempo",
    "rest_seconds",
    "gate",
)
#: Of a number that was published before each kept where it is from.
UNKNOWN = "Published before the basis of this number was kept."


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
                for key in (
                    "equipment",
                    "spine_flexion_risk",
                    "impact_class",
                    "criteria",
                    "tag",
                    "source",
                    "basis",
                )
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

    A version is immutable: changed data becomes the next version, and clients stay on theirs. A
    program whose newest version the clinic wrote itself is left as the clinic wants it.
    """
    return [_publish_starter(clinic, read(name)) for name in PROGRAMS]


def _publish_starter(clinic: Clinic, content: Content) -> ProgramVersion:
    program = _program(clinic, content)
    newest = _newest(program)
    if newest is not None and (newest.detail.get("own") or newest.fingerprint == _print(content)):
        return newest
    return _publish(program, content, number=newest.number + 1 if newest else 1, own=False)


@transaction.atomic
def publish_content(
    clinic: Clinic,
    content: Content,
    *,
    program: Program | None = None,
    by: Membership | None = None,
    now: datetime | None = None,
) -> ProgramVersion:
    """Publish what a clinic wrote as the next version of a program, immutable from then on.

    Without ``program`` it is the clinic's program of the content's slug, made where there is none.
    The content must be sound: see ``programs.problems``.
    """
    held = Program.objects.select_for_update().get(
        pk=(program or _program(clinic, content)).pk, clinic=clinic
    )
    newest = _newest(held)
    number = newest.number + 1 if newest else 1
    return _publish(held, content, number=number, own=True, by=by, now=now)


def content_of(version: ProgramVersion) -> Content:
    """The document that a version was published from, built from its rows."""
    detail, program = version.detail, version.program
    return {
        "slug": program.slug,
        "name": detail.get("name", program.name),
        "kind": detail.get("kind", program.kind),
        "summary": detail.get("summary", ""),
        "frequency": _cell(detail.get("frequency"), version.frequency),
        "minutes": _cell(detail.get("minutes"), version.minutes),
        "weeks": _cell(detail.get("weeks"), version.weeks),
        "sessions": _cell(detail.get("sessions"), version.sessions),
        "lifts": detail.get("lifts", []),
        "phases": [
            _phase_content(phase, detail.get("phases", {}).get(phase.code, {}))
            for phase in version.phases.prefetch_related("prescriptions")
        ],
    }


# --- into rows ------------------------------------------------------------------------------------
def _program(clinic: Clinic, content: Content) -> Program:
    program, _ = Program.objects.get_or_create(
        clinic=clinic,
        slug=content["slug"],
        defaults={"name": content["name"], "kind": content["kind"]},
    )
    return program


def _newest(program: Program) -> ProgramVersion | None:
    return program.versions.order_by("-number").first()


def _print(content: Content) -> str:
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()


def _publish(
    program: Program,
    content: Content,
    *,
    number: int,
    own: bool,
    by: Membership | None = None,
    now: datetime | None = None,
) -> ProgramVersion:
    """``own``: the clinic wrote it. Where a cell has no row of its own, the version keeps it."""
    detail = {key: content[key] for key in ("name", "kind", "summary", "lifts", *VERSION_CELLS)}
    detail["phases"] = {
        phase["code"]: {key: phase[key] for key in ("first_week", "last_week")}
        for phase in content["phases"]
    }
    version = ProgramVersion.objects.create(
        clinic_id=program.clinic_id,
        program=program,
        number=number,
        frequency=content["frequency"]["value"],
        weeks=content["weeks"]["value"],
        minutes=content["minutes"]["value"],
        detail={**detail, "own": True} if own else detail,
        fingerprint=_print(content),
        published_at=now or timezone.now(),
        published_by=by,
    )
    phases = Phase.objects.bulk_create(_phase(version, item) for item in content["phases"])
    Prescription.objects.bulk_create(
        _prescription(phase, position, line)
        for phase, item in zip(phases, content["phases"], strict=True)
        for position, line in enumerate(item["prescriptions"], start=1)
    )
    return version


def _phase(version: ProgramVersion, item: Content) -> Phase:
    return Phase(
        clinic_id=version.clinic_id,
        version=version,
        code=item["code"],
        name=item["name"],
        summary=item["summary"],
        first_week=item["first_week"]["value"],
        last_week=_value(item["last_week"]),
        criteria=item["criteria"],
    )


def _prescription(phase: Phase, position: int, line: Content) -> Prescription:
    numbers = {name: _value(line.get(name)) for name in LINE_CELLS}
    numbers["tempo"] = numbers["tempo"] or ""
    return Prescription(
        clinic_id=phase.clinic_id,
        phase=phase,
        position=position,
        lift=line["lift"],
        kind=line["kind"],
        rule=line["rule"],
        detail={name: line.get(name) for name in LINE_CELLS},
        **numbers,
    )


def _value(cell: Cell | None) -> Any:
    return None if cell is None else cell["value"]


# --- and back -------------------------------------------------------------------------------------
def _phase_content(phase: Phase, cells: Mapping[str, Cell]) -> Content:
    return {
        "code": phase.code,
        "name": phase.name,
        "summary": phase.summary,
        "first_week": _cell(cells.get("first_week"), phase.first_week),
        "last_week": _cell(cells.get("last_week"), phase.last_week),
        "criteria": phase.criteria,
        "prescriptions": [_line(line) for line in phase.prescriptions.all()],
    }


def _line(line: Prescription) -> Content:
    cells = {
        name: _cell(line.detail.get(name), None if value == "" else value)
        for name, value in ((name, getattr(line, name)) for name in LINE_CELLS)
    }
    return {"lift": line.lift, "kind": line.kind, **cells, "rule": _rule(line)}


def _rule(line: Prescription) -> Content:
    """The load rule; before rules were kept, landings had their ladder and loads went by effort."""
    if line.rule:
        return line.rule
    kind = "impact" if line.kind == Prescription.Kind.IMPACT else "effort"
    return {"kind": kind, "source": "", "tag": "D", "basis": UNKNOWN}


def _cell(cell: Cell | None, value: int | str | None) -> Cell | None:
    """The cell that was kept, or one around the bare number of an older row."""
    if cell is not None or value is None:
        return cell
    return {"value": value, "source": "", "tag": "D", "basis": UNKNOWN}
