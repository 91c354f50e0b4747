"""A draft is kept as typed, also when two therapists write in it at once."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.urls import reverse

from bonefit.clients import screening as screenings
from bonefit.clients.models import Screening
from programs.rules import Rules
from tests.cast import NOW, TODAY

from .answers import WELL


@pytest.fixture
def draft(cast):
    return screenings.start(client=cast.cal_client, by=cast.ana, now=NOW)


def keep(screening, by, revision, **typed):
    return screenings.save(
        screening=screening, typed=typed, revision=revision, by=by, now=NOW + timedelta(minutes=5)
    )


def confirm(screening, cast, revision, rules=None):
    return screenings.confirm(
        screening=screening,
        revision=revision,
        rules=rules or Rules(),
        good_for_months=12,
        by=cast.ana,
        now=NOW,
    )


def test_what_was_typed_is_kept_also_where_it_means_nothing(draft, cast):
    assert keep(draft, cast.ana, 0, t_lumbar="about −2,6?", fracture_ever="yes") == {}
    draft.refresh_from_db()
    assert draft.answers == {"t_lumbar": "about −2,6?", "fracture_ever": "yes"}
    assert draft.revision == 1


def test_an_open_screening_is_gone_on_with(draft, cast):
    assert screenings.start(client=cast.cal_client, by=cast.tess, now=NOW).pk == draft.pk


def test_two_who_write_at_once_lose_nothing_where_they_answer_different_questions(draft, cast):
    keep(draft, cast.ana, 0, leak="yes", hernia="no")
    assert keep(draft, cast.tess, 0, vertigo="yes", leak="") == {}
    draft.refresh_from_db()
    assert draft.answers == {"leak": "yes", "hernia": "no", "vertigo": "yes"}


def test_two_who_answer_one_question_are_both_heard_and_one_decides(draft, cast):
    keep(draft, cast.ana, 0, leak="yes")
    clashes = keep(draft, cast.tess, 0, leak="no", vertigo="yes")
    assert {key: (one.theirs, one.by) for key, one in clashes.items()} == {
        "leak": ("yes", "Ana T.")
    }
    draft.refresh_from_db()
    assert draft.answers == {"leak": "yes", "vertigo": "yes"}
    assert keep(draft, cast.tess, draft.revision, leak="no", vertigo="yes") == {}
    draft.refresh_from_db()
    assert draft.answers["leak"] == "no"
    history = list(draft.edits.values_list("changed", "by__user__name"))
    assert ({"leak": ["yes", "no"]}, "Tess T.") in history


def test_the_page_shows_both_answers_and_keeps_what_was_typed(draft, cast, client):
    keep(draft, cast.ana, 0, leak="yes")
    client.force_login(cast.tess.user)
    page = reverse("clients:screening", args=[cast.north.slug, cast.cal_client.pk, draft.pk])
    said = {"revision": "0", "q_leak": "no", "q_steroid_mg": "7,5"}
    answer = client.post(page, said)
    text = answer.content.decode()
    assert answer.status_code == 422
    assert "Ana T. wrote “Yes” here at 12:05. Yours is not saved yet" in text
    assert 'value="7,5"' in text
    draft.refresh_from_db()
    assert draft.answers == {"leak": "yes", "steroid_mg": "7,5"}
    assert client.post(page, {**said, "revision": str(draft.revision)}).status_code == 302
    draft.refresh_from_db()
    assert draft.answers["leak"] == "no"


def test_a_screening_with_a_blank_is_not_confirmed(draft, cast, client):
    keep(draft, cast.ana, 0, **{**WELL, "leak": ""})
    with pytest.raises(screenings.CannotScreen, match="Some answers are missing"):
        confirm(draft, cast, 1)
    client.force_login(cast.ana.user)
    page = reverse(
        "clients:screening-confirm", args=[cast.north.slug, cast.cal_client.pk, draft.pk]
    )
    answer = client.post(page, {"revision": "1"})
    assert answer.status_code == 422
    assert "Leaks urine on effort</a>: This has no answer yet." in answer.content.decode()


def test_what_changed_after_she_looked_is_not_confirmed(draft, cast):
    keep(draft, cast.ana, 0, **WELL)
    keep(draft, cast.tess, 1, leak="yes")
    with pytest.raises(screenings.CannotScreen, match="Somebody changed an answer meanwhile"):
        confirm(draft, cast, 1)


def test_a_confirmed_screening_decides_and_is_never_changed(draft, cast, client):
    keep(draft, cast.ana, 0, **{**WELL, "back_new": "yes"})
    found = confirm(draft, cast, 1)
    assert (found.tier, found.impact_allowed) == ("C", 0)
    assert found.good_until == date(2027, 3, 5)
    assert found.rules["min_age"] == "58"
    cast.cal_client.refresh_from_db()
    assert cast.cal_client.may_start_until is None
    with pytest.raises(screenings.CannotScreen, match="confirmed already"):
        keep(draft, cast.ana, 1, back_new="no")
    client.force_login(cast.ana.user)
    page = reverse("clients:screening", args=[cast.north.slug, cast.cal_client.pk, draft.pk])
    client.post(page, {"revision": "1", "q_back_new": "no"})
    shown = client.get(page).content.decode()
    assert "New pain in the back or ribs: to be looked at first" in shown
    assert "<form" not in shown.partition("<main")[2].partition("</main>")[0]


def test_a_clean_one_opens_what_the_last_had_closed(draft, cast):
    keep(draft, cast.ana, 0, **{**WELL, "back_new": "yes"})
    confirm(draft, cast, 1)
    again = screenings.start(client=cast.cal_client, by=cast.ana, now=NOW)
    assert again.pk != draft.pk
    assert again.answers == {}
    keep(again, cast.ana, 0, **WELL)
    confirm(again, cast, 1)
    cast.cal_client.refresh_from_db()
    assert cast.cal_client.may_start_until == date(2027, 3, 5)
    assert cast.cal_client.may_start_until > TODAY


def test_a_dropped_one_stays_readable_and_decides_nothing(draft, cast, client):
    keep(draft, cast.ana, 0, leak="yes")
    client.force_login(cast.ana.user)
    args = [cast.north.slug, cast.cal_client.pk, draft.pk]
    assert client.post(reverse("clients:screening-drop", args=args)).status_code == 302
    draft.refresh_from_db()
    assert (draft.status, draft.answers) == (Screening.Status.DROPPED, {"leak": "yes"})
    shown = client.get(reverse("clients:screening", args=args)).content.decode()
    assert "It was not used. What was typed stays readable." in shown


def test_an_unreadable_answer_is_marked_beside_its_field_and_a_blank_once_it_is_checked(
    draft, cast, client
):
    keep(draft, cast.ana, 0, **{**WELL, "height_lost": "a lot", "leak": ""})
    client.force_login(cast.ana.user)
    args = [cast.north.slug, cast.cal_client.pk, draft.pk]
    page = reverse("clients:screening", args=args)
    assert client.get(page).content.decode().count("Write a number from 0 to 30.") == 1
    assert "This has no answer yet." not in client.get(page).content.decode()
    assert client.get(f"{page}?check=1").content.decode().count("This has no answer yet.") == 1
    confirming = client.get(reverse("clients:screening-confirm", args=args)).content.decode()
    assert f"{page}?check=1#id_q_leak" in confirming


@pytest.mark.parametrize("said", ["unsure", "Not sure", "don\u2019t know", "?"])
def test_not_sure_is_an_answer_however_it_is_written(draft, cast, said):
    keep(draft, cast.ana, 0, **{**WELL, "height_lost": said, "bp_systolic": said})
    found = confirm(draft, cast, 1)
    assert {"E14", "E42"} <= {one["rule"] for one in found.findings}


def test_a_null_or_an_invented_choice_is_refused_and_the_rest_is_kept(draft, cast, client):
    client.force_login(cast.ana.user)
    page = reverse("clients:screening", args=[cast.north.slug, cast.cal_client.pk, draft.pk])
    said = {"revision": "0", "q_leak": "perhaps", "q_else": "a\x00b", "q_hernia": "no"}
    answer = client.post(page, said)
    assert answer.status_code == 422
    assert "Choose one of the answers." in answer.content.decode()
    draft.refresh_from_db()
    assert draft.answers == {"hernia": "no"}


def test_what_the_client_had_answered_stands_beside_what_was_changed(draft, cast, client):
    link = screenings.make_link(screening=with_mail(draft), by=cast.ana, now=NOW)
    screenings.save(screening=draft, typed=WELL, revision=0, by=None, now=NOW)
    screenings.hand_in(link=link, now=NOW)
    keep(draft, cast.ana, 1, leak="yes")
    client.force_login(cast.ana.user)
    args = [cast.north.slug, cast.cal_client.pk, draft.pk]
    before = client.get(reverse("clients:screening-confirm", args=args)).content.decode()
    assert before.count("The client had answered: No") == 1
    confirm(draft, cast, 2)
    shown = client.get(reverse("clients:screening", args=args)).content.decode()
    assert shown.count("The client had answered: No") == 1


def with_mail(draft):
    draft.client.email = "cal@example.org"
    draft.client.save(update_fields=["email"])
    return draft
