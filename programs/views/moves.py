"""What program a client follows: ended and taken up again, moved, with a block beside it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from bonefit.clients.models import Client
from bonefit.clinics.access import Can, MemberRequest, requires
from bonefit.htmx import UNPROCESSABLE, render_page
from programs.forms import EndForm, ReasonForm
from programs.models import Enrollment, Program, ProgramVersion
from sessions import moving, outcome
from sessions.actions import Refused
from sessions.overview import version_of

METHODS = ["GET", "HEAD", "POST"]


@dataclass(frozen=True, slots=True)
class Choice:
    """A version that could be followed, and why not, where it cannot."""

    version: ProgramVersion
    refusal: str = ""


def _enrollment(request: MemberRequest, pk: int, *, active: bool = True) -> Enrollment:
    """The client's running enrollment, or her newest one; held while something is written."""
    client = get_object_or_404(Client.objects.visible_to(request.member), pk=pk)
    found = Enrollment.objects.visible_to(request.member).filter(client=client)
    if active:
        found = found.active()
    if request.method == "POST":
        found = found.select_for_update(of=("self",))
    enrollment = found.order_by("-pk").first()
    if enrollment is None:
        raise Http404
    enrollment.client, enrollment.clinic = client, request.member.clinic
    return enrollment


def _data(request: MemberRequest) -> Any:
    return request.POST if request.method == "POST" else None


def _page(
    request: MemberRequest, template: str, enrollment: Enrollment, form: Any, **more: Any
) -> HttpResponse:
    context = {"client": enrollment.client, "enrollment": enrollment, "form": form, **more}
    status = UNPROCESSABLE if request.method == "POST" else 200
    return render_page(request, template, context, partial="form", status=status)


def _done(request: MemberRequest, enrollment: Enrollment, words: str) -> HttpResponse:
    messages.success(request, words)
    return redirect("clients:client", request.member.clinic.slug, enrollment.client_id)


# --- another version ------------------------------------------------------------------------------
@require_http_methods(METHODS)
@requires(Can.PRESCRIBE)
@transaction.atomic
def move(request: MemberRequest, pk: int) -> HttpResponse:
    """Another version from today on, with what it changes for this client shown first."""
    enrollment = _enrollment(request, pk)
    now = timezone.now()
    current = version_of(enrollment)
    same, others = _versions(request, current)
    chosen = _chosen([*same, *others], (_data(request) or request.GET).get("version"))
    form = ReasonForm(_data(request))
    preview, refusal = None, ""
    try:
        if chosen is not None:
            preview = outcome.after_move(enrollment, chosen, now=now)
        if chosen is not None and form.is_valid():
            moving.move_to_version(
                enrollment=enrollment, version=chosen, by=request.member, now=now, **form.said()
            )
            return _done(request, enrollment, f"{enrollment.client.name} follows {chosen} now.")
    except Refused as refused:
        refusal = str(refused)
    return _page(
        request,
        "programs/move.html",
        enrollment,
        form,
        current=current,
        same=same,
        others=others,
        chosen=chosen,
        preview=preview,
        refusal=refusal,
    )


def _versions(
    request: MemberRequest, current: ProgramVersion
) -> tuple[list[ProgramVersion], list[ProgramVersion]]:
    """The other versions of the program, newest first, and the newest of each other program."""
    found = (
        ProgramVersion.objects.visible_to(request.member)
        .filter(program__kind=Program.Kind.MAIN)
        .select_related("program")
    )
    same = found.filter(program=current.program_id).exclude(pk=current.pk).order_by("-number")
    others = (
        found.exclude(program=current.program_id)
        .order_by("program__name", "program", "-number")
        .distinct("program__name", "program")
    )
    return list(same), list(others)


def _chosen(versions: list[ProgramVersion], asked: str | None) -> ProgramVersion | None:
    """The version asked for; 404 for one that is not offered; without asking, the first."""
    if asked is None:
        return versions[0] if versions else None
    for version in versions:
        if str(version.pk) == asked:
            return version
    raise Http404


# --- blocks ---------------------------------------------------------------------------------------
@require_http_methods(METHODS)
@requires(Can.PRESCRIBE)
@transaction.atomic
def add_block(request: MemberRequest, pk: int) -> HttpResponse:
    """A block beside the program, with the lifts it brings shown first."""
    enrollment = _enrollment(request, pk)
    now = timezone.now()
    choices = _blocks(request, enrollment)
    able = [choice.version for choice in choices if not choice.refusal]
    asked = (_data(request) or request.GET).get("version")
    chosen = _chosen([choice.version for choice in choices] if asked else able, asked)
    form = ReasonForm(_data(request))
    preview = None
    if chosen in able:
        preview = outcome.after_adding(enrollment, chosen, now=now)
    if chosen is not None and form.is_valid():
        try:
            moving.add_block(
                enrollment=enrollment, version=chosen, by=request.member, now=now, **form.said()
            )
        except Refused as refusal:
            form.add_error(None, str(refusal))
        else:
            words = f"{chosen.program.name} runs beside the program now."
            return _done(request, enrollment, words)
    return _page(
        request,
        "programs/block.html",
        enrollment,
        form,
        choices=choices,
        chosen=chosen if chosen in able else None,
        preview=preview,
        running=moving.blocks_of(enrollment),
    )


def _blocks(request: MemberRequest, enrollment: Enrollment) -> list[Choice]:
    newest = (
        ProgramVersion.objects.visible_to(request.member)
        .filter(program__kind=Program.Kind.BLOCK)
        .select_related("program")
        .order_by("program__name", "program", "-number")
        .distinct("program__name", "program")
    )
    now = timezone.now()
    return [Choice(one, outcome.add_refused(enrollment, one, now=now)) for one in newest]


@require_http_methods(METHODS)
@requires(Can.PRESCRIBE)
@transaction.atomic
def end_block(request: MemberRequest, pk: int, track: int) -> HttpResponse:
    """The block is no longer asked for from today on."""
    enrollment = _enrollment(request, pk)
    running = {one.pk: one for one in moving.blocks_of(enrollment)}
    if track not in running:
        raise Http404
    block = running[track]
    form = ReasonForm(_data(request))
    if form.is_valid():
        moving.end_block(enrollment=enrollment, track=block, by=request.member, **form.said())
        return _done(request, enrollment, f"{block.version.program.name} has ended.")
    return _page(
        request,
        "programs/resume.html",
        enrollment,
        form,
        title=f"End {block.version.program.name}",
        note="From today on it is no longer asked for. It can be added again.",
        button="End the block",
    )


# --- the end --------------------------------------------------------------------------------------
@require_http_methods(METHODS)
@requires(Can.PRESCRIBE)
@transaction.atomic
def end(request: MemberRequest, pk: int) -> HttpResponse:
    """Finished or withdrawn: visits still to come are released."""
    enrollment = _enrollment(request, pk)
    today = timezone.now().astimezone(request.member.clinic.tz).date()
    form = EndForm(_data(request), starts_on=enrollment.starts_on, today=today)
    if form.is_valid():
        try:
            moving.end_enrollment(enrollment=enrollment, by=request.member, **form.cleaned_data)
        except Refused as refusal:
            form.add_error(None, str(refusal))
        else:
            words = f"The program of {enrollment.client.name} has ended."
            return _done(request, enrollment, words)
    return _page(request, "programs/end.html", enrollment, form)


@require_http_methods(METHODS)
@requires(Can.PRESCRIBE)
@transaction.atomic
def resume(request: MemberRequest, pk: int) -> HttpResponse:
    """Take the end back: the client goes on where she was."""
    enrollment = _enrollment(request, pk, active=False)
    if moving.end_of(enrollment) is None:
        raise Http404
    form = ReasonForm(_data(request))
    if form.is_valid():
        try:
            moving.resume_enrollment(enrollment=enrollment, by=request.member, **form.said())
        except Refused as refusal:
            form.add_error(None, str(refusal))
        else:
            return _done(request, enrollment, f"{enrollment.client.name} goes on with the program.")
    return _page(
        request,
        "programs/resume.html",
        enrollment,
        form,
        title=f"Take back the end of the program of {enrollment.client.name}",
        note=(
            f"Why it ended: {enrollment.end_reason}. The weekly places and the visits to come are "
            "planned again. What has passed since stays as it is."
        ),
        button="Go on with the program",
    )
