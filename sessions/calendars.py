"""A client's visits as a calendar that her telephone subscribes to, behind a secret address.

A calendar is shown on lock screens and shared with families, so it says where and when, and no
word about health. RFC 5545 (iCalendar) and RFC 7986 (REFRESH-INTERVAL).
"""

from __future__ import annotations

import hashlib
import secrets
from base64 import urlsafe_b64encode
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta

import icalendar
from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.urls import reverse
from django.utils.crypto import constant_time_compare, salted_hmac

from bonefit.clients.models import Client
from bonefit.clinics.models import Clinic

from .models import CalendarFeed, Visit

#: How often calendars are asked to look again.
REFRESH = timedelta(hours=4)
#: A cancelled visit is struck out this long, so that a telephone that was off still hears of it.
CANCELLED_FOR = timedelta(days=30)
PAST_FOR = timedelta(days=365)


# --- the secret address -------------------------------------------------------------------------
def token_of(feed: CalendarFeed) -> str:
    """The secret of a feed, made from its nonce and the site's key.

    "" where the key has changed since: the old address still opens the calendar, and nobody can
    show it again.
    """
    token = _token(feed.nonce)
    return token if constant_time_compare(_hash(token), feed.token_hash) else ""


def address_of(feed: CalendarFeed) -> str:
    """The absolute https address to subscribe to; "" as for ``token_of``."""
    token = token_of(feed)
    return settings.SITE_URL + reverse("calendar", args=[token]) if token else ""


def webcal(address: str) -> str:
    """The same address, written so that a tap on it opens the calendar of the device."""
    return f"webcal://{address.partition('://')[2]}" if address else ""


def feed_behind(token: str) -> CalendarFeed | None:
    """The feed that the token opens, if it is live and its client may still log in."""
    return (
        CalendarFeed.objects.filter(
            token_hash=_hash(token),
            revoked_at=None,
            client__membership__is_active=True,
            client__membership__user__is_active=True,
        )
        .select_related("clinic")
        .first()
    )


def _token(nonce: str) -> str:
    mac = salted_hmac("sessions.calendars", nonce, algorithm="sha256").digest()
    return urlsafe_b64encode(mac).rstrip(b"=").decode()


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


@transaction.atomic
def open_feed(*, client: Client, now: datetime) -> CalendarFeed:
    """The client's live feed, made if there is none."""
    # The client's row is the lock: two taps at once make one feed.
    Client.objects.select_for_update().get(pk=client.pk)
    live = CalendarFeed.objects.filter(client=client, revoked_at=None).first()
    return live or _new_feed(client, now)


@transaction.atomic
def renew_feed(*, client: Client, now: datetime) -> CalendarFeed:
    """A new address; the one before it opens nothing from now on."""
    close_feed(client=client, now=now)
    return _new_feed(client, now)


@transaction.atomic
def close_feed(*, client: Client, now: datetime) -> None:
    """The address opens nothing from now on; without a live one nothing happens."""
    Client.objects.select_for_update().get(pk=client.pk)
    CalendarFeed.objects.filter(client=client, revoked_at=None).update(revoked_at=now)


def _new_feed(client: Client, now: datetime) -> CalendarFeed:
    nonce = secrets.token_urlsafe(32)
    return CalendarFeed.objects.create(
        clinic_id=client.clinic_id,
        client=client,
        nonce=nonce,
        token_hash=_hash(_token(nonce)),
        created_at=now,
    )


# --- the calendar -------------------------------------------------------------------------------
def calendar_of(feed: CalendarFeed, *, now: datetime) -> bytes:
    """The feed as an iCalendar file. The same visits give the same bytes, whenever it is asked."""
    clinic = feed.clinic
    gone = Q(status__in=Visit.FREED, during__endswith__lte=now - CANCELLED_FOR)
    visits = list(
        Visit.objects.filter(
            clinic_id=feed.clinic_id,
            client=feed.client,
            during__endswith__gt=now - PAST_FOR,
        )
        .exclude(gone)
        .select_related("slot")
        .order_by("during", "pk")
    )
    calendar = icalendar.Calendar()
    # The product's own name is left out: it is a word about bones.
    calendar.add("prodid", "-//Appointments//EN")
    calendar.add("version", "2.0")
    calendar.add("x-wr-calname", f"Appointments, {clinic.name}")
    calendar.add("x-wr-timezone", clinic.timezone)
    calendar.add("refresh-interval", REFRESH, parameters={"VALUE": "DURATION"})
    calendar.add("x-published-ttl", icalendar.vDuration(REFRESH).to_ical().decode())
    for visit in visits:
        calendar.add_component(_event(visit, clinic))
    calendar.add_missing_timezones(*_years(visits))
    return calendar.to_ical()


def _event(visit: Visit, clinic: Clinic) -> icalendar.Event:
    changed_at = _changed_at(visit)
    event = icalendar.Event()
    event.add("uid", str(visit.uid))
    event.add("summary", f"Appointment, {clinic.name}")
    event.add("dtstart", visit.starts_at.astimezone(clinic.tz))
    event.add("dtend", visit.ends_at.astimezone(clinic.tz))
    event.add("dtstamp", changed_at)
    event.add("last-modified", changed_at)
    event.add("sequence", _sequence(visit, changed_at))
    event.add("status", "CANCELLED" if visit.status in Visit.FREED else "CONFIRMED")
    event.add("location", ", ".join(filter(None, [clinic.name, visit.slot.room, clinic.address])))
    if clinic.phone:
        event.add("description", f"To change it, call {clinic.phone}.")
    return event


def _changed_at(visit: Visit) -> datetime:
    """When the visit was last said to be something else than before, to the second, in UTC."""
    said = [moment for moment in (visit.said_at, visit.completed_at) if moment]
    return max([visit.created_at, *said]).astimezone(UTC).replace(microsecond=0)


def _sequence(visit: Visit, changed_at: datetime) -> int:
    """SEQUENCE must rise with each change, and nothing counts the changes of a visit.

    The seconds from its making to its last change do: 0 until somebody says something, and more
    with whatever is said later.
    """
    return max(0, int((changed_at - visit.created_at).total_seconds()))


def _years(visits: Sequence[Visit]) -> tuple[date, date]:
    """Whole years around the visits: a time zone's rules are written out for these only."""
    if not visits:
        return date(2000, 1, 1), date(2001, 1, 1)
    first, last = visits[0].starts_at.year, visits[-1].ends_at.year
    return date(first - 1, 1, 1), date(last + 2, 1, 1)
