"""A client's calendar feed: right times, a rising sequence, a secret address, no health words."""

from __future__ import annotations

import hashlib
import io
import logging
import re
from datetime import UTC, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import icalendar
import pytest
import time_machine
from django.conf import settings
from django.test import Client as Browser
from django.test import override_settings

from bonefit.clinics.access import Role
from bonefit.clinics.actions import add_member, create_clinic
from programs import actions as programs
from programs import plans
from sessions import actions, calendars
from sessions.models import CalendarFeed, Visit
from sessions.planning import plan_visits
from tests.cast import NOW, Cast, assign, enroll, with_login

CALENDAR = "/c/north/my/calendar/"
HEALTH = re.compile(
    r"bone|osteo|fracture|density|exercis|train|session|lift|deadlift|squat|press|jump|landing|impact"
    r"|load|\bkg\b|\breps?\b|\bsets?\b|therap|physio|program|hirit|liftmor"
    r"|rehab|patient|pain|diagnos|health",
    re.IGNORECASE,
)


def path_of(feed: CalendarFeed) -> str:
    return calendars.address_of(feed).removeprefix(settings.SITE_URL)


def read(feed: CalendarFeed) -> icalendar.Calendar:
    """What a telephone reads, without any log-in."""
    response = Browser().get(path_of(feed))
    assert response.status_code == 200
    return icalendar.Calendar.from_ical(response.content)


def event(feed: CalendarFeed, visit: Visit) -> Any:
    found = [one for one in read(feed).walk("VEVENT") if str(one["UID"]) == str(visit.uid)]
    assert len(found) == 1
    return found[0]


# --- what stands in it ----------------------------------------------------------------------------
def test_every_visit_is_an_appointment_with_its_time_and_place(
    cast: Cast, feed: CalendarFeed
) -> None:
    cast.north.address = "12 River Street; Brisbane, QLD"
    cast.north.save()

    events = read(feed).walk("VEVENT")

    assert [str(one["UID"]) for one in events] == [str(visit.uid) for visit in cast.visits]
    first = events[0]
    assert first["SUMMARY"] == "Appointment, Northside"
    assert first["LOCATION"] == "Northside, Room 1, 12 River Street; Brisbane, QLD"
    assert first["DESCRIPTION"] == "To change it, call 07 5550 0100."
    assert first["STATUS"] == "CONFIRMED"
    assert first["SEQUENCE"] == 0
    assert first["DTSTART"].params["TZID"] == "Australia/Brisbane"
    assert first["DTSTART"].dt == datetime(2026, 3, 5, 9, tzinfo=ZoneInfo("Australia/Brisbane"))
    assert first["DTEND"].dt - first["DTSTART"].dt == timedelta(minutes=30)


def test_nothing_in_it_is_a_word_about_health(cast: Cast, feed: CalendarFeed) -> None:
    actions.say(visit=cast.visits[1], status="excused", by=cast.ana, why="Hip pain")
    cast.log_all(cast.visit, rpe=17, pain=4)
    actions.complete_visit(visit=cast.visit, by=cast.ana)

    text = Browser().get(path_of(feed)).content.decode().replace("\r\n ", "")

    assert "Appointment" in text
    assert HEALTH.findall(text) == []
    assert "Cal" not in re.sub(r"(BEGIN|END|X-WR-CAL\w*):V?\w*", "", text)


def test_of_the_other_clients_nothing_is_in_it(cast: Cast, feed: CalendarFeed) -> None:
    own = {str(visit.uid) for visit in cast.visits}

    assert {str(one["UID"]) for one in read(feed).walk("VEVENT")} == own
    assert Visit.objects.count() > len(own)


def test_calendars_are_asked_to_look_again_every_four_hours(feed: CalendarFeed) -> None:
    calendar = read(feed)

    assert calendar["REFRESH-INTERVAL"].to_ical() == b"PT4H"
    assert calendar["REFRESH-INTERVAL"].params["VALUE"] == "DURATION"
    assert calendar["X-PUBLISHED-TTL"] == "PT4H"


# --- changes --------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    "status", ["excused", "cancelled_client", "late_cancel", "clinic_cancelled", "holiday_closed"]
)
def test_a_cancelled_visit_is_struck_out_under_the_same_uid_and_a_higher_sequence(
    cast: Cast, feed: CalendarFeed, status: str
) -> None:
    visit = cast.visits[2]

    said_at = NOW + timedelta(minutes=5)
    actions.say(visit=visit, status=status, by=cast.ana, now=said_at)

    struck = event(feed, visit)
    assert struck["STATUS"] == "CANCELLED"
    assert struck["SEQUENCE"] == 1
    assert struck["LAST-MODIFIED"].dt == said_at


def test_the_sequence_goes_on_rising_when_a_word_is_taken_back(
    cast: Cast, feed: CalendarFeed
) -> None:
    visit = cast.visits[2]
    for minutes, status in enumerate(("excused", "planned", "clinic_cancelled"), start=1):
        actions.say(visit=visit, status=status, by=cast.ana, now=NOW + timedelta(minutes=minutes))
        changed = event(feed, visit)
        assert changed["SEQUENCE"] == minutes
        assert changed["STATUS"] == ("CONFIRMED" if status == "planned" else "CANCELLED")


def test_what_is_cancelled_is_kept_for_thirty_days_and_then_left_out(
    cast: Cast, feed: CalendarFeed
) -> None:
    visit = cast.visits[1]
    actions.say(visit=visit, status="excused", by=cast.ana)

    with time_machine.travel(visit.ends_at + timedelta(days=29)):
        assert event(feed, visit)["STATUS"] == "CANCELLED"
    with time_machine.travel(visit.ends_at + timedelta(days=31)):
        uids = {str(one["UID"]) for one in read(feed).walk("VEVENT")}
    assert str(visit.uid) not in uids
    assert str(cast.visits[2].uid) in uids


def test_a_missed_or_unrecorded_visit_stays_the_appointment_it_was(
    cast: Cast, feed: CalendarFeed
) -> None:
    Visit.objects.filter(pk=cast.visit.pk).update(status=Visit.Status.UNRECORDED)

    assert event(feed, cast.visit)["STATUS"] == "CONFIRMED"


# --- clocks that change ---------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("zone", "starts_on", "changes_on"),
    [
        ("Australia/Sydney", datetime(2026, 3, 19, tzinfo=UTC), datetime(2026, 4, 5, tzinfo=UTC)),
        ("Australia/Sydney", datetime(2026, 9, 21, tzinfo=UTC), datetime(2026, 10, 4, tzinfo=UTC)),
        ("Europe/London", datetime(2026, 3, 16, tzinfo=UTC), datetime(2026, 3, 29, tzinfo=UTC)),
        ("America/New_York", datetime(2026, 10, 19, tzinfo=UTC), datetime(2026, 11, 1, tzinfo=UTC)),
    ],
)
def test_nine_stays_nine_over_a_change_of_the_clocks(
    db: None, zone: str, starts_on: datetime, changes_on: datetime
) -> None:
    with time_machine.travel(starts_on):
        feed = feed_in(zone, starts_on)
        plan_visits(now=starts_on, clinic=feed.clinic)
        response = Browser().get(path_of(feed))

    calendar = icalendar.Calendar.from_ical(response.content)
    visits = {str(visit.uid): visit for visit in Visit.objects.filter(client=feed.client)}
    before = after = 0
    # The zone as the file itself describes it, for a device that knows no zones by name.
    (described,) = calendar.walk("VTIMEZONE")
    own_zone = described.to_tz(lookup_tzid=False)
    for one in calendar.walk("VEVENT"):
        local = one["DTSTART"].dt
        assert local.time() == time(9)
        assert one["DTSTART"].params["TZID"] == zone
        start = visits[str(one["UID"])].starts_at
        assert local.astimezone(UTC) == start
        assert local.replace(tzinfo=own_zone).astimezone(UTC) == start
        before += start < changes_on
        after += start > changes_on
    assert before >= 2
    assert after >= 2
    assert len({visit.starts_at.time() for visit in visits.values()}) == 2


def feed_in(zone: str, now: datetime) -> CalendarFeed:
    """The feed of a client in a clinic of that time zone, who comes on Mondays and Thursdays."""
    plans.forget()
    clinic = create_clinic(name="Elsewhere", slug="elsewhere", timezone=zone)
    programs.equip_clinic(clinic=clinic, now=now)
    ana = add_member(clinic=clinic, email="a@example.org", name="A. T.", roles=[Role.THERAPIST])
    client = enroll(ana, "Zoe Z.")
    with_login(client, "zoe@example.org")
    assign(client, ana, starts_on=now.date(), now=now)
    return calendars.open_feed(client=client, now=now)


@pytest.mark.parametrize("zone", ["UTC", "Asia/Kolkata"])
def test_a_zone_that_never_changes_its_clocks_works_too(db: None, zone: str) -> None:
    with time_machine.travel(NOW):
        calendar = read(feed_in(zone, NOW))

    first = calendar.walk("VEVENT")[0]
    assert first["DTSTART"].dt.astimezone(ZoneInfo(zone)).time() == time(9)


def test_a_client_without_visits_has_an_empty_calendar(cast: Cast) -> None:
    newcomer = enroll(cast.ana, "Nel N.")
    with_login(newcomer, "nel@example.org")

    calendar = read(calendars.open_feed(client=newcomer, now=NOW))

    assert calendar.walk("VEVENT") == []
    assert calendar["X-WR-CALNAME"] == "Appointments, Northside"


# --- asked again ----------------------------------------------------------------------------------
def test_what_has_not_changed_is_not_sent_again(cast: Cast, feed: CalendarFeed) -> None:
    first = Browser().get(path_of(feed))
    with time_machine.travel(NOW + timedelta(hours=4)):
        again = Browser().get(path_of(feed), headers={"if-none-match": first["ETag"]})
    assert again.status_code == 304
    assert again.content == b""

    actions.say(visit=cast.visits[2], status="excused", by=cast.ana)

    changed = Browser().get(path_of(feed), headers={"if-none-match": first["ETag"]})
    assert changed.status_code == 200
    assert changed["ETag"] != first["ETag"]


def test_it_is_a_calendar_that_no_proxy_keeps_and_no_search_engine_lists(
    feed: CalendarFeed,
) -> None:
    response = Browser().get(path_of(feed))

    assert response["Content-Type"] == "text/calendar; charset=utf-8"
    assert "private" in response["Cache-Control"]
    assert response["X-Robots-Tag"] == "noindex"
    assert "Set-Cookie" not in response
    assert Browser().post(path_of(feed)).status_code == 405


# --- the secret address ---------------------------------------------------------------------------
def test_the_database_holds_only_the_hash_of_the_token(feed: CalendarFeed) -> None:
    token = calendars.token_of(feed)

    assert re.fullmatch(r"[A-Za-z0-9_-]{43}", token)
    assert feed.token_hash == hashlib.sha256(token.encode()).hexdigest()
    assert token not in " ".join(map(str, CalendarFeed.objects.values_list().get()))


def test_a_copy_of_the_database_opens_no_calendar_without_the_key(feed: CalendarFeed) -> None:
    with override_settings(SECRET_KEY="somebody else's key, who has a copy of the database"):
        assert calendars.token_of(feed) == ""
        assert calendars.address_of(feed) == ""


@pytest.mark.parametrize("token", ["x", "A" * 43, "%00", "é" * 43])
def test_a_guessed_token_opens_nothing_and_gives_no_hint(feed: CalendarFeed, token: str) -> None:
    response = Browser().get(f"/calendar/{token}.ics")

    assert response.status_code == 404
    assert response.content == b"Not found.\n"


def test_a_renewed_or_revoked_address_looks_like_one_that_never_was(
    cast: Cast, feed: CalendarFeed
) -> None:
    old = path_of(feed)
    renewed = calendars.renew_feed(client=cast.cal_client, now=NOW)
    assert path_of(renewed) != old
    assert Browser().get(path_of(renewed)).status_code == 200
    never = Browser().get("/calendar/never.ics")

    calendars.close_feed(client=cast.cal_client, now=NOW)

    for path in (old, path_of(renewed)):
        gone = Browser().get(path)
        assert (gone.status_code, gone.content) == (404, never.content)
        # Each answer has a number of its own.
        assert dict(gone.items()) == {**never.headers, "X-Request-ID": gone["X-Request-ID"]}


@pytest.mark.parametrize("closed", ["membership", "user"])
def test_the_address_closes_with_the_log_in(cast: Cast, feed: CalendarFeed, closed: str) -> None:
    row = cast.cal if closed == "membership" else cast.cal.user
    row.is_active = False
    row.save()

    assert Browser().get(path_of(feed)).status_code == 404


def test_opening_a_feed_twice_gives_the_same_one(cast: Cast, feed: CalendarFeed) -> None:
    assert calendars.open_feed(client=cast.cal_client, now=NOW) == feed


def test_the_token_is_kept_out_of_the_logs(cast: Cast, feed: CalendarFeed) -> None:
    handler = logging.getLogger().handlers
    console = next(one for one in handler if any("WithoutSecrets" in repr(f) for f in one.filters))
    assert isinstance(console, logging.StreamHandler)
    token = calendars.token_of(feed)
    calendars.close_feed(client=cast.cal_client, now=NOW)
    said = io.StringIO()
    usual = console.setStream(said)
    try:
        Browser().get(f"/calendar/{token}.ics")
        logging.getLogger("django.server").info('"GET /calendar/%s.ics HTTP/1.1" 200 9', token)
    finally:
        if usual:
            console.setStream(usual)

    assert said.getvalue().count("/calendar/…") == 2
    assert token not in said.getvalue()
