"""Many visits read and drawn at once: as many queries for a class as for one of its clients."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from bonefit.clinics.models import Clinic

from . import facts
from .board import Board, board
from .models import SetEntry, Visit
from .told import dump, outdated

#: One visit with what is drawn of it.
Drawn = tuple[Visit, Board]


def sets_of(visits: Sequence[Visit]) -> dict[int, list[SetEntry]]:
    """The standing sets of visits by the visit's primary key, in the order of their numbers."""
    found: dict[int, list[SetEntry]] = {}
    for entry in SetEntry.objects.standing().filter(visit__in=visits).order_by("number"):
        found.setdefault(entry.visit_id, []).append(entry)
    return found


def prescribe(visits: Iterable[Visit], *, clinic: Clinic) -> None:
    """Give visits of ``facts.on_the_floor`` what their clients would be told now; saves nothing."""
    untold = [one for one in visits if one.prescription is None or outdated(one)]
    for pk, standing in facts.standings_for(untold, clinic=clinic).items():
        visit = next(one for one in untold if one.pk == pk)
        visit.prescription = dump(standing, cleared=visit.client.impact_cleared)


def draw(
    visits: Sequence[Visit], sets: Mapping[int, list[SetEntry]], *, clinic: Clinic
) -> list[Drawn]:
    """The boards of visits of ``facts.on_the_floor`` with their sets; they are only read."""
    for visit in visits:
        visit.clinic = clinic
    prescribe(visits, clinic=clinic)
    return [(visit, board(visit, sets.get(visit.pk, []))) for visit in visits]
