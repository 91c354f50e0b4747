"""Every planned session is reminded of once, in time and not at night."""

from __future__ import annotations

import logging
import threading
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from bonefit.clients.models import Client, Lock
from bonefit.clinics.actions import create_clinic
from bonefit.clinics.models import Clinic
from sessions.contained import SweepIncomplete
from sessions.models import Notice, Visit
from sessions.notices import remind, tell_changes
from tests.cast import NOW, TODAY, Cast, assign, enroll
from tests.notices.writing import (
    CALLED_OFF,
    MINUTE,
    book,
    changes,
    coming,
    fresh,
    move,
    reminded,
    set_rules,
)

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
#: Sunday 8 March, 9:00 in Brisbane: a day before Cal's Monday.
SUNDAY = datetime(2026, 3, 7, 23, 0, tzinfo=UTC)


@pytest.fixture
def only_cal(cast: Cast) -> Cast:
    Visit.objects.exclude(client=cast.cal_client).update(status=Visit.Status.RELEASED)
    return cast


def test_a_reminder_goes_a_day_before_and_once(only_cal: Cast):
    monday = coming(only_cal)
    assert remind(SUNDAY - MINUTE) == 0
    assert remind(SUNDAY) == 1
    assert remind(SUNDAY + 5 * MINUTE) == 0
    assert reminded() == [("cal@example.org", monday.starts_at.isoformat())]
    notice = Notice.objects.get()
    assert (notice.due_at, notice.expires_at) == (SUNDAY, monday.starts_at)
    assert set(notice.facts) == {"uid", "starts_at", "ends_at", "room", "first"}


def test_an_empty_day_is_a_good_day(only_cal: Cast):
    Visit.objects.update(status=Visit.Status.EXCUSED)
    assert remind(SUNDAY) == 0
    Visit.objects.all().delete()
    assert remind(SUNDAY) == 0
    assert reminded() == []


def test_a_late_sweep_makes_up_for_it_until_the_session_begins(only_cal: Cast):
    monday = coming(only_cal)
    assert remind(monday.starts_at) == 0
    assert remind(monday.starts_at + MINUTE) == 0
    assert remind(monday.starts_at - MINUTE) == 1


def test_a_day_before_is_the_clinic_s_setting(only_cal: Cast):
    set_rules(only_cal.north, reminder_hours=48)
    assert remind(SUNDAY - DAY - MINUTE) == 0
    assert remind(SUNDAY - DAY) == 1


@pytest.mark.parametrize(
    "change",
    [
        {"email": ""},
        {"reminders_off_at": NOW},
    ],
)
def test_nobody_is_reminded_who_cannot_or_will_not(only_cal: Cast, change: dict[str, object]):
    Client.objects.filter(pk=only_cal.cal_client.pk).update(**change)
    assert remind(SUNDAY) == 0


@pytest.mark.parametrize(
    "status", [CALLED_OFF, Visit.Status.EXCUSED, Visit.Status.CHECKED_IN, Visit.Status.RELEASED]
)
def test_only_what_is_planned_is_reminded_of(only_cal: Cast, status: str):
    Visit.objects.filter(pk=coming(only_cal).pk).update(status=status)
    assert remind(SUNDAY) == 0


def test_a_lock_does_not_stop_a_reminder(only_cal: Cast):
    """The appointment stands until somebody takes it away, so she is expected."""
    Lock.objects.create(
        clinic=only_cal.north,
        client=only_cal.cal_client,
        why=Lock.Why.PAIN,
        fact="a pain",
        opened_by=only_cal.ana,
    )
    assert remind(SUNDAY) == 1


def test_moved_after_the_reminder_it_is_reminded_of_anew_in_time(only_cal: Cast):
    monday = coming(only_cal)
    remind(SUNDAY)
    moved = move(monday, monday.starts_at + DAY, now=SUNDAY + HOUR)
    tell_changes(SUNDAY + HOUR + 3 * MINUTE)
    assert remind(SUNDAY + 2 * HOUR) == 0
    assert remind(SUNDAY + DAY) == 1
    assert reminded()[1] == ("cal@example.org", moved.starts_at.isoformat())


def test_told_of_a_change_so_late_she_is_not_reminded_of_it_too(only_cal: Cast):
    soon = book(only_cal.enrollment, NOW + 20 * HOUR, now=NOW)
    assert remind(NOW + MINUTE) == 0  # she is about to hear of it
    tell_changes(NOW + 3 * MINUTE)
    assert remind(NOW + 5 * MINUTE) == 0
    assert [line["uid"] for notice in changes() for line in notice.facts["lines"]] == [
        str(soon.uid)
    ]


def test_a_change_that_did_not_reach_her_stops_no_reminder(only_cal: Cast):
    book(only_cal.enrollment, NOW + 20 * HOUR, now=NOW)
    tell_changes(NOW + 3 * MINUTE)
    Notice.objects.update(failed_at=NOW)
    assert remind(NOW + 5 * MINUTE) == 1


def test_a_slip_that_was_mended_stops_no_reminder(only_cal: Cast):
    monday = coming(only_cal)
    move(monday, monday.starts_at + DAY, now=SUNDAY)
    move(monday, monday.starts_at, now=SUNDAY + MINUTE)
    assert remind(SUNDAY + 2 * MINUTE) == 0
    tell_changes(SUNDAY + 5 * MINUTE)
    assert changes() == []
    assert remind(SUNDAY + 5 * MINUTE) == 1


def test_changes_that_nobody_tells_do_not_hold_the_reminder_for_ever(only_cal: Cast):
    monday = coming(only_cal)
    move(monday, monday.starts_at, room="Room 2", now=SUNDAY)
    assert remind(SUNDAY + 19 * MINUTE) == 0
    assert remind(SUNDAY + 20 * MINUTE) == 1


def test_who_walked_in_is_not_reminded(only_cal: Cast):
    made = book(only_cal.enrollment, NOW + 10 * MINUTE, now=NOW)
    Visit.objects.filter(pk=made.pk).update(sequence=0, purpose=Visit.Purpose.EXTRA)
    assert remind(NOW + MINUTE) == 0


@pytest.mark.parametrize(
    ("zone", "start", "goes"),
    [
        ("Australia/Brisbane", (2026, 10, 3, 23), (2026, 10, 2, 23)),
        ("Australia/Sydney", (2026, 10, 3, 22), (2026, 10, 2, 23)),  # 9:00, the clocks went on
        ("Australia/Sydney", (2026, 4, 4, 23), (2026, 4, 3, 22)),  # 9:00, they went back
        ("America/New_York", (2026, 3, 8, 13), (2026, 3, 7, 14)),
        ("America/New_York", (2026, 11, 1, 14), (2026, 10, 31, 13)),
        ("Europe/Berlin", (2026, 3, 29, 7), (2026, 3, 28, 8)),
        ("Europe/Berlin", (2026, 10, 25, 8), (2026, 10, 24, 7)),
    ],
)
def test_across_the_night_of_the_clocks_it_is_one_reminder_at_the_same_time_of_day(
    only_cal: Cast, zone: str, start: tuple[int, ...], goes: tuple[int, ...]
):
    Clinic.objects.filter(pk=only_cal.north.pk).update(timezone=zone)
    Visit.objects.update(status=Visit.Status.RELEASED)
    begins, moment = datetime(*start, tzinfo=UTC), datetime(*goes, tzinfo=UTC)
    visit = book(only_cal.enrollment, begins, now=NOW)
    Visit.objects.filter(pk=visit.pk).update(told_sequence=1)
    now, made_at = begins - 3 * DAY, []
    while now < begins + HOUR:
        if remind(now):
            made_at.append(now)
        near = 22 * HOUR < begins - now <= 27 * HOUR  # a day, whatever the clocks do
        now += 5 * MINUTE if near else HOUR
    assert made_at == [moment]


def test_a_reminder_waits_for_the_morning(only_cal: Cast):
    early = book(only_cal.enrollment, datetime(2026, 3, 10, 20, 30, tzinfo=UTC), now=NOW)  # 6:30
    Visit.objects.filter(pk=early.pk).update(told_sequence=1)
    Visit.objects.exclude(pk=early.pk).update(status=Visit.Status.RELEASED)
    # A day before is quiet until 8:00 on Tuesday, and that is still a day before.
    assert remind(datetime(2026, 3, 9, 21, 55, tzinfo=UTC)) == 0
    assert remind(datetime(2026, 3, 9, 22, 0, tzinfo=UTC)) == 1


def test_one_visit_that_cannot_be_reminded_of_stops_no_other(
    cast: Cast, caplog: pytest.LogCaptureFixture
):
    friday = NOW + 21 * HOUR
    bad = book(cast.enrollment, friday, now=NOW - DAY)
    Visit.objects.filter(pk=bad.pk).update(told_sequence=1)
    # What she was told lately cannot be read.
    Notice.objects.create(
        clinic=cast.north,
        client=cast.cal_client,
        kind=Notice.Kind.CHANGE,
        key="broken",
        to="",
        due_at=NOW,
        created_at=NOW,
        facts={"lines": [{"now": {"room": "Room 1"}}]},
    )
    with caplog.at_level(logging.ERROR), pytest.raises(SweepIncomplete):
        remind(NOW)
    assert [to for to, _ in reminded()] == ["cam@example.org"]
    assert [record.getMessage() for record in caplog.records] == [f"Visit {bad.pk}: KeyError"]


def test_a_clinic_that_is_not_set_up_stops_no_other(cast: Cast, caplog: pytest.LogCaptureFixture):
    bare = create_clinic(name="Bare", slug="bare", timezone="Europe/Berlin")
    with caplog.at_level(logging.ERROR), pytest.raises(SweepIncomplete):
        remind(NOW)
    assert [to for to, _ in reminded()] == ["cam@example.org"]
    assert [record.getMessage() for record in caplog.records] == [
        f"Clinic {bare.pk}: RulesOutOfSight"
    ]


@pytest.mark.parametrize("people", [2, 30])
def test_a_batch_asks_a_fixed_number_of_questions(cast: Cast, people: int):
    for number in range(people):
        person = enroll(cast.ana, f"Person {number}", email=f"p{number}@example.org")
        enrollment = assign(person, cast.ana, starts_on=TODAY + timedelta(weeks=3))
        visit = book(enrollment, NOW + 20 * HOUR, now=NOW - DAY)
        Visit.objects.filter(pk=visit.pk).update(told_sequence=1)
    remind(NOW - 3 * DAY)  # the rules of the clinics are known
    with CaptureQueriesContext(connection) as asked:
        assert remind(NOW) == people + 1  # and Cam
    statements = [query["sql"] for query in asked if "SAVEPOINT" not in query["sql"]]
    # The clinics; Harbor's visits; ours, and that there are no more; what was told, known, written.
    assert len(statements) == 7, statements


@pytest.mark.django_db(transaction=True)
def test_four_sweeps_at_once_remind_everybody_once(cast: Cast):
    for number in range(8):
        person = enroll(cast.ana, f"Person {number}", email=f"p{number}@example.org")
        enrollment = assign(person, cast.ana, starts_on=TODAY + timedelta(weeks=3))
        visit = book(enrollment, NOW + 20 * HOUR, now=NOW - DAY)
        Visit.objects.filter(pk=visit.pk).update(told_sequence=1)
    barrier = threading.Barrier(4)
    errors: list[BaseException] = []

    def sweep() -> None:
        try:
            barrier.wait()
            remind(NOW, batch=3)
        except BaseException as error:  # noqa: BLE001 - handed to the test
            errors.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=sweep) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert errors == []
    everybody = ["cam@example.org", *(f"p{number}@example.org" for number in range(8))]
    assert sorted(to for to, _ in reminded()) == sorted(everybody)


def test_the_words_of_a_visit_are_its_own(only_cal: Cast):
    remind(SUNDAY)
    monday = fresh(coming(only_cal))
    assert Notice.objects.get().key == f"reminder|{monday.uid}|{monday.starts_at.isoformat()}"
