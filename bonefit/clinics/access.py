"""Who may see and do what: the one security file.

Every read starts from ``Model.objects.visible_to(request.member)`` and every view carries
``@requires(Can.X)``. A stranger to a clinic gets 404, a colleague without the right 403.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from enum import StrEnum
from functools import wraps
from typing import TYPE_CHECKING, Any, ClassVar, Protocol, Self, TypeVar, cast

from django.core.exceptions import PermissionDenied
from django.db import models
from django.http import Http404, HttpRequest, HttpResponseBase
from django.shortcuts import get_object_or_404

from . import rows

if TYPE_CHECKING:
    from .models import Membership, OrganisationMembership

_Row = TypeVar("_Row", bound=models.Model)


class Role(models.TextChoices):
    """What a member is in a clinic; one person may be several."""

    ADMIN = "admin", "Clinic admin"
    LEAD = "lead", "Lead therapist"
    THERAPIST = "therapist", "Therapist"
    DESK = "desk", "Front desk"
    AUDITOR = "auditor", "Read-only auditor"
    CLIENT = "client", "Client"
    COMPANION = "companion", "Companion"


class Can(StrEnum):
    """What a member may do. Views name one of these; roles are made of them."""

    SEE_TODAY = "see_today"
    SEE_CLIENTS = "see_clients"
    SEE_HISTORY = "see_history"
    ENROLL = "enroll"
    PRESCRIBE = "prescribe"
    EDIT_PROGRAMS = "edit_programs"
    LOG_SETS = "log_sets"
    SEE_FLAGS = "see_flags"
    WORK_FLAGS = "work_flags"
    RELEASE_LOCKS = "release_locks"
    RUN_REPORTS = "run_reports"
    REPORT_ON_CLINIC = "report_on_clinic"
    KEEP_REPORTS = "keep_reports"
    CHANGE_SETTINGS = "change_settings"
    DECIDE_HELD = "decide_held"
    BOOK = "book"
    RUN_TIMETABLE = "run_timetable"
    RECORD_OUTCOMES = "record_outcomes"
    IMPORT = "import"
    READ_LOG = "read_log"
    EXPORT_RECORD = "export_record"
    ANSWER_CORRECTIONS = "answer_corrections"
    DECIDE_RETENTION = "decide_retention"
    SEE_PEOPLE = "see_people"
    GIVE_ROLES = "give_roles"
    ARRANGE_COVER = "arrange_cover"
    COVER_ANYBODY = "cover_anybody"
    SEE_OWN_SCHEDULE = "see_own_schedule"
    CHANGE_OWN_SCHEDULE = "change_own_schedule"
    TAKE_OWN_RECORD = "take_own_record"


# What it takes to treat: both kinds of therapist may do all of it.
_TREATING = frozenset(
    {
        Can.SEE_TODAY,
        Can.SEE_CLIENTS,
        Can.SEE_HISTORY,
        Can.ENROLL,
        Can.PRESCRIBE,
        Can.EDIT_PROGRAMS,
        Can.LOG_SETS,
        Can.SEE_FLAGS,
        Can.WORK_FLAGS,
        Can.RELEASE_LOCKS,
        Can.RUN_REPORTS,
        Can.KEEP_REPORTS,
        Can.BOOK,
        Can.RUN_TIMETABLE,
        Can.RECORD_OUTCOMES,
        Can.EXPORT_RECORD,
        Can.ANSWER_CORRECTIONS,
        Can.ARRANGE_COVER,
    }
)

# Read this table aloud to a security officer: nobody outside it may do anything.
GRANTS: dict[str, frozenset[Can]] = {
    # An admin defends figures, settings and programs. She is no supervisor, so she logs nothing
    # and reads flags without answering them; she decides what becomes of what somebody did on the
    # floor who may not log any more. She alone says who is what here.
    Role.ADMIN: frozenset(
        {
            Can.SEE_CLIENTS,
            Can.EDIT_PROGRAMS,
            Can.SEE_FLAGS,
            Can.RUN_REPORTS,
            Can.REPORT_ON_CLINIC,
            Can.KEEP_REPORTS,
            Can.CHANGE_SETTINGS,
            Can.DECIDE_HELD,
            Can.BOOK,
            Can.RUN_TIMETABLE,
            Can.IMPORT,
            Can.READ_LOG,
            Can.EXPORT_RECORD,
            Can.ANSWER_CORRECTIONS,
            Can.DECIDE_RETENTION,
            Can.SEE_PEOPLE,
            Can.GIVE_ROLES,
            Can.ARRANGE_COVER,
            Can.COVER_ANYBODY,
        }
    ),
    # A lead therapist treats, and answers for how the others treat: she reads the whole clinic's
    # figures, decides what becomes of entries of who may not log any more, and finds cover for
    # whoever is ill. Numbers, roles and what is kept how long stay with the admin (decision 0024).
    Role.LEAD: _TREATING
    | {Can.REPORT_ON_CLINIC, Can.DECIDE_HELD, Can.SEE_PEOPLE, Can.COVER_ANYBODY},
    # A therapist supervises: screens, enrolls, prescribes, logs, measures, answers flags. Reports
    # show her what the clinic's setting says: her own clients' figures, or the clinic's.
    Role.THERAPIST: _TREATING,
    # The front desk books seats. Nothing of what is lifted, measured or found is its concern.
    Role.DESK: frozenset({Can.BOOK}),
    # An auditor looks at what has to hold up: records, flags, figures, who looked, who may what.
    # What she may do is read; no copy of a whole record leaves with her.
    Role.AUDITOR: frozenset(
        {
            Can.SEE_CLIENTS,
            Can.SEE_HISTORY,
            Can.SEE_FLAGS,
            Can.RUN_REPORTS,
            Can.REPORT_ON_CLINIC,
            Can.READ_LOG,
            Can.SEE_PEOPLE,
        }
    ),
    # A client sees her own schedule. She never logs a lift: the program is never unsupervised.
    # Her record is hers: she may take all of it along.
    Role.CLIENT: frozenset({Can.SEE_OWN_SCHEDULE, Can.CHANGE_OWN_SCHEDULE, Can.TAKE_OWN_RECORD}),
    # A companion looks at the page of a client who agreed to it, and changes nothing.
    Role.COMPANION: frozenset({Can.SEE_OWN_SCHEDULE}),
}

# Who administers an organisation reads figures across its clinics: no page of a client, no name.
ORGANISATION_GRANTS: frozenset[Can] = frozenset({Can.RUN_REPORTS, Can.KEEP_REPORTS})

STAFF_ROLES = frozenset({Role.ADMIN, Role.LEAD, Role.THERAPIST, Role.DESK, Role.AUDITOR})
SUPERVISING_ROLES = frozenset({Role.LEAD, Role.THERAPIST})
#: Who works or trains in the clinic. A companion was named by it, and her log-in is not its matter.
BELONGING_ROLES = STAFF_ROLES | {Role.CLIENT}
#: Roles that open no request which could change anything, whatever they may look at.
READ_ONLY_ROLES = frozenset({Role.AUDITOR})

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})


def granted(roles: Iterable[str]) -> frozenset[Can]:
    """All that a member with these roles may do; an unknown role grants nothing."""
    return frozenset().union(*(GRANTS.get(role, frozenset()) for role in roles))


def granted_to_write(roles: Iterable[str]) -> frozenset[Can]:
    """What these roles may do with a request that could change something."""
    return granted(role for role in roles if role not in READ_ONLY_ROLES)


class ClinicQuerySet(models.QuerySet[_Row]):
    """Rows that belong to a clinic, and the way from them to the client they are about."""

    #: Lookup from the row to the client; "" where the row is the client, None where a client
    #: may see no row at all.
    client_path: ClassVar[str | None] = None

    def visible_to(self, member: Membership) -> Self:
        """The rows of the member's clinic; for a leaver none.

        For a client only her own, for a companion those of the clients who agreed to it.
        """
        if not member.is_active:
            return self.none()
        rows = self.filter(clinic_id=member.clinic_id)
        roles = member.roles_now
        if STAFF_ROLES & set(roles):
            return rows
        if self.client_path is None:
            return self.none()
        path = f"{self.client_path}__" if self.client_path else ""
        hers = models.Q(pk__in=())
        if Role.CLIENT in roles:
            hers |= models.Q(**{f"{path}membership": member})
        if Role.COMPANION in roles:
            agreed = member.accompanies.filter(ended_at=None)
            hers |= models.Q(**{f"{path}pk__in": agreed.values("client")})
        return rows.filter(hers)

    def visible_to_organiser(self, organiser: OrganisationMembership) -> Self:
        """The rows of the organisation's clinics, to be counted in its reports; a leaver's none."""
        return self.filter(clinic_id__in=[clinic.pk for clinic in organiser.clinics])


class OwnedByClient(ClinicQuerySet[_Row]):
    """Rows with a ``client``: that client may see them too."""

    client_path = "client"


class MemberRequest(HttpRequest):
    """A request that has passed ``@requires``."""

    member: Membership


class OrganiserRequest(HttpRequest):
    """A request that has passed ``@requires_organisation``."""

    organiser: OrganisationMembership


class _OrganiserView(Protocol):
    def __call__(
        self, request: OrganiserRequest, *args: Any, **kwargs: Any
    ) -> HttpResponseBase: ...


class _View(Protocol):
    def __call__(self, request: MemberRequest, *args: Any, **kwargs: Any) -> HttpResponseBase: ...


def show_to(member: Membership) -> None:
    """Have PostgreSQL show this request the member's clinic; of clients, what she may see of them.

    It is the floor beneath ``visible_to``: a query that forgets that finds no other clinic's rows.
    """
    clinics, person = [member.clinic_id], member.user_id
    rows.see(clinics=clinics, person=person)
    if not STAFF_ROLES & set(member.roles_now):
        rows.see(clinics=clinics, clients=_clients_of(member), person=person)


def _clients_of(member: Membership) -> set[int]:
    """Herself where she trains, and those who agreed to her looking along."""
    found: set[int] = set()
    if Role.COMPANION in member.roles_now:
        found |= set(member.accompanies.filter(ended_at=None).values_list("client", flat=True))
    if Role.CLIENT in member.roles_now:
        hers = type(member).objects.filter(pk=member.pk, client__isnull=False)
        found |= set(hers.values_list("client", flat=True))
    return found


def requires(
    permission: Can, *, searches: bool = False
) -> Callable[[_View], Callable[..., HttpResponseBase]]:
    """Resolve ``clinic`` of the URL to the visitor's membership and check one permission.

    Nobody logged in: to the log-in page. No active membership of that clinic, or none with a role
    that holds today: 404, the same as for a clinic that does not exist. A member without the right:
    403. So is a request that could change something where she has the right from a read-only role;
    ``searches`` is a view whose POST only looks for somebody whose name stays out of the address.
    """

    def decorate(view: _View) -> Callable[..., HttpResponseBase]:
        @wraps(view)
        def guarded(
            request: HttpRequest, clinic: str, *args: Any, **kwargs: Any
        ) -> HttpResponseBase:
            # Both need the user model, whose module needs this one.
            from django.contrib.auth.views import redirect_to_login

            from .models import Membership

            if not request.user.is_authenticated:
                return redirect_to_login(request.get_full_path())
            rows.see(person=request.user.pk)
            member = get_object_or_404(
                Membership.objects.select_related("clinic"),
                user_id=request.user.pk,
                clinic__slug=clinic,
                is_active=True,
            )
            if not member.roles_now:
                raise Http404
            # The user is loaded already; without this the page would ask for it again.
            member.user = request.user
            show_to(member)
            request.member = member  # type: ignore[attr-defined]
            reads = searches or request.method in SAFE_METHODS
            if permission not in (member.can if reads else member.can_write):
                raise PermissionDenied
            return view(cast(MemberRequest, request), *args, **kwargs)

        guarded.permission = permission  # type: ignore[attr-defined]
        guarded.searches = searches  # type: ignore[attr-defined]
        return guarded

    return decorate


def requires_organisation(
    permission: Can,
) -> Callable[[_OrganiserView], Callable[..., HttpResponseBase]]:
    """Resolve ``organisation`` of the URL to the visitor's part in it and check one permission.

    Nobody logged in: to the log-in page. Nobody who administers it, or it has no clinic: 404, the
    same as for an organisation that does not exist. No right: 403.
    """

    def decorate(view: _OrganiserView) -> Callable[..., HttpResponseBase]:
        @wraps(view)
        def guarded(
            request: HttpRequest, organisation: str, *args: Any, **kwargs: Any
        ) -> HttpResponseBase:
            from django.contrib.auth.views import redirect_to_login

            from .models import OrganisationMembership

            if not request.user.is_authenticated:
                return redirect_to_login(request.get_full_path())
            organiser = get_object_or_404(
                OrganisationMembership.objects.select_related("organisation"),
                user_id=request.user.pk,
                organisation__slug=organisation,
                is_active=True,
            )
            organiser.user = request.user
            if not organiser.clinics:
                raise Http404
            # Herself too: the page leads to the clinics that she works in elsewhere.
            rows.see(clinics=[one.pk for one in organiser.clinics], person=request.user.pk)
            request.organiser = organiser  # type: ignore[attr-defined]
            if permission not in organiser.can:
                raise PermissionDenied
            return view(cast(OrganiserRequest, request), *args, **kwargs)

        guarded.permission = permission  # type: ignore[attr-defined]
        return guarded

    return decorate
