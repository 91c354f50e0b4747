"""What has changed is told once it has settled: merged, compared with what she last knew."""

from __future__ import annotations

import logging
import threading
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from bonefit.clients.models import Client
from sessions.contained import SweepIncomplete
from sessions.models import Notice, Visit
from sessions.notices import tell_changes
from tests.cast import NOW, TODAY, Cast, assign, enroll
from tests.notices.writing import (
    CALLED_OFF,
    CANCELLED,
    HALF_AN_HOUR,
    MINUTE,
    PLANNED,
    book,
    changes,
    coming,
    fresh,
    move,
    say,
    whats,
)
from tests.servers import Databases

DAY = timedelta(days=1)
LATER = NOW + 4 * MINUTE


def untold() -> int:
    return sum(visit.sequence > visit.told_sequence for visit in Visit.objects.all())


def test_a_change_waits_three_minutes_and_is_told_once(cast: Cast):
    monday = coming(cast)
    say(monday, CANCELLED, now=NOW)

    assert tell_changes(NOW + 2 * MINUTE + timedelta(seconds=59)) == 0
    assert tell_changes(NOW + 3 * MINUTE) == 1
    assert tell_changes(NOW + 4 * MINUTE) == 0

    notice = changes()[0]
    assert (notice.to, whats(notice)) == ("cal@example.org", ["not_coming"])
    assert notice.facts["lines"][0]["was"]["starts_at"] == monday.starts_at.isoformat()
    assert (notice.due_at, notice.expires_at) == (NOW + 3 * MINUTE, monday.starts_at)
    told = fresh(monday)
    assert (told.told_sequence, told.told["on"]) == (told.sequence, False)


def test_a_slip_that_is_taken_back_in_time_says_nothing(cast: Cast):
    monday = coming(cast)
    say(monday, CALLED_OFF, now=NOW)
    say(monday, PLANNED, now=NOW + MINUTE)
    before = coming(cast, 1)
    move(before, before.starts_at + DAY, now=NOW)
    move(before, before.starts_at, now=NOW + 2 * MINUTE)
    slip = book(cast.enrollment, NOW + 3 * DAY, now=NOW)
    say(slip, CANCELLED, now=NOW + MINUTE)

    assert tell_changes(NOW + 10 * MINUTE) == 0
    assert (changes(), untold()) == ([], 0)

    # What comes after it is told against what she knows.
    say(monday, CALLED_OFF, now=NOW + 20 * MINUTE)
    assert tell_changes(NOW + 23 * MINUTE) == 1
    assert whats(changes()[0]) == ["called_off"]


def test_five_changes_in_two_minutes_become_one_message(cast: Cast):
    first, second, third, fourth = (coming(cast, number) for number in range(4))
    say(first, CALLED_OFF, now=NOW)
    move(second, second.starts_at + DAY, now=NOW + 0.5 * MINUTE)
    move(third, third.starts_at, room="Room 2", now=NOW + MINUTE)
    say(fourth, Visit.Status.HOLIDAY_CLOSED, now=NOW + 1.5 * MINUTE)
    book(cast.enrollment, NOW + 13 * DAY, now=NOW + 2 * MINUTE)

    for seconds in range(0, 1200, 60):
        tell_changes(NOW + timedelta(seconds=seconds))

    assert len(changes()) == 1
    # The first was ready after three minutes, and waited for the last.
    assert changes()[0].created_at == NOW + 5 * MINUTE
    assert sorted(whats(changes()[0])) == ["booked", "called_off", "closed", "moved", "room"]
    assert untold() == 0


def test_a_class_of_six_that_is_called_off_tells_six_people_once_each(cast: Cast):
    start = NOW + 2 * DAY
    people = [enroll(cast.ana, f"Person {n}", email=f"p{n}@example.org") for n in range(6)]
    seats = []
    for person in people:
        enrollment = assign(person, cast.ana, starts_on=TODAY + timedelta(weeks=3))
        seats.append(book(enrollment, start, now=NOW))
    Visit.objects.update(told_sequence=1)  # they know of it
    for visit in seats:
        say(visit, CALLED_OFF, now=NOW)

    for minute in range(20):
        tell_changes(NOW + minute * MINUTE)

    assert sorted(notice.to for notice in changes()) == [f"p{n}@example.org" for n in range(6)]
    assert {tuple(whats(notice)) for notice in changes()} == {("called_off",)}


def test_a_change_does_not_wait_for_younger_ones_for_more_than_fifteen_minutes(cast: Cast):
    say(coming(cast), CANCELLED, now=NOW)
    second, told_at = coming(cast, 1), None
    for minute in range(1, 30):
        now = NOW + minute * MINUTE
        move(second, NOW + 50 * DAY + minute * timedelta(hours=1), now=now)
        if tell_changes(now) and told_at is None:
            told_at = now
    assert told_at == NOW + 15 * MINUTE
    # What was younger than three minutes is not in it: it may be a slip.
    assert whats(changes()[0]) == ["not_coming"]


def test_before_a_session_that_begins_soon_nothing_waits_for_a_younger_change(cast: Cast):
    soon = book(cast.enrollment, NOW + 40 * MINUTE, now=NOW - DAY)
    Visit.objects.filter(pk=soon.pk).update(told_sequence=1)
    say(soon, CALLED_OFF, now=NOW)
    say(coming(cast, 1), CALLED_OFF, now=NOW + 2 * MINUTE)

    assert tell_changes(NOW + 3 * MINUTE) == 1
    assert len(changes()[0].facts["lines"]) == 1
    assert tell_changes(NOW + 5 * MINUTE) == 1


def test_what_is_past_is_told_quietly(cast: Cast):
    past = fresh(cast.visit)
    say(past, Visit.Status.EXCUSED, now=NOW)
    assert untold() == 1
    assert tell_changes(LATER) == 0
    assert (changes(), untold()) == ([], 0)


def test_a_release_and_somebody_who_is_here_are_no_news(cast: Cast):
    say(coming(cast), Visit.Status.RELEASED, now=NOW)
    here = book(cast.enrollment, NOW + HALF_AN_HOUR, now=NOW)
    Visit.objects.filter(pk=here.pk).update(status=Visit.Status.CHECKED_IN)
    assert tell_changes(LATER) == 0
    assert (changes(), untold()) == ([], 0)


def test_given_back_after_she_was_told_it_is_on_again(cast: Cast):
    monday = coming(cast)
    say(monday, CALLED_OFF, now=NOW)
    tell_changes(LATER)
    say(monday, PLANNED, now=NOW + 10 * MINUTE)
    tell_changes(NOW + 14 * MINUTE)
    assert [whats(notice) for notice in changes()] == [["called_off"], ["on_again"]]


def test_a_change_at_night_waits_for_the_morning_with_all_others_of_the_night(cast: Cast):
    evening = NOW + timedelta(hours=9)  # 21:00
    first, second = coming(cast), coming(cast, 1)
    say(first, CALLED_OFF, now=evening)
    assert tell_changes(evening + 5 * MINUTE) == 0
    say(second, CALLED_OFF, now=evening + timedelta(hours=2))
    say(first, PLANNED, now=evening + timedelta(hours=3))
    assert tell_changes(evening + timedelta(hours=10, minutes=59)) == 0

    assert tell_changes(evening + timedelta(hours=11)) == 1  # 8:00
    assert whats(changes()[0]) == ["called_off"]
    assert len(changes()[0].facts["lines"]) == 1


def test_at_night_it_does_not_wait_where_the_morning_would_be_too_late(cast: Cast):
    evening = NOW + timedelta(hours=9)
    early = book(cast.enrollment, NOW + timedelta(hours=20, minutes=30), now=NOW - DAY)  # 8:30
    Visit.objects.filter(pk=early.pk).update(told_sequence=1)
    say(early, CALLED_OFF, now=evening)
    assert tell_changes(evening + 4 * MINUTE) == 1


def test_who_has_no_address_is_for_the_desk_to_call(cast: Cast):
    Client.objects.filter(pk=cast.cal_client.pk).update(email="")
    say(coming(cast), CALLED_OFF, now=NOW)
    assert tell_changes(LATER) == 1
    notice = changes()[0]
    assert (notice.to, notice.failed_at, notice.error) == ("", LATER, "no address")
    assert untold() == 0


def test_who_wants_no_reminders_is_still_told_of_changes(cast: Cast):
    Client.objects.filter(pk=cast.cal_client.pk).update(reminders_off_at=NOW)
    say(coming(cast), CALLED_OFF, now=NOW)
    assert tell_changes(LATER) == 1


def test_each_client_gets_her_own_message(cast: Cast):
    say(coming(cast), CALLED_OFF, now=NOW)
    hers = cast.cam_enrollment.visits.filter(during__startswith__gt=NOW).first()
    assert hers is not None
    say(hers, CALLED_OFF, now=NOW)
    assert tell_changes(LATER, batch=1) == 2
    assert [notice.to for notice in changes()] == ["cal@example.org", "cam@example.org"]


def test_one_client_whose_changes_cannot_be_written_stops_no_other(
    cast: Cast, caplog: pytest.LogCaptureFixture
):
    bad, good = coming(cast), cast.cam_enrollment.visits.latest("during")
    say(bad, CALLED_OFF, now=NOW)
    say(good, CALLED_OFF, now=NOW)
    Visit.objects.filter(pk=bad.pk).update(told={"on": True, "starts_at": "no time at all"})

    with caplog.at_level(logging.ERROR), pytest.raises(SweepIncomplete):
        tell_changes(LATER)

    assert [notice.to for notice in changes()] == ["cam@example.org"]
    assert [record.getMessage() for record in caplog.records] == [
        f"Client {cast.cal_client.pk}: ValueError"
    ]
    assert "Cal" not in caplog.text
    assert fresh(bad).sequence > fresh(bad).told_sequence


@pytest.mark.django_db(transaction=True)
def test_a_message_that_cannot_be_written_counts_as_not_told(
    cast: Cast, databases: Databases, worker_name: str
):
    bad, good = coming(cast), cast.cam_enrollment.visits.latest("during")
    say(bad, CALLED_OFF, now=NOW)
    say(good, CALLED_OFF, now=NOW)

    with databases.cluster.connect("bonefit_owner", f"test_{worker_name}") as tables:
        tables.execute(
            b"CREATE FUNCTION in_the_way() RETURNS trigger LANGUAGE plpgsql AS "
            b"$$BEGIN IF NEW.\"to\" = 'cal@example.org' THEN RAISE EXCEPTION 'no'; END IF; "
            b"RETURN NEW; END$$"
        )
        tables.execute(
            b"CREATE TRIGGER in_the_way BEFORE INSERT ON training_notice "
            b"FOR EACH ROW EXECUTE FUNCTION in_the_way()"
        )
        try:
            with pytest.raises(SweepIncomplete):
                tell_changes(LATER)
        finally:
            tables.execute(b"DROP FUNCTION in_the_way CASCADE")
    assert [notice.to for notice in changes()] == ["cam@example.org"]

    assert tell_changes(LATER + MINUTE) == 1
    assert [notice.to for notice in changes()] == ["cam@example.org", "cal@example.org"]


@pytest.mark.parametrize("people", [2, 20])
def test_a_batch_asks_a_fixed_number_of_questions(cast: Cast, people: int):
    for number in range(people):
        person = enroll(cast.ana, f"Person {number}", email=f"p{number}@example.org")
        enrollment = assign(person, cast.ana, starts_on=TODAY + timedelta(weeks=3))
        book(enrollment, NOW + 2 * DAY, now=NOW)
    tell_changes(NOW)  # the rules of the clinic are known
    with CaptureQueriesContext(
        connection,
    ) as asked:
        assert tell_changes(LATER) == people
    statements = [query["sql"] for query in asked if "SAVEPOINT" not in query["sql"]]
    assert len(statements) == 5, statements


@pytest.mark.django_db(transaction=True)
def test_four_sweeps_at_once_tell_everybody_once(cast: Cast):
    for number in range(8):
        person = enroll(cast.ana, f"Person {number}", email=f"p{number}@example.org")
        enrollment = assign(person, cast.ana, starts_on=TODAY + timedelta(weeks=3))
        book(enrollment, NOW + 2 * DAY, now=NOW)
        book(enrollment, NOW + 5 * DAY, now=NOW)
    barrier = threading.Barrier(4)
    errors: list[BaseException] = []

    def sweep() -> None:
        try:
            barrier.wait()
            tell_changes(LATER, batch=3)
        except BaseException as error:  # noqa: BLE001 - handed to the test
            errors.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=sweep) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    tell_changes(LATER)

    assert errors == []
    assert sorted(notice.to for notice in changes()) == [f"p{n}@example.org" for n in range(8)]
    assert {len(notice.facts["lines"]) for notice in changes()} == {2}
    assert Notice.objects.count() == 8
