"""A client says what is wrong in her record; the clinic answers in time; both see it."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
import time_machine
from django.core import mail
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from bonefit.clients.models import Client, CorrectionRequest
from programs.actions import publish_rules
from programs.loads import DEFAULT_INVENTORY
from programs.rules import DEFAULT_RULES
from sessions import corrections, outbox, staff_outbox
from sessions.models import Notice, StaffNotice
from sessions.record.reading import read
from tests.cast import NOW, TODAY, Cast
from tests.record.copying import browser

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("at_noon")]

MY = "/c/north/my/correction/"
SAID = {
    "part": "tests",
    "wrong": "My height is zzwrong.",
    "right": "It was zzright on the paper.",
}


def of(client: Client) -> str:
    return f"/c/north/my/of/{client.pk}/correction/"


def at_the_clinic(client: Client, made: CorrectionRequest | None = None) -> str:
    here = f"/c/north/clients/{client.pk}/corrections/"
    return here if made is None else f"{here}{made.pk}/"


def asked(cast: Cast, **more: Any) -> CorrectionRequest:
    client = Client.objects.select_related("clinic").get(pk=cast.cal_client.pk)
    said = {"client": client, "by": cast.cal, "now": NOW, **SAID, **more}
    return corrections.ask(**said)


# --- asked ----------------------------------------------------------------------------------------


def test_she_says_what_is_wrong_and_what_would_be_right(cast: Cast):
    cal = browser(cast.cal)
    assert "You read the answer on this page by 4 April 2026." in cal.get(MY).text
    assert cal.post(MY, SAID).headers["Location"] == MY
    made = CorrectionRequest.objects.get()
    assert (made.client, made.asked_by, made.due_on) == (
        *(cast.cal_client, cast.cal),
        TODAY + timedelta(days=30),
    )
    page = cal.get(MY).text
    assert "My height is zzwrong." in page
    assert "You have an answer by 4 April 2026." in page


def test_a_blank_is_said_beside_its_field_and_what_was_typed_stays(cast: Cast):
    answer = browser(cast.cal).post(MY, {**SAID, "right": "", "part": "nonsense"})
    assert answer.status_code == 422
    assert "Write what would be right." in answer.text
    assert "Choose one of these." in answer.text
    assert "My height is zzwrong." in answer.text
    answer = browser(cast.cal).post(MY, {**SAID, "wrong": "x" * 2_001})
    assert answer.status_code == 422
    assert not CorrectionRequest.objects.exists()


def test_a_companion_asks_for_her_while_she_may_look_and_not_after(cast: Cast):
    con = browser(cast.con)
    assert con.post(of(cast.cal_client), SAID).status_code == 302
    made = CorrectionRequest.objects.get()
    assert (made.client, made.asked_by) == (cast.cal_client, cast.con)
    assert "zzwrong" in con.get(of(cast.cal_client)).text
    assert "Con P. asked on" in browser(cast.cal).get(MY).text
    assert con.post(of(cast.cam_client), SAID).status_code == 404
    assert con.post(MY, SAID).status_code == 404
    cast.cal_client.companions.update(ended_at=NOW, ended_by=cast.ana)
    assert con.post(of(cast.cal_client), SAID).status_code == 404
    assert CorrectionRequest.objects.count() == 1


def test_another_client_never_sees_it(cast: Cast):
    asked(cast)
    assert "zzwrong" not in browser(cast.cam).get(MY).text
    seen = CorrectionRequest.objects.visible_to(cast.cam)
    assert not seen.exists()


def test_the_days_are_the_clinic_s_setting_and_a_change_moves_no_request(cast: Cast):
    first = asked(cast)
    publish_rules(
        clinic=cast.north,
        rules=replace(DEFAULT_RULES, correction_days=10),
        inventory=DEFAULT_INVENTORY,
        by=cast.ada,
        reason="The law",
        now=NOW,
    )
    second = asked(cast)
    first.refresh_from_db()
    assert (first.due_on, second.due_on) == (date(2026, 4, 4), date(2026, 3, 15))


def test_twenty_open_ones_are_enough(cast: Cast):
    for _ in range(corrections.MOST_OPEN):
        made = asked(cast)
    answer = browser(cast.cal).post(MY, SAID)
    assert answer.status_code == 422
    assert "Please call the clinic" in answer.text
    corrections.answer(request=made, outcome="declined", words="No.", by=cast.ana, now=NOW)
    assert browser(cast.cal).post(MY, SAID).status_code == 302


# --- answered -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("outcome", "words"),
    [
        ("corrected", "Corrected"),
        ("noted", "Noted beside the record"),
        ("declined", "Not changed"),
    ],
)
def test_the_clinic_answers_and_both_see_it(cast: Cast, outcome: str, words: str):
    made = asked(cast)
    said = {"answer": outcome, "words": "We measured zzanswer again."}
    assert browser(cast.ana).post(at_the_clinic(cast.cal_client, made), said).status_code == 302
    made.refresh_from_db()
    assert (made.answer, made.answered_by, made.answered_at) == (outcome, cast.ana, NOW)
    for page in (
        browser(cast.cal).get(MY).text,
        browser(cast.con).get(of(cast.cal_client)).text,
        browser(cast.ada).get(at_the_clinic(cast.cal_client)).text,
    ):
        assert words in page
        assert "zzanswer" in page


def test_an_answer_changes_nothing_else_of_the_record(cast: Cast):
    client = Client.objects.select_related("clinic").get(pk=cast.cal_client.pk)

    def rest() -> dict[str, Any]:
        record = read(client)
        return {name: one.rows for name, one in record.items() if name not in HERE}

    before = rest()
    made = asked(cast)
    corrections.answer(request=made, outcome="corrected", words="Done.", by=cast.ana, now=NOW)
    assert rest() == before
    record = read(client)
    assert [row["words"] for row in record["corrections"].rows] == ["Done."]


#: What a request and its answer write.
HERE = ("changes", "corrections", "messages", "looks")


def test_an_answer_needs_one_of_three_and_words(cast: Cast):
    made = asked(cast)
    answer = browser(cast.ana).post(at_the_clinic(cast.cal_client, made), {"words": "zzkept"})
    assert answer.status_code == 422
    assert "Choose what you did." in answer.text
    assert "zzkept" in answer.text
    answer = browser(cast.ana).post(
        at_the_clinic(cast.cal_client, made), {"answer": "noted", "words": " "}
    )
    assert "An answer needs a reason." in answer.text
    for outcome, words in (("gone", "x"), ("noted", " ")):
        with pytest.raises(ValueError, match="one of three"):
            corrections.answer(request=made, outcome=outcome, words=words, by=cast.ana, now=NOW)
    with pytest.raises(IntegrityError), transaction.atomic():
        CorrectionRequest.objects.filter(pk=made.pk).update(answered_at=NOW)


def test_it_is_answered_once(cast: Cast):
    made = asked(cast)
    said = {"answer": "noted", "words": "First."}
    assert browser(cast.ana).post(at_the_clinic(cast.cal_client, made), said).status_code == 302
    said = {"answer": "declined", "words": "Second."}
    browser(cast.ada).post(at_the_clinic(cast.cal_client, made), said)
    made.refresh_from_db()
    assert (made.answer, made.words, made.answered_by) == ("noted", "First.", cast.ana)
    assert CorrectionRequest.objects.get() == made
    page = browser(cast.ana).get(at_the_clinic(cast.cal_client, made)).text
    assert "Send the answer" not in page


def test_the_desk_and_another_clinic_cannot_read_or_answer(cast: Cast):
    made = asked(cast)
    for who, code in ((cast.dee, 403), (cast.cal, 403), (cast.otto, 404), (cast.lea, 404)):
        for address in (at_the_clinic(cast.cal_client), at_the_clinic(cast.cal_client, made)):
            assert browser(who).get(address).status_code == code
    of_another = f"/c/north/clients/{cast.cam_client.pk}/corrections/{made.pk}/"
    assert browser(cast.ana).get(of_another).status_code == 404


# --- in time --------------------------------------------------------------------------------------


def test_what_waits_is_said_where_staff_look_and_what_is_overdue_first(cast: Cast):
    asked(cast)
    late = asked(cast, now=NOW - timedelta(days=31), wrong="zzlate")
    page = browser(cast.ana).get("/c/north/clients/").text
    assert "2 requests for a correction" in page
    assert "1 of them for too long" in page
    hers = browser(cast.ada).get(f"/c/north/clients/{cast.cal_client.pk}/").text
    assert "2 requests for a correction" in hers
    assert "request" not in browser(cast.ana).get(f"/c/north/clients/{cast.cam_client.pk}/").text
    listed = browser(cast.ada).get("/c/north/clients/corrections/").text
    assert "Overdue since 4 March 2026" in listed
    assert listed.index("Overdue since") < listed.index("Answer by 4 April 2026")
    corrections.answer(request=late, outcome="declined", words="No.", by=cast.ana, now=NOW)
    assert "too long" not in browser(cast.ana).get("/c/north/clients/").text


def test_the_last_day_is_still_in_time(cast: Cast):
    asked(cast)
    for days, overdue in ((30, 0), (31, 1)):
        with time_machine.travel(NOW + timedelta(days=days), tick=False):
            found = corrections.waiting(cast.ana, NOW + timedelta(days=days))
            assert (found.open, found.overdue) == (1, overdue)


# --- mails ----------------------------------------------------------------------------------------


def test_mails_say_that_there_is_something_and_nothing_of_what(cast: Cast):
    Client.objects.filter(pk=cast.cal_client.pk).update(email="cal@example.org")
    made = asked(cast)
    (told,) = StaffNotice.objects.all()
    assert (told.member, told.kind) == (cast.ada, StaffNotice.Kind.ASKED)
    staff_outbox.send_due(NOW)
    corrections.answer(request=made, outcome="declined", words="zzanswer", by=cast.ana, now=NOW)
    outbox.send_due(NOW)
    to_ada, to_cal = mail.outbox
    assert (to_ada.to, to_cal.to) == ([cast.ada.user.email], ["cal@example.org"])
    assert to_ada.subject == "A request waits for you at Northside"
    assert "/c/north/clients/corrections/" in to_ada.body
    assert to_cal.subject == "We have answered you"
    for one in mail.outbox:
        for text in (one.subject, one.body, str(one.alternatives)):
            assert "zz" not in text
            assert "height" not in text
    assert Notice.objects.get().sent_at is not None


def test_the_list_asks_as_much_for_many_as_for_few(cast: Cast):
    ada = browser(cast.ada)
    address = "/c/north/clients/corrections/"
    asked(cast)
    ada.get(address)
    with CaptureQueriesContext(connection) as few:
        ada.get(address)
    for _ in range(12):
        asked(cast)
    with CaptureQueriesContext(connection) as many:
        ada.get(address)
    assert len(few) == len(many)
