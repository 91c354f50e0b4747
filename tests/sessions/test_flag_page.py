"""The flags page: evidence in words, answers in one tap, with htmx and without."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client as Browser
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from sessions import unrecorded
from sessions.evidence import age
from sessions.models import Flag, Visit
from tests.cast import NOW, Cast
from tests.sessions.overdue import overdue_visits
from tests.sessions.test_sweep_stalls import review, stall_the_deadlift

HTMX = {"HX-Request": "true"}


@pytest.fixture
def ana(cast: Cast, client: Browser) -> Browser:
    client.force_login(cast.ana.user)
    return client


def page_of(clinic: str = "north") -> str:
    return reverse("sessions:flags", args=[clinic])


def missed(cast: Cast) -> Flag:
    unrecorded.flag_missed(NOW)
    return Flag.objects.get(visit=cast.visit)


def stalled(cast: Cast) -> Flag:
    review(stall_the_deadlift(cast))
    return Flag.objects.get(kind=Flag.Kind.STALLED)


def answer_url(flag: Flag) -> str:
    return reverse("sessions:flag-answer", args=["north", flag.pk])


def resolve_url(flag: Flag) -> str:
    return reverse("sessions:flag-resolve", args=["north", flag.pk])


def test_a_missed_session_is_shown_with_its_evidence_and_its_answers(cast: Cast, ana: Browser):
    flag = missed(cast)

    html = ana.get(page_of()).content.decode()

    assert "Needs attention, 1" in html
    assert "Cal P.</a> Thursday 5 March, 09:00 has nothing in it" in html
    assert "With Ana T. in Room 1. Nobody has said what happened." in html
    assert reverse("sessions:visit", args=["north", cast.visit.uid]) in html
    for status in ("no_show", "late_cancel", "excused"):
        assert f'name="status" value="{status}"' in html
    assert f'action="{answer_url(flag)}"' in html


def test_a_stalled_lift_is_shown_with_the_sets_it_was_raised_on(cast: Cast, ana: Browser):
    stalled(cast)

    html = ana.get(page_of()).content.decode()

    assert "Cal P.</a> deadlift still at 40 kg" in html
    assert "6 visits, all 150 reps done, RPE 14 to 15 where 16 is asked for" in html
    assert "Thursday 5 March: 40 kg × 5, 5, 5, 5, 5; RPE 14 on the last set" in html


def test_one_tap_answers_by_htmx_and_says_quietly_what_was_done(cast: Cast, ana: Browser):
    flag = missed(cast)

    response = ana.post(answer_url(flag), {"status": "no_show"}, headers=HTMX)

    html = response.content.decode()
    assert response.status_code == 200
    assert "<html" not in html
    assert "Needs attention, 0" in html
    assert 'name="status"' not in html
    assert 'id="messages" class="notes" role="status" hx-swap-oob="true"' in html
    assert "Unrecorded: no-show." in html
    assert reverse("sessions:visit", args=["north", cast.visit.uid]) in html
    assert cast.visit.status == Visit.Status.NO_SHOW


def test_the_same_tap_without_htmx_comes_back_to_the_list_as_it_was_filtered(
    cast: Cast, ana: Browser
):
    flag = missed(cast)

    response = ana.post(f"{answer_url(flag)}?whose=mine", {"status": "excused"}, follow=True)

    assert response.redirect_chain == [(f"{page_of()}?whose=mine", 302)]
    html = response.content.decode()
    assert "Unrecorded: excused." in html
    assert "Nobody needs you now" in html
    assert "Excused, Ana T., less than a minute ago" in html


def test_an_answer_that_is_none_is_refused_and_changes_nothing(cast: Cast, ana: Browser):
    flag = missed(cast)

    response = ana.post(answer_url(flag), {"status": "attended"}, headers=HTMX)

    assert response.status_code == 422
    assert "Say no-show, cancelled late or excused" in response.content.decode()
    flag.refresh_from_db()
    assert flag.resolved_at is None


def test_a_tap_on_a_page_that_is_no_longer_true_says_so(cast: Cast, ana: Browser):
    flag = missed(cast)
    ana.post(answer_url(flag), {"status": "excused"})

    response = ana.post(answer_url(flag), {"status": "no_show"}, headers=HTMX)

    assert "Somebody was faster" in response.content.decode()
    assert cast.visit.status == Visit.Status.EXCUSED


def test_resolving_needs_a_reason_and_keeps_the_note_that_was_typed(cast: Cast, ana: Browser):
    flag = stalled(cast)

    response = ana.post(resolve_url(flag), {"note": "Back from a cruise"}, headers=HTMX)

    html = response.content.decode()
    assert response.status_code == 422
    assert "<html" not in html
    assert "Choose a reason." in html
    assert 'value="Back from a cruise"' in html
    assert '<details class="resolve" open>' in html
    assert html.count("data-focus") == 1, "only the error takes the focus"
    flag.refresh_from_db()
    assert flag.resolved_at is None


def test_a_note_that_is_too_long_is_kept_too(cast: Cast, ana: Browser):
    flag = stalled(cast)
    note = "x" * 201

    response = ana.post(resolve_url(flag), {"resolution": "called", "note": note})

    assert response.status_code == 422
    assert note in response.content.decode()


def test_a_stalled_lift_is_resolved_in_place(cast: Cast, ana: Browser):
    flag = stalled(cast)

    response = ana.post(
        resolve_url(flag), {"resolution": "expected", "note": "Cruise"}, headers=HTMX
    )

    html = response.content.decode()
    assert "Stalled: expected, nothing to do." in html
    assert "Expected, nothing to do, Ana T., less than a minute ago. “Cruise”" in html
    flag.refresh_from_db()
    assert (flag.resolution, flag.note, flag.resolved_by) == ("expected", "Cruise", cast.ana)


def test_a_missed_session_has_no_other_way_out(cast: Cast, ana: Browser):
    flag = missed(cast)
    assert ana.post(resolve_url(flag), {"resolution": "expected"}).status_code == 404


def test_mine_are_those_of_my_clients_and_all_are_the_clinics(cast: Cast, ana: Browser):
    unrecorded.flag_missed(NOW + timedelta(days=1))  # Cam, Tess's client, came on Friday or not

    everyones = ana.get(page_of()).content.decode()
    mine = ana.get(f"{page_of()}?whose=mine").content.decode()

    assert ("Cal P." in everyones, "Cam Q." in everyones) == (True, True)
    assert ("Cal P." in mine, "Cam Q." in mine) == (True, False)
    assert "Needs attention, 2" in everyones
    assert "Needs attention, 1" in mine


def test_none_of_mine_is_not_none(cast: Cast, client: Browser):
    missed(cast)
    client.force_login(cast.tess.user)
    html = client.get(f"{page_of()}?whose=mine").content.decode()
    assert "None of your clients" in html


def test_what_is_about_safety_comes_before_what_is_older(cast: Cast, ana: Browser):
    missed(cast)
    cast.log(cast.visits[1], "impact", level=2, now=cast.visits[1].ends_at)

    rows = ana.get(page_of()).context["rows"]

    kinds = [row.flag.kind for row in rows]
    assert kinds == [Flag.Kind.OUTSIDE_CLEARANCE, Flag.Kind.MISSED]
    assert rows[0].words.headline == "landed at level 2, cleared for level 0"
    assert rows[0].words.detail == "Monday 9 March, 09:00, set 1. It is recorded as it happened."


def test_no_flags_is_said_in_words(cast: Cast, ana: Browser):
    html = ana.get(page_of()).content.decode()
    assert "Needs attention, 0" in html
    assert "Nobody needs you now" in html


def test_another_clinic_sees_none_of_it_and_can_answer_none_of_it(cast: Cast, client: Browser):
    flag = missed(cast)
    client.force_login(cast.otto.user)

    assert "Cal P." not in client.get(page_of("harbor")).content.decode()
    assert client.get(page_of("north")).status_code == 404
    assert client.post(answer_url(flag), {"status": "no_show"}).status_code == 404
    foreign = reverse("sessions:flag-answer", args=["harbor", flag.pk])
    assert client.post(foreign, {"status": "no_show"}).status_code == 404
    assert cast.visit.status == Visit.Status.UNRECORDED


@pytest.mark.parametrize(
    ("who", "seen", "status"), [("ada", 200, 403), ("cal", 403, 403), ("lea", 404, 404)]
)
def test_only_therapists_work_flags_and_the_admin_reads_them(
    cast: Cast, client: Browser, who: str, seen: int, status: int
):
    flag = missed(cast)
    client.force_login(getattr(cast, who).user)
    assert client.get(page_of()).status_code == seen
    assert client.post(answer_url(flag), {"status": "no_show"}).status_code == status
    assert cast.visit.status == Visit.Status.UNRECORDED


def test_the_page_asks_the_same_number_of_queries_for_1_and_for_30_flags(cast: Cast, ana: Browser):
    assert _queries_with(cast, ana, more=0) == (1, 11)
    assert _queries_with(cast, ana, more=29) == (30, 11)


def _queries_with(cast: Cast, ana: Browser, *, more: int) -> tuple[int, int]:
    overdue_visits(cast.enrollment, more)
    unrecorded.flag_missed(NOW)
    with CaptureQueriesContext(
        connection,
    ) as queries:
        rows: Any = ana.get(page_of()).context["rows"]
    return len(rows), len(queries)


@pytest.mark.parametrize(
    ("passed", "words"),
    [
        (timedelta(seconds=59), "less than a minute"),
        (timedelta(minutes=1), "1 minute"),
        (timedelta(minutes=59, seconds=59), "59 minutes"),
        (timedelta(hours=23), "23 hours"),
        (timedelta(days=1, hours=23), "1 day"),
        (timedelta(days=13), "13 days"),
        (timedelta(days=15), "2 weeks"),
    ],
)
def test_an_age_is_one_number_and_one_unit(passed: timedelta, words: str):
    assert age(NOW - passed, NOW) == words
