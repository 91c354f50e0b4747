"""Programs as they are read, drafted, compared and published."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from bonefit.clinics.access import Can, MemberRequest, requires
from bonefit.htmx import UNPROCESSABLE, render_page, wants_partial
from programs import drafts
from programs.catalogue import content_of
from programs.content import Document, differences, with_keys
from programs.drafts import DraftChanged, DraftInvalid, DraftRefused
from programs.forms.editor import LIFTS, ContentFields, CopyForm
from programs.forms.typed import arrange, read_content
from programs.library import shelf
from programs.models import Program, ProgramDraft, ProgramVersion
from programs.reading import read_version

METHODS = ["GET", "HEAD", "POST"]


def _today(request: MemberRequest) -> date:
    return timezone.now().astimezone(request.member.clinic.tz).date()


def _program(request: MemberRequest, pk: int) -> Program:
    program = get_object_or_404(Program.objects.visible_to(request.member), pk=pk)
    program.clinic = request.member.clinic
    return program


def _draft(request: MemberRequest, program: Program) -> ProgramDraft | None:
    found = ProgramDraft.objects.visible_to(request.member).filter(program=program)
    return found.select_related("updated_by__user", "base__program", "program").first()


# --- reading --------------------------------------------------------------------------------------
@require_safe
@requires(Can.EDIT_PROGRAMS)
def program_list(request: MemberRequest) -> HttpResponse:
    """All programs and blocks of the clinic, with who follows which version."""
    programs = Program.objects.visible_to(request.member).order_by("name", "pk")
    rows = shelf(programs, member=request.member, today=_today(request))
    kinds = [
        (title, [row for row in rows if row.program.kind == kind])
        for kind, title in ((Program.Kind.MAIN, "Main programs"), (Program.Kind.BLOCK, "Blocks"))
    ]
    return render(request, "programs/list.html", {"kinds": [kind for kind in kinds if kind[1]]})


@require_safe
@requires(Can.EDIT_PROGRAMS)
def program_page(request: MemberRequest, pk: int, number: int | None = None) -> HttpResponse:
    """One version of a program as a page: the newest, unless another is asked for."""
    return _program_page(request, _program(request, pk), number, CopyForm())


def _program_page(
    request: MemberRequest,
    program: Program,
    number: int | None,
    form: CopyForm,
    *,
    status: int = 200,
) -> HttpResponse:
    [row] = shelf([program], member=request.member, today=_today(request))
    version = _version(row.editions, number) if row.editions else None
    if version is None and number is not None:
        raise Http404
    context = {
        "program": program,
        "row": row,
        "version": version,
        "read": read_version(content_of(version)) if version else None,
        "form": form,
    }
    return render(request, "programs/program.html", context, status=status)


def _version(editions: Any, number: int | None) -> ProgramVersion:
    for edition in editions:
        if number in (None, edition.version.number):
            found: ProgramVersion = edition.version
            return found
    raise Http404


# --- writing --------------------------------------------------------------------------------------
@require_POST
@requires(Can.EDIT_PROGRAMS)
def start(request: MemberRequest, pk: int) -> HttpResponse:
    """The next version is begun; if it is begun already, that one is gone on with."""
    program = _program(request, pk)
    try:
        drafts.start_draft(program=program, by=request.member)
    except DraftRefused as refusal:
        messages.error(request, str(refusal))
        return _to("program", request, program)
    return _to("edit", request, program)


@require_POST
@requires(Can.EDIT_PROGRAMS)
def copy(request: MemberRequest, pk: int) -> HttpResponse:
    """A new program that begins as the newest version of this one."""
    program = _program(request, pk)
    version = drafts.newest_version(program)
    if version is None:
        raise Http404
    form = CopyForm(request.POST)
    if not form.is_valid():
        return _program_page(request, program, None, form, status=UNPROCESSABLE)
    version.program = program
    draft = drafts.copy_program(version=version, name=form.cleaned_data["name"], by=request.member)
    return _to("edit", request, draft.program)


@require_http_methods(METHODS)
@requires(Can.EDIT_PROGRAMS)
def edit(request: MemberRequest, pk: int) -> HttpResponse:
    """The draft as a form. Every button saves it, also while it cannot be published yet."""
    program = _program(request, pk)
    if request.method == "POST":
        with transaction.atomic():
            return _save(request, program)
    draft = _draft(request, program)
    if draft is None:
        return _to("program", request, program)
    checked = "check" in request.GET
    found = drafts.problems_of(draft.content) if checked else {}
    at = request.GET.get("at", "")
    return _edit_page(request, draft, draft.content, found, at=at, opened="new" in request.GET)


def _save(request: MemberRequest, program: Program) -> HttpResponse:
    today, button = _today(request), request.POST.get("do", "save")
    revision = _revision(request)
    draft = _draft(request, program)
    newest = drafts.newest_version(program)
    if draft is not None:
        stored = draft.content
    elif newest is not None:
        stored = with_keys(content_of(newest))
    else:
        raise Http404
    said = read_content(request.POST, stored, on=today)
    content, at = arrange(said, button, key=f"n{revision + 1}", on=today)
    try:
        draft = drafts.save_draft(
            program=program, content=content, revision=revision, by=request.member
        )
    except DraftChanged as change:
        theirs = change.draft.content
        more = {"theirs": change.draft, "changes": differences(theirs, said, names=LIFTS)}
        return _edit_page(request, change.draft, said, {}, more=more, status=UNPROCESSABLE)
    except DraftRefused as refusal:
        gone = ProgramDraft(program=program, base=newest, revision=0, updated_by=request.member)
        more = {"refusal": str(refusal)}
        return _edit_page(request, gone, said, {}, more=more, status=UNPROCESSABLE)
    if button in ("save", "compare"):
        return _saved(request, draft, compare=button == "compare")
    return _arranged(request, draft, at, opened=button.startswith("add"))


def _saved(request: MemberRequest, draft: ProgramDraft, *, compare: bool) -> HttpResponse:
    found = drafts.problems_of(draft.content)
    if found:
        return _edit_page(request, draft, draft.content, found, status=UNPROCESSABLE)
    if compare:
        return _to("compare", request, draft.program)
    if wants_partial(request):
        return _edit_page(request, draft, draft.content, {}, more={"saved": True})
    messages.success(request, "The draft is saved.")
    return _to("edit", request, draft.program)


def _arranged(
    request: MemberRequest, draft: ProgramDraft, at: str, *, opened: bool
) -> HttpResponse:
    at = at or "phases"
    if wants_partial(request):
        return _edit_page(request, draft, draft.content, {}, at=at, opened=opened)
    url = reverse("editor:edit", args=[request.member.clinic.slug, draft.program_id])
    return redirect(f"{url}?at={at}{'&new' if opened else ''}#{at}")


def _revision(request: MemberRequest) -> int:
    text = request.POST.get("revision", "")
    return int(text) if text.isdecimal() and len(text) < 9 else -1


def _edit_page(
    request: MemberRequest,
    draft: ProgramDraft,
    content: Document,
    problems: Mapping[str, str],
    *,
    at: str = "",
    opened: bool = False,
    more: Mapping[str, Any] | None = None,
    status: int = 200,
) -> HttpResponse:
    context = {
        "program": draft.program,
        "draft": draft,
        "before": drafts.published_before(draft),
        "fields": ContentFields(content, problems),
        "at": at,
        "opened": at if opened else "",
        **(more or {}),
    }
    return render_page(request, "programs/edit.html", context, partial="form", status=status)


@require_POST
@requires(Can.EDIT_PROGRAMS)
def discard(request: MemberRequest, pk: int) -> HttpResponse:
    """The draft is thrown away; what is published stays as it is."""
    program = _program(request, pk)
    if drafts.discard_draft(program=program, by=request.member):
        messages.success(request, f"The draft of {program.name} is thrown away.")
    else:
        messages.info(request, f"There is no draft of {program.name}.")
    return redirect("editor:list", request.member.clinic.slug)


# --- comparing and publishing ---------------------------------------------------------------------
@require_safe
@requires(Can.EDIT_PROGRAMS)
def compare(request: MemberRequest, pk: int) -> HttpResponse:
    """What the draft changes, line by line, and the button that publishes it."""
    program = _program(request, pk)
    draft = _draft(request, program)
    if draft is None:
        return _to("program", request, program)
    return _compare_page(request, draft)


def _compare_page(
    request: MemberRequest, draft: ProgramDraft, refusal: str = "", *, status: int = 200
) -> HttpResponse:
    before = drafts.published_before(draft)
    [row] = shelf([draft.program], member=request.member, today=_today(request))
    old = content_of(before) if before else {**draft.content, "phases": []}
    context = {
        "program": draft.program,
        "draft": draft,
        "before": before,
        "number": row.newest.number + 1 if row.newest else 1,
        "clients": sum(edition.clients for edition in row.editions),
        "changes": differences(old, draft.content, names=LIFTS),
        "problems": len(drafts.problems_of(draft.content)),
        "refusal": refusal,
    }
    return render_page(request, "programs/compare.html", context, partial="compare", status=status)


@require_POST
@requires(Can.EDIT_PROGRAMS)
def publish(request: MemberRequest, pk: int) -> HttpResponse:
    """The draft becomes the next version. Clients stay on theirs until somebody moves them."""
    program = _program(request, pk)
    try:
        version = drafts.publish_draft(
            program=program, revision=_revision(request), by=request.member
        )
    except DraftRefused as refusal:
        return _not_published(request, program, refusal)
    words = f"Version {version.number} of {version.program.name} is published."
    messages.success(request, f"{words} Clients stay on the version that they follow.")
    return _to("program", request, program)


def _not_published(request: MemberRequest, program: Program, refusal: DraftRefused) -> HttpResponse:
    draft = _draft(request, program)
    if draft is None:
        messages.error(request, str(refusal))
        return _to("program", request, program)
    if isinstance(refusal, DraftInvalid):
        return _edit_page(request, draft, draft.content, refusal.problems, status=UNPROCESSABLE)
    words = str(refusal)
    if isinstance(refusal, DraftChanged):
        words = f"{draft.updated_by} has saved this draft since you opened it. Compare once more."
    return _compare_page(request, draft, words, status=UNPROCESSABLE)


def _to(view: str, request: MemberRequest, program: Program) -> HttpResponse:
    return redirect(f"editor:{view}", request.member.clinic.slug, program.pk)
