"""A reader of iCalendar files, written from RFC 5545 alone: a second opinion beside ``icalendar``.

It unfolds lines, reads parameters and escaped text, works out the offsets of a VTIMEZONE from its
own onsets (DTSTART, RDATE, and yearly RRULEs), and says what is not valid. It looks no time zone up
by its name: what a file does not describe, it does not know.
"""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

LONGEST = 75  # octets of a line, without its end (3.1)
WEEKDAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
ONCE_A_CALENDAR = ("PRODID", "VERSION")  # 3.6
ONCE_AN_EVENT = ("UID", "DTSTAMP", "DTSTART")  # 3.6.1
AT_MOST_ONCE = (
    "SUMMARY",
    "DTEND",
    "DESCRIPTION",
    "LOCATION",
    "STATUS",
    "SEQUENCE",
    "LAST-MODIFIED",
)
ONCE_AN_OBSERVANCE = ("DTSTART", "TZOFFSETFROM", "TZOFFSETTO")  # 3.6.5
STATUSES = ("TENTATIVE", "CONFIRMED", "CANCELLED")


class NotACalendar(ValueError):
    """The file is not what RFC 5545 says it must be."""


@dataclass
class Property:
    """A content line: name, parameters and the value as it was written."""

    name: str
    params: dict[str, str]
    raw: str

    @property
    def text(self) -> str:
        """A TEXT value without its escapes (3.3.11)."""
        return re.sub(r"\\([\\;,Nn])", lambda m: "\n" if m[1] in "nN" else m[1], self.raw)


@dataclass
class Component:
    """What stands between BEGIN and END."""

    name: str
    properties: list[Property] = field(default_factory=list)
    parts: list[Component] = field(default_factory=list)

    def all(self, name: str) -> list[Property]:
        return [one for one in self.properties if one.name == name]

    def one(self, name: str) -> Property:
        found = self.all(name)
        if len(found) != 1:
            raise NotACalendar(f"{self.name} has {len(found)} {name}, not one")
        return found[0]

    def named(self, name: str) -> list[Component]:
        return [part for part in self.parts if part.name == name]


# --- lines ----------------------------------------------------------------------------------------
def lines_of(data: bytes) -> list[str]:
    """The content lines, unfolded (3.1)."""
    if not data.endswith(b"\r\n"):
        raise NotACalendar("the file does not end with CRLF")
    physical = data[:-2].split(b"\r\n")
    for line in physical:
        if b"\n" in line or b"\r" in line:
            raise NotACalendar("a line ends without CRLF")
        if len(line) > LONGEST:
            raise NotACalendar(f"a line has {len(line)} octets")
    unfolded: list[bytes] = []
    for line in physical:
        if line[:1] in (b" ", b"\t"):
            if not unfolded:
                raise NotACalendar("the first line is folded")
            unfolded[-1] += line[1:]
        else:
            unfolded.append(line)
    return [line.decode("utf-8") for line in unfolded]


_NAME = re.compile(r"[A-Za-z0-9-]+")
_PARAM = re.compile(r';([A-Za-z0-9-]+)=("[^"]*"|[^";:,]*)')


def property_of(line: str) -> Property:
    """``name *(";" param) ":" value`` (3.1)."""
    name = _NAME.match(line)
    if name is None:
        raise NotACalendar(f"no name: {line!r}")
    at, params = name.end(), {}
    while param := _PARAM.match(line, at):
        params[param[1].upper()] = param[2].strip('"')
        at = param.end()
    if line[at : at + 1] != ":":
        raise NotACalendar(f"no value: {line!r}")
    return Property(name[0].upper(), params, line[at + 1 :])


def parse(data: bytes) -> Component:
    """The one VCALENDAR of a file."""
    stack = [Component("")]
    for line in lines_of(data):
        prop = property_of(line)
        if prop.name == "BEGIN":
            stack.append(Component(prop.raw.upper()))
        elif prop.name == "END":
            done = stack.pop()
            if done.name != prop.raw.upper() or not stack:
                raise NotACalendar(f"END:{prop.raw} ends nothing")
            stack[-1].parts.append(done)
        else:
            stack[-1].properties.append(prop)
    if len(stack) != 1 or [part.name for part in stack[0].parts] != ["VCALENDAR"]:
        raise NotACalendar("a file has one VCALENDAR, begun and ended")
    return stack[0].parts[0]


# --- moments --------------------------------------------------------------------------------------
def wall_clock(raw: str) -> datetime:
    """A DATE-TIME in form #1: what a clock on the wall shows (3.3.5)."""
    return datetime.strptime(raw, "%Y%m%dT%H%M%S")  # noqa: DTZ007 - a wall clock


def offset(raw: str) -> timedelta:
    """A UTC-OFFSET (3.3.14)."""
    found = re.fullmatch(r"([+-])(\d\d)(\d\d)(\d\d)?", raw)
    if found is None or raw in ("-0000", "-000000"):
        raise NotACalendar(f"{raw!r} is no offset")
    hours, minutes, seconds = int(found[2]), int(found[3]), int(found[4] or 0)
    size = timedelta(hours=hours, minutes=minutes, seconds=seconds)
    return size if found[1] == "+" else -size


@dataclass
class Zone:
    """A VTIMEZONE: the wall clocks at which an offset begins, each with the one before it."""

    onsets: list[tuple[datetime, timedelta, timedelta]]

    def instant(self, wall: datetime) -> datetime:
        """The moment of a wall clock (3.3.5, 3.6.5). The last onset before it holds.

        An onset is given by the clock before it. A time that the clocks skip is read with the
        offset before the gap, and one that comes twice is its first: before the onset, that is.
        """
        holding = self.onsets[0][1]
        for onset, before, after in self.onsets:
            if onset <= wall:
                skipped = wall < onset + max(timedelta(0), after - before)
                holding = before if skipped else after
        return (wall - holding).replace(tzinfo=UTC)


def zone_of(component: Component, *, last_year: int) -> Zone:
    """The onsets that a VTIMEZONE describes, up to a year."""
    onsets = []
    for observance in component.parts:
        if observance.name not in ("STANDARD", "DAYLIGHT"):
            raise NotACalendar(f"{observance.name} in a VTIMEZONE")
        before = offset(observance.one("TZOFFSETFROM").raw)
        after = offset(observance.one("TZOFFSETTO").raw)
        for wall in _onsets(observance, last_year):
            onsets.append((wall, before, after))
    if not onsets:
        raise NotACalendar("a VTIMEZONE without STANDARD or DAYLIGHT")
    return Zone(sorted(onsets))


def _onsets(observance: Component, last_year: int) -> Iterator[datetime]:
    first = wall_clock(observance.one("DTSTART").raw)
    yield first
    for rdate in observance.all("RDATE"):
        yield from (wall_clock(raw) for raw in rdate.raw.split(","))
    for rule in observance.all("RRULE"):
        yield from _yearly(dict(part.split("=") for part in rule.raw.split(";")), first, last_year)


def _yearly(rule: dict[str, str], first: datetime, last_year: int) -> Iterator[datetime]:
    """The nth weekday of a month, each year: what time zones are described by."""
    if rule.pop("FREQ") != "YEARLY":
        raise NotACalendar("a rule of a time zone that is not yearly")
    by_day = re.fullmatch(r"([+-]?\d)([A-Z]{2})", rule.pop("BYDAY", ""))
    month = int(rule.pop("BYMONTH", "0"))
    if by_day is None or not month or rule:
        raise NotACalendar(f"a rule of a time zone that is not known: {rule}")
    at, day = int(by_day[1]), by_day[2]
    for year in range(first.year + 1, last_year + 1):
        wanted = [
            number
            for number in range(1, monthrange(year, month)[1] + 1)
            if datetime(year, month, number).weekday() == WEEKDAYS.index(day)  # noqa: DTZ001
        ]
        number = wanted[at - 1] if at > 0 else wanted[at]
        yield first.replace(year=year, month=month, day=number)


# --- what it says ---------------------------------------------------------------------------------
@dataclass
class Event:
    """An event as a telephone shows it."""

    uid: str
    summary: str
    location: str
    description: str
    status: str
    sequence: int
    tzid: str
    wall: datetime
    starts_at: datetime
    ends_at: datetime
    stamp: datetime


def events_of(data: bytes) -> list[Event]:
    """The events of a file, with moments worked out from the file's own time zones."""
    calendar = parse(data)
    zones = {
        zone.one("TZID").text: zone_of(zone, last_year=2040) for zone in calendar.named("VTIMEZONE")
    }
    return [_event(event, zones) for event in calendar.named("VEVENT")]


def _event(event: Component, zones: dict[str, Zone]) -> Event:
    def text(name: str) -> str:
        found = event.all(name)
        return found[0].text if found else ""

    start, end = event.one("DTSTART"), event.one("DTEND")
    tzid = start.params.get("TZID", "")
    return Event(
        uid=text("UID"),
        summary=text("SUMMARY"),
        location=text("LOCATION"),
        description=text("DESCRIPTION"),
        status=text("STATUS"),
        sequence=int(event.one("SEQUENCE").raw),
        tzid=tzid,
        wall=wall_clock(start.raw.rstrip("Z")),
        starts_at=moment(start, zones),
        ends_at=moment(end, zones),
        stamp=moment(event.one("DTSTAMP"), zones),
    )


def moment(prop: Property, zones: dict[str, Zone]) -> datetime:
    """A DATE-TIME as an instant; one that floats is refused."""
    if prop.raw.endswith("Z"):
        if "TZID" in prop.params:
            raise NotACalendar(f"{prop.name} is in UTC and has a TZID")
        return wall_clock(prop.raw[:-1]).replace(tzinfo=UTC)
    if "TZID" not in prop.params:
        raise NotACalendar(f"{prop.name} floats")
    if prop.params["TZID"] not in zones:
        raise NotACalendar(f"{prop.params['TZID']} is not described")
    return zones[prop.params["TZID"]].instant(wall_clock(prop.raw))


def problems(data: bytes) -> list[str]:
    """Everything about a file that RFC 5545 does not allow; [] where it is valid."""
    try:
        calendar = parse(data)
        events_of(data)
    except (NotACalendar, ValueError) as wrong:
        return [str(wrong)]
    found = [
        f"VCALENDAR: {name} × {len(calendar.all(name))}"
        for name in ONCE_A_CALENDAR
        if len(calendar.all(name)) != 1
    ]
    described = [zone.one("TZID").text for zone in calendar.named("VTIMEZONE")]
    used = {
        prop.params["TZID"]
        for event in calendar.named("VEVENT")
        for prop in event.properties
        if "TZID" in prop.params
    }
    if sorted(described) != sorted(used):
        found.append(f"time zones used {sorted(used)}, described {sorted(described)}")
    for zone in calendar.named("VTIMEZONE"):
        for part in zone.parts:
            found += [f"{part.name}: {n}" for n in ONCE_AN_OBSERVANCE if len(part.all(n)) != 1]
    return found + [wrong for event in calendar.named("VEVENT") for wrong in _of_event(event)]


def _of_event(event: Component) -> Iterator[str]:
    yield from (f"VEVENT: {n}" for n in ONCE_AN_EVENT if len(event.all(n)) != 1)
    yield from (f"VEVENT: {n} twice" for n in AT_MOST_ONCE if len(event.all(n)) > 1)
    if not event.one("DTSTAMP").raw.endswith("Z"):
        yield "DTSTAMP is not in UTC"
    if event.one("STATUS").raw not in STATUSES:
        yield f"STATUS {event.one('STATUS').raw}"
    if not event.one("SEQUENCE").raw.isdecimal():
        yield f"SEQUENCE {event.one('SEQUENCE').raw}"
    if event.all("DURATION") and event.all("DTEND"):
        yield "DTEND and DURATION"
