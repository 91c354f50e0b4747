"""What lets a member supervise, as it was shown to the clinic; what ran out and what soon will.

A row is never changed: the newest of a member is in force. Where none was ever recorded nothing is
refused, because the clinic may keep its papers elsewhere; the admin is told.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db import connection

from .dates import say_day
from .models import Clinic, Credential, Membership


@dataclass(frozen=True, slots=True)
class RunsOut:
    """One thing of a member that ran out or will: its word, its last good day."""

    word: str
    on: date
    expired: bool
    #: Without it she cannot sign for a class.
    needed: bool


@dataclass(frozen=True, slots=True)
class Standing:
    """One supervising member with what is in force, and what of it runs out."""

    member: Membership
    credential: Credential | None
    runs_out: tuple[RunsOut, ...]

    @property
    def expired(self) -> bool:
        return any(one.expired for one in self.runs_out)

    @property
    def to_see_to(self) -> bool:
        return self.credential is None or bool(self.runs_out)


def newest_of(members: Iterable[int]) -> dict[int, Credential]:
    """The credential in force of each member who has one."""
    rows = Credential.objects.filter(member__in=list(members))
    return {one.member_id: one for one in rows.order_by("member", "-pk").distinct("member")}


def _days(credential: Credential) -> list[tuple[str, date | None, bool]]:
    return [
        ("licence", credential.expires_on, True),
        ("first aid", credential.first_aid_until, True),
        ("insurance", credential.insured_until, False),
    ]


def running_out(credential: Credential, *, today: date, warn_days: int) -> tuple[RunsOut, ...]:
    """What of it is over on a day or will be within ``warn_days`` days, the earliest first."""
    soon = today + timedelta(days=warn_days)
    found = [
        RunsOut(word, on, on < today, needed)
        for word, on, needed in _days(credential)
        if on is not None and on <= soon
    ]
    return tuple(sorted(found, key=lambda one: one.on))


def standings(clinic: Clinic, *, today: date, warn_days: int) -> list[Standing]:
    """Every supervising member: who needs something first, then by name."""
    members = list(
        Membership.objects.filter(clinic=clinic)
        .supervisors()
        .select_related("user")
        .order_by("user__name", "pk")
    )
    newest = newest_of(member.pk for member in members)
    found = [
        Standing(
            member,
            mine := newest.get(member.pk),
            running_out(mine, today=today, warn_days=warn_days) if mine else (),
        )
        for member in members
    ]
    return sorted(found, key=_urgency)


#: Of some members those with nothing recorded, or with something of the newest that runs out.
_TO_SEE_TO = """
SELECT count(*) FROM clinics_membership m
LEFT JOIN LATERAL (
    SELECT k.expires_on, k.first_aid_until, k.insured_until FROM clinics_credential k
    WHERE k.member_id = m.id ORDER BY k.id DESC LIMIT 1
) newest ON true
WHERE m.id IN ({members}) AND (newest.expires_on IS NULL
    OR least(newest.expires_on, newest.first_aid_until, newest.insured_until) <= %s)
"""


def count_to_see_to(clinic: Clinic, *, today: date, warn_days: int) -> int:
    """How many of ``standings`` somebody has to see to, in one query.

    Written out, as every page of an admin asks it: of querysets it takes twice as long to make.
    """
    soon = today + timedelta(days=warn_days)
    supervisors = Membership.objects.filter(clinic=clinic).supervisors().order_by().values("pk")
    members, params = supervisors.query.sql_with_params()
    with connection.cursor() as cursor:
        cursor.execute(_TO_SEE_TO.format(members=members), [*params, soon])
        [(number,)] = cursor.fetchall()
    return int(number)


def _urgency(one: Standing) -> tuple[int, date]:
    if one.runs_out:
        return (0 if one.expired else 1, one.runs_out[0].on)
    return (2 if one.credential is None else 3, date.max)


def cannot_sign(member: Membership, *, today: date) -> str:
    """Why a member cannot sign for a class on a day; "" where she can. One query."""
    credential = newest_of([member.pk]).get(member.pk)
    if credential is None:
        return ""
    over = [one for one in running_out(credential, today=today, warn_days=0) if one.expired]
    over = [one for one in over if one.needed]
    if not over:
        return ""
    what = " and ".join(f"{one.word} ran out on {say_day(one.on)}" for one in over)
    return (
        f"{member.user.name} cannot sign: the {what}. Another supervisor may sign; or show the new "
        "one to the clinic’s admin, who records it, and sign then. What was logged is kept."
    )


def record(
    *,
    member: Membership,
    profession: str,
    licence: str,
    jurisdiction: str,
    expires_on: date,
    insured_until: date | None,
    first_aid_until: date | None,
    trained_on: date | None,
    by: Membership,
    now: datetime,
) -> Credential:
    """What a member has shown; from now on it is in force. The same twice is one row."""
    said = {
        "profession": profession,
        "licence": licence,
        "jurisdiction": jurisdiction,
        "expires_on": expires_on,
        "insured_until": insured_until,
        "first_aid_until": first_aid_until,
        "trained_on": trained_on,
    }
    newest = newest_of([member.pk]).get(member.pk)
    if newest is not None and all(getattr(newest, name) == value for name, value in said.items()):
        return newest
    return Credential.objects.create(
        clinic_id=member.clinic_id, member=member, recorded_by=by, recorded_at=now, **said
    )
