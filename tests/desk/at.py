"""What the tests of the desk share: classes of the week, Dee in front of them, what is read."""

from __future__ import annotations

import re
from datetime import date, datetime, time, timedelta
from html import unescape
from typing import Any

from django.db.backends.postgresql.psycopg_any import DateTimeTZRange
from django.test import Client as Browser

from bonefit.clinics.models import Membership
from programs.models import Enrollment
from sessions.models import Slot, Supervision, Visit
from tests.cast import Cast

#: Cal comes on Mondays and Thursdays at 9:00. It is Thursday 5 March 2026.
MONDAY, WEDNESDAY, SATURDAY = date(2026, 3, 9), date(2026, 3, 11), date(2026, 3, 14)


def a_class(
    cast: Cast,
    day: date = WEDNESDAY,
    at: time = time(10),
    *,
    room: str = "Room 2",
    with_: Membership | None = None,
    most: int | None = None,
) -> Slot:
    """A class of half an hour; Tess supervises it unless said otherwise."""
    starts_at = datetime.combine(day, at, tzinfo=cast.north.tz)
    slot = Slot.objects.create(
        clinic=cast.north,
        room=room,
        starts_at=starts_at,
        ends_at=starts_at + timedelta(minutes=30),
        capacity=most,
    )
    Supervision.objects.create(
        clinic=cast.north,
        slot=slot,
        member=with_ or cast.tess,
        during=DateTimeTZRange(slot.starts_at, slot.ends_at),
    )
    return slot


def next_visit(enrollment: Enrollment, number: int = 0) -> Visit:
    """A visit to come, the soonest first; Cal's first one is on Monday."""
    return enrollment.visits.filter(during__startswith__gt=datetime.now().astimezone()).order_by(
        "during"
    )[number]


def missed(cast: Cast) -> Visit:
    """Cal did not come this morning, and somebody has said so: a credit until 19 March."""
    visit = cast.visit
    visit.status, visit.said_at, visit.said_by = Visit.Status.NO_SHOW, visit.ends_at, cast.ana
    visit.save(update_fields=["status", "said_at", "said_by"])
    return visit


def words(response: Any) -> str:
    """What a page says, without its tags and its head."""
    body = re.sub(r"<(head|svg)\b.*?</\1>", " ", response.content.decode(), flags=re.S)
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", body)).split())


def at_the_desk(cast: Cast, who: str = "dee") -> Browser:
    """A browser in which somebody of Northside is logged in."""
    browser = Browser()
    browser.force_login(getattr(cast, who).user)
    return browser
