"""A clinic with a past and with visits to fill: what the bench logs its sets into.

The past goes through the same actions that the views call, each visit as one batch.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal

from django.conf import settings
from django.contrib.auth import get_user_model
from django.http import HttpRequest
from django.middleware.csrf import get_token
from django.test import Client as Browser
from django.urls import reverse

from bench.in_sight import see_every_clinic
from bench.log_in import log_in
from bench.requests import Batch, Post
from bonefit.clients import actions as clients
from bonefit.clinics import actions as clinics
from bonefit.clinics.access import Role
from bonefit.clinics.models import Clinic, Membership
from bonefit.demo.intakes import take_in
from programs import actions as programs
from programs.catalogue import FIRST_PROGRAM
from programs.models import Enrollment, Exercise, ProgramVersion
from programs.progression import Target
from sessions import facts, sync, told
from sessions.board import prescription_of
from sessions.models import Operation, SetEntry, Slot, Visit
from sessions.planning import Place, plan_visits, take_places

SLUG = "bench"
STARTS = {
    "hinge": ("deadlift", "40"),
    "squat": ("back-squat", "30"),
    "press": ("overhead-press", "20"),
    "impact": ("heel-raise", None),
}
PLAN_EVERY = timedelta(weeks=3)
VISITS_A_WEEK = 2


@dataclass(frozen=True, slots=True)
class MadeClinic:
    """Its therapist, and for each client the visits of today that nobody has touched."""

    therapist: Membership
    fresh: tuple[tuple[Visit, ...], ...]


def make(*, people: int, history: int, fresh: int, now: datetime, slug: str = SLUG) -> MadeClinic:
    """``people`` clients with ``history`` logged visits each, and ``fresh`` more visits today."""
    clinic = clinics.create_clinic(name="Bench", slug=slug, timezone="UTC")
    see_every_clinic()
    weeks = -(-history // VISITS_A_WEEK)
    first = now.date() - timedelta(weeks=weeks)
    began = datetime.combine(first, time.min, tzinfo=UTC)
    programs.equip_clinic(clinic=clinic, now=began)
    therapist = clinics.add_member(
        clinic=clinic, email=f"{slug}@example.org", name="Bea N.", roles=[Role.THERAPIST]
    )
    enrollments = [_enroll(number, therapist, first, began) for number in range(people)]
    for moment in _moments(began, now):
        plan_visits(now=moment, clinic=clinic)
    _live(clinic, therapist, today=now.date())
    return MadeClinic(
        therapist, tuple(tuple(_fresh(one, clinic, fresh, now.date())) for one in enrollments)
    )


def _moments(began: datetime, now: datetime) -> Iterator[datetime]:
    while began < now:
        yield began
        began += PLAN_EVERY
    yield now


def _enroll(number: int, by: Membership, first: date, now: datetime) -> Enrollment:
    client = clients.enroll_client(
        by=by,
        name=f"Client {number + 1}",
        born_on=date(1958, 4, 2),
        sex="female",
        emergency_contact="A neighbour",
        cleared_by="Dr L. H.",
        cleared_on=first,
        impact_level=1,
        now=now,
    )
    take_in(client, by=by, now=now, impact_level=1)
    rungs = Exercise.objects.in_bulk(field_name="slug")
    version = ProgramVersion.objects.filter(clinic=by.clinic, program__slug=FIRST_PROGRAM).latest(
        "number"
    )
    enrollment = programs.assign_program(
        client=client,
        version=version,
        therapist=by,
        starts_on=first,
        lifts=[
            programs.StartingLift(lift, rungs[slug], load and Decimal(load))
            for lift, (slug, load) in STARTS.items()
        ],
        by=by,
        now=now,
    )
    programs.decide(
        enrollment=enrollment, kind="promote", phase="LOAD", by=by, reason="bench", now=now
    )
    # Yesterday's weekday and the one three days before it: today belongs to the bench.
    weekdays = ((first.weekday() - 1) % 7, (first.weekday() - 4) % 7)
    at = time(7 + number % 10)
    places = [Place(day, at, version.minutes, f"Room {number // 10}", by) for day in weekdays]
    take_places(enrollment=enrollment, places=places)
    return enrollment


def _live(clinic: Clinic, by: Membership, *, today: date) -> None:
    """Every planned visit until yesterday was lifted as prescribed, and completed."""
    midnight = datetime.combine(today, time.min, tzinfo=UTC)
    past = Visit.objects.filter(clinic=clinic, during__endswith__lte=midnight).order_by("during")
    for uid, during in past.values_list("uid", "during"):
        visit = facts.on_the_floor(by).get(uid=uid)
        visit.clinic = clinic
        ops = [
            sync.Op(uuid.uuid4(), "log_set", uid, made_at=during.upper, payload=payload)
            for payload in payloads(visit)
        ]
        ops.append(sync.Op(uuid.uuid4(), "complete", uid, made_at=during.upper))
        results = sync.apply(ops, by=by, now=during.upper)
        wrong = [one for one in results if one.outcome != Operation.Outcome.APPLIED]
        if wrong:
            raise RuntimeError(f"The past could not be made: {wrong[0].reason}")


def _fresh(enrollment: Enrollment, clinic: Clinic, count: int, today: date) -> Iterator[Visit]:
    """Visits that do not overlap, spread over today: nothing stands in them yet."""
    midnight = datetime.combine(today, time.min, tzinfo=UTC)
    step = timedelta(days=1) / max(count, 1)
    for number in range(count):
        starts = midnight + number * step
        ends = starts + step / 2
        slot, _ = Slot.objects.get_or_create(
            clinic=clinic, room="Bench", starts_at=starts, ends_at=ends, capacity=100
        )
        yield Visit.objects.create(
            clinic=clinic,
            enrollment=enrollment,
            client_id=enrollment.client_id,
            slot=slot,
            during=(starts, ends),
            missed_after=ends + timedelta(days=2),
            purpose=Visit.Purpose.EXTRA,
        )


# --- what is tapped -----------------------------------------------------------------------------


def payloads(visit: Visit) -> Iterator[dict[str, str]]:
    """Every set of a visit as prescribed; on the last of a lift also what was observed."""
    for target in told.load_targets(prescription_of(visit)).values():
        for number in range(1, target.sets + 1):
            yield {"lift": target.lift, "number": str(number), **_said(target, number)}


def _said(target: Target, number: int) -> dict[str, str]:
    last = number == target.sets
    seen = {"technique": "clean", "pain": "0"} if last else {}
    if target.kind == "impact":
        return {"landings": str(target.landings), "level": str(target.level), **seen}
    if last and target.effort_low is not None:
        seen["rpe"] = str(target.effort_low)
    load = "" if target.load is None else f"{target.load.normalize():f}"
    return {"load": load, "reps": str(target.reps), **seen}


def taps(made: MadeClinic) -> list[list[Post]]:
    """For each client, in order, the POST of every set of today, as the page's form sends it."""
    headers, token = _logged_in(made.therapist)
    return [_taps_of(visits, made, headers, token) for visits in made.fresh]


def batches(
    made: MadeClinic, visits: Sequence[Visit], headers: dict[str, str], *, size: int
) -> list[Batch]:
    """Every set of some visits of one client as a board sends it, ``size`` operations at a time."""
    first = facts.on_the_floor(made.therapist).get(uid=visits[0].uid)
    first.clinic = made.therapist.clinic
    sets = list(payloads(first))
    operations = [
        {
            "id": str(uuid.uuid4()),
            "kind": "log_set",
            "visit": str(visit.uid),
            "entry": str(uuid.uuid4()),
            "base_revision": None,
            "payload": said,
            "at": datetime.now(UTC).isoformat(),
        }
        for visit in visits
        for said in sets
    ]
    path = reverse("sessions:board-send", args=[SLUG])
    return [
        Batch(path, made.therapist.pk, tuple(operations[start : start + size]), headers)
        for start in range(0, len(operations), size)
    ]


def tablet_headers(member: Membership) -> dict[str, str]:
    """The headers of a board whose therapist has logged in."""
    headers, token = _logged_in(member)
    return {"Cookie": headers["Cookie"], "X-CSRFToken": token}


def _logged_in(member: Membership) -> tuple[dict[str, str], str]:
    """The headers of a browser that has logged in, and the token that its forms carry."""
    browser = Browser()
    log_in(browser, get_user_model().objects.get(pk=member.user_id))
    request = HttpRequest()
    token = get_token(request)
    cookies = {
        settings.CSRF_COOKIE_NAME: request.META["CSRF_COOKIE"],
        settings.SESSION_COOKIE_NAME: browser.cookies[settings.SESSION_COOKIE_NAME].value,
    }
    headers = {
        "Cookie": "; ".join(f"{name}={value}" for name, value in cookies.items()),
        "HX-Request": "true",
        "HX-Target": "floor",
    }
    return headers, token


def _taps_of(
    visits: Sequence[Visit], made: MadeClinic, headers: dict[str, str], token: str
) -> list[Post]:
    # The targets of the first visit serve for all: what is posted need not be what is asked for.
    first = facts.on_the_floor(made.therapist).get(uid=visits[0].uid)
    first.clinic = made.therapist.clinic
    sets = list(payloads(first))
    return [_tap(visit, said, headers, token) for visit in visits for said in sets]


def _tap(visit: Visit, said: dict[str, str], headers: dict[str, str], token: str) -> Post:
    fields = dict(said)
    lift = fields.pop("lift")
    fields["done"] = fields.pop("reps", "") or fields.pop("landings", "")
    return Post(
        path=reverse("sessions:log-set", args=[SLUG, visit.uid, lift]),
        fields={"csrfmiddlewaretoken": token, "op": str(uuid.uuid4()), **fields},
        headers=headers,
    )


def bare_posts(count: int) -> list[Post]:
    """As many forms for the bare view."""
    return [
        Post("/insert/", {"op": str(uuid.uuid4()), "load": "57.5", "done": "5"}, {})
        for _ in range(count)
    ]


# --- was it all kept? ---------------------------------------------------------------------------


def missing_sets(kept: Sequence[str], made: MadeClinic) -> list[str]:
    """What is wrong: acknowledged taps that are not one applied operation and one set each."""
    visits = [visit.pk for visits in made.fresh for visit in visits]
    said = Operation.objects.filter(visit__in=visits, outcome=Operation.Outcome.APPLIED)
    entry_of = {str(uid): entry for uid, entry in said.values_list("uid", "entry")}
    entries = list(
        SetEntry.objects.filter(visit__in=visits, voided=False).values_list("uid", flat=True)
    )
    wrong = [f"tap {op} is not there" for op in kept if entry_of.get(op) is None]
    made_by_kept = [entry_of[op] for op in kept if op in entry_of]
    if len(set(kept)) != len(kept) or len(set(made_by_kept)) != len(made_by_kept):
        wrong.append("two taps made one set")
    if sorted(entries) != sorted(made_by_kept):
        wrong.append(f"{len(kept)} taps were acknowledged and {len(entries)} sets are there")
    return wrong
