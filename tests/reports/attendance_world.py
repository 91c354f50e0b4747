"""Invented clinics for the adherence report: any past that the site's rows can tell."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from random import Random

from bonefit.clinics.models import Clinic, Membership
from programs.calendar import wall_time
from programs.models import Enrollment, Phase, ProgramVersion, Track
from sessions.models import AdverseEvent, Flag, Pause, Visit
from sessions.reports.scope import By, Filters, Scope
from tests.reports.floor import another_program, another_version, make_up, moment, someone, visit

FIRST = date(2025, 9, 1)
DAYS = 150
#: When sessions are, and when make-ups are: nobody is in two places at a time.
HOURS = (time(0), time(0, 30), time(6), time(9), time(17), time(23, 30))
MAKE_UPS = (time(12), *(time(hour, 30) for hour in range(1, 23)), time(13))
AGAIN, MAKE_UPS_AGAIN = (time(1), time(11), time(20)), tuple(map(time, (3, 4, 5, 7, 8, 10, 14, 15)))


def asked(
    clinics: list[Clinic],
    first: date,
    last: date,
    *,
    as_at: datetime | None = None,
    headline: str = "A3",
    by: By = By.CLIENT,
    phase: str = "",
) -> Scope:
    """A question about everybody of these clinics."""
    return Scope(
        tuple(clinics),
        Enrollment.objects.filter(clinic__in=[clinic.pk for clinic in clinics]),
        Filters(first, last, by=by, phase=phase),
        as_at or moment(last),
        headline=headline,
    )


def with_phases(version: ProgramVersion, *weeks: tuple[str, int, int | None]) -> ProgramVersion:
    """The same version with planned phases: code, first and last week."""
    for code, first, last in weeks:
        Phase.objects.create(
            clinic=version.clinic,
            version=version,
            code=code,
            name=code.title(),
            first_week=first,
            last_week=last,
        )
    return version


def invent(clinic: Clinic, therapists: list[Membership], chance: Random, people: int = 9) -> None:
    """Clients with any past: early, late, gone and back, moved, paused, silent, made up."""
    thrice = with_phases(
        another_program(clinic, frequency=3, weeks=6), ("INTRO", 2, 3), ("LOAD", 4, 6)
    )
    newer = with_phases(another_version(thrice, weeks=9), ("INTRO", 1, 2), ("LOAD", 3, None))
    for number in range(people):
        by = chance.choice(therapists)
        starts_on = FIRST + timedelta(days=chance.randrange(-60, DAYS))
        more = {"version": thrice} if chance.random() < 0.3 else {}
        if chance.random() < 0.4:
            more["ended_on"] = starts_on + timedelta(days=chance.randrange(-5, 90))
        jo = someone(by, f"Jo {number:02}", starts_on, therapist=chance.choice(therapists), **more)
        if chance.random() < 0.3:
            moved_on = starts_on + timedelta(days=chance.randrange(1, 40))
            _move(jo, thrice, moved_on)
            if chance.random() < 0.5:
                _move(jo, newer, moved_on + timedelta(days=chance.randrange(1, 40)))
        if jo.ended_on and chance.random() < 0.5:
            back = jo.ended_on + timedelta(days=chance.randrange(0, 30))
            again = someone(by, jo.client.name, back, client=jo.client)
            _past(again, chance, 8, AGAIN, MAKE_UPS_AGAIN)
        _past(jo, chance, chance.randrange(0, 24))


def _move(jo: Enrollment, version: ProgramVersion, day: date) -> None:
    held = Track.objects.filter(enrollment=jo, ends_on=None)
    held.update(ends_on=day - timedelta(days=1))
    Track.objects.create(clinic=jo.clinic, enrollment=jo, version=version, starts_on=day)


def _past(
    jo: Enrollment,
    chance: Random,
    sessions: int,
    hours: tuple[time, ...] = HOURS,
    make_ups: tuple[time, ...] = MAKE_UPS,
) -> None:
    made = []
    for number in range(sessions):
        day = jo.starts_on + timedelta(days=number * 3 - 4 + chance.randrange(3))
        state = chance.choices(list(Visit.Status), [1, 1, 1, 8, 1, 3, 2, 2, 1, 1, 1, 1])[0]
        purpose = chance.choices([Visit.Purpose.REGULAR, Visit.Purpose.EXTRA], [9, 1])[0]
        made.append(visit(jo, day, state, purpose, at=chance.choice(hours)))
    for number, one in enumerate(made):
        if one.status in (*Visit.MISSED, Visit.Status.EXCUSED, Visit.Status.CLINIC_CANCELLED):
            if one.purpose == Visit.Purpose.REGULAR and chance.random() < 0.5:
                after, done = chance.choice([-1, 1, 4, 13, 14, 15]), chance.random() < 0.8
                state = Visit.Status.ATTENDED if done else Visit.Status.NO_SHOW
                make_up(one, after=after, status=state, at=make_ups[number])
            if one.status == Visit.Status.LATE_CANCEL and chance.random() < 0.3:
                one.slot.called_off_at = one.slot.starts_at
                one.slot.called_off_why = "Nobody supervises."
                one.slot.save()
    by = jo.therapist
    if chance.random() < 0.3:
        begins = jo.starts_on + timedelta(days=chance.randrange(40))
        back = begins + timedelta(days=chance.randrange(1, 9)) if chance.random() < 0.5 else None
        Pause.objects.create(
            clinic=jo.clinic,
            enrollment=jo,
            starts_on=begins,
            ends_on=begins + timedelta(days=10),
            why="Away.",
            added_by=by,
            resumed_on=back,
        )
    for _ in range(chance.randrange(3)):
        _event(jo, made, chance)
    for kind in chance.sample(["no_show", "lapsed", "clean_weeks"], chance.randrange(3)):
        opened = datetime.combine(FIRST, time(3), UTC) + timedelta(days=chance.randrange(DAYS))
        Flag.objects.create(
            clinic=jo.clinic,
            enrollment=jo,
            kind=kind,
            severity="good" if kind == "clean_weeks" else "amber",
            rule="F01.1",
            evidence_key="x",
            opened_at=opened,
        )


def _event(jo: Enrollment, made: list[Visit], chance: Random) -> None:
    day = jo.starts_on + timedelta(days=chance.randrange(-5, 100))
    one = chance.choice(made) if made and chance.random() < 0.5 else None
    at = wall_time(day, chance.choice(HOURS), jo.clinic.tz)
    more = {"clinic": jo.clinic, "client": jo.client, "what": "dizzy", "reported_by": jo.therapist}
    event = AdverseEvent.objects.create(
        **more, uid=chance_uid(chance), visit=one, severity="mild", onset_at=at
    )
    if chance.random() < 0.3:
        AdverseEvent.objects.create(
            **more,
            uid=chance_uid(chance),
            visit=one,
            severity="moderate",
            onset_at=at + timedelta(days=1),
            replaces=event,
        )


def chance_uid(chance: Random) -> str:
    """A UUID of this chance."""
    return f"{chance.getrandbits(128):032x}"
