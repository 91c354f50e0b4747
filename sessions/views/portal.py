"""What a client, or her companion, looks at: her sessions, what she lifted, and why."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import cache_control, never_cache
from django.views.decorators.http import require_safe

from bonefit.clients.models import Client
from bonefit.clinics.access import Can, MemberRequest, Role, requires
from bonefit.htmx import render_page
from sessions import charts
from sessions.portal import accompanied_by, client_of, own_portal, portal_of
from sessions.portal.growth import Growth, grown_words, growth_of

PAGE = "sessions/portal.html"


@require_safe
@requires(Can.SEE_OWN_SCHEDULE)
@never_cache
def portal(request: MemberRequest) -> HttpResponse:
    """Her own page; who is a companion only goes to the page she may look at, or chooses one."""
    member = request.member
    others = accompanied_by(member)
    if Role.CLIENT in member.roles_now:
        page = own_portal(member, now=timezone.now())
        return render(request, PAGE, {"portal": page, "others": others})
    if len(others) == 1:
        return redirect("sessions:portal-of", member.clinic.slug, others[0].pk)
    return render(request, "sessions/portal_choose.html", {"others": others})


@require_safe
@requires(Can.SEE_OWN_SCHEDULE)
@never_cache
def portal_of_client(request: MemberRequest, pk: int) -> HttpResponse:
    """The page of a client who agreed to it, for her companion to look at."""
    client, context = accompanied(request, pk)
    page = portal_of(request.member, client, now=timezone.now())
    return render(request, PAGE, {"portal": page, **context})


@require_safe
@requires(Can.SEE_OWN_SCHEDULE)
@never_cache
def growth(request: MemberRequest) -> HttpResponse:
    """What she lifted and how it has grown."""
    return _growth(request, own(request), {"own": True}, "portal-growth-chart", ())


@require_safe
@requires(Can.SEE_OWN_SCHEDULE)
@never_cache
def growth_of_client(request: MemberRequest, pk: int) -> HttpResponse:
    """The same of a client who agreed to it."""
    client, context = accompanied(request, pk)
    return _growth(request, client, context, "portal-growth-chart-of", (pk,))


@require_safe
@requires(Can.SEE_OWN_SCHEDULE)
@cache_control(private=True, no_store=True)
def growth_chart(request: MemberRequest) -> HttpResponse:
    """The picture: a part of its page, or a page of its own."""
    return _chart(request, own(request), "portal-growth", ())


@require_safe
@requires(Can.SEE_OWN_SCHEDULE)
@cache_control(private=True, no_store=True)
def growth_chart_of_client(request: MemberRequest, pk: int) -> HttpResponse:
    """The picture of a client who agreed to it."""
    client, _ = accompanied(request, pk)
    return _chart(request, client, "portal-growth-of", (pk,))


@require_safe
@requires(Can.SEE_OWN_SCHEDULE)
def why(request: MemberRequest) -> HttpResponse:
    """Why heavy, why never alone, and why nothing is logged or changed here."""
    return render(request, "sessions/portal_why.html")


def own(request: MemberRequest) -> Client:
    """The client who asks; 404 for whoever trains here herself not."""
    client = client_of(request.member)
    if client is None:
        raise Http404
    return client


def accompanied(request: MemberRequest, pk: int) -> tuple[Client, dict[str, Any]]:
    """The client, where she lets this member look; else 404, as for one that does not exist."""
    clients = {client.pk: client for client in accompanied_by(request.member)}
    if pk not in clients:
        raise Http404
    has_own = Role.CLIENT in request.member.roles_now
    others = [client for client in clients.values() if client.pk != pk]
    context = {
        "own": False,
        "name": clients[pk].name,
        "others": others,
        "has_own": has_own,
    }
    return clients[pk], context


def _shown(request: MemberRequest, client: Client) -> Growth:
    asked = request.GET.get("exercise", "")
    return growth_of(request.member, client, asked=asked, now=timezone.now())


def _address(request: MemberRequest, name: str, more: tuple[int, ...]) -> str:
    return reverse(f"sessions:{name}", args=[request.member.clinic.slug, *more])


def _growth(
    request: MemberRequest,
    client: Client,
    context: dict[str, Any],
    chart: str,
    more: tuple[int, ...],
) -> HttpResponse:
    shown = _shown(request, client)
    page = {
        **context,
        "growth": shown,
        "words": grown_words(shown),
        "chart_url": _address(request, chart, more),
        "back": _address(request, "portal-of" if more else "portal", more),
    }
    return render(request, "sessions/portal_growth.html", page)


def _chart(
    request: MemberRequest, client: Client, back: str, more: tuple[int, ...]
) -> HttpResponse:
    shown = _shown(request, client)
    if shown.exercise is None:
        raise Http404
    context: dict[str, Any] = {
        "growth": shown,
        "picture": shown.picture,
        "back": _address(request, back, more),
    }
    if shown.picture.drawable:
        context["svg"] = charts.draw(shown.picture)
    return render_page(request, "sessions/portal_growth_chart.html", context, partial="chart")
