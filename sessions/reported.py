"""Adverse events as they are read: the report in force, what it said before, sessions missed since.

Read only. How many sessions were missed is counted from the visits each time; nobody types it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.db.models import Count, DateTimeField, OuterRef, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce

from bonefit.clients.models import Client
from bonefit.clinics.models import Membership
from programs.models import Lift

from .alarms import WHO_RELEASES, WHO_RESCREENS, emergency_plan
from .due import report_due, reports_due
from .models import AdverseEvent, Visit
from .on_reports import said_of

#: Sessions that were not held, as protocol sheet 5.6 counts them after an event.
NOT_HELD = (*Visit.MISSED, Visit.Status.EXCUSED)
#: Where she has not come again, all that was missed since counts.
NEVER = datetime(9999, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Report:
    """The report in force of one adverse event, and the earlier ones that it has replaced."""

    event: AdverseEvent
    earlier: tuple[AdverseEvent, ...]
    missed: int
    came_since: bool

    @property
    def words(self) -> str:
        return words_of(self.event)

    @property
    def where(self) -> str:
        """The lift, its set and the site, as far as anybody said."""
        event, found = self.event, []
        if event.lift:
            found.append(Lift(event.lift).label)
        if event.set_number:
            found.append(f"set {event.set_number}")
        if event.site:
            found.append(event.get_site_display().lower())
        return ", ".join(found)

    @property
    def judged(self) -> str:
        """Whether it was serious and related to the training, as far as anybody said."""
        found = []
        if self.event.serious is not None:
            found.append("serious" if self.event.serious else "not serious")
        if self.event.related:
            found.append(f"related to training: {self.event.get_related_display().lower()}")
        return ", ".join(found).capitalize()

    @property
    def missed_words(self) -> str:
        """The sessions missed after it, until the client came again."""
        number = "No session" if not self.missed else f"{self.missed} session"
        plural = "s" if self.missed > 1 else ""
        return f"{number}{plural} missed {'after it' if self.came_since else 'since'}."


def words_of(event: AdverseEvent) -> str:
    """An adverse event in a few words: "Felt a crack, severe"."""
    return said_of(event).words.capitalize()


def safety_page(visit: Visit, *, by: Membership) -> dict[str, Any]:
    """What a visit's page says of adverse events and emergencies."""
    reports = reports_of_visit(visit, by=by)
    return {
        "reports": reports,
        "report_due": report_due(visit),
        "stop_reasons": AdverseEvent.What.choices,
        "emergency_plan": emergency_plan(visit.clinic),
        "who_releases": WHO_RELEASES,
        "who_rescreens": WHO_RESCREENS,
    }


def reports_of_visit(visit: Visit, *, by: Membership) -> list[Report]:
    """The adverse events of a visit, the first one first."""
    return _reports(AdverseEvent.objects.visible_to(by).filter(visit=visit))


def reports_of_client(client: Client, *, by: Membership) -> list[Report]:
    """The adverse events of a client, the newest first."""
    found = AdverseEvent.objects.visible_to(by).filter(client=client)
    return _reports(found)[::-1]


def _reports(found: QuerySet[AdverseEvent]) -> list[Report]:
    since = Visit.objects.filter(
        client=OuterRef("client"), during__startswith__gt=OuterRef("onset_at")
    ).order_by()
    came = since.filter(status__in=Visit.ATTENDANCE).order_by("during")
    until = Coalesce(OuterRef("came_at"), Value(NEVER), output_field=DateTimeField())
    missed = since.filter(status__in=NOT_HELD, during__startswith__lt=until)
    counted = missed.values("client").annotate(number=Count("pk")).values("number")
    events = list(
        found.select_related("visit", "reported_by__user", "reviewed_by__user")
        .annotate(came_at=Subquery(came.values("during__startswith")[:1]))
        .annotate(missed=Coalesce(Subquery(counted), 0))
    )
    by_pk = {event.pk: event for event in events}
    replaced = {event.replaces_id for event in events}
    return [
        Report(
            event,
            tuple(_earlier(event, by_pk)),
            event.missed,
            event.came_at is not None,
        )
        for event in events
        if event.pk not in replaced
    ]


def _earlier(event: AdverseEvent, by_pk: Mapping[int, AdverseEvent]) -> Iterable[AdverseEvent]:
    while event.replaces_id is not None:
        event = by_pk[event.replaces_id]
        yield event


def safety_of(visits: Sequence[Visit]) -> dict[int, dict[str, Any]]:
    """For each visit what its lane says of adverse events: one is due, and those reported."""
    due = reports_due(visits)
    events = AdverseEvent.objects.filter(visit__in=visits, replaced_by=None).order_by("pk")
    words: dict[int, list[str]] = {}
    for event in events:
        assert event.visit_id is not None  # asked for by the visit
        words.setdefault(event.visit_id, []).append(words_of(event))
    return {
        visit.pk: {"report_due": visit.pk in due, "reports": words.get(visit.pk, [])}
        for visit in visits
    }
