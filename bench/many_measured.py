"""What was measured of the clients of a large site: rounds of tests, and bone scans."""

from __future__ import annotations

import json
import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

from bench.many import NULL, TODAY, Made, Person
from bonefit.clients.measures import PARTS
from bonefit.clinics.months import months_after

#: Months from round to round, as the clinics' rules have them.
EVERY, SCANNED_EVERY = 4, 12
#: Of a round: the measure, a usual value, and how far two rounds differ.
TESTS = (
    ("tug", 9.0, 0.6),
    ("sts5", 12.0, 0.9),
    ("single_leg_stance", 18.0, 3.0),
    ("leg_strength", 60.0, 4.0),
    ("back_strength", 40.0, 3.0),
    ("weight", 66.0, 1.0),
    ("height", 161.0, 0.2),
)
SCANS = (
    ("lumbar_bmd", "lumbar", "", "L1-L4", 0.82),
    ("femoral_neck_bmd", "femoral_neck", "left", "", 0.64),
    ("total_hip_bmd", "total_hip", "left", "", 0.74),
)
#: Who has lost height, and bone, since the round before.
SHORTER, LESS_BONE = 0.004, 0.01

BATTERY = (
    "id", "clinic_id", "client_id", "uid", "taken_on", "assessor_id", "treating", "note",
    "recorded_at", "recorded_by_id",
)  # fmt: skip
MEASUREMENT = (
    "clinic_id", "client_id", "battery_id", "measure", "taken_on", "amount", "not_done", "entered",
    "entered_unit", "trials", "site", "side", "region", "device_id", "detail", "assessor_id",
    "recorded_at", "recorded_by_id", "replaced_why", "external_id",
)  # fmt: skip
NOTHING, EMPTY = json.dumps([]), json.dumps({})


@dataclass(slots=True)
class Measured:
    """Lines of one clinic. ``next`` is the id of its next round."""

    made: Made
    chance: random.Random
    next: int
    batteries: list[str] = field(default_factory=list)
    measurements: list[str] = field(default_factory=list)

    def add(self, person: Person) -> None:
        """Rounds of tests since she began, most of them in time; the first scan, and the next."""
        for number, day in enumerate(self._days(person.start, EVERY)):
            self._round(person.id, day, number)
        for number, day in enumerate(self._days(person.start, SCANNED_EVERY)):
            self._scan(person.id, day, number)

    def _days(self, start: date, every: int) -> list[date]:
        """Of all rounds that are due nineteen in twenty, up to three weeks early, a few late."""
        days, number = [], 0
        while True:
            due = months_after(start, every * number)
            taken = due + timedelta(days=self.chance.randint(-21, 6))
            if taken >= TODAY:
                return days
            if self.chance.random() < 0.95:
                days.append(taken)
            number += 1

    def _round(self, client: int, day: date, number: int) -> None:
        made, chance = self.made, self.chance
        battery, self.next = self.next, self.next + 1
        self.batteries.append(
            f"{battery}\t{made.clinic}\t{client}\t{battery:032x}\t{day}\t{made.therapist}\tt\t"
            f"\t{day} 12:00+00\t{made.therapist}\n"
        )
        for measure, usual, differs in TESTS:
            value = usual + differs * (chance.random() - 0.5)
            if measure == "height" and number and chance.random() < SHORTER:
                value -= 2.4
            self._measured(client, str(battery), day, measure, value, ("", "", "", NULL))

    def _scan(self, client: int, day: date, number: int) -> None:
        for measure, site, side, region, usual in SCANS:
            value = usual * (0.99 if number == 0 else 0.995 + 0.01 * self.chance.random())
            if number and self.chance.random() < LESS_BONE:
                value *= 0.93
            about = (site, side, region, str(self.made.scanner))
            self._measured(client, NULL, day, measure, value, about)

    def _measured(
        self,
        client: int,
        battery: str,
        day: date,
        measure: str,
        value: float,
        about: Sequence[str],
    ) -> None:
        made, (site, side, region, device) = self.made, about
        self.measurements.append(
            f"{made.clinic}\t{client}\t{battery}\t{measure}\t{day}\t{round(value * PARTS)}\t"
            f"\t{value:.3f}\t\t{NOTHING}\t{site}\t{side}\t{region}\t{device}\t{EMPTY}"
            f"\t{made.therapist}\t{day} 12:00+00\t{made.therapist}\t\t\n"
        )
