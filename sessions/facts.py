"""What is known of an enrollment at a moment: its log as events, its state, its targets.

Every question takes the visit or the moment it is asked for, so that the past can be asked too.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from functools import lru_cache
from itertools import groupby
from typing import Any
from zoneinfo import ZoneInfo

from django.db import DEFAULT_DB_ALIAS
from django.db.models import Case, Exists, OuterRef, QuerySet, When
from django.db.models.expressions import RawSQL

from bonefit.clients.intake import barred
from bonefit.clients.models import Client
from bonefit.clinics.models import Clinic, Membership
from programs.models import Decision, Enrollment
from programs.pain import ALL_WELL
from programs.plans import RulesInForce, rules_at, rules_of
from programs.progression import (
    Arrived,
    Barred,
    Cleared,
    Decided,
    Event,
    LiftDone,
    Plan,
    PlanChanged,
    RulesChanged,
    SetDone,
    State,
    Target,
    Visited,
    replay,
    targets,
)

from .beside import Beside, arrived_event, beside, beside_of
from .models import SetEntry, Supervision, Visit

_SET_FIELDS = (
    "visit__during__endswith",  # a moment: reading a range costs ten times as much
    "visit__uid",
    "lift",
    "exercise__slug",
    "number",
    "load",
    "reps",
    "rpe",
    "clean",
    "pain",
    "to_confirm",
    "prescribed_load",
    "prescribed_reps",
    "landings",
    "landing_level",
    "seconds",
    "pain_site",
    "pain_kind",
    "tolerated",
)


def told_already(enrollment: Any, *, after: Any, including: bool = False) -> QuerySet[Visit]:
    """Visits from a moment on whose client was told what to lift, and that are not over yet."""
    moment = "during__startswith__gte" if including else "during__startswith__gt"
    return Visit.objects.filter(
        **{moment: after},
        enrollment=enrollment,
        prescription__isnull=False,
        status__in=[*Visit.OPEN, Visit.Status.UNRECORDED],
    )


@lru_cache(maxsize=1)
def _beside_a_visit() -> dict[str, RawSQL]:
    """What a set needs to know beside its visit, written out as SQL once a process.

    Building these subqueries anew for every tap took longer than the database took to answer.
    """
    asked = Visit.objects.annotate(
        beside=Case(
            When(prescription__isnull=True, then=beside(OuterRef("enrollment"), OuterRef("client")))
        ),
        later_told=Exists(
            told_already(OuterRef("enrollment"), after=OuterRef("during__startswith"))
        ),
        supervised=Exists(
            Supervision.objects.filter(
                slot=OuterRef("slot"), named_at__isnull=False, left_at__isnull=True
            )
        ),
    ).query
    compiler = asked.get_compiler(DEFAULT_DB_ALIAS)
    compiler.pre_sql_setup()
    written = {}
    for name, question in asked.annotations.items():
        sql, params = compiler.compile(question)
        written[name] = RawSQL(sql, params, output_field=question.output_field)
    return written


def on_the_floor(member: Membership) -> QuerySet[Visit]:
    """Visits that the member may see, with what is needed to prescribe and to judge a set."""
    return Visit.objects.visible_to(member).select_related("client").annotate(**_beside_a_visit())


def visited_events(sets: QuerySet[SetEntry], *, tz: ZoneInfo) -> list[Visited]:
    """The log as events, one for each visit with a standing set.

    A visit counts from the end of its slot, so that a decision made on the floor comes before the
    sets it was made for.
    """
    return _events(_counted(sets).values_list(*_SET_FIELDS), tz)


def _counted(sets: QuerySet[SetEntry]) -> QuerySet[SetEntry]:
    """Sets that count, visit by visit and lift by lift."""
    return (
        sets.exclude(kind=SetEntry.Kind.WARM_UP)
        .filter(voided=False)
        .order_by("visit__during__endswith", "visit_id", "lift", "number")
    )


def _events(rows: Iterable[tuple[Any, ...]], tz: ZoneInfo) -> list[Visited]:
    return [
        Visited(
            at=ends_at,
            key=str(uid),
            day=ends_at.astimezone(tz).date(),
            lifts=tuple(_lifts(group)),
        )
        for (ends_at, uid), group in groupby(rows, key=lambda row: (row[0], row[1]))
    ]


def _lifts(rows: Iterable[tuple[Any, ...]]) -> Iterable[LiftDone]:
    for (lift, exercise), group in groupby(rows, key=lambda row: (row[2], row[3])):
        yield LiftDone(lift, exercise, tuple(_set_done(row[4:]) for row in group))


def _set_done(row: tuple[Any, ...]) -> SetDone:
    number, load, reps, rpe, clean, pain, to_confirm, target, target_reps, *rest = row
    return SetDone(number, load, reps, rpe, clean, pain, not to_confirm, target, target_reps, *rest)


def decided_events(decisions: Iterable[Decision]) -> list[Decided]:
    """A therapist's words as events."""
    return [
        Decided(
            at=decision.at,
            key=_key(decision.pk),
            kind=decision.kind,
            lift=decision.lift or None,
            exercise=decision.exercise.slug if decision.exercise else None,
            load=decision.load,
            phase=decision.phase or None,
            reason=decision.reason,
            revokes=_key(decision.revokes_id) if decision.revokes_id else None,
            until=decision.until,
            until_on=decision.until_on,
            **_tested(decision),
        )
        for decision in decisions
    ]


def _key(pk: int) -> str:
    """Words of one moment count in the order in which they were said."""
    return f"{pk:012}"


def _tested(decision: Decision) -> dict[str, int]:
    if decision.kind != Decision.Kind.ESTIMATE:
        return {}
    return {
        "reps": int(decision.observed["reps"]),
        "reserve": int(decision.observed.get("reserve", 0)),
    }


# --- a state, and the targets that follow from it -------------------------------------------------


@dataclass(frozen=True, slots=True)
class Standing:
    """Where an enrollment stands: its state, what is asked for next, and under which rules."""

    state: State
    targets: Mapping[str, Target]
    rules: RulesInForce
    versions: tuple[int, ...]

    @property
    def plan(self) -> Plan:
        return self.state.plan


@dataclass(frozen=True, slots=True)
class Log:
    """An enrollment as events: what is so, and what is announced, as new rules from a day on."""

    events: list[Event]
    announced: list[PlanChanged | RulesChanged]


def arrival(visit: Visit, *, clinic: Clinic) -> Arrived:
    """The visit's own arrival: when its questions were answered, at the latest when it starts."""
    return arrived_event(visit.uid, visit.starts_at, visit.answers, clinic.tz)


def standing_for(visit: Visit, *, clinic: Clinic, cleared: int) -> Standing:
    """Targets of a visit: everything lifted in earlier slots, decided until its end, and asked.

    The visit is one of ``on_the_floor``.
    """
    sets = SetEntry.objects.filter(
        enrollment_id=visit.enrollment_id, visit__during__startswith__lt=visit.starts_at
    )
    decisions = decisions_of([visit.enrollment_id]).filter(at__lte=visit.ends_at)
    lifted = visited_events(sets, tz=clinic.tz)
    return _standing_at(visit, lifted, decisions, clinic=clinic, cleared=cleared)


def standings_for(visits: Sequence[Visit], *, clinic: Clinic) -> dict[int, Standing]:
    """The same of many visits by their primary key, in two queries for all of them."""
    if not visits:
        return {}
    enrollments = {visit.enrollment_id for visit in visits}
    last = max(visit.starts_at for visit in visits)
    sets = _counted(
        SetEntry.objects.filter(enrollment__in=enrollments, visit__during__startswith__lt=last)
    )
    lifted: dict[int, list[tuple[Any, ...]]] = {pk: [] for pk in enrollments}
    for enrollment, *row in sets.values_list(
        "enrollment_id", "visit__during__startswith", *_SET_FIELDS
    ):
        lifted[enrollment].append(tuple(row))
    said: dict[int, list[Decision]] = {pk: [] for pk in enrollments}
    for decision in decisions_of(enrollments):
        said[decision.enrollment_id].append(decision)
    found = {}
    for visit in visits:
        earlier = [row[1:] for row in lifted[visit.enrollment_id] if row[0] < visit.starts_at]
        found[visit.pk] = _standing_at(
            visit,
            _events(earlier, clinic.tz),
            [one for one in said[visit.enrollment_id] if one.at <= visit.ends_at],
            clinic=clinic,
            cleared=visit.client.impact_cleared,
        )
    return found


def _standing_at(
    visit: Visit,
    lifted: list[Visited],
    decisions: Iterable[Decision],
    *,
    clinic: Clinic,
    cleared: int,
) -> Standing:
    found = getattr(visit, "beside", None) or beside_of(visit.enrollment_id)
    return _standing(
        [*lifted, arrival(visit, clinic=clinic)],
        Beside.read(found, clinic.tz),
        decisions,
        clinic=clinic,
        until=visit.ends_at,
        arrivals_before=visit.starts_at,
        last_words=_last_words(visit.client, visit.starts_at, clinic=clinic, cleared=cleared),
    )


def standing_now(
    enrollment: Enrollment,
    *,
    clinic: Clinic,
    now: datetime,
    decisions: Iterable[Decision] | None = None,
) -> Standing:
    """Targets of the next visit, were it now and all well on arrival, from all known at ``now``.

    ``decisions`` of the enrollment, and its ``beside``, are not asked for where they are there.
    """
    client = enrollment.client
    words = decisions_of([enrollment.pk]) if decisions is None else decisions
    # Somebody who came before her time has lifted all the same: the whole day counts.
    tomorrow = now.astimezone(clinic.tz).date() + timedelta(days=1)
    midnight = datetime.combine(tomorrow, time.min, tzinfo=clinic.tz)
    sets = SetEntry.objects.filter(
        enrollment_id=enrollment.pk, visit__during__startswith__lt=midnight
    )
    lifted = visited_events(sets, tz=clinic.tz)
    # A visit that is going on ends after now; it is lifted as far as it is.
    moment = max([now, *(event.at for event in lifted[-1:])])
    today = Arrived(moment, "~ next", moment.astimezone(clinic.tz).date(), ALL_WELL)
    return _standing(
        [*lifted, today],
        Beside.read(getattr(enrollment, "beside", None) or beside_of(enrollment.pk), clinic.tz),
        [one for one in words if one.at <= now],
        clinic=clinic,
        until=now,
        arrivals_before=now,
        last_words=_last_words(client, now, clinic=clinic, cleared=client.impact_cleared),
    )


def log_now(enrollment: Enrollment, *, clinic: Clinic, now: datetime, ahead: datetime) -> Log:
    """Everything known at ``now`` as events, and what is announced from then until ``ahead``."""
    client = enrollment.client
    known = Beside.read(beside_of(enrollment.pk), clinic.tz)
    sets = SetEntry.objects.filter(enrollment_id=enrollment.pk, visit__during__startswith__lte=now)
    plans, rules = known.plans(until=ahead), _rules_changed(clinic, until=ahead)
    lifted = visited_events(sets, tz=clinic.tz)
    last = max([now, *(event.at for event in lifted[-1:])])
    return Log(
        events=[
            *lifted,
            *known.arrivals(before=now),
            *decided_events(decisions_of([enrollment.pk]).filter(at__lte=now)),
            *known.locks,
            *known.plans(until=now),
            *_rules_changed(clinic, until=now),
            *_last_words(client, now, clinic=clinic, cleared=client.impact_cleared)(last),
        ],
        announced=[
            *(event for event in plans if event.at > now),
            *(event for event in rules if event.at > now),
        ],
    )


def _standing(
    lifted: list[Event],
    known: Beside,
    decisions: Iterable[Decision],
    *,
    clinic: Clinic,
    until: datetime,
    arrivals_before: datetime,
    last_words: Callable[[datetime], list[Cleared | Barred]],
) -> Standing:
    beside_it = [*known.arrivals(before=arrivals_before), *known.locks, *known.plans(until=until)]
    last = max(until, *(event.at for event in lifted))
    events = [*lifted, *decided_events(decisions), *beside_it, *_rules_changed(clinic, until=until)]
    state = replay([*events, *last_words(last)])
    return Standing(state, targets(state), rules_at(clinic, until), known.versions(until=until))


def _last_words(
    client: Client, on: datetime, *, clinic: Clinic, cleared: int
) -> Callable[[datetime], list[Cleared | Barred]]:
    """What holds on the day of a moment, whatever was lifted: her clearance and her intake."""
    gone = barred(client, on.astimezone(clinic.tz).date())

    def at(last: datetime) -> list[Cleared | Barred]:
        words: list[Cleared | Barred] = [Cleared(last, "~ cleared", cleared)]
        return [*words, Barred(last, "~ barred", gone.words)] if gone else words

    return at


def _rules_changed(clinic: Clinic, *, until: datetime) -> list[RulesChanged]:
    """The clinic's rules as events; its first ones hold also for what was before them."""
    first, *later = rules_of(clinic)
    return [
        RulesChanged(entry.effective_from, f"{entry.number:08}", entry.rules, entry.inventory)
        for entry in (first, *(entry for entry in later if entry.effective_from <= until))
    ]


def decisions_of(enrollments: Iterable[int]) -> QuerySet[Decision]:
    """Therapists' words about enrollments, with what a fold of them needs."""
    return (
        Decision.objects.filter(enrollment__in=enrollments)
        .select_related("exercise")
        .only(
            "uid",
            "enrollment_id",
            "at",
            "kind",
            "lift",
            "load",
            "phase",
            "reason",
            "until",
            "until_on",
            "observed",
            "exercise__slug",
            "revokes_id",
        )
    )
