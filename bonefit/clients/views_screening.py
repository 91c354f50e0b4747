"""Screening a client: filling in, sending the questions, confirming, reading it again."""

from __future__ import annotations

from collections.abc import Mapping

from django.contrib import messages
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from bonefit.clinics.access import Can, MemberRequest, requires
from bonefit.htmx import UNPROCESSABLE
from programs.plans import rules_at
from programs.rules import Rules
from sessions.intake_flags import review_client
from sessions.notices import ask_intake

from . import screening as screenings
from .eligibility import Eligibility
from .forms_screening import PREFIX, ScreeningForm
from .models import Client, Screening
from .questionnaires import UNANSWERED, questionnaire
from .screening_words import Answered, answers_in_words, clash_in_words
from .views_parts import client_of, today_of


def _screening(request: MemberRequest, client: Client, number: int) -> Screening:
    rows = Screening.objects.visible_to(request.member).select_related(
        "made_by__user", "confirmed_by__user"
    )
    found = get_object_or_404(rows, client=client, pk=number)
    found.client, found.clinic = client, request.member.clinic
    return found


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Can.ENROLL)
def new(request: MemberRequest, pk: int) -> HttpResponse:
    """Begin a screening together or by a link, or go on with the one that is open."""
    client = client_of(request, pk)
    if request.method != "POST":
        earlier = client.screenings.select_related("confirmed_by__user").order_by("-pk")
        context = {"client": client, "earlier": earlier.exclude(confirmed_at=None)}
        return render(request, "clients/screening_new.html", context)
    found = screenings.start(client=client, by=request.member, now=timezone.now())
    if request.POST.get("how") == "send":
        return _send(request, client, found)
    return redirect("clients:screening", request.member.clinic.slug, client.pk, found.pk)


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Can.ENROLL)
def fill(request: MemberRequest, pk: int, asked: int) -> HttpResponse:
    """All questions on one page, saved as typed; a confirmed screening is read only."""
    client = client_of(request, pk)
    screening = _screening(request, client, asked)
    if not screening.open:
        return _shown(request, screening)
    sections = questionnaire(screening.questionnaire).sections
    if request.method != "POST":
        return _form_page(request, screening, _as_it_stands(request, screening))
    form = ScreeningForm(request.POST, sections=sections, answers=screening.answers)
    try:
        clashes = screenings.save(
            screening=screening,
            typed=form.typed(),
            revision=_revision(request),
            by=request.member,
            now=timezone.now(),
        )
    except screenings.CannotScreen as refusal:
        messages.error(request, str(refusal))
        return redirect(request.path)
    for key, clash in clashes.items():
        form.add_problem(key, clash_in_words(screening, key, clash, client.clinic.tz))
    if form.errors:
        screening.refresh_from_db(fields=["answers", "revision"])
        title = "Somebody else wrote here meanwhile." if clashes else "Not everything is saved."
        return _form_page(request, screening, form, title=title, status=UNPROCESSABLE)
    if "confirm" in request.POST:
        return redirect("clients:screening-confirm", client.clinic.slug, client.pk, asked)
    messages.success(request, "Saved as typed. Nothing is decided before it is confirmed.")
    return redirect(request.path)


def _as_it_stands(request: MemberRequest, screening: Screening) -> ScreeningForm:
    """The saved draft, with what cannot be read marked; blanks too where ``?check`` asks for it."""
    _, problems = screenings.preview(screening, rules_now(request), today=today_of(request.member))
    blank_too = "check" in request.GET
    return ScreeningForm(
        sections=questionnaire(screening.questionnaire).sections,
        answers=screening.answers,
        problems={k: words for k, words in problems.items() if blank_too or words != UNANSWERED},
    )


def _in_words(screening: Screening) -> list[Answered]:
    return answers_in_words(screening.questionnaire, screening.answers, screening.from_client)


def _revision(request: MemberRequest) -> int:
    text = request.POST.get("revision", "")
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 9 else 0


def _form_page(
    request: MemberRequest,
    screening: Screening,
    form: ScreeningForm,
    *,
    title: str = "It cannot be confirmed like this.",
    status: int = 200,
) -> HttpResponse:
    today = today_of(request.member)
    _, problems = screenings.preview(screening, rules_now(request), today=today)
    context = {
        "client": screening.client,
        "screening": screening,
        "form": form,
        "title": title,
        "revision": screening.revision,
        "left": sum(words == UNANSWERED for words in problems.values()),
        "sent": screening.links.filter(used_at=None, ended_at=None).order_by("-pk").first(),
    }
    return render(request, "clients/screening.html", context, status=status)


def rules_now(request: MemberRequest) -> Rules:
    """The clinic's thresholds as they are now."""
    return rules_at(request.member.clinic, timezone.now()).rules


def _shown(request: MemberRequest, screening: Screening) -> HttpResponse:
    context = {
        "client": screening.client,
        "screening": screening,
        "answers": _in_words(screening),
        "overrides": screening.overrides.select_related("recorded_by__user").order_by("-pk"),
    }
    return render(request, "clients/screening_read.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Can.ENROLL)
def confirm(request: MemberRequest, pk: int, asked: int) -> HttpResponse:
    """What follows from the answers, before a therapist stands by them."""
    client = client_of(request, pk)
    screening = _screening(request, client, asked)
    if not screening.open:
        return redirect("clients:screening", client.clinic.slug, client.pk, asked)
    rules = rules_now(request)
    found, problems = screenings.preview(screening, rules, today=today_of(request.member))
    wrong = ""
    if request.method == "POST":
        try:
            screenings.confirm(
                screening=screening,
                revision=_revision(request),
                rules=rules,
                good_for_months=rules.screening_months,
                by=request.member,
                now=timezone.now(),
            )
        except screenings.CannotScreen as refusal:
            wrong = str(refusal)
            screening.refresh_from_db()
            found, problems = screenings.preview(screening, rules, today=today_of(request.member))
        else:
            review_client(client, now=timezone.now())
            messages.success(request, "The screening is confirmed.")
            return redirect("clients:intake", client.clinic.slug, client.pk)
    return _confirm_page(request, screening, found, problems, wrong)


def _confirm_page(
    request: MemberRequest,
    screening: Screening,
    found: Eligibility,
    problems: Mapping[str, str],
    wrong: str,
) -> HttpResponse:
    asked = {one.key: one for one in questionnaire(screening.questionnaire).questions()}
    context = {
        "client": screening.client,
        "screening": screening,
        "found": found,
        "tier": Screening.Tier(found.tier),
        "wrong": wrong,
        "problems": [(asked[key], words, PREFIX + key) for key, words in problems.items()],
        "answers": _in_words(screening),
    }
    return render(
        request,
        "clients/screening_confirm.html",
        context,
        status=UNPROCESSABLE if wrong else 200,
    )


@require_POST
@requires(Can.ENROLL)
def send(request: MemberRequest, pk: int, asked: int) -> HttpResponse:
    """Send the client a link to answer the questions before she comes."""
    client = client_of(request, pk)
    return _send(request, client, _screening(request, client, asked))


def _send(request: MemberRequest, client: Client, screening: Screening) -> HttpResponse:
    now = timezone.now()
    try:
        with transaction.atomic():
            link = screenings.make_link(screening=screening, by=request.member, now=now)
            ask_intake(client=client, link=link, now=now)
    except screenings.CannotScreen as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, f"The questions are on their way to {client.email}.")
    return redirect("clients:screening", client.clinic.slug, client.pk, screening.pk)


@require_POST
@requires(Can.ENROLL)
def drop(request: MemberRequest, pk: int, asked: int) -> HttpResponse:
    """Do not use an open screening; what was typed stays."""
    client = client_of(request, pk)
    screening = _screening(request, client, asked)
    try:
        screenings.drop(screening=screening, by=request.member, now=timezone.now())
    except screenings.CannotScreen as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, "This screening is not used. What was typed stays readable.")
    return redirect("clients:intake", client.clinic.slug, client.pk)
