"""A log-in ends when it is not used, and at the latest after a time; the strictest role counts."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db import connection
from django.test import Client as Browser
from django.test.utils import CaptureQueriesContext

from bonefit.clinics.access import Role
from bonefit.clinics.actions import add_member, add_organiser
from bonefit.clinics.log_in_gate import ENDED
from bonefit.clinics.models import Membership, User
from bonefit.clinics.models_open import BrowserLogIn
from bonefit.clinics.open_log_ins import limits_of
from bonefit.limits import Limits, of_log_ins
from tests.authenticator_app import take, with_app
from tests.cast import NOW, Cast
from tests.passkey_device import by_code
from tests.sessions.test_board_operations import send, tapped
from tests.test_login import ask, enter, newest_code

STAFF = Limits(timedelta(minutes=30), timedelta(hours=12))
SHORT = Limits(timedelta(minutes=5), timedelta(hours=1))
CLIENTS = Limits(timedelta(days=14), timedelta(days=90))
TODAY, DAY = "/c/north/today/", "/c/north/floor/day/"


def at(moment: datetime, browser: Browser, path: str, **more: Any) -> bool:
    """Whether she is still in when she opens ``path`` at that moment."""
    with time_machine.travel(moment, tick=True):
        return "/login/code/" not in browser.get(path, **more).headers.get("Location", "")


# --- who has which --------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("who", "limits"),
    [("ana", STAFF), ("ada", STAFF), ("dee", STAFF), ("cal", CLIENTS), ("con", CLIENTS)],
)
def test_each_role_has_its_limits(cast: Cast, who: str, limits: Limits) -> None:
    assert limits_of(getattr(cast, who).user) == limits


def test_of_two_roles_the_strictest_counts_in_whichever_clinic(cast: Cast) -> None:
    add_member(clinic=cast.harbor, email="cal@example.org", name="Cal P.", roles=[Role.DESK])
    Membership.objects.filter(pk=cast.cam.pk).update(roles=[Role.CLIENT, Role.ADMIN])
    add_organiser(organisation=cast.north.organisation, email=cast.con.user.email, name="Con")
    User.objects.filter(pk=cast.nobody.pk).update(is_staff=True)

    for user in (cast.cal.user, cast.cam.user, cast.con.user, cast.nobody):
        user.refresh_from_db()
        assert limits_of(user) == STAFF


def test_who_runs_the_site_may_change_them(cast: Cast, settings: Any) -> None:
    settings.LOG_IN_LIMITS = {"staff": SHORT, "clients": STAFF}

    assert limits_of(cast.ana.user) == SHORT
    assert limits_of(cast.cal.user) == STAFF


def test_the_environment_says_them_and_none_that_is_no_limit(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert of_log_ins() == {"staff": STAFF, "clients": CLIENTS}
    monkeypatch.setenv("LOG_IN_IDLE_STAFF_MINUTES", "15")
    assert of_log_ins()["staff"].idle == timedelta(minutes=15)
    for wrong in ("0", "100000", "never"):
        monkeypatch.setenv("LOG_IN_IDLE_STAFF_MINUTES", wrong)
        with pytest.raises(ImproperlyConfigured):
            of_log_ins()


# --- idle -----------------------------------------------------------------------------------------
def test_staff_are_logged_out_after_half_an_hour_without_use(cast: Cast) -> None:
    ana, _ = with_app("ana@example.org")

    assert at(NOW + timedelta(minutes=29), ana, TODAY)
    assert at(NOW + timedelta(minutes=58), ana, TODAY), "use does not count"
    assert not at(NOW + timedelta(minutes=89), ana, TODAY)
    assert not BrowserLogIn.objects.filter(person=cast.ana.user, expire_date__gt=NOW).exclude(
        expire_date__lte=NOW + timedelta(minutes=89)
    )


def test_clients_are_logged_out_after_a_fortnight_without_use(cast: Cast) -> None:
    cal = by_code("cal@example.org")

    assert at(NOW + timedelta(days=13), cal, "/c/north/my/")
    assert at(NOW + timedelta(days=26), cal, "/c/north/my/")
    assert not at(NOW + timedelta(days=41), cal, "/c/north/my/")


def test_who_is_logged_out_by_time_is_told_so_once_and_nobody_else_is(cast: Cast) -> None:
    ana, _ = with_app("ana@example.org")
    with time_machine.travel(NOW + timedelta(minutes=31), tick=True):
        assert ENDED in ana.get(TODAY, follow=True).text
        assert ENDED not in ana.get(TODAY, follow=True).text
    ana, _ = with_app("tess@example.org")
    assert ENDED not in ana.post("/logout/", follow=True).text
    assert ENDED not in ana.get(TODAY, follow=True).text
    stranger = Browser()
    assert ENDED not in stranger.get(TODAY, follow=True).text
    ask(stranger, "dee@example.org")  # is on her way in
    assert ENDED not in stranger.get(TODAY, follow=True).text


def test_a_client_who_is_made_a_therapist_has_her_limits_from_the_next_use_on(cast: Cast) -> None:
    cal = by_code("cal@example.org")
    Membership.objects.filter(pk=cast.cal.pk).update(roles=[Role.CLIENT, Role.THERAPIST])

    assert at(NOW + timedelta(minutes=5), cal, "/c/north/my/")
    assert not at(NOW + timedelta(minutes=36), cal, "/c/north/my/")


def test_limits_that_became_shorter_hold_for_log_ins_from_before(cast: Cast, settings: Any) -> None:
    ana, _ = with_app("ana@example.org")
    settings.LOG_IN_LIMITS = {"staff": SHORT, "clients": CLIENTS}

    assert not at(NOW + timedelta(minutes=10), ana, TODAY)
    assert not BrowserLogIn.objects.filter(person=cast.ana.user).exists()


# --- at most --------------------------------------------------------------------------------------
def test_staff_are_logged_out_after_twelve_hours_however_much_they_work(cast: Cast) -> None:
    ana, _ = with_app("ana@example.org")

    for quarter in range(1, 12 * 4):
        assert at(NOW + timedelta(minutes=15 * quarter), ana, TODAY), quarter
    assert not at(NOW + timedelta(hours=12, minutes=1), ana, TODAY)


def test_a_second_step_that_is_asked_again_makes_it_no_longer(cast: Cast) -> None:
    ana, app = with_app("ana@example.org")
    until = BrowserLogIn.objects.get(person=cast.ana.user).ends_at

    with time_machine.travel(NOW + timedelta(minutes=20), tick=True):
        take(ana, app.code())

    assert BrowserLogIn.objects.get(person=cast.ana.user).ends_at == until


def test_clients_are_logged_out_after_ninety_days(cast: Cast) -> None:
    cal = by_code("cal@example.org")

    for week in range(1, 13):
        assert at(NOW + timedelta(days=7 * week), cal, "/c/north/my/"), week
    assert not at(NOW + timedelta(days=90, minutes=1), cal, "/c/north/my/")


def test_the_browser_lets_the_cookie_go_at_the_last_moment(cast: Cast) -> None:
    for who, limits in (("dee", STAFF), ("cal", CLIENTS)):
        browser = Browser()
        with time_machine.travel(NOW, tick=False):
            ask(browser, f"{who}@example.org")
            enter(browser, newest_code())
        left = browser.cookies[settings.SESSION_COOKIE_NAME]["max-age"]
        assert int(left) == limits.most.total_seconds()


# --- what is use ----------------------------------------------------------------------------------
def test_a_board_that_reads_its_day_again_and_again_is_no_use(cast: Cast) -> None:
    ana, _ = with_app("ana@example.org")
    for minute in range(1, 30):
        assert at(NOW + timedelta(minutes=minute), ana, DAY)
        with time_machine.travel(NOW + timedelta(minutes=minute), tick=True):
            assert send(ana, cast, []).status_code == 200

    assert not at(NOW + timedelta(minutes=31), ana, DAY)


def test_a_tap_on_the_board_is_use_and_one_that_comes_again_is_not(cast: Cast) -> None:
    ana, _ = with_app("ana@example.org")
    tap = tapped(cast)
    for minute in (20, 40):
        with time_machine.travel(NOW + timedelta(minutes=minute), tick=True):
            assert send(ana, cast, [tap]).status_code == 200, minute

    assert at(NOW + timedelta(minutes=49), ana, DAY)
    assert not at(NOW + timedelta(minutes=51), ana, DAY)


def test_a_page_that_asks_for_itself_while_a_file_is_written_is_no_use(cast: Cast) -> None:
    ana, _ = with_app("ana@example.org")
    again = {"hx-request": "true", "hx-current-url": f"http://testserver{TODAY}"}

    assert at(NOW + timedelta(minutes=20), ana, TODAY, headers=again)
    assert not at(NOW + timedelta(minutes=31), ana, TODAY)


def test_typing_is_use_though_nothing_is_sent_yet(cast: Cast) -> None:
    ana, _ = with_app("ana@example.org")
    for minute in (25, 50, 75):
        with time_machine.travel(NOW + timedelta(minutes=minute), tick=True):
            assert ana.post("/login/still/").status_code == 204

    assert at(NOW + timedelta(minutes=80), ana, TODAY)


def test_use_is_noted_once_a_minute_and_costs_nothing_in_between(cast: Cast) -> None:
    ana, _ = with_app("ana@example.org")
    ana.get(TODAY)
    with CaptureQueriesContext(connection) as fresh:
        ana.get(TODAY)
    later = time_machine.travel(NOW + timedelta(minutes=2), tick=True)
    with later, CaptureQueriesContext(connection) as noted:
        ana.get(TODAY)

    assert not [one for one in fresh if "UPDATE" in one["sql"]]
    assert len(noted) == len(fresh) + 2


def test_noting_it_takes_nothing_from_a_request_beside_it(cast: Cast) -> None:
    """Only the times are written: what another request has put in meanwhile stands."""
    ana, _ = with_app("ana@example.org")
    store = ana.session

    with time_machine.travel(NOW + timedelta(minutes=5), tick=True):
        ana.get(TODAY)
        store["beside"] = "kept"
        store.save()
        ana.get(TODAY)

    assert ana.session["beside"] == "kept"


# --- back to where she was ------------------------------------------------------------------------
def test_after_logging_in_again_she_is_on_the_page_that_she_sent_a_form_from(cast: Cast) -> None:
    ana, _ = with_app("ana@example.org")
    page = f"/c/north/visits/{cast.visit.uid}/"
    with time_machine.travel(NOW + timedelta(hours=1), tick=True):
        sent = ana.post(
            f"{page}check-in/",
            {"well": "1"},
            headers={"referer": f"http://testserver{page}?lift=hinge"},
        )
        assert sent["Location"] == f"/login/code/?next={page}%3Flift%3Dhinge"

        elsewhere = ana.post(f"{page}check-in/", {}, headers={"referer": "https://evil.example/x"})
        assert elsewhere["Location"] == "/login/code/?next=/"
