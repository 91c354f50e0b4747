"""The adverse events and the falls behind a figure, one row each. Words: define_safety."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django.urls import reverse

from bonefit.clients.models import Told
from sessions.models import AdverseEvent

from . import define_safety as words
from .harm import Event, Fell
from .scope import Scope
from .table import Column, Row, Table


def _whose(one: Event | Fell, scope: Scope) -> tuple[str, str, str]:
    return _who(one.clinic, one.name, one.client, scope)


def _who(clinic: int, name: str, client: int, scope: Scope) -> tuple[str, str, str]:
    """The client and the clinic as the reader may know them, and the page of the client."""
    where = next(each for each in scope.clinics if each.pk == clinic)
    if not scope.named:
        return f"Client {client}", where.name, ""
    return name, where.name, reverse("clients:client", args=[where.slug, client])


_SAID = {True: "yes", False: "no", None: None}


def events_told(events: Iterable[Event], scope: Scope) -> Table:
    """A row for each event, as its reader may know whose it is."""
    rows = []
    for one in events:
        name, clinic, href = _whose(one, scope)
        cells = (
            one.onset_at,
            name,
            clinic,
            AdverseEvent.What(one.what).label,
            AdverseEvent.Severity(one.severity).label,
            _SAID[one.serious],
            AdverseEvent.Related(one.related).label if one.related else None,
            one.lost,
            one.by,
        )
        rows.append(Row(str(one.pk), cells, href=href))
    return Table("behind", "Adverse events", words.EVENTS_BEHIND, rows)


def falls_told(falls: Iterable[Fell], scope: Scope) -> Table:
    """A row for each fall, as its reader may know whose it is."""
    rows = []
    for one in falls:
        name, clinic, href = _whose(one, scope)
        fracture = {True: "confirmed", False: "said"}[one.broke] if one.fracture else None
        cells = (
            one.fell_on,
            name,
            clinic,
            _SAID[True if one.hurt else one.injured],
            fracture,
            Told(one.told).label,
            _SAID[one.answered],
        )
        rows.append(Row(str(one.pk), cells, href=href))
    return Table("behind", "Falls", words.FALLS_BEHIND, rows)


#: What is counted of each person, by its column.
_PEOPLE: Mapping[str, tuple[Column, ...]] = {
    "days": words.DAYS_BEHIND,
    "months": words.ANSWERS_BEHIND,
    "times": words.TIMES_BEHIND,
}


def people_told(found: Iterable[tuple[Any, ...]], what: str, scope: Scope) -> Table:
    """A row a client: clinic, name, number of the client, and how many ``what`` of hers."""
    rows = []
    for clinic, name, client, number in found:
        who, where, href = _who(clinic, name, client, scope)
        rows.append(Row(str(client), (who, where, int(number)), href=href))
    return Table("behind", "Clients", _PEOPLE[what], rows)


def sessions_told(found: Iterable[tuple[Any, ...]], scope: Scope) -> Table:
    """A row for each attended session, which leads to the session."""
    slugs = {clinic.pk: clinic.slug for clinic in scope.clinics}
    rows = []
    for visit, clinic, name, client, began, uid in found:
        who, where, _ = _who(clinic, name, client, scope)
        href = reverse(scope.visit_page, args=[slugs[clinic], uid]) if scope.named else ""
        rows.append(Row(str(visit), (began, who, where), href=href))
    return Table("behind", "Sessions", words.SESSIONS_BEHIND, rows)


def months_told(found: Iterable[tuple[Any, ...]], scope: Scope) -> Table:
    """A row for each month of one client about which she was, or was not, asked."""
    rows = []
    for pk, clinic, name, client, month, asked, answered in found:
        who, where, href = _who(clinic, name, client, scope)
        rows.append(Row(str(pk), (month, who, where, asked, answered), href=href))
    return Table("behind", "Months", words.MONTHS_BEHIND, rows)
