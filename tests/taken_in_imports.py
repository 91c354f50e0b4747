"""Files in the world of ``tests/doors.py``: one as it was uploaded, one that may be taken in."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from bonefit.clients.importing import running, steps
from bonefit.clients.models import Import, ImportProblem
from bonefit.clinics.models import Membership
from tests.clients.imports.tables import CLIENTS, file_of


@dataclass
class Imports:
    """A fresh file that nobody has looked at, and one whose rows are checked."""

    fresh: Import
    ready: Import


def taken_in_imports(by: Membership, now: datetime) -> Imports:
    """Both of clients; an earlier problem is kept with the fresh one."""
    fresh, ready = (
        steps.upload(kind="clients", file=file_of(CLIENTS), by=by, now=now) for _ in range(2)
    )
    said = {name: ready.reading[name] for name in ("encoding", "separator", "decimal", "dates")}
    mapping = {int(at): name for at, name in ready.mapping.items()}
    steps.read_like(source=ready, said=said, by=by, now=now)
    steps.check(source=ready, mapping=mapping, by=by, now=now)
    running.run(ready.pk)
    ImportProblem.objects.create(
        clinic=by.clinic, source=fresh, row=2, column="Name", problem="The name is missing."
    )
    return Imports(fresh, ready)
