"""A client with what her page says of her clearances and her log-in, in one query."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import F, OuterRef, QuerySet
from django.db.models.functions import JSONObject

from bonefit.clinics.models import Membership

from .log_ins import newest_link
from .models import Clearance, Client


@dataclass(frozen=True, slots=True)
class Cleared:
    """A clearance as it is read; ``impact_level`` from 0, the heel raise, to 5."""

    cleared_by: str
    cleared_on: date
    impact_level: int
    recorded_by: str


@dataclass(frozen=True, slots=True)
class Link:
    """The newest link to log in: when it was sent and used, None for not yet."""

    sent_at: datetime | None
    used_at: datetime | None


def whole_clients(member: Membership) -> QuerySet[Client]:
    """The clients that the member may see, for ``clearances_of`` and ``link_of``."""
    clearances = Clearance.objects.filter(client=OuterRef("pk")).order_by("-pk")
    return (
        Client.objects.visible_to(member)
        .select_related("membership__user")
        .annotate(
            clearances_read=ArraySubquery(
                clearances.values(
                    one=JSONObject(
                        cleared_by=F("cleared_by"),
                        cleared_on=F("cleared_on"),
                        impact_level=F("impact_level"),
                        recorded_by=F("recorded_by__user__name"),
                    )
                )
            ),
            link_read=ArraySubquery(
                newest_link().values(one=JSONObject(sent_at=F("sent_at"), used_at=F("used_at")))
            ),
        )
    )


def clearances_of(client: Client) -> list[Cleared]:
    """All clearances of one of ``whole_clients``, the newest first; no query."""
    found: list[Mapping[str, Any]] = client.clearances_read  # type: ignore[attr-defined]
    return [
        Cleared(
            one["cleared_by"],
            date.fromisoformat(one["cleared_on"]),
            one["impact_level"],
            one["recorded_by"],
        )
        for one in found
    ]


def link_of(client: Client) -> Link | None:
    """The newest link of one of ``whole_clients``, None where there is none; no query."""
    found: list[Mapping[str, str | None]] = client.link_read  # type: ignore[attr-defined]
    return next((Link(_moment(one["sent_at"]), _moment(one["used_at"])) for one in found), None)


def _moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None
