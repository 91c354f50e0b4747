"""The client list: where each client stands, in a fixed number of queries."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce

from bonefit.clients.intake import barred
from bonefit.clients.models import Client
from bonefit.clinics.models import Membership
from programs.calendar import PlannedPhase, Schedule, planned_phase, week_number
from programs.models import Decision, Enrollment, Phase, ProgramVersion, Track
from programs.plans import version_plan

from .flag_list import awake
from .models import Flag, Visit


@dataclass(frozen=True, slots=True)
class Progress:
    """How far an enrollment is: the week, and the phase as planned and as decided.

    ``week`` is None before the start. Weeks are only the plan: a therapist promotes.
    """

    week: int | None
    weeks: int
    planned: Phase | None
    actual: Phase

    @property
    def over(self) -> bool:
        return self.week is not None and self.week > self.weeks

    @property
    def differ(self) -> bool:
        return self.planned is not None and self.planned.code != self.actual.code


@dataclass(frozen=True, slots=True)
class RosterRow:
    """One client with her newest enrollment, if she has one."""

    client: Client
    enrollment: Enrollment | None
    progress: Progress | None
    next_at: datetime | None
    open_flags: int
    barred: bool = False


def clients_of(member: Membership, *, now: datetime, q: str, show: str) -> QuerySet[Client]:
    """The clients that the member may see, by name, with ``next_at`` and ``flags_open``."""
    active = Enrollment.objects.filter(client=OuterRef("pk"), status=Enrollment.Status.ACTIVE)
    any_enrollment = Enrollment.objects.filter(client=OuterRef("pk"))
    coming = Visit.objects.filter(
        client=OuterRef("pk"), status__in=Visit.OPEN, slot__starts_at__gte=now
    ).order_by("slot__starts_at")
    flags = (
        Flag.objects.to_act_on()
        .filter(awake(now.astimezone(member.clinic.tz).date()), enrollment__client=OuterRef("pk"))
        .order_by()
        .values("enrollment__client")
        .annotate(number=Count("pk"))
    )
    clients = (
        Client.objects.visible_to(member)
        .select_related("clinic")
        .annotate(
            next_at=Subquery(coming.values("slot__starts_at")[:1]),
            flags_open=Coalesce(Subquery(flags.values("number")), 0),
        )
    )
    if q:
        clients = clients.filter(name__icontains=q)
    match show:
        case "training":
            clients = clients.filter(Exists(active))
        case "waiting":
            clients = clients.filter(~Exists(any_enrollment))
        case "ended":
            clients = clients.filter(Exists(any_enrollment), ~Exists(active))
    return clients.order_by("name", "pk")


def roster(clients: Sequence[Client], *, now: datetime) -> list[RosterRow]:
    """One row for each of these clients of ``clients_of``."""
    newest = _newest_enrollments(clients)
    versions = _versions(newest.values())
    promoted = promoted_phases(newest.values())
    rows = []
    for client in clients:
        enrollment = newest.get(client.pk)
        progress = None
        if enrollment is not None:
            version = versions[enrollment.pk]
            progress = progress_of(enrollment, version, promoted.get(enrollment.pk), now=now)
        gone = barred(client, now.astimezone(client.clinic.tz).date())
        rows.append(
            RosterRow(
                client,
                enrollment,
                progress,
                client.next_at,  # type: ignore[attr-defined]
                client.flags_open,  # type: ignore[attr-defined]
                gone is not None,
            )
        )
    return rows


def _newest_enrollments(clients: Sequence[Client]) -> dict[int, Enrollment]:
    newest = (
        Enrollment.objects.filter(client__in=[client.pk for client in clients])
        .select_related("clinic")
        .order_by("client", "-pk")
        .distinct("client")
    )
    return {enrollment.client_id: enrollment for enrollment in newest}


def _versions(enrollments: Iterable[Enrollment]) -> dict[int, ProgramVersion]:
    """The program version that each enrollment follows now, with its phases."""
    tracks = (
        Track.objects.main()
        .filter(enrollment__in=[enrollment.pk for enrollment in enrollments])
        .order_by("enrollment", "-starts_on", "-pk")
        .distinct("enrollment")
    )
    followed = {track.enrollment_id: track.version_id for track in tracks}
    versions = ProgramVersion.objects.prefetch_related("phases").in_bulk(set(followed.values()))
    return {enrollment: versions[version] for enrollment, version in followed.items()}


def promoted_phases(enrollments: Iterable[Enrollment]) -> dict[int, str]:
    """The phase that a therapist last put each enrollment in, unless she took that back."""
    return _promoted([enrollment.pk for enrollment in enrollments])


def newcomers(enrollments: Collection[int]) -> set[int]:
    """Those of these enrollments, by primary key, that are in their first phase; two queries."""
    promoted = _promoted(enrollments)
    followed = (
        Track.objects.main()
        .filter(enrollment__in=enrollments)
        .order_by("enrollment", "-starts_on", "-pk")
        .distinct("enrollment")
        .values_list("enrollment_id", "version_id")
    )
    found = set()
    for enrollment, version in followed:
        codes = [phase.code for phase in version_plan(version).phases]
        if promoted.get(enrollment) not in codes[1:]:
            found.add(enrollment)
    return found


def _promoted(enrollments: Collection[int]) -> dict[int, str]:
    taken_back = Decision.objects.filter(revokes=OuterRef("pk"))
    standing_revokes = taken_back.exclude(Exists(Decision.objects.filter(revokes=OuterRef("pk"))))
    promotions = (
        Decision.objects.filter(
            Q(kind=Decision.Kind.PROMOTE),
            ~Exists(standing_revokes),
            enrollment__in=enrollments,
        )
        .order_by("enrollment", "-at", "-uid")
        .distinct("enrollment")
    )
    return {decision.enrollment_id: decision.phase for decision in promotions}


def progress_of(
    enrollment: Enrollment, version: ProgramVersion, promoted: str | None, *, now: datetime
) -> Progress:
    """Week and phases of an enrollment on the clinic's day of ``now``, or on its last day."""
    today = enrollment.ended_on or now.astimezone(enrollment.clinic.tz).date()
    phases = list(version.phases.all())
    by_code = {phase.code: phase for phase in phases}
    weeks = (PlannedPhase(phase.code, phase.first_week, phase.last_week) for phase in phases)
    planned = planned_phase(Schedule(tuple(weeks)), enrollment.starts_on, today)
    return Progress(
        week=week_number(enrollment.starts_on, today),
        weeks=version.weeks,
        planned=by_code.get(planned or ""),
        actual=by_code[promoted] if promoted in by_code else phases[0],
    )
