"""What is due goes out once; what does not go is tried again, and then it is the desk's."""

from __future__ import annotations

import itertools
import logging
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from bonefit.clients.models import Client
from sessions.models import Notice, Visit, Waiting
from sessions.notices import offer, remind
from sessions.outbox import send_due
from sessions.posting import CLAIM, MOST_TRIES, MailServerAway, next_try
from tests.cast import NOW, Cast, enroll
from tests.notices.smtp import Postbox
from tests.notices.writing import CALLED_OFF, MINUTE, coming, say

SECOND = timedelta(seconds=1)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)


def message(client: Client, *, key: str = "one", **more: Any) -> Notice:
    """A change that is due now, about a session in two days."""
    start = NOW + 2 * DAY
    place = {
        "starts_at": start.isoformat(),
        "ends_at": (start + timedelta(minutes=30)).isoformat(),
        "room": "Room 1",
    }
    fields = {
        "created_at": NOW,
        "due_at": NOW,
        "expires_at": start,
        "to": client.email,
        "kind": Notice.Kind.CHANGE,
        "facts": {
            "lines": [{"what": "booked", "uid": key, "was": None, "now": place}],
            "first": start.isoformat(),
        },
        **more,
    }
    return Notice.objects.create(clinic=client.clinic, client=client, key=key, **fields)


def people(cast: Cast, count: int) -> list[Client]:
    return [enroll(cast.ana, f"Person {n}", email=f"p{n}@example.org") for n in range(count)]


def reload(notice: Notice) -> Notice:
    return Notice.objects.get(pk=notice.pk)


# --- it goes --------------------------------------------------------------------------------------
def test_what_is_due_goes_out_once_and_is_recorded(cast: Cast, box: Postbox):
    notice = message(cast.cal_client)
    later = message(cast.cam_client, key="later", due_at=NOW + HOUR)

    assert send_due(NOW) == 1
    assert send_due(NOW + 10 * MINUTE) == 0

    assert [one.to for one in box.received] == ["cal@example.org"]
    sent = reload(notice)
    assert sent.sent_at is not None
    assert NOW <= sent.sent_at < NOW + 30 * SECOND
    assert (sent.claimed_at, sent.tries, sent.error) == (None, 1, "")
    assert reload(later).sent_at is None


def test_a_batch_goes_over_one_connection(cast: Cast, box: Postbox):
    for number, person in enumerate(people(cast, 7)):
        message(person, key=f"{number}")
    assert send_due(NOW) == 7
    assert box.connections == 1


def test_more_than_a_batch_goes_in_one_sweep(cast: Cast, box: Postbox):
    for number, person in enumerate(people(cast, 7)):
        message(person, key=f"{number}")
    assert send_due(NOW, batch=3) == 7
    assert box.connections == 3


def test_two_messages_to_one_client_are_a_minute_apart(cast: Cast, box: Postbox):
    message(cast.cal_client, key="first")
    message(cast.cal_client, key="second")
    assert send_due(NOW) == 1
    assert send_due(NOW + 59 * SECOND) == 0
    assert send_due(NOW + 70 * SECOND) == 1
    assert len({one.id for one in box.received}) == 2


def test_it_goes_to_the_address_that_she_has_now(cast: Cast, box: Postbox):
    notice = message(cast.cal_client)
    Client.objects.filter(pk=cast.cal_client.pk).update(email="new@example.org")
    send_due(NOW)
    assert (box.received[0].to, reload(notice).to) == ("new@example.org", "new@example.org")


def test_an_address_that_was_taken_away_makes_it_the_desk_s(cast: Cast, box: Postbox):
    notice = message(cast.cal_client)
    Client.objects.filter(pk=cast.cal_client.pk).update(email="")
    assert send_due(NOW) == 0
    assert reload(notice).failed_at is not None
    assert reload(notice).error == "no address"


@pytest.mark.parametrize("count", [3, 30])
def test_claiming_asks_a_fixed_number_of_questions_and_each_mail_one(
    cast: Cast, box: Postbox, count: int
):
    for number, person in enumerate(people(cast, count)):
        message(person, key=f"{number}")
    send_due(NOW - HOUR)
    with CaptureQueriesContext(connection) as asked:
        assert send_due(NOW) == count
    statements = [query["sql"] for query in asked if "SAVEPOINT" not in query["sql"]]
    # What is over; what is due, who is busy, the claim; that nothing more is due; each mail's own.
    assert len(statements) - count == 5, statements


# --- what is true no more -------------------------------------------------------------------------
def test_a_reminder_of_a_session_that_is_off_meanwhile_is_not_sent(cast: Cast, box: Postbox):
    Visit.objects.exclude(client=cast.cal_client).update(status=Visit.Status.RELEASED)
    monday = coming(cast)
    at = monday.starts_at - DAY
    assert remind(at) == 1
    say(monday, CALLED_OFF, now=at)
    assert send_due(at) == 0
    assert (box.received, Notice.objects.count()) == ([], 0)

    # Given back, it is reminded of after all.
    say(monday, Visit.Status.PLANNED, now=at + MINUTE)
    Visit.objects.filter(pk=monday.pk).update(told_sequence=2)
    assert remind(at + 5 * MINUTE) == 1
    assert send_due(at + 5 * MINUTE) == 1


def test_a_reminder_that_is_not_wanted_any_more_is_not_sent(cast: Cast, box: Postbox):
    assert remind(NOW) == 1
    Client.objects.update(reminders_off_at=NOW)
    assert send_due(NOW) == 0
    assert box.received == []


def waiting_with_offer(cast: Cast, *, ends: datetime) -> Waiting:
    return Waiting.objects.create(
        clinic=cast.north,
        slot=coming(cast).slot,
        enrollment=cast.cam_enrollment,
        client=cast.cam_client,
        asked_at=NOW - DAY,
        asked_by=cast.dee,
        offered_at=NOW,
        offer_ends_at=ends,
    )


def test_an_offer_goes_at_once_and_only_while_it_stands(cast: Cast, box: Postbox):
    waiting = waiting_with_offer(cast, ends=NOW + 4 * HOUR)
    notice = offer(waiting, now=NOW)
    assert offer(waiting, now=NOW) == notice
    assert (notice.due_at, notice.expires_at) == (NOW, NOW + 4 * HOUR)
    assert send_due(NOW) == 1
    assert box.said == [("cam@example.org", "A free place on Monday 9 March at 9:00")]


def test_an_offer_that_was_answered_meanwhile_is_not_sent(cast: Cast, box: Postbox):
    waiting = waiting_with_offer(cast, ends=NOW + 4 * HOUR)
    offer(waiting, now=NOW)
    waiting.closed_at, waiting.outcome = NOW, Waiting.Outcome.TAKEN
    waiting.save()
    assert send_due(NOW) == 0
    assert Notice.objects.count() == 0


@pytest.mark.parametrize(
    ("made", "ends", "due"),
    [
        (NOW + 9 * HOUR, NOW + 24 * HOUR, NOW + 20 * HOUR),  # 21:00, ends at noon: at 8:00
        (NOW + 9 * HOUR, NOW + 13 * HOUR, NOW + 9 * HOUR),  # ends at 1:00: at once
    ],
)
def test_an_offer_made_at_night_goes_in_the_morning_unless_it_ends_before(
    cast: Cast, made: datetime, ends: datetime, due: datetime
):
    assert offer(waiting_with_offer(cast, ends=ends), now=made).due_at == due


def test_there_is_no_offer_of_nothing(cast: Cast):
    waiting = waiting_with_offer(cast, ends=NOW + HOUR)
    waiting.offered_at = waiting.offer_ends_at = None
    with pytest.raises(ValueError, match="Nothing is offered"):
        offer(waiting, now=NOW)


# --- it does not go -------------------------------------------------------------------------------
def test_a_mail_server_that_is_away_is_tried_again_and_again(cast: Cast, box: Postbox):
    notice = message(cast.cal_client)
    box.close()
    tried: list[datetime] = []
    for minute in range(24 * 60):
        now = NOW + minute * MINUTE
        try:
            send_due(now)
        except MailServerAway:
            tried.append(now)
        if reload(notice).failed_at:
            break
    waits = [int((b - a) / MINUTE) for a, b in itertools.pairwise(tried)]
    # By day 1, 5, 15 minutes and then hours, each up to a fifth longer; at night it waits.
    for wait, (low, high) in zip(waits, [(1, 3), (5, 7), (15, 19), (60, 73)], strict=False):
        assert low <= wait <= high, waits
    assert reload(notice).error == "ConnectionRefusedError"
    assert reload(notice).sent_at is None


def test_it_goes_when_the_server_is_back(cast: Cast, box: Postbox):
    notice = message(cast.cal_client)
    box.close()
    with pytest.raises(MailServerAway):
        send_due(NOW)
    box.open()
    assert send_due(NOW + 30 * SECOND) == 0
    assert send_due(NOW + 2 * MINUTE) == 1
    assert (reload(notice).error, reload(notice).tries) == ("", 2)


def test_an_address_that_the_server_does_not_know_is_given_to_the_desk_at_once(
    cast: Cast, box: Postbox, caplog: pytest.LogCaptureFixture
):
    bad, good = message(cast.cal_client, key="a"), message(cast.cam_client, key="b")
    box.refuses["cal@example.org"] = "550 cal@example.org: no such person"
    with caplog.at_level(logging.INFO):
        assert send_due(NOW) == 1
    failed = reload(bad)
    assert failed.failed_at is not None
    assert (failed.error, failed.tries) == ("SMTPRecipientsRefused", 1)
    assert reload(good).sent_at is not None
    assert box.connections == 1
    words = [record.getMessage() for record in caplog.records if "posting" in record.name]
    assert words == [
        f"Notice {bad.pk} (change): SMTPRecipientsRefused",
        f"Notice {good.pk} (change): sent",
    ]
    assert "cal@" not in caplog.text


def test_an_address_that_is_refused_for_now_is_tried_again(cast: Cast, box: Postbox):
    notice = message(cast.cal_client)
    box.refuses["cal@example.org"] = "450 later"
    assert send_due(NOW) == 0
    assert (reload(notice).failed_at, reload(notice).tries) == (None, 1)
    del box.refuses["cal@example.org"]
    assert send_due(NOW + 2 * MINUTE) == 1


@pytest.mark.parametrize(("answer", "given_up"), [("554 no", True), ("451 later", False)])
def test_a_message_that_is_refused_after_it_was_read(
    cast: Cast, box: Postbox, answer: str, given_up: bool
):
    bad, good = message(cast.cal_client, key="a"), message(cast.cam_client, key="b")
    box.refuses_data["cal@example.org"] = answer
    assert send_due(NOW) == 1
    assert (reload(bad).failed_at is not None) is given_up
    assert reload(good).sent_at is not None


def test_a_server_that_hangs_up_is_called_anew_for_the_next_one(cast: Cast, box: Postbox):
    message(cast.cal_client, key="a")
    message(cast.cam_client, key="b")
    box.on_taken = lambda taken: taken.to == "cal@example.org" and len(box.received) == 1
    assert send_due(NOW) == 1
    assert [one.to for one in box.received] == ["cal@example.org", "cam@example.org"]
    # Whether it arrived nobody knows: it goes again, a minute later at the soonest.
    assert send_due(NOW + 59 * SECOND) == 0
    assert send_due(NOW + 2 * MINUTE) == 1
    first, _, again = box.received
    assert first.id == again.id


def test_what_is_over_before_it_went_is_given_to_the_desk(cast: Cast, box: Postbox):
    notice = message(cast.cal_client, expires_at=NOW)
    assert send_due(NOW) == 0
    assert (reload(notice).failed_at, reload(notice).error) == (NOW, "too late")
    assert box.received == []


def test_it_is_given_up_while_there_is_time_to_call(cast: Cast, box: Postbox):
    """The next try would come when it is over: the desk hears of it now."""
    notice = message(cast.cal_client, tries=3, expires_at=NOW + 50 * MINUTE)
    box.close()
    with pytest.raises(MailServerAway):
        send_due(NOW)
    assert reload(notice).failed_at is not None


def test_tries_end_after_about_a_day():
    at, tries = NOW, 0
    while then := next_try(Notice(tries=tries, expires_at=None), at):
        at, tries = then, tries + 1
    assert tries == MOST_TRIES - 1
    assert 20 * HOUR < at - NOW < 30 * HOUR


def test_a_message_that_cannot_be_put_into_words_stops_no_other(
    cast: Cast, box: Postbox, caplog: pytest.LogCaptureFixture
):
    bad = message(cast.cal_client, key="a", facts={"lines": [{"what": "booked"}]})
    good = message(cast.cam_client, key="b")
    with caplog.at_level(logging.WARNING):
        assert send_due(NOW) == 1
    assert (reload(bad).error, reload(bad).tries) == ("KeyError", 1)
    assert reload(good).sent_at is not None
    assert "Cal" not in caplog.text


@pytest.mark.parametrize("kind", ["reminder", "change", "offer"])
@pytest.mark.parametrize(
    "facts", [{}, {"uid": "x", "waiting": "x", "first": "x", "lines": 1}, {"first": None}]
)
def test_a_message_that_cannot_be_read_stops_no_other(
    cast: Cast, box: Postbox, kind: str, facts: dict[str, Any]
):
    message(cast.cal_client, key="a", kind=kind, facts=facts)
    message(cast.cam_client, key="b")
    assert send_due(NOW) == 1
    assert [one.to for one in box.received] == ["cam@example.org"]


def test_what_became_night_while_it_was_tried_waits_for_the_morning(cast: Cast, box: Postbox):
    notice = message(cast.cal_client)
    box.close()
    evening = NOW + timedelta(hours=7, minutes=59)
    with pytest.raises(MailServerAway):
        send_due(evening)
    box.open()
    for minute in range(2, 12 * 60, 10):
        send_due(evening + minute * MINUTE)
    assert box.received == []
    assert reload(notice).due_at == NOW + 20 * HOUR
    assert send_due(NOW + 20 * HOUR) == 1


# --- claims ---------------------------------------------------------------------------------------
def test_a_claim_that_is_young_is_somebody_else_s_and_an_old_one_is_free(cast: Cast, box: Postbox):
    notice = message(cast.cal_client, claimed_at=NOW)
    assert send_due(NOW + CLAIM - SECOND) == 0
    assert send_due(NOW + CLAIM) == 1
    assert reload(notice).sent_at is not None


@pytest.mark.django_db(transaction=True)
def test_what_another_sender_made_of_it_stands(cast: Cast, box: Postbox):
    """Ours was away so long that the claim went to another one, who sent it: no failure then."""
    notice = message(cast.cal_client)

    def hang_up(_: object) -> bool:
        Notice.objects.filter(pk=notice.pk).update(sent_at=NOW, claimed_at=None)
        connection.close()  # that of the server's thread
        return True

    box.on_taken = hang_up
    assert send_due(NOW) == 0
    assert (reload(notice).sent_at, reload(notice).tries) == (NOW, 0)
