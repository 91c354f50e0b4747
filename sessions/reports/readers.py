"""Who asks for a report: a member of a clinic, or whoever administers an organisation.

The pages, the downloads and the worker ask the same reader, so none of them can see more.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from django.urls import reverse

from bonefit.clinics.models import Clinic, Membership, OrganisationMembership, User

from .asking import AskingForm
from .kinds import ReportKind
from .scope import Filters, Scope
from .whose import scope_of_member, scope_of_organisation


class Reader(Protocol):
    """``named``: whether she may read clients' names. ``member``: None outside a clinic, where she
    is the ``organiser``."""

    @property
    def member(self) -> Membership | None: ...
    @property
    def organiser(self) -> OrganisationMembership | None: ...
    @property
    def user(self) -> User: ...
    @property
    def clinics(self) -> tuple[Clinic, ...]: ...
    @property
    def whose(self) -> str: ...
    @property
    def named(self) -> bool: ...
    @property
    def layout(self) -> str: ...
    @property
    def list_address(self) -> str: ...
    def form(self, data: Mapping[str, Any], kind: ReportKind, now: datetime) -> AskingForm: ...
    def scope(self, filters: Filters, as_at: datetime) -> Scope: ...
    def address(self, name: str, *args: object) -> str: ...


@dataclass(frozen=True)
class ClinicReader:
    """A member of a clinic: an admin sees it whole, a therapist what the clinic lets her see."""

    member: Membership
    organiser: None = None
    layout: str = "base.html"
    named: bool = True

    @property
    def user(self) -> User:
        return self.member.user

    @property
    def clinics(self) -> tuple[Clinic, ...]:
        return (self.member.clinic,)

    @property
    def whose(self) -> str:
        return self.member.clinic.name

    @property
    def list_address(self) -> str:
        """Of the page with all reports, those that are kept, and the files."""
        return self.address("reports")

    def form(self, data: Mapping[str, Any], kind: ReportKind, now: datetime) -> AskingForm:
        """The filters as she may ask them."""
        today = now.astimezone(self.member.clinic.tz).date()
        return AskingForm.of_member(data, member=self.member, kind=kind, today=today)

    def scope(self, filters: Filters, as_at: datetime) -> Scope:
        """The question, with what she may see and no more."""
        return scope_of_member(self.member, filters, as_at=as_at)

    def address(self, name: str, *args: object) -> str:
        """Of a page of reports in the clinic."""
        return reverse(f"sessions:{name}", args=[self.member.clinic.slug, *args])


@dataclass(frozen=True)
class OrganisationReader:
    """Whoever administers an organisation: its clinics' figures, and nobody's name."""

    organiser: OrganisationMembership
    member: None = None
    layout: str = "organisation.html"
    named: bool = False

    @property
    def user(self) -> User:
        return self.organiser.user

    @property
    def clinics(self) -> tuple[Clinic, ...]:
        return self.organiser.clinics

    @property
    def whose(self) -> str:
        return self.organiser.organisation.name

    @property
    def list_address(self) -> str:
        """Of the page with all reports, those that are kept, and the files."""
        return self.address("report-list")

    def form(self, data: Mapping[str, Any], kind: ReportKind, now: datetime) -> AskingForm:
        """The filters as she may ask them."""
        return AskingForm.of_organisation(data, organiser=self.organiser, kind=kind, now=now)

    def scope(self, filters: Filters, as_at: datetime) -> Scope:
        """The question across the clinics, or to one of them."""
        return scope_of_organisation(self.organiser, filters, as_at=as_at)

    def address(self, name: str, *args: object) -> str:
        """Of a page of reports of the organisation."""
        return reverse(f"organisation:{name}", args=[self.organiser.organisation.slug, *args])
