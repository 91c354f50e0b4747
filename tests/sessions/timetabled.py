"""Classes beside those of the cast, and the numbers of a clinic: what booking tests are made of."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, time, timedelta
from typing import Any

from bonefit.clients.models import Client, Lock
from bonefit.clinics import actions as clinics
from bonefit.clinics.access import Role
from bonefit.clinics.models import Membership
from programs import actions as programs
from programs.loads import DEFAULT_INVENTORY
from programs.models import Enrollment
from programs.rules import DEFAULT_RULES
from sessions.models import SeatChange, Slot, Supervision, Visit
from tests.cast import NOW, Cast, assign, enroll

#: Cal comes on Mondays and Thursdays at nine, Cam on Tuesdays and Fridays.
FRIDAY = date(2026, 3, 6)
SATURDAY = date(2026, 3, 7)
MONDAY_AFTER = date(2026, 3, 9)
SUNDAY_LATER = date(2026, 3, 22)


def una(cast: Cast) -> Membership:
    """A therapist with no class of the cast's own."""
    known = Membership.objects.filter(clinic=cast.north, user__name="Una T.").first()
    return known or clinics.add_member(
        clinic=cast.north, email="una@example.org", name="Una T.", roles=[Role.THERAPIST]
    )


def class_at(
    cast: Cast,
    day: date,
    at: time = time(9),
    room: str = "Room 2",
    *,
    by: Membership | None = None,
    minutes: int = 30,
    **more: Any,
) -> Slot:
    """A class that Una supervises, unless ``by`` says who."""
    starts_at = datetime.combine(day, at, tzinfo=cast.north.tz)
    ends_at = starts_at + timedelta(minutes=minutes)
    slot = Slot.objects.create(
        clinic=cast.north, room=room, starts_at=starts_at, ends_at=ends_at, **more
    )
    Supervision.objects.create(
        clinic=cast.north, slot=slot, member=by or una(cast), during=(starts_at, ends_at)
    )
    return slot


def rules(cast: Cast, **values: Any) -> None:
    """The clinic's numbers from now on."""
    programs.publish_rules(
        clinic=cast.north,
        rules=replace(DEFAULT_RULES, **values),
        inventory=DEFAULT_INVENTORY,
        by=cast.ada,
        now=NOW - timedelta(days=1),
    )


def somebody(cast: Cast, name: str, **more: Any) -> Enrollment:
    """A client of the clinic who comes on Wednesdays at three."""
    usual = {"weekdays": (2,), "at": time(15), **more}
    client = enroll(cast.ana, name)
    client.email = f"{name.split()[0].lower()}@example.org"
    client.save(update_fields=["email"])
    return assign(client, cast.ana, **usual)


def lock(cast: Cast, client: Client) -> Lock:
    """A lock that nobody has released, with a reason that is clinical."""
    return Lock.objects.create(
        clinic=client.clinic,
        client=client,
        why=Lock.Why.PAIN,
        fact="x",
        evidence={"why": "pain 7 of 10 in the lower back"},
        opened_by=cast.ana,
    )


def history(visit: Visit) -> list[tuple[str, str, str]]:
    """What became of a seat: kind, by whom, why."""
    rows = SeatChange.objects.filter(visit=visit).order_by("pk")
    return [(row.kind, row.by.user.name if row.by else "", row.why) for row in rows]
