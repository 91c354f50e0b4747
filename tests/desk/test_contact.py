"""What a client was told, whether she is reminded, and who may look at her page."""

from __future__ import annotations

import pytest

from bonefit.clients.models import Companion
from sessions.models import Notice
from tests.cast import NOW, enroll
from tests.desk.at import at_the_desk, words

GIVEN = {
    "name": "Dora P.",
    "email": "dora@example.org",
    "consent": "Agreed at the desk on 5 March.",
}


@pytest.fixture
def dee(cast):
    return at_the_desk(cast)


def address(cast, part=""):
    return f"/c/north/bookings/{cast.cal_client.pk}/{part}"


def test_messages_say_whether_they_arrived(cast, dee):
    usual = {
        "clinic": cast.north,
        "client": cast.cal_client,
        "to": "cal@example.org",
        "due_at": NOW,
    }
    Notice.objects.create(kind="reminder", key="a", sent_at=NOW, **usual)
    Notice.objects.create(kind="change", key="b", failed_at=NOW, error="SMTPException", **usual)
    Notice.objects.create(kind="offer", key="c", **usual)

    said = words(dee.get(address(cast, "contact/")))

    assert "Reminder to cal@example.org Sent 5 March, 12:00" in said
    assert "Change to cal@example.org Did not arrive" in said
    assert "Offer of a place to cal@example.org Waits" in said


def test_reminders_are_turned_off_and_on_again_and_the_bookings_stay(cast, dee):
    coming = cast.enrollment.visits.filter(status="planned").count()
    said = words(dee.post(address(cast, "reminders/"), {"wanted": "no"}, follow=True))
    assert "Cal P. wants none, since 5 March 2026." in said
    said = words(dee.post(address(cast, "reminders/"), {"wanted": "yes"}, follow=True))
    assert "Cal P. is reminded of each session." in said
    assert cast.enrollment.visits.filter(status="planned").count() == coming


def test_a_companion_is_given_with_what_the_client_agreed_to(cast, dee):
    said = words(dee.post(address(cast, "companions/"), GIVEN, follow=True))
    assert "Dora P. may look at the page now. A log-in link was sent to d…@example.org." in said
    row = Companion.objects.get(member__user__email="dora@example.org")
    assert (row.client, row.given_by, row.consent) == (
        cast.cal_client,
        cast.dee,
        GIVEN["consent"],
    )
    assert "Dora P. dora@example.org" in words(dee.get(address(cast, "contact/")))


@pytest.mark.parametrize(
    ("said", "wrong"),
    [
        ({"name": ""}, "Write the name."),
        ({"email": "dora"}, "Write an address like joan@example.org."),
        ({"consent": " "}, "Write what was agreed, and how."),
        ({"email": "cal@example.org"}, "This is the address of the client."),
    ],
)
def test_without_consent_or_address_nobody_may_look(cast, dee, said, wrong):
    before = Companion.objects.count()
    answer = dee.post(address(cast, "companions/"), {**GIVEN, **said})
    assert answer.status_code == 422
    assert wrong in words(answer)
    assert Companion.objects.count() == before


def test_a_view_is_taken_away_after_asking(cast, dee):
    row = Companion.objects.get(member=cast.con)
    part = f"companions/{row.pk}/end/"
    assert "Cal P.: take the view away from Con P.?" in words(dee.get(address(cast, part)))
    row.refresh_from_db()
    assert row.ended_at is None

    said = words(dee.post(address(cast, part), follow=True))

    assert "Con P. sees nothing of this client any more." in said
    assert at_the_desk(cast, "con").get("/c/north/my/").status_code in (403, 404)


def test_a_companion_of_somebody_else_is_not_there(cast, dee):
    row = Companion.objects.get(member=cast.con)
    other = enroll(cast.ana, "Zoe Z.")
    assert dee.get(f"/c/north/bookings/{other.pk}/companions/{row.pk}/end/").status_code == 404
