"""Progress letters of a client: drafted, edited by one or two people, signed, printed, as a PDF."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from bonefit.clients.documents import read
from bonefit.clients.models import Clearance, Client
from bonefit.clients.views_parts import client_of
from bonefit.clinics.access import Can, MemberRequest, requires
from bonefit.clinics.lately import lately_to_take
from bonefit.htmx import UNPROCESSABLE
from sessions import letters
from sessions.forms_letters import LetterForm, NewLetterForm, differences
from sessions.letter_pdf import drawn, page_of, pdf_of
from sessions.letter_signing import sign
from sessions.letters import AlreadySigned, CannotSign, Conflict
from sessions.models import ProgressLetter

SIGNED = "This letter is signed or put away by now. Nothing was changed."
#: Somebody else saved between reading and typing.
CLASHED = 409


def _letter(request: MemberRequest, pk: int) -> ProgressLetter:
    rows = ProgressLetter.objects.visible_to(request.member).filter(dropped_at=None)
    letter = get_object_or_404(
        rows.select_related("client", "document", "signed_by__user", "made_by__user"), pk=pk
    )
    letter.clinic = letter.client.clinic = request.member.clinic
    return letter


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Can.SEE_CLIENTS)
def client_letters(request: MemberRequest, pk: int) -> HttpResponse:
    """The letters about a client, the newest first; POST drafts another one."""
    client = client_of(request, pk)
    enrollment = letters.enrollment_of(client)
    now = timezone.now()
    may_draft = enrollment is not None and Can.PRESCRIBE in request.member.can
    form = None
    if enrollment is not None:
        referrer = Clearance.objects.filter(client=client).order_by("-pk").first()
        form = NewLetterForm(
            request.POST if request.method == "POST" else None,
            today=now.astimezone(client.clinic.tz).date(),
            started=enrollment.starts_on,
            addressee=referrer.cleared_by if referrer else "",
        )
    if request.method == "POST" and form is not None and enrollment is not None:
        if form.is_valid():
            said = form.cleaned_data
            letter = letters.draft(enrollment=enrollment, by=request.member, now=now, **said)
            return redirect("sessions:letter", request.member.clinic.slug, letter.pk)
        return _list(request, client, form, may_draft, status=UNPROCESSABLE)
    return _list(request, client, form, may_draft)


def _list(
    request: MemberRequest,
    client: Client,
    form: NewLetterForm | None,
    may_draft: bool,
    *,
    status: int = 200,
) -> HttpResponse:
    rows = (
        ProgressLetter.objects.visible_to(request.member)
        .filter(client=client, dropped_at=None)
        .select_related("made_by__user", "signed_by__user")
        .order_by("-pk")
    )
    context = {"client": client, "letters": list(rows), "form": form, "may_draft": may_draft}
    return render(request, "sessions/letters.html", context, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Can.SEE_CLIENTS)
def letter(request: MemberRequest, pk: int) -> HttpResponse:
    """The letter as it is read and printed; of a draft, beside it, the text to edit."""
    found = _letter(request, pk)
    if request.method != "POST":
        return _page(request, found, LetterForm(letter=found))
    form = LetterForm(request.POST, letter=found)
    if found.signed_at is not None:
        messages.warning(request, SIGNED)
        return redirect("sessions:letter", request.member.clinic.slug, found.pk)
    if problems := form.text().problems():
        form.show(problems)
        return _page(request, found, form, status=UNPROCESSABLE)
    try:
        letters.save(
            letter=found, text=form.text(), revision=form.read_revision(), by=request.member
        )
    except Conflict as clash:
        # What was typed stays in the form, and is saved onto what stands now if she says so.
        again = LetterForm(request.POST, letter=found, on=clash.letter.revision)
        theirs = differences(again, clash.letter)
        return _page(request, found, again, theirs=theirs, status=CLASHED)
    except AlreadySigned:
        messages.warning(request, SIGNED)
    else:
        messages.success(request, "The draft is saved.")
    return redirect("sessions:letter", request.member.clinic.slug, found.pk)


def _page(
    request: MemberRequest,
    letter: ProgressLetter,
    form: LetterForm,
    *,
    status: int = 200,
    **more: Any,
) -> HttpResponse:
    page = page_of(letter)
    context = {
        "letter": letter,
        "client": letter.client,
        "page": page,
        "pictures": drawn(letter),
        "form": form,
        "may_edit": letter.signed_at is None and Can.PRESCRIBE in request.member.can,
        **more,
    }
    return render(request, "sessions/letter.html", context, status=status)


@require_safe
@requires(Can.SEE_CLIENTS)
@lately_to_take
@cache_control(private=True, no_store=True)
def letter_pdf(request: MemberRequest, pk: int) -> HttpResponse:
    """The PDF: of a signed letter the file as it was kept, of a draft one that is marked so."""
    found = _letter(request, pk)
    if found.document is not None:
        kept = None if found.document.removed_at is not None else read(found.document)
        if kept is None:
            raise Http404
        data, name = kept, "letter"
    else:
        data, name = pdf_of(found), "letter-draft"
    response = HttpResponse(data, content_type="application/pdf")
    response["Content-Disposition"] = f'attachment; filename="{name}-{found.pk}.pdf"'
    response["X-Content-Type-Options"] = "nosniff"
    return response


@require_POST
@requires(Can.PRESCRIBE)
def letter_sign(request: MemberRequest, pk: int) -> HttpResponse:
    """Sign the draft as it was read. A draft that changed since is shown again first."""
    found = _letter(request, pk)
    typed = request.POST.get("revision", "")
    revision = int(typed[:9]) if typed.isascii() and typed.isdigit() else -1
    try:
        sign(letter=found, revision=revision, by=request.member, now=timezone.now())
    except Conflict:
        messages.warning(request, "The draft was changed since you read it. Read it, then sign.")
    except CannotSign as refused:
        messages.error(request, str(refused))
    except AlreadySigned:
        messages.info(request, SIGNED)
    else:
        messages.success(request, "The letter is signed and kept with her papers.")
    return redirect("sessions:letter", request.member.clinic.slug, found.pk)


@require_POST
@requires(Can.PRESCRIBE)
def letter_renew(request: MemberRequest, pk: int) -> HttpResponse:
    """Count the figures anew; parts that people wrote stay as they are."""
    found = _letter(request, pk)
    try:
        letters.renew(letter=found, by=request.member, now=timezone.now())
    except AlreadySigned:
        messages.info(request, SIGNED)
    else:
        messages.success(request, "The figures are counted anew. What you wrote is kept.")
    return redirect("sessions:letter", request.member.clinic.slug, found.pk)


@require_POST
@requires(Can.PRESCRIBE)
def letter_drop(request: MemberRequest, pk: int) -> HttpResponse:
    """Put a draft away."""
    found = _letter(request, pk)
    try:
        letters.drop(letter=found, by=request.member, now=timezone.now())
    except AlreadySigned:
        messages.info(request, SIGNED)
    else:
        messages.success(request, "The draft is put away.")
    return redirect("sessions:letters", request.member.clinic.slug, found.client_id)
