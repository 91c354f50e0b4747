"""The papers of a client: documents, clearances with their letters, what she agreed to."""

from __future__ import annotations

import uuid
from datetime import datetime
from functools import partial
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from bonefit.clinics.access import Can, MemberRequest, requires
from bonefit.clinics.months import months_after
from bonefit.htmx import UNPROCESSABLE, render_page
from bonefit.uploads import too_large
from programs.plans import rules_at
from sessions.intake_flags import review_client

from . import actions, consents, documents
from .forms_papers import LetterForm, PaperForm, RemoveForm, letters_wanted, words_of
from .intake import barred
from .models import Client, Consent, Document, Screening
from .views_parts import client_of

#: A paper opens by itself, in a page without rights: it can run nothing and reach nothing.
SANDBOX = "sandbox; default-src 'none'; img-src 'self'; style-src 'unsafe-inline'"


# --- one calm place -------------------------------------------------------------------------------
@require_safe
@requires(Can.SEE_CLIENTS)
def papers(request: MemberRequest, pk: int) -> HttpResponse:
    """Her papers: what holds, until when, and what was before."""
    return _papers(request, client_of(request, pk))


def _papers(
    request: MemberRequest, client: Client, *, status: int = 200, **more: Any
) -> HttpResponse:
    """``more`` is a form of the page that came back."""
    now = timezone.now()
    today = now.astimezone(request.member.clinic.tz).date()
    rows = Document.objects.visible_to(request.member).filter(client=client).order_by("-pk")
    found = list(rows.select_related("added_by__user", "removed_by__user"))
    wanted = {one["rule"]: one["words"] for one in _wanted(client)}
    clearances = client.clearances.select_related("recorded_by__user", "document").order_by("-pk")
    context = {
        "client": client,
        "today": today,
        "barred": barred(client, today),
        "clearances": [(one, words_of(one, wanted)) for one in clearances],
        "wanted": wanted.values(),
        "consents": _consents(request, client),
        "documents": [one for one in found if one.removed_at is None],
        "removed": [one for one in found if one.removed_at is not None],
        "form": PaperForm(),
        **more,
    }
    return render(request, "clients/papers.html", context, status=status)


def _consents(request: MemberRequest, client: Client) -> list[dict[str, Any]]:
    """For each text: its newest version, what is signed of it, what was before."""
    signed: dict[str, list[Consent]] = {}
    rows = Consent.objects.visible_to(request.member).filter(client=client)
    for one in rows.select_related("text", "explained_by__user").order_by("-text__version", "-pk"):
        signed.setdefault(one.text.kind, []).append(one)
    found = []
    for kind, text in consents.texts_in_force(request.member.clinic).items():
        mine = signed.get(kind, [])
        standing = next((one for one in mine if one.withdrawn_at is None), None)
        found.append(
            {
                "text": text,
                "standing": standing,
                "newest": standing is not None and standing.text_id == text.pk,
                "earlier": [one for one in mine if one is not standing],
            }
        )
    return found


def _wanted(client: Client) -> list[Any]:
    newest = Screening.objects.confirmed().filter(client=client).order_by("-pk").first()
    return letters_wanted(newest.findings) if newest else []


# --- documents ------------------------------------------------------------------------------------
@require_safe
@requires(Can.SEE_CLIENTS)
def document(request: MemberRequest, pk: int, uid: uuid.UUID) -> HttpResponse:
    """The file itself, to those who may see clients; a hidden one is not there."""
    found = get_object_or_404(
        Document.objects.visible_to(request.member), client=pk, uid=uid, removed_at=None
    )
    data = documents.read(found)
    if data is None:
        raise Http404
    response = HttpResponse(data, content_type=found.type)
    # The browser’s own reader of PDFs does not run in a page without rights.
    as_attachment = found.type == Document.Type.PDF
    response["Content-Disposition"] = content_disposition_header(as_attachment, found.name) or ""
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = SANDBOX
    response["Cross-Origin-Resource-Policy"] = "same-origin"
    response["Cache-Control"] = "private, no-store"
    return response


@require_POST
@requires(Can.ENROLL)
def document_add(request: MemberRequest, pk: int) -> HttpResponse:
    """Keep another paper of hers."""
    client, now = client_of(request, pk), timezone.now()
    form = PaperForm(request.POST, request.FILES, too_large=too_large(request))
    if not form.is_valid():
        return _papers(request, client, status=UNPROCESSABLE, form=form)
    said = form.cleaned_data
    documents.store(client=client, kind=said["kind"], file=said["file"], by=request.member, now=now)
    messages.success(request, "The paper is kept.")
    return redirect("clients:papers", request.member.clinic.slug, client.pk)


@require_POST
@requires(Can.ENROLL)
def document_remove(request: MemberRequest, pk: int, uid: uuid.UUID) -> HttpResponse:
    """Hide a wrong paper; it is never deleted."""
    client = client_of(request, pk)
    rows = Document.objects.visible_to(request.member)
    found = get_object_or_404(rows, client=client, uid=uid)
    form = RemoveForm(request.POST)
    if not form.is_valid():
        return _papers(request, client, status=UNPROCESSABLE, remove=form, remove_uid=found.uid)
    hidden = documents.remove(
        document=found, why=form.cleaned_data["why"], by=request.member, now=timezone.now()
    )
    if hidden:
        messages.success(request, "The paper is removed. Who did it and why stays here.")
    else:
        messages.info(request, "It was removed before.")
    return redirect("clients:papers", request.member.clinic.slug, client.pk)


# --- clearances -----------------------------------------------------------------------------------
@require_http_methods(["GET", "HEAD", "POST"])
@requires(Can.ENROLL)
def clear(request: MemberRequest, pk: int) -> HttpResponse:
    """A further clearance, with its letter; the one before stays readable."""
    client, now = client_of(request, pk), timezone.now()
    form = _letter_form(request, client, now=now)
    if form.is_bound and form.is_valid():
        with documents.filing():
            letter = form.kept_letter()
            if form.cleaned_data["letter"]:
                letter = documents.store(
                    client=client,
                    kind=Document.Kind.CLEARANCE,
                    file=form.cleaned_data["letter"],
                    by=request.member,
                    now=now,
                )
            actions.record_clearance(
                client=client, by=request.member, now=now, document=letter, **form.clearance()
            )
        messages.success(request, "The clearance is recorded.")
        review_client(client, now=now)
        if client.impact_cleared < form.cleaned_data["impact_level"]:
            messages.warning(
                request,
                f"The intake allows landings up to level {client.impact_cleared}, and the lower "
                "level counts. See the intake.",
            )
        return redirect("clients:client", request.member.clinic.slug, client.pk)
    status = UNPROCESSABLE if form.is_bound else 200
    context = {"client": client, "clearance": form}
    return render_page(request, "clients/clear.html", context, partial="form", status=status)


def _letter_form(request: MemberRequest, client: Client, *, now: datetime) -> LetterForm:
    post = request.method == "POST"
    months = int(rules_at(request.member.clinic, now).rules.letter_months)
    kept = Document.objects.visible_to(request.member).filter(
        client=client, kind=Document.Kind.CLEARANCE, removed_at=None
    )
    return LetterForm(
        request.POST if post else None,
        request.FILES if post else None,
        today=now.astimezone(request.member.clinic.tz).date(),
        born_on=client.born_on,
        wanted=_wanted(client),
        kept=kept.order_by("-pk"),
        runs_out=partial(months_after, months=months),
        too_large=too_large(request) if post else (),
    )
