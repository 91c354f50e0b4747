"""Whatever way a fact is written, the database notes whose it is: no writer can forget it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

import pytest

from bonefit.clients import intake
from bonefit.clients.models import Fall, Lock, Measurement, Told
from programs.models import Decision, Enrollment
from sessions import actions, booking, moving, pausing, sync
from sessions.models import Changed, SessionNote, SetEntry, Visit
from tests.cast import NOW, TODAY, Cast, assign, enroll, log_op


def noted() -> set[int]:
    return set(Changed.objects.values_list("enrollment_id", flat=True))


def forget() -> None:
    Changed.objects.all().delete()


def attended(cast: Cast) -> Visit:
    cast.log_all(cast.visit, now=NOW)
    actions.complete_visit(visit=cast.visit, by=cast.ana, now=NOW)
    return cast.visit


def complete(cast: Cast) -> None:
    cast.log_all(cast.visit, now=NOW)
    forget()
    actions.complete_visit(visit=cast.visit, by=cast.ana, now=NOW)


def correct(cast: Cast) -> None:
    visit = attended(cast)
    entry = SetEntry.objects.filter(visit=visit).first()
    assert entry is not None
    forget()
    op = log_op(visit, reps=4, rpe=15, pain=0)
    fixed = sync.Op(
        op.uid, "correct_set", visit.uid, NOW, entry.uid, entry.revision, payload=op.payload
    )
    assert sync.apply([fixed], by=cast.ana, now=NOW)[0].outcome == "applied"


def say(cast: Cast) -> None:
    actions.say(visit=cast.visit, status=Visit.Status.NO_SHOW, by=cast.ana, now=NOW)


def cancel(cast: Cast) -> None:
    booking.cancel(visit=cast.visits[2], cause="client", why="Away", by=cast.ana, now=NOW)


def pause(cast: Cast) -> None:
    pausing.pause(
        enrollment=cast.enrollment,
        starts_on=date(2026, 3, 16),
        ends_on=date(2026, 3, 22),
        why="Holiday",
        by=cast.ana,
        now=NOW,
    )


def decide(cast: Cast) -> None:
    actions.decide(
        enrollment=cast.enrollment,
        kind=Decision.Kind.HOLD,
        lift="hinge",
        by=cast.ana,
        reason="Sore",
        now=NOW,
    )


def sign_a_note(cast: Cast) -> None:
    visit = attended(cast)
    forget()
    SessionNote.objects.create(
        clinic=cast.north, visit=visit, version=1, signed_by=cast.ana, signed_at=NOW
    )


def measure(cast: Cast) -> None:
    Measurement.objects.create(
        clinic=cast.north,
        client=cast.cal_client,
        measure="height",
        taken_on=TODAY,
        amount=1_600_000,
        recorded_by=cast.ana,
    )


def lock(cast: Cast) -> None:
    Lock.objects.create(
        clinic=cast.north, client=cast.cal_client, why=Lock.Why.PAIN, fact="x 1", opened_at=NOW
    )


def fall(cast: Cast) -> None:
    Fall.objects.create(
        clinic=cast.north,
        client=cast.cal_client,
        key="told",
        fell_on=TODAY,
        told=Told.STAFF,
        recorded_by=cast.ana,
        recorded_at=NOW,
    )


def clear_less(cast: Cast) -> None:
    cast.cal_client.impact_cleared = 3
    cast.cal_client.save(update_fields=["impact_cleared"])


def end(cast: Cast) -> None:
    moving.end_enrollment(
        enrollment=cast.enrollment,
        status="withdrawn",
        reason="Moved",
        on=TODAY,
        by=cast.ana,
        now=NOW,
    )


def in_bulk(cast: Cast) -> None:
    Visit.objects.filter(pk=cast.visit.pk).update(status=Visit.Status.UNRECORDED)


@pytest.mark.parametrize(
    "write",
    [
        complete,
        correct,
        say,
        cancel,
        pause,
        decide,
        sign_a_note,
        measure,
        lock,
        fall,
        clear_less,
        end,
        in_bulk,
    ],
)
def test_a_fact_that_a_rule_reads_is_noted_with_its_enrollment(
    cast: Cast, write: Callable[[Cast], None]
):
    forget()
    write(cast)
    assert noted() == {cast.enrollment.pk}


def test_a_new_enrollment_is_looked_at_for_the_first_time(cast: Cast):
    forget()
    hers = assign(enroll(cast.ana, "New N."), cast.ana, starts_on=date(2026, 3, 9), now=NOW)
    assert noted() == {hers.pk}


def test_one_statement_about_many_notes_each_of_them_once(cast: Cast):
    forget()
    rows = Visit.objects.filter(status=Visit.Status.PLANNED)
    whose = set(rows.values_list("enrollment_id", flat=True))
    rows.update(status=Visit.Status.EXCUSED)
    assert sorted(Changed.objects.values_list("enrollment_id", flat=True)) == sorted(whose)


def test_what_no_rule_reads_notes_nothing(cast: Cast):
    forget()
    cast.log(cast.visit, now=NOW)  # a tap in a visit that goes on: its status is all that changed
    assert noted() <= {cast.enrollment.pk}
    forget()
    cast.log(cast.visit, number=2, now=NOW)
    Visit.objects.filter(pk=cast.visit.pk).update(missed_after=NOW + timedelta(hours=9), told={})
    cast.cal_client.notes = "Has a new dog."
    cast.cal_client.save(update_fields=["notes"])
    intake.refresh([cast.cal_client], now=NOW)
    assert noted() == set()


def test_an_ended_enrollment_is_not_noted_for_what_becomes_of_the_client(cast: Cast):
    Enrollment.objects.filter(pk=cast.enrollment.pk).update(status="finished", ended_on=TODAY)
    forget()
    fall(cast)
    assert noted() == set()
