"""A review whose clock is five minutes behind that of whoever wrote a fact knows it all the same.

Else it would take what was noted for looked at, and nobody would look again for days.
"""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from bonefit.clinics.credentials import record
from programs.actions import publish_rules
from programs.plans import rules_at
from sessions import actions, booking, reviewing, reviewing_clinics
from sessions.flag_facts import Scope
from sessions.models import Changed, Flag
from tests.cast import NOW, TODAY, Cast
from tests.sessions.test_flag_facts_attendance import after, came, said

pytestmark = pytest.mark.django_db
APART = timedelta(minutes=5)
DAY = timedelta(days=1)


def found(cast: Cast, now: datetime) -> set[str]:
    """The open flags after a sweep of what was noted, by a clock that is behind."""
    Changed.objects.create(clinic=cast.north, enrollment=cast.enrollment)
    reviewing.sweep(now - APART)
    assert not Changed.objects.exists()
    rows = Flag.objects.open().filter(enrollment=cast.enrollment)
    return set(rows.values_list("kind", flat=True))


def test_a_promotion(cast: Cast):
    now = NOW + 60 * DAY
    assert "phase_lag" in found(cast, now)
    actions.decide(
        enrollment=cast.enrollment,
        kind="promote",
        phase="BUILD",
        reason="Criteria met.",
        by=cast.ana,
        now=now,
    )
    assert "phase_lag" not in found(cast, now)


def test_seats_that_were_given_back(cast: Cast):
    came(cast, cast.visit)
    for place in cast.enrollment.places.all():
        place.ends_on = cast.visit.place_on
        place.save(update_fields=["ends_on"])
    now = after(cast.visit) + 21 * DAY
    for visit in cast.visits[1:]:
        at = now if visit.starts_at > now else after(cast.visit)
        booking.cancel(visit=visit, cause="clinic", why="Moved", by=cast.ada, now=at)
    assert "lapsed" in found(cast, now)


def test_a_seat_that_was_booked(cast: Cast):
    came(cast, cast.visit)
    now = after(cast.visit) + 22 * DAY  # a Friday, on which she has no seat
    cast.enrollment.visits.filter(status="planned").update(created_at=now)
    assert "lapsed" not in found(cast, now)


def test_numbers_that_were_saved(cast: Cast):
    said(cast, "no_show", *cast.visits[:2])
    now = after(cast.visits[1])
    assert "interrupted" not in found(cast, now)
    old = rules_at(cast.north, now)
    publish_rules(
        clinic=cast.north,
        rules=type(old.rules).from_values(old.rules.values() | {"interrupted_after": "2"}),
        inventory=old.inventory,
        by=cast.ada,
        reason="We want to know earlier.",
        now=now,
    )
    assert "interrupted" in found(cast, now)


def test_papers_that_were_recorded(cast: Cast):
    record(
        member=cast.ana,
        profession="Physiotherapist",
        licence="PHY 1",
        jurisdiction="Queensland",
        expires_on=TODAY - DAY,
        insured_until=None,
        first_aid_until=None,
        trained_on=TODAY - 100 * DAY,
        by=cast.ada,
        now=NOW,
    )
    reviewing_clinics.review_clinics(NOW - APART)
    assert Flag.objects.open().filter(kind="supervisor", member=cast.ana).exists()


def test_of_the_past_nothing_is_known_that_was_written_after_it(cast: Cast):
    assert Scope.of(cast.north, (), NOW, back=1).asked.known == NOW
    assert Scope.of(cast.north, (), NOW).asked.known > NOW + APART
