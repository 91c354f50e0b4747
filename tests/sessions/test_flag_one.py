"""One flag: its picture on the list, and its page, from which it is understood a year later."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client as Browser

from bonefit.clients.models import Client
from sessions import flag_work, unrecorded
from sessions.flag_pictures import loads_of
from sessions.models import FlagStep
from tests.cast import NOW, Cast
from tests.sessions.flagged import raise_flag

HTMX = {"HX-Request": "true"}
FLAGS = "/c/north/flags/"
HOUR = timedelta(hours=1)


@pytest.fixture
def ana(cast: Cast, client: Browser) -> Browser:
    client.force_login(cast.ana.user)
    return client


# --- pictures ------------------------------------------------------------------------------------


def test_a_lift_is_drawn_with_its_loads_and_efforts_and_says_them(cast: Cast, ana: Browser):
    sessions = [
        {"load": "40", "rpe": 14},
        {"load": "42.5", "rpe": None},
        {"load": "42.5", "rpe": 15},
    ]
    raise_flag(cast.enrollment, "stalled", sessions=sessions)
    assert "Loads in kg: 40, 42.5, 42.5. RPE: 14, none, 15." in ana.get(FLAGS).text


def test_a_load_is_printed_where_it_changes_and_over_no_other(cast: Cast):
    loads = ("57.5", "60", "62.5", "62.5", "47.5", "47.5")
    drawn = loads_of({"sessions": [{"load": load, "rpe": 15} for load in loads]})
    assert drawn is not None
    assert [dot.label for dot in drawn.dots] == ["57.5", "60", "62.5", "", "47.5", ""]
    assert drawn.dots[1].x - drawn.dots[0].x >= 9 * len("57.5")
    still = loads_of({"sessions": [{"load": "37.5", "rpe": 15}] * 6})
    assert still is not None
    assert [dot.label for dot in still.dots] == ["37.5", "", "", "", "", ""]
    assert still.width < drawn.width


def test_a_client_with_many_flags_has_her_number_once(cast: Cast, ana: Browser):
    for kind in ("interrupted", "low_attendance", "lapsed"):
        raise_flag(cast.enrollment, kind)
    Client.objects.filter(pk=cast.cal_client.pk).update(phone="07 5550 0448")
    assert ana.get(FLAGS).text.count('href="tel:') == 1


def test_a_flag_is_called_what_its_rule_is_called(cast: Cast, ana: Browser):
    """Nobody has said that it was missed: the flag of a silent session must not either."""
    unrecorded.flag_missed(NOW)
    raise_flag(cast.enrollment, "pain_rising", "red")
    for page in (FLAGS, "/c/north/today/"):
        html = ana.get(page).text
        assert "Unrecorded" in html
        assert "Missed session" not in html
        assert "Pain rising" not in html


def test_what_is_recorded_is_the_scan_or_the_tests(cast: Cast, ana: Browser):
    raise_flag(cast.enrollment, "scan_due")
    raise_flag(cast.cam_enrollment, "tests_due", "info")
    html = ana.get(FLAGS).text
    assert "Record the scan<" in html
    assert "Record the tests<" in html


def test_there_is_nothing_to_filter_where_nothing_is_open(cast: Cast, ana: Browser):
    assert 'name="severity"' not in ana.get(FLAGS).text
    assert 'name="severity"' in ana.get(f"{FLAGS}?severity=red").text  # to ask for something else
    raise_flag(cast.enrollment)
    assert 'name="severity"' in ana.get(FLAGS).text


def test_who_does_not_come_is_drawn_with_her_weeks(cast: Cast, ana: Browser):
    unrecorded.flag_missed(NOW)
    raise_flag(cast.enrollment, "interrupted", "red")
    assert "Last 8 weeks: 1 unrecorded" in ana.get(FLAGS).text


def test_a_load_that_is_no_number_is_left_to_the_words(cast: Cast, ana: Browser):
    raise_flag(cast.enrollment, "stalled", sessions=[{"load": "bar"}, {"load": "bar"}])
    assert "flag-loads" not in ana.get(FLAGS).text


# --- one flag, a year later ----------------------------------------------------------------------


def test_one_flag_tells_what_was_known_then_and_everything_done_since(cast: Cast, ana: Browser):
    flag = raise_flag(cast.enrollment, "lapsed", "red", detail="Nothing booked.")
    flag_work.hand_over(flag=flag, by=cast.ana, to=cast.tess, why="On leave", now=NOW)
    flag_work.resolve_flag(
        flag=flag, by=cast.tess, resolution="called", note="Back on Monday", now=NOW + HOUR
    )

    html = ana.get(f"{FLAGS}{flag.pk}/").text

    assert "As it was on 5 March 2026" in html
    assert "Nothing booked." in html
    assert "by rule F99.1" in html
    assert "Handed over</strong> to Tess T." in html
    assert "“On leave”" in html
    assert "Closed</strong>: Spoke with the client" in html
    assert "“Back on Monday”" in html
    assert "What to do" not in html


def test_a_flag_is_handed_over_on_its_page(cast: Cast, ana: Browser):
    flag = raise_flag(cast.enrollment, "lapsed")
    address = f"{FLAGS}{flag.pk}/hand-over/?on=flag"

    wrong = ana.post(address, {"to": "", "word": "Please look"})
    assert wrong.status_code == 422
    assert "Choose somebody." in wrong.text
    assert 'value="Please look"' in wrong.text

    ana.post(address, {"to": str(cast.tess.pk), "word": "Please look"})
    flag.refresh_from_db()
    assert flag.owner == cast.tess


def test_a_form_of_its_page_comes_back_on_its_page(cast: Cast, ana: Browser):
    flag = raise_flag(cast.enrollment, "lapsed")
    wrong = ana.post(f"{FLAGS}{flag.pk}/resolve/?on=flag", {"note": "Typed"})
    assert wrong.status_code == 422
    assert "As it was on" in wrong.text
    assert 'value="Typed"' in wrong.text


def test_somebody_faster_is_said_and_changes_nothing(cast: Cast, ana: Browser):
    flag = raise_flag(cast.enrollment, "lapsed")
    flag_work.resolve_flag(flag=flag, by=cast.tess, resolution="expected", now=NOW)
    for sent in ("resolve/", "put-off/", "take-up/", "hand-over/"):
        typed = {
            "resolution": "called",
            "until": "12 March 2026",
            "why": "Holiday",
            "to": str(cast.tess.pk),
            "word": "Yours",
        }
        html = ana.post(f"{FLAGS}{flag.pk}/{sent}", typed, headers=HTMX).text
        assert "Somebody was faster" in html, sent
    assert FlagStep.objects.filter(flag=flag).count() == 1
