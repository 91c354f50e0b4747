"""The adherence report once more, in plain Python from protocol sheet 5.2, 5.3 and 6.1.

Rows in, the sheet's sentences, whole numbers out. Nothing of sessions.reports is used, and nothing
is done in the database but fetching rows.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from statistics import median
from typing import Any
from zoneinfo import ZoneInfo

from bonefit.clinics.models import Clinic
from programs.models import Enrollment, Phase, Track
from sessions.models import AdverseEvent, Flag, Pause, Visit

CAME = {"attended", "attended_partial"}
MISSED = {"no_show", "late_cancel", "cancelled_client"}
OWED = MISSED | {"excused", "clinic_cancelled", "holiday_closed"}
OPEN = {"planned", "checked_in"}
DAY = timedelta(days=1)


@dataclass
class Session:
    key: int
    at: datetime
    day: date
    state: str
    purpose: str
    program: int | None
    version: int | None
    frequency: int | None
    week: int
    phase: str
    repaid: bool
    called_off: bool
    paused: bool

    @property
    def came(self) -> bool:
        return self.state in CAME

    @property
    def counts(self) -> bool:
        """Attended, missed, or unrecorded: what A3 is divided by."""
        return self.came or self.state in MISSED or self.state == "unrecorded"


@dataclass
class Program:
    starts_on: date
    ends_on: date | None
    version: int
    program: int
    frequency: int
    weeks: int


@dataclass
class Person:
    enrollment: int
    client: int
    clinic: int
    therapist: int
    starts_on: date
    ended_on: date | None
    until: date
    last: date
    today: date
    programs: list[Program]
    phases: dict[int, list[tuple[str, int, int | None]]]
    #: All that has begun by the moment, also outside the days.
    life: list[Session] = field(default_factory=list)
    next: datetime | None = None
    flags: int = 0
    events: int = 0

    def followed(self, day: date) -> Program | None:
        """The last program begun; before the first one, that one."""
        begun = [one for one in self.programs if one.starts_on <= day]
        return begun[-1] if begun else next(iter(self.programs), None)

    def phase(self, day: date) -> str:
        program, days = self.followed(day), (day - self.starts_on).days
        if program is None or days < 0:
            return ""
        week = days // 7 + 1
        for code, first, last in self.phases[program.version]:
            if first <= week and (last is None or week <= last):
                return code
        return ""


def people_of(
    clinics: Iterable[Clinic], first: date, last: date, as_at: datetime, makeup_days: int = 14
) -> list[Person]:
    """Who has a row, with all her sessions."""
    found = []
    phases: dict[int, list[tuple[str, int, int | None]]] = defaultdict(list)
    for version, *phase in Phase.objects.order_by("first_week").values_list(
        "version_id", "code", "first_week", "last_week"
    ):
        phases[version].append(tuple(phase))
    for clinic in clinics:
        zone = ZoneInfo(clinic.timezone)
        today = as_at.astimezone(zone).date()
        for pk, client, therapist, starts_on, ended_on in Enrollment.objects.filter(
            clinic=clinic
        ).values_list("pk", "client_id", "therapist_id", "starts_on", "ended_on"):
            person = Person(
                pk, client, clinic.pk, therapist, starts_on, ended_on,
                min(last, today, ended_on or date.max), last, today, _programs(pk), phases,
            )  # fmt: skip
            told = _fill(person, zone, first, last, as_at, makeup_days)
            enrolled = starts_on <= min(last, today) and (
                ended_on is None or ended_on >= max(first, starts_on)
            )
            if enrolled or told:
                found.append(person)
                _beside(person, zone, first, last, as_at)
    return found


def _programs(enrollment: int) -> list[Program]:
    rows = Track.objects.filter(
        enrollment=enrollment, version__program__kind="main"
    ).values_list(
        "starts_on", "ends_on", "version_id", "version__program_id", "version__frequency",
        "version__weeks",
    )  # fmt: skip
    return sorted((Program(*row) for row in rows), key=lambda one: one.starts_on)


def _fill(
    person: Person, zone: ZoneInfo, first: date, last: date, as_at: datetime, makeup_days: int
) -> bool:
    pauses = [
        (begins, min(ends, back - DAY) if back else ends)
        for begins, ends, back in Pause.objects.filter(enrollment=person.enrollment).values_list(
            "starts_on", "ends_on", "resumed_on"
        )
    ]
    rows = list(
        Visit.objects.filter(enrollment=person.enrollment).values_list(
            "pk", "during", "status", "purpose", "missed_after", "makes_up_id",
            "slot__called_off_at",
        )
    )  # fmt: skip
    made: dict[int, list[date]] = defaultdict(list)
    for _, during, state, _, _, owed, _ in rows:
        if owed is not None and state in CAME and during.lower < as_at:
            made[owed].append(during.lower.astimezone(zone).date())
    told = False
    for key, during, state, purpose, missed_after, _, called_off in rows:
        at, day = during.lower, during.lower.astimezone(zone).date()
        if at >= as_at:
            if state in OPEN and at > as_at and (person.next is None or at < person.next):
                person.next = at
            continue
        if first <= day <= last and state not in OPEN | {"released"}:
            told = True
        if state in OPEN and missed_after <= as_at:
            state = "unrecorded"
        program = person.followed(day)
        person.life.append(
            Session(
                key, at, day, state, purpose,
                program and program.program, program and program.version,
                program and program.frequency,
                (day - person.starts_on).days // 7,
                person.phase(day),
                purpose == "regular" and state in OWED
                and any(made_on <= day + makeup_days * DAY for made_on in made[key]),
                called_off is not None,
                any(begins <= day <= ends for begins, ends in pauses),
            )
        )  # fmt: skip
    person.life.sort(key=lambda one: (one.at, one.key))
    return told


def _beside(person: Person, zone: ZoneInfo, first: date, last: date, as_at: datetime) -> None:
    person.flags = sum(
        resolved is None and severity != "good" and opened <= as_at
        for resolved, severity, opened in Flag.objects.filter(
            enrollment=person.enrollment
        ).values_list("resolved_at", "severity", "opened_at")
    )
    replaced = set(AdverseEvent.objects.values_list("replaces_id", flat=True))
    others = list(
        Enrollment.objects.filter(client=person.client).values_list("pk", "starts_on", "ended_on")
    )
    for key, onset, enrollment in AdverseEvent.objects.filter(client=person.client).values_list(
        "pk", "onset_at", "visit__enrollment_id"
    ):
        day = onset.astimezone(zone).date()
        if key in replaced or onset >= as_at or not first <= day <= last:
            continue
        if enrollment is None:
            running = [
                (starts_on, pk) for pk, starts_on, ended_on in others
                if starts_on <= day and (ended_on is None or day <= ended_on)
            ]  # fmt: skip
            enrollment = max(running)[1] if running else None
        person.events += enrollment == person.enrollment


# --- figures -------------------------------------------------------------------------------------

#: The row in which a session or a day lies, by its program and its planned phase.
KEYS: dict[str, Callable[[Person, int | None, str], str]] = {
    "client": lambda person, program, phase: str(person.enrollment),
    "therapist": lambda person, program, phase: str(person.therapist),
    "program": lambda person, program, phase: str(program or ""),
    "phase": lambda person, program, phase: phase,
    "cohort": lambda person, program, phase: f"{person.starts_on:%Y-%m}",
    "clinic": lambda person, program, phase: str(person.clinic),
}


def table(
    people: list[Person], by: str, first: date, last: date, phase: str = ""
) -> dict[str, dict[str, int]]:
    """Whole numbers by row and column."""
    rows: dict[str, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    for person in people:
        for key, numbers in rows_of(person, by, first, last, phase).items():
            for name, number in numbers.items():
                rows[key][name] += number
    return rows


def rows_of(
    person: Person, by: str, first: date, last: date, phase: str = ""
) -> dict[str, dict[str, int]]:
    """One person's whole numbers by row: mostly one row."""
    rows: dict[str, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    within = [one for one in person.life if first <= one.day <= last and phase in ("", one.phase)]
    for one in within:
        row = rows[KEYS[by](person, one.program, one.phase)]
        if one.purpose != "regular":
            row[one.purpose] += one.came
            continue
        if one.counts or one.state in ("excused", "clinic_cancelled", "holiday_closed"):
            row["planned"] += 1
        row["attended"] += one.came
        row["repaid"] += one.repaid
        row["counted"] += one.counts
        row["offered"] += one.counts or one.state == "excused"
        for state, column in STATES.items():
            row[column] += one.state == state
    _credit(person, by, within, rows)
    _prescribe(person, by, first, phase, rows)
    for row in rows.values():
        row["sat"] = row["planned"] + row["make_up"] + row["extra"]
    program = person.followed(person.until)
    home = KEYS[by](person, program and program.program, "")
    if by != "phase":
        if not phase:
            _whole(person, rows[home])
        if not phase or home in rows:
            rows[home]["flags"] += person.flags
            rows[home]["events"] += person.events
    kept = {
        key: row
        for key, row in rows.items()
        if row["sat"] or row["here"] or (not phase and by != "phase" and key == home)
    }
    if by == "client" and not phase:
        kept[home]["longest"] = longest(within)
    elif by == "client":
        for row in kept.values():
            row["longest"] = longest(within)
    return kept


STATES = {
    "no_show": "no_show",
    "late_cancel": "late_cancel",
    "cancelled_client": "cancelled_client",
    "unrecorded": "unrecorded",
    "excused": "excused",
    "clinic_cancelled": "clinic_cancelled",
    "holiday_closed": "closed",
}


def _credit(person: Person, by: str, within: list[Session], rows: Any) -> None:
    """Each week of a version that was followed is credited with its frequency at most."""
    weeks: dict[Any, list[Session]] = defaultdict(list)
    for one in within:
        if one.purpose == "regular" and (one.came or one.repaid):
            version = (one.version, one.program, one.frequency)
            segment = sum(program.starts_on <= one.day for program in person.programs[1:])
            weeks[one.week, version, segment, one.phase if by == "phase" else ""].append(one)
    for sessions in weeks.values():
        one = sessions[0]
        most = len(sessions) if one.frequency is None else min(len(sessions), one.frequency)
        rows[KEYS[by](person, one.program, one.phase)]["credited"] += most


def _prescribe(person: Person, by: str, first: date, phase: str, rows: Any) -> None:
    """Day by day: a whole session on the day on which its share of the week is over.

    Weeks that have gone by are counted through all versions of a program (5.3).
    """
    for program in person.programs:
        stop = min(person.until, program.ends_on or date.max)
        same = [one.starts_on for one in person.programs if one.program == program.program]
        for number in range((program.starts_on - min(same)).days, (stop - min(same)).days + 1):
            day = min(same) + number * DAY
            each = program.frequency
            before, after = number * each // 7, (number + 1) * each // 7
            if day < first or after > each * program.weeks or phase not in ("", person.phase(day)):
                continue
            key = KEYS[by](person, program.program, person.phase(day))
            rows[key]["prescribed"] += after - before
    day = max(first, person.starts_on)
    while day <= person.until:
        program = person.followed(day)
        if phase in ("", person.phase(day)):
            rows[KEYS[by](person, program and program.program, person.phase(day))]["here"] = 1
        day += DAY


def _whole(person: Person, row: Any) -> None:
    """A5 and A6: of the enrollment as a whole, until the last of the days."""
    program = person.followed(person.until)
    until_last = [one for one in person.life if one.purpose == "regular" and one.day <= person.last]
    row["ever"] += sum(one.came for one in until_last)
    row["sessions"] += program.frequency * program.weeks if program else 0
    whole = max(0, ((min(person.until, person.today - DAY) - person.starts_on).days + 1) // 7)
    for weeks in (4, 8):
        lately = [
            one for one in until_last if max(0, whole - weeks) <= one.week < whole and one.counts
        ]
        row[f"came_{weeks}"] += sum(one.came for one in lately)
        row[f"due_{weeks}"] += len(lately)


def longest(sessions: list[Session]) -> int:
    """The longest run of sessions missed one after the other (6.1, F02)."""
    best = run = 0
    for one in sessions:
        if one.purpose != "regular" and not one.came:
            continue
        missed = (
            one.purpose == "regular" and one.state in MISSED and not one.repaid
            and not one.paused and not (one.called_off and one.state != "no_show")
        )  # fmt: skip
        run = run + 1 if missed else 0
        best = max(best, run)
    return best


def percent(hits: int, total: int) -> str:
    """To one place, half up; nothing where there is nothing to divide by."""
    if not total:
        return ""
    exact = Decimal(hits) * 100 / Decimal(total)
    return str(exact.quantize(Decimal("0.1"), ROUND_HALF_UP))


SHARES: dict[str, tuple[str, str]] = {
    "a1": ("attended", "prescribed"),
    "a2": ("attended", "offered"),
    "a3": ("attended", "counted"),
    "a4_raw": ("credited", "counted"),
    "a5": ("ever", "sessions"),
    "a6_4": ("came_4", "due_4"),
    "a6_8": ("came_8", "due_8"),
}


def mean_and_median(pairs: list[tuple[int, int]]) -> tuple[str, str]:
    """Of the clients' own percentages."""
    shares = [Fraction(100 * hits, total) for hits, total in pairs if total]
    if not shares:
        return "", ""
    return _one_place(sum(shares) / len(shares)), _one_place(median(shares))


def _one_place(value: Fraction) -> str:
    exact = Decimal(value.numerator) / Decimal(value.denominator)
    return str(exact.quantize(Decimal("0.1"), ROUND_HALF_UP))
