"""A clinic beside its model: each thing is done to the rows and to the model alike."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

from django.db import transaction

from bonefit.clinics import actions as clinics
from bonefit.clinics.access import Role
from programs import actions as programs
from programs.loads import DEFAULT_INVENTORY
from programs.models import Enrollment
from programs.rules import DEFAULT_RULES
from sessions import booking, closures, pausing, series
from sessions.booking import NoSeat
from sessions.clashes import Clash
from sessions.models import Closure, Pause, Slot, StandingPlace, Supervision, Visit
from sessions.planning import plan_visits
from tests.cast import assign, enroll
from tests.sessions.series_model import Away, Closed, Model, Place, Seat, monday

PLACES = 2
TIMES = (time(9), time(11), time(2, 30))
#: Each clinic's clock, the devices' one, and a week before something happens to the clock.
WORLDS = (
    ("Australia/Brisbane", "Australia/Perth", date(2026, 3, 2)),
    ("Australia/Sydney", "Europe/London", date(2026, 3, 23)),
    ("Australia/Sydney", "Pacific/Auckland", date(2026, 9, 21)),
    ("America/New_York", "Asia/Tokyo", date(2026, 2, 23)),
    ("America/New_York", "America/Los_Angeles", date(2026, 10, 19)),
    ("Europe/Berlin", "Australia/Brisbane", date(2026, 3, 16)),
    ("Europe/Berlin", "America/New_York", date(2026, 10, 12)),
    ("Australia/Brisbane", "UTC", date(2028, 2, 14)),
    ("Europe/Berlin", "Pacific/Kiritimati", date(2028, 2, 14)),
)


class World:
    """A clinic with three clients, a hall with classes of its own, and the model beside it."""

    def __init__(self, case: int, zone: str, start: date, chance: Random) -> None:
        self.chance = chance
        tz = ZoneInfo(zone)
        self.now = datetime.combine(start, time(6), tzinfo=tz).astimezone(UTC)
        self.clinic = clinics.create_clinic(name="Case", slug=f"case-{case}", timezone=zone)
        before = self.now - timedelta(days=1)
        programs.equip_clinic(clinic=self.clinic, now=before)
        programs.publish_rules(
            clinic=self.clinic,
            rules=replace(DEFAULT_RULES, group_warn_above=PLACES),
            inventory=DEFAULT_INVENTORY,
            by=None,
            now=before,
        )
        self.supervisor = {
            room: clinics.add_member(
                clinic=self.clinic,
                email=f"{room[-1].lower()}{case}@example.org",
                name=f"T. of {room}",
                roles=[Role.THERAPIST],
            )
            for room in ("Room 1", "Room 2", "Hall")
        }
        self.by = self.supervisor["Room 1"]
        self.model = Model(tz, self.now, PLACES)
        self.places: dict[int, Place] = {}
        self.alone: dict[int, Seat] = {}
        self.pauses: dict[int, Away] = {}
        self.closed: dict[int, Closed] = {}
        self.seen: dict[int, tuple[tuple[Any, ...], int]] = {}
        self.enrollments = [
            self._client(number, weekdays, at, start)
            for number, (weekdays, at) in enumerate(
                [((0, 3), time(9)), ((0, 3), time(9)), ((1, 4), time(2, 30))]
            )
        ]
        self._hall(start)
        self.model.plan()

    def _client(self, number: int, weekdays: tuple[int, int], at: time, start: date) -> Enrollment:
        client = enroll(self.by, f"Client {number}")
        enrollment = assign(
            client, self.by, starts_on=start, weekdays=weekdays, at=at, now=self.now
        )
        for place in enrollment.places.order_by("pk"):
            line = len(self.places)
            hers = Place(number, line, place.weekday, place.at, place.room, start)
            self.places[place.pk] = hers
            self.model.places.append(hers)
        return enrollment

    def _hall(self, start: date) -> None:
        """Classes that nobody has a place in: on Wednesdays, Saturdays and Sundays."""
        for week in range(9):
            for weekday, at in ((2, time(11)), (5, time(9)), (6, time(15, 30))):
                day = monday(start) + timedelta(weeks=week, days=weekday)
                starts_at = datetime.combine(day, at, tzinfo=self.clinic.tz)
                ends_at = starts_at + timedelta(minutes=30)
                slot = Slot.objects.create(
                    clinic=self.clinic, room="Hall", starts_at=starts_at, ends_at=ends_at
                )
                Supervision.objects.create(
                    clinic=self.clinic,
                    slot=slot,
                    member=self.supervisor["Hall"],
                    during=(starts_at, ends_at),
                )

    # --- from the model to rows and back ---

    def seat_of(self, visit: Visit) -> Seat | None:
        if visit.place_id is None:
            return self.alone.get(visit.pk)
        place, week = self.places[visit.place_id], monday(visit.place_on or date.min)
        found = [
            seat
            for seat in self.model.hers(place.client)
            if seat.place is not None and (seat.place.line, seat.week) == (place.line, week)
        ]
        assert len(found) < 2
        return found[0] if found else None

    def visits(self) -> list[Visit]:
        rows = Visit.objects.filter(clinic=self.clinic).order_by("pk")
        return list(rows.select_related("slot", "client", "enrollment__client", "place"))

    def wall(self, moment: datetime) -> datetime:
        return moment.astimezone(self.clinic.tz).replace(tzinfo=None)

    # --- what is done to both ---

    def step(self) -> str:
        """One thing, done to the rows and to the model; its name for the failure's message."""
        self.now += timedelta(minutes=1)
        self.model.now = self.now
        acts = {
            "cancel": 4,
            "restore": 3,
            "move": 4,
            "make_up": 4,
            "extra": 2,
            "pause": 1.5,
            "resume": 2.5,
            "follow": 4,
            "end": 0.3,
            "close": 1,
            "reopen": 1.5,
            "advance": 2,
        }
        name = self.chance.choices(list(acts), list(acts.values()))[0]
        return f"{name}: {getattr(self, f'_{name}')()}"

    def _both(self, may: bool, act: Any, **more: Any) -> Any:
        """The rows do what the model allows, and nothing else."""
        done, refused = None, ""
        try:
            with transaction.atomic():
                done = act(now=self.now, **more)
        except (NoSeat, Clash) as words:
            refused = str(words)
        assert bool(refused) != may, (refused, more)
        return done

    def _visit(self, *, on: bool | None = None) -> Visit:
        """Mostly one that is still to come."""
        rows = self.visits()
        fine = [
            row
            for row in rows
            if row.starts_at > self.now and (on is None or (row.status == "planned") == on)
        ]
        return self.chance.choice(fine if fine and self.chance.random() < 0.9 else rows)

    def _slot(self, number: int, *gives_way: Seat) -> Slot:
        """Any class of three weeks, one that the client may come to, or one near what she left."""
        soon = list(
            Slot.objects.filter(
                clinic=self.clinic,
                starts_at__gt=self.now - timedelta(days=1),
                starts_at__lt=self.now + timedelta(days=21),
            ).order_by("pk")
        )
        left = [seat.start for seat in self.model.hers(number) if not seat.on]
        near = timedelta(hours=47)
        chosen = {
            "any": soon,
            "may": [
                slot
                for slot in soon
                if self.model.may_come(
                    number, slot.room, self.wall(slot.starts_at), list(gives_way)
                )
            ],
        }
        chosen["near"] = [
            slot
            for slot in chosen["may"]
            if any(abs(self.wall(slot.starts_at) - start) < near for start in left)
        ]
        return self.chance.choice(chosen[self.chance.choice(list(chosen))] or soon)

    def _cancel(self) -> str:
        visit = self._visit(on=True)
        cause = self.chance.choice(["client", "clinic", "excused"])
        seat = self.seat_of(visit)
        assert seat is not None
        may = self.model.cancel(seat, cause)
        self._both(may, booking.cancel, visit=visit, cause=cause, why="Said", by=self.by)
        return f"{visit.pk} {cause} {may}"

    def _restore(self) -> str:
        visit = self._visit(on=False)
        seat = self.seat_of(visit)
        assert seat is not None
        may = self.model.restore(seat)
        self._both(may, booking.restore, visit=visit, by=self.by)
        return f"{visit.pk} {may}"

    def _move(self) -> str:
        visit = self._visit(on=True)
        seat = self.seat_of(visit)
        assert seat is not None
        slot = self._slot(seat.client, seat)
        may = self.model.move(seat, slot.room, self.wall(slot.starts_at))
        self._both(may, booking.move, visit=visit, slot=slot, by=self.by, why="Asked")
        return f"{visit.pk} to {slot.room} {self.wall(slot.starts_at)} {may}"

    def _make_up(self) -> str:
        rows = self.visits()
        owed = [row for row in rows if (seat := self.seat_of(row)) and self.model.owed_until(seat)]
        root = self.chance.choice(owed if owed and self.chance.random() < 0.9 else rows)
        seat = self.seat_of(root)
        assert seat is not None
        slot = self._slot(seat.client)
        may = self.model.make_up(seat, slot.room, self.wall(slot.starts_at))
        visit = self._both(
            may,
            booking.book,
            enrollment=root.enrollment,
            slot=slot,
            purpose="make_up",
            makes_up=root,
            by=self.by,
        )
        if visit is not None:
            self.alone[visit.pk] = self.model.seats[-1]
        return f"{root.pk} at {slot.room} {self.wall(slot.starts_at)} {may}"

    def _extra(self) -> str:
        number = self.chance.randrange(3)
        slot = self._slot(number)
        may = self.model.extra(number, slot.room, self.wall(slot.starts_at))
        visit = self._both(
            may,
            booking.book,
            enrollment=self.enrollments[number],
            slot=slot,
            purpose="extra",
            by=self.by,
        )
        if visit is not None:
            self.alone[visit.pk] = self.model.seats[-1]
        return f"{number} at {slot.room} {self.wall(slot.starts_at)} {may}"

    def _day(self, least: int, most: int) -> date:
        return self.model.today + timedelta(days=self.chance.randint(least, most))

    def _pause(self) -> str:
        number, first = self.chance.randrange(3), self._day(-2, 20)
        last = first + timedelta(days=self.chance.randint(-1, 16))
        may = self.model.pause(number, first, last)
        pause = self._both(
            may,
            series.pause,
            enrollment=self.enrollments[number],
            starts_on=first,
            ends_on=last,
            why="Away",
            by=self.by,
        )
        if pause is not None:
            self.pauses[pause.pk] = self.model.pauses[-1]
        return f"{number} {first} to {last} {may}"

    def _resume(self) -> str:
        if not self.pauses:
            return "nothing"
        pk = self.chance.choice(sorted(self.pauses))
        hers, on = self.pauses[pk], self._day(-1, 12)
        may = self.model.resume(hers, on)
        self._both(may, pausing.resume, pause=Pause.objects.get(pk=pk), on=on, by=self.by)
        return f"{hers} {may}"

    def _follow(self) -> str:
        placed = [row for row in self.visits() if row.place_id and row.starts_at > self.now]
        if not placed:
            return "nothing"
        # Half of them belong to a place that something follows already.
        ended = [row for row in placed if self.places[row.place_id or 0].last is not None]
        visit = self.chance.choice(ended if ended and self.chance.random() < 0.5 else placed)
        seat = self.seat_of(visit)
        assert seat is not None
        weekday, at = self.chance.randrange(7), self.chance.choice(TIMES)
        room = self.chance.choice(["Room 1", "Room 2"])
        place = self.model.follow(seat, weekday, at, room)
        made = self._both(
            place is not None,
            series.move_following,
            visit=visit,
            weekday=weekday,
            at=at,
            room=room,
            supervisor=self.supervisor[room],
            minutes=30,
            by=self.by,
            why="Asked",
        )
        if made is not None and place is not None:
            self.places[made.pk] = place
            self._plan()
        return f"{visit.pk} to {weekday} {at} {room} {place is not None}"

    def _end(self) -> str:
        pk = self.chance.choice(sorted(self.places))
        on = self._day(-3, 20)
        may = self.model.end(self.places[pk], on)
        place = StandingPlace.objects.select_related("enrollment__client").get(pk=pk)
        self._both(may, series.end_place, place=place, on=on, why="Asked", by=self.by)
        return f"{pk} {on} {may}"

    def _close(self) -> str:
        first = self._day(-1, 20)
        closed = Closed(first, first + timedelta(days=self.chance.randint(0, 3)), "")
        closed.room = self.chance.choice(["", "", "Room 1"])
        may = self.model.close(closed)
        made = self._both(
            may,
            closures.close,
            name="Closed",
            starts_on=closed.first,
            ends_on=closed.last,
            room=closed.room,
            by=self.by,
        )
        if made is not None:
            self.closed[made[0].pk] = closed
        return f"{closed} {may}"

    def _reopen(self) -> str:
        if not self.closed:
            return "nothing"
        pk = self.chance.choice(sorted(self.closed))
        closed = self.closed.pop(pk)
        may = self.model.reopen(closed)
        self._both(may, closures.reopen, closure=Closure.objects.get(pk=pk), by=self.by)
        return f"{closed}"

    def _advance(self) -> str:
        self.now += timedelta(days=self.chance.randint(1, 9), hours=self.chance.randint(0, 20))
        self.model.now = self.now
        self._plan()
        return f"{self.now}"

    def _plan(self) -> None:
        plan_visits(now=self.now, clinic=self.clinic)
        self.model.plan()
