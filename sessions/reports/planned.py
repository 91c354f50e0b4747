"""The phases of program versions. A version never changes, so they are read once a process."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from programs.models import Phase


class Planned(NamedTuple):
    """A phase of a version, and the weeks it is planned for; ``last_week`` None is open-ended."""

    code: str
    name: str
    first_week: int
    last_week: int | None


_KNOWN: dict[int, tuple[Planned, ...]] = {}


def phases_of(versions: Iterable[int]) -> Mapping[int, tuple[Planned, ...]]:
    """The phases of each version by their first week; one query where one is met the first time."""
    asked = set(versions)
    new: dict[int, list[Planned]] = {version: [] for version in asked if version not in _KNOWN}
    if new:
        for version, code, name, first_week, last_week in (
            Phase.objects.filter(version__in=new)
            .order_by("version", "first_week")
            .values_list("version_id", "code", "name", "first_week", "last_week")
        ):
            new[version].append(Planned(code, name, first_week, last_week))
        _KNOWN.update({version: tuple(phases) for version, phases in new.items() if phases})
    return {version: _KNOWN.get(version, ()) for version in asked}


def forget() -> None:
    """Drop what this process holds; for tests that empty the database between them."""
    _KNOWN.clear()
