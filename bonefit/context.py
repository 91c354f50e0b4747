"""What every page knows: who is here, what she may do, where the navigation leads."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from django.conf import settings
from django.db import connection
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import SimpleLazyObject

from bonefit.clinics.access import Can, Role
from bonefit.clinics.credentials import count_to_see_to
from bonefit.clinics.models import Membership, OrganisationMembership
from bonefit.clinics.typed_again import key_of
from programs.plans import rules_at
from sessions.flag_list import to_act_on
from sessions.held import undecided
from sessions.notices import to_see_to


class Door(NamedTuple):
    """One word of the navigation: the view behind it, who may enter, which views lie inside."""

    word: str
    view: str
    can: Can
    inside: tuple[str, ...]
    #: Who may do this finds the same behind another word.
    unless: Can | None = None

    def open_to(self, can: frozenset[Can]) -> bool:
        return self.can in can and self.unless not in can


NAV = (
    Door("Today", "sessions:today", Can.SEE_TODAY, ("sessions:",)),
    Door(
        "Week",
        "sessions:week",
        Can.BOOK,
        (
            *("sessions:week", "sessions:timetable", "sessions:season", "sessions:slot"),
            *("sessions:room", "sessions:closure", "sessions:leave", "sessions:notice"),
            *("sessions:seat", "sessions:waiting", "sessions:bookings", "sessions:make-up"),
            *("sessions:place", "sessions:pause", "sessions:desk", "sessions:contact"),
            *("sessions:companion", "sessions:reminders"),
        ),
    ),
    Door(
        "Clients",
        "clients:list",
        Can.SEE_CLIENTS,
        (
            *("clients:", "programs:", "sessions:timeline", "sessions:preview"),
            *("sessions:event", "sessions:fall", "sessions:letter", "sessions:due-list"),
        ),
    ),
    Door("Programs", "editor:list", Can.EDIT_PROGRAMS, ("editor:",)),
    Door("Flags", "sessions:flags", Can.SEE_FLAGS, ("sessions:flag", "sessions:answer")),
    Door(
        "Reports",
        "sessions:adherence",
        Can.RUN_REPORTS,
        (
            *("sessions:adherence", "sessions:safety", "sessions:figures", "sessions:reports"),
            *("sessions:report-save", "sessions:report-export"),
        ),
    ),
    Door(
        "Settings",
        "clinics:settings",
        Can.CHANGE_SETTINGS,
        (
            *("clinics:settings", "clinics:credential", "clinics:looks", "clients:consent-text"),
            "clinics:log-in",
            "sessions:flag-settings",
            *("clients:device", "clients:measure-number"),
            *("clinics:people", "clinics:person", "clinics:access", "clinics:cover"),
            *("clinics:invit", "sessions:person-end"),
            "sessions:held",
        ),
    ),
    Door(
        "People",
        "clinics:people",
        Can.SEE_PEOPLE,
        ("clinics:people", "clinics:access", "clinics:cover", "clinics:looks", "sessions:held"),
        unless=Can.CHANGE_SETTINGS,
    ),
)


def current_door(view_name: str, can: frozenset[Can] = frozenset(Can)) -> str:
    """The word of the door that the view lies behind: the longest prefix wins, "" if none does."""
    found = [
        (len(inside), door.word)
        for door in NAV
        if door.open_to(can)
        for inside in door.inside
        if view_name.startswith(inside)
    ]
    return max(found, default=(0, ""))[1]


def open_flags(member: Membership) -> int:
    """How many flags ask for something today: no good news, nothing that is put off."""
    return to_act_on(member, timezone.now().astimezone(member.clinic.tz).date()).count()


def held_operations(member: Membership) -> int:
    """How many operations wait for the admin's decision."""
    return undecided(member).count()


def credentials_to_see_to(member: Membership) -> int:
    """How many supervisors have something run out, or nothing recorded; for whoever sees to it."""
    if Can.CHANGE_SETTINGS not in member.can:
        return 0
    now = timezone.now()
    warn_days = int(rules_at(member.clinic, now).rules.credential_warn_days)
    today = now.astimezone(member.clinic.tz).date()
    return count_to_see_to(member.clinic, today=today, warn_days=warn_days)


class Place(NamedTuple):
    """Somewhere else where the same person may go."""

    name: str
    href: str


#: Written out: on every page, and made of querysets it takes three times as long to make as to ask.
_PLACES = """
SELECT 0, k.name, k.slug FROM clinics_clinic k
JOIN clinics_membership m ON m.clinic_id = k.id AND m.user_id = %(user)s AND m.is_active
WHERE k.id <> %(clinic)s AND (m.roles <> '{}' OR EXISTS (
    SELECT FROM jsonb_each_text(m.roles_until) u
    WHERE u.value >= to_char(%(now)s AT TIME ZONE k.timezone, 'YYYY-MM-DD')))
UNION ALL
SELECT 1, o.name, o.slug FROM clinics_organisation o
JOIN clinics_organisationmembership m
    ON m.organisation_id = o.id AND m.user_id = %(user)s AND m.is_active
WHERE o.id <> %(organisation)s
    AND EXISTS (SELECT FROM clinics_clinic k WHERE k.organisation_id = o.id)
ORDER BY 1, 2, 3
"""


def other_places(user_id: int, *, clinic: int = 0, organisation: int = 0) -> list[Place]:
    """Her other clinics, then the organisations that she administers, by name; one query."""
    with connection.cursor() as cursor:
        cursor.execute(
            _PLACES,
            {
                "user": user_id,
                "clinic": clinic,
                "organisation": organisation,
                "now": timezone.now(),
            },
        )
        found = cursor.fetchall()
    return [
        Place(f"{name}: reports", reverse("organisation:reports", args=[slug]))
        if kind
        else Place(name, reverse("clinic_home", args=[slug]))
        for kind, name, slug in found
    ]


def _other_places(member: Membership) -> list[Place]:
    return other_places(member.user_id, clinic=member.clinic_id)


def _of_organiser(organiser: OrganisationMembership | None) -> dict[str, Any]:
    """What a page of an organisation knows: no clinic, no door, only where else she may go."""
    if organiser is None:
        return {}
    owner = organiser.organisation_id
    places = SimpleLazyObject(lambda: other_places(organiser.user_id, organisation=owner))
    return {"organiser": organiser, "other_places": places}


def _later(ask: Callable[[Membership], Any], member: Membership) -> Any:
    """Asked of the database only where a template prints it: an htmx fragment has no navigation."""
    return SimpleLazyObject(lambda: ask(member))


def browser(request: HttpRequest) -> dict[str, Any]:
    """What the frame of a page tells the browser: numbers of this answer, and a cookie's name."""
    return {
        "csp_nonce": str(getattr(request, "csp_nonce", "")),
        "csrf_cookie": settings.CSRF_COOKIE_NAME,
        "request_number": getattr(request, "number", ""),
        "typed_key": SimpleLazyObject(lambda: key_of(request)),
    }


def site(request: HttpRequest) -> dict[str, Any]:
    """The context of every page. ``member`` is None outside a clinic, as on the log-in page."""
    member: Membership | None = getattr(request, "member", None)
    if member is None:
        return {"member": None, "can": frozenset()} | _of_organiser(
            getattr(request, "organiser", None)
        )
    match = request.resolver_match
    return {
        "member": member,
        "clinic": member.clinic,
        "can": member.can,
        "roles": ", ".join(Role(role).label for role in member.roles_now),
        "doors": [door for door in NAV if door.open_to(member.can)],
        "door": current_door(match.view_name, member.can) if match else "",
        "open_flags": _later(open_flags, member),
        "held_operations": _later(held_operations, member),
        "credentials_to_see_to": _later(credentials_to_see_to, member),
        "messages_to_see_to": _later(to_see_to, member),
        "other_places": _later(_other_places, member),
    }
