"""In which week and phase the clients of a report are, by the plan and by a therapist's word."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date

from programs.calendar import PlannedPhase, Schedule, planned_phase, week_number
from sessions.flags.phases import Followed, Phases, PhaseWeeks, Promoted

from .planned import phases_of
from .scope import Scope

#: The main programs of each enrollment, then the words that moved her from phase to phase.
_FOLLOWED = """
SELECT c.enrollment_id, c.starts_on, least(c.today, c.ended_on), t.starts_on AS since, t.version_id,
    t.id, NULL::timestamptz AS at, NULL::text, NULL::bigint
FROM chosen c
LEFT JOIN (
    programs_track t
    JOIN programs_programversion r ON r.id = t.version_id
    JOIN programs_program p ON p.id = r.program_id AND p.kind = 'main'
) ON t.enrollment_id = c.enrollment_id
UNION ALL
SELECT d.enrollment_id, NULL, NULL, NULL, NULL, d.id, d.at, d.phase, d.revokes_id
FROM chosen c
JOIN programs_decision d ON d.enrollment_id = c.enrollment_id
WHERE d.kind IN ('promote', 'revoke') AND d.at <= %(as_at)s
ORDER BY at NULLS FIRST, since, id
"""


@dataclass(frozen=True, slots=True)
class Stage:
    """Week of the program, name of the planned phase and of the one she is in; None where none."""

    week: int | None = None
    planned: str | None = None
    actual: str | None = None


def stages_of(scope: Scope) -> dict[int, Stage]:
    """Where each enrollment stands today, or stood on its last day; one query."""
    followed: dict[int, list[tuple[date, int]]] = defaultdict(list)
    days: dict[int, tuple[date, date]] = {}
    words: dict[int, list[Promoted]] = defaultdict(list)
    for enrollment, starts_on, on, since, version, key, at, phase, revokes in scope.ask(_FOLLOWED):
        if at is not None:
            words[enrollment].append(Promoted(key, at, phase, revokes))
            continue
        days[enrollment] = (starts_on, on)
        if version is not None:
            followed[enrollment].append((since, version))
    plans = _plans({version for tracks in followed.values() for _, version in tracks})
    return {
        enrollment: _stage(scope, *days[enrollment], followed[enrollment], words[enrollment], plans)
        for enrollment in days
    }


@dataclass(frozen=True, slots=True)
class _Plan:
    schedule: Schedule
    names: dict[str, str]
    weeks: tuple[PhaseWeeks, ...]


def _plans(versions: set[int]) -> dict[int, _Plan]:
    return {
        version: _Plan(
            Schedule(tuple(PlannedPhase(code, first, last) for code, _, first, last in phases)),
            {code: name for code, name, *_ in phases},
            tuple(PhaseWeeks(code, name, first) for code, name, first, _ in phases),
        )
        for version, phases in phases_of(versions).items()
    }


def _stage(
    scope: Scope,
    starts_on: date,
    on: date,
    followed: list[tuple[date, int]],
    words: list[Promoted],
    plans: dict[int, _Plan],
) -> Stage:
    week = week_number(starts_on, on)
    begun = [version for since, version in followed if since <= on]
    if not begun:
        return Stage(week)
    plan = plans[begun[-1]]
    planned = planned_phase(plan.schedule, starts_on, on)
    actual = Phases(
        starts_on,
        tuple(Followed(since, plans[version].weeks) for since, version in followed),
        tuple(words),
        scope.as_at,
        on,
    ).actual()
    return Stage(week, plan.names.get(planned or ""), actual.name if actual else None)
