"""Who may see and do what: the one security file.

Every read starts from ``Model.objects.visible_to(request.member)`` and every view carries
``@requires(Can.X)``. A stranger to a clinic gets 404, a colleague without the right 403.
"""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum
from functools import wraps
from typing import TYPE_CHECKING, Any, ClassVar, Protocol, Self, TypeVar, cast

from django.core.exceptions import PermissionDenied
from django.db import models
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import get_object_or_404

if TYPE_CHECKING:
    from .models import Membership

_Row = TypeVar("_Row", bound=models.Model)


class Role(models.TextChoices):
    """What a member is in a clinic; one person may be several."""

    ADMIN = "admin", "Clinic admin"
    THERAPIST = "therapist", "Therapist"
    DESK = "desk", "Front desk"
    CLIENT = "client", "Client"
    COMPANION = "companion", "Companion"


class Can(StrEnum):
    """What a member may do. Views name one of these; roles are made of them."""

    SEE_TODAY = "see_today"
    SEE_CLIENTS = "see_clients"
    ENROLL = "enroll"
    PRESCRIBE = "prescribe"
    EDIT_PROGRAMS = "edit_programs"
    LOG_SETS = "log_sets"
    SEE_FLAGS = "see_flags"
    WORK_FLAGS = "work_flags"
    RELEASE_LOCKS = "release_locks"
    RUN_REPORTS = "run_reports"
    CHANGE_SETTINGS = "change_settings"
    DECIDE_HELD = "decide_held"
    BOOK = "book"
    RUN_TIMETABLE = "run_timetable"
    RECORD_OUTCOMES = "record_outcomes"
    IMPORT = "import"
    SEE_OWN_SCHEDULE = "see_own_schedule"
    CHANGE_OWN_SCHEDULE = "change_own_schedule"


# Read this table aloud to a security officer: nobody outside it may do anything.
GRANTS: dict[str, frozenset[Can]] = {
    # An admin defends figures, settings and programs. She is no supervisor, so she logs nothing
    # and reads flags without answering them; she decides what becomes of what somebody did on the
    # floor who may not log any more.
    Role.ADMIN: frozenset(
        {
            Can.SEE_CLIENTS,
            Can.EDIT_PROGRAMS,
            Can.SEE_FLAGS,
            Can.RUN_REPORTS,
            Can.CHANGE_SETTINGS,
            Can.DECIDE_HELD,
            Can.BOOK,
            Can.RUN_TIMETABLE,
            Can.IMPORT,
        }
    ),
    # A therapist supervises: screens, enrolls, prescribes, logs, measures, answers flags.
    Role.THERAPIST: frozenset(
        {
            Can.SEE_TODAY,
            Can.SEE_CLIENTS,
            Can.ENROLL,
            Can.PRESCRIBE,
            Can.EDIT_PROGRAMS,
            Can.LOG_SETS,
            Can.SEE_FLAGS,
            Can.WORK_FLAGS,
            Can.RELEASE_LOCKS,
            Can.BOOK,
            Can.RUN_TIMETABLE,
            Can.RECORD_OUTCOMES,
        }
    ),
    # The front desk books seats. Nothing of what is lifted, measured or found is its concern.
    Role.DESK: frozenset({Can.BOOK}),
    # A client sees her own schedule. She never logs a lift: the program is never unsupervised.
    Role.CLIENT: frozenset({Can.SEE_OWN_SCHEDULE, Can.CHANGE_OWN_SCHEDULE}),
    # A companion looks at the page of a client who agreed to it, and changes nothing.
    Role.COMPANION: frozenset({Can.SEE_OWN_SCHEDULE}),
}

STAFF_ROLES = frozenset({Role.ADMIN, Role.THERAPIST, Role.DESK})
SUPERVISING_ROLES = frozenset({Role.THERAPIST})


def granted(roles: list[str]) -> frozenset[Can]:
    """All that a member with these roles may do; an unknown role grants nothing."""
    return frozenset().union(*(GRANTS.get(role, frozenset()) for role in roles))


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
        if STAFF_ROLES & set(member.roles):
            return rows
        if self.client_path is None:
            return self.none()
        path = f"{self.client_path}__" if self.client_path else ""
        hers = models.Q(pk__in=())
        if Role.CLIENT in member.roles:
            hers |= models.Q(**{f"{path}membership": member})
        if Role.COMPANION in member.roles:
            agreed = member.accompanies.filter(ended_at=None)
            hers |= models.Q(**{f"{path}pk__in": agreed.values("client")})
        return rows.filter(hers)


class OwnedByClient(ClinicQuerySet[_Row]):
    """Rows with a ``client``: that client may see them too."""

    client_path = "client"


class MemberRequest(HttpRequest):
    """A request that has passed ``@requires``."""

    member: Membership


class _View(Protocol):
    def __call__(self, request: MemberRequest, *args: Any, **kwargs: Any) -> HttpResponseBase: ...


def requires(permission: Can) -> Callable[[_View], Callable[..., HttpResponseBase]]:
    """Resolve ``clinic`` of the URL to the visitor's membership and check one permission.

    Nobody logged in: to the log-in page. No active membership of that clinic: 404, the same as
    for a clinic that does not exist. A member without the right: 403.
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
            member = get_object_or_404(
                Membership.objects.select_related("clinic"),
                user_id=request.user.pk,
                clinic__slug=clinic,
                is_active=True,
            )
            # The user is loaded already; without this the page would ask for it again.
            member.user = request.user
            request.member = member  # type: ignore[attr-defined]
            if permission not in member.can:
                raise PermissionDenied
            return view(cast(MemberRequest, request), *args, **kwargs)

        guarded.permission = permission  # type: ignore[attr-defined]
        return guarded

    return decorate
