"""The monthly question: asked once, by the outbox, in quiet words; answered without a log-in."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta

import pytest
import time_machine
from django.core import mail
from django.test import Client as Browser

from bonefit.clients import answer_links
from bonefit.clients.models import AnswerLink, Client, Fall, FallsMonth, Lock
from bonefit.clinics.models import Clinic
from sessions import falls, outbox
from sessions.models import Flag, Notice
from sessions.notices import ask_about_falls
from tests.cast import Cast
from tests.sessions.timetabled import rules

pytestmark = pytest.mark.django_db
#: Ten in the morning in Brisbane; the cast began on 5 March, so April is the first whole month.
MAY = datetime(2026, 5, 1, 0, tzinfo=UTC)
APRIL = date(2026, 4, 1)


@pytest.fixture
def asked(cast: Cast) -> FallsMonth:
    with_mail(cast)
    ask_about_falls(MAY)
    return FallsMonth.objects.get(client=cast.cal_client)


def with_mail(cast: Cast) -> None:
    Client.objects.filter(pk=cast.cal_client.pk).update(email="cal@example.org")


def link_of(month: FallsMonth) -> str:
    address = answer_links.address_of(month.links.get())
    return re.sub(r"^https?://[^/]+", "", address)


def at(moment: datetime):
    return time_machine.travel(moment, tick=False)


# --- asking ---------------------------------------------------------------------------------------
def test_every_client_in_training_has_a_month_and_who_has_mail_is_asked(cast: Cast):
    with_mail(cast)
    Client.objects.filter(pk=cast.cam_client.pk).update(email="")
    ask_about_falls(MAY)

    cal = FallsMonth.objects.get(client=cast.cal_client)
    cam = FallsMonth.objects.get(client=cast.cam_client)
    assert (cal.month, cal.asked_at, cal.answered_at) == (APRIL, MAY, None)
    assert (cam.month, cam.asked_at) == (APRIL, None)
    notice = Notice.objects.get(kind=Notice.Kind.FALLS, client=cast.cal_client)
    assert notice.key == f"falls|{cast.cal_client.pk}|2026-04"
    assert not Notice.objects.filter(kind=Notice.Kind.FALLS, client=cast.cam_client).exists()


def test_asked_again_and_again_it_is_one_message_and_one_link(cast: Cast, asked: FallsMonth):
    for hours in range(1, 5):
        ask_about_falls(MAY + timedelta(hours=hours))
    assert Notice.objects.filter(client=cast.cal_client, kind=Notice.Kind.FALLS).count() == 1
    assert AnswerLink.objects.filter(month=asked).count() == 1


@pytest.mark.parametrize(
    "moment", [datetime(2026, 4, 30, 13, 59, tzinfo=UTC), datetime(2026, 5, 8, 0, tzinfo=UTC)]
)
def test_only_in_the_first_days_of_a_month_of_the_clinic(cast: Cast, moment: datetime):
    with_mail(cast)
    ask_about_falls(moment)
    assert not FallsMonth.objects.filter(clinic=cast.north, month=APRIL).exists()


def test_who_began_within_the_month_is_not_asked_about_it(cast: Cast):
    with_mail(cast)
    ask_about_falls(datetime(2026, 4, 1, 0, tzinfo=UTC))
    assert not FallsMonth.objects.filter(clinic=cast.north).exists()


def test_who_wants_no_reminders_is_not_written_to(cast: Cast):
    with_mail(cast)
    Client.objects.filter(pk=cast.cal_client.pk).update(reminders_off_at=MAY)
    ask_about_falls(MAY)
    assert FallsMonth.objects.get(client=cast.cal_client).asked_at is None
    assert not Notice.objects.filter(kind=Notice.Kind.FALLS, client=cast.cal_client).exists()


def test_a_clinic_that_does_not_ask_asks_nobody(cast: Cast):
    with_mail(cast)
    rules(cast, ask_about_falls=0)
    ask_about_falls(MAY + timedelta(minutes=1))
    assert not FallsMonth.objects.filter(clinic=cast.north).exists()


def test_at_night_it_waits_for_the_morning(cast: Cast):
    with_mail(cast)
    night = datetime(2026, 5, 1, 14, tzinfo=UTC)  # midnight in Brisbane
    ask_about_falls(night)
    due = Notice.objects.get(client=cast.cal_client, kind=Notice.Kind.FALLS).due_at
    assert due.astimezone(cast.north.tz).hour >= 7
    assert due > night


# --- the mail -------------------------------------------------------------------------------------
def test_the_mail_says_nothing_clinical_and_has_the_link_and_the_way_out(
    cast: Cast, asked: FallsMonth
):
    outbox.send_due(MAY)
    (sent,) = [one for one in mail.outbox if one.to == ["cal@example.org"]]
    assert sent.subject == "One question about April 2026"
    assert link_of(asked) in sent.body
    assert "reminders/" in sent.body
    assert sent.extra_headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    without_links = re.sub(r"https?://\S+", "", sent.body).lower()
    for word in ("fall", "fell", "bone", "osteo", "fracture"):
        assert word not in without_links


@pytest.mark.parametrize("why", ["answered", "off"])
def test_what_is_answered_or_unwanted_by_then_is_not_sent(cast: Cast, asked: FallsMonth, why: str):
    if why == "answered":
        falls.answer_month(month=asked, how_many=0, heard=[], told="check_in", by=cast.ana, now=MAY)
    else:
        Client.objects.filter(pk=cast.cal_client.pk).update(reminders_off_at=MAY)
    outbox.send_due(MAY)
    assert not [one for one in mail.outbox if one.to == ["cal@example.org"]]


# --- the page -------------------------------------------------------------------------------------
def test_no_fall_is_one_tap(asked: FallsMonth):
    browser, url = Browser(), link_of(asked)
    with at(MAY):
        page = browser.get(url).content.decode()
        assert "Did you fall in April 2026?" in page
        assert "Cal P." not in page
        answer = browser.post(url, {"how_many": "0"}, follow=True)
    assert "Thank you" in answer.content.decode()
    asked.refresh_from_db()
    assert (asked.how_many, asked.told, asked.answered_by) == (0, "mail", None)


def test_looking_at_the_link_answers_nothing(asked: FallsMonth):
    with at(MAY):
        for query in ("", "?falls=1", "?falls=3", "?falls=99"):
            assert Browser().get(f"{link_of(asked)}{query}").status_code == 200
    asked.refresh_from_db()
    assert asked.answered_at is None


def test_two_falls_are_told_one_by_one(cast: Cast, asked: FallsMonth):
    with at(MAY):
        Browser().post(
            f"{link_of(asked)}?falls=2",
            {"how_many": "2", "fall0-when": "early", "fall0-hurt": "hurt", "fall1-hurt": "no"},
        )
    rows = list(Fall.objects.order_by("fell_on").values_list("fell_on", "injured", "told"))
    assert rows == [(date(2026, 4, 5), True, "mail"), (date(2026, 4, 15), False, "mail")]
    assert Flag.objects.get(kind=Flag.Kind.FALL).enrollment == cast.enrollment


def test_a_broken_bone_told_by_the_link_locks_and_says_who_told(cast: Cast, asked: FallsMonth):
    with at(MAY):
        Browser().post(f"{link_of(asked)}?falls=1", {"how_many": "1", "fall0-hurt": "fracture"})
    lock = Lock.objects.get()
    assert (lock.why, lock.opened_by, lock.client) == ("fracture", None, cast.cal_client)
    ana = Browser()
    ana.force_login(cast.ana.user)
    page = ana.get(f"/c/north/clients/{cast.cal_client.pk}/").content.decode()
    assert "Told by the client, in the monthly message" in page


def test_more_than_three_are_counted(asked: FallsMonth):
    with at(MAY):
        url = f"{link_of(asked)}?falls=3"
        refused = Browser().post(url, {"how_many": "lots", "fall0-hurt": "hurt"})
        assert refused.status_code == 422
        assert "Write a number" in refused.content.decode()
        assert 'value="hurt"' in refused.content.decode()
        Browser().post(url, {"how_many": "5", "fall0-hurt": "hurt"})
    asked.refresh_from_db()
    assert (asked.how_many, Fall.objects.count()) == (5, 5)


def test_nonsense_for_an_answer_is_refused(asked: FallsMonth):
    with at(MAY):
        for wrong in ({"how_many": ""}, {"how_many": "-1"}, {"how_many": "99"}, {}):
            assert Browser().post(link_of(asked), wrong).status_code == 422
        one = {"how_many": "1", "fall0-hurt": "eaten"}
        assert Browser().post(f"{link_of(asked)}?falls=1", one).status_code == 422
    assert not Fall.objects.exists()


def test_a_second_answer_changes_nothing(asked: FallsMonth):
    with at(MAY):
        Browser().post(link_of(asked), {"how_many": "0"})
        again = Browser().post(link_of(asked), {"how_many": "3"})
    assert "We have your answer" in again.content.decode()
    asked.refresh_from_db()
    assert asked.how_many == 0


def test_links_that_open_nothing_say_why(asked: FallsMonth):
    url = link_of(asked)
    with at(MAY):
        unknown = Browser().get("/falls/nothing-like-it/")
    with at(datetime(2026, 6, 1, tzinfo=UTC)):
        old = Browser().get(url)
        refused = Browser().post(url, {"how_many": "0"})
    AnswerLink.objects.update(ended_at=MAY)
    with at(MAY):
        ended = Browser().get(url)
    for answer, status, words in (
        (unknown, 404, "This link does not work"),
        (old, 410, "This link is too old"),
        (refused, 410, "This link is too old"),
        (ended, 410, "There is a newer link"),
    ):
        assert answer.status_code == status
        assert words in answer.content.decode()
    asked.refresh_from_db()
    assert asked.answered_at is None


def test_the_secret_is_kept_nowhere(asked: FallsMonth):
    token = link_of(asked).rstrip("/").rpartition("/")[2]
    row = AnswerLink.objects.filter(month=asked).values().get()
    assert all(token not in str(value) for value in row.values())
    assert all(token not in str(one) for one in Notice.objects.values_list("facts", flat=True))


def test_one_clinic_that_fails_stops_no_other(cast: Cast):
    with_mail(cast)
    Clinic.objects.filter(pk=cast.harbor.pk).update(timezone="Nowhere/Land")
    with pytest.raises(Exception, match="could not be asked"):
        ask_about_falls(MAY)
    assert FallsMonth.objects.filter(client=cast.cal_client).exists()
