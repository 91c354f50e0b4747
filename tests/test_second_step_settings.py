"""The demo lets people in by a tap; a deployed site cannot, and wrong codes are few."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import pytest
from allauth.core.internal.ratelimit import parse_rates
from django.conf import settings
from django.core.checks import run_checks
from django.test import Client as Browser

from tests.authenticator_app import STEP, half_in, take, with_app
from tests.cast import Cast
from tests.runtime.test_settings import deployed
from tests.test_login import ask, newest_code

DAY = 24 * 3600
#: Half minutes whose code is good at one moment: this one and one to either side.
GOOD = 1 + 2 * settings.MFA_TOTP_TOLERANCE


def errors() -> set[str]:
    return {str(one.id) for one in run_checks(tags=["security"], include_deployment_checks=True)}


@pytest.mark.parametrize("proofs", [{"mfa", "demo"}, {"demo"}, set(), {"mfa", "code"}])
def test_a_deployed_site_with_another_second_step_is_refused_by_the_check(
    settings: Any, proofs: set[str]
) -> None:
    assert "bonefit.E001" not in errors()
    settings.SECOND_STEP_PROOFS = proofs

    assert "bonefit.E001" in errors()


def test_the_check_of_a_deployed_site_refuses_the_demos_settings() -> None:
    done = deployed(
        *("manage.py", "check", "--deploy"), DJANGO_SETTINGS_MODULE="bonefit.demo.settings"
    )

    assert done.returncode != 0
    for number in ("bonefit.E001", "bonefit.E002"):
        assert number in done.stderr


def most_a_day(rates: str) -> int:
    """How many tries one key has a day at most, by the strictest of its limits."""
    each = [rate for rate in parse_rates(rates) if rate.per == "key"]
    return min(int(rate.amount * max(1, DAY // rate.duration)) for rate in each)


def test_who_reads_somebodys_mail_guesses_the_app_with_less_than_one_chance_in_10_000_a_day() -> (
    None
):
    tries = most_a_day(settings.ACCOUNT_RATE_LIMITS["second_step"])

    assert Fraction(tries * GOOD, 10**6) == Fraction(60, 1_000_000)
    assert Fraction(tries * GOOD, 10**6) < Fraction(1, 10_000)
    # Of ten recovery codes of eight digits the chance is smaller still.
    assert Fraction(tries * settings.MFA_RECOVERY_CODE_COUNT, 10**8) < Fraction(1, 100_000)


def test_who_has_neither_the_mail_nor_the_app_has_one_chance_in_eighty_million_a_day() -> None:
    codes = most_a_day(settings.ACCOUNT_RATE_LIMITS["request_login_code"])
    mail = Fraction(codes * settings.ACCOUNT_LOGIN_BY_CODE_MAX_ATTEMPTS, 10**6)
    assert mail == Fraction(1, 5000)

    both = mail * Fraction(most_a_day(settings.ACCOUNT_RATE_LIMITS["second_step"]) * GOOD, 10**6)

    assert both < Fraction(1, 80_000_000)


def test_after_five_wrong_codes_the_right_one_waits_and_a_passkey_does_not(cast: Cast) -> None:
    _, app = with_app("ana@example.org")
    browser = half_in("ana@example.org")
    for _ in range(5):
        assert "not the code" in take(browser, app.wrong()).text

    page = take(browser, app.code(later=1))

    assert page.status_code == 422
    assert "Wait five minutes" in page.text
    assert browser.get("/login/second/passkey/").status_code == 200


def test_what_can_be_no_code_costs_no_try_and_a_right_one_costs_none(cast: Cast) -> None:
    browser, app = with_app("ana@example.org")
    for _ in range(10):
        take(browser, "12")
    for _ in range(4):
        take(browser, app.wrong())
    assert take(browser, app.code(later=1)).status_code == 302

    # Her browser is known by now, and counted by itself: the fifth wrong one, and one too many.
    assert "not the code" in take(browser, app.wrong()).text
    assert "Wait five minutes" in take(browser, app.wrong()).text


def test_wrong_codes_for_one_lock_nobody_else(cast: Cast) -> None:
    _, anas = with_app("ana@example.org")
    _, toms = with_app("tess@example.org")
    ana, tess = half_in("ana@example.org"), half_in("tess@example.org")
    for _ in range(6):
        take(ana, anas.wrong())

    assert take(tess, toms.code(later=1)).status_code == 302


def test_the_page_of_the_code_says_nothing_of_a_second_step(cast: Cast, client: Browser) -> None:
    """Whether somebody works here, and has set one up, is told to who has her mail only."""
    with_app("ana@example.org")
    pages = []
    for email in ("ana@example.org", "tess@example.org", "cal@example.org", "who@example.org"):
        page = ask(Browser(), email)
        pages.append(page.text.replace(email, "X"))
        assert page.redirect_chain[-1][0] == "/login/code/enter/"

    texts = {page[page.index("<h1>") : page.index("<form")] for page in pages}
    assert len(texts) == 1
    assert newest_code()
    assert client.get(STEP)["Location"].startswith("/login/code/")
