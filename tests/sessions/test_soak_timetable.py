"""A long run: classes made, moved alone and in series, called off, closed, beside a simple model.

The model keeps for each class and week the day, the hour and what has called it off. After every
step the slots, the seats in them and the time of their supervisors must say the same.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from random import Random
from zoneinfo import ZoneInfo

import pytest
from django.db import transaction

from programs.models import Enrollment
from sessions.clashes import Clash
from sessions.closures import close, reopen
from sessions.following import change_following
from sessions.models import Closure, Slot, Supervision, Visit, WeeklySlot
from sessions.planning import plan_visits
from sessions.timetable import call_off, change_slot, take_back_call_off
from tests.cast import NOW, TODAY, assign, enroll
from tests.classes_of_week import as_, season, weekly

ZONES = ("Australia/Brisbane", "Australia/Sydney", "America/New_York", "Europe/Berlin")
BY_HAND = -1
WINDOW, WEEK = timedelta(weeks=4), timedelta(weeks=1)
STATUS = {None: "planned", BY_HAND: "clinic_cancelled"}


@dataclass
class Held:
    """One class as the model has it; ``off`` is BY_HAND, the key of a closure, or None."""

    day: date
    hour: int
    alone: bool = False
    off: int | None = None


@dataclass
class Series:
    """A weekly class: how it is held from which week on, and the weeks that are there."""

    room: str
    supervisor: object
    enrollment: Enrollment
    #: (Monday of the first week, weekday, hour), the latest last.
    rules: list[tuple[date, int, int]]
    weeks: dict[date, Held] = field(default_factory=dict)


class Model:
    """What should be there, worked out one class at a time."""

    def __init__(self, tz: ZoneInfo) -> None:
        self.tz = tz
        self.now = NOW
        self.closures: dict[int, tuple[date, date]] = {}
        self.series: list[Series] = []

    def starts(self, one: Held) -> datetime:
        return datetime.combine(one.day, time(one.hour), tzinfo=self.tz)

    def closed(self, day: date) -> int | None:
        covering = [
            (first, key) for key, (first, last) in self.closures.items() if first <= day <= last
        ]
        return min(covering)[1] if covering else None

    def plan(self) -> None:
        today = self.now.astimezone(self.tz).date()
        for series in self.series:
            monday = today - timedelta(days=today.weekday())
            while monday <= today + WINDOW:
                _, weekday, hour = [rule for rule in series.rules if rule[0] <= monday][-1]
                one = Held(monday + timedelta(days=weekday), hour)
                ahead = today <= one.day <= today + WINDOW
                if ahead and monday not in series.weeks and self._ends(one) > self.now:
                    one.off = self.closed(one.day)
                    series.weeks[monday] = one
                monday += WEEK

    def _ends(self, one: Held) -> datetime:
        return self.starts(one) + timedelta(minutes=30)

    def to_come(self, one: Held) -> bool:
        return self.starts(one) > self.now

    def close(self, key: int, first: date, last: date) -> None:
        self.closures[key] = (first, last)
        for one in self._all():
            if self.to_come(one) and one.off is None and first <= one.day <= last:
                one.off = key

    def reopen(self, key: int) -> None:
        del self.closures[key]
        for one in self._all():
            if one.off == key and self.to_come(one):
                one.off = self.closed(one.day)

    def follow(self, series: Series, monday: date, weekday: int, hour: int) -> None:
        later = [rule[0] for rule in series.rules if rule[0] > monday]
        until = min(later, default=date.max)  # what was said for later on holds from then on
        kept = [rule for rule in series.rules if rule[0] != monday]
        series.rules = sorted([*kept, (monday, weekday, hour)])
        for week, one in series.weeks.items():
            if monday <= week < until and not one.alone:
                one.day, one.hour = week + timedelta(days=weekday), hour
                if one.off != BY_HAND:
                    one.off = self.closed(one.day)

    def _all(self) -> list[Held]:
        return [one for series in self.series for one in series.weeks.values()]


class Walk:
    """The same steps through the product and through the model."""

    def __init__(self, cast, chance: Random) -> None:
        self.cast, self.chance = cast, chance
        cast.north.timezone = chance.choice(ZONES)
        cast.north.save(update_fields=["timezone"])
        Visit.objects.all().delete()
        Supervision.objects.all().delete()
        Slot.objects.all().delete()
        cast.enrollment.places.all().delete()
        cast.cam_enrollment.places.all().delete()
        self.model = Model(cast.north.tz)
        autumn = season(cast.ana)
        for number, supervisor in enumerate((cast.ana, cast.tess)):
            room, hour = f"Hall {number}", 9 + number
            weekly(autumn, number, as_(supervisor, at=time(hour), room=room), by=cast.ana)
            hers = assign(enroll(cast.ana, f"Zoe {number}"), supervisor, weekdays=())
            hers.places.create(
                clinic=cast.north,
                weekday=number,
                at=time(hour),
                minutes=30,
                room=room,
                supervisor=supervisor,
                starts_on=TODAY,
            )
            rule = (date(2026, 3, 2), number, hour)
            self.model.series.append(Series(room, supervisor, hers, [rule]))
        self.plan()

    @property
    def now(self) -> datetime:
        return self.model.now

    def plan(self) -> None:
        plan_visits(now=self.now, clinic=self.cast.north)
        self.model.plan()

    def step(self) -> None:
        acts = (self.wait, self.alone, self.follow, self.call_off, self.take_back, self.close)
        self.chance.choice((*acts, self.follow, self.reopen))()
        self.plan()
        self.same()

    def wait(self) -> None:
        self.model.now += timedelta(hours=self.chance.randint(1, 240))

    def _one(self) -> tuple[Series, date, Held, Slot]:
        series = self.chance.choice(self.model.series)
        monday = self.chance.choice(sorted(series.weeks))
        return series, monday, series.weeks[monday], self._slots(series)[monday]

    def _slots(self, series: Series) -> dict[date, Slot]:
        rows = Slot.objects.filter(room=series.room, weekly__isnull=False).select_related("weekly")
        return {slot.weekly_on - timedelta(days=slot.weekly_on.weekday()): slot for slot in rows}

    def alone(self) -> None:
        series, _, one, slot = self._one()
        hour = self.chance.randint(7, 18)
        wanted = as_(series.supervisor, at=time(hour), room=series.room)
        try:
            change_slot(
                slot=slot, day=one.day, wanted=wanted, by=self.cast.ana, why="", now=self.now
            )
        except Clash:
            return
        assert one.off is None
        one.hour, one.alone = hour, True

    def follow(self) -> None:
        series, monday, _, slot = self._one()
        weekday, hour = self.chance.randint(0, 4), self.chance.randint(7, 18)
        wanted = as_(series.supervisor, at=time(hour), room=series.room)
        try:
            change_following(
                slot=slot, weekday=weekday, wanted=wanted, by=self.cast.ana, why="", now=self.now
            )
        except Clash:
            return
        self.model.follow(series, monday, weekday, hour)

    def call_off(self) -> None:
        _, _, one, slot = self._one()
        if one.off is None and self.model.to_come(one):
            assert call_off(slot=slot, why="Flood", by=self.cast.ana, now=self.now) == 1
            one.off = BY_HAND

    def take_back(self) -> None:
        _, _, one, slot = self._one()
        try:
            take_back_call_off(slot=slot, by=self.cast.ana, now=self.now)
        except Clash:
            return
        assert one.off == BY_HAND
        one.off = None

    def close(self) -> None:
        first = self.now.astimezone(self.model.tz).date() + timedelta(
            days=self.chance.randint(0, 35)
        )
        last = first + timedelta(days=self.chance.randint(0, 9))
        closure, _ = close(
            name="Closed", starts_on=first, ends_on=last, by=self.cast.ada, now=self.now
        )
        self.model.close(closure.pk, first, last)

    def reopen(self) -> None:
        if self.model.closures:
            key = self.chance.choice(sorted(self.model.closures))
            reopen(closure=Closure.objects.get(pk=key), by=self.cast.ada, now=self.now)
            self.model.reopen(key)

    def same(self) -> None:
        for series in self.model.series:
            slots = self._slots(series)
            assert slots.keys() == series.weeks.keys()
            assert Slot.objects.filter(room=series.room).count() == len(slots)
            for monday, one in series.weeks.items():
                slot = slots[monday]
                off = BY_HAND if slot.called_off_at and slot.closure_id is None else slot.closure_id
                assert (slot.starts_at, slot.detached, off) == (
                    self.model.starts(one),
                    one.alone,
                    one.off,
                )
                (visit,) = slot.visits.all()
                expected = STATUS.get(one.off, "holiday_closed")
                assert (visit.status, visit.starts_at) == (expected, slot.starts_at)
                assert visit.missed_after == slot.ends_at + timedelta(hours=1)
                assert visit.place_on == slot.weekly_on
                (row,) = slot.supervisions.all()
                assert (row.during is None) == (slot.called_off_at is not None)
                assert row.during is None or row.during.lower == slot.starts_at
            hers = series.enrollment.places.filter(ends_on=None)
            assert hers.count() == 1
            live = WeeklySlot.objects.get(room=series.room, ends_on=None)
            assert (live.weekday, live.at.hour) == series.rules[-1][1:]
            assert (hers[0].weekday, hers[0].at) == (live.weekday, live.at)


@pytest.mark.soak
def test_the_timetable_and_a_simple_model_say_the_same(cast, soak):
    for case in soak(150, 4):
        with transaction.atomic():
            walk = Walk(cast, soak.random(case))
            for _ in range(20):
                walk.step()
            transaction.set_rollback(True)
