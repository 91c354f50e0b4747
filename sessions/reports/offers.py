"""What a reader may choose in the filters of a report: only what she may see.

All lists come with one query, and only where one is printed or an answer is tried against it.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any, NamedTuple

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import QuerySet

from bonefit.clinics.held_roles import MembershipQuerySet
from bonefit.clinics.models import Clinic, Membership, OrganisationMembership
from programs.models import Enrollment, Phase, Program

from .scope import read_month
from .whose import enrollments_of_member, enrollments_of_organiser, sees_clinic

Choices = list[tuple[str, str]]
#: The most digits that an id has.
DIGITS = 18


class _Offered(NamedTuple):
    """One choice: where it stands, its words, what the address says, and what it belongs to."""

    rank: int
    name: str
    key: str
    of: str


#: Of somebody who left a clinic, behind all who are there.
LEFT = 1
#: A query and its parameters.
_Inner = tuple[str, tuple[Any, ...]]
#: What is offered, by the filter that it is for: (filter, and the fields of ``_Offered``). Written
#: out, as the page of every report asks it: of querysets it takes twice as long to make.
_PROGRAMS = """
SELECT 'program', p.id, p.name, p.id::text, p.slug FROM programs_program p
WHERE p.kind = 'main' AND p.id IN ({programs})"""
_PHASES = """
SELECT 'phase', min(f.first_week)::bigint, max(f.name), f.code, f.code
FROM programs_phase f
JOIN programs_programversion v ON v.id = f.version_id
JOIN programs_program p ON p.id = v.program_id
WHERE p.kind = 'main' AND f.id IN ({phases})
GROUP BY f.code"""
_MONTHS = """
SELECT DISTINCT 'month', 0, left(e.starts_on::text, 7), left(e.starts_on::text, 7), ''
FROM ({starts}) e"""
#: Who may be responsible for clients, and who ever was: those who left too.
_THERAPISTS = """
SELECT 'therapist', (NOT m.is_active)::int, u.name, m.id::text, m.clinic_id::text
FROM clinics_membership m JOIN clinics_user u ON u.id = m.user_id
WHERE m.id IN ({members}) AND (m.id IN ({supervisors})
    OR EXISTS (SELECT FROM programs_enrollment e WHERE e.therapist_id = m.id))"""
#: What stands for rows of which none may be seen.
_NONE = "SELECT {field} FROM (SELECT NULL::{kind} AS {field}) none WHERE false"


def _inner(rows: QuerySet[Any, Any], field: str = "id", kind: str = "bigint") -> _Inner:
    """One column of what may be seen, as a query within another."""
    try:
        return rows.order_by().values(field).query.sql_with_params()
    except EmptyResultSet:
        return _NONE.format(field=field, kind=kind), ()


def _by_name(row: _Offered) -> tuple[str, int]:
    return row.name, row.rank


@dataclass(frozen=True)
class Offers:
    """``enrollments``: whose figures may be read. ``own``: the therapist who sees only hers.

    ``organisation``: whether several clinics may be compared; then nobody is asked for by herself.
    """

    clinics: tuple[Clinic, ...]
    enrollments: QuerySet[Enrollment, Enrollment]
    members: MembershipQuerySet
    programs: QuerySet[Program, Program]
    phase_rows: QuerySet[Phase, Phase]
    organisation: bool
    own: Membership | None = None

    @property
    def clinic_choices(self) -> Choices:
        """The clinics by name."""
        return [(str(clinic.pk), clinic.name) for clinic in self.clinics]

    @cached_property
    def _offered(self) -> Mapping[str, list[_Offered]]:
        """What is offered, by the filter that it is for, in order; one query for all."""
        asked = [
            (_PROGRAMS, {"programs": _inner(self.programs)}),
            (_PHASES, {"phases": _inner(self.phase_rows)}),
            (_MONTHS, {"starts": _inner(self.enrollments, "starts_on", "date")}),
        ]
        if self.own is None:
            members, supervisors = _inner(self.members), _inner(self.members.supervisors())
            asked.append((_THERAPISTS, {"members": members, "supervisors": supervisors}))
        statements, params = list[str](), list[Any]()
        for body, inner in asked:
            statements.append(body.format(**{name: sql for name, (sql, _) in inner.items()}))
            params += (value for _, values in inner.values() for value in values)
        found: dict[str, list[_Offered]] = defaultdict(list)
        with connection.cursor() as cursor:
            cursor.execute(" UNION ALL ".join(statements), params)
            for what, *row in cursor.fetchall():
                found[what].append(_Offered(*row))
        return {what: sorted(rows) for what, rows in found.items()}

    @cached_property
    def therapists(self) -> Choices:
        """Who may be responsible, by name; those who left come last."""
        if self.own is not None:
            return [(str(self.own.pk), str(self.own))]
        return [(row.key, self._named(row)) for row in self._offered.get("therapist", ())]

    def _named(self, row: _Offered) -> str:
        name = f"{row.name} (left)" if row.rank == LEFT else row.name
        if not self.organisation or len(self.clinics) == 1:
            return name
        return f"{name}, {self._clinic_names[row.of]}"

    @cached_property
    def _clinic_names(self) -> Mapping[str, str]:
        return dict(self.clinic_choices)

    @cached_property
    def program_choices(self) -> Choices:
        """The programs by name, without the blocks that are added to them.

        Across clinics those that are alike are one; the oldest one's id stands for them.
        """
        alike: dict[tuple[str, str], _Offered] = {}
        for row in self._offered.get("program", ()):
            alike.setdefault((row.of, row.name) if self.organisation else ("", row.key), row)
        return [(row.key, row.name) for row in sorted(alike.values(), key=_by_name)]

    def program(self, number: str) -> Program | None:
        """The program of a choice; None for a blank."""
        return self.programs.get(pk=number) if number else None

    @cached_property
    def phases(self) -> Choices:
        """The phases of the programs in their order; the code says which where names are alike."""
        rows = self._offered.get("phase", ())
        often = Counter(row.name for row in rows)
        return [
            (row.key, f"{row.name} ({row.key})" if often[row.name] > 1 else row.name)
            for row in rows
        ]

    @cached_property
    def months(self) -> list[date]:
        """The months in which somebody started, newest first."""
        rows = self._offered.get("month", ())
        return sorted((read_month(row.key) for row in rows), reverse=True)

    def clients(self, asked: Collection[str]) -> frozenset[str]:
        """Those of the enrollments whose clients may be seen by them; one query, or none."""
        numbers = [int(one) for one in asked if _is_number(one)]
        if self.organisation or not numbers:
            return frozenset()
        found = self.enrollments.filter(pk__in=numbers).values_list("pk", flat=True)
        return frozenset(map(str, found)) & frozenset(asked)

    def client(self, asked: str) -> str:
        """The name of an enrollment's client; "" where she may not be seen by it."""
        if self.organisation or not _is_number(asked):
            return ""
        found = self.enrollments.filter(pk=int(asked)).select_related("client").first()
        return found.client.name if found is not None and str(found.pk) == asked else ""


def _is_number(asked: str) -> bool:
    return asked.isascii() and asked.isdigit() and len(asked) <= DIGITS


def offers_of_member(member: Membership) -> Offers:
    """What a member of a clinic may choose; PermissionDenied for whoever runs no reports."""
    return Offers(
        clinics=(member.clinic,),
        enrollments=enrollments_of_member(member),
        members=Membership.objects.visible_to(member),
        programs=Program.objects.visible_to(member),
        phase_rows=Phase.objects.visible_to(member),
        organisation=False,
        own=None if sees_clinic(member) else member,
    )


def offers_of_organisation(organiser: OrganisationMembership) -> Offers:
    """What may be chosen across the clinics of an organisation; PermissionDenied for a leaver."""
    return Offers(
        clinics=organiser.clinics,
        enrollments=enrollments_of_organiser(organiser),
        members=Membership.objects.visible_to_organiser(organiser),
        programs=Program.objects.visible_to_organiser(organiser),
        phase_rows=Phase.objects.visible_to_organiser(organiser),
        organisation=True,
    )
