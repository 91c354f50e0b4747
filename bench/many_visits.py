"""The visits of a large site, their sets and their notes, as lines of COPY's text format."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

from bench.many import AHEAD, FIRST, NULL, TODAY, WEEKS, Made, Person

#: In each week two.
TURNS = 2 * (WEEKS + AHEAD)
#: What no rule reads of an older visit is not made: prescription, answers on arrival, note.
LATELY = timedelta(days=92)
#: What becomes of a visit to which nobody comes.
AWAY = (
    "no_show",
    "late_cancel",
    "cancelled_client",
    "cancelled_client",
    "excused",
    "clinic_cancelled",
)
FREED = frozenset(AWAY) - {"no_show"}
#: Lift, rung, and the load in tenths of a kilogram that it began with.
LIFTS = (("hinge", "deadlift", 400), ("squat", "back-squat", 300), ("press", "overhead-press", 200))
#: The deadlift has a second set on so many visits; with it a visit has 3.65 sets.
SECOND = 0.65

VISIT = (
    "id", "uid", "clinic_id", "enrollment_id", "client_id", "slot_id", "place_id", "place_on",
    "during", "missed_after", "status", "purpose", "sequence", "told_sequence", "said_at",
    "said_by_id", "said_why", "completed_at", "completed_by_id", "created_at", "prescription",
    "answers",
)  # fmt: skip
SET = (
    "uid", "clinic_id", "visit_id", "enrollment_id", "lift", "exercise_id", "kind", "number",
    "rule_set_id", "prescribed_load", "prescribed_reps", "prescribed_reason", "effort_low", "load",
    "entered_load", "entered_unit", "reps", "rpe", "clean", "pain", "pain_site", "pain_kind",
    "disputed", "to_confirm", "outside_clearance", "voided", "revision", "supervisor_id",
    "logged_at",
)  # fmt: skip
NOTE = (
    "clinic_id", "visit_id", "version", "subjective", "objective", "assessment", "plan", "drafted",
    "reason", "signed_by_id", "signed_at",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Session:
    """One weekly class on one day, as COPY has its times."""

    day: date
    begins: str
    ends: str
    during: str
    grace: str
    #: When it was planned, and when somebody called off who did.
    planned: str
    said: str


def sessions_of(pair: tuple[int, int], hour: int) -> Iterator[Session]:
    """The days of a class that meets twice a week, the oldest first."""
    for week in range(WEEKS + AHEAD):
        for weekday in pair:
            day = FIRST + timedelta(weeks=week, days=weekday)
            begins, ends = f"{day} {hour:02}:00+00", f"{day} {hour:02}:30+00"
            yield Session(
                day,
                begins,
                ends,
                f'["{begins}","{ends}")',
                f"{day} {hour + 1:02}:30+00",
                f"{day - timedelta(weeks=AHEAD)} 04:00+00",
                f"{day - timedelta(days=2)} 12:00+00",
            )


@dataclass(slots=True)
class Log:
    """Lines by turn, in the order of the days, as a clinic writes them: what belongs to one client
    lies apart.
    """

    made: Made
    exercises: dict[str, int]
    chance: random.Random
    visits: list[list[str]] = field(default_factory=lambda: [[] for _ in range(TURNS)])
    sets: list[list[str]] = field(default_factory=lambda: [[] for _ in range(TURNS)])
    notes: list[list[str]] = field(default_factory=lambda: [[] for _ in range(TURNS)])

    def add(self, person: Person, sessions: Sequence[Session], first_slot: int) -> None:
        """The visits of one client, and what was written of those that took place."""
        came = 0
        for turn, one in enumerate(sessions):
            visit = (person.id - 1) * TURNS + turn + 1
            status = self._became(person, one)
            told = NULL
            if status == "attended":
                told = self._lifted(person, turn, one, visit, came)
                came += 1
            self._visit(person, turn, one, visit, status, first_slot + turn, told)

    def _became(self, person: Person, one: Session) -> str:
        if one.day >= TODAY:
            return "planned"
        if self.chance.random() < person.comes:
            return "attended"
        if one.day > TODAY - timedelta(days=14) and self.chance.random() < 0.03:
            return "unrecorded"
        return self.chance.choice(AWAY)

    def _visit(
        self, person: Person, turn: int, one: Session, visit: int, status: str, slot: int, told: str
    ) -> None:
        made, there = self.made, status == "attended"
        said = f"{one.said}\t{made.therapist}" if status in FREED else f"{NULL}\t{NULL}"
        signed = f"{one.ends}\t{made.therapist}" if there else f"{NULL}\t{NULL}"
        answers = NULL
        if there and one.day > TODAY - LATELY:
            score = self.chance.choices((0, 1, 2, 4), (92, 5, 2.5, 0.5))[0]
            answers = f'{{"next_day": [{score}, "", ""], "now": [0, "", ""], "away": ""}}'
            if not (person.signs_late and one.day > TODAY - timedelta(days=10)):
                self._note(turn, one, visit)
        place = 2 * person.id - 1 + turn % 2
        self.visits[turn].append(
            f"{visit}\t{visit:032x}\t{made.clinic}\t{person.id}\t{person.id}\t{slot}\t{place}"
            f"\t{one.day}\t{one.during}\t{one.grace}\t{status}\tregular\t0\t0\t{said}\t\t{signed}"
            f"\t{one.planned}\t{told}\t{answers}\n"
        )

    def _note(self, turn: int, one: Session, visit: int) -> None:
        made = self.made
        self.notes[turn].append(
            f"{made.clinic}\t{visit}\t1\tFelt well, no pain since last time."
            f"\tAll sets as planned, technique clean.\tTolerates the load.\tOn as planned."
            f"\t{{objective}}\t\t{made.therapist}\t{one.ends}\n"
        )

    def _lifted(self, person: Person, turn: int, one: Session, visit: int, came: int) -> str:
        """The sets of one attended visit; returns what she was told, as it is kept with it."""
        made, chance, ago = self.made, self.chance, (TODAY - one.day).days
        targets = []
        for index, (lift, slug, start) in enumerate(LIFTS):
            goes = person.goes[index]
            raised = came // person.raises[index]
            rpe, reason, clean = 17 if came % 4 == 0 else 16, "in_band", "t"
            if goes == "easy":
                # Nobody notes the technique, so nothing raises it, and nothing holds it.
                raised, rpe, clean = 0, 14, NULL
            elif goes == "hard":
                raised, rpe = 0, 17
            elif goes == "held" and ago < 60:
                raised, reason = 3, "held_pain"
            elif goes == "old" and ago < 80:
                rpe = 16
            elif goes == "over" and ago < 14:
                rpe = 19
            elif came and raised > (came - 1) // person.raises[index]:
                reason = "raised_in_band"
            load = (start + 25 * raised) / 10
            sets = 2 if index == 0 and chance.random() < SECOND else 1
            targets.append((lift, slug, load, sets, reason, rpe))
            for number in range(1, sets + 1):
                chances = chance.random()
                seen = "f" if clean == "t" and chances < 0.004 else clean
                pain = 6 if chances > 0.99997 else 1 if chances > 0.97 else 0
                self.sets[turn].append(
                    f"{4 * visit + index + (3 if number == 2 else 0):032x}\t{made.clinic}\t{visit}"
                    f"\t{person.id}\t{lift}\t{self.exercises[slug]}\tworking\t{number}"
                    f"\t{made.rule_set}\t{load}\t5\t{reason}\t16\t{load}\t{load}\tkg\t5\t{rpe}"
                    f"\t{seen}\t{pain}\t\t\tf\tf\tf\tf\t1\t{made.therapist}\t{one.ends}\n"
                )
        if ago >= LATELY.days:
            return NULL
        return _told(person, made, targets)


def _told(
    person: Person, made: Made, targets: Sequence[tuple[str, str, float, int, str, int]]
) -> str:
    """A prescription as ``sessions.told.dump`` writes it, and of its size."""
    return json.dumps(
        {
            "rule_set": made.rule_set,
            "versions": [made.version],
            "cleared": 1,
            "phase": person.phase,
            "targets": [
                {
                    "lift": lift,
                    "exercise": slug,
                    "kind": "load",
                    "load": f"{load:g}",
                    "sets": sets,
                    "reps": 5,
                    "effort_low": 16,
                    "effort_high": 18,
                    "landings": None,
                    "level": None,
                    "available": True,
                    "reason": [reason, [["rpe", str(rpe)], ["count", "1"], ["needed", "3"]]],
                    "last": f"{sets} × {load:g} kg × 5 @ {rpe}",
                }
                for lift, slug, load, sets, reason, rpe in targets
            ],
        },
        ensure_ascii=False,
    )
