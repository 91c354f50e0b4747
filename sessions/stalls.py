"""Which lifts stand still, from the sets that were logged: the facts behind ``flags.stalled``."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from itertools import groupby
from typing import Any

from django.contrib.postgres.aggregates import ArrayAgg, BoolAnd, BoolOr
from django.db.models import Case, F, Max, Q, When

from programs.models import Enrollment
from programs.plans import rules_at
from programs.reasons import HOLDING_CODES
from programs.rules import plain

from . import facts, told
from .flags import Finding, LiftSession, stalled
from .models import SetEntry, Visit


def stalled_now(enrollments: Sequence[Enrollment], *, as_of: datetime) -> dict[int, list[Finding]]:
    """The stalled lifts of each enrollment that has one, from what was lifted until ``as_of``.

    Two queries for all enrollments together; the log is folded only for the few that are found.
    The enrollments need their ``clinic`` loaded.
    """
    by_id = {enrollment.pk: enrollment for enrollment in enrollments}
    found: list[tuple[Enrollment, Finding]] = []
    for (enrollment_id, _lift), group in groupby(
        _lift_rows(by_id, as_of), key=lambda row: (row["enrollment_id"], row["lift"])
    ):
        enrollment = by_id[enrollment_id]
        finding = _stalled_lift(enrollment, list(group), as_of)
        if finding is not None:
            found.append((enrollment, finding))
    prescribed = _prescribed_sets([finding for _, finding in found])
    result: dict[int, list[Finding]] = {}
    for enrollment, finding in found:
        if _all_sets_done(finding, prescribed) and _still_asked(enrollment, finding, as_of):
            result.setdefault(enrollment.pk, []).append(finding)
    return result


def _lift_rows(enrollment_ids: Iterable[int], as_of: datetime) -> Iterable[dict[str, Any]]:
    """One row for each lift of each attended visit, oldest first within a lift.

    The load is that of the first set: later sets of a visit may have been offered less. Reps that
    nobody entered are not all reps.
    """
    all_reps = Case(When(reps__gte=F("prescribed_reps"), then=True), default=False)
    rows = (
        SetEntry.objects.standing()
        .filter(
            enrollment__in=enrollment_ids,
            kind=SetEntry.Kind.WORKING,
            visit__status__in=Visit.ATTENDANCE,
            visit__during__startswith__lte=as_of,
        )
        .values(
            "enrollment_id",
            "lift",
            "exercise__slug",
            "exercise__name",
            "visit__during",
            "visit__uid",
        )
        .annotate(
            loads=ArrayAgg("prescribed_load", order_by="number"),
            reps_done=ArrayAgg("reps", order_by="number"),
            efforts=ArrayAgg("rpe", order_by="number"),
            all_reps=BoolAnd(all_reps),
            low=Max("effort_low"),
            holding=BoolOr(Q(prescribed_reason__in=sorted(HOLDING_CODES))),
        )
        .order_by("enrollment_id", "lift", "visit__during", "visit__uid", "exercise__slug")
    )
    return (dict(row) for row in rows)


def _stalled_lift(
    enrollment: Enrollment, rows: list[dict[str, Any]], as_of: datetime
) -> Finding | None:
    """The finding on the rung that is lifted now; a change of rung begins a new stretch."""
    rung = rows[-1]["exercise__slug"]
    tail: list[dict[str, Any]] = []
    for row in reversed(rows):
        if row["exercise__slug"] != rung:
            break
        tail.insert(0, row)
    finding = stalled(
        [_session(row, enrollment) for row in tail],
        exercise=rung,
        rules=rules_at(enrollment.clinic, as_of).rules,
    )
    if finding is None:
        return None
    reps = {str(row["visit__uid"]): row["reps_done"] for row in tail}
    return replace(
        finding,
        evidence={
            **finding.evidence,
            "lift": rows[-1]["lift"],
            "exercise_name": rows[-1]["exercise__name"],
            "sessions": [{**one, "reps": reps[one["key"]]} for one in _sessions(finding)],
        },
    )


def _session(row: dict[str, Any], enrollment: Enrollment) -> LiftSession:
    return LiftSession(
        # The day that the therapist knows it by is the clinic's, not UTC's.
        at=row["visit__during"].lower.astimezone(enrollment.clinic.tz),
        key=str(row["visit__uid"]),
        load=row["loads"][0],
        all_reps=row["all_reps"],
        rpe=row["efforts"][-1],
        effort_low=row["low"],
        holding=row["holding"],
    )


def _prescribed_sets(found: Iterable[Finding]) -> dict[tuple[str, str], int]:
    """How many sets were asked for, by visit and exercise, where that is still kept."""
    keys = {one["key"] for finding in found for one in _sessions(finding)}
    rows = Visit.objects.filter(uid__in=keys, prescription__isnull=False)
    return {
        (str(visit.uid), target.exercise): target.sets
        for visit in rows.only("uid", "prescription")
        if visit.prescription
        for target in told.load_targets(visit.prescription).values()
    }


def _all_sets_done(finding: Finding, prescribed: dict[tuple[str, str], int]) -> bool:
    """A set that was left out is reps that were not done."""
    return all(
        len(one["reps"]) >= prescribed.get((one["key"], finding.subject), 0)
        for one in _sessions(finding)
    )


def _still_asked(enrollment: Enrollment, finding: Finding, as_of: datetime) -> bool:
    """Whether the next target is the same load on the same rung, and not held on purpose.

    A therapist's word since the last visit (a hold, a new load, another rung) settles the matter.
    """
    standing = facts.standing_now(enrollment, clinic=enrollment.clinic, now=as_of)
    for target in standing.targets.values():
        if target.exercise == finding.subject:
            if target.load is None or not target.available or target.reason.holding:
                return False
            return plain(target.load) == str(_sessions(finding)[-1]["load"])
    return False


def _sessions(finding: Finding) -> list[dict[str, Any]]:
    """The visits that a finding rests on, oldest first."""
    sessions: list[dict[str, Any]] = finding.evidence["sessions"]  # type: ignore[assignment]
    return sessions
