"""The demo clinics, lived week by week through the same actions that the views call.

Nothing is written around them: sets go through ``sessions.sync``, silence is left to the sweeps,
words are a therapist's. With one moment and one seed the same people lift the same loads.
"""

from __future__ import annotations

import uuid
from collections.abc import Collection
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from functools import partial
from random import Random
from typing import Any

from django.db import transaction

from bonefit.clients import actions as clients
from bonefit.clients import log_ins
from bonefit.clinics import actions as clinics
from bonefit.clinics import rows
from bonefit.clinics.access import Role
from bonefit.clinics.models import Clinic, Membership, Organisation
from bonefit.demo.booking import lay_out_week
from bonefit.demo.diary import Diary, Happening
from bonefit.demo.imports import leave_a_file
from bonefit.demo.intakes import agree_to_research, leave_open, take_in
from bonefit.demo.memory import Memory
from bonefit.demo.notes import NOTES_TAKE, sign_notes
from bonefit.demo.outcomes import outcomes
from bonefit.demo.papers import accompany, cover_one, show_credentials
from bonefit.demo.people import GROUP, GWEN
from bonefit.demo.stories import House, Story, Today, chosen, houses_in
from bonefit.demo.timetable import seats
from bonefit.demo.trainee import Trainee
from programs import actions as programs
from programs.calendar import wall_time
from programs.catalogue import FIRST_PROGRAM
from programs.models import Exercise, ProgramVersion
from programs.pain import ALL_WELL
from sessions import (
    actions,
    arrival,
    planning,
    reviewing,
    reviewing_clinics,
    sync,
    unrecorded,
)
from sessions.models import AdverseEvent, Operation, Visit

SEED = 20
#: The answers of a good day, as they are tapped on arrival.
ASKED_WELL = arrival.NOTHING_NEW
#: How long after a flag it is answered.
ANSWER_TAKES = timedelta(hours=18)
#: Since when the rules look at everybody: what they said before has resolved itself by now.
REVIEWED_SINCE = timedelta(weeks=6)
#: A story's fates that somebody has to come back to.
SILENT = frozenset({"no_show", "silent", "forgotten", "here"})


def make_demo(
    *,
    now: datetime,
    names: Collection[str] | None = None,
    weeks: int | None = None,
    zone: str | None = None,
) -> list[Clinic]:
    """Both demo clinics as they are at ``now``. ``names`` takes only these clients.

    ``weeks`` lets nobody have begun longer ago than that; ``zone`` is where the first clinic is,
    None where its story says.
    """
    with rows.nothing(), transaction.atomic():
        diary = Diary(now)
        group = clinics.open_organisation(name=GROUP)
        clinics.add_organiser(organisation=group, email=GWEN.email, name=GWEN.name)
        houses = [
            _Household(diary, house, group, chosen(house.stories, names, weeks))
            for house in houses_in(zone)
        ]
        for household in houses:
            household.open()
        diary.live()
        unrecorded.flag_missed(now)
        for household in houses:
            # The notes of today wait for somebody to sign them.
            sign_notes(household.staff.values(), before=household.today)
            household.lay_out_week()
            household.invite_people()
            leave_open((trainee.client for trainee in household.people), now=now)
            explained = [(trainee.client, trainee.therapist) for trainee in household.people]
            agree_to_research(household.clinic, explained, now=now)
        reviewing.sweep(now)
        reviewing_clinics.review_clinics(now)
    return [household.clinic for household in houses]


class _Household:
    """One clinic: its staff, its trainees, and what becomes of their visits."""

    def __init__(
        self, diary: Diary, house: House, owner: Organisation, stories: list[Story]
    ) -> None:
        self.diary, self.house, self.stories = diary, house, stories
        self.clinic = clinics.create_clinic(
            name=house.name,
            slug=house.slug,
            owner=owner,
            timezone=house.timezone,
            phone=house.phone,
            address=house.address,
            emergency_plan=house.emergency_plan,
        )
        rows.see(clinics=rows.every_clinic())
        self.local_now = diary.now.astimezone(self.clinic.tz)
        self.monday = self.local_now.date() - timedelta(days=self.local_now.weekday())
        self.seats = seats(self.local_now)
        self.staff: dict[str, Membership] = {
            name: clinics.add_member(clinic=self.clinic, email=email, name=name, roles=[Role(role)])
            for name, email, role in house.staff
        }
        self.trainees: dict[int, Trainee] = {}  # by enrollment
        self.people: list[Trainee] = []
        self.seen: set[int] = set()  # visits that have their place in the diary
        self.rungs: dict[str, Exercise] = {}

    @property
    def version(self) -> ProgramVersion:
        return ProgramVersion.objects.filter(
            clinic=self.clinic, program__slug=FIRST_PROGRAM
        ).latest("number")

    # --- the weeks --------------------------------------------------------------------------------

    def open(self) -> None:
        """Equip the clinic before its first client comes, and note every Monday until today."""
        weeks = max((story.week or 0 for story in self.stories), default=0)
        first = self.monday - timedelta(weeks=weeks)
        programs.equip_clinic(clinic=self.clinic, now=self._midnight(first - timedelta(weeks=1)))
        self.rungs = Exercise.objects.in_bulk(field_name="slug")
        for number in range(weeks + 1):
            monday = first + timedelta(weeks=number)
            self.diary.at(self._midnight(monday), self._begin_week)

    def _midnight(self, day: date) -> datetime:
        return wall_time(day, time.min, self.clinic.tz)

    @property
    def today(self) -> datetime:
        """When today began."""
        return self._midnight(self.local_now.date())

    def _begin_week(self, moment: datetime) -> None:
        monday = moment.astimezone(self.clinic.tz).date()
        for trainee in self.people:
            if trainee.enrollment is not None:
                trainee.begin_week(trainee.week_of(monday), self.rungs, moment)
        for story in self.stories:
            if self._enrolled_on(story) == monday:
                self._enroll(story, moment)
        planning.plan_visits(now=moment, clinic=self.clinic)
        if self.diary.now - moment < REVIEWED_SINCE:
            # What a clinic does week by week, so that nobody is flagged for what was done.
            sign_notes(self.staff.values(), before=moment)
            outcomes(self.clinic, until=self.diary.now, now=moment)
            reviewing.sweep(moment)
        for visit in self._planned_from(moment):
            self._foresee(visit, moment)

    def _enrolled_on(self, story: Story) -> date:
        """A week before her first; this week where there is no program yet."""
        return self.monday - timedelta(weeks=story.week or 0)

    def _enroll(self, story: Story, moment: datetime) -> None:
        rng = Random(f"{SEED} {self.house.slug} {story.name}")
        therapist = self.staff[story.therapist]
        client = clients.enroll_client(
            by=therapist,
            name=story.name,
            born_on=date(story.born, rng.randint(1, 12), rng.randint(1, 28)),
            sex=story.sex,
            emergency_contact=_contact(story.name, rng),
            cleared_by=rng.choice(("Dr L. H.", "Dr P. A.", "Dr S. W.")),
            cleared_on=moment.astimezone(self.clinic.tz).date() - timedelta(days=3),
            email=story.email,
            phone=f"{self.house.phone[:-3]}{rng.randint(200, 899)}",
            now=moment,
        )
        take_in(client, by=therapist, now=moment)
        trainee = Trainee(story, client, therapist, rng)
        self.people.append(trainee)
        if story.week is None:
            return
        trainee.starts_on = self._enrolled_on(story) + timedelta(weeks=1)
        version = self.version
        enrollment = trainee.assign(version, self.rungs, moment)
        self.trainees[enrollment.pk] = trainee
        seat = self.seats[story.seat]
        planning.take_places(
            enrollment=enrollment,
            places=[
                planning.Place(day, seat.at, version.minutes, seat.room, therapist)
                for day in seat.weekdays
            ],
        )

    def _planned_from(self, moment: datetime) -> list[Visit]:
        visits = Visit.objects.filter(
            clinic=self.clinic, during__startswith__gte=moment, status=Visit.Status.PLANNED
        )
        fresh = [visit for visit in visits.order_by("during", "pk") if visit.pk not in self.seen]
        self.seen.update(visit.pk for visit in fresh)
        for visit in fresh:
            visit.clinic = self.clinic
        return fresh

    # --- what becomes of a visit ------------------------------------------------------------------

    def _at(self, trainee: Trainee, moment: datetime, happening: Happening) -> None:
        """Note something of a trainee. Visits are foreseen weeks ahead, and she may leave first."""

        def unless_she_left(now: datetime) -> None:
            if not trainee.has_left:
                happening(now)

        self.diary.at(moment, unless_she_left)

    def _foresee(self, visit: Visit, moment: datetime) -> None:
        """Note when what happens around a visit; what lies after now does not come to pass."""
        trainee = self.trainees[visit.enrollment_id]
        day = visit.starts_at.astimezone(self.clinic.tz).date()
        week = trainee.week_of(day)
        how, why = trainee.fate(week)
        story = trainee.story
        if day == self.local_now.date():
            how, why = ("late_cancel", "Has a cold") if story.cancels_today else ("attend", "")
        elif story.last_time and timedelta(0) < self.local_now.date() - day < timedelta(days=7):
            how = story.last_time
        at = partial(self._at, trainee)
        if visit.starts_at <= self.diary.now < visit.ends_at + NOTES_TAKE and how == "attend":
            at(self.diary.now, lambda now: self._is_on(visit, trainee, week, now))
        elif how == "attend":
            at(visit.ends_at + NOTES_TAKE, lambda now: self._took_place(visit, trainee, week, now))
        elif how == "late_cancel":
            heard = max(visit.starts_at - timedelta(hours=3), moment)
            heard = min(heard, self.diary.now) if day == self.local_now.date() else heard
            at(heard, lambda now: self._say(visit, trainee, how, why, now))
        elif how == "excused":
            at(moment, lambda now: self._say(visit, trainee, how, why, now))
        elif how in SILENT:
            self._foresee_silence(visit, trainee, week, how)
        else:
            raise ValueError(f"{story.name}: there is no fate {how!r}.")

    def _foresee_silence(self, visit: Visit, trainee: Trainee, week: int, how: str) -> None:
        """Nobody records anything on the day. The sweep finds it; some of it is answered later."""
        at, swept = partial(self._at, trainee), visit.missed_after + timedelta(minutes=3)
        at(swept, lambda now: _sweep(now))
        if how == "no_show":
            at(swept + ANSWER_TAKES, lambda now: self._say(visit, trainee, how, "", now))
        if how in ("forgotten", "here"):
            at(visit.starts_at, lambda now: self._comes(visit, trainee, now))
        if how == "forgotten":
            at(swept + ANSWER_TAKES, lambda now: self._logged_late(visit, trainee, week, now))

    def _say(self, visit: Visit, trainee: Trainee, status: str, why: str, now: datetime) -> None:
        actions.say(visit=visit, status=status, by=trainee.therapist, why=why, now=now)

    def _comes(self, visit: Visit, trainee: Trainee, now: datetime) -> None:
        self._apply(visit, [self._checks_in(visit, trainee, now)], trainee, now)

    def _checks_in(self, visit: Visit, trainee: Trainee, now: datetime) -> sync.Op:
        return _op(visit, trainee, Operation.Kind.CHECK_IN, ASKED_WELL, now)

    def _took_place(self, visit: Visit, trainee: Trainee, week: int, now: datetime) -> None:
        memory = self._memory(visit, trainee)
        ops = [self._checks_in(visit, trainee, visit.starts_at)]
        ops += self._sets(visit, trainee, week)
        if week == trainee.story.dizzy_in and not trainee.client.adverse_events.exists():
            ops.append(_dizzy(visit))
        ops.append(_op(visit, trainee, Operation.Kind.COMPLETE, {}, now))
        applied = self._apply(visit, ops, trainee, now)
        memory.check(applied.visit, trainee.cleared)
        memory.visited(visit, applied.entries)

    def _logged_late(self, visit: Visit, trainee: Trainee, week: int, now: datetime) -> None:
        # Something may have been decided since: the log is read anew, before and after.
        trainee.memory = None
        self._took_place(visit, trainee, week, now)
        trainee.memory = None

    def _is_on(self, visit: Visit, trainee: Trainee, week: int, now: datetime) -> None:
        done = trainee.story.today or Today()
        self._comes(visit, trainee, now)
        ops = self._sets(visit, trainee, week)[: done.sets]
        if done.over and ops:
            last = ops[-1]
            load = float(last.payload["load"]) + done.over
            ops[-1] = replace(last, payload={**last.payload, "load": f"{load:g}"})
        self._apply(visit, ops, trainee, now)

    def _memory(self, visit: Visit, trainee: Trainee) -> Memory:
        if trainee.memory is None:
            trainee.memory = Memory.before(
                visit, ALL_WELL, clinic=self.clinic, cleared=trainee.cleared
            )
        return trainee.memory

    def _sets(self, visit: Visit, trainee: Trainee, week: int) -> list[sync.Op]:
        memory = self._memory(visit, trainee)
        memory.arrived(visit, ALL_WELL, clinic=self.clinic)
        lifter = trainee.lifter(week, memory.rules.rules, memory.rules.inventory)
        payloads = []
        for target in memory.targets(trainee.cleared).values():
            rung = memory.plan.rung(target.exercise)
            noted = trainee.noted(target.lift, week)
            for payload in lifter.sets(target, rung, noted, trainee.rng):
                payloads.append(trainee.as_landed(payload, week))
        length = (visit.ends_at - visit.starts_at) / max(len(payloads), 1)
        return [
            _op(visit, trainee, Operation.Kind.LOG_SET, payload, visit.starts_at + length * number)
            for number, payload in enumerate(payloads)
        ]

    def _apply(
        self, visit: Visit, ops: list[sync.Op], trainee: Trainee, now: datetime
    ) -> sync.Applied:
        applied = sync.apply_to_visit(visit.uid, ops, by=trainee.therapist, now=now)
        for result in applied.results:
            if result.outcome != Operation.Outcome.APPLIED:
                raise RuntimeError(f"{trainee.story.name}: {result.outcome}, {result.reason}")
        return applied

    # --- the week ---------------------------------------------------------------------------------

    def lay_out_week(self) -> None:
        """Rooms, timetable, closed days and leave, and who may supervise, as they are today."""
        show_credentials(self.staff, now=self.diary.now)
        cover_one(self.staff, now=self.diary.now)
        staff = list(self.staff.values())
        for admin in [one for one in staff if Role.ADMIN in one.roles][:1]:
            leave_a_file(by=admin, now=self.diary.now)
        lay_out_week(
            clinic=self.clinic, seats=self.seats, staff=staff, by=staff[0], now=self.diary.now
        )

    # --- log-ins ----------------------------------------------------------------------------------

    def invite_people(self) -> None:
        """The clients with an address get their log-in, and an e-mail about it."""
        for trainee in self.people:
            if trainee.story.email:
                log_ins.invite(client=trainee.client, by=trainee.therapist, now=self.diary.now)
            for name, email, who in self.house.companions:
                if who == trainee.story.name:
                    accompany(trainee.client, name, email, by=trainee.therapist, now=self.diary.now)


def _sweep(now: datetime) -> None:
    unrecorded.flag_missed(now)


def _op(
    visit: Visit, trainee: Trainee, kind: str, payload: dict[str, Any], at: datetime
) -> sync.Op:
    return sync.Op(_uid(trainee.rng), kind, visit.uid, made_at=at, payload=payload)


def _dizzy(visit: Visit) -> sync.Op:
    """A report of something mild. Its uid is none that is drawn: the rest stays as it was."""
    payload = {
        "what": AdverseEvent.What.DIZZY,
        "severity": AdverseEvent.Severity.MILD,
        "described": "Light-headed as she stood up after the press.",
        "serious": "no",
        "related": AdverseEvent.Related.POSSIBLE,
        "action": "Sat down, a glass of water; well again after five minutes.",
        "outcome": "Walked home. No more of it at the next visit.",
    }
    uid = uuid.uuid5(visit.uid, "dizzy")
    return sync.Op(uid, Operation.Kind.REPORT, visit.uid, made_at=visit.ends_at, payload=payload)


def _uid(rng: Random) -> uuid.UUID:
    return uuid.UUID(int=rng.getrandbits(128), version=4)


def _contact(name: str, rng: Random) -> str:
    who, first = rng.choice(
        (("husband", "Paul"), ("daughter", "Sara"), ("son", "Ben"), ("sister", "Lily"))
    )
    return f"{first} {name.split()[-1]}, {who}, 07 5550 0{rng.randint(100, 899)}"
