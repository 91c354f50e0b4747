"""What a client agrees to: read and signed, shown and printed, taken back; and the texts of it."""

from __future__ import annotations

from datetime import timedelta

from django.contrib import messages
from django.db.models import Count, Q
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from bonefit.clinics.access import Can, MemberRequest, requires
from bonefit.clinics.models import Membership
from bonefit.htmx import UNPROCESSABLE, render_page
from bonefit.uploads import too_large
from programs.plans import rules_at
from sessions.intake_flags import review_client

from . import consents, documents
from .consent_words import blocks
from .forms_consents import MEANWHILE, SignForm, TextForm, WithdrawForm
from .models import Client, Consent, ConsentText, Document
from .signatures import HEIGHT, WIDTH, path_of
from .views_parts import client_of


def _text(request: MemberRequest, kind: str) -> ConsentText:
    text = consents.texts_in_force(request.member.clinic).get(kind)
    if text is None:
        raise Http404
    return text


# --- signing --------------------------------------------------------------------------------------
@require_http_methods(["GET", "HEAD", "POST"])
@requires(Can.ENROLL)
def consent(request: MemberRequest, pk: int, kind: str) -> HttpResponse:
    """The newest version of a text, read together and signed."""
    client, text = client_of(request, pk), _text(request, kind)
    post, now = request.method == "POST", timezone.now()
    supervisors = Membership.objects.visible_to(request.member).supervisors()
    form = SignForm(
        request.POST if post else None,
        request.FILES if post else None,
        text=text,
        therapists=supervisors.select_related("user").order_by("user__name", "pk"),
        by=request.member,
        today=now.astimezone(request.member.clinic.tz).date(),
        too_large=too_large(request) if post else (),
    )
    if post and form.is_valid():
        try:
            signed = _sign(request, client, text, form)
        except (consents.CannotSign, consents.Stale) as refusal:
            form.add_error(None, str(refusal) or MEANWHILE)
        else:
            messages.success(request, "It is signed.")
            return redirect(
                "clients:consent-signed", request.member.clinic.slug, client.pk, signed.pk
            )
    context = {
        "client": client,
        "wording": text,
        "blocks": blocks(text.body),
        "form": form,
        "drawn": _drawn(form),
        "box": (WIDTH, HEIGHT),
    }
    status = UNPROCESSABLE if post else 200
    return render_page(request, "clients/consent.html", context, partial="form", status=status)


def _drawn(form: SignForm) -> str:
    """What was drawn already, where the form comes back: it is kept like everything typed."""
    strokes = form.cleaned_data.get("strokes") if form.is_bound else None
    return path_of(strokes) if strokes else ""


def _sign(request: MemberRequest, client: Client, text: ConsentText, form: SignForm) -> Consent:
    now = timezone.now()
    with documents.filing():
        scan = form.cleaned_data["scan"]
        document = (
            documents.store(
                client=client, kind=Document.Kind.CONSENT, file=scan, by=request.member, now=now
            )
            if scan
            else None
        )
        signed = consents.sign(
            client=client, text=text, document=document, by=request.member, now=now, **form.said()
        )
    review_client(client, now=now)
    return signed


# --- what was signed ------------------------------------------------------------------------------
@require_safe
@requires(Can.SEE_CLIENTS)
def signed(request: MemberRequest, pk: int, agreed: int) -> HttpResponse:
    """What was agreed to, in the very words that were read: to show and to print."""
    client = client_of(request, pk)
    return _signed(request, client, _consent(request, client, agreed))


def _consent(request: MemberRequest, client: Client, agreed: int) -> Consent:
    rows = Consent.objects.visible_to(request.member).select_related(
        "text", "document", "explained_by__user", "recorded_by__user", "withdrawn_by__user"
    )
    return get_object_or_404(rows, client=client, pk=agreed)


def _signed(
    request: MemberRequest,
    client: Client,
    one: Consent,
    *,
    form: WithdrawForm | None = None,
    status: int = 200,
) -> HttpResponse:
    context = {
        "client": client,
        "consent": one,
        "wording": one.text,
        "blocks": blocks(one.text.body),
        "statements": [(said, said["key"] in one.agreed) for said in one.text.statements],
        "drawn": path_of(one.strokes) if one.strokes else "",
        "box": (WIDTH, HEIGHT),
        "form": form or WithdrawForm(),
    }
    return render(request, "clients/consent_signed.html", context, status=status)


@require_POST
@requires(Can.ENROLL)
def withdraw(request: MemberRequest, pk: int, agreed: int) -> HttpResponse:
    """She takes her yes back. What was agreed to, and that it was, stays readable."""
    client = client_of(request, pk)
    one = _consent(request, client, agreed)
    form = WithdrawForm(request.POST)
    if not form.is_valid():
        return _signed(request, client, one, form=form, status=UNPROCESSABLE)
    gone = consents.withdraw(
        consent=one, why=form.cleaned_data["why"], by=request.member, now=timezone.now()
    )
    review_client(client, now=timezone.now())
    if not gone:
        messages.info(request, "It was withdrawn before.")
    elif one.text.required:
        messages.warning(request, "It is withdrawn. Nothing new is planned for her any more.")
    else:
        messages.success(request, "It is withdrawn.")
    return redirect("clients:papers", request.member.clinic.slug, client.pk)


# --- the texts ------------------------------------------------------------------------------------
@require_safe
@requires(Can.CHANGE_SETTINGS)
def texts(request: MemberRequest) -> HttpResponse:
    """What clients are asked to agree to, and how many have."""
    in_force = consents.texts_in_force(request.member.clinic)
    counts = _counts(request)
    total = Client.objects.visible_to(request.member).count()
    context = {
        "texts": [(text, counts.get(text.pk, 0)) for text in in_force.values()],
        "clients": total,
    }
    return render(request, "clients/consent_texts.html", context)


def _counts(request: MemberRequest) -> dict[int, int]:
    """How many clients have signed each version and not withdrawn it."""
    standing = Count("consents__client", Q(consents__withdrawn_at=None), distinct=True)
    rows = ConsentText.objects.visible_to(request.member).annotate(signed=standing)
    return dict(rows.order_by("pk").values_list("pk", "signed"))


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Can.CHANGE_SETTINGS)
def text(request: MemberRequest, kind: str) -> HttpResponse:
    """One text in its versions, and the next one to publish."""
    newest, now = _text(request, kind), timezone.now()
    today = now.astimezone(request.member.clinic.tz).date()
    days = int(rules_at(request.member.clinic, now).rules.reconsent_days)
    data = request.POST if request.method == "POST" else None
    form = TextForm(data, text=newest, today=today, due=today + timedelta(days=days))
    if data is not None and form.is_valid():
        try:
            consents.publish(
                clinic=request.member.clinic, kind=kind, by=request.member, now=now, **form.said()
            )
        except consents.Stale:
            form.add_error(None, MEANWHILE)
        else:
            messages.success(request, "The new version is in force.")
            return redirect("clients:consent-text", request.member.clinic.slug, kind)
    versions = ConsentText.objects.visible_to(request.member).filter(kind=kind)
    counts = _counts(request)
    rows = versions.select_related("published_by__user").order_by("-version")
    context = {
        "wording": newest,
        "form": form,
        "days": days,
        "versions": [(one, counts.get(one.pk, 0), blocks(one.body)) for one in rows],
    }
    status = 200 if data is None else UNPROCESSABLE
    return render_page(request, "clients/consent_text.html", context, partial="form", status=status)
