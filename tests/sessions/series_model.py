"""A clinic's seats as plain Python: what the product is compared with, and knows nothing of it.

Times are the clinic's wall clock without a zone; which of them exist is asked of ``zoneinfo``.
A client's occurrence is hers by line (a weekly place and all that followed it) and week, a session
on its own by a number. Each rule is written here a second time, as simply as it can be.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

MINUTES = timedelta(minutes=30)
REST = timedelta(hours=48)
MAKE_UP_DAYS = 14
LATE = timedelta(hours=24)
WEEKS_AHEAD = 4
OWED = {"cancelled_client", "late_cancel", "excused", "clinic_cancelled", "holiday_closed"}
GONE = OWED | {"released"}


def monday(day: date) -> date:
    return day - timedelta(days=day.weekday())


@dataclass
class Place:
    client: int
    line: int
    weekday: int
    at: time
    room: str
    first: date
    last: date | None = None


@dataclass
class Seat:
    client: int
    room: str
    start: datetime
    place: Place | None = None
    week: date | None = None
    root: Seat | None = None
    status: str = "planned"
    said: datetime | None = None
    #: Given back with its class, whatever has been booked near it since.
    with_class: bool = False

    @property
    def on(self) -> bool:
        return self.status == "planned"

    @property
    def day(self) -> date:
        return self.start.date()


@dataclass
class Away:
    client: int
    first: date
    last: date
    added: datetime
    back: date | None = None

    def covers(self, day: date) -> bool:
        return self.first <= day <= self.last and (self.back is None or day < self.back)


@dataclass
class Closed:
    first: date
    last: date
    room: str


@dataclass
class Model:
    tz: ZoneInfo
    now: datetime  # with its zone
    places_each: int
    places: list[Place] = field(default_factory=list)
    seats: list[Seat] = field(default_factory=list)
    pauses: list[Away] = field(default_factory=list)
    closures: list[Closed] = field(default_factory=list)

    def wall(self, day: date, at: time) -> datetime:
        """What the clock of the clinic shows when a class of that time begins."""
        real = datetime.combine(day, at, tzinfo=self.tz).astimezone(UTC)
        return real.astimezone(self.tz).replace(tzinfo=None)

    def to_come(self, wall: datetime) -> bool:
        return wall.replace(tzinfo=self.tz).astimezone(UTC) > self.now

    @property
    def today(self) -> date:
        return self.now.astimezone(self.tz).date()

    def closed(self, day: date, room: str) -> bool:
        return any(one.first <= day <= one.last and one.room in ("", room) for one in self.closures)

    def away(self, client: int, day: date) -> bool:
        return any(one.client == client and one.covers(day) for one in self.pauses)

    def hers(self, client: int) -> list[Seat]:
        return [seat for seat in self.seats if seat.client == client]

    def rested(self, client: int, start: datetime, but: list[Seat]) -> bool:
        return all(
            abs(seat.start - start) >= REST
            for seat in self.hers(client)
            if seat.on and not any(seat is one for one in but)
        )

    def room_left(self, room: str, start: datetime, but: list[Seat]) -> bool:
        there = [
            seat
            for seat in self.seats
            if seat.on
            and (seat.room, seat.start) == (room, start)
            and not any(seat is one for one in but)
        ]
        return len(there) < self.places_each

    def may_come(self, client: int, room: str, start: datetime, but: list[Seat]) -> bool:
        return (
            self.to_come(start)
            and not self.closed(start.date(), room)
            and not self.away(client, start.date())
            and self.rested(client, start, but)
            and self.room_left(room, start, but)
        )

    def made_up(self, root: Seat) -> bool:
        return any(seat.root is root and seat.on for seat in self.seats)

    def excused_by_pause(self, seat: Seat) -> bool:
        return seat.status == "excused" and any(
            one.client == seat.client
            and one.covers(seat.day)
            and (seat.said is None or one.added <= seat.said)
            for one in self.pauses
        )

    def owed_until(self, seat: Seat) -> date | None:
        """The last day for a make-up; None where none is owed."""
        until = seat.day + timedelta(days=MAKE_UP_DAYS)
        owed = (
            seat.place is not None
            and seat.status in OWED
            and not self.excused_by_pause(seat)
            and not self.made_up(seat)
            and until >= self.today
        )
        return until if owed else None

    # --- what is done: True where it may be ---

    def plan(self) -> None:
        for place in self.places:
            day = max(place.first, self.today - timedelta(weeks=WEEKS_AHEAD))
            while day <= min(place.last or date.max, self.today + timedelta(weeks=WEEKS_AHEAD)):
                if day.weekday() == place.weekday:
                    self._plan_one(place, day)
                day += timedelta(days=1)

    def _plan_one(self, place: Place, day: date) -> None:
        start, hers = self.wall(day, place.at), self.hers(place.client)
        known = any(
            seat.place is not None and seat.place.line == place.line and seat.week == monday(day)
            for seat in hers
        )
        alone = any(seat.place is None and seat.start == start for seat in hers)
        if known or alone:
            return
        seat = Seat(place.client, place.room, start, place, monday(day))
        if self.closed(day, place.room) and self.to_come(start):
            seat.status, seat.said = "holiday_closed", self.now
        elif self.away(place.client, day):
            seat.status, seat.said = "excused", self.now
        elif any(one.on and abs(one.start - start) < MINUTES for one in hers):
            return  # the database leaves it out, and the next time it is tried again
        self.seats.append(seat)

    def cancel(self, seat: Seat, cause: str) -> bool:
        if not seat.on or not self.to_come(seat.start):
            return False
        late = seat.start.replace(tzinfo=self.tz).astimezone(UTC) - self.now < LATE
        hers = "late_cancel" if late else "cancelled_client"
        said = {"client": hers, "clinic": "clinic_cancelled", "excused": "excused"}
        seat.status, seat.said = said[cause], self.now
        return True

    def restore(self, seat: Seat) -> bool:
        if seat.on or self.made_up(seat.root or seat):
            return False
        if not self.may_come(seat.client, seat.room, seat.start, [seat]):
            return False
        seat.status, seat.said = "planned", None
        return True

    def move(self, seat: Seat, room: str, start: datetime) -> bool:
        if (seat.room, seat.start) == (room, start):
            return False
        if not seat.on or not self.to_come(seat.start):
            return False
        until = seat.root and seat.root.day + timedelta(days=MAKE_UP_DAYS)
        if not self.may_come(seat.client, room, start, [seat]) or (until and start.date() > until):
            return False
        seat.room, seat.start, seat.with_class = room, start, False
        return True

    def make_up(self, root: Seat, room: str, start: datetime) -> bool:
        until = self.owed_until(root)
        if until is None or start.date() > until or (root.room, root.start) == (room, start):
            return False
        if not self.may_come(root.client, room, start, []):
            return False
        self.seats.append(Seat(root.client, room, start, root=root))
        return True

    def extra(self, client: int, room: str, start: datetime) -> bool:
        if not self.may_come(client, room, start, []):
            return False
        self.seats.append(Seat(client, room, start))
        return True

    def pause(self, client: int, first: date, last: date) -> bool:
        if last < first or last < self.today:
            return False
        for one in self.pauses:
            days = (one.first + timedelta(days=n) for n in range((one.last - one.first).days + 1))
            if one.client == client and any(
                one.covers(day) and first <= day <= last for day in days
            ):
                return False
        self.pauses.append(Away(client, first, last, self.now))
        for seat in self.hers(client):
            if seat.on and self.to_come(seat.start) and first <= seat.day <= last:
                seat.status, seat.said = "excused", self.now
        return True

    def resume(self, pause: Away, on: date) -> bool:
        if pause.back is not None or on > pause.last:
            return False
        on = max(on, pause.first)
        excused = [
            seat
            for seat in self.hers(pause.client)
            if self.excused_by_pause(seat)
            and self.to_come(seat.start)
            and on <= seat.day <= pause.last
        ]
        pause.back = on
        for seat in sorted(excused, key=lambda one: one.start):
            if not self.made_up(seat.root or seat) and self.may_come(
                seat.client, seat.room, seat.start, [seat]
            ):
                seat.status, seat.said = "planned", None
        return True

    def end(self, place: Place, on: date) -> bool:
        if place.last is not None and place.last <= on:
            return False
        place.last = on
        for seat in self.seats:
            if seat.place is place and self._stands_for(seat) > on and self._goes(seat):
                seat.status, seat.said = "released", self.now
        return True

    def _stands_for(self, seat: Seat) -> date:
        assert seat.place is not None
        assert seat.week is not None
        return seat.week + timedelta(days=seat.place.weekday)

    def _goes(self, seat: Seat) -> bool:
        return seat.status in ("planned", "holiday_closed") and self.to_come(seat.start)

    def follow(self, seat: Seat, weekday: int, at: time, room: str) -> Place | None:
        """The new place; None where it may not be."""
        old = seat.place
        if old is None or not seat.on or not self.to_come(seat.start):
            return None
        assert seat.week is not None
        first = seat.week + timedelta(days=weekday)
        last = old.last
        if last is not None:
            final = max(
                day
                for day in (last - timedelta(days=n) for n in range(7))
                if day.weekday() == old.weekday
            )
            last = min(last, monday(final) + timedelta(days=weekday))
        new = Place(old.client, old.line, weekday, at, room, first, last)
        going = [
            one
            for one in self.hers(old.client)
            if one.place is old
            and one.week is not None
            and one.week >= seat.week
            and self._goes(one)
            and not self.made_up(one)
        ]
        if not self.to_come(self.wall(first, at)) or not self._apart(new, old):
            return None
        if not self._fits(new, going):
            return None
        begin = self._stands_for(seat)
        for one in self.hers(old.client):
            if one.place is old and one.week is not None and one.week >= seat.week:
                one.place = new
        old.last = begin - timedelta(days=1)
        self.places.append(new)
        for one in going:
            self._go(one, new)
        return new

    def _apart(self, new: Place, old: Place) -> bool:
        for other in self.places:
            if other.client != new.client or other is old:
                continue
            if (other.last or date.max) < new.first or (new.last or date.max) < other.first:
                continue
            days = abs(new.weekday - other.weekday)
            if min(days, 7 - days) < 2:
                return False
            gap = abs(self._in_week(new) - self._in_week(other))
            if min(gap, timedelta(days=7) - gap) < REST:
                return False
        return True

    @staticmethod
    def _in_week(place: Place) -> timedelta:
        return timedelta(days=place.weekday, hours=place.at.hour, minutes=place.at.minute)

    def _goes_to(self, seat: Seat, new: Place) -> datetime | None:
        assert seat.week is not None
        day = seat.week + timedelta(days=new.weekday)
        return None if day > (new.last or date.max) else self.wall(day, new.at)

    def _fits(self, new: Place, going: list[Seat]) -> bool:
        targets = [(seat, self._goes_to(seat, new)) for seat in going]
        kept = [(seat, start) for seat, start in targets if start is not None]
        for seat, start in kept:
            if self.closed(start.date(), new.room) or (seat.room, seat.start) == (new.room, start):
                continue
            if not self.may_come(seat.client, new.room, start, going):
                return False
        held = [start for _, start in kept if not self.closed(start.date(), new.room)]
        stays = {(one.room, one.start) for one, _ in kept} == {(new.room, at) for _, at in kept}
        if not held or stays:
            return True
        holders = [
            one
            for one in self.places
            if (one.weekday, one.at, one.room) == (new.weekday, new.at, new.room)
            and (one.last or date.max) >= new.first
        ]
        return len(holders) < self.places_each

    def _go(self, seat: Seat, new: Place) -> None:
        start = self._goes_to(seat, new)
        if start is None:
            seat.status, seat.said = "released", self.now
            return
        seat.room, seat.start, seat.with_class = new.room, start, False
        shut = self.closed(start.date(), new.room)
        seat.status, seat.said = ("holiday_closed", self.now) if shut else ("planned", None)

    def close(self, closure: Closed) -> bool:
        if closure.last < self.today:
            return False
        self.closures.append(closure)
        for seat in self.seats:
            if seat.on and self.to_come(seat.start) and self.closed(seat.day, seat.room):
                seat.status, seat.said = "holiday_closed", self.now
        return True

    def reopen(self, closure: Closed) -> bool:
        self.closures.remove(closure)
        for seat in self.seats:
            if (
                seat.status != "holiday_closed"
                or not self.to_come(seat.start)
                or self.closed(seat.day, seat.room)
                or self.made_up(seat.root or seat)
                or any(
                    one.on and abs(one.start - seat.start) < MINUTES
                    for one in self.hers(seat.client)
                )
            ):
                continue
            if self.away(seat.client, seat.day):
                seat.status, seat.said = "excused", self.now
            else:
                seat.status, seat.said, seat.with_class = "planned", None, True
        return True
