"""The feed is read back by ``icalendar`` and by a second reader, and both say what is planned.

The second one (``rfc5545``) knows no time zone by its name: it has what the file describes.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import icalendar
import pytest
import time_machine
from django.test import Client as Browser
from hypothesis import given
from hypothesis import strategies as st

from bonefit.clinics.access import Role
from bonefit.clinics.actions import add_member, create_clinic
from programs import actions as programs
from programs import plans
from programs.calendar import wall_time
from sessions import actions, booking, calendars
from sessions.calendar_zones import timezone_of
from sessions.models import CalendarFeed, Slot, Visit
from sessions.planning import plan_visits
from tests.cast import NOW, Cast, assign, enroll, with_login
from tests.portal import rfc5545
from tests.portal.test_calendar_feed import path_of

ZONES = ("Australia/Brisbane", "Australia/Sydney", "America/New_York", "Europe/Berlin")


def file_of(feed: CalendarFeed) -> bytes:
    response = Browser().get(path_of(feed))
    assert response.status_code == 200
    return response.content


def feed_in(zone: str, now: datetime, *, at: time = time(9)) -> CalendarFeed:
    """The feed of a client of a clinic there, who comes on Mondays and Thursdays."""
    plans.forget()
    clinic = create_clinic(name="Elsewhere", slug="elsewhere", timezone=zone, phone="1")
    programs.equip_clinic(clinic=clinic, now=now)
    ana = add_member(clinic=clinic, email="a@example.org", name="A. T.", roles=[Role.THERAPIST])
    client = enroll(ana, "Zoe Z.")
    with_login(client, "zoe@example.org")
    assign(client, ana, starts_on=now.date(), now=now, at=at)
    return calendars.open_feed(client=client, now=now)


# --- what it says ---------------------------------------------------------------------------------
def test_it_is_valid(cast: Cast, feed: CalendarFeed) -> None:
    assert rfc5545.problems(file_of(feed)) == []


def test_both_readers_say_the_same_as_the_plan(cast: Cast, feed: CalendarFeed) -> None:
    cast.north.address = "12 River Street; Brisbane, QLD, up the stairs \\ on the left"
    cast.north.save()
    actions.say(visit=cast.visits[2], status="excused", by=cast.ana)

    data = file_of(feed)

    first = {str(one["UID"]): one for one in icalendar.Calendar.from_ical(data).walk("VEVENT")}
    second = {event.uid: event for event in rfc5545.events_of(data)}
    assert set(first) == set(second) == {str(visit.uid) for visit in cast.visits}
    for visit in cast.visits:
        one, other = first[str(visit.uid)], second[str(visit.uid)]
        assert one["DTSTART"].dt == other.starts_at == visit.starts_at
        assert one["DTEND"].dt == other.ends_at == visit.ends_at
        assert str(one["SUMMARY"]) == other.summary == "Appointment, Northside"
        assert str(one["LOCATION"]) == other.location
        assert other.location == f"Northside, Room 1, {cast.north.address}"
        assert int(one["SEQUENCE"]) == other.sequence == visit.sequence
        gone = visit.status == Visit.Status.EXCUSED
        assert str(one["STATUS"]) == other.status == ("CANCELLED" if gone else "CONFIRMED")


def test_a_seat_that_moves_keeps_its_uid_and_rises_in_sequence(
    cast: Cast, feed: CalendarFeed
) -> None:
    visit = cast.visits[1]
    slot = Slot.objects.create(
        clinic=cast.north,
        room="Room 1",
        starts_at=visit.starts_at + timedelta(hours=2),
        ends_at=visit.ends_at + timedelta(hours=2),
    )
    slot.supervisions.create(
        clinic=cast.north, member=cast.ana, during=(slot.starts_at, slot.ends_at)
    )
    before = {event.uid: event for event in rfc5545.events_of(file_of(feed))}

    booking.move(visit=visit, slot=slot, by=cast.dee, why="", now=NOW + timedelta(minutes=9))

    after = {event.uid: event for event in rfc5545.events_of(file_of(feed))}
    assert set(before) == set(after)
    moved = after[str(visit.uid)]
    assert moved.starts_at == visit.starts_at + timedelta(hours=2)
    assert (moved.status, moved.sequence) == ("CONFIRMED", 1)
    assert moved.stamp == NOW + timedelta(minutes=9)
    assert before[str(visit.uid)].sequence == 0


def test_the_sequence_rises_with_each_change_and_never_falls(
    cast: Cast, feed: CalendarFeed
) -> None:
    visit, seen = cast.visits[1], [0]
    for minute, act in enumerate((booking.cancel, booking.restore) * 3, start=1):
        now = NOW + timedelta(minutes=minute)
        more = {"cause": "client", "why": ""} if act is booking.cancel else {}
        act(visit=visit, by=cast.cal, now=now, **more)
        event = next(one for one in rfc5545.events_of(file_of(feed)) if one.uid == str(visit.uid))
        assert event.sequence > seen[-1]
        assert event.stamp == now
        seen.append(event.sequence)


# --- clocks that change ---------------------------------------------------------------------------
@pytest.mark.parametrize("zone", ZONES)
@pytest.mark.parametrize("starts_on", [date(2026, 3, 2), date(2026, 9, 14), date(2028, 2, 21)])
def test_nine_o_clock_is_nine_o_clock_by_the_file_s_own_zone(
    db: None, zone: str, starts_on: date
) -> None:
    """Over the changes of spring and autumn, and over 29 February 2028."""
    now = datetime.combine(starts_on, time(0), tzinfo=UTC)
    with time_machine.travel(now, tick=False):
        feed = feed_in(zone, now)
        plan_visits(now=now + timedelta(weeks=4), clinic=feed.clinic)
        plan_visits(now=now + timedelta(weeks=8), clinic=feed.clinic)
        data = file_of(feed)

    assert rfc5545.problems(data) == []
    visits = {str(visit.uid): visit for visit in Visit.objects.filter(client=feed.client)}
    events = rfc5545.events_of(data)
    assert len(events) == len(visits) > 16
    for event in events:
        assert event.starts_at == visits[event.uid].starts_at
        assert event.ends_at - event.starts_at == timedelta(minutes=30)
        assert event.tzid == zone
        assert event.wall.time() == time(9)
        assert event.starts_at.astimezone(ZoneInfo(zone)).time() == time(9)
    offsets = {one.starts_at.astimezone(ZoneInfo(zone)).utcoffset() for one in events}
    assert len(offsets) == (1 if zone == "Australia/Brisbane" else 2)


def test_the_leap_day_itself_is_a_day(db: None) -> None:
    """29 February 2028 is a Tuesday."""
    now = datetime(2028, 2, 1, tzinfo=UTC)
    with time_machine.travel(now, tick=False):
        feed = feed_in("Europe/Berlin", now)
        visit = Visit.objects.filter(client=feed.client).earliest("during")
        start = wall_time(date(2028, 2, 29), time(9), ZoneInfo("Europe/Berlin"))
        Visit.objects.filter(pk=visit.pk).update(during=(start, start + timedelta(minutes=30)))
        event = next(one for one in rfc5545.events_of(file_of(feed)) if one.uid == str(visit.uid))

    assert event.wall == datetime(2028, 2, 29, 9)  # noqa: DTZ001 - a wall clock
    assert event.starts_at == datetime(2028, 2, 29, 8, tzinfo=UTC)


@pytest.mark.parametrize("zone", [*ZONES, "Europe/Dublin", "Australia/Lord_Howe", "Asia/Kolkata"])
@given(moment=st.datetimes(datetime(2024, 1, 2), datetime(2029, 12, 30)))  # noqa: DTZ001 - made aware
def test_at_any_moment_the_zone_in_the_file_is_the_zone(zone: str, moment: datetime) -> None:
    known = described(zone)
    instant = moment.replace(microsecond=0, tzinfo=UTC)
    local = instant.astimezone(ZoneInfo(zone))
    wall = local.replace(tzinfo=None)

    if local.fold:  # the second time that a clock shows this: its first time is meant
        instant = wall.replace(tzinfo=ZoneInfo(zone), fold=0).astimezone(UTC)
    assert known.instant(wall) == instant


@pytest.mark.parametrize("zone", ZONES[1:])
@pytest.mark.parametrize("minutes", [-61, -60, -31, -1, 0, 1, 29, 59, 60, 61, 119, 120])
def test_around_both_changes_of_the_clocks_to_the_minute(zone: str, minutes: int) -> None:
    known, tz = described(zone), ZoneInfo(zone)
    for change in changes_in(tz, 2026):
        instant = change + timedelta(minutes=minutes)
        local = instant.astimezone(tz)
        first = local.replace(fold=0).astimezone(UTC)
        assert known.instant(local.replace(tzinfo=None)) == first
        assert first == (instant - timedelta(hours=1) if local.fold else instant)


@pytest.mark.parametrize("zone", ZONES[1:])
def test_a_time_that_the_clocks_skip_is_the_one_that_the_planner_means(zone: str) -> None:
    """Half past two in Berlin on 29 March 2026 is half past three."""
    known, tz = described(zone), ZoneInfo(zone)
    forward = [one for one in changes_in(tz, 2026) if one.astimezone(tz).dst()]
    assert len(forward) == 1
    before = forward[0] - timedelta(seconds=1)
    skipped = before.astimezone(tz).replace(tzinfo=None) + timedelta(minutes=30, seconds=1)

    assert known.instant(skipped) == wall_time(skipped.date(), skipped.time(), tz)


def described(zone: str) -> rfc5545.Zone:
    data = b"BEGIN:VCALENDAR\r\n" + timezone_of(zone, 2023, 2031).to_ical() + b"END:VCALENDAR\r\n"
    return rfc5545.zone_of(rfc5545.parse(data).named("VTIMEZONE")[0], last_year=2031)


def changes_in(tz: ZoneInfo, year: int) -> list[datetime]:
    """The moments of that year at which the offset changes, by looking at every minute's half."""
    moment, found = datetime(year, 1, 1, tzinfo=UTC), []
    while moment.year == year:
        step = timedelta(minutes=30)
        if moment.astimezone(tz).utcoffset() != (moment + step).astimezone(tz).utcoffset():
            found.append(moment + step)
        moment += step
    return found


# --- the reader itself ----------------------------------------------------------------------------
GOOD = (
    "BEGIN:VCALENDAR\r\nPRODID:x\r\nVERSION:2.0\r\nBEGIN:VEVENT\r\nUID:1\r\n"
    "DTSTAMP:20260305T020000Z\r\nDTSTART:20260309T090000Z\r\nDTEND:20260309T093000Z\r\n"
    "SEQUENCE:0\r\nSTATUS:CONFIRMED\r\nSUMMARY:A\\, B\\; C\\\\ D\\nE\r\n"
    "END:VEVENT\r\nEND:VCALENDAR\r\n"
)


def test_the_second_reader_finds_nothing_wrong_with_what_is_right() -> None:
    assert rfc5545.problems(GOOD.encode()) == []
    assert rfc5545.events_of(GOOD.encode())[0].summary == "A, B; C\\ D\nE"


@pytest.mark.parametrize(
    ("good", "bad"),
    [
        ("\r\n", "\n"),
        ("SUMMARY:", f"SUMMARY:{'x' * 80}"),
        ("PRODID:x\r\n", ""),
        ("UID:1\r\n", "UID:1\r\nUID:2\r\n"),
        ("DTSTART:20260309T090000Z", "DTSTART:20260309T090000"),
        ("DTSTART:20260309T090000Z", "DTSTART;TZID=Europe/Berlin:20260309T090000"),
        ("STATUS:CONFIRMED", "STATUS:PLANNED"),
        ("SEQUENCE:0", "SEQUENCE:-1"),
        ("END:VEVENT\r\n", ""),
        ("DTSTAMP:20260305T020000Z\r\n", ""),
    ],
)
def test_the_second_reader_finds_what_is_wrong(good: str, bad: str) -> None:
    assert good in GOOD

    assert rfc5545.problems(GOOD.replace(good, bad).encode()) != []


def test_a_folded_line_is_read_as_one_also_inside_a_letter() -> None:
    data = GOOD.encode().replace(b"SUMMARY:A", "SUMMARY:Zoë".encode()[:-1] + b"\r\n " + b"\xab")

    assert rfc5545.events_of(data)[0].summary.startswith("Zoë")


def test_it_reads_a_zone_by_its_yearly_rules_too() -> None:
    """New York as RFC 5545 itself describes it."""
    said = (
        "BEGIN:VCALENDAR\r\nBEGIN:VTIMEZONE\r\nTZID:New York\r\n"
        "BEGIN:DAYLIGHT\r\nDTSTART:20070311T020000\r\nRRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=2SU\r\n"
        "TZOFFSETFROM:-0500\r\nTZOFFSETTO:-0400\r\nEND:DAYLIGHT\r\n"
        "BEGIN:STANDARD\r\nDTSTART:20071104T020000\r\nRRULE:FREQ=YEARLY;BYMONTH=11;BYDAY=1SU\r\n"
        "TZOFFSETFROM:-0400\r\nTZOFFSETTO:-0500\r\nEND:STANDARD\r\n"
        "END:VTIMEZONE\r\nEND:VCALENDAR\r\n"
    )
    zone = rfc5545.zone_of(rfc5545.parse(said.encode()).named("VTIMEZONE")[0], last_year=2027)

    for day in (date(2026, 3, 7), date(2026, 3, 8), date(2026, 11, 1), date(2026, 11, 2)):
        wall = datetime.combine(day, time(9))
        assert zone.instant(wall) == wall_time(day, time(9), ZoneInfo("America/New_York"))
