"""In which phase somebody is, and in which one the plan has her."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import timedelta

from django.db import connection

from programs.models import Decision, Enrollment, Track
from programs.plans import version_plan
from programs.rules import Rules
from sessions.flags.coming import AHEAD
from sessions.flags.phases import Followed, Phases, PhaseWeeks, Promoted

from .scope import Scope

#: Whose next phase was due so long ago by the plan that the rule may speak within the next week.
LAGGING = """
SELECT e.id
FROM programs_enrollment e
JOIN LATERAL (
    SELECT t.version_id FROM programs_track t
    JOIN programs_programversion n ON n.id = t.version_id
    JOIN programs_program p ON p.id = n.program_id AND p.kind = 'main'
    WHERE t.enrollment_id = e.id AND t.starts_on < %(horizon)s
    ORDER BY t.starts_on DESC, t.id DESC LIMIT 1
) followed ON true
LEFT JOIN LATERAL (
    SELECT d.phase FROM programs_decision d
    WHERE d.enrollment_id = e.id AND d.kind = 'promote' AND d.at <= %(now)s
    AND NOT EXISTS (
        SELECT 1 FROM programs_decision r WHERE r.revokes_id = d.id
        AND NOT EXISTS (SELECT 1 FROM programs_decision s WHERE s.revokes_id = r.id)
    )
    ORDER BY d.at DESC, d.id DESC LIMIT 1
) promoted ON true
LEFT JOIN programs_phase actual
    ON actual.version_id = followed.version_id AND actual.code = promoted.phase
CROSS JOIN LATERAL (
    SELECT min(f.first_week) AS first_week FROM programs_phase f
    WHERE f.version_id = followed.version_id AND f.first_week > coalesce(
        actual.first_week,
        (SELECT min(g.first_week) FROM programs_phase g WHERE g.version_id = followed.version_id)
    )
) following
WHERE e.id = ANY(%(ids)s)
AND e.starts_on + 7 * (following.first_week - 1 + %(lag)s) < %(horizon)s
"""


def fetch(scope: Scope) -> Mapping[int, Phases]:
    """Programs and promotions of each enrollment; three queries, or four, for all of them.

    Where only the moment counts, those whose phase cannot be late within a week are left out.
    """
    ids = lagging(scope) if scope.back == 0 else list(scope.enrollments)
    if not ids:
        return {}
    followed = _followed(ids)
    words = _words(ids)
    rows = Enrollment.objects.filter(pk__in=ids).values_list("pk", "starts_on", "ended_on")
    return {
        pk: Phases(
            starts_on,
            tuple(followed.get(pk, ())),
            tuple(words.get(pk, ())),
            scope.asked.known,
            scope.asked.today,
            ended_on,
        )
        for pk, starts_on, ended_on in rows
    }


def history_key(rules: Rules) -> object:
    """What a history depends on: none of the clinic's numbers."""
    return None


def lagging(scope: Scope) -> list[int]:
    """Those of a scope that the rule may concern now or within a week."""
    asked = scope.asked
    with connection.cursor() as cursor:
        cursor.execute(
            LAGGING,
            {
                "ids": list(scope.enrollments),
                "now": asked.known,
                "horizon": asked.today + AHEAD + timedelta(days=1),
                "lag": asked.rules.phase_lag_weeks,
            },
        )
        return [pk for (pk,) in cursor.fetchall()]


def _followed(ids: Iterable[int]) -> dict[int, list[Followed]]:
    rows = (
        Track.objects.main()
        .filter(enrollment__in=ids)
        .order_by("starts_on", "pk")
        .values_list("enrollment_id", "starts_on", "version_id")
    )
    found: dict[int, list[Followed]] = {}
    weeks: dict[int, tuple[PhaseWeeks, ...]] = {}
    for enrollment, starts_on, version in rows:
        if version not in weeks:
            weeks[version] = tuple(
                PhaseWeeks(one.code, one.name, one.first_week)
                for one in version_plan(version).phases
            )
        found.setdefault(enrollment, []).append(Followed(starts_on, weeks[version]))
    return found


def _words(ids: Iterable[int]) -> dict[int, list[Promoted]]:
    kinds = (Decision.Kind.PROMOTE, Decision.Kind.REVOKE)
    rows = (
        Decision.objects.filter(enrollment__in=ids, kind__in=kinds)
        .order_by("at", "pk")
        .values_list("enrollment_id", "pk", "at", "phase", "revokes_id")
    )
    found: dict[int, list[Promoted]] = {}
    for enrollment, key, at, phase, revokes in rows:
        found.setdefault(enrollment, []).append(Promoted(key, at, phase, revokes))
    return found
