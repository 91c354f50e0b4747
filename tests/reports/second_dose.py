"""The dose once more, in plain Python from protocol sheet 5.3 and the definitions' own sentences.

Rows in, figures out: nothing of ``sessions.reports`` is used, and each enrollment is walked
through session by session, as a person would with a pencil.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any
from zoneinfo import ZoneInfo

from programs.estimates import estimate_one_rm
from programs.models import Decision, Enrollment, Phase, Track
from programs.plans import rules_at
from sessions.models import SetEntry, Visit

ATTENDED = ("attended", "attended_partial")
OPEN = ("planned", "checked_in")


@dataclass
class Session:
    """One session as it is counted: volumes and landings by lift, sets of the LOAD phase."""

    enrollment: int
    visit: int
    began: datetime
    day: date
    from_: datetime
    came: bool
    extra: bool
    excused: bool
    known: bool
    program: int | None
    phase: str
    asked: dict[str, Decimal] = field(default_factory=dict)
    done: dict[str, Decimal] = field(default_factory=dict)
    beside: Decimal = Decimal(0)
    landings_asked: dict[int, int] = field(default_factory=dict)
    landings: dict[int, int] = field(default_factory=dict)
    #: lift → (hits, rated, not rated, rated without RPE)
    load_sets: dict[str, list[int]] = field(default_factory=dict)


def sessions_of(clinic: Any, as_at: datetime) -> list[Session]:
    """Every session of a clinic that could be counted, whatever the days."""
    zone = ZoneInfo(clinic.timezone)
    rules = rules_at(clinic, as_at).rules
    found: list[Session] = []
    rows = Enrollment.objects.filter(clinic=clinic).values_list("pk", "starts_on")
    for enrollment, starts_on in rows:
        found += _walk(enrollment, starts_on, zone, rules)
    return found


def _walk(enrollment: int, starts_on: date, zone: ZoneInfo, rules: Any) -> list[Session]:
    visits = list(
        Visit.objects.filter(enrollment=enrollment)
        .exclude(status="released")
        .order_by("during", "pk")
        .values_list(
            *("pk", "slot__starts_at", "status", "purpose", "prescription", "missed_after")
        )
    )
    made_up = set(
        Visit.objects.filter(status__in=ATTENDED, makes_up__isnull=False).values_list(
            "makes_up_id", flat=True
        )
    )
    lifted = defaultdict(list)
    for row in SetEntry.objects.filter(visit__enrollment=enrollment, voided=False).values():
        lifted[row["visit_id"]].append(row)
    singles = Singles(enrollment, lifted, zone, rules)
    last: tuple[dict[str, Decimal], dict[int, int]] | None = None
    found = []
    for pk, began, status, purpose, kept, missed_after in visits:
        came = status in ATTENDED
        day = began.astimezone(zone).date()
        program, planned = _planned(enrollment, starts_on, day)
        sets = lifted[pk] if came else []
        asked, landings_asked = _asked(kept, sets)
        if came:
            best = singles.before(pk, began, day)
            singles.after(pk, began, day)
        known = came or kept is not None
        if came and kept is None and not any(one["kind"] != "warm_up" for one in sets):
            known = False
        if not came and kept is None and last is not None:
            (asked, landings_asked), known = last, True
        elif any(asked.values()) or any(landings_asked.values()):
            last = (asked, landings_asked)
        if not came and (purpose != "regular" or pk in made_up):
            continue
        one = Session(
            enrollment=enrollment,
            visit=pk,
            began=began,
            day=day,
            from_=max(missed_after, began) if status in OPEN else began,
            came=came,
            extra=purpose == "extra",
            excused=status in ("excused", "clinic_cancelled", "holiday_closed"),
            known=known,
            program=program,
            phase=planned,
            asked=asked,
            landings_asked=landings_asked,
        )
        if came:
            _done(one, sets)
            actual = kept["phase"] if kept is not None else planned
            if actual == "LOAD":
                _rate(one, sets, best)
        found.append(one)
    return found


def _asked(kept: Any, sets: list[dict[str, Any]]) -> tuple[dict[str, Decimal], dict[int, int]]:
    """By lift, and landings by level: from what was kept, else from the sets themselves."""
    volumes: dict[str, Decimal] = defaultdict(Decimal)
    landings: dict[int, int] = defaultdict(int)
    told, told_landings = set(), set()
    for one in (kept or {"targets": []})["targets"]:
        if one["kind"] == "working" and one["load"] is not None and one["reps"] and one["sets"]:
            volumes[one["lift"]] += one["sets"] * one["reps"] * Decimal(one["load"])
            told.add(one["lift"])
        if one["kind"] == "impact" and one["landings"] and one["sets"]:
            landings[one["level"]] += one["sets"] * one["landings"]
            told_landings.add(one["lift"])
    for row in sets:
        if row["kind"] == "working" and row["lift"] not in told:
            load, reps = row["prescribed_load"], row["prescribed_reps"]
            if load is not None and reps is not None:
                volumes[row["lift"]] += load * reps
        if row["kind"] == "impact" and row["lift"] not in told_landings:
            landings[row["prescribed_level"]] += row["prescribed_landings"] or 0
    return dict(volumes), dict(landings)


def _done(one: Session, sets: list[dict[str, Any]]) -> None:
    for row in sets:
        if row["kind"] == "working":
            volume = (row["reps"] or 0) * (row["load"] or Decimal(0))
            if one.asked.get(row["lift"]):
                one.done[row["lift"]] = one.done.get(row["lift"], Decimal(0)) + volume
            else:
                one.beside += volume
        elif row["kind"] == "impact":
            level = row["landing_level"]
            one.landings[level] = one.landings.get(level, 0) + (row["landings"] or 0)


def _rate(one: Session, sets: list[dict[str, Any]], best: dict[int, Decimal | None]) -> None:
    for row in sets:
        if row["kind"] != "working":
            continue
        counts = one.load_sets.setdefault(row["lift"], [0, 0, 0, 0])
        single = best[row["exercise_id"]]
        if single is None:
            counts[2] += 1
            continue
        counts[1] += 1
        if row["rpe"] is None:
            counts[3] += 1
        elif row["load"] is not None and row["rpe"] >= 16:
            counts[0] += row["load"] >= single * Decimal("0.8")


class Singles:
    """The estimated best single of each exercise, as it goes on from session to session."""

    def __init__(self, enrollment: int, lifted: Any, zone: ZoneInfo, rules: Any) -> None:
        self.lifted, self.rules = lifted, rules
        self.value: dict[int, tuple[Decimal, date]] = {}
        self.came: dict[int, date] = {}
        revoked = set(
            Decision.objects.filter(enrollment=enrollment, kind="revoke").values_list(
                "revokes_id", flat=True
            )
        )
        self.tests = [
            (at, exercise, load, observed, at.astimezone(zone).date())
            for pk, at, exercise, load, observed in Decision.objects.filter(
                enrollment=enrollment, kind="estimate"
            )
            .order_by("at", "pk")
            .values_list("pk", "at", "exercise_id", "load", "observed")
            if pk not in revoked
        ]

    def before(self, visit: int, began: datetime, day: date) -> dict[int, Decimal | None]:
        """What holds as the session begins."""
        self._tested(began)
        found: dict[int, Decimal | None] = {}
        for row in self.lifted[visit]:
            if row["kind"] != "working":
                continue
            exercise = row["exercise_id"]
            kg, since = self.value.get(exercise, (None, day))
            away = (day - self.came.get(exercise, day)).days > self.rules.estimate_gap_days
            old = (day - since).days > self.rules.estimate_stale_days
            found[exercise] = None if away or old else kg
        return found

    def _tested(self, until: datetime) -> None:
        while self.tests and self.tests[0][0] < until:
            _, exercise, load, observed, day = self.tests.pop(0)
            kg = estimate_one_rm(
                load,
                int(observed["reps"]),
                formula=self.rules.formula,
                reps_in_reserve=int(observed.get("reserve", 0)),
            )
            self.value[exercise] = (kg, day)

    def after(self, visit: int, began: datetime, day: date) -> None:
        """What the session itself says, for those after it."""
        best: dict[int, Decimal] = {}
        trained = set()
        for row in self.lifted[visit]:
            if row["kind"] != "working":
                continue
            trained.add(row["exercise_id"])
            valid = (
                row["rpe"] is not None
                and row["rpe"] >= self.rules.estimate_from_effort
                and not row["to_confirm"]
                and row["load"]
                and row["clean"] is not False
                and row["reps"] is not None
                and 1 <= row["reps"] <= 10
            )
            if valid:
                kg = estimate_one_rm(row["load"], row["reps"], formula=self.rules.formula)
                best[row["exercise_id"]] = max(best.get(row["exercise_id"], kg), kg)
        for exercise in trained:
            if (day - self.came.get(exercise, day)).days > self.rules.estimate_gap_days:
                self.value.pop(exercise, None)
            self.came[exercise] = day
            if exercise in best:
                kept = self.value.get(exercise)
                old = kept is not None and (day - kept[1]) > timedelta(
                    days=self.rules.estimate_window_days
                )
                if kept is None or old or best[exercise] >= kept[0]:
                    self.value[exercise] = (best[exercise], day)


def _planned(enrollment: int, starts_on: date, day: date) -> tuple[int | None, str]:
    """The program followed on a day, the first one also before it, and the phase of its week."""
    tracks = list(
        Track.objects.filter(enrollment=enrollment, version__program__kind="main")
        .order_by("starts_on", "pk")
        .values_list("starts_on", "version_id", "version__program_id")
    )
    if not tracks:
        return None, ""
    followed = [one for one in tracks if one[0] <= day] or tracks[:1]
    _, version, program = followed[-1]
    week = (day - starts_on).days // 7 + 1
    for code, first, last in Phase.objects.filter(version=version).values_list(
        "code", "first_week", "last_week"
    ):
        if first <= week and (last is None or week <= last):
            return program, code
    return program, ""


def counted(sessions: list[Session], first: date, last: date, as_at: datetime) -> list[Session]:
    """Those of the days that have begun and of which it is known how they ended, or late."""
    return [one for one in sessions if first <= one.day <= last and one.began < as_at >= one.from_]


def sums(sessions: list[Session], lift: str | None = None) -> dict[str, Any]:
    """The figures of some sessions, of one lift or of all."""
    found: dict[str, Any] = defaultdict(int)
    for one in sessions:
        lifts = [lift] if lift else sorted({*one.asked, *one.done, *one.load_sets})
        if not one.extra:
            found["sessions"] += 1
            found["came"] += one.came
            found["missed"] += not one.came
            found["excused"] += one.excused
            found["unknown"] += not one.known
            for level in {*one.landings_asked, *one.landings}:
                found["landings_asked"] += one.landings_asked.get(level, 0)
                found["landings"] += one.landings.get(level, 0)
        for each in lifts:
            asked, done = one.asked.get(each, 0), one.done.get(each, 0)
            found["beside"] += done if one.extra else 0
            if not one.extra:
                found["asked"] += asked
                found["asked_came"] += asked if one.came else 0
                found["done"] += done
            hits, rated, not_rated, no_effort = one.load_sets.get(each, (0, 0, 0, 0))
            found["hits"] += hits
            found["rated"] += rated
            found["not_rated"] += not_rated
            found["no_effort"] += no_effort
        found["beside"] += 0 if lift else one.beside
    return found


def percent(part: Any, whole: Any, places: int = 2) -> Decimal | None:
    """Half up, exactly."""
    if not whole:
        return None
    scaled = Fraction(part) * 100 * 10**places / Fraction(whole)
    return Decimal(int(scaled + Fraction(1, 2))).scaleb(-places)
