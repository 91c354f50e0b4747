"""A client answers the questions by a link, before her first visit."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
import time_machine
from django.core import mail
from django.urls import reverse
from django.utils.html import strip_tags

from bonefit.clients import answer_links
from bonefit.clients import screening as screenings
from bonefit.clients.models import AnswerLink, Screening
from bonefit.clients.questionnaires import questionnaire
from sessions.models import Notice
from sessions.outbox import send_due
from tests.cast import NOW

from .answers import WELL

BORN = "2 April 1958"


@pytest.fixture
def draft(cast):
    client = cast.cal_client
    client.email = "cal@example.org"
    client.save(update_fields=["email"])
    return screenings.start(client=client, by=cast.ana, now=NOW)


@pytest.fixture
def token(draft, cast):
    return token_of(screenings.make_link(screening=draft, by=cast.ana, now=NOW))


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(NOW, tick=False):
        yield


def token_of(link):
    return answer_links.address_of(link).rstrip("/").rpartition("/")[2]


def at(token, page=0):
    return reverse("answer-questions", args=[token]) + (f"?page={page}" if page else "")


def opened(client, token):
    assert client.post(at(token), {"born_on": BORN}).status_code == 302
    return client


def typed(section, **more):
    said = {f"q_{one.key}": WELL.get(one.key, "") for one in section.questions}
    return {**said, **{f"q_{key}": value for key, value in more.items()}}


def test_the_mail_has_the_link_and_not_a_word_about_health(draft, cast, client):
    client.force_login(cast.ana.user)
    args = [cast.north.slug, draft.client_id, draft.pk]
    client.post(reverse("clients:screening-link", args=args))
    notice = Notice.objects.get(kind=Notice.Kind.INTAKE)
    send_due(notice.due_at + timedelta(minutes=1))
    (sent,) = mail.outbox
    assert sent.subject == "Questions before your first visit"
    assert answer_links.address_of(AnswerLink.objects.get()) in sent.body
    # Letters that come by chance in the link may be any word.
    words = (sent.subject + re.sub(r"https?://\S+", "", sent.body)).lower()
    for word in ("bone", "osteo", "fracture", "screening", "lift", "deadlift"):
        assert word not in words


def test_without_an_address_nothing_is_sent_and_she_is_told_why(draft, cast, client):
    draft.client.email = ""
    draft.client.save(update_fields=["email"])
    client.force_login(cast.ana.user)
    args = [cast.north.slug, draft.client_id, draft.pk]
    page = client.post(reverse("clients:screening-link", args=args), follow=True).content.decode()
    assert "There is no e-mail address to send the questions to. Add one first." in page
    assert not Notice.objects.exists()


def test_the_link_opens_with_the_date_of_birth_and_names_nobody(draft, token, client):
    page = client.get(at(token))
    assert draft.client.name not in page.content.decode()
    assert page["Referrer-Policy"] == "same-origin"
    assert "no-store" in page["Cache-Control"]
    wrong = client.post(at(token), {"born_on": "3 April 1958"})
    assert wrong.status_code == 422
    assert "That is not the date we have." in wrong.content.decode()
    assert 'value="3 April 1958"' in wrong.content.decode()
    opened(client, token)
    assert "Broken bones and falls" in client.get(at(token)).content.decode()


def test_after_five_wrong_dates_the_link_opens_nothing(draft, token, client):
    for _ in range(5):
        answer = client.post(at(token), {"born_on": "3 April 1958"})
    assert answer.status_code == 410
    assert client.post(at(token), {"born_on": BORN}).status_code == 410


def test_what_she_typed_is_saved_with_each_page_and_a_blank_is_asked_for(draft, token, client):
    opened(client, token)
    first = questionnaire().sections[0]
    answer = client.post(at(token, 1), {"revision": "0", **typed(first, falls_year="")})
    assert answer.status_code == 422
    assert "This has no answer yet." in answer.content.decode()
    draft.refresh_from_db()
    assert draft.answers["fracture_ever"] == "no"
    again = client.post(
        at(token, 1), {"revision": str(draft.revision), **typed(first, falls_year="0")}
    )
    assert again["Location"] == at(token, 2)


def test_from_the_first_page_to_the_last_and_then_the_link_is_used(draft, token, client):
    opened(client, token)
    for number, section in enumerate(questionnaire().sections, start=1):
        draft.refresh_from_db()
        said = {"revision": str(draft.revision), **typed(section)}
        assert client.post(at(token, number), said).status_code == 302
    last = len(questionnaire().sections) + 1
    assert "Send your answers?" in client.get(at(token, last)).content.decode()
    assert "Thank you" in client.post(at(token, last)).content.decode()
    draft.refresh_from_db()
    assert draft.status == Screening.Status.ANSWERED
    assert draft.from_client == draft.answers
    closed = client.get(at(token))
    assert closed.status_code == 410
    assert "The answers have been sent already." in closed.content.decode()


def test_it_is_not_sent_while_an_answer_is_missing(draft, token, client):
    opened(client, token)
    last = len(questionnaire().sections) + 1
    answer = client.post(at(token, last))
    assert answer.status_code == 422
    assert "Some answers are missing" in answer.content.decode()
    draft.refresh_from_db()
    assert draft.status == Screening.Status.SENT


def test_an_old_link_a_replaced_one_and_a_made_up_one_open_nothing(draft, token, cast, client):
    newer = token_of(screenings.make_link(screening=draft, by=cast.ana, now=NOW))
    replaced = client.get(at(token))
    assert replaced.status_code == 410
    assert "newer mail from us" in replaced.content.decode()
    made_up = client.get(at("made-up"))
    assert made_up.status_code == 404
    assert "This link does not work" in made_up.content.decode()
    with time_machine.travel(NOW + timedelta(days=15), tick=False):
        old = client.get(at(newer))
    assert old.status_code == 410
    assert "open for two weeks" in old.content.decode()


def test_once_a_therapist_has_confirmed_the_link_is_closed(draft, token, cast, client):
    screenings.save(screening=draft, typed=WELL, revision=0, by=cast.ana, now=NOW)
    from .test_drafts import confirm

    confirm(draft, cast, 1)
    assert client.get(at(token)).status_code == 410


def test_her_own_words_stay_when_the_therapist_changes_an_answer(draft, cast):
    link = screenings.make_link(screening=draft, by=cast.ana, now=NOW)
    screenings.save(screening=draft, typed=WELL, revision=0, by=None, now=NOW)
    screenings.hand_in(link=link, now=NOW)
    screenings.save(screening=draft, typed={"leak": "yes"}, revision=1, by=cast.ana, now=NOW)
    draft.refresh_from_db()
    assert (draft.answers["leak"], draft.from_client["leak"]) == ("yes", "no")


def test_questions_that_were_sent_anew_go_out_once(draft, cast, client):
    client.force_login(cast.ana.user)
    args = [cast.north.slug, draft.client_id, draft.pk]
    for _ in range(2):
        client.post(reverse("clients:screening-link", args=args))
    assert Notice.objects.filter(kind=Notice.Kind.INTAKE).count() == 2
    send_due(NOW + timedelta(minutes=3))
    send_due(NOW + timedelta(minutes=6))
    (sent,) = mail.outbox
    newest = AnswerLink.objects.order_by("-pk").first()
    assert answer_links.address_of(newest) in sent.body


def test_she_goes_on_where_the_first_answer_is_missing(draft, token, client):
    opened(client, token)
    first, second, *_ = questionnaire().sections
    client.post(at(token, 1), {"revision": "0", **typed(first)})
    assert second.client in client.get(at(token)).content.decode()


def test_what_she_typed_while_the_link_was_shut_waits_for_her_date_of_birth(draft, token, client):
    first = questionnaire().sections[0]
    page = {"revision": "0", **typed(first, height_lost="2")}
    shut = client.post(at(token, 1), page)
    assert shut.status_code == 422
    assert "What you typed on the last page is kept" in shut.content.decode()
    assert '<input type="hidden" name="q_height_lost" value="2">' in shut.content.decode()
    draft.refresh_from_db()
    assert draft.answers == {}
    wrong = client.post(at(token, 1), {**page, "born_on": "3 April 1958"})
    assert '<input type="hidden" name="q_height_lost" value="2">' in wrong.content.decode()
    assert client.post(at(token, 1), {**page, "born_on": BORN})["Location"] == at(token, 2)
    draft.refresh_from_db()
    assert draft.answers["height_lost"] == "2"


def test_a_screening_is_kept_apart_from_what_only_the_therapist_asks(draft, token, client):
    opened(client, token)
    page = client.get(at(token, 2)).content.decode()
    assert "q_t_hip" in page
    assert "q_frax_hip" not in page
    assert "q_z_lowest" not in page
    client.post(at(token, 2), {"revision": "0", **typed(questionnaire().sections[1], frax_hip="9")})
    draft.refresh_from_db()
    assert "frax_hip" not in draft.answers


def test_no_page_of_hers_says_what_follows_from_her_answers(draft, token, client):
    screenings.save(
        screening=draft, typed={**WELL, "back_new": "yes"}, revision=0, by=None, now=NOW
    )
    opened(client, token)
    for page in range(1, len(questionnaire().sections) + 2):
        text = strip_tags(client.get(at(token, page)).content.decode()).lower()
        for word in ("not now", "letter", "tier", "landings", "to be looked at first"):
            assert word not in text, (page, word)


def test_an_answer_too_long_or_with_a_letter_that_is_none_is_said_and_the_rest_is_saved(
    draft, token, client
):
    opened(client, token)
    body = questionnaire().sections[-1]
    long = client.post(at(token, 8), {"revision": "0", **typed(body, **{"else": "a" * 2001})})
    assert long.status_code == 422
    assert "Write no more than 2,000 characters." in long.content.decode()
    assert "a" * 2001 in long.content.decode()
    draft.refresh_from_db()
    assert draft.answers["vertigo"] == "no"
    assert "else" not in draft.answers
    null = client.post(at(token, 8), {"revision": "1", **typed(body, **{"else": "a\x00b"})})
    assert null.status_code == 422
