"""The client list, a client's page, enrolling, editing, invitations."""

from __future__ import annotations

from django.contrib import messages
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from bonefit.clinics.access import Can, MemberRequest, requires
from bonefit.htmx import UNPROCESSABLE, render_page, wants_partial
from bonefit.kept_plans import asked_all_day
from programs.models import Decision, Enrollment
from programs.pain import RESCREENED_AFTER
from sessions import alarms
from sessions.actions import decide
from sessions.alarms import locks_of
from sessions.arrival import read_release
from sessions.corrections import waiting
from sessions.overview import enrollments_of, overview
from sessions.reported import reports_of_client
from sessions.roster import clients_of, roster

from . import actions, log_ins
from .forms import ClearanceForm, NewPersonForm, PersonForm, SearchForm, years_between
from .intake import barred
from .models import Client, Companion
from .views_parts import posted, today_of
from .whole import clearances_of, link_of, whole_clients

MOST_ROWS = 200
ADULT = 18


@asked_all_day
@require_http_methods(["GET", "HEAD", "POST"])
@requires(Can.SEE_CLIENTS, searches=True)
def client_list(request: MemberRequest) -> HttpResponse:
    """All clients by name. The search is posted, so that no name stands in an address or a log."""
    now = timezone.now()
    form = SearchForm(request.POST) if request.method == "POST" else SearchForm()
    asked = form.cleaned_data if form.is_bound and form.is_valid() else {}
    q, show = asked.get("q", ""), asked.get("show", "")
    found = list(clients_of(request.member, now=now, q=q, show=show)[: MOST_ROWS + 1])
    context = {
        "form": form,
        "rows": roster(found[:MOST_ROWS], now=now),
        "more": len(found) > MOST_ROWS,
        "narrowed": bool(q) or show not in ("", "all"),
        "waiting": None if wants_partial(request) else waiting(request.member, now),
    }
    return render_page(request, "clients/list.html", context, partial="rows")


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Can.ENROLL)
def enroll(request: MemberRequest) -> HttpResponse:
    """A new client with a clearance; nobody is enrolled without one."""
    today, data = today_of(request.member), posted(request)
    person = NewPersonForm(data, today=today, member=request.member)
    born_on = person.cleaned_data.get("born_on") if person.is_valid() else None
    clearance = ClearanceForm(data, today=today, born_on=born_on)
    if request.method == "POST" and all([person.is_valid(), clearance.is_valid()]):
        client = _enroll(request, person, clearance)
        if client is not None:
            return redirect(
                _after_enrolling(request, client), request.member.clinic.slug, client.pk
            )
    status = UNPROCESSABLE if request.method == "POST" else 200
    context = {"person": person, "clearance": clearance}
    return render_page(request, "clients/enroll.html", context, partial="form", status=status)


def _after_enrolling(request: MemberRequest, client: Client) -> str:
    """The next step: her intake while something is missing, then a program."""
    if barred(client, today_of(request.member)):
        return "clients:intake"
    return "programs:assign" if Can.PRESCRIBE in request.member.can else "clients:client"


def _enroll(
    request: MemberRequest, person: NewPersonForm, clearance: ClearanceForm
) -> Client | None:
    """Enroll, and invite if asked; neither if the invitation cannot be made."""
    try:
        with transaction.atomic():
            client = actions.enroll_client(
                by=request.member, **person.person(), **clearance.clearance()
            )
            if person.cleaned_data["invite"]:
                log_ins.invite(client=client, by=request.member)
    except log_ins.CannotInvite as refusal:
        person.add_error("email", str(refusal))
        return None
    messages.success(request, f"{client.name} is enrolled.")
    age = years_between(client.born_on, today_of(request.member))
    if age < ADULT:
        messages.warning(request, f"{client.name} is {age} years old. Check the date of birth.")
    return client


@asked_all_day
@require_safe
@requires(Can.SEE_CLIENTS)
def client_page(request: MemberRequest, pk: int) -> HttpResponse:
    """Who she is, her clearance, where she stands in her program, and every decision on it."""
    return _page(request, pk)


def _page(request: MemberRequest, pk: int, *, status: int = 200, **more: object) -> HttpResponse:
    """The client's page; ``more`` is what was typed on it and cannot stand."""
    now, today = timezone.now(), today_of(request.member)
    client = _one_of(whole_clients(request.member), request, pk)
    enrollments = enrollments_of(client, member=request.member)
    newest = next(iter(enrollments), None)
    locks = locks_of(client)
    context = {
        "client": client,
        "age": years_between(client.born_on, today),
        "clearances": clearances_of(client),
        "earlier": enrollments[1:],
        "view": overview(newest, member=request.member, now=now) if newest else None,
        "who_releases": alarms.WHO_RELEASES,
        "barred": barred(client, today),
        "reports": reports_of_client(client, by=request.member),
        "corrections": waiting(request.member, now, client),
        "login_link": link_of(client),
        "locks": [lock for lock in locks if lock.released_at is None],
        "past_locks": [lock for lock in locks if lock.released_at is not None],
        **more,
    }
    return render(request, "clients/client.html", context, status=status)


@require_POST
@requires(Can.RELEASE_LOCKS)
def release(request: MemberRequest, pk: int) -> HttpResponse:
    """A named clinician has looked at her and lets her be loaded again."""
    client = _client(request, pk)
    said = read_release(request.POST)
    if said["release_errors"]:
        return _page(request, pk, status=UNPROCESSABLE, **said)
    clinician, finding = said["release"]["clinician"], said["release"]["finding"]
    if not alarms.release(client, clinician=clinician, finding=finding, by=request.member):
        messages.warning(request, "She is not locked any more. Nothing was changed.")
    else:
        messages.success(request, "The release is recorded. Loads are prescribed again.")
    return redirect("clients:client", request.member.clinic.slug, client.pk)


@require_POST
@requires(Can.PRESCRIBE)
def away(request: MemberRequest, pk: int) -> HttpResponse:
    """A fall, an illness or a hospital stay, heard of before she comes: she is looked at first."""
    client = _client(request, pk)
    enrollment = get_object_or_404(
        Enrollment.objects.visible_to(request.member).active(), client=client
    )
    what = request.POST.get("away", "")
    if what not in RESCREENED_AFTER:
        error = "Choose what happened: a fall, an illness or a stay in hospital."
        return _page(request, pk, status=UNPROCESSABLE, away_error=error)
    decide(enrollment=enrollment, kind=Decision.Kind.AWAY, reason=what, by=request.member)
    messages.success(request, "It is recorded. Nothing is prescribed before a re-screen.")
    return redirect("clients:client", request.member.clinic.slug, client.pk)


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Can.ENROLL)
def edit(request: MemberRequest, pk: int) -> HttpResponse:
    """Correct who somebody is and how to reach her."""
    client = _client(request, pk)
    form = PersonForm(
        posted(request), today=today_of(request.member), member=request.member, client=client
    )
    if request.method == "POST" and form.is_valid():
        said = form.person()
        changed = {name: value for name, value in said.items() if getattr(client, name) != value}
        if changed:
            actions.edit_client(client=client, by=request.member, **changed)
        messages.success(request, "Saved." if changed else "Nothing was changed.")
        return redirect("clients:client", request.member.clinic.slug, client.pk)
    status = UNPROCESSABLE if request.method == "POST" else 200
    context = {"client": client, "person": form}
    return render_page(request, "clients/edit.html", context, partial="form", status=status)


@require_POST
@requires(Can.ENROLL)
def invite(request: MemberRequest, pk: int) -> HttpResponse:
    """Give a log-in, and send the mail about it; again, if it was sent before."""
    client = _client(request, pk)
    try:
        log_ins.invite(client=client, by=request.member)
    except log_ins.CannotInvite as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, "The invitation is on its way.")
    return redirect("clients:client", request.member.clinic.slug, client.pk)


@require_POST
@requires(Can.BOOK)
def send_login(request: MemberRequest, pk: int) -> HttpResponse:
    """Mail the client, or one of her companions, a new link that logs her in."""
    client = _client(request, pk)
    asked = request.POST.get("companion", "")
    try:
        if asked:
            companions = Companion.objects.visible_to(request.member).select_related("member")
            companion = get_object_or_404(companions, client=client, pk=_number(asked))
            to = log_ins.send_login_to_companion(
                companion=companion, by=request.member, now=timezone.now()
            )
        else:
            to = log_ins.send_login_again(client=client, by=request.member, now=timezone.now())
    except log_ins.CannotInvite as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, f"A log-in link was sent to {to}.")
    return _back(request, client)


def _number(text: str) -> int:
    """What was posted as a row's number; 0, which no row has, where it is none."""
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 19 else 0


def _back(request: MemberRequest, client: Client) -> HttpResponse:
    """To the page of this site that the button was on."""
    wish = request.POST.get("next", "")
    # ``redirect`` would take a word for the name of a view.
    here = wish.startswith("/")
    if here and url_has_allowed_host_and_scheme(wish, {request.get_host()}, request.is_secure()):
        return HttpResponseRedirect(wish)
    if Can.SEE_CLIENTS in request.member.can:
        return redirect("clients:client", request.member.clinic.slug, client.pk)
    return redirect("clinic_home", request.member.clinic.slug)


def _client(request: MemberRequest, pk: int) -> Client:
    found = Client.objects.visible_to(request.member).select_related("membership__user")
    return _one_of(found, request, pk)


def _one_of(found: QuerySet[Client], request: MemberRequest, pk: int) -> Client:
    client = get_object_or_404(found, pk=pk)
    client.clinic = request.member.clinic
    return client
