"""Who may see which report: a member's enrollments or an organisation's, narrowed by the filters.

Every report begins with one of the two scopes here. An id of another clinic in the filters finds
nothing: the rows are those that the reader may see, and a filter only takes away from them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.http import Http404
from django.utils import timezone

from bonefit.clinics.access import Can
from bonefit.clinics.cover import covered_by
from bonefit.clinics.models import Clinic, Membership, OrganisationMembership
from programs.models import Enrollment, Program, Track

from .scope import By, Filters, Scope

Enrollments = QuerySet[Enrollment, Enrollment]


def sees_clinic(member: Membership) -> bool:
    """Whether her reports are about the whole clinic, by her role or by the clinic's setting."""
    if Can.RUN_REPORTS not in member.can:
        return False
    setting = member.clinic.therapists_see
    return Can.REPORT_ON_CLINIC in member.can or setting == Clinic.TherapistsSee.CLINIC


def enrollments_of_member(member: Membership) -> Enrollments:
    """Whose figures she may read; PermissionDenied for whoever runs no reports, or has left."""
    if not member.is_active or Can.RUN_REPORTS not in member.can:
        raise PermissionDenied
    rows = Enrollment.objects.visible_to(member)
    if sees_clinic(member):
        return rows
    return rows.filter(Q(therapist=member) | Q(therapist__in=covered_by(member, timezone.now())))


def enrollments_of_organiser(organiser: OrganisationMembership) -> Enrollments:
    """Those of all clinics of the organisation; PermissionDenied once she has left."""
    if not organiser.is_active or Can.RUN_REPORTS not in organiser.can:
        raise PermissionDenied
    return Enrollment.objects.visible_to_organiser(organiser)


def scope_of_member(member: Membership, filters: Filters, *, as_at: datetime) -> Scope:
    """The question as this member may ask it.

    An admin asks about the clinic, a therapist about her own clients and those of whom she stands
    in for or, where the clinic says so, about the clinic. PermissionDenied for everybody else.
    """
    rows = enrollments_of_member(member)
    clinic = member.clinic
    return Scope(
        clinics=(clinic,),
        enrollments=_narrowed(rows, filters, Q(version__program=filters.program)),
        filters=filters,
        as_at=as_at,
        headline=clinic.headline,
        whole=sees_clinic(member),
        visit_page=_visit_page(member),
    )


def _visit_page(member: Membership) -> str:
    """An auditor stands on no floor: she reads what became of a session."""
    reads = Can.SEE_HISTORY in member.can and Can.LOG_SETS not in member.can
    return "sessions:visit-history" if reads else "sessions:visit"


def scope_of_organisation(
    organiser: OrganisationMembership, filters: Filters, *, as_at: datetime
) -> Scope:
    """The question across the organisation's clinics, or to one of them: about nobody by herself.

    Where a row would be a client it is a clinic. Http404 for one client and for a clinic that is
    none of its own, PermissionDenied once she has left.
    """
    rows = enrollments_of_organiser(organiser)
    if filters.enrollment is not None:
        raise Http404
    if filters.by is By.CLIENT:
        filters = replace(filters, by=By.CLINIC)

    def asked(asks: Filters) -> Scope:
        clinics = tuple(one for one in organiser.clinics if asks.clinic in (None, one.pk))
        if not clinics:
            raise Http404
        return Scope(
            clinics=clinics,
            enrollments=_narrowed(rows, asks, _same_program(asks.program)),
            filters=asks,
            as_at=as_at,
            named=False,
            headline=shared_headline(clinics),
        )

    used = {name: blank for name, blank in _NARROWING.items() if getattr(filters, name)}
    without = [{name: blank} for name, blank in used.items()]
    if len(used) > 1:
        without.append(used)
    wider = tuple(asked(replace(filters, **blanks)) for blanks in without)
    return replace(asked(filters), wider=wider)


#: The filters that take people away, and what stands in each where it takes nobody away.
_NARROWING: Mapping[str, Any] = {
    "clinic": None,
    "therapist": None,
    "program": None,
    "cohort": None,
    "status": "",
}


def shared_headline(clinics: tuple[Clinic, ...]) -> str:
    """The definition that all of them lead with; the usual one where they differ."""
    chosen = {str(clinic.headline) for clinic in clinics}
    return chosen.pop() if len(chosen) == 1 else str(Clinic.Headline.A3)


def _same_program(program: Program | None) -> Q:
    """Each clinic has its own row of a program: across clinics, address and name make it the same.

    Two clinics may each have a program of their own called alike; the name then says so to whoever
    reads the report, as it would side by side.
    """
    if program is None:
        return Q()
    return Q(version__program__slug=program.slug, version__program__name=program.name)


def _narrowed(rows: Enrollments, filters: Filters, program: Q) -> Enrollments:
    """What the filters leave. The phase is the reports' own matter: it is about sessions."""
    if filters.clinic is not None:
        rows = rows.filter(clinic_id=filters.clinic)
    if filters.enrollment is not None:
        rows = rows.filter(pk=filters.enrollment)
    if filters.therapist is not None:
        rows = rows.filter(therapist_id=filters.therapist)
    if filters.status:
        rows = rows.filter(status=filters.status)
    if filters.cohort is not None:
        first = filters.cohort.replace(day=1)
        after = (first + timedelta(days=32)).replace(day=1)
        rows = rows.filter(starts_on__gte=first, starts_on__lt=after)
    if filters.program is not None:
        # With all that they did: whoever followed it on one of the days.
        followed = Track.objects.main().filter(
            program,
            Q(ends_on=None) | Q(ends_on__gte=filters.first),
            enrollment=OuterRef("pk"),
            starts_on__lte=filters.last,
        )
        rows = rows.filter(Exists(followed))
    return rows
