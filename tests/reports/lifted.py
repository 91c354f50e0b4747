"""Sessions with what was asked for and what was lifted, for the tests of fidelity."""

from __future__ import annotations

import uuid
from datetime import date, datetime, time, timedelta
from typing import Any

from bonefit.clinics.models import Credential, Membership
from programs.models import Enrollment, Exercise, RuleSet
from sessions.models import SessionNote, SetEntry, Supervision, Visit
from tests.reports.floor import ATTENDED, visit

#: The lifts of a session: lift, exercise, sets, load.
USUAL = (
    ("hinge", "deadlift", 5, 40),
    ("squat", "back-squat", 5, 30),
    ("impact", "heel-raise", 2, None),
)


def asked(one: Visit, lifts: Any = USUAL) -> None:
    """Keep with a visit what the client was told, as ``sessions.told.dump`` writes it."""
    targets = [
        {"lift": lift, "exercise": exercise, "sets": sets} for lift, exercise, sets, _ in lifts
    ]
    Visit.objects.filter(pk=one.pk).update(prescription={"targets": targets})


def lifted(
    one: Visit, lift: str, exercise: str, number: int = 1, aimed: Any = None, **more: Any
) -> SetEntry:
    """One set, as it was asked for, clean and with an effort, unless said otherwise."""
    working = lift != "impact"
    usual = {
        "kind": "working" if working else "impact",
        "prescribed_load": aimed,
        "load": aimed,
        "clean": True if working else None,
        "effort_low": 16 if working else None,
        "rpe": 16 if working else None,
    }
    return SetEntry.objects.create(
        uid=uuid.uuid4(),
        clinic=one.clinic,
        visit=one,
        enrollment=one.enrollment,
        lift=lift,
        exercise=Exercise.objects.get(slug=exercise),
        number=number,
        rule_set=RuleSet.objects.filter(clinic=one.clinic).earliest("number"),
        supervisor=one.completed_by or one.enrollment.therapist,
        logged_at=one.ends_at,
        **{**usual, **more},
    )


def lift_all(one: Visit, lifts: Any = USUAL) -> None:
    """All sets as they were asked for."""
    for lift, exercise, sets, load in lifts:
        for number in range(1, sets + 1):
            lifted(one, lift, exercise, number, load)


def session(
    enrollment: Enrollment,
    day: date,
    *,
    at: time = time(9),
    by: Membership | None = None,
    with_: Visit | None = None,
    status: str = ATTENDED,
) -> Visit:
    """An attended visit; ``with_`` puts it into the class of another one."""
    one = visit(enrollment, day, status, at=at, by=by)
    if with_ is not None:
        Visit.objects.filter(pk=one.pk).update(slot=with_.slot)
    return Visit.objects.select_related("slot", "clinic", "enrollment").get(pk=one.pk)


def good(enrollment: Enrollment, day: date, **more: Any) -> Visit:
    """A session delivered as it was designed."""
    one = session(enrollment, day, **more)
    asked(one)
    lift_all(one)
    return one


def named(one: Visit, *members: Membership, left: timedelta | None = None) -> None:
    """Who was on the floor of a visit's class; ``left`` so long after it began."""
    for member in members:
        Supervision.objects.create(
            clinic=one.clinic,
            slot=one.slot,
            member=member,
            named_at=one.starts_at,
            left_at=None if left is None else one.starts_at + left,
        )


def noted(one: Visit, after: timedelta, version: int = 1) -> None:
    """A note signed so long after the end of the session."""
    SessionNote.objects.create(
        clinic=one.clinic,
        visit=one,
        version=version,
        signed_by=one.enrollment.therapist,
        signed_at=one.ends_at + after,
    )


def papers(member: Membership, recorded_at: datetime, **more: Any) -> Credential:
    """What a member showed: all in date for a long time, unless said otherwise."""
    said = {
        "expires_on": date(2030, 1, 1),
        "first_aid_until": date(2030, 1, 1),
        "trained_on": date(2020, 1, 1),
        **more,
    }
    return Credential.objects.create(
        clinic=member.clinic,
        member=member,
        profession="Physiotherapist",
        licence="P 1",
        jurisdiction="QLD",
        recorded_at=recorded_at,
        recorded_by=member,
        **said,
    )
