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

from django.db.models import (
    Aggregate,
    BigIntegerField,
    Case,
    Exists,
    Max,
    Min,
    OuterRef,
    Q,
    QuerySet,
    TextField,
    Value,
    When,
)
from django.db.models.expressions import Combinable
from django.db.models.functions import Cast, Left

from bonefit.clinics.access import SUPERVISING_ROLES
from bonefit.clinics.held_roles import holding
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


#: Letters of a month as ISO 8601 has it: 2026-10.
MONTH = 7
#: Of somebody who left a clinic, behind all who are there.
LEFT = 1
#: (which filter, and the fields of ``_Offered``) of each row.
_Rows = QuerySet[Any, tuple[str, int, str, str, str]]
#: A field's name or an expression.
_Of = str | Combinable | Aggregate


def _rows(what: str, rows: QuerySet[Any, Any], *, rank: _Of, name: _Of, key: _Of, of: _Of) -> _Rows:
    """A query of choices, with columns alike for every kind of them."""
    text = TextField()
    return (
        rows.order_by()
        .annotate(
            offer_what=Value(what, output_field=text),
            offer_rank=Cast(rank, BigIntegerField()),
            offer_name=Cast(name, text),
            offer_key=Cast(key, text),
            offer_of=Cast(of, text),
        )
        .values_list("offer_what", "offer_rank", "offer_name", "offer_key", "offer_of")
    )


def _by_name(row: _Offered) -> tuple[str, int]:
    return row.name, row.rank


@dataclass(frozen=True)
class Offers:
    """``enrollments``: whose figures may be read. ``own``: the therapist who sees only hers.

    ``organisation``: whether several clinics may be compared; then nobody is asked for by herself.
    """

    clinics: tuple[Clinic, ...]
    enrollments: QuerySet[Enrollment, Enrollment]
    members: QuerySet[Membership, Membership]
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
        kinds = [self._main_programs(), self._planned_phases(), self._months_of_start()]
        if self.own is None:
            kinds.append(self._supervisors())
        found: dict[str, list[_Offered]] = defaultdict(list)
        for what, rank, name, key, of in kinds[0].union(*kinds[1:], all=True):
            found[what].append(_Offered(rank, name, key, of))
        return {what: sorted(rows) for what, rows in found.items()}

    def _main_programs(self) -> _Rows:
        rows = self.programs.filter(kind=Program.Kind.MAIN)
        return _rows("program", rows, rank="pk", name="name", key="pk", of="slug")

    def _planned_phases(self) -> _Rows:
        rows = self.phase_rows.filter(version__program__kind=Program.Kind.MAIN)
        by_code = rows.order_by().values("code")
        return _rows(
            "phase", by_code, rank=Min("first_week"), name=Max("name"), key="code", of="code"
        )

    def _months_of_start(self) -> _Rows:
        month = Left(Cast("starts_on", TextField()), MONTH)
        rows = self.enrollments.distinct()
        return _rows("month", rows, rank=Value(0), name=month, key=month, of=Value(""))

    def _supervisors(self) -> _Rows:
        """Who may be responsible for clients, and who ever was: those who left too."""
        responsible = Exists(Enrollment.objects.filter(therapist=OuterRef("pk")))
        supervising = Q(is_active=True) & holding(SUPERVISING_ROLES)
        rows = self.members.filter(supervising | Q(responsible))
        left = Case(When(is_active=True, then=0), default=LEFT)
        return _rows("therapist", rows, rank=left, name="user__name", key="pk", of="clinic_id")

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
