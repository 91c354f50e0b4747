"""What a guesser has a chance of, worked out from the limits in force, as docs/security.md says."""

from __future__ import annotations

import re

from django.conf import settings

from bonefit.paths import BASE_DIR

PAGE = (BASE_DIR / "docs" / "security.md").read_text()


def limit(action: str, of: str, per: str) -> int:
    """So many tries of it in that time, by ``key`` or by ``ip``."""
    found = re.search(rf"(\d+)/{per}/{of}\b", settings.ACCOUNT_RATE_LIMITS[action])
    assert found
    return int(found[1])


def said(chances: float) -> str:
    return f"1 in {round(chances):,}"


def test_a_code_of_a_mail_is_guessed_once_in_five_thousand_days():
    codes = limit("request_login_code", "key", "d")
    tries = codes * settings.ACCOUNT_LOGIN_BY_CODE_MAX_ATTEMPTS
    possible = 10 ** settings.ACCOUNT_LOGIN_BY_CODE_FORMAT["length"]
    assert said(possible / tries) == "1 in 5,000"
    assert "1 in 5,000" in PAGE


def test_who_reads_the_mail_guesses_the_second_step_once_in_sixteen_thousand_days():
    at_once = 2 * settings.MFA_TOTP_TOLERANCE + 1
    tries = limit("second_step", "key", "d") * at_once
    assert said(10**6 / tries) == "1 in 16,667"
    assert "1 in 16,667" in PAGE
    # Recovery codes are tried in the same field, and are longer.
    recovery = 10**settings.MFA_RECOVERY_CODE_DIGITS / settings.MFA_RECOVERY_CODE_COUNT
    assert said(recovery / limit("second_step", "key", "d")) == "1 in 500,000"
    assert "1 in 500,000" in PAGE


#: Who makes a secret that opens something by itself.
SECRETS = (
    *("bonefit/clinics/login_links.py", "bonefit/clients/answer_links.py"),
    *("sessions/calendars.py", "sessions/uploads.py"),
)


def test_a_link_a_calendar_and_a_tablets_leave_are_not_guessed_at_all():
    for name in SECRETS:
        lengths = re.findall(r"token_urlsafe\((\d+)\)", (BASE_DIR / name).read_text())
        assert lengths == ["32"], name  # bytes: 256 bits of chance
    tries_an_hour = max(limit("login_link_wrong", "ip", "h"), limit("upload_wrong", "ip", "h"))
    # A thousand addresses, a million live secrets, for a hundred years.
    chance = tries_an_hour * 1_000 * 24 * 365 * 100 * 10**6 / 2**256
    assert chance < 1e-50
