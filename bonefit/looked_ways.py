"""How the access log finds whose record a request is about, by what its address names.

Each way is a piece of the one statement that writes a row, so that nothing is asked beforehand.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.http import HttpRequest

from bonefit.clients.looks import NOBODY, Which, clinic_at, clinics_of
from bonefit.clients.models import Look
from bonefit.clinics import rows
from bonefit.clinics.models import Clinic

#: As many digits as the number of a row may have.
DIGITS = 18


@dataclass(frozen=True, slots=True)
class Route:
    """What a route shows, and of whom.

    ``client`` names a way in ``WAYS``; "" is nobody in particular. ``within`` seconds after one
    row there is no further one of the same person and record, also where it is a whole answer: for
    what a program asks for again and again. ``reason`` says why there is nothing or no client.
    """

    kind: Look.Kind
    client: str = ""
    shows: bool = True
    exports: bool = False
    how: Look.How | None = None
    within: int = 0
    reason: str = ""

    @property
    def by_link(self) -> bool:
        """A secret in the address opens it, without a log-in."""
        return self.how is Look.How.LINK


# --- whose it is: one client's id in clinic c, by what the address names --------------------------

_CLIENT = "SELECT id FROM clients_client WHERE clinic_id = c.id AND id = %(client)s"
_HERS = (
    "SELECT h.id FROM clients_client h JOIN clinics_membership hm ON hm.id = h.membership_id "
    "WHERE h.clinic_id = c.id AND hm.user_id = %(client)s"
)
_ENROLLMENT = (
    "SELECT client_id FROM programs_enrollment WHERE clinic_id = c.id AND id = %(client)s::bigint"
)
_FLAG = (
    "SELECT e.client_id FROM training_flag f JOIN programs_enrollment e ON e.id = f.enrollment_id "
    "WHERE f.clinic_id = c.id AND f.id = %(client)s"
)
_FEED = (
    "SELECT client_id FROM training_calendarfeed WHERE clinic_id = c.id AND token_hash = %(client)s"
)
_QUESTIONS = (
    "SELECT q.client_id FROM clients_answerlink a JOIN clients_screening q "
    "ON q.id = a.screening_id WHERE a.clinic_id = c.id AND a.token_hash = %(client)s"
)


def _row_of(table: str, key: str = "id") -> str:
    return f"SELECT client_id FROM {table} WHERE clinic_id = c.id AND {key} = %(client)s"


Named = Mapping[str, Any]
#: The SQL, and what it is asked with; None where the address names no client.
WAYS: dict[str, tuple[str, Callable[[HttpRequest, Named], UUID | int | str | None]]] = {
    "client": (_CLIENT, lambda _, named: named["pk"]),
    "visit": (_row_of("training_visit", "uid"), lambda _, named: named["uid"]),
    "flag": (_FLAG, lambda _, named: named["pk"]),
    "letter": (_row_of("training_progressletter"), lambda _, named: named["pk"]),
    "notice": (_row_of("training_notice"), lambda _, named: named["pk"]),
    "waiting": (_row_of("training_waiting"), lambda _, named: named["waits"]),
    "offer": (_row_of("training_waiting"), lambda _, named: named["pk"]),
    "herself": (_HERS, lambda request, _: request.user.pk),
    "asked": (_ENROLLMENT, lambda request, _: _number(request.GET.get("enrollment", ""))),
    "looked": (_CLIENT, lambda request, _: _number(request.GET.get("client", ""))),
    "feed": (_FEED, lambda _, named: _hash(named["token"])),
    "questions": (_QUESTIONS, lambda _, named: _hash(named["token"])),
}
#: The clinic of a link, by the table that keeps the hash of its secret.
LINKS = {
    "calendar": "training_calendarfeed",
    "answer-questions": "clients_answerlink",
}


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdecimal() and len(text) <= DIGITS else None


def whose(route: Route, request: HttpRequest, named: Named) -> Which:
    """The client whose record a request is about."""
    if not route.client:
        return NOBODY
    sql, value_of = WAYS[route.client]
    value = value_of(request, named)
    return NOBODY if value is None else Which(sql, value)


def clinic_of(route: Route, named: Named) -> Which:
    """The clinic whose log it belongs to; of an organisation's pages all of its clinics."""
    if "clinic" in named:
        return clinic_at(named["clinic"])
    if "organisation" in named:
        return clinics_of(named["organisation"])
    table = LINKS["calendar" if route.client == "feed" else "answer-questions"]
    return Which(
        f"c.id = (SELECT clinic_id FROM {table} WHERE token_hash = %(where)s)",
        _hash(named["token"]),
    )


def clinics_named(named: Named) -> list[int]:
    """The clinics of ``clinic_of`` by number: those that have to be in sight for it."""
    if "token" in named:
        clinic = rows.clinic_of_token(_hash(named["token"]))
        return [] if clinic is None else [clinic]
    if "clinic" in named:
        found = Clinic.objects.filter(slug=named["clinic"])
    else:
        found = Clinic.objects.filter(organisation__slug=named["organisation"])
    return list(found.values_list("pk", flat=True))
