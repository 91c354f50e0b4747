"""A client turns her reminders off and on again on her own page."""

from __future__ import annotations

from django.test import Client as Browser

from tests.cast import Cast
from tests.portal.pages import MY, page


def test_one_tap_turns_them_off_and_another_on_and_the_sessions_stay(
    cast: Cast, cal: Browser
) -> None:
    booked = cast.enrollment.visits.filter(status="planned").count()
    assert "We send you an e-mail before each session." in page(cal, MY)

    cal.post(f"{MY}reminders/", {"reminders": "off"})
    cast.cal_client.refresh_from_db()
    assert cast.cal_client.reminders_off_at is not None
    assert "We send you no reminders. Your sessions stay booked." in page(cal, MY)
    assert cast.enrollment.visits.filter(status="planned").count() == booked

    cal.post(f"{MY}reminders/", {"reminders": "on"})
    cast.cal_client.refresh_from_db()
    assert cast.cal_client.reminders_off_at is None


def test_without_an_address_there_is_nothing_to_turn_off(cast: Cast, cal: Browser) -> None:
    cast.cal_client.email = ""
    cast.cal_client.save(update_fields=["email"])
    assert "Reminders" not in page(cal, MY)


def test_a_companion_is_not_asked(cast: Cast, con: Browser) -> None:
    assert "Reminders" not in page(con, f"{MY}of/{cast.cal_client.pk}/")
