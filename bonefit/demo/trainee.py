"""One invented client over her weeks: what her therapist decides, and what becomes of a visit."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from random import Random
from typing import Any

from bonefit.clients import actions as clients
from bonefit.clients.models import Client
from bonefit.clinics.models import Membership
from bonefit.demo.lifting import Lifter, Noted
from bonefit.demo.memory import Memory
from bonefit.demo.stories import Story
from programs import actions as programs
from programs.calendar import week_number
from programs.loads import Inventory
from programs.models import Decision, Enrollment, Exercise, ProgramVersion
from programs.rules import Rules
from sessions import actions, moving

#: The week in which each phase begins, and the impact level that is cleared by then.
PROMOTIONS = {5: "BUILD", 9: "LOAD", 36: "MAINTAIN"}
CLEARED_IN = {5: 1, 9: 2, 13: 3, 18: 4, 24: 5}
LANDINGS = ("heel-raise", "heel-drop", "stomp", "small-jump", "assisted-jump", "jumping-chin-up")
#: A beginner's way up the ladders: the week, and for each lift the rung and its first load in kg.
BEGINNERS: dict[int, dict[str, tuple[str, str | None]]] = {
    1: {
        "hinge": ("dowel-hip-hinge", None),
        "squat": ("sit-to-stand", None),
        "press": ("wall-slide", None),
    },
    3: {
        "hinge": ("kettlebell-deadlift", "8"),
        "squat": ("goblet-squat", "6"),
        "press": ("dumbbell-press", "3"),
    },
    5: {
        "hinge": ("deadlift", "17.5"),
        "squat": ("back-squat", "15"),
        "press": ("overhead-press", "10"),
    },
}
BASE = {"hinge": "deadlift", "squat": "back-squat", "press": "overhead-press"}


@dataclass(slots=True)
class Trainee:
    """A client of a demo clinic, her story, and the therapist whose word counts."""

    story: Story
    client: Client
    therapist: Membership
    rng: Random
    starts_on: date | None = None
    enrollment: Enrollment | None = None
    version_id: int = 0
    cleared: int = 0
    memory: Memory | None = None

    @property
    def has_left(self) -> bool:
        """She has finished or withdrawn: what was foreseen of her does not come to pass."""
        return self.enrollment is not None and self.enrollment.status != Enrollment.Status.ACTIVE

    def week_of(self, day: date) -> int:
        """Week of the program on a day; 0 before it begins."""
        return (week_number(self.starts_on, day) or 0) if self.starts_on else 0

    # --- what is decided ----------------------------------------------------------------------

    def assign(
        self, version: ProgramVersion, rungs: Mapping[str, Exercise], now: datetime
    ) -> Enrollment:
        """Start her on the program, each lift where a technique set was seen to stand."""
        assert self.starts_on is not None
        if self.story.start is None:
            begins = BEGINNERS[1]
        else:
            begins = {
                lift: (BASE[lift], load) for lift, load in zip(BASE, self.story.start, strict=True)
            }
        lifts = [
            programs.StartingLift(lift, rungs[slug], _kg(load), _observed(load))
            for lift, (slug, load) in begins.items()
        ]
        lifts.append(programs.StartingLift("impact", rungs[LANDINGS[0]]))
        self.enrollment = programs.assign_program(
            client=self.client,
            version=version,
            therapist=self.therapist,
            starts_on=self.starts_on,
            lifts=lifts,
            by=self.therapist,
            now=now,
        )
        self.version_id = version.pk
        return self.enrollment

    def begin_week(self, week: int, rungs: Mapping[str, Exercise], now: datetime) -> None:
        """What her therapist decides at the beginning of a week of hers."""
        if self.story.ends and week >= self.story.ends[0]:
            self._end(now)
            return
        if self.story.start is None and week in BEGINNERS and week > 1:
            for lift, (slug, load) in BEGINNERS[week].items():
                self._decide(
                    Decision.Kind.CHANGE_RUNG,
                    "Technique signed off.",
                    now,
                    lift=lift,
                    exercise=rungs[slug],
                    load=_kg(load),
                )
        if week in PROMOTIONS:
            why = "Criteria of the phase are met."
            self._decide(Decision.Kind.PROMOTE, why, now, phase=PROMOTIONS[week])
        level = CLEARED_IN.get(week)
        if level is not None and level <= self.story.impact:
            self._clear(level, rungs[LANDINGS[level]], now)
        for held in self.story.held:
            if week == held.first:
                self._decide(Decision.Kind.HOLD, held.why, now, lift=held.lift)
            if week == held.until:
                self._decide(Decision.Kind.RELEASE, "No complaint any more.", now, lift=held.lift)

    def _decide(
        self,
        kind: str,
        reason: str,
        now: datetime,
        *,
        lift: str = "",
        exercise: Exercise | None = None,
        load: Decimal | None = None,
        phase: str = "",
    ) -> None:
        assert self.enrollment is not None
        decision = actions.decide(
            enrollment=self.enrollment,
            kind=kind,
            by=self.therapist,
            reason=reason,
            lift=lift,
            exercise=exercise,
            load=load,
            phase=phase,
            now=now,
        )
        if self.memory is not None:
            self.memory.decided(decision)

    def _clear(self, level: int, exercise: Exercise, now: datetime) -> None:
        clients.record_clearance(
            client=self.client,
            by=self.therapist,
            cleared_by="Dr L. H.",
            cleared_on=now.astimezone(self.client.clinic.tz).date(),
            impact_level=level,
            now=now,
        )
        self.cleared = level
        why = f"Cleared to level {level}."
        self._decide(Decision.Kind.CHANGE_RUNG, why, now, lift="impact", exercise=exercise)

    def _end(self, now: datetime) -> None:
        assert self.enrollment is not None
        assert self.story.ends is not None
        _, status, kind, reason = self.story.ends
        if self.enrollment.status != Enrollment.Status.ACTIVE:
            return
        self.enrollment = moving.end_enrollment(
            enrollment=self.enrollment,
            status=status,
            kind=kind,
            reason=reason,
            on=now.astimezone(self.client.clinic.tz).date() - timedelta(days=1),
            by=self.therapist,
            now=now,
        )

    # --- what becomes of a visit --------------------------------------------------------------

    def fate(self, week: int) -> tuple[str, str]:
        """How a planned visit of a week ends, and what is said of it.

        "attend", "excused", "late_cancel", "no_show", "silent" (nobody says anything), "forgotten"
        (she came, and it is logged only the next day) or "here" (she was checked in, and no more).
        """
        drawn = self.rng.random()
        for away in self.story.away:
            if away.first <= week <= away.last:
                return away.how, away.why
        told, missed = self.story.late_cancels, self.story.misses
        for share, how, why in (
            (told, "late_cancel", "Called in the morning"),
            (missed / 2, "no_show", ""),
            (missed / 2, "forgotten", ""),
            (missed, "excused", "Doctor’s appointment, told ahead"),
        ):
            if drawn < share:
                return how, why
            drawn -= share
        return "attend", ""

    def lifter(self, week: int, rules: Rules, inventory: Inventory) -> Lifter:
        """How she is on the day of a visit."""
        return Lifter(self.story.strength, week, self.rng.gauss(0, 0.4), rules, inventory)

    def as_landed(self, payload: dict[str, Any], week: int) -> dict[str, Any]:
        """In the week of her story she lands a level higher than she is cleared for."""
        if "level" not in payload or week != self.story.lands_higher_in:
            return payload
        return {**payload, "level": self.cleared + 1}

    def noted(self, lift: str, week: int) -> Noted:
        """What is noted of a lift in a week beside load and reps; now and then nothing is."""
        story = self.story
        drawn = self.rng.random()
        pain: int | None = story.sore.get((lift, week), 1 if drawn > 0.95 else 0)
        if story.pain_not_asked and story.pain_not_asked[0] == lift:
            pain = None if week >= story.pain_not_asked[1] else pain
        return Noted(
            effort=drawn > 0.04,
            technique=(lift, week) not in story.unclean and not 0.04 < drawn < 0.06,
            pain=pain,
        )


def _kg(load: str | None) -> Decimal | None:
    return None if load is None else Decimal(load)


def _observed(load: str | None) -> dict[str, object]:
    """The technique set that a first load rests on."""
    return {"load": load, "reps": "5", "clean": "yes"} if load else {}
