"""A client starts a program: version, therapist, weekly places, and where each lift begins."""

from __future__ import annotations

from django.contrib import messages
from django.db import transaction
from django.http import HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from bonefit.clients.intake import why_not_prescribed
from bonefit.clients.models import Client
from bonefit.clinics.access import Can, MemberRequest, requires
from bonefit.clinics.models import Clinic, Membership, MembershipQuerySet
from bonefit.htmx import UNPROCESSABLE, render_page
from programs.actions import CannotStart, assign_program
from programs.catalogue import FIRST_PROGRAM
from programs.forms import AssignForm, StartForm, ladder
from programs.models import Enrollment, Exercise, Prescription, Program, ProgramVersion
from programs.plans import RulesInForce, rules_at
from sessions.groups import rooms, standing_groups
from sessions.planning import Place, plan_visits, take_places


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Can.PRESCRIBE)
def assign(request: MemberRequest, pk: int) -> HttpResponse:
    """Nobody starts twice, and nobody starts without a clearance."""
    with transaction.atomic():
        client = _client(request, pk)
        refusal = _why_not(client)
        if refusal:
            status = UNPROCESSABLE if request.method == "POST" else 200
            context = {"client": client, "refusal": refusal, "barred": bool(client.intake_missing)}
            return render_page(
                request, "programs/assign.html", context, partial="form", status=status
            )
        return _assign(request, client)


def _assign(request: MemberRequest, client: Client) -> HttpResponse:
    data = request.POST if request.method == "POST" else None
    versions = newest_versions(request.member)
    version = _chosen(versions, (data or request.GET).get("version"))
    form = assign_form(data, request.member, client, version)
    enrollment = None
    if data is not None and form.is_valid():
        try:
            enrollment = _carry_out(request.member, client, form)
        except CannotStart as refusal:  # her intake runs out before the first day
            form.add_error("starts_on", str(refusal))
    if enrollment is not None:
        messages.success(request, f"{client.name} starts {version.program.name}.")
        for warning in form.warnings:
            messages.warning(request, warning)
        return redirect("clients:client", request.member.clinic.slug, enrollment.client_id)
    context = {
        "client": client,
        "form": form,
        "version": version,
        "versions": versions,
        "rooms": rooms(request.member),
    }
    status = 200 if data is None else UNPROCESSABLE
    return render_page(request, "programs/assign.html", context, partial="form", status=status)


def assign_form(
    data: QueryDict | None, member: Membership, client: Client, version: ProgramVersion
) -> AssignForm:
    """The form for one version, with the clinic's rules, equipment, rooms and groups in it."""
    now = timezone.now()
    in_force = rules_at(member.clinic, now)
    known_rooms = rooms(member)
    return AssignForm(
        data,
        version=version,
        supervisors=supervisors(member),
        today=now.astimezone(member.clinic.tz).date(),
        member=member,
        room=known_rooms[0] if known_rooms else "",
        starts=_starts(data, client, version, in_force),
        groups=standing_groups(member, now.astimezone(member.clinic.tz).date()),
        rules=in_force.rules,
    )


def _starts(
    data: QueryDict | None, client: Client, version: ProgramVersion, in_force: RulesInForce
) -> list[StartForm]:
    """One form for each lift of the version, in the order of its first phase that has it."""
    exercises = list(Exercise.objects.all())
    lines: dict[str, Prescription] = {}
    for line in Prescription.objects.filter(phase__version=version).order_by(
        "phase__first_week", "position"
    ):
        lines.setdefault(line.lift, line)
    return [
        StartForm(
            data,
            line=line,
            rungs=ladder(exercises, line.lift),
            inventory=in_force.inventory,
            rules=in_force.rules,
            cleared=client.impact_cleared,
        )
        for line in lines.values()
    ]


def _carry_out(member: Membership, client: Client, form: AssignForm) -> Enrollment:
    """Enrollment, decisions, places and the visits of the weeks ahead: all of it or nothing."""
    now = timezone.now()
    enrollment = assign_program(
        client=client,
        version=form.version,
        therapist=form.cleaned_data["therapist"],
        starts_on=form.cleaned_data["starts_on"],
        lifts=[start.start() for start in form.starts],
        by=member,
        now=now,
    )
    places = [
        Place(
            weekday=place.cleaned_data["weekday"],
            at=place.cleaned_data["at"],
            minutes=form.version.minutes,
            room=place.cleaned_data["room"],
            supervisor=place.cleaned_data["supervisor"],
        )
        for place in form.places
    ]
    take_places(enrollment=enrollment, places=places)
    plan_visits(now=now, clinic=member.clinic)
    return enrollment


def _client(request: MemberRequest, pk: int) -> Client:
    found = Client.objects.visible_to(request.member)
    if request.method == "POST":
        # Two people assigning at once wait for each other: for this client, and for the last
        # place in a group.
        Clinic.objects.select_for_update(no_key=True).get(pk=request.member.clinic_id)
    client = get_object_or_404(found, pk=pk)
    client.clinic = request.member.clinic
    return client


def _why_not(client: Client) -> str:
    """Why this client cannot start a program now, as a sentence; "" if she can."""
    if client.enrollments.active().exists():
        return f"{client.name} is in a program already. End it before another one starts."
    published = ProgramVersion.objects.filter(clinic_id=client.clinic_id)
    if not published.filter(program__kind=Program.Kind.MAIN).exists():
        return "This clinic has no program yet. Its catalogue must be loaded first."
    return why_not_prescribed(client, timezone.now().astimezone(client.clinic.tz).date())


def newest_versions(member: Membership) -> list[ProgramVersion]:
    """The newest version of each program of the clinic, the starter first, then by name.

    A block is added beside a program, so it is not among them.
    """
    newest = (
        ProgramVersion.objects.visible_to(member)
        .filter(program__kind=Program.Kind.MAIN)
        .select_related("program")
        .order_by("program", "-number")
        .distinct("program")
    )
    return sorted(
        newest, key=lambda version: (version.program.slug != FIRST_PROGRAM, version.program.name)
    )


def _chosen(versions: list[ProgramVersion], asked: str | None) -> ProgramVersion:
    for version in versions:
        if str(version.pk) == asked:
            return version
    return versions[0]


def supervisors(member: Membership) -> MembershipQuerySet:
    """Those who may be responsible and stand beside the bar."""
    return Membership.objects.visible_to(member).supervisors().select_related("user")
